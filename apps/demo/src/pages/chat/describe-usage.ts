import type { Usage } from '@rivulet/core';

const NUMBERS = new Intl.NumberFormat('en');

/** What an answer cost, in tokens. */
export function describeUsage({ inputTokens, outputTokens, reasoningTokens }: Usage): string {
  const counts = [
    inputTokens === undefined ? '' : `${NUMBERS.format(inputTokens)} tokens in`,
    outputTokens === undefined ? '' : `${NUMBERS.format(outputTokens)} out`,
    reasoningTokens ? `${NUMBERS.format(reasoningTokens)} of them reasoning` : '',
  ].filter(Boolean);
  return counts.join(', ');
}
