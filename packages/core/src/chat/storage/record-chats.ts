import { filledText, list, ordinal, ownValue, record, records, text, count } from '../../utils/read-value.ts';
import { createListeners } from './listeners.ts';
import type {
  ChatChanges,
  ChatInfo,
  ChatListOptions,
  ChatLoadOptions,
  ChatStorage,
  SaveFailure,
  SaveResult,
  StoredChat,
  StoredMessage,
  UnreadableRecord,
} from './types.ts';

/**
 * Key of a record: a chat without its messages, one message, or an unreadable record that was moved aside. A string is a key
 * of the format before version 1: the id of a chat, or this id and `:draft`.
 */
export type RecordKey =
  | readonly ['chat', chatId: string]
  | readonly ['message', chatId: string, messageId: string]
  | readonly ['aside', chatId: string, name: string]
  | string;

/** A record as it was found. With `error` its bytes are no value. */
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
  keys(kind: 'chat' | 'message' | 'aside' | 'legacy', chatId?: string): Awaitable<readonly RecordKey[]>;
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

const VERSION = 1;

/** Ids of removed messages that a chat remembers. */
const MAX_REMOVED = 10_000;

const TITLE_LENGTH = 80;

/** The place of a message in its chat, whether the message itself is kept or not. */
interface Place {
  readonly id: string;
  readonly parentId: string | undefined;
  /** 0 for a message of the format before version 1. */
  readonly revision: number;
}

interface ChatRecord {
  readonly title?: string | undefined;
  readonly firstWords?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly head?: string | undefined;
  readonly places: readonly Place[];
  readonly removed: readonly string[];
}

/** What was found of a chat. */
interface FoundChat {
  /** `undefined` if nothing is kept. */
  readonly chat: ChatRecord | undefined;
  /** The record of the chat is damaged: `chat` was put together from the messages. */
  readonly isDamaged: boolean;
  /** Messages of the format before version 1. */
  readonly legacy: ReadonlyMap<string, unknown>;
  readonly unreadable: readonly UnreadableRecord[];
}

/** A storage of chats that keeps one record for each message. */
export function createRecordChats(store: RecordStore): ChatStorage {
  async function change<T>(id: string, work: (all: Records) => Promise<T>): Promise<T> {
    const result = await store.transaction(id, 'readwrite', work);
    store.changed?.(id);
    return result;
  }

  /** Chats of this page. A store reports changes of other tabs only. */
  const listeners = createListeners();

  async function empty(id: string, title: string | undefined): Promise<void> {
    await change(id, async (all) => {
      const { chat } = await find(all, id, true);
      for (const kind of ['message', 'aside'] as const) {
        for (const key of await all.keys(kind, id)) await all.delete(key);
      }
      await deleteLegacy(all, id);
      const gone = chat?.places.map((place) => place.id) ?? [];
      const now = Date.now();
      await writeChat(all, id, {
        title: title ?? chat?.title,
        createdAt: chat?.createdAt ?? now,
        updatedAt: now,
        places: [],
        removed: [...(chat?.removed ?? []), ...gone],
      });
    });
    listeners.call(id);
  }

  return {
    load: (id, options) => store.transaction(id, 'readonly', (all) => load(all, id, options)),
    save: (id, changes) => change(id, (all) => save(all, id, changes, store.canFailAlone)),
    clear: (id) => empty(id, undefined),
    remove: (id) => empty(id, ''),
    list: (options) => store.transaction('', 'readonly', (all) => listChats(all, options)),
    rename: (id, title) =>
      change(id, async (all) => {
        const { chat, isDamaged } = await find(all, id);
        if (isDamaged) await moveAside(all, ['chat', id]);
        const now = Date.now();
        await writeChat(all, id, {
          ...(chat ?? { createdAt: now, updatedAt: now, places: [], removed: [] }),
          title,
        });
      }),
    discardUnreadable: (id) => change(id, (all) => discardUnreadable(all, id)),
    subscribe(id, listener) {
      const endHere = listeners.subscribe(id, listener);
      const endElsewhere = store.subscribe?.(id, listener);
      return () => {
        endHere();
        endElsewhere?.();
      };
    },
  };
}

