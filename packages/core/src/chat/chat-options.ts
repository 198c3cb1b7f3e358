import type { LLMClient } from '../client/client.ts';
import type { LLMError } from '../errors/error.ts';
import type { DataPart, MessageInput } from '../types/message.ts';
import type { ChatRequestOptions } from './chat-input.ts';
import type { ChatMessage, ChatThread } from './chat-message.ts';
import type { TreeChanges } from './message-tree.ts';
import type { ToolSet } from './tool.ts';

/** How a chat ended a turn. */
export interface ChatFinish<Tools extends ToolSet = ToolSet> {
  readonly message: ChatMessage<Tools>;
  readonly messages: readonly ChatMessage<Tools>[];
}

/** What `persistChat` sees of a chat, and what it may change. */
export interface PersistenceHost {
  readonly id: string;
  subscribe(listener: () => void): () => void;
  /** All messages with their branches, as they are at the moment. */
  getThread(): ChatThread;
  /** Ids of the shown branch, as it is at the moment. */
  getShownIds(): readonly string[];
  get(id: string | undefined): ChatMessage | undefined;
  /** The messages of `getThread()`, without a copy of them. */
  messages(): Iterable<ChatMessage>;
  /** Ids of messages that were added, replaced or removed since the last call, and at first those of all messages. */
  takeChanged(): ReadonlySet<string>;
  /** Grows in the order of `getThread()`. */
  positionOf(id: string): number;
  /** Ids after this one, in the order of `getThread()`. */
  idsAfter(id: string): Iterable<string>;
  /** Whether a turn is under way. */
  isBusy(): boolean;
  isRestoring(): boolean;
  /** Whether the app has set other messages while kept messages were being read. */
  wasReplaced(): boolean;
  /** Shows these messages instead of others. */
  open(thread: ChatThread): void;
  /** Merges messages, and leaves the turn under way alone. */
  merge(changes: TreeChanges): void;
  setHasEarlier(hasEarlier: boolean): void;
  /** Sets the `persistenceError`, or clears it. */
  report(error: Error | undefined): void;
}

/** What a chat asks of its persistence. */
export interface PersistenceControl {
  /** Resolves when kept messages were read, or when sends no longer wait for them. */
  readonly ready: Promise<void>;
  /** Reads what could not be read, and saves what could not be saved. */
  retry(): Promise<void>;
  /** Removes all kept messages. */
  clear(): void;
  /** Deletes what cannot be read. */
  discardUnreadable(): Promise<void>;
  /** Loads the messages before the first one. Resolves to whether there are more. */
  loadEarlier(): Promise<boolean>;
}

/** Keeps the messages of a chat: the result of `persistChat`. */
export type ChatPersistence = (host: PersistenceHost) => PersistenceControl;

/** The fields of a request without its messages, how to call, and what is listed here. */
export interface ChatOptions<Tools extends ToolSet = ToolSet> extends ChatRequestOptions {
  readonly client: LLMClient;
  /** Id of the conversation, for its backend and for its persistence: well-formed text. @default a new one */
  readonly id?: string | undefined;
  /**
   * Makes the ids of the chat and of its messages: for ids that are the same on the server and in the page, or that a
   * database accepts. An id that a message of the chat has already is not used.
   * @default random ids
   */
  readonly generateId?: (() => string) | undefined;
  /** What was said before. Default: nothing. */
  readonly messages?: readonly MessageInput[] | undefined;
  /** Tools that the page carries out, or that a person answers. */
  readonly tools?: Tools | undefined;
  /** How often the model is asked in one turn, at most. Default 5. */
  readonly maxSteps?: number | undefined;
  /**
   * What becomes of a message that is sent while an answer is on its way. `queue`: it waits for the end of the turn, and
   * after a stop or a failure for the next send. `replace`: the answer is stopped. `reject`: the send is refused, with an
   * `LLMError` of code `invalid_request`. Default `queue`.
   */
  readonly whenBusy?: 'queue' | 'replace' | 'reject' | undefined;
  /**
   * Called before each request with the messages that are shown: gives those to send. They may be fewer, or have a
   * summary in their place; what is shown stays as it is. Default: all of them.
   */
  readonly prepareMessages?:
    | ((
        messages: readonly ChatMessage<Tools>[],
        context: { readonly signal: AbortSignal },
      ) => readonly MessageInput[] | Promise<readonly MessageInput[]>)
    | undefined;
  /**
   * Called when the conversation is too long for the model, with what was sent: gives fewer messages, to try once more, or
   * nothing, to let it fail. Default: it fails.
   */
  readonly onContextLength?:
    | ((
        messages: readonly MessageInput[],
        error: LLMError,
      ) => readonly MessageInput[] | undefined | Promise<readonly MessageInput[] | undefined>)
    | undefined;
  /**
   * What the model is asked to have it go on with a cut answer; not shown. Default: "Go on exactly where you stopped.
   * Repeat nothing."
   */
  readonly continuePrompt?: string | undefined;
  /** Keeps the messages across reloads: `persistChat(…)`. @default they are lost with the page */
  readonly persistence?: ChatPersistence | undefined;
  /** Called once for each turn whose end was witnessed. Not after a stop, a failure, or while a call waits for a person. */
  readonly onFinish?: ((finish: ChatFinish<Tools>) => void) | undefined;
  /** Called once for each turn that fails. */
  readonly onError?: ((error: LLMError) => void) | undefined;
  /** Called with each data part that a backend sends, those that the message does not keep included. */
  readonly onData?: ((part: DataPart & { readonly transient?: boolean | undefined }) => void) | undefined;
  /** Called when messages could not be read or saved: `QuotaExceededError` is the `cause` when storage is full. */
  readonly onPersistenceError?: ((error: Error) => void) | undefined;
}
