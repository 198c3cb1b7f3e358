import { ownValue } from '../../utils/read-value.ts';
import type { ChatChanges, SaveFailure, SaveResult, StoredMessage } from './types.ts';
import type { Places } from './chat-places.ts';
import { readMessageRecord, writeMessage } from './message-records.ts';
import { openChat, type RecordOptions } from './open-chat.ts';
import { isUnread, type FoundRecord, type Records } from './records.ts';
import type { RemovedIds } from './removed-ids.ts';

const TITLE_LENGTH = 80;

/** Merges changes into a chat. It costs the changed messages, and the segments of their places. */
export async function saveChat(
  all: Records,
  id: string,
  { put, removed: removedIds, head, firstWords }: ChatChanges,
  options: RecordOptions,
): Promise<SaveResult> {
  const { fields, places, removed, write } = await openChat(all, id, options);
  const { wanted, gone } = await withoutRemoved(put, removedIds, removed);
  const found = await readMessages(all, id, places, [...gone, ...wanted.map((message) => message.id)]);

  for (const messageId of gone) {
    await find(places, messageId, found, removedIds.includes(messageId));
    places.delete(messageId);
  }
  for (const { id: messageId, isNew } of wanted) await find(places, messageId, found, !isNew);
  const newer = wanted.filter((message) => message.revision >= (places.get(message.id)?.revision ?? 0));
  for (const { id: messageId, parentId, revision, isNew } of newer) {
    // The order is that of the chat, also if only a part of an earlier save has worked.
    places.put({ id: messageId, parentId, revision }, { isMoved: isNew, isUnnamed: !found.has(messageId) });
  }
  await putInFront(all, id, places, newer);

  const now = Date.now();
  const isHeadKept = head === undefined ? places.count() === 0 : await has(all, id, places, head);
  // The places go first. A page that is left in between has the place of a message without its record, which is harmless.
  await write({
    title: fields?.title || undefined,
    firstWords: fields?.firstWords ?? firstWords?.slice(0, TITLE_LENGTH),
    createdAt: fields?.createdAt ?? now,
    updatedAt: put.length + removedIds.length > 0 ? now : (fields?.updatedAt ?? now),
    head: isHeadKept ? head : fields?.head,
  });
  for (const messageId of gone) await all.delete(['message', id, messageId]);
  const failures: SaveFailure[] = [];
  for (const message of newer) {
    const before = found.get(message.id);
    const location = places.locationOf(message.id);
    const failure = await writeMessage(all, id, message, location, before, options.canFailAlone);
    if (failure) failures.push(failure);
  }
  const isGone = new Set(gone);
  return { failures, removed: put.flatMap((message) => (isGone.has(message.id) ? [message.id] : [])) };
}

/** Messages that are to be saved, and ids of those that are removed, also by other tabs. */
async function withoutRemoved(
  put: readonly StoredMessage[],
  removedIds: readonly string[],
  removed: RemovedIds,
): Promise<{ readonly wanted: readonly StoredMessage[]; readonly gone: readonly string[] }> {
  for (const messageId of removedIds) removed.add(messageId);
  for (const { id, parentId, isNew, message } of put) {
    if (!isNew) continue;
    // The answer to a question that was removed in the meantime is removed with it.
    const isAnswer = parentId !== undefined && ownValue(message, 'role') === 'assistant';
    if (isAnswer && (await removed.has(parentId))) removed.add(id);
    else await removed.delete(id);
  }
  const wanted: StoredMessage[] = [];
  const gone = new Set<string>();
  for (const messageId of removedIds) if (await removed.has(messageId)) gone.add(messageId);
  for (const message of put) {
    if (await removed.has(message.id)) gone.add(message.id);
    else wanted.push(message);
  }
  return { wanted, gone: [...gone] };
}

/** Records of these messages. A chat without messages has none. */
async function readMessages(
  all: Records,
  id: string,
  places: Places,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FoundRecord>> {
  const found = new Map<string, FoundRecord>();
  if (places.count() === 0) return found;
  await Promise.all(
    ids.map(async (messageId) => {
      const one = await all.read(['message', id, messageId]);
      if (one) found.set(messageId, one);
    }),
  );
  return found;
}

/**
 * Finds the place of a message by its record.
 * @param isExpected whether the chat has the message, even if it has no record of its own.
 */
async function find(
  places: Places,
  messageId: string,
  found: ReadonlyMap<string, FoundRecord>,
  isExpected: boolean,
): Promise<void> {
  const one = found.get(messageId);
  const read = one && readMessageRecord(one);
  await places.find(messageId, read && !isUnread(read) ? read.segment : undefined, isExpected || one !== undefined);
}

async function has(all: Records, id: string, places: Places, messageId: string): Promise<boolean> {
  if (places.get(messageId)) return true;
  await find(places, messageId, await readMessages(all, id, places, [messageId]), true);
  return places.get(messageId) !== undefined;
}

/** Moves each new message in front of the one that it names. A message that moves itself keeps none in front of it. */
async function putInFront(all: Records, id: string, places: Places, newer: readonly StoredMessage[]): Promise<void> {
  const moved = newer.filter(
    ({ isNew, before, id: messageId }) => isNew && before !== undefined && before !== messageId,
  );
  if (moved.length === 0) return;
  const isMoved = new Set(moved.map((message) => message.id));
  const groups = new Map<string, string[]>();
  for (const { id: messageId, before } of moved) {
    if (before === undefined || isMoved.has(before) || !(await has(all, id, places, before))) continue;
    const group = groups.get(before);
    if (group) group.push(messageId);
    else groups.set(before, [messageId]);
  }
  if (groups.size > 0) await places.putInFront(groups);
}
