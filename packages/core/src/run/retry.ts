import { checkOptions, type Fields } from '../check-options.ts';
import type { LLMError } from '../error.ts';
import type { RetryOptions } from '../request.ts';
import { abortable } from './abortable.ts';

export interface CallWithRetryOptions extends RetryOptions {
  /** Ends the call, a wait included, and is handed on to `fn`. */
  readonly signal?: AbortSignal | undefined;
}

const FIELDS: Fields = {
  maxRetries: 'a number',
  maxDelayMs: 'a number',
  onRetry: 'a function',
  waitForOnline: 'a function',
  signal: 'an AbortSignal',
};

export interface RetryContext {
  /** Counted from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/**
 * Calls `fn`, and again while it throws an error with `isRetryable`, as an `LLMError` is: three attempts in all by default. Waits as
 * long as the error says (`retryAfterMs`), else with exponential back-off and full jitter: up to 0.5 s, 1 s, 2 s … 8 s.
 * @throws what the last attempt threw; also at once, where the server asks for a longer wait than `maxDelayMs`.
 */
export async function callWithRetry<T>(
  fn: (context: RetryContext) => T | Promise<T>,
  options: CallWithRetryOptions = {},
): Promise<T> {
  checkOptions('callWithRetry', options, FIELDS);
  const {
    maxRetries = 2,
    maxDelayMs = 60_000,
    onRetry,
    waitForOnline,
    signal = new AbortController().signal,
  } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await fn({ attempt, signal });
    } catch (error) {
      const { isRetryable, retryAfterMs } = Object(error) as Partial<LLMError>;
      if (signal.aborted || attempt > maxRetries || !isRetryable) throw error;
      const delayMs = retryAfterMs ?? Math.random() * Math.min(250 * 2 ** attempt, 8000);
      if (delayMs > maxDelayMs) throw error;
      onRetry?.({ attempt, delayMs, error });
      await sleep(delayMs, signal);
      await waitForOnline?.(signal);
    }
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return abortable(wait, signal).finally(() => clearTimeout(timer));
}
