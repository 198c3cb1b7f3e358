import type { Completion } from '../completion.ts';
import type { CheckpointStore } from './checkpoint.ts';

/** Keeps checkpoints as long as the page lives. */
export function memoryCheckpoints(): CheckpointStore {
  const kept = new Map<string, Completion>();
  return {
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
    clear: () => kept.clear(),
  };
}
