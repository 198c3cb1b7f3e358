import type { ChatInfo, ChatStorage } from '@rivulet/core/chat';

/** The latest twenty chats, or the twenty after the last one of `page`. */
export async function latestChats(storage: ChatStorage, page: readonly ChatInfo[] = []): Promise<readonly ChatInfo[]> {
  return storage.list({ limit: 20, before: page.at(-1) });
}
