import type { Checkpoint, CheckpointStore } from './checkpoint.ts';

/** Stores checkpoints for the lifetime of the page. */
export function memoryCheckpoints(): CheckpointStore {
  const kept = new Map<string, Checkpoint>();
  return {
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
    clear: () => kept.clear(),
  };
}
