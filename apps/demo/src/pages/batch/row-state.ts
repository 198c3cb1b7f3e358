import { LLMError, type BatchResult, type Completion } from '@rivulet/core';
import { describeEnd } from '../../components/describe-end.ts';
import { describeError } from '../../components/describe-error.ts';

export interface RowState {
  kind: 'waiting' | 'answered' | 'incomplete' | 'failed';
  label: string;
  /** The answer, or what came of it: of a failed one too. */
  text: string;
  /** Why there is none. */
  reason?: Reason;
}

export interface Reason {
  title: string;
  message: string;
}

/** How far a row has come. `isBusy` says whether what has no result yet will have one. */
export function stateOf(result: BatchResult<Completion> | undefined, isBusy: boolean, isAskedAgain: boolean): RowState {
  if (isAskedAgain) return { kind: 'waiting', label: 'Trying again', text: '' };
  if (!result) return { kind: 'waiting', label: isBusy ? 'Waiting' : 'Not asked', text: '' };
  if (result.status === 'rejected')
    return { kind: 'failed', label: 'Failed', text: partialOf(result.error), reason: reasonOf(result.error) };
  const { text, finishReason } = result.value;
  if (finishReason === 'stop') return { kind: 'answered', label: 'Answered', text: text || 'No text came.' };
  const { label } = describeEnd(finishReason);
  return { kind: 'incomplete', label: label.charAt(0).toUpperCase() + label.slice(1), text };
}

function reasonOf(error: unknown): Reason {
  if (error instanceof LLMError) return { title: describeError(error).title, message: error.message };
  return { title: 'Something went wrong', message: String(error) };
}

/** What had come of an answer before it failed. */
function partialOf(error: unknown): string {
  return (error instanceof LLMError && error.partial?.text) || '';
}
