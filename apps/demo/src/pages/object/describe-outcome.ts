import { describeError } from '../../components/describe-error.ts';
import type { AnyObject } from './use-any-object.ts';

export interface Outcome {
  kind:
    | 'idle'
    | 'waiting'
    | 'streaming'
    | 'final'
    | 'stopped'
    | 'truncated'
    | 'invalid'
    | 'refused'
    | 'unreadable'
    | 'failed';
  label: string;
  /** What it means. */
  text: string;
}

/** What has become of an object. */
export function describeOutcome({ status, final, error, finishReason, issues, run }: AnyObject): Outcome {
  if (!run) return { kind: 'idle', label: '', text: '' };
  if (status === 'submitted') return { kind: 'waiting', label: 'Waiting', text: 'Nothing has come yet.' };
  if (status === 'streaming') return { kind: 'streaming', label: 'Streaming', text: 'The object is being written.' };
  if (error) {
    const hasCome = (error.partial?.rawText ?? '') !== '';
    switch (error.code) {
      case 'validation':
        return {
          kind: 'invalid',
          label: 'Invalid',
          text: `The JSON is whole, but the schema does not accept it: ${issues.length === 1 ? 'one issue' : `${issues.length} issues`}.`,
        };
      case 'truncated':
        return { kind: 'truncated', label: 'Truncated', text: `${error.message}.` };
      case 'refusal':
        return { kind: 'refused', label: 'Refused', text: 'The model declined to answer, or a filter stopped it.' };
      case 'parse':
        return { kind: 'unreadable', label: 'Parse error', text: 'What came is no JSON.' };
      case 'network':
      case 'timeout':
        if (hasCome) {
          return { kind: 'truncated', label: 'Truncated', text: 'The connection was lost before the JSON closed.' };
        }
        break;
      default:
    }
    return { kind: 'failed', label: 'Failed', text: `${describeError(error).title}.` };
  }
  if (finishReason === 'aborted') {
    return { kind: 'stopped', label: 'Stopped', text: 'Stopped by you. What had come was kept.' };
  }
  return final === undefined
    ? { kind: 'idle', label: '', text: '' }
    : {
        kind: 'final',
        label: 'Final',
        text: 'The JSON closed, the end of the answer was seen, and the schema accepted it.',
      };
}
