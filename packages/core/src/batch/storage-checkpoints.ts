import type { Completion } from '../completion.ts';
import type { CheckpointStore } from './checkpoint.ts';

/**
 * Keeps checkpoints as JSON in a Web Storage, which usually holds 5 MiB for a whole origin: a full one throws its
 * `QuotaExceededError`. Pages of one origin that work on different batches use different prefixes.
 * @param storage `localStorage`, `sessionStorage`, or what has their methods.
 * @param prefix goes before each key, and says what `clear` removes. Default `rivulet-batch:`.
 */
export function storageCheckpoints(storage: Storage, prefix = 'rivulet-batch:'): CheckpointStore {
  return {
    get(key) {
      const json = storage.getItem(prefix + key);
      return json === null ? undefined : (JSON.parse(json) as Completion);
    },
    set: (key, value) => storage.setItem(prefix + key, JSON.stringify(value)),
    clear() {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
      for (const key of keys) if (key?.startsWith(prefix)) storage.removeItem(key);
    },
  };
}
