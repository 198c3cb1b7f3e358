import { LLMError } from '../error.ts';
import type { RetryOptions } from '../request.ts';
import { abortable } from './abortable.ts';

const DEFAULT_MAX_RETRIES = 2;
const DEFAULT_MAX_DELAY_MS = 60_000;
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8000;

export interface CallWithRetryOptions extends RetryOptions {
  /** Ends the call, a wait included, and is handed on to `fn`. */
  readonly signal?: AbortSignal | undefined;
}

export interface RetryContext {
  /** Counted from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/**
 * Calls `fn`, and again while it throws an `LLMError` with `isRetryable`: three attempts in all by default. Waits as
 * long as the error says (`retryAfterMs`), else with exponential back-off and full jitter: up to 0.5 s, 1 s, 2 s … 8 s.
 * @throws what the last attempt threw; also at once, where the server asks for a longer wait than `maxDelayMs`.
 */
export async function callWithRetry<T>(
  fn: (context: RetryContext) => T | Promise<T>,
  options: CallWithRetryOptions = {},
): Promise<T> {
  const { maxRetries = DEFAULT_MAX_RETRIES, maxDelayMs = DEFAULT_MAX_DELAY_MS, onRetry } = options;
  const signal = options.signal ?? new AbortController().signal;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await fn({ attempt, signal });
    } catch (error) {
      if (signal.aborted || attempt > maxRetries || !(error instanceof LLMError) || !error.isRetryable) throw error;
      const delayMs = error.retryAfterMs ?? Math.random() * Math.min(BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
      if (delayMs > maxDelayMs) throw error;
      onRetry?.({ attempt, delayMs, error });
      await sleep(delayMs, signal);
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
