import { list, ordinal, ownValue, record, text } from '../../utils/read-value.ts';
import type { SaveFailure, StoredMessage } from './types.ts';
import {
  isUnread,
  moveAside,
  readValue,
  UnstorableError,
  type FoundRecord,
  type Records,
  type Unread,
} from './records.ts';

const VERSION = 1;

/** Where the place of a message is. It stays in its segment. */
export interface MessageLocation {
  readonly segment: number;
  readonly order: number;
}

interface MessageRecord {
  readonly revision: number;
  /** `undefined` if there was room for its place only. */
  readonly message: unknown;
  readonly parentId: string | undefined;
  /** `undefined` in records that were written before chats had segments. */
  readonly segment: number | undefined;
  readonly order: number | undefined;
}

export function readMessageRecord(found: FoundRecord): MessageRecord | Unread {
  const read = readValue(found, 'message', [VERSION]);
  if (isUnread(read)) return read;
  const { value } = read;
  const message = ownValue(value, 'message');
  const segment = ordinal(ownValue(value, 'segment'));
  const order = ownValue(value, 'order');
  if (message === undefined && segment === undefined) return { cause: new Error('The record has no message') };
  return {
    revision: ordinal(ownValue(value, 'revision')) ?? 0,
    message,
    parentId: text(ownValue(value, 'parentId')) ?? text(record(message)?.['parentId']),
    segment,
    order: typeof order === 'number' && Number.isFinite(order) ? order : undefined,
  };
}

/**
 * Writes a message, or what can be stored of it.
 * @param before the record that is there.
 * @param canFailAlone whether a failed write is returned, instead of thrown.
 */
export async function writeMessage(
  all: Records,
  chatId: string,
  { id, parentId, revision, message }: StoredMessage,
  { segment, order }: MessageLocation,
  before: FoundRecord | undefined,
  canFailAlone: boolean,
): Promise<SaveFailure | undefined> {
  const key = ['message', chatId, id] as const;
  if (before && isUnread(readMessageRecord(before))) await moveAside(all, key);
  const fields = { version: VERSION, revision, segment, order };
  try {
    await all.write(key, { ...fields, message });
    return undefined;
  } catch (cause) {
    if (cause instanceof UnstorableError) {
      // The rest of the message is worth keeping.
      await all.write(key, { ...fields, message: await storableRest(all, chatId, message) });
      return { messageId: id, cause, isPermanent: true };
    }
    if (!canFailAlone) throw cause;
    if (!before) await writePlaceOnly();
    return { messageId: id, cause };
  }

  /** The next save finds the place of the message by it. */
  async function writePlaceOnly(): Promise<void> {
    try {
      await all.write(key, { ...fields, parentId });
    } catch {
      // Its segment stays open until the message has a record.
    }
  }
}

/** The message without the parts and metadata that have no stored form. */
async function storableRest(all: Records, chatId: string, message: unknown): Promise<unknown> {
  const probe = ['aside', chatId, 'probe'] as const;
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
