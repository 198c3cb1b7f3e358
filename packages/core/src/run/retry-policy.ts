import { thrownProperty } from '../errors/thrown.ts';
import type { RetryOptions } from '../types/request.ts';
import { invokeSafely } from '../utils/invoke-safely.ts';
import { mergeDefined } from '../utils/merge-defined.ts';
import { count } from '../utils/read-value.ts';

/** `RetryOptions` with their defaults. */
export interface RetryPolicy extends RetryOptions {
  readonly maxRetries: number;
  readonly maxDelayMs: number;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8000;

/**
 * The retry policy of a call. Later layers override earlier ones field by field; `false` allows no retries.
 * @param layers the options of the client, of the call, and so on. A layer that is `undefined` changes nothing.
 */
export function resolveRetry(...layers: readonly (RetryOptions | false | undefined)[]): RetryPolicy {
  const last = layers.findLast((layer) => layer !== undefined);
  const merged = mergeDefined<RetryOptions>({}, ...layers.map((layer) => layer || {}));
  const { maxRetries = 2, maxDelayMs = 60_000 } = merged;
  return { ...merged, maxRetries: last === false ? 0 : maxRetries, maxDelayMs };
}

/**
 * How long to wait before the next attempt, in ms; `undefined` if `error` ends the call. The delay that the server asks for
 * (`retryAfterMs`) is obeyed if it is at most `maxDelayMs`. Otherwise the delay is random, up to a bound that doubles with each attempt.
 * @param attempt the attempt that failed, counted from 1.
 */
export function retryDelay(error: unknown, attempt: number, policy: RetryPolicy): number | undefined {
  const { maxRetries, maxDelayMs } = policy;
  // Negated, so that NaN does not retry for ever.
  if (!(attempt <= maxRetries)) return undefined;
  if (!isRetryable(error, attempt, policy)) return undefined;
  const delayMs = count(thrownProperty(error, 'retryAfterMs')) ?? backoffMs(attempt);
  return delayMs <= maxDelayMs ? delayMs : undefined;
}

/** Exponential back-off with full jitter: at most 0.5 s, 1 s, 2 s … 8 s. */
export function backoffMs(attempt: number): number {
  return Math.random() * Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
}

function isRetryable(error: unknown, attempt: number, { shouldRetry }: RetryPolicy): boolean {
  if (shouldRetry) {
    try {
      return shouldRetry({ error, attempt });
    } catch (bug) {
      // A bug in the app's function is reported, and the default rule applies.
      invokeSafely(() => {
        throw bug;
      });
    }
  }
  return !!thrownProperty(error, 'isRetryable');
}
