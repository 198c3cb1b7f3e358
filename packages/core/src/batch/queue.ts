/** Entries in the order in which they came. Each operation costs the same however many there are. */
export interface Queue<T> {
  add(entry: T): void;
  first(): T | undefined;
  /** Whether the entry was there. */
  remove(entry: T): boolean;
  all(): readonly T[];
}

/** A `Set` is no queue: what was removed from its start is skipped each time that its first entry is read. */
export function createQueue<T>(): Queue<T> {
  const present = new Set<T>();
  let entries: T[] = [];
  let head = 0;

  return {
    add(entry) {
      present.add(entry);
      entries.push(entry);
    },
    first() {
      while (head < entries.length && !present.has(entries[head] as T)) head += 1;
      if (head * 2 > entries.length) {
        entries = entries.slice(head);
        head = 0;
      }
      return entries[head];
    },
    remove: (entry) => present.delete(entry),
    all: () => entries.filter((entry) => present.has(entry)),
  };
}
