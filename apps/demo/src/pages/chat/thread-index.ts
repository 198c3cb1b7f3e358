import type { Store } from '@rivulet/core';

const INDEX_KEY = 'rivulet-demo-threads';
const CURRENT_KEY = 'rivulet-demo-thread';
const TITLE_LENGTH = 60;

export interface ThreadEntry {
  id: string;
  title: string;
  /** Of the latest message, epoch in ms. */
  atMs: number;
}

/** Which conversations there are, the latest first. What was said in them is kept elsewhere. */
export interface ThreadIndex extends Store<readonly ThreadEntry[]> {
  /** Something was said: it goes to the top. The first words are its title. */
  note: (id: string, words: string) => void;
  remove: (id: string) => void;
  /** The conversation that this tab shows, also after a reload. */
  current: () => string;
  setCurrent: (id: string) => void;
}

export function openThreadIndex(): ThreadIndex {
  const local = storageOf(() => localStorage);
  const session = storageOf(() => sessionStorage);
  const listeners = new Set<() => void>();
  let entries = readEntries(local?.getItem(INDEX_KEY) ?? null);
  let current = session?.getItem(CURRENT_KEY) ?? newRandomId();

  function show(next: readonly ThreadEntry[]): void {
    entries = next;
    for (const listener of listeners) listener();
  }

  function change(next: readonly ThreadEntry[]): void {
    show(next);
    write(local, INDEX_KEY, JSON.stringify(next));
  }

  // Another tab has written.
  const onStorage = ({ key, newValue }: StorageEvent): void => {
    if (key === INDEX_KEY) show(readEntries(newValue));
  };

  return {
    getSnapshot: () => entries,
    subscribe(listener) {
      if (listeners.size === 0) addEventListener('storage', onStorage);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) removeEventListener('storage', onStorage);
      };
    },
    note(id, words) {
      const known = entries.find((entry) => entry.id === id);
      const entry = { id, title: known?.title ?? titleOf(words), atMs: Date.now() };
      change([entry, ...entries.filter((one) => one !== known)]);
    },
    remove: (id) => change(entries.filter((entry) => entry.id !== id)),
    current: () => current,
    setCurrent(id) {
      current = id;
      write(session, CURRENT_KEY, id);
    },
  };
}

export function newRandomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('');
}

function titleOf(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim() || 'A file';
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH).trimEnd()}…` : line;
}

function storageOf(get: () => Storage): Storage | undefined {
  try {
    return get();
  } catch {
    // It may be forbidden: then the list lasts as long as the page.
    return undefined;
  }
}

function write(storage: Storage | undefined, key: string, value: string): void {
  try {
    storage?.setItem(key, value);
  } catch {
    // It is full: the conversations themselves are elsewhere, and say so where they could not be kept.
  }
}

/** Only what this page wrote is read. */
function readEntries(json: string | null): readonly ThreadEntry[] {
  try {
    const entries: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is ThreadEntry {
  const { id, title, atMs } = (value ?? {}) as Partial<ThreadEntry>;
  return typeof id === 'string' && typeof title === 'string' && typeof atMs === 'number';
}
