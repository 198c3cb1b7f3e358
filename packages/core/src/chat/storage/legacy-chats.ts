import { filledText, ownValue, record, records, text } from '../../utils/read-value.ts';
import type { UnreadableRecord } from './types.ts';
import { isUnread, type FoundRecord, type Records, type Unread } from './records.ts';

const TITLE_LENGTH = 80;

/** A chat of the format before version 1: one record with all messages, and one with the draft of a turn. */
export interface LegacyChat {
  readonly messages: ReadonlyMap<string, unknown>;
  readonly head: string | undefined;
  readonly unreadable: readonly UnreadableRecord[];
}

interface LegacyThread {
  readonly messages: ReadonlyMap<string, unknown>;
  readonly head: string | undefined;
}

/** @param known ids of messages that the chat has besides. */
export async function readLegacyChat(all: Records, id: string, known: Iterable<string>): Promise<LegacyChat> {
  const unreadable: UnreadableRecord[] = [];
  const main = await threadOf(all, id, unreadable);
  const draft = await threadOf(all, draftKey(id), unreadable);
  const messages = new Map(main?.messages);
  const isDraftOwn = draft && isDraftOf(draft, new Set([...messages.keys(), ...known]));
  if (isDraftOwn) for (const [messageId, message] of draft.messages) messages.set(messageId, message);
  return { messages, head: (isDraftOwn ? draft.head : undefined) ?? main?.head, unreadable };
}

/** The first words of the conversation; empty if it has none. */
export function legacyTitle({ messages }: LegacyChat): string {
  for (const message of messages.values()) {
    for (const part of records(record(message)?.['parts'])) {
      const words = filledText(part['text']);
      if (words) return words.slice(0, TITLE_LENGTH);
    }
  }
  return '';
}

/** Ids of the chats of this format, without the drafts of chats that are in this list or in `others`. */
export async function legacyIds(all: Records, others: ReadonlySet<string>): Promise<readonly string[]> {
  const keys = new Set(await all.keys('legacy'));
  const ids: string[] = [];
  for (const key of keys) {
    if (typeof key !== 'string') continue;
    const base = key.endsWith(':draft') ? key.slice(0, -':draft'.length) : undefined;
    if (base === undefined || !(keys.has(base) || others.has(base))) ids.push(key);
  }
  return ids;
}

/** Deletes the records of a chat, without that of another chat whose id ends with `:draft`. */
export async function deleteLegacyChat(all: Records, id: string): Promise<void> {
  const main = await threadOf(all, id, []);
  const draft = await threadOf(all, draftKey(id), []);
  if (draft && main && isDraftOf(draft, new Set(main.messages.keys()))) await all.delete(draftKey(id));
  await all.delete(id);
}

export async function deleteUnreadableLegacy(all: Records, id: string): Promise<void> {
  for (const key of [id, draftKey(id)]) {
    const found = await all.read(key);
    const read = found && readThread(found);
    if (read && isUnread(read)) await all.delete(key);
  }
}

function draftKey(id: string): string {
  return `${id}:draft`;
}

/** `undefined` if the key has none. */
async function threadOf(all: Records, key: string, unreadable: UnreadableRecord[]): Promise<LegacyThread | undefined> {
  const found = await all.read(key);
  const read = found && readThread(found);
  if (!read) return undefined;
  if (!isUnread(read)) return read;
  unreadable.push({ cause: read.cause });
  return undefined;
}

function readThread(found: FoundRecord): LegacyThread | Unread | undefined {
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
