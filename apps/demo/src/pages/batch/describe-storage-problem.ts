/** Why nothing more is kept, for the reader. */
export function describeStorageProblem(cause: unknown): string {
  const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
  const why = isFull ? 'The browser’s storage is full.' : `The browser could not keep an answer: ${String(cause)}.`;
  return `${why} The batch goes on, but what is not kept is asked for again after a reload.`;
}
