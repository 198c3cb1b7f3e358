import type { ChatFields } from './chat-head.ts';
import type { ChatStorage } from './types.ts';
import { discardUnreadable } from './discard-unreadable.ts';
import { deleteLegacyChat } from './legacy-chats.ts';
import { listChats } from './list-chats.ts';
import { createListeners } from './listeners.ts';
import { loadChat } from './load-chat.ts';
import { openChat, type RecordOptions } from './open-chat.ts';
import { namesOf, type Records, type RecordStore } from './records.ts';
import { saveChat } from './save-chat.ts';

/** About 100 characters for each place: a save writes some 2 kB, and a load of 10,000 messages reads 300 segments. */
const SEGMENT_SIZE = 32;

/** A storage of chats that keeps one record for each message, and the places of messages in segments. */
export function createRecordChats(store: RecordStore, segmentSize: number = SEGMENT_SIZE): ChatStorage {
  const options: RecordOptions = { segmentSize, canFailAlone: store.canFailAlone };
  /** Chats of this page. A store reports changes of other tabs only. */
  const listeners = createListeners();

  async function change<T>(id: string, work: (all: Records) => Promise<T>): Promise<T> {
    const result = await store.transaction(id, 'readwrite', work);
    store.changed?.(id);
    return result;
  }

  async function empty(id: string, title: string | undefined): Promise<void> {
    await change(id, (all) => emptyChat(all, id, title, options));
    listeners.call(id);
  }

  return {
    load: (id, how) => store.transaction(id, 'readonly', (all) => loadChat(all, id, how, options)),
    save: (id, changes) => change(id, (all) => saveChat(all, id, changes, options)),
    clear: (id) => empty(id, undefined),
    remove: (id) => empty(id, ''),
    list: (how) => store.transaction('', 'readonly', (all) => listChats(all, how, options)),
    rename: (id, title) =>
      change(id, async (all) => {
        const { fields, write } = await openChat(all, id, options);
        await write({ ...(fields ?? newFields()), title });
      }),
    discardUnreadable: (id) => change(id, (all) => discardUnreadable(all, id, options)),
    subscribe(id, listener) {
      const endHere = listeners.subscribe(id, listener);
      const endElsewhere = store.subscribe?.(id, listener);
      return () => {
        endHere();
        endElsewhere?.();
      };
    },
  };
}

function newFields(): ChatFields {
  const now = Date.now();
  return { createdAt: now, updatedAt: now };
}

async function emptyChat(all: Records, id: string, title: string | undefined, options: RecordOptions): Promise<void> {
  const { fields, places, removed, write } = await openChat(all, id, options, true);
  for (const place of await places.all()) removed.add(place.id);
  // Messages go first: a full storage has room for the ids of removed messages then.
  for (const kind of ['message', 'aside'] as const) {
    for (const name of await namesOf(all, kind, id)) await all.delete([kind, id, name]);
  }
  await deleteLegacyChat(all, id);
  places.clear();
  const now = newFields();
  await write({ ...now, title: title ?? fields?.title, createdAt: fields?.createdAt ?? now.createdAt });
  for (const name of await namesOf(all, 'segment', id)) await all.delete(['segment', id, name]);
}
