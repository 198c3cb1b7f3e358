import { LLMError } from '@rivulet/core';
import type { UseCompletionQueryResult } from '@rivulet/react/query';
import { describeEnd } from '../../components/describe-end.ts';
import { describeError } from '../../components/describe-error.ts';

/** What a screen reader is told: beginning and end, never the tokens in between. */
export function announce({ data, partial, error, isFetching }: UseCompletionQueryResult): string {
  if (partial?.retry) return 'The model did not answer. Waiting to try again.';
  if (isFetching) return 'Generating the answer.';
  if (error instanceof LLMError) {
    const { title, advice } = describeError(error);
    return `Failed: ${title}. ${advice}`;
  }
  const { text, finishReason } = partial ?? data ?? {};
  if (finishReason === undefined || text === undefined) return '';
  const words = text.split(/\s+/).filter(Boolean).length;
  return `${describeEnd(finishReason).spoken} ${words} ${words === 1 ? 'word' : 'words'}.`;
}
