import type { ChatStorage } from '@rivulet/core/chat';
import { createRecordChats } from '../../../src/chat/storage/record-chats.ts';
import { createWebRecords } from '../../../src/chat/storage/web.ts';

/** A Web Storage in memory, whose methods a test may break. */
export interface TestStorage extends Storage {
  /** Called before each access; may throw. */
  fault: (operation: 'get' | 'set' | 'remove', key: string, value?: string) => void;
  /** Characters of keys and values that fit in. */
  room: number;
  readonly items: Map<string, string>;
}

export function testStorage(room = Infinity): TestStorage {
  const items = new Map<string, string>();

  function hasRoom(key: string, value: string): boolean {
    if (storage.room === Infinity) return true;
    let taken = key.length + value.length;
    for (const [name, item] of items) if (name !== key) taken += name.length + item.length;
    return taken <= storage.room;
  }

  const storage: TestStorage = {
    items,
    room,
    fault: () => undefined,
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem(key) {
      storage.fault('get', key);
      return items.get(key) ?? null;
    },
    setItem(key, value) {
      storage.fault('set', key, value);
      if (!hasRoom(key, value)) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      items.set(key, value);
    },
    removeItem(key) {
      storage.fault('remove', key);
      items.delete(key);
    },
    clear: () => items.clear(),
  };
  return storage;
}

/** Chats of a Web Storage, as `storageChats` keeps them, with segments of another size. */
export function segmentedChats(web: Storage, segmentSize: number): ChatStorage {
  return createRecordChats(
    createWebRecords(() => web, 'rivulet-chat:'),
    segmentSize,
  );
}
