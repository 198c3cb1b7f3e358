import type { LLMClient } from '@rivulet/core';
import { createChat, type Chat } from '@rivulet/core/chat';

/** Sends the last twenty messages and, where even they are too long for the model, the last four. */
export function chatWithShortMemory(client: LLMClient): Chat {
  return createChat({
    client,
    prepareMessages: (messages) => messages.slice(-20),
    onContextLength: (messages) => (messages.length > 4 ? messages.slice(-4) : undefined),
  });
}
