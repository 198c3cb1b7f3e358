import { onAbort } from './on-abort.ts';

/** `promise`, or a rejection with the reason of `signal` as soon as it aborts, whatever `promise` waits for. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stopListening: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      stopListening = onAbort(signal, () => reject(signal.reason));
      promise.then(resolve, reject);
    });
  } finally {
    stopListening?.();
  }
}
