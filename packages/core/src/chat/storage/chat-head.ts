import { count, list, ordinal, ownValue, record, text, type UnknownRecord } from '../../utils/read-value.ts';
import { inSegments, readPlaces, toList, type Place, type PlacesHead } from './chat-places.ts';
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

/** The record of a chat. Its size does not grow with the number of messages. */
export interface ChatHead extends PlacesHead, RemovedHead {
  readonly fields: ChatFields;
}

/** @throws {Error} if a newer version has written the record, unless `isDiscarded`. */
export function readChatHead(found: FoundRecord, segmentSize: number, isDiscarded: boolean): ChatHead | Unread {
  if (found.error !== undefined || !('value' in found)) return { cause: found.error };
  const version = ownValue(found.value, 'version');
  if (typeof version === 'number' && version > VERSION) {
    const cause = new Error(`The chat was saved by a newer version of this app (format ${version})`);
    if (!isDiscarded) throw cause;
    return { cause };
  }
  const fields = record(found.value);
  if (!fields || (version !== 1 && version !== VERSION)) return { cause: new Error('The record is not a chat') };
  const places = version === 1 ? readUnsegmented(fields, segmentSize) : readSegmented(fields);
  if (isUnread(places)) return places;
  return {
    ...places,
    fields: {
      title: text(fields['title']),
      firstWords: text(fields['firstWords']),
      createdAt: count(fields['createdAt']) ?? 0,
      updatedAt: count(fields['updatedAt']) ?? 0,
      head: text(fields['head']),
    },
    removed: list(fields['removed']).filter((id) => typeof id === 'string'),
    hasRemovedRecords: fields['hasRemovedRecords'] === true,
  };
}

function readUnsegmented(fields: UnknownRecord, segmentSize: number): PlacesHead | Unread {
  const places = readPlaces(fields['places']);
  if (isUnread(places)) return places;
  return { sealed: 0, open: inSegments(places, segmentSize), nextOrder: places.length, count: places.length };
}

function readSegmented(fields: UnknownRecord): PlacesHead | Unread {
  const sealed = ordinal(fields['sealed']);
  const nextOrder = ordinal(fields['nextOrder']);
  const messageCount = ordinal(fields['count']);
  const segments = fields['open'];
  if (sealed === undefined || nextOrder === undefined || messageCount === undefined || !Array.isArray(segments)) {
    return { cause: new Error('The record of the chat has no segments') };
  }
  const open: (readonly Place[])[] = [];
  for (const segment of segments) {
    const places = readPlaces(segment);
    if (isUnread(places)) return places;
    open.push(places);
  }
  return { sealed, open, nextOrder, count: messageCount };
}

export async function writeChatHead(all: Records, id: string, { fields, open, ...rest }: ChatHead): Promise<void> {
  await all.write(['chat', id], { version: VERSION, ...fields, ...rest, open: open.map(toList) });
}
