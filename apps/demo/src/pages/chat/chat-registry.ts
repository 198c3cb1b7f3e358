import type { LLMClient } from '@rivulet/core';
import { createChat, persistChat } from '@rivulet/core/chat';
import { chatStorage } from './chat-storage.ts';
import { recentMessages } from './recent-messages.ts';
import { chatTools, type ChatTools, type DemoChat } from './tools/chat-tools.ts';

interface Connection {
  client: LLMClient;
  model: string;
}

/** The conversations that were opened. They go on when another one, or another page, is shown. */
export interface Shelf {
  /** Whom they ask from now on. */
  connect: (connection: Connection) => void;
  open: (id: string) => DemoChat;
  /** Forgets a conversation for good. */
  forget: (id: string) => Promise<void>;
}

export function createShelf(first: Connection): Shelf {
  const chats = new Map<string, DemoChat>();
  const persistence = persistChat(chatStorage);
  let connection = first;

  return {
    connect(next) {
      connection = next;
    },
    open(id) {
      let chat = chats.get(id);
      if (!chat) {
        chat = createChat<ChatTools>(() => ({
          ...connection,
          id,
          persistence,
          tools: chatTools,
          prepareMessages: recentMessages,
        }));
        chats.set(id, chat);
      }
      return chat;
    },
    async forget(id) {
      chats.get(id)?.clear();
      chats.delete(id);
      await chatStorage.remove(id);
    },
  };
}
