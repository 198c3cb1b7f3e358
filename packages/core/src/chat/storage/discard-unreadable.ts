import type { Places } from './chat-places.ts';
import { deleteUnreadableLegacy } from './legacy-chats.ts';
import { readMessageRecord } from './message-records.ts';
import { openChat, type RecordOptions } from './open-chat.ts';
import { isUnread, namesOf, type Records } from './records.ts';

/** Deletes the records of a chat that cannot be read, with the places of their messages. */
export async function discardUnreadable(all: Records, id: string, options: RecordOptions): Promise<void> {
  for (const name of await namesOf(all, 'aside', id)) await all.delete(['aside', id, name]);
  await deleteUnreadableLegacy(all, id);
  const { fields, places, removed, write } = await openChat(all, id, options, true);
  const bad = new Set<string>();
  for (const name of await namesOf(all, 'message', id)) {
    const found = await all.read(['message', id, name]);
    if (!found || !isUnread(readMessageRecord(found))) continue;
    bad.add(name);
    await all.delete(['message', id, name]);
  }
  await removed.all();
  await removed.discardUnreadable();
  if (!fields) return;
  await deletePlaces(places, bad);
  await write(fields);
}

/** Places below a deleted one move to its parent. */
async function deletePlaces(places: Places, deleted: ReadonlySet<string>): Promise<void> {
  const all = await places.all();
  const parents = new Map(all.map((place) => [place.id, place.parentId]));
  for (const place of all) {
    if (deleted.has(place.id)) {
      places.delete(place.id);
      continue;
    }
    const walked = new Set<string>();
    let { parentId } = place;
    while (parentId !== undefined && deleted.has(parentId) && !walked.has(parentId)) {
      walked.add(parentId);
      parentId = parents.get(parentId);
    }
    if (parentId !== place.parentId) places.put({ ...place, parentId });
  }
}
