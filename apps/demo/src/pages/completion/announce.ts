import type { UseCompletionResult } from '@rivulet/react';
import { describeEnd } from '../../components/describe-end.ts';
import { describeError } from '../../components/describe-error.ts';

/** What a screen reader is told: beginning and end, never the tokens in between. */
export function announce({ isLoading, retry, error, finishReason, completion }: UseCompletionResult): string {
  if (retry) return 'The model did not answer. Waiting to try again.';
  if (isLoading) return 'Generating the answer.';
  if (error) {
    const { title, advice } = describeError(error);
    const wait = error.retryAfterMs !== undefined ? ` ${seconds(error.retryAfterMs)} to wait.` : '';
    return `Failed: ${title}. ${advice}${wait}`;
  }
  if (finishReason === undefined) return '';
  const words = completion.split(/\s+/).filter(Boolean).length;
  return `${describeEnd(finishReason).spoken} ${words} ${words === 1 ? 'word' : 'words'}.`;
}

function seconds(ms: number): string {
  const count = Math.ceil(ms / 1000);
  return count === 1 ? '1 second' : `${count} seconds`;
}
