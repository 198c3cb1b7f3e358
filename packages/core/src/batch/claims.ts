import { abortable } from '../utils/abortable.ts';
import type { CheckpointStore } from './checkpoint.ts';

/** The keys of each store that a batch of this page is at work on, each with the end of that work. */
const claimsByStore = new WeakMap<CheckpointStore, Map<string, Promise<void>>>();

/**
 * Waits until no other batch of this page works on the key, and claims it. The claim ends with the returned function.
 * Rejects with the reason of `signal` if that aborts first.
 */
export async function claim(store: CheckpointStore, key: string, signal: AbortSignal): Promise<() => void> {
  const claims = claimsByStore.get(store) ?? new Map<string, Promise<void>>();
  claimsByStore.set(store, claims);
  for (let other = claims.get(key); other; other = claims.get(key)) await abortable(other, signal);
  let end!: () => void;
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  claims.set(key, work);
  return () => {
    claims.delete(key);
    end();
  };
}
