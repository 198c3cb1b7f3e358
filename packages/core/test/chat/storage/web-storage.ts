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
      let taken = key.length + value.length;
      for (const [name, item] of items) if (name !== key) taken += name.length + item.length;
      if (taken > storage.room) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
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
