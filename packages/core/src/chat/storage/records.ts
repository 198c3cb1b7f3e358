import { ownValue } from '../../utils/read-value.ts';

/**
 * Key of a record:
 * - `chat`: a chat without its messages, with the places of its latest messages,
 * - `segment`: places of older messages,
 * - `message`: one message,
 * - `removed`: ids of messages that were removed,
 * - `aside`: an unreadable record that was moved there.
 *
 * A string is a key of the format before version 1: the id of a chat, or this id and `:draft`.
 */
export type RecordKey = readonly ['chat', chatId: string] | ChildKey | string;

export type ChildKey = readonly [kind: ChildKind, chatId: string, name: string];

type ChildKind = 'segment' | 'message' | 'removed' | 'aside';

export type RecordKind = 'chat' | ChildKind | 'legacy';

/** A record as it was found. With `error` its bytes are not a value. */
export type FoundRecord = { readonly value: unknown; readonly error?: undefined } | { readonly error: unknown };

type Awaitable<T> = T | Promise<T>;

/** Access to records within one transaction. */
export interface Records {
  read(key: RecordKey): Awaitable<FoundRecord | undefined>;
  /** @throws {UnstorableError} if the value has no stored form. */
  write(key: RecordKey, value: unknown): Awaitable<void>;
  delete(key: RecordKey): Awaitable<void>;
  /** Copies a record byte for byte. */
  copy(from: RecordKey, to: RecordKey): Awaitable<void>;
  /** All keys of one kind, of one chat or of all; `legacy` are those that are strings. */
  keys(kind: RecordKind, chatId?: string): Awaitable<readonly RecordKey[]>;
}

/** Where records are kept. */
export interface RecordStore {
  /** Runs `work` alone: no other transaction of this chat, in any tab, runs at the same time. */
  transaction<T>(chatId: string, mode: IDBTransactionMode, work: (all: Records) => Promise<T>): Promise<T>;
  /** Whether a write that fails leaves the other writes of the transaction as they are. */
  readonly canFailAlone: boolean;
  /** Called after a chat was changed. */
  changed?(chatId: string): void;
  subscribe?(chatId: string, listener: () => void): () => void;
}

/** A value that a storage cannot keep: a function, a circular object. */
export class UnstorableError extends Error {
  override name = 'UnstorableError';
}

/** Why a record could not be read. */
export interface Unread {
  readonly cause: unknown;
}

export function isUnread(read: object): read is Unread {
  return 'cause' in read;
}

/** The value of a record of one of these versions. */
export function readValue(
  found: FoundRecord,
  what: string,
  versions: readonly unknown[],
): { readonly value: unknown } | Unread {
  if (found.error !== undefined || !('value' in found)) return { cause: found.error };
  const version = ownValue(found.value, 'version');
  if (versions.includes(version)) return { value: found.value };
  return { cause: new Error(`The ${what} has the unknown format ${String(version)}`) };
}

const KINDS: ReadonlySet<unknown> = new Set<ChildKind>(['segment', 'message', 'removed', 'aside']);

/** The key that a storage has returned as a list; `undefined` for any other list. */
export function toRecordKey([kind, chatId, name]: readonly unknown[]): RecordKey | undefined {
  if (typeof chatId !== 'string') return undefined;
  if (kind === 'chat') return [kind, chatId];
  return isChildKind(kind) && typeof name === 'string' ? [kind, chatId, name] : undefined;
}

function isChildKind(kind: unknown): kind is ChildKind {
  return KINDS.has(kind);
}

/** The last parts of the keys of one kind. */
export async function namesOf(all: Records, kind: ChildKind, chatId: string): Promise<readonly string[]> {
  const keys = await all.keys(kind, chatId);
  return keys.flatMap((key) => (typeof key === 'string' || key[0] === 'chat' ? [] : [key[2]]));
}

/** Copies a damaged record to a key of its own, before it is written. */
export async function moveAside(all: Records, key: readonly ['chat', string] | ChildKey): Promise<void> {
  const [kind, chatId, name = ''] = key;
  await all.copy(key, ['aside', chatId, `${kind}:${name}:${Date.now()}`]);
}
