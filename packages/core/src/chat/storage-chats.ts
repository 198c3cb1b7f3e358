import type { ChatThread } from './chat-message.ts';
import type { ChatStorage } from './chat-storage.ts';

/**
 * Keeps chats as JSON in a Web Storage, which usually holds 5 MiB for a whole origin, files in messages included: a full one
 * throws its `QuotaExceededError`. Use `idbChats` of `@rivulet/core/chat-idb` for more.
 * @param storage gives `localStorage`, `sessionStorage`, or what has their methods. A function, because there is none where
 * a page is rendered on a server.
 * @param prefix goes before each key. Default `rivulet-chat:`.
 */
export function storageChats(storage: () => Storage = () => localStorage, prefix = 'rivulet-chat:'): ChatStorage {
  const draftOf = (id: string): string => `${prefix}${id}:draft`;

  function read(key: string): ChatThread | undefined {
    const json = storage().getItem(key);
    return json === null ? undefined : (JSON.parse(json) as ChatThread);
  }

  return {
    load(id) {
      const thread = read(prefix + id);
      const draft = read(draftOf(id));
      return thread || draft ? { messages: [], ...thread, draft } : undefined;
    },
    save(id, thread) {
      storage().setItem(prefix + id, JSON.stringify(thread));
      storage().removeItem(draftOf(id));
    },
    saveDraft: (id, draft) => storage().setItem(draftOf(id), JSON.stringify(draft)),
    clear(id) {
      storage().removeItem(prefix + id);
      storage().removeItem(draftOf(id));
    },
  };
}
