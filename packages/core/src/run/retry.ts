import { checkOptions, type Fields } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { AbortError, LLMError } from '../errors/error.ts';
import type { RetryOptions } from '../types/request.ts';
import { invokeSafely } from '../utils/invoke-safely.ts';
import { isInstance } from '../errors/thrown.ts';
import { sleep } from '../utils/timer.ts';
import { abortable } from '../utils/abortable.ts';
import { resolveRetry, retryDelay, type RetryPolicy } from './retry-policy.ts';

export interface CallWithRetryOptions extends RetryOptions {
  /** Ends the call, a wait included, and is handed on to `fn`. */
  readonly signal?: AbortSignal | undefined;
}

const FIELDS: Fields = {
  maxRetries: 'a number',
  maxDelayMs: 'a number',
  onRetry: 'a function',
  shouldRetry: 'a function',
  waitForOnline: 'a function',
  signal: 'an AbortSignal',
};

export interface RetryContext {
  /** Counted from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/**
 * Calls `fn`, and again while it throws an error with `isRetryable`, as an `LLMError` is, or as `shouldRetry` decides: three attempts in all by default. Waits as
 * long as the error says (`retryAfterMs`), else with exponential back-off and full jitter: up to 0.5 s, 1 s, 2 s … 8 s.
 * @throws what the last attempt threw; also at once, where the server asks for a longer wait than `maxDelayMs`. `AbortError` as soon as
 * `signal` aborts, with its reason as `cause`.
 */
export async function callWithRetry<T>(
  fn: (context: RetryContext) => T | Promise<T>,
  options: CallWithRetryOptions = {},
): Promise<T> {
  checkOptions('callWithRetry', options, FIELDS);
  if (typeof fn !== 'function') {
    throw new LLMError(`callWithRetry: the first argument must be a function, not ${kindOf(fn)}`, { code: 'config' });
  }
  const { signal = new AbortController().signal } = options;
  try {
    return await attempts(fn, resolveRetry(options), signal);
  } catch (error) {
    throw signal.aborted ? stopError(signal.reason) : error;
  }
}

async function attempts<T>(
  fn: (context: RetryContext) => T | Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      // A function that does not watch the signal does not hold up a stop.
      return await abortable((async () => fn({ attempt, signal }))(), signal);
    } catch (error) {
      const delayMs = signal.aborted ? undefined : retryDelay(error, attempt, policy);
      if (delayMs === undefined) throw error;
      const { onRetry, waitForOnline } = policy;
      if (onRetry) invokeSafely(() => onRetry({ attempt, delayMs, error }));
      await sleep(delayMs, signal);
      if (waitForOnline) await online(waitForOnline, signal);
    }
  }
}

/** A wait that fails does not hide why the attempt before it failed: the next attempt is made. */
async function online(waitForOnline: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await abortable((async () => waitForOnline(signal))(), signal);
  } catch (bug) {
    signal.throwIfAborted();
    report(bug);
  }
}

function report(bug: unknown): void {
  invokeSafely(() => {
    throw bug;
  });
}

function stopError(reason: unknown): AbortError {
  return isInstance(reason, AbortError) ? reason : new AbortError(reason);
}
