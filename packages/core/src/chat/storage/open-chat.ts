import { record, text } from '../../utils/read-value.ts';
import { readChatHead, writeChatHead, type ChatFields } from './chat-head.ts';
import { createPlaces, inSegments, type Places, type PlacesHead, type RecoveredPlace } from './chat-places.ts';
import type { UnreadableRecord } from './types.ts';
import { legacyTitle, readLegacyChat, type LegacyChat } from './legacy-chats.ts';
import { readMessageRecord } from './message-records.ts';
import { isUnread, moveAside, namesOf, type Records } from './records.ts';
import { createRemovedIds, type RemovedIds } from './removed-ids.ts';

export interface RecordOptions {
  /** How many places a segment has. */
  readonly segmentSize: number;
  readonly canFailAlone: boolean;
}

/** A chat within a transaction. */
export interface OpenChat {
  /** `undefined` if nothing is kept. */
  readonly fields: ChatFields | undefined;
  readonly places: Places;
  readonly removed: RemovedIds;
  /** The chat as the format before version 1 has it, if that was read: if it has no other record. */
  readonly legacy: LegacyChat | undefined;
  /** Records that could not be read, of those that were. */
  unreadable(): readonly UnreadableRecord[];
  /** Writes everything except messages. A damaged record is copied before. */
  write(fields: ChatFields): Promise<void>;
}

const NO_PLACES: PlacesHead = { sealed: 0, open: [], nextOrder: 0, count: 0 };

/**
 * Reads the record of a chat. What is missing of a damaged one is put together from the records of messages.
 * @param isDiscarded whether unreadable records may be overwritten.
 * @throws {Error} if a newer version has written the record, unless `isDiscarded`.
 */
export async function openChat(
  all: Records,
  id: string,
  { segmentSize, canFailAlone }: RecordOptions,
  isDiscarded = false,
): Promise<OpenChat> {
  const found = await all.read(['chat', id]);
  const read = found && readChatHead(found, segmentSize, isDiscarded);
  const isDamaged = read !== undefined && isUnread(read);
  const head = read && !isUnread(read) ? read : undefined;
  const removed = createRemovedIds(all, id, head ?? { removed: [], hasRemovedRecords: isDamaged }, canFailAlone);
  const legacy = read ? undefined : await readLegacyChat(all, id, []);
  const legacyHead = legacy && legacy.messages.size > 0 ? placesOfLegacy(legacy, segmentSize) : undefined;
  const lostHead = isDamaged ? { ...NO_PLACES, sealed: await countSegments(all, id) } : undefined;
  const places = createPlaces(all, id, head ?? lostHead ?? legacyHead ?? NO_PLACES, {
    segmentSize,
    canFailAlone,
    keepsDamaged: !isDiscarded,
    isHeadLost: isDamaged,
    recover: (isKnown) => recoverPlaces(all, id, isKnown, removed),
  });
  let fields = head?.fields;
  if (isDamaged) fields = await recoverFields(places);
  else if (legacyHead)
    fields = { createdAt: 0, updatedAt: 0, head: legacy?.head, firstWords: legacy && legacyTitle(legacy) };
  return {
    fields,
    places,
    removed,
    legacy,
    unreadable: () => [
      ...(isDamaged ? [{ cause: read.cause }] : []),
      ...(legacy?.unreadable ?? []),
      ...places.unreadable(),
      ...removed.unreadable(),
    ],
    async write(next) {
      if (isDamaged && !isDiscarded) await moveAside(all, ['chat', id]);
      // Segments go first: until the record of the chat is written, it has the places of a new segment itself.
      const placesHead = await places.flush();
      const removedHead = await removed.flush();
      await writeChatHead(all, id, { fields: next, ...placesHead, ...removedHead });
    },
  };
}

function placesOfLegacy({ messages }: LegacyChat, segmentSize: number): PlacesHead {
  const places = Array.from(messages, ([id, message], order) => ({
    id,
    parentId: text(record(message)?.['parentId']),
    revision: 0,
    order,
  }));
  return { sealed: 0, open: inSegments(places, segmentSize), nextOrder: places.length, count: places.length };
}

async function countSegments(all: Records, id: string): Promise<number> {
  const names = new Set(await namesOf(all, 'segment', id));
  let count = 0;
  while (names.has(String(count))) count += 1;
  return count;
}

/** Places of messages that are not known, from their records, if a record with places is damaged. */
async function recoverPlaces(
  all: Records,
  id: string,
  isKnown: (id: string) => boolean,
  removed: RemovedIds,
): Promise<readonly RecoveredPlace[]> {
  const recovered: RecoveredPlace[] = [];
  // Records of the formats before have no order. Their messages are older.
  const order = -1;
  const { messages } = await readLegacyChat(all, id, []);
  const names = new Set(await namesOf(all, 'message', id));
  for (const [messageId, message] of messages) {
    if (isKnown(messageId) || names.has(messageId) || (await removed.has(messageId))) continue;
    const parentId = text(record(message)?.['parentId']);
    recovered.push({ place: { id: messageId, parentId, revision: 0, order }, segment: undefined });
  }
  for (const name of names) {
    if (isKnown(name) || (await removed.has(name))) continue;
    const found = await all.read(['message', id, name]);
    const message = found && readMessageRecord(found);
    const read = message && !isUnread(message) ? message : undefined;
    const place = { id: name, parentId: read?.parentId, revision: read?.revision ?? 0, order: read?.order ?? order };
    recovered.push({ place, segment: read?.segment });
  }
  return recovered;
}

/** The fields of a chat whose record is damaged: it shows the message that was changed last. */
async function recoverFields(places: Places): Promise<ChatFields> {
  const all = await places.all();
  let latest = all[0];
  for (const place of all) if (latest && place.revision >= latest.revision) latest = place;
  const now = Date.now();
  return { createdAt: now, updatedAt: now, head: latest?.id };
}
