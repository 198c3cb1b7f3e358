import type { ChatLoadOptions, StoredChat, StoredMessage } from './types.ts';
import { readLegacyChat } from './legacy-chats.ts';
import { pageOf } from './load-page.ts';
import { readMessageRecord } from './message-records.ts';
import { openChat, type RecordOptions } from './open-chat.ts';
import { isUnread, namesOf, type Records } from './records.ts';

export async function loadChat(
  all: Records,
  id: string,
  { limit, before, known }: ChatLoadOptions = {},
  options: RecordOptions,
): Promise<StoredChat | undefined> {
  const { fields, places, removed, legacy, unreadable: chatUnreadable } = await openChat(all, id, options);
  const gone = await removed.all();
  const isGone = new Set(gone);
  const kept = (await places.all()).filter((place) => !isGone.has(place.id));
  const { messages: legacyMessages, unreadable: legacyUnreadable } =
    legacy ??
    (await readLegacyChat(
      all,
      id,
      kept.map((place) => place.id),
    ));
  const unreadable = [...chatUnreadable(), ...(legacy ? [] : legacyUnreadable)];
  for (const name of await namesOf(all, 'aside', id)) {
    unreadable.push({ cause: new Error(`A damaged record was moved to ${JSON.stringify(['aside', id, name])}`) });
  }
  if (!fields) return unreadable.length > 0 ? { messages: [], unreadable } : undefined;
  const page = pageOf(kept, fields.head, limit, before);
  const wanted = page.places.filter((place) => known?.get(place.id) !== place.revision);
  const messages = await Promise.all(
    wanted.map(async ({ id: messageId, parentId, revision }): Promise<StoredMessage> => {
      const found = await all.read(['message', id, messageId]);
      const read = found && readMessageRecord(found);
      if (!read) return { id: messageId, parentId, revision, message: legacyMessages.get(messageId) };
      if (isUnread(read)) {
        unreadable.push({ messageId, cause: read.cause });
        return { id: messageId, parentId, revision, message: undefined };
      }
      return { id: messageId, parentId, revision: read.revision, message: read.message };
    }),
  );
  return { messages, head: fields.head, removed: gone, hasEarlier: page.hasEarlier, unreadable };
}
