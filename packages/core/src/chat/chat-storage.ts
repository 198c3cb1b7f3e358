import { describeThrown } from '../thrown.ts';
import type { ChatThread } from './chat-message.ts';

/** What is kept of a chat. Plain data: it may go through JSON. */
export interface StoredChat extends ChatThread {
  /** Of the turn that was under way: the messages that are new or changed since the rest was saved. */
  readonly draft?: ChatThread | null | undefined;
}

/** Keeps chats by their ids. Each method may give a promise, and throws if it cannot do what it is asked. */
export interface ChatStorage {
  /** What is kept of a chat; nothing (`undefined` or `null`) if there is none. */
  load(id: string): StoredChat | null | undefined | Promise<StoredChat | null | undefined>;
  /** Keeps a chat in place of what was kept of it, its draft included. Once for each turn. */
  save(id: string, thread: ChatThread): void | Promise<void>;
  /** Keeps the turn under way, beside what was saved. Now and then while it lasts. */
  saveDraft(id: string, draft: ChatThread): void | Promise<void>;
  /** Forgets a chat. */
  clear(id: string): void | Promise<void>;
}

/** A chat could not be read or kept. `cause` says why: a `QuotaExceededError`, for one, when storage is full. */
export class ChatStorageError extends Error {
  override name = 'ChatStorageError';
  readonly operation: keyof ChatStorage;

  constructor(operation: keyof ChatStorage, cause: unknown) {
    super(`The chat could not be ${operation === 'load' ? 'read' : 'kept'}: ${describeThrown(cause)}`, { cause });
    this.operation = operation;
  }
}
