import { observeRuns, type LLMConfig } from '@rivulet/core';

export function observeAll(log: (entry: object) => void): LLMConfig['observe'] {
  return observeRuns(log, { content: true });
}
