import { filledText, list, ordinal, ownValue, text } from '../read-value.ts';
import type { UnreadableRecord } from './chat-storage.ts';
import type { MessageLocation } from './message-records.ts';
import {
  isUnread,
  moveAside,
  readValue,
  type ChildKey,
  type FoundRecord,
  type Records,
  type Unread,
} from './records.ts';

const VERSION = 1;

/** The place of a message in its chat, whether the message itself is kept or not. */
export interface Place {
  readonly id: string;
  readonly parentId: string | undefined;
  /** 0 for a message of the format before version 1. */
  readonly revision: number;
  /** Places are sorted by it. */
  readonly order: number;
}

/** The part that is in the record of the chat. */
export interface PlacesHead {
  /** How many segments have records of their own. */
  readonly segments: number;
  /** Places of the segment after these. */
  readonly tail: readonly Place[];
  readonly nextOrder: number;
  readonly count: number;
}

/**
 * The places of a chat within a transaction, in segments of a bounded size. New places go to the last segment, which is in the
 * record of the chat. When it is full, it gets a record of its own. The record of a message names its segment, so a change
 * reads and writes the segments of the changed messages only.
 */
export interface Places {
  count(): number;
  /**
   * Reads the segment of a message.
   * @param segment that the record of the message names.
   * @param isExpected whether all segments are read if the place is not there.
   */
  find(id: string, segment: number | undefined, isExpected: boolean): Promise<Place | undefined>;
  /** A place that was found. */
  get(id: string): Place | undefined;
  /** Adds the place of a message at the end, or changes a place that was found. With `isMoved` it goes to the end. */
  put(place: Omit<Place, 'order'>, isMoved: boolean): void;
  /** Removes a place that was found. */
  delete(id: string): void;
  /** Moves places that were put in front of others. Reads all segments. */
  putInFront(groups: ReadonlyMap<string, readonly string[]>): Promise<void>;
  /** All places in their order. */
  all(): Promise<readonly Place[]>;
  /** Removes all places. Their records are to be deleted when the record of the chat was written. */
  clear(): void;
  /** Writes changed segments. Returns what belongs into the record of the chat. */
  flush(): Promise<PlacesHead>;
  /** Where a place is after `flush`. */
  locationOf(id: string): MessageLocation;
  /** Segments that could not be read, of those that were. */
  unreadable(): readonly UnreadableRecord[];
}

export interface PlacesOptions {
  readonly segmentSize: number;
  /** Whether a segment that cannot be written leaves the others as they are. */
  readonly canFailAlone: boolean;
  /** Whether a damaged segment is copied before it is written again. */
  readonly keepsDamaged: boolean;
  /** Whether the record of the chat was damaged, so that the places of the last segment are missing. */
  readonly isTailLost: boolean;
  /** Called if places are missing. Returns those of the messages that are not known. */
  recover(isKnown: (id: string) => boolean): Promise<readonly RecoveredPlace[]>;
}

export interface RecoveredPlace {
  readonly place: Place;
  /** The segment that the record of the message names. */
  readonly segment: number | undefined;
}

