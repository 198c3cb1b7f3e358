import { describeThrown } from '../../errors/thrown.ts';

/** A message as a storage keeps it. Plain data: it may go through JSON. */
export interface StoredMessage {
  readonly id: string;
  /** Id of the message before it. It stays known if the message itself could not be kept or read. */
  readonly parentId?: string | undefined;
  /** Grows with each change of the message. The newer one of two revisions wins. */
  readonly revision: number;
  /**
   * Set for a message of `put` that the chat has neither loaded nor saved before. Such a message is kept even if one with
   * its id was removed: the app has added it again.
   */
  readonly isNew?: boolean | undefined;
  /** For a new message of `put` that does not go to the end of the list: id of the saved message that comes after it. */
  readonly before?: string | undefined;
  /** The `ChatMessage`. Pass it on as it was saved: `persistChat` validates it. `undefined` if only its place is known. */
  readonly message: unknown;
}

/** A record that could not be read, and stays where it is. */
export interface UnreadableRecord {
  /** Id of the message, if the record is a message. */
  readonly messageId?: string | undefined;
  readonly cause: unknown;
}

/** The kept state of a chat. */
export interface StoredChat {
  /** In the order in which they were first saved. */
  readonly messages: readonly StoredMessage[];
  /** The last message of the branch that was shown. */
  readonly head?: string | undefined;
  /** Ids of messages that were removed, also by other tabs. Open chats drop these messages. */
  readonly removed?: readonly string[] | undefined;
  /** Whether messages before these were left out because of `limit`. */
  readonly hasEarlier?: boolean | undefined;
  /** Records that could not be read. */
  readonly unreadable?: readonly UnreadableRecord[] | undefined;
}

export interface ChatLoadOptions {
  /** How many messages of the shown branch to load, with their alternatives. A storage may return more. @default all */
  readonly limit?: number | undefined;
  /** Id of the oldest loaded message: the page before it is wanted. */
  readonly before?: string | undefined;
  /** Revisions of messages that the caller has. A storage may leave out these messages if they have not changed. */
  readonly known?: ReadonlyMap<string, number> | undefined;
}

/** What changed since the last successful save. */
export interface ChatChanges {
  /** New and changed messages, parents first. */
  readonly put: readonly StoredMessage[];
  /** Ids of removed messages. Messages that were not loaded are never among them. */
  readonly removed: readonly string[];
  /** The last message of the branch that is shown. */
  readonly head?: string | undefined;
  /** The first words of the conversation: its title until `rename` is called. */
  readonly firstWords?: string | undefined;
}

/** A message that was not saved, or not completely. */
export interface SaveFailure {
  readonly messageId: string;
  readonly cause: unknown;
  /** The message cannot be stored as it is, so it is not saved again until it changes. */
  readonly isPermanent?: boolean | undefined;
}

export interface SaveResult {
  /** Messages that were not saved while the others were. */
  readonly failures?: readonly SaveFailure[] | undefined;
  /** Messages of `put` that were not saved because another tab has removed them, or the question that they answer. */
  readonly removed?: readonly string[] | undefined;
}

/** A conversation in a list. */
export interface ChatInfo {
  readonly id: string;
  /** The title set by `rename`, or the first words of the conversation. */
  readonly title: string;
  /** Epoch in ms; 0 if unknown. */
  readonly createdAt: number;
  /** Time of the last change of its messages, epoch in ms; 0 if unknown. */
  readonly updatedAt: number;
  readonly messageCount: number;
}

export interface ChatListOptions {
  /** @default all */
  readonly limit?: number | undefined;
  /** The last entry of the page before. */
  readonly before?: Pick<ChatInfo, 'id' | 'updatedAt'> | undefined;
}

type Awaitable<T> = T | Promise<T>;

/**
 * Keeps chats by id. Each method may return a promise, and throws if it fails. `persistChat` calls a method only after the
 * one before has settled.
 */
export interface ChatStorage {
  /**
   * Loads a chat; `undefined` or `null` if it was never saved. It has to throw if the chat exists and cannot be read:
   * nothing is saved until a load has succeeded.
   */
  load(id: string, options?: ChatLoadOptions): Awaitable<StoredChat | null | undefined>;
  /**
   * Merges changes into the kept chat, by message id. Messages that another tab has saved or removed stay saved or removed.
   * Without a result all messages were saved. If it throws, the same changes come again with the next save.
   */
  save(id: string, changes: ChatChanges): Awaitable<SaveResult | void>;
  /**
   * Saves the turn under way, about once a second. The same messages come again with the `save` at the end of the turn.
   * Without this method `save` is called; a storage for which that is too expensive may do less here.
   */
  saveDraft?(id: string, changes: ChatChanges): Awaitable<SaveResult | void>;
  /** Removes all messages. It holds against later saves of the same messages by other tabs. */
  clear(id: string): Awaitable<void>;
  /** Kept chats, the latest first. */
  list(options?: ChatListOptions): Awaitable<readonly ChatInfo[]>;
  rename(id: string, title: string): Awaitable<void>;
  /** Removes a chat and its title. It holds as `clear` does. */
  remove(id: string): Awaitable<void>;
  /** Deletes records of a chat that could not be read. */
  discardUnreadable?(id: string): Awaitable<void>;
  /**
   * Calls `listener` after another tab has changed the chat, or this page has removed or cleared it in the storage. Returns the
   * function that ends it.
   */
  subscribe?(id: string, listener: () => void): () => void;
}

export type ChatStorageOperation = 'load' | 'save' | 'saveDraft' | 'clear' | 'discardUnreadable';

const FAILED: Readonly<Record<ChatStorageOperation, string>> = {
  load: 'could not be read',
  save: 'could not be saved',
  saveDraft: 'could not be saved',
  clear: 'could not be cleared',
  discardUnreadable: 'could not be cleaned up',
};

/** A chat, or some of its messages, could not be read or saved. `cause` is the reason: a `QuotaExceededError` if storage is full. */
export class ChatStorageError extends Error {
  override name = 'ChatStorageError';
  readonly operation: ChatStorageOperation;
  /** Ids of the messages that are concerned, if the others were read or saved. */
  readonly messageIds: readonly string[];

  constructor(operation: ChatStorageOperation, cause: unknown, messageIds: readonly string[] = []) {
    const subject = messageIds.length > 0 ? `Messages of the chat (${messageIds.join(', ')})` : 'The chat';
    super(`${subject} ${FAILED[operation]}: ${describeThrown(cause)}`, { cause });
    this.operation = operation;
    this.messageIds = messageIds;
  }
}
