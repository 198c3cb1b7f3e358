import type { Completion } from '../types/completion.ts';
import { count } from '../utils/read-value.ts';
import type { GenerateRequest } from '../types/request.ts';

/** What an answer is taken to cost while nobody has said a bound for it. */
const DEFAULT_ANSWER_TOKENS = 2000;
const BYTES_PER_TOKEN = 4;

export interface TokenEstimate {
  /** What a request will cost: a token for four bytes of its JSON, and what answers cost so far on average. */
  of(request: GenerateRequest): number;
  /** What a request did cost, if its answer says so. */
  learn(completion: Completion): number | undefined;
}

/** @param maxTokens what the first answers are taken to cost. */
export function createTokenEstimate(maxTokens: number | null | undefined): TokenEstimate {
  let answers = 0;
  let answerTokens = 0;
  return {
    of(request) {
      const bytes = byteLength(request);
      const first = count(request.maxTokens) ?? maxTokens ?? DEFAULT_ANSWER_TOKENS;
      return Math.ceil(bytes / BYTES_PER_TOKEN) + (answers ? answerTokens / answers : first);
    },
    learn({ usage }) {
      if (!usage) return undefined;
      // A provider in the page may report anything.
      const inputTokens = count(usage.inputTokens);
      const outputTokens = count(usage.outputTokens);
      const totalTokens = count(usage.totalTokens);
      if (outputTokens !== undefined) {
        answers += 1;
        answerTokens += outputTokens;
      }
      if (totalTokens !== undefined) return totalTokens;
      return inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
    },
  };
}

/** @default 0 for a request that JSON cannot represent: sending it fails with an error that says so */
function byteLength(request: GenerateRequest): number {
  try {
    return new TextEncoder().encode(JSON.stringify(request)).length;
  } catch {
    return 0;
  }
}
