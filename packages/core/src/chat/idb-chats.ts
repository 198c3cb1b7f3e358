import { createStore, delMany, getMany, set, setMany, type UseStore } from 'idb-keyval';
import type { ChatThread } from './chat-message.ts';
import type { ChatStorage } from './chat-storage.ts';

/**
 * Keeps chats in IndexedDB, which holds far more than a Web Storage and does not hold up the page.
 * @param name of the database. Default `rivulet-chats`.
 */
export function idbChats(name = 'rivulet-chats'): ChatStorage {
  const draftOf = (id: string): string => `${id}:draft`;
  let opened: UseStore | undefined;

  // Where a page is rendered on a server there is no database to open.
  function store(): UseStore {
    return (opened ??= createStore(name, 'chats'));
  }

  return {
    async load(id) {
      const [thread, draft] = await getMany<ChatThread | undefined>([id, draftOf(id)], store());
      return thread || draft ? { messages: [], ...thread, draft } : undefined;
    },
    save: (id, thread) =>
      setMany(
        [
          [id, thread],
          [draftOf(id), undefined],
        ],
        store(),
      ),
    saveDraft: (id, draft) => set(draftOf(id), draft, store()),
    clear: (id) => delMany([id, draftOf(id)], store()),
  };
}
