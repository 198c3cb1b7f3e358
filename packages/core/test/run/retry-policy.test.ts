import { LLMError, type RetryOptions } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { resolveRetry, retryDelay } from '../../src/run/retry-policy.ts';

const busy = new LLMError('Busy', { code: 'overloaded' });
const retryIn = (retryAfterMs: number): LLMError => new LLMError('Busy', { code: 'rate_limit', retryAfterMs });

describe('resolveRetry', () => {
  it.each<[string, (RetryOptions | false | undefined)[], { maxRetries: number; maxDelayMs: number }]>([
    ['has defaults', [], { maxRetries: 2, maxDelayMs: 60_000 }],
    [
      'overrides field by field',
      [{ maxRetries: 5, maxDelayMs: 1 }, { maxRetries: 3 }],
      { maxRetries: 3, maxDelayMs: 1 },
    ],
    [
      'ignores undefined',
      [{ maxRetries: 5 }, undefined, { maxRetries: undefined }],
      { maxRetries: 5, maxDelayMs: 60_000 },
    ],
    ['allows no retries after false', [{ maxRetries: 5 }, false], { maxRetries: 0, maxDelayMs: 60_000 }],
    ['lets a call override false', [false, { maxDelayMs: 5 }], { maxRetries: 2, maxDelayMs: 5 }],
  ])('%s', (_, layers, expected) => {
    expect(resolveRetry(...layers)).toMatchObject(expected);
  });
});

describe('retryDelay', () => {
  it.each<[string, unknown, number, RetryOptions | false, number | undefined]>([
    ['obeys the delay of the server', retryIn(1234), 1, {}, 1234],
    ['ends at a delay above maxDelayMs', retryIn(1234), 1, { maxDelayMs: 1000 }, undefined],
    ['ends after maxRetries', retryIn(5), 3, {}, undefined],
    ['ends with maxRetries NaN', retryIn(5), 1, { maxRetries: Number.NaN }, undefined],
    ['ends with retry false', retryIn(5), 1, false, undefined],
    ['ends at an error that is not retryable', new LLMError('No', { code: 'not_found' }), 1, {}, undefined],
    ['ends at a value that is not an error', 'thrown text', 1, {}, undefined],
    ['follows shouldRetry', { retryAfterMs: 7 }, 1, { shouldRetry: () => true }, 7],
    ['follows shouldRetry against isRetryable', retryIn(7), 1, { shouldRetry: () => false }, undefined],
  ])('%s', (_, error, attempt, options, expected) => {
    expect(retryDelay(error, attempt, resolveRetry(options))).toBe(expected);
  });

  it.each([
    [1, 500],
    [2, 1000],
    [4, 4000],
    [9, 8000],
  ])('backs off after attempt %i by at most %i ms', (attempt, bound) => {
    const policy = resolveRetry({ maxRetries: 20 });
    const delays = Array.from({ length: 200 }, () => retryDelay(busy, attempt, policy) ?? Number.NaN);
    expect(Math.max(...delays)).toBeLessThanOrEqual(bound);
    expect(Math.max(...delays)).toBeGreaterThan(bound / 2);
  });
});
