import type { AbortError, LLMError } from '../errors/error.ts';
import { onAbort } from '../utils/on-abort.ts';

/** The lifetime of work that ends once: with a value, with an error, or stopped by its caller. */
export interface Task<T> {
  /** Settles when the task ends. It never raises an unhandled rejection, because not everybody reads it. */
  readonly result: Promise<T>;
  /** Aborted when the task fails or is stopped, with its error as the reason. A task that succeeds does not abort it. */
  readonly signal: AbortSignal;
  /** Aborted when the task ends in any way, to release what it uses. */
  readonly over: AbortSignal;
  /**
   * Calls `work`, or `onStop` if `signal` has aborted already. Call it once, after everything that `work` uses exists.
   * The callbacks end the task by `succeed` or `fail`.
   */
  begin(options: TaskOptions): void;
  /** Ends the task. Does nothing after its end. */
  succeed(value: T): void;
  /** Ends the task. Does nothing after its end. */
  fail(error: LLMError | AbortError): void;
}

export interface TaskOptions {
  /** Signal of the caller: calls `onStop` with its reason. */
  readonly signal?: AbortSignal | undefined;
  work(): Promise<void>;
  onDone(): void;
  onError(thrown: unknown): void;
  onStop(reason: unknown): void;
}

export function createTask<T>(): Task<T> {
  const stopped = new AbortController();
  const ended = new AbortController();
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const result = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  result.catch(() => undefined);

  return {
    result,
    signal: stopped.signal,
    over: ended.signal,
    begin({ signal, work, onDone, onError, onStop }) {
      if (signal?.aborted) return onStop(signal.reason);
      if (signal) {
        const stopListening = onAbort(signal, () => onStop(signal.reason));
        ended.signal.addEventListener('abort', stopListening, { once: true });
      }
      work().then(onDone, (thrown: unknown) => {
        // Another listener of the signal may have made the work reject before `onStop` is called.
        if (signal?.aborted) onStop(signal.reason);
        else onError(thrown);
      });
    },
    succeed(value) {
      if (ended.signal.aborted) return;
      resolve(value);
      ended.abort();
    },
    fail(error) {
      if (ended.signal.aborted) return;
      reject(error);
      stopped.abort(error);
      ended.abort(error);
    },
  };
}
