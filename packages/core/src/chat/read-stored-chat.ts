import { filledText, list, ordinal, record, text, UnexpectedValueError } from '../utils/read-value.ts';
import type { ChatMessage } from './chat-message.ts';
import type { UnreadableRecord } from './storage/types.ts';
import { readChatMessage } from './read-chat-message.ts';
import { revived } from './revived.ts';

/** A chat as a storage returned it, validated. */
export interface ReadChat {
  readonly messages: readonly ChatMessage[];
  readonly revisions: ReadonlyMap<string, number>;
  readonly head: string | undefined;
  readonly removed: readonly string[];
  readonly hasEarlier: boolean;
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * Validates what a storage returned for a chat. A message that cannot be read is left out; the messages after it follow the
 * one before it.
 * @param isOpen whether these are changes of a chat that is open: another tab may carry out its calls.
 * @throws {UnexpectedValueError} if the value is not a chat at all.
 */
export function readStoredChat(value: unknown, isOpen = false): ReadChat {
  const fields = value === undefined || value === null ? {} : record(value);
  const stored = fields?.['messages'];
  if (!fields || (stored !== undefined && !Array.isArray(stored))) {
    throw new UnexpectedValueError('chat', 'a chat with messages', value);
  }
  const unreadable: UnreadableRecord[] = list(fields['unreadable']).flatMap((one) => {
    const found = record(one);
    return found ? [{ messageId: text(found['messageId']), cause: found['cause'] }] : [];
  });
  const parents = new Map<string, string | undefined>();
  const revisions = new Map<string, number>();
  const read = new Map<string, ChatMessage>();
  for (const entry of list(stored)) {
    const place = record(entry);
    const raw = place?.['message'];
    const id = filledText(place?.['id']) ?? filledText(record(raw)?.['id']);
    if (!place || id === undefined) {
      unreadable.push({ cause: new UnexpectedValueError('messages[]', 'a message with an id', entry) });
      continue;
    }
    parents.set(id, filledText(place['parentId']) ?? filledText(record(raw)?.['parentId']));
    revisions.set(id, ordinal(place['revision']) ?? 0);
    if (raw === undefined) continue;
    try {
      read.set(id, { ...readChatMessage(raw), id });
    } catch (cause) {
      unreadable.push({ messageId: id, cause });
    }
  }
  const nearest = nearestIn(read, parents);
  const answered = new Set(parents.values());
  const messages = Array.from(read.values(), (each): ChatMessage => {
    const message = revived(each, isOpen || answered.has(each.id));
    const parentId = nearest(parents.get(message.id));
    return message.parentId === parentId ? message : { ...message, parentId };
  });
  return {
    messages,
    revisions,
    head: nearest(text(fields['head'])) ?? messages.at(-1)?.id,
    removed: list(fields['removed']).filter((id) => typeof id === 'string'),
    hasEarlier: fields['hasEarlier'] === true,
    unreadable,
  };
}

/** Finds the nearest ancestor that was read, or one whose page was not loaded. */
function nearestIn(
  read: ReadonlyMap<string, unknown>,
  parents: ReadonlyMap<string, string | undefined>,
): (id: string | undefined) => string | undefined {
  const found = new Map<string, string | undefined>();
  return (id) => {
    const walked = new Set<string>();
    let at = id;
    while (at !== undefined && !read.has(at) && parents.has(at) && !walked.has(at)) {
      if (found.has(at)) {
        at = found.get(at);
        break;
      }
      walked.add(at);
      at = parents.get(at);
    }
    // A circle of messages that were not read leads nowhere.
    if (at !== undefined && walked.has(at)) at = undefined;
    for (const each of walked) found.set(each, at);
    return at;
  };
}
