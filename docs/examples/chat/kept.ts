import type { LLMClient } from '@rivulet/core';
import { createChat, persistChat, storageChats, type Chat } from '@rivulet/core/chat';

const persistence = persistChat(storageChats());

/** The conversation with this id, as it was left. */
export function openChat(client: LLMClient, id: string): Chat {
  return createChat({ client, id, persistence, onPersistenceError: (error) => console.warn(error.message) });
}