async function load(
  all: Records,
  id: string,
  { limit, before, known }: ChatLoadOptions = {},
): Promise<StoredChat | undefined> {
  const { chat, legacy, unreadable: damaged } = await find(all, id);
  const unreadable = [...damaged];
  for (const key of await all.keys('aside', id)) {
    unreadable.push({ cause: new Error(`A damaged record was moved to ${JSON.stringify(key)}`) });
  }
  if (!chat) return unreadable.length > 0 ? { messages: [], unreadable } : undefined;
  const { places, hasEarlier } = pageOf(chat, limit, before);
  const wanted = places.filter((place) => known?.get(place.id) !== place.revision);
  const found = await Promise.all(
    wanted.map(async (place): Promise<StoredMessage> => {
      const raw = await all.read(['message', id, place.id]);
      const { parentId } = place;
      if (!raw) return { id: place.id, parentId, revision: place.revision, message: legacy.get(place.id) };
      const read = readMessageRecord(raw);
      if (!('cause' in read)) return { id: place.id, parentId, revision: read.revision, message: read.message };
      unreadable.push({ messageId: place.id, cause: read.cause });
      return { id: place.id, parentId, revision: place.revision, message: undefined };
    }),
  );
  return {
    messages: found,
    head: chat.head,
    removed: chat.removed,
    hasEarlier,
    unreadable,
  };
}

async function save(
  all: Records,
  id: string,
  { put, removed, head, firstWords }: ChatChanges,
  canFailAlone: boolean,
): Promise<SaveResult> {
  const { chat, isDamaged } = await find(all, id);
  if (isDamaged) await moveAside(all, ['chat', id]);
  const gone = new Set([...(chat?.removed ?? []), ...removed]);
  for (const { id: messageId, parentId, isNew, message } of put) {
    if (!isNew) continue;
    // The answer to a question that was removed in the meantime is removed with it.
    if (parentId !== undefined && gone.has(parentId) && ownValue(message, 'role') === 'assistant') gone.add(messageId);
    else gone.delete(messageId);
  }
  const wanted = put.filter((message) => !gone.has(message.id));
  const places = new Map<string, Place>();
  for (const place of chat?.places ?? []) if (!gone.has(place.id)) places.set(place.id, place);
  const known = new Set(places.keys());
  const newer = wanted.filter(({ id: messageId, revision }) => revision >= (places.get(messageId)?.revision ?? 0));
  for (const { id: messageId, parentId, revision, isNew } of newer) {
    // The order is that of the chat, also if only a part of an earlier save has worked.
    if (isNew) places.delete(messageId);
    places.set(messageId, { id: messageId, parentId, revision });
  }
  const now = Date.now();
  const isHeadKept = head === undefined ? places.size === 0 : places.has(head);
  // The places go first. A page that is left in between has the place of a message without its record, which is no harm.
  await writeChat(all, id, {
    title: chat?.title || undefined,
    firstWords: chat?.firstWords ?? firstWords?.slice(0, TITLE_LENGTH),
    createdAt: chat?.createdAt ?? now,
    updatedAt: put.length + removed.length > 0 ? now : (chat?.updatedAt ?? now),
    head: isHeadKept ? head : chat?.head,
    places: ordered(places, newer),
    removed: [...gone],
  });
  for (const messageId of removed) await all.delete(['message', id, messageId]);
  const failures: SaveFailure[] = [];
  for (const message of newer) {
    const isKnown = isDamaged || known.has(message.id);
    const failure = await writeMessage(all, id, message, isKnown, canFailAlone);
    if (failure) failures.push(failure);
  }
  return { failures, removed: put.flatMap((message) => (gone.has(message.id) ? [message.id] : [])) };
}

