import { abortable } from './abortable.ts';

/** The longest delay of `setTimeout`, in ms. A timer with a longer one fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** `setTimeout` for a delay of any length. Returns the function that cancels it. */
export function startTimer(callback: () => void, ms: number): () => void {
  let left = ms;
  let timer: ReturnType<typeof setTimeout>;

  function wait(): void {
    const step = Math.min(left, MAX_TIMEOUT_MS);
    left -= step;
    timer = setTimeout(left > 0 ? wait : callback, step);
  }

  wait();
  return () => clearTimeout(timer);
}

/** Resolves after `ms`, or rejects with the reason of `signal` as soon as it aborts. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let cancel!: () => void;
  const wait = new Promise<void>((resolve) => {
    cancel = startTimer(resolve, ms);
  });
  await abortable(wait, signal).finally(cancel);
}
