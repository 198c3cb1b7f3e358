import { createStore, promisifyRequest, type UseStore } from 'idb-keyval';
import { createRecordChats } from './record-chats.ts';
import type { ChatStorage } from './types.ts';
import { toRecordKey, UnstorableError, type RecordKey, type RecordKind, type Records } from './records.ts';
import { createTabChannel } from './tab-channel.ts';

/**
 * Keeps chats in IndexedDB, which has room for far more than a Web Storage and does not block the page.
 * @param name of the database. @default 'rivulet-chats'
 */
export function idbChats(name = 'rivulet-chats'): ChatStorage {
  const channel = createTabChannel(`idb:${name}`);
  let opened: UseStore | undefined;

  // Where a page is rendered on a server there is no database to open.
  function store(): UseStore {
    return (opened ??= createStore(name, 'chats'));
  }

  return createRecordChats({
    canFailAlone: false,
    transaction: (_id, mode, work) =>
      store()(mode, async (records) => {
        const { transaction } = records;
        const isDone = promisifyRequest(transaction);
        // It rejects with the reason of the work, below.
        isDone.catch(() => undefined);
        try {
          const result = await work(toRecords(records));
          await isDone;
          return result;
        } catch (error) {
          try {
            transaction.abort();
          } catch {
            // It has ended by itself.
          }
          throw error ?? transaction.error;
        }
      }),
    changed: channel.post,
    subscribe: channel.subscribe,
  });
}

function toRecords(store: IDBObjectStore): Records {
  async function read(key: RecordKey): Promise<{ readonly value: unknown } | undefined> {
    const value: unknown = await promisifyRequest<unknown>(store.get(toValidKey(key)));
    return value === undefined ? undefined : { value };
  }

  async function write(key: RecordKey, value: unknown): Promise<void> {
    let request: IDBRequest<IDBValidKey>;
    try {
      request = store.put(value, toValidKey(key));
    } catch (cause) {
      if (!(cause instanceof DOMException && cause.name === 'DataCloneError')) throw cause;
      throw new UnstorableError(cause.message, { cause });
    }
    await promisifyRequest(request);
  }

  return {
    read,
    write,
    delete: (key) => promisifyRequest(store.delete(toValidKey(key))),
    async copy(from, to) {
      const found = await read(from);
      if (found) await write(to, found.value);
    },
    async keys(kind, chatId) {
      const found = await promisifyRequest(store.getAllKeys(rangeOf(kind, chatId)));
      return found.flatMap(toKey);
    },
  };
}

/** In the order of IndexedDB, strings come before lists, and a longer list after its beginning. */
function rangeOf(kind: RecordKind, chatId: string | undefined): IDBKeyRange {
  if (kind === 'legacy') return IDBKeyRange.bound('', [], false, true);
  const start = chatId === undefined ? [kind] : [kind, chatId];
  return IDBKeyRange.bound(start, [...start, []]);
}

function toValidKey(key: RecordKey): IDBValidKey {
  return typeof key === 'string' ? key : [...key];
}

function toKey(key: IDBValidKey): RecordKey[] {
  if (typeof key === 'string') return [key];
  const known = Array.isArray(key) ? toRecordKey(key) : undefined;
  return known === undefined ? [] : [known];
}
