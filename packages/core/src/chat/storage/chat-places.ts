import { filledText, list, ordinal, ownValue, text } from '../../utils/read-value.ts';
import type { UnreadableRecord } from './types.ts';
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
  readonly sealed: number;
  /** The segments after these. */
  readonly open: readonly (readonly Place[])[];
  readonly nextOrder: number;
  readonly count: number;
}

/**
 * The places of a chat within a transaction, in segments of a bounded size. New places go to the last segment, which is open: it
 * is in the record of the chat. A full segment is sealed with the next save: it gets a record of its own. The record of a
 * message names its segment, so a change reads and writes the segments of the changed messages only.
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
  /** Adds the place of a message at the end, or changes a place that was found. */
  put(place: Omit<Place, 'order'>, options?: PutOptions): void;
  /** Removes a place that was found. */
  delete(id: string): void;
  /** Moves places in front of others. Reads all segments. */
  putInFront(groups: ReadonlyMap<string, readonly string[]>): Promise<void>;
  /** All places in their order. */
  all(): Promise<readonly Place[]>;
  /** Removes all places. Their records are to be deleted when the record of the chat was written. */
  clear(): void;
  /** Writes changed segments. Returns what belongs into the record of the chat. */
  flush(): Promise<PlacesHead>;
  /** Where a place that was found or put is. */
  locationOf(id: string): MessageLocation;
  /** Segments that could not be read, of those that were. */
  unreadable(): readonly UnreadableRecord[];
}

interface PutOptions {
  /** Whether the place goes to the end. */
  readonly isMoved?: boolean | undefined;
  /**
   * Whether no record names the segment yet. The segment stays open then: if that record cannot be written, the next save
   * still finds the place.
   */
  readonly isUnnamed?: boolean | undefined;
}

