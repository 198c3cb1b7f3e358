import type { ChatInfo, ChatListOptions } from './types.ts';
import { legacyIds } from './legacy-chats.ts';
import { openChat, type OpenChat, type RecordOptions } from './open-chat.ts';
import type { Records } from './records.ts';
import { wholeLimit } from './whole-limit.ts';

/** Kept chats, the latest first. It reads one record of each chat. */
export async function listChats(
  all: Records,
  { limit, before }: ChatListOptions = {},
  options: RecordOptions,
): Promise<readonly ChatInfo[]> {
  const ids = new Set<string>();
  for (const key of await all.keys('chat')) ids.add(typeof key === 'string' ? key : key[1]);
  for (const id of await legacyIds(all, ids)) ids.add(id);
  const infos: ChatInfo[] = [];
  for (const id of ids) {
    const info = await infoOf(all, id, options);
    if (info) infos.push(info);
  }
  infos.sort(compareInfos);
  const start = before ? infos.findIndex((info) => compareInfos(info, before) > 0) : 0;
  if (start < 0) return [];
  return infos.slice(start, start + wholeLimit(limit));
}

/** `undefined` for a removed chat. */
async function infoOf(all: Records, id: string, options: RecordOptions): Promise<ChatInfo | undefined> {
  let chat: OpenChat;
  try {
    chat = await openChat(all, id, options);
  } catch {
    // A newer version has saved it.
    return { id, title: '', createdAt: 0, updatedAt: 0, messageCount: 0 };
  }
  const { fields, places } = chat;
  const messageCount = places.count();
  if (!fields || (messageCount === 0 && !fields.title)) return undefined;
  const { title, firstWords = '', createdAt, updatedAt } = fields;
  return { id, title: title || firstWords, createdAt, updatedAt, messageCount };
}

/** The latest first. */
function compareInfos(a: Pick<ChatInfo, 'id' | 'updatedAt'>, b: Pick<ChatInfo, 'id' | 'updatedAt'>): number {
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
