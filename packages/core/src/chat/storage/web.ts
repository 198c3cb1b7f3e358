import { thrownMessage } from '../../errors/thrown.ts';
import { createRecordChats } from './record-chats.ts';
import type { ChatStorage } from './types.ts';
import { createMutex } from './mutex.ts';
import { toRecordKey, UnstorableError, type FoundRecord, type RecordKey, type RecordStore } from './records.ts';
import { createTabChannel } from './tab-channel.ts';

/**
 * Keeps chats as JSON in a Web Storage, which usually holds 5 MiB for a whole origin, files in messages included: a full one
 * throws its `QuotaExceededError`. Use `idbChats` of `@rivulet/core/chat-idb` for more. Tabs take turns through the Web Locks
 * API where it exists (secure contexts).
 * @param storage returns `localStorage`, `sessionStorage`, or an object with their methods. A function, because it does not
 * exist where a page is rendered on a server.
 * @param prefix goes before each key. @default 'rivulet-chat:'
 */
export function storageChats(storage: () => Storage = () => localStorage, prefix = 'rivulet-chat:'): ChatStorage {
  return createRecordChats(createWebRecords(storage, prefix));
}

/** Records as JSON in a Web Storage. */
export function createWebRecords(storage: () => Storage, prefix: string): RecordStore {
  const exclusive = createMutex();
  const channel = createTabChannel(prefix);

  function keyOf(key: RecordKey): string {
    return prefix + (typeof key === 'string' ? key : JSON.stringify(key));
  }

  function read(key: RecordKey): FoundRecord | undefined {
    const json = storage().getItem(keyOf(key));
    if (json === null) return undefined;
    try {
      const value: unknown = JSON.parse(json);
      return { value };
    } catch (error) {
      return { error };
    }
  }

  function keys(kind: string, chatId: string | undefined): RecordKey[] {
    const all = storage();
    const found: RecordKey[] = [];
    for (let index = 0; index < all.length; index += 1) {
      const name = all.key(index);
      if (!name?.startsWith(prefix)) continue;
      const key = toKey(name.slice(prefix.length));
      if (typeof key === 'string' ? kind === 'legacy' : key[0] === kind && (chatId ?? key[1]) === key[1])
        found.push(key);
    }
    return found;
  }

  return {
    canFailAlone: true,
    transaction(id, mode, work) {
      const run = () =>
        work({
          read,
          write: (key, value) => storage().setItem(keyOf(key), toJSON(value)),
          delete: (key) => storage().removeItem(keyOf(key)),
          copy(from, to) {
            const bytes = storage().getItem(keyOf(from));
            if (bytes !== null) storage().setItem(keyOf(to), bytes);
          },
          keys,
        });
      const locks = globalThis.navigator?.locks as LockManager | undefined;
      // A list reads many chats, each as it is at the moment.
      if (!locks || id === '') return exclusive(run);
      return exclusive(() =>
        locks.request(keyOf(['chat', id]), { mode: mode === 'readonly' ? 'shared' : 'exclusive' }, run),
      );
    },
    changed: channel.post,
    subscribe: channel.subscribe,
  };
}

/** The key of a record from its name; the name itself for the format before version 1. */
function toKey(name: string): RecordKey {
  if (!name.startsWith('["')) return name;
  try {
    const parts: unknown = JSON.parse(name);
    return (Array.isArray(parts) && toRecordKey(parts)) || name;
  } catch {
    // A chat of that id.
    return name;
  }
}

/** @throws {UnstorableError} for values that JSON drops or changes. */
function toJSON(value: unknown): string {
  try {
    return JSON.stringify(value, (_name, inner: unknown) => {
      if (typeof inner === 'function' || typeof inner === 'symbol')
        throw new TypeError(`A ${typeof inner} is not JSON`);
      if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
        const tag = Object.prototype.toString.call(inner);
        if (tag !== '[object Object]') throw new TypeError(`${tag.slice(8, -1)} is not JSON`);
      }
      return inner;
    });
  } catch (cause) {
    throw new UnstorableError(thrownMessage(cause), { cause });
  }
}
