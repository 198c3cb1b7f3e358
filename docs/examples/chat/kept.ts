import type { LLMClient } from '@rivulet/core';
import { createChat, persistChat, storageChats, type Chat } from '@rivulet/core/chat';

const persistence = persistChat(storageChats());

/** The conversation with this id, as it was left. */
export function openChat(client: LLMClient, id: string, warn: (text: string) => void): Chat {
  return createChat({ client, id, persistence, onPersistenceError: ({ message }) => warn(message) });
}