/** The places in their order, with each new one in front of the one that it names. */
function ordered(places: ReadonlyMap<string, Place>, put: readonly StoredMessage[]): readonly Place[] {
  const inFront = new Map<string, Place[]>();
  const moved = new Set<string>();
  for (const { id, before, isNew } of put) {
    const place = places.get(id);
    if (!isNew || !place || before === undefined || before === id || !places.has(before)) continue;
    moved.add(id);
    const others = inFront.get(before);
    if (others) others.push(place);
    else inFront.set(before, [place]);
  }
  const all = [...places.values()];
  // A place that others name stays where it is.
  return all.flatMap((place) => (moved.has(place.id) ? [] : (inFront.get(place.id) ?? []).concat(place)));
}

async function writeMessage(
  all: Records,
  id: string,
  { id: messageId, revision, message }: StoredMessage,
  isKnown: boolean,
  canFailAlone: boolean,
): Promise<SaveFailure | undefined> {
  const key = ['message', id, messageId] as const;
  const before = isKnown ? await all.read(key) : undefined;
  if (before && 'cause' in readMessageRecord(before)) await moveAside(all, key);
  try {
    await all.write(key, { version: VERSION, revision, message });
    return undefined;
  } catch (cause) {
    if (!(cause instanceof UnstorableError)) {
      if (!canFailAlone) throw cause;
      return { messageId, cause };
    }
    // The rest of the message is worth keeping.
    await all.write(key, { version: VERSION, revision, message: await storableRest(all, id, message) });
    return { messageId, cause, isPermanent: true };
  }
}

/** The message without the parts and metadata that have no stored form. */
async function storableRest(all: Records, id: string, message: unknown): Promise<unknown> {
  const probe = ['aside', id, 'probe'] as const;
  async function isStorable(value: unknown): Promise<boolean> {
    try {
      await all.write(probe, value);
      await all.delete(probe);
      return true;
    } catch (error) {
      if (error instanceof UnstorableError) return false;
      throw error;
    }
  }
  const rest = new Map<string, unknown>();
  for (const [name, value] of Object.entries(record(message) ?? {})) {
    if (name !== 'parts') {
      if (value !== undefined && (await isStorable(value))) rest.set(name, value);
      continue;
    }
    const parts: unknown[] = [];
    for (const part of list(value)) if (await isStorable(part)) parts.push(part);
    rest.set('parts', parts);
  }
  return Object.fromEntries(rest);
}

/** A limit from outside. What is no number above 0 limits nothing: it would hide what is kept. */
function wholeLimit(limit: unknown): number {
  return typeof limit === 'number' && limit > 0 ? Math.ceil(limit) : Infinity;
}

async function listChats(all: Records, { limit, before }: ChatListOptions = {}): Promise<readonly ChatInfo[]> {
  const ids = new Set<string>();
  for (const key of await all.keys('chat')) ids.add(typeof key === 'string' ? key : key[1]);
  const legacyKeys = new Set(await all.keys('legacy'));
  for (const key of legacyKeys) {
    if (typeof key !== 'string') continue;
    const base = key.endsWith(':draft') ? key.slice(0, -':draft'.length) : undefined;
    // The draft of a chat, which is in the list by itself.
    if (base !== undefined && (legacyKeys.has(base) || ids.has(base))) continue;
    ids.add(key);
  }
  const infos: ChatInfo[] = [];
  for (const id of ids) {
    const info = await infoOf(all, id);
    if (info) infos.push(info);
  }
  infos.sort(compareInfos);
  const start = before ? infos.findIndex((info) => compareInfos(info, before) > 0) : 0;
  if (start < 0) return [];
  return infos.slice(start, start + wholeLimit(limit));
}

