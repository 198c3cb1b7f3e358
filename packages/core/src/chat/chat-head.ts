import { count, list, ordinal, ownValue, record, text } from '../read-value.ts';
import { readPlaces, toList, type PlacesHead } from './chat-places.ts';
import { isUnread, type FoundRecord, type Records, type Unread } from './records.ts';
import type { RemovedHead } from './removed-ids.ts';

/** Above 1, in which all places are in this record: a page with such a release leaves the chat alone. */
const VERSION = 1.1;

export interface ChatFields {
  readonly title?: string | undefined;
  readonly firstWords?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The last message of the branch that is shown. */
  readonly head?: string | undefined;
}

/** The record of a chat. Its size does not depend on the number of messages. */
export interface ChatHead extends PlacesHead, RemovedHead {
  readonly fields: ChatFields;
}

/** @throws {Error} if a newer version has written the record, unless `isDiscarded`. */
export function readChatHead(found: FoundRecord, isDiscarded: boolean): ChatHead | Unread {
  if (found.error !== undefined || !('value' in found)) return { cause: found.error };
  const version = ownValue(found.value, 'version');
  if (typeof version === 'number' && version > VERSION) {
    const cause = new Error(`The chat was saved by a newer version of this app (format ${version})`);
    if (!isDiscarded) throw cause;
    return { cause };
  }
  const fields = record(found.value);
  if (!fields || (version !== 1 && version !== VERSION)) return { cause: new Error('The record is not a chat') };
  const tail = readPlaces(fields['places']);
  if (isUnread(tail)) return tail;
  const segments = version === 1 ? 0 : ordinal(fields['segments']);
  if (segments === undefined) return { cause: new Error('The record of the chat has no number of segments') };
  return {
    fields: {
      title: text(fields['title']),
      firstWords: text(fields['firstWords']),
      createdAt: count(fields['createdAt']) ?? 0,
      updatedAt: count(fields['updatedAt']) ?? 0,
      head: text(fields['head']),
    },
    segments,
    tail,
    nextOrder: ordinal(fields['nextOrder']) ?? tail.length,
    count: ordinal(fields['count']) ?? tail.length,
    removed: list(fields['removed']).filter((id) => typeof id === 'string'),
    hasRemovedRecords: fields['hasRemovedRecords'] === true,
  };
}

export async function writeChatHead(all: Records, id: string, { fields, tail, ...rest }: ChatHead): Promise<void> {
  await all.write(['chat', id], { version: VERSION, ...fields, ...rest, places: toList(tail) });
}
