import { describeError } from '../../components/describe-error.ts';
import { describeOutcome } from './describe-outcome.ts';
import { formatPath } from './format-path.ts';
import type { AnyObject } from './use-any-object.ts';

/** What a screen reader is told: beginning and end, never the values in between. */
export function announce(answer: AnyObject): string {
  const { kind, label, text } = describeOutcome(answer);
  if (kind === 'idle') return '';
  if (answer.retry) return 'The model did not answer. Waiting to try again.';
  if (answer.isLoading) return 'Writing the object.';
  if (kind === 'failed' && answer.error) return `Failed: ${text} ${describeError(answer.error).advice}`;
  const [first] = answer.issues;
  return `${label}. ${text}${kind === 'invalid' && first ? ` First, at ${formatPath(first.path)}: ${first.message}.` : ''}`;
}
