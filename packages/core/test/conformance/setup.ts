import { LLMClient, type LLMConfig } from '@rivulet/core';
import { it } from 'vitest';
import type { Answer } from '../../../../test/support/http-server.ts';
import type { ConformanceRow, Feature } from './row.ts';

export const KEY = 'sk-test-0123456789abcdefghijklmnopqrstuvwxyz';

/** What tests of one wire share. */
export interface Setup {
  /** A test that is skipped where the wire lacks the feature. */
  readonly itWith: (feature: Feature) => typeof it;
  /** A client for the server at `baseURL`, which tries once. */
  readonly clientOf: (baseURL: string, config?: Partial<LLMConfig>) => LLMClient;
  /** A response with these frames. */
  readonly answerWith: (frames: readonly string[]) => Answer;
}

export function setUp({ lacks = {}, contentType, provider }: ConformanceRow): Setup {
  return {
    itWith: (feature) => (lacks[feature] ? (it.skip as typeof it) : it),
    clientOf: (baseURL, config) =>
      new LLMClient({ provider: provider(baseURL, KEY), model: 'model-1', retry: false, ...config }),
    answerWith: (frames) => ({ headers: { 'content-type': contentType }, chunks: frames.map((text) => ({ text })) }),
  };
}
