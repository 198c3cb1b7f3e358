import { abortable } from '../utils/abortable.ts';

/**
 * For `retry`: `{ retry: { waitForOnline } }` makes no further attempt before the browser has a network again. Where
 * the platform does not tell (Node), it waits for nothing.
 */
export async function waitForOnline(signal: AbortSignal): Promise<void> {
  if (globalThis.navigator?.onLine ?? true) return;
  let onOnline!: () => void;
  const online = new Promise<void>((resolve) => {
    onOnline = resolve;
  });
  addEventListener('online', onOnline);
  await abortable(online, signal).finally(() => removeEventListener('online', onOnline));
}