export function createPlaces(
  records: Records,
  chatId: string,
  head: PlacesHead,
  { segmentSize, canFailAlone, keepsDamaged, isTailLost, recover }: PlacesOptions,
): Places {
  let tailNumber = head.segments;
  let tail = new Map(head.tail.map((place) => [place.id, place]));
  /** Segments that were read, by number. */
  const segments = new Map<number, Map<string, Place>>();
  const segmentOf = new Map<string, number>();
  const changed = new Set<number>();
  const damaged = new Map<number, unknown>();
  let { nextOrder, count } = head;
  let allRead: Promise<void> | undefined;

  function keyOf(segment: number): ChildKey {
    return ['segment', chatId, String(segment)];
  }

  function placesOf(id: string): Map<string, Place> | undefined {
    if (tail.has(id)) return tail;
    const segment = segmentOf.get(id);
    return segment === undefined ? undefined : segments.get(segment);
  }

  function get(id: string): Place | undefined {
    return placesOf(id)?.get(id);
  }

  function set(place: Place): void {
    const segment = tail.has(place.id) ? undefined : segmentOf.get(place.id);
    if (segment !== undefined) changed.add(segment);
    (placesOf(place.id) ?? tail).set(place.id, place);
  }

  function remove(id: string): void {
    const places = placesOf(id);
    if (!places?.delete(id)) return;
    count -= 1;
    const segment = segmentOf.get(id);
    if (places === tail || segment === undefined) return;
    segmentOf.delete(id);
    changed.add(segment);
  }

  function addRead(place: Place, segment: number): void {
    const other = get(place.id);
    if (other) {
      // A page that was closed in the middle of a save has left two places of one message.
      if (other.order >= place.order) {
        count -= 1;
        changed.add(segment);
        return;
      }
      remove(place.id);
    }
    if (segment === tailNumber) {
      tail.set(place.id, place);
      return;
    }
    segments.get(segment)?.set(place.id, place);
    segmentOf.set(place.id, segment);
  }

  async function readSegment(segment: number): Promise<void> {
    if (segments.has(segment)) return;
    const found = await records.read(keyOf(segment));
    if (segments.has(segment)) return;
    segments.set(segment, new Map());
    const read = found ? readSegmentRecord(found) : { cause: new Error('A list of messages of the chat is missing') };
    if (isUnread(read)) {
      damaged.set(segment, read.cause);
      return;
    }
    for (const place of read) addRead(place, segment);
  }

  function readAll(): Promise<void> {
    return (allRead ??= readMissing());
  }

  async function readMissing(): Promise<void> {
    await Promise.all(Array.from({ length: tailNumber }, (_, segment) => readSegment(segment)));
    const [firstDamaged] = damaged.keys();
    if (isTailLost || firstDamaged !== undefined) {
      const target = isTailLost || firstDamaged === undefined ? tailNumber : firstDamaged;
      for (const { place, segment } of await recover((id) => get(id) !== undefined)) {
        addRead(place, segment !== undefined && damaged.has(segment) ? segment : target);
      }
      for (const segment of damaged.keys()) changed.add(segment);
    }
    count = tail.size + segmentOf.size;
    for (const places of [tail, ...segments.values()]) {
      for (const { order } of places.values()) nextOrder = Math.max(nextOrder, Math.floor(order) + 1);
    }
  }

  async function all(): Promise<readonly Place[]> {
    await readAll();
    const places = [...segments.values(), tail].flatMap((segment) => [...segment.values()]);
    // Places that were put together from records of an earlier format have one order.
    return places.sort((a, b) => a.order - b.order || a.revision - b.revision);
  }

  async function writeSegment(segment: number, places: readonly Place[]): Promise<void> {
    if (damaged.has(segment) && keepsDamaged) await moveAside(records, keyOf(segment));
    await records.write(keyOf(segment), { version: VERSION, places: toList(places) });
    damaged.delete(segment);
    changed.delete(segment);
  }

  /** Gives the oldest places of the tail a segment of their own. Returns whether there was room for it. */
  async function seal(): Promise<boolean> {
    const places = [...tail.values()].slice(0, segmentSize);
    try {
      await writeSegment(tailNumber, places);
    } catch (error) {
      if (!canFailAlone) throw error;
      return false;
    }
    segments.set(tailNumber, new Map(places.map((place) => [place.id, place])));
    for (const { id } of places) {
      segmentOf.set(id, tailNumber);
      tail.delete(id);
    }
    tailNumber += 1;
    return true;
  }

  return {
    count: () => count,
    async find(id, segment, isExpected) {
      if (!get(id) && segment !== undefined && segment < tailNumber) await readSegment(segment);
      if (!get(id) && isExpected) await readAll();
      return get(id);
    },
    get,
    put(place, isMoved) {
      const before = get(place.id);
      const isLast = isMoved || !before;
      if (!before) count += 1;
      set({ ...place, order: isLast ? nextOrder : before.order });
      if (isLast) nextOrder += 1;
    },
    delete: remove,
    async putInFront(groups) {
      const moving = new Set([...groups.values()].flat());
      const sorted = (await all()).filter(({ id }) => !moving.has(id));
      const result: Place[] = [];
      let isTight = false;
      for (const place of sorted) {
        const group = groups.get(place.id) ?? [];
        const start = result.at(-1)?.order ?? place.order - group.length - 1;
        const step = (place.order - start) / (group.length + 1);
        for (const [index, id] of group.entries()) {
          const moved = get(id);
          if (!moved) continue;
          const order = start + step * (index + 1);
          const last = result.at(-1)?.order ?? start;
          isTight ||= !(last < order && order < place.order);
          result.push({ ...moved, order });
        }
        result.push(place);
      }
      if (!isTight) {
        for (const place of result) if (moving.has(place.id)) set(place);
        return;
      }
      // There are no numbers left between two places.
      const placed = new Set(result.map(({ id }) => id));
      const rest = (await all()).filter(({ id }) => !placed.has(id));
      for (const [order, place] of [...result, ...rest].entries()) set({ ...place, order });
      nextOrder = Math.max(nextOrder, result.length + rest.length);
    },
    all,
    clear() {
      tail = new Map();
      segments.clear();
      segmentOf.clear();
      changed.clear();
      damaged.clear();
      tailNumber = 0;
      count = 0;
      nextOrder = 0;
      allRead = Promise.resolve();
    },
    async flush() {
      for (const segment of changed) {
        if (segment < tailNumber) await writeSegment(segment, [...(segments.get(segment)?.values() ?? [])]);
      }
      while (tail.size > segmentSize && (await seal())) continue;
      return { segments: tailNumber, tail: [...tail.values()], nextOrder, count };
    },
    locationOf: (id) => ({
      segment: tail.has(id) ? tailNumber : (segmentOf.get(id) ?? tailNumber),
      order: get(id)?.order ?? nextOrder,
    }),
    unreadable: () => Array.from(damaged.values(), (cause) => ({ cause })),
  };
}

export function toList(places: readonly Place[]): unknown[] {
  return places.map(({ id, parentId, revision, order }) => [id, parentId ?? null, revision, order]);
}

/** Places of a record. Those of a record of version 1 have no order. */
export function readPlaces(value: unknown): readonly Place[] | Unread {
  if (!Array.isArray(value)) return { cause: new Error('The record is not a list of messages') };
  const places: Place[] = [];
  for (const [index, place] of value.entries()) {
    const [id, parentId, revision, order]: readonly unknown[] = list(place);
    const messageId = filledText(id);
    if (messageId === undefined) return { cause: new Error('A message of the chat has no id') };
    places.push({
      id: messageId,
      parentId: text(parentId),
      revision: ordinal(revision) ?? 0,
      order: typeof order === 'number' && Number.isFinite(order) ? order : index,
    });
  }
  return places;
}

function readSegmentRecord(found: FoundRecord): readonly Place[] | Unread {
  const read = readValue(found, 'list of messages', [VERSION]);
  return isUnread(read) ? read : readPlaces(ownValue(read.value, 'places'));
}
