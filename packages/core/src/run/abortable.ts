/** `promise`, or a rejection with the reason of `signal` as soon as it aborts, whatever `promise` waits for. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort!: () => void;
  return new Promise<T>((resolve, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject);
  }).finally(() => signal.removeEventListener('abort', onAbort));
}