/** `undefined` for a removed chat, and for one that this version cannot read. */
async function infoOf(all: Records, id: string): Promise<ChatInfo | undefined> {
  let found: FoundChat;
  try {
    found = await find(all, id);
  } catch {
    return { id, title: '', createdAt: 0, updatedAt: 0, messageCount: 0 };
  }
  const { chat, legacy } = found;
  if (!chat || (chat.places.length === 0 && !chat.title)) return undefined;
  const { title, firstWords, createdAt, updatedAt, places } = chat;
  return {
    id,
    title: title || (firstWords ?? firstWordsOf(legacy)),
    createdAt,
    updatedAt,
    messageCount: places.length,
  };
}

function firstWordsOf(messages: ReadonlyMap<string, unknown>): string {
  for (const message of messages.values()) {
    for (const part of records(record(message)?.['parts'])) {
      const words = filledText(part['text']);
      if (words) return words.slice(0, TITLE_LENGTH);
    }
  }
  return '';
}

/** The latest first. */
function compareInfos(a: Pick<ChatInfo, 'id' | 'updatedAt'>, b: Pick<ChatInfo, 'id' | 'updatedAt'>): number {
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

async function discardUnreadable(all: Records, id: string): Promise<void> {
  for (const key of await all.keys('aside', id)) await all.delete(key);
  const bad = new Set<string>();
  for (const key of await all.keys('message', id)) {
    const found = await all.read(key);
    if (typeof key === 'string' || key[0] !== 'message' || !found || !('cause' in readMessageRecord(found))) continue;
    bad.add(key[2]);
    await all.delete(key);
  }
  for (const key of [id, draftKey(id)]) {
    const found = await all.read(key);
    const legacy = found && readLegacy(found);
    if (legacy && 'cause' in legacy) await all.delete(key);
  }
  const { chat } = await find(all, id, true);
  if (chat) await writeChat(all, id, { ...chat, places: withoutPlaces(chat.places, bad) });
}

/** The other places; those below a removed one move to its parent. */
function withoutPlaces(places: readonly Place[], removed: ReadonlySet<string>): Place[] {
  const parents = new Map(places.map((place) => [place.id, place.parentId]));
  return places.flatMap((place) => {
    if (removed.has(place.id)) return [];
    const walked = new Set<string>();
    let { parentId } = place;
    while (parentId !== undefined && removed.has(parentId) && !walked.has(parentId)) {
      walked.add(parentId);
      parentId = parents.get(parentId);
    }
    return [{ ...place, parentId }];
  });
}

/**
 * Reads the record of a chat, and the messages of the format before version 1.
 * @throws {Error} if a newer version has written the record, unless `isDiscarded`.
 */
async function find(all: Records, id: string, isDiscarded = false): Promise<FoundChat> {
  const unreadable: UnreadableRecord[] = [];
  const raw = await all.read(['chat', id]);
  let chat: ChatRecord | undefined;
  let isDamaged = false;
  if (raw) {
    const read = readChatRecord(raw, isDiscarded);
    isDamaged = 'cause' in read;
    if ('cause' in read) unreadable.push({ cause: read.cause });
    else chat = read;
  }
  if (isDamaged) chat = await rebuiltChat(all, id);
  const main = await legacyOf(all, id, unreadable);
  const draft = await legacyOf(all, draftKey(id), unreadable);
  const legacy = new Map<string, unknown>(main?.messages);
  const isDraftOwn =
    draft && isDraftOf(draft, new Set([...legacy.keys(), ...(chat?.places ?? []).map((one) => one.id)]));
  if (isDraftOwn) for (const [messageId, message] of draft.messages) legacy.set(messageId, message);
  if (!chat && legacy.size > 0) {
    chat = {
      createdAt: 0,
      updatedAt: 0,
      head: (isDraftOwn ? draft?.head : undefined) ?? main?.head,
      firstWords: firstWordsOf(legacy),
      places: Array.from(legacy, ([messageId, message]) => ({
        id: messageId,
        parentId: text(record(message)?.['parentId']),
        revision: 0,
      })),
      removed: [],
    };
  }
  return { chat, isDamaged, legacy, unreadable };
}

/** The chat as its messages show it, if its own record is damaged. */
async function rebuiltChat(all: Records, id: string): Promise<ChatRecord> {
  const places: Place[] = [];
  for (const key of await all.keys('message', id)) {
    if (typeof key === 'string' || key[0] !== 'message') continue;
    const found = await all.read(key);
    const message = found && readMessageRecord(found);
    const isRead = message && !('cause' in message);
    places.push({
      id: key[2],
      parentId: isRead ? text(record(message.message)?.['parentId']) : undefined,
      revision: isRead ? message.revision : 0,
    });
  }
  places.sort((a, b) => a.revision - b.revision);
  const now = Date.now();
  return { createdAt: now, updatedAt: now, places, removed: [], head: places.at(-1)?.id };
}

interface Unread {
  readonly cause: unknown;
}

function readChatRecord(found: FoundRecord, isDiscarded: boolean): ChatRecord | Unread {
  if (found.error !== undefined || !('value' in found)) return { cause: found.error };
  const { value } = found;
  const version = ownValue(value, 'version');
  if (typeof version === 'number' && version > VERSION) {
    const cause = new Error(`The chat was saved by a newer version of this app (format ${version})`);
    if (!isDiscarded) throw cause;
    return { cause };
  }
  const fields = record(value);
  const places = fields?.['places'];
  if (!fields || version !== VERSION || !Array.isArray(places)) return { cause: new Error('The record is not a chat') };
  const read: Place[] = [];
  for (const place of places) {
    const [id, parentId, revision]: readonly unknown[] = list(place);
    const messageId = filledText(id);
    if (messageId === undefined) return { cause: new Error('A message of the chat has no id') };
    read.push({ id: messageId, parentId: text(parentId), revision: ordinal(revision) ?? 0 });
  }
  return {
    title: text(fields['title']),
    firstWords: text(fields['firstWords']),
    createdAt: count(fields['createdAt']) ?? 0,
    updatedAt: count(fields['updatedAt']) ?? 0,
    head: text(fields['head']),
    places: read,
    removed: list(fields['removed']).filter((id) => typeof id === 'string'),
  };
}

async function writeChat(all: Records, id: string, { places, removed, ...fields }: ChatRecord): Promise<void> {
  await all.write(['chat', id], {
    version: VERSION,
    ...fields,
    places: places.map((place) => [place.id, place.parentId ?? null, place.revision]),
    removed: removed.slice(-MAX_REMOVED),
  });
}

function readMessageRecord(found: FoundRecord): { readonly revision: number; readonly message: unknown } | Unread {
  if (found.error !== undefined || !('value' in found)) return { cause: found.error };
  const version = ownValue(found.value, 'version');
  if (version !== VERSION) return { cause: new Error(`The message has the unknown format ${String(version)}`) };
  return {
    revision: ordinal(ownValue(found.value, 'revision')) ?? 0,
    message: ownValue(found.value, 'message'),
  };
}

async function moveAside(all: Records, key: readonly ['chat' | 'message', string, string?]): Promise<void> {
  const [kind, chatId, messageId] = key;
  const from: RecordKey = kind === 'chat' ? ['chat', chatId] : ['message', chatId, messageId ?? ''];
  await all.copy(from, ['aside', chatId, `${kind}:${messageId ?? ''}:${Date.now()}`]);
}

function draftKey(id: string): string {
  return `${id}:draft`;
}

interface LegacyThread {
  readonly messages: ReadonlyMap<string, unknown>;
  readonly head: string | undefined;
}

/** A thread of the format before version 1; `undefined` if the key has none. */
async function legacyOf(all: Records, key: string, unreadable: UnreadableRecord[]): Promise<LegacyThread | undefined> {
  const found = await all.read(key);
  const read = found && readLegacy(found);
  if (!read) return undefined;
  if (!('cause' in read)) return read;
  unreadable.push({ cause: read.cause });
  return undefined;
}

function readLegacy(found: FoundRecord): LegacyThread | Unread | undefined {
  if (found.error !== undefined || !('value' in found)) return { cause: found.error };
  const { value } = found;
  if (value === undefined || value === null) return undefined;
  const fields = record(value);
  const raw = fields?.['messages'];
  if (!fields || !Array.isArray(raw)) return { cause: new Error('The record is not a chat') };
  const messages = new Map<string, unknown>();
  raw.forEach((message: unknown, index) => {
    // A message without an id is kept under a name that cannot be an id of another message.
    const id = filledText(ownValue(message, 'id')) ?? `unreadable:${index}`;
    messages.set(messages.has(id) ? `${id}:${index}` : id, message);
  });
  return { messages, head: text(fields['head']) };
}

/** Whether the messages follow those of the chat. Otherwise they are another chat, whose id ends with `:draft`. */
function isDraftOf({ messages }: LegacyThread, known: Set<string>): boolean {
  if (known.size === 0) return true;
  for (const [id, message] of messages) {
    const parentId = text(record(message)?.['parentId']);
    if (!known.has(id) && (parentId === undefined || !known.has(parentId))) return false;
    known.add(id);
  }
  return true;
}

/** Deletes the keys of the format before version 1, without those of a chat whose id ends with `:draft`. */
async function deleteLegacy(all: Records, id: string): Promise<void> {
  const main = await legacyOf(all, id, []);
  const draft = await legacyOf(all, draftKey(id), []);
  if (draft && main && isDraftOf(draft, new Set(main.messages.keys()))) await all.delete(draftKey(id));
  await all.delete(id);
}

/** The places of one page of a chat: all alternatives and branches from a message of the shown branch on. */
function pageOf(
  chat: ChatRecord,
  limit: number | undefined,
  before: string | undefined,
): { readonly places: readonly Place[]; readonly hasEarlier: boolean } {
  const { places } = chat;
  if (limit === undefined && before === undefined) return { places, hasEarlier: false };
  const byId = new Map(places.map((place) => [place.id, place]));
  const path = pathTo(byId, before === undefined ? (chat.head ?? places.at(-1)?.id) : byId.get(before)?.parentId);
  const start = Math.max(0, path.length - wholeLimit(limit));
  const anchor = path[start]?.parentId;
  if (start === 0 && before === undefined) return { places, hasEarlier: false };
  // The depth of each message below the anchor is decided once, from its parent.
  const isBelow = new Map<string, boolean>();
  const end = before === undefined ? undefined : byId.get(before)?.parentId;
  function isInPage(place: Place): boolean {
    const walked: string[] = [];
    const isWalked = new Set<string>();
    let at: Place | undefined = place;
    let result = start === 0;
    while (at && !isWalked.has(at.id)) {
      const known = isBelow.get(at.id);
      if (known !== undefined) {
        result = known;
        break;
      }
      walked.push(at.id);
      isWalked.add(at.id);
      // The page that is loaded already.
      if (before !== undefined && at.parentId === end) {
        result = false;
        break;
      }
      if (start > 0 && at.parentId === anchor) {
        result = true;
        break;
      }
      at = at.parentId === undefined ? undefined : byId.get(at.parentId);
    }
    for (const id of walked) isBelow.set(id, result);
    return result;
  }
  return { places: places.filter((place) => isInPage(place)), hasEarlier: start > 0 };
}

function pathTo(byId: ReadonlyMap<string, Place>, id: string | undefined): Place[] {
  const path: Place[] = [];
  const isWalked = new Set<string>();
  for (let at = id; at !== undefined && !isWalked.has(at);) {
    const place = byId.get(at);
    if (!place) break;
    isWalked.add(at);
    path.push(place);
    at = place.parentId;
  }
  return path.toReversed();
}
