import { LLMError } from '../errors/error.ts';
import type { CheckpointStore } from './checkpoint.ts';

const stores = new WeakMap<Storage, Map<string, CheckpointStore>>();

/**
 * Stores checkpoints as JSON in a Web Storage, which usually holds 5 MiB for a whole origin: a full one throws its
 * `QuotaExceededError`. Batches of one page with the same storage and prefix share their answers also while they run; other
 * tabs see them once they are written. Pages of one origin with different batches use different prefixes.
 * @param storage `localStorage`, `sessionStorage`, or an object with their methods.
 * @param prefix is put before each key, and selects what `clear` removes. @default 'rivulet-batch:'
 * @throws {LLMError} with code `config` if there is no storage.
 */
export function storageCheckpoints(storage: Storage, prefix = 'rivulet-batch:'): CheckpointStore {
  if (typeof storage !== 'object' || storage === null || typeof storage.getItem !== 'function') {
    const message = 'storageCheckpoints: the storage must be a Web Storage, such as localStorage';
    throw new LLMError(message, { code: 'config' });
  }
  const byPrefix = stores.get(storage) ?? new Map<string, CheckpointStore>();
  const store = byPrefix.get(prefix) ?? createStore(storage, prefix);
  stores.set(storage, byPrefix.set(prefix, store));
  return store;
}

function createStore(storage: Storage, prefix: string): CheckpointStore {
  return {
    get(key): unknown {
      const json = storage.getItem(prefix + key);
      return json === null || json === undefined ? undefined : JSON.parse(json);
    },
    set: (key, value) => storage.setItem(prefix + key, JSON.stringify(value, errorAsData)),
    clear() {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
      for (const key of keys) if (key?.startsWith(prefix)) storage.removeItem(key);
    },
  };
}

/** JSON leaves the message of an error out: that of a tool call with invalid arguments. */
function errorAsData(_: string, value: unknown): unknown {
  return value instanceof Error ? Object.assign({}, value, { message: value.message }) : value;
}