export interface PlacesOptions {
  readonly segmentSize: number;
  /** Whether a segment that cannot be written leaves the others as they are. */
  readonly canFailAlone: boolean;
  /** Whether a damaged segment is copied before it is written again. */
  readonly keepsDamaged: boolean;
  /** Whether the record of the chat was damaged, so that open segments are missing. */
  readonly isHeadLost: boolean;
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
  { segmentSize, canFailAlone, keepsDamaged, isHeadLost, recover }: PlacesOptions,
): Places {
  /** Segments that were read, by number. */
  const segments = new Map<number, Map<string, Place>>();
  const segmentOf = new Map<string, number>();
  /** Sealed segments that are to be written. */
  const changed = new Set<number>();
  /** Segments with a place that no record names. */
  const unnamed = new Set<number>();
  const damaged = new Map<number, unknown>();
  let { sealed, nextOrder, count } = head;
  let last = sealed;
  let allRead: Promise<void> | undefined;

  for (const [index, places] of head.open.entries()) {
    last = sealed + index;
    segments.set(last, new Map());
    for (const place of places) addRead(place, last);
  }

  function keyOf(segment: number): ChildKey {
    return ['segment', chatId, String(segment)];
  }

  function get(id: string): Place | undefined {
    const segment = segmentOf.get(id);
    return segment === undefined ? undefined : segments.get(segment)?.get(id);
  }

  function set(place: Place): void {
    const segment = segmentOf.get(place.id) ?? openSegment();
    const places = segments.get(segment) ?? new Map<string, Place>();
    segments.set(segment, places.set(place.id, place));
    segmentOf.set(place.id, segment);
    if (segment < sealed) changed.add(segment);
  }

  /** The segment of the next place. */
  function openSegment(): number {
    if ((segments.get(last)?.size ?? 0) >= segmentSize) last += 1;
    return last;
  }

  function remove(id: string): void {
    const segment = segmentOf.get(id);
    if (segment === undefined) return;
    segments.get(segment)?.delete(id);
    segmentOf.delete(id);
    count -= 1;
    if (segment < sealed) changed.add(segment);
  }

  function addRead(place: Place, segment: number): void {
    const other = get(place.id);
    if (other) {
      // A page that was closed in the middle of a save may have left two places of one message.
      if (other.order >= place.order) {
        count -= 1;
        if (segment < sealed) changed.add(segment);
        return;
      }
      remove(place.id);
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
    if (isUnread(read)) damaged.set(segment, read.cause);
    else for (const place of read) addRead(place, segment);
  }

  function readAll(): Promise<void> {
    return (allRead ??= readMissing());
  }

  async function readMissing(): Promise<void> {
    await Promise.all(Array.from({ length: sealed }, (_, segment) => readSegment(segment)));
    if (isHeadLost || damaged.size > 0) await addRecovered();
    count = segmentOf.size;
    for (const places of segments.values()) {
      for (const { order } of places.values()) nextOrder = Math.max(nextOrder, Math.floor(order) + 1);
    }
  }

  async function addRecovered(): Promise<void> {
    const [firstDamaged] = damaged.keys();
    for (const { place, segment } of await recover((id) => segmentOf.has(id))) {
      if (segment !== undefined && damaged.has(segment)) addRead(place, segment);
      else if (isHeadLost || firstDamaged === undefined) set(place);
      else addRead(place, firstDamaged);
    }
    for (const segment of damaged.keys()) changed.add(segment);
  }

  async function all(): Promise<readonly Place[]> {
    await readAll();
    const places = [...segments.keys()].flatMap(placesOf);
    // Places that were put together from records of an earlier format have one order.
    return places.toSorted((a, b) => a.order - b.order || a.revision - b.revision);
  }

  async function writeSegment(segment: number): Promise<void> {
    if (damaged.has(segment) && keepsDamaged) await moveAside(records, keyOf(segment));
    await records.write(keyOf(segment), { version: VERSION, places: toList(placesOf(segment)) });
    damaged.delete(segment);
    changed.delete(segment);
  }

  function placesOf(segment: number): readonly Place[] {
    return [...(segments.get(segment)?.values() ?? [])];
  }

  /** Gives the first open segment a record of its own. Returns whether there was room for it. */
  async function seal(): Promise<boolean> {
    try {
      await writeSegment(sealed);
    } catch (error) {
      if (!canFailAlone) throw error;
      return false;
    }
    sealed += 1;
    return true;
  }

  return {
    count: () => count,
    async find(id, segment, isExpected) {
      if (!get(id) && segment !== undefined && segment < sealed) await readSegment(segment);
      if (!get(id) && isExpected) await readAll();
      return get(id);
    },
    get,
    put(place, { isMoved = false, isUnnamed = false } = {}) {
      const before = get(place.id);
      const isLast = isMoved || !before;
      if (!before) count += 1;
      set({ ...place, order: isLast ? nextOrder : before.order });
      if (isLast) nextOrder += 1;
      const segment = segmentOf.get(place.id);
      if (isUnnamed && segment !== undefined) unnamed.add(segment);
    },
    delete: remove,
    async putInFront(groups) {
      const { places, isTight } = inFront(await all(), groups);
      const moving = new Set([...groups.values()].flat());
      for (const [order, place] of places.entries()) {
        // If there are no numbers left between two places, all are numbered.
        if (isTight) set({ ...place, order });
        else if (moving.has(place.id)) set(place);
      }
      nextOrder = Math.max(nextOrder, places.length);
    },
    all,
    clear() {
      for (const state of [segments, segmentOf, changed, unnamed, damaged]) state.clear();
      sealed = 0;
      last = 0;
      count = 0;
      nextOrder = 0;
      allRead = Promise.resolve();
    },
    async flush() {
      for (const segment of changed) await writeSegment(segment);
      while (sealed < last && !unnamed.has(sealed) && (await seal())) continue;
      const open = Array.from({ length: last - sealed + 1 }, (_, index) => placesOf(sealed + index));
      return { sealed, open, nextOrder, count };
    },
    locationOf: (id) => ({ segment: segmentOf.get(id) ?? last, order: get(id)?.order ?? nextOrder }),
    unreadable: () => Array.from(damaged.values(), (cause) => ({ cause })),
  };
}

/** Places in their order, with groups in front of the places that they belong to. */
function inFront(
  all: readonly Place[],
  groups: ReadonlyMap<string, readonly string[]>,
): { readonly places: readonly Place[]; readonly isTight: boolean } {
  const byId = new Map(all.map((place) => [place.id, place]));
  const moving = new Set([...groups.values()].flat());
  const places: Place[] = [];
  let isTight = false;
  for (const place of all) {
    if (moving.has(place.id)) continue;
    const group = groups.get(place.id) ?? [];
    const start = places.at(-1)?.order ?? place.order - group.length - 1;
    const step = (place.order - start) / (group.length + 1);
    let order = start;
    for (const [index, id] of group.entries()) {
      const moved = byId.get(id);
      if (!moved) continue;
      const next = start + step * (index + 1);
      isTight ||= !(order < next && next < place.order);
      order = next;
      places.push({ ...moved, order });
    }
    places.push(place);
  }
  return { places, isTight };
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

/** The places of a chat that had no segments. */
export function inSegments(places: readonly Place[], segmentSize: number): readonly (readonly Place[])[] {
  return Array.from({ length: Math.ceil(places.length / segmentSize) }, (_, index) =>
    places.slice(index * segmentSize, (index + 1) * segmentSize),
  );
}

function readSegmentRecord(found: FoundRecord): readonly Place[] | Unread {
  const read = readValue(found, 'list of messages', [VERSION]);
  return isUnread(read) ? read : readPlaces(ownValue(read.value, 'places'));
}
