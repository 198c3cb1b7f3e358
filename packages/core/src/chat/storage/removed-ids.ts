import { list, ownValue } from '../../utils/read-value.ts';
import type { UnreadableRecord } from './types.ts';
import { isUnread, moveAside, namesOf, readValue, type ChildKey, type Records } from './records.ts';

const VERSION = 1;

/** Ids that are kept in the record of the chat, before they move to records of their own. */
const MAX_INLINE = 32;

/** How many records they move to. A prime spreads ids that differ by their end only. */
const BUCKETS = 61;

/** Ids of one record; the oldest are dropped. With all records a chat remembers about 10,000. */
const MAX_IN_BUCKET = 164;

/** The part that is in the record of the chat. */
export interface RemovedHead {
  readonly removed: readonly string[];
  /** Whether there are records with further ids. */
  readonly hasRemovedRecords: boolean;
}

/** Ids of removed messages that a chat remembers, so that no other tab saves these messages again. */
export interface RemovedIds {
  has(id: string): Promise<boolean>;
  add(id: string): void;
  delete(id: string): Promise<void>;
  all(): Promise<readonly string[]>;
  /** Writes what has changed. Returns what belongs into the record of the chat. */
  flush(): Promise<RemovedHead>;
  /** Records that could not be read, of those that were. */
  unreadable(): readonly UnreadableRecord[];
  /** Deletes the records that could not be read. */
  discardUnreadable(): Promise<void>;
}

function bucketOf(id: string): string {
  let sum = 0;
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % BUCKETS;
  return String(sum);
}

/** Reads and changes removed ids within a transaction. A single id costs the record that it is in. */
export function createRemovedIds(
  all: Records,
  chatId: string,
  { removed, hasRemovedRecords }: RemovedHead,
  canFailAlone: boolean,
): RemovedIds {
  const inline = new Set(removed);
  const buckets = new Map<string, Set<string>>();
  const changed = new Set<string>();
  const damaged = new Map<string, unknown>();
  let hasRecords = hasRemovedRecords;

  function keyOf(name: string): ChildKey {
    return ['removed', chatId, name];
  }

  async function bucket(name: string): Promise<Set<string>> {
    const known = buckets.get(name);
    if (known) return known;
    const ids = new Set<string>();
    buckets.set(name, ids);
    const found = await all.read(keyOf(name));
    const read = found && readValue(found, 'list of removed messages', [VERSION]);
    if (!read) return ids;
    if (isUnread(read)) damaged.set(name, read.cause);
    else for (const id of list(ownValue(read.value, 'ids'))) if (typeof id === 'string') ids.add(id);
    return ids;
  }

  async function writeBucket(name: string): Promise<void> {
    if (damaged.has(name)) await moveAside(all, keyOf(name));
    const ids = [...(await bucket(name))].slice(-MAX_IN_BUCKET);
    await all.write(keyOf(name), { version: VERSION, ids });
    damaged.delete(name);
    changed.delete(name);
  }

  /** Moves the ids of the chat's record to records of their own. */
  async function spill(): Promise<void> {
    const byBucket = new Map<string, string[]>();
    for (const id of inline) {
      const name = bucketOf(id);
      const ids = byBucket.get(name);
      if (ids) ids.push(id);
      else byBucket.set(name, [id]);
    }
    for (const [name, ids] of byBucket) {
      const target = await bucket(name);
      for (const id of ids) target.add(id);
      try {
        await writeBucket(name);
      } catch (error) {
        if (!canFailAlone) throw error;
        // There is no room for two copies: these stay where they are.
        for (const id of ids) target.delete(id);
        return;
      }
      hasRecords = true;
      for (const id of ids) inline.delete(id);
    }
  }

  return {
    async has(id) {
      return inline.has(id) || (hasRecords && (await bucket(bucketOf(id))).has(id));
    },
    add: (id) => void inline.add(id),
    async delete(id) {
      inline.delete(id);
      if (!hasRecords) return;
      const name = bucketOf(id);
      if ((await bucket(name)).delete(id)) changed.add(name);
    },
    async all() {
      const ids = new Set<string>();
      const names = hasRecords ? await namesOf(all, 'removed', chatId) : [];
      const found = await Promise.all(names.map(bucket));
      for (const each of found) for (const id of each) ids.add(id);
      for (const id of inline) ids.add(id);
      return [...ids];
    },
    async flush() {
      for (const name of changed) await writeBucket(name);
      if (inline.size > MAX_INLINE) await spill();
      return { removed: [...inline], hasRemovedRecords: hasRecords };
    },
    unreadable: () => Array.from(damaged.values(), (cause) => ({ cause })),
    async discardUnreadable() {
      for (const name of damaged.keys()) await all.delete(keyOf(name));
      damaged.clear();
    },
  };
}
