import type { ChatThread } from './chat-message.ts';
import type { ChatStorage } from './chat-storage.ts';

/** Keeps chats as long as the page lives. */
export function memoryChats(): ChatStorage {
  const threads = new Map<string, ChatThread>();
  const drafts = new Map<string, ChatThread>();
  return {
    load(id) {
      const thread = threads.get(id);
      const draft = drafts.get(id);
      return thread || draft ? { messages: [], ...thread, draft } : undefined;
    },
    save(id, thread) {
      threads.set(id, thread);
      drafts.delete(id);
    },
    saveDraft: (id, draft) => void drafts.set(id, draft),
    clear(id) {
      threads.delete(id);
      drafts.delete(id);
    },
  };
}
