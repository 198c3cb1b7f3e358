import type { Store } from '@rivulet/core';
import type { ChatInfo, ChatStorage } from '@rivulet/core/chat';

const CURRENT_KEY = 'rivulet-demo-thread';
const TITLE_LENGTH = 60;

export interface ThreadEntry {
  id: string;
  title: string;
  /** Of the latest change, epoch in ms; 0 if unknown. */
  atMs: number;
}

/** The list of the conversations that are kept, the latest first. */
export interface ThreadIndex extends Store<readonly ThreadEntry[]> {
  /** Moves a conversation to the top when something is said in it. The first words are its title until it is saved. */
  note: (id: string, words: string) => void;
  rename: (id: string, title: string) => void;
  /** Removes the entry of a conversation. */
  remove: (id: string) => void;
  /** The conversation that this tab shows, also after a reload. */
  current: () => string;
  setCurrent: (id: string) => void;
}

export function openThreadIndex(storage: ChatStorage): ThreadIndex {
  const listeners = new Set<() => void>();
  /** Entries of conversations that may not be saved yet. */
  const noted = new Map<string, ThreadEntry>();
  const removed = new Set<string>();
  let entries: readonly ThreadEntry[] = [];
  let current = readCurrent() ?? newRandomId();

  function show(next: readonly ThreadEntry[]): void {
    entries = next;
    for (const listener of listeners) listener();
  }

  async function refresh(): Promise<void> {
    let kept: readonly ChatInfo[];
    try {
      kept = await storage.list();
    } catch {
      // The conversation itself reports that nothing can be kept.
      return;
    }
    const found = new Map<string, ThreadEntry>();
    for (const { id, title, updatedAt } of kept) found.set(id, { id, title: titleOf(title), atMs: updatedAt });
    for (const [id, entry] of noted) {
      const saved = found.get(id);
      found.set(id, { ...entry, title: saved?.title ?? entry.title });
      if (saved && saved.atMs >= entry.atMs) noted.delete(id);
    }
    for (const id of removed) found.delete(id);
    show([...found.values()].toSorted((a, b) => b.atMs - a.atMs));
  }

  const onVisible = (): void => {
    if (!document.hidden) void refresh();
  };

  return {
    getSnapshot: () => entries,
    subscribe(listener) {
      if (listeners.size === 0) {
        void refresh();
        // Another tab may have changed them.
        document.addEventListener('visibilitychange', onVisible);
        addEventListener('focus', onVisible);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        document.removeEventListener('visibilitychange', onVisible);
        removeEventListener('focus', onVisible);
      };
    },
    note(id, words) {
      const known = entries.find((entry) => entry.id === id);
      const entry = { id, title: known?.title ?? titleOf(words), atMs: Date.now() };
      noted.set(id, entry);
      removed.delete(id);
      show([entry, ...entries.filter((one) => one !== known)]);
    },
    rename(id, title) {
      const next = titleOf(title);
      const entry = noted.get(id);
      if (entry) noted.set(id, { ...entry, title: next });
      show(entries.map((one) => (one.id === id ? Object.assign({}, one, { title: next }) : one)));
      void Promise.resolve(storage.rename(id, next)).then(refresh, refresh);
    },
    remove(id) {
      noted.delete(id);
      removed.add(id);
      show(entries.filter((entry) => entry.id !== id));
    },
    current: () => current,
    setCurrent(id) {
      current = id;
      writeCurrent(id);
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

function readCurrent(): string | undefined {
  try {
    return sessionStorage.getItem(CURRENT_KEY) || undefined;
  } catch {
    // Storage may be forbidden: a reload then begins a new conversation.
    return undefined;
  }
}

function writeCurrent(id: string): void {
  try {
    sessionStorage.setItem(CURRENT_KEY, id);
  } catch {
    // Storage may be full or forbidden: a reload then begins a new conversation.
  }
}
