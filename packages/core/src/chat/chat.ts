import type { LLMError } from '../errors/error.ts';
import type { MessageInput } from '../types/message.ts';
import type { RunSnapshot, RunStatus } from '../run/run.ts';
import type { Store } from '../store/store.ts';
import type { ChatMessage, ChatThread, ToolNames } from './chat-message.ts';
import type { ChatInput, ChatRequestOptions } from './chat-input.ts';
import type { ToolOutput, ToolSet } from './tool.ts';

export interface ChatSnapshot<Tools extends ToolSet = ToolSet> {
  /** Absent at run time. */
  readonly '~tools'?: ToolNames<Tools>;
  readonly id: string;
  /** The branch that is shown. Messages and parts that did not change keep their identity. */
  readonly messages: readonly ChatMessage<Tools>[];
  /**
   * `submitted` while the model is asked and nothing of its answer is there, `streaming` while it comes and while tools
   * are carried out; otherwise `ready`, also where a call waits for a person, or `error`.
   */
  readonly status: RunStatus;
  /** Why the last turn failed. */
  readonly error?: LLMError | undefined;
  /** Messages that wait to be sent. */
  readonly queue: readonly ChatMessage<Tools>[];
  /** Set while a run waits to try again: which attempt failed, and until when (epoch, ms). */
  readonly retry?: RunSnapshot['retry'];
  /** Whether kept messages are still being read. Sends wait for them, for ten seconds at most. */
  readonly isRestoring: boolean;
  /** Whether there are kept messages before the first one: see `loadEarlier`. */
  readonly hasEarlier: boolean;
  /**
   * Why messages could not be read or saved. It is cleared when they could be. Messages that could not be read are never
   * overwritten: see `discardUnreadable`.
   */
  readonly persistenceError?: Error | undefined;
}

/** The result of a call that the page, or a person, answers. */
export type ToolOutputInput<Tools extends ToolSet = ToolSet> =
  | {
      [Name in keyof Tools & string]: {
        readonly toolCallId: string;
        /** Gives `output` its type. */
        readonly tool?: Name | undefined;
        readonly output: ToolOutput<Tools[Name]>;
        readonly errorText?: undefined;
      };
    }[keyof Tools & string]
  | {
      readonly toolCallId: string;
      readonly tool?: (keyof Tools & string) | undefined;
      readonly output?: undefined;
      /** The call failed, and why: for the model. */
      readonly errorText: string;
    };

/**
 * A conversation. It lasts whether anybody looks or not. What sends resolves when the turn is over, that is, when the answer
 * is whole, was stopped, failed, or waits for a person; a failure is the `error` of the snapshot, and rejects nothing.
 */
export interface Chat<Tools extends ToolSet = ToolSet> extends Store<ChatSnapshot<Tools>> {
  /** Absent at run time. */
  readonly '~tools'?: ToolNames<Tools>;
  readonly id: string;
  /** The ids of the messages that are shown: the same array until others are. For a list that renders with none of them. */
  readonly messageIds: Store<readonly string[]>;
  /** One message, `undefined` where there is none. Its listeners are called only when this message changed. */
  message(id: string): Store<ChatMessage<Tools> | undefined>;
  /**
   * Says something, and asks for an answer. It is shown at once.
   *
   * With `messageId` it stands in for an earlier message: what is under way is stopped, and the other branch is kept.
   * @throws {LLMError} (as a rejection) with code `invalid_request`: it is empty, `metadata` or `parts` are not JSON, `messageId` is not there, its `id` is
   * taken, or the chat is busy and `whenBusy` is `reject`. If a file cannot be read, or the provider or its server
   * rejects a message with files as invalid, the snapshot has the `error` and the message is removed again.
   */
  sendMessage(input: string | ChatInput, options?: ChatRequestOptions): Promise<void>;
  /**
   * Asks for another answer, and keeps the one before as a branch. Stops what is under way.
   * @param id of the answer, or of the message to answer. Default: the last one.
   * @throws {LLMError} (as a rejection) with code `invalid_request` where there is nothing to answer.
   */
  regenerate(id?: string, options?: ChatRequestOptions): Promise<void>;
  /**
   * Goes on with the last answer: one that was cut (`length`), stopped or interrupted, or that has used up its steps; or
   * answers the last message, where that failed. Tools whose calls have no result yet are carried out first; a call that was
   * allowed and then stopped half-way asks again.
   * @throws {LLMError} (as a rejection) with code `invalid_request` where there is nothing to continue: no message, or an
   * answer that ended by itself (`stop`).
   */
  continueAnswer(options?: ChatRequestOptions): Promise<void>;
  /** Stops the answer and the tools at once. What came stays. */
  stop(): void;
  /** Takes a message out of the queue. */
  removeQueued(id: string): void;
  /** Shows these messages in place of the others. Stops what is under way. Branches of messages that stay are kept. */
  setMessages(
    messages: readonly MessageInput[] | ((messages: readonly ChatMessage<Tools>[]) => readonly MessageInput[]),
  ): void;
  /** Stops what is under way and removes all messages, those that were kept included. */
  clear(): void;
  /**
   * Loads kept messages before the first one, if `persistChat` has a `pageSize`. Resolves to whether there are more.
   */
  loadEarlier(): Promise<boolean>;
  /** Reads kept messages that could not be read, and saves messages that could not be saved, without waiting for the next change. */
  retryPersistence(): Promise<void>;
  /** Deletes kept records of this chat that cannot be read. Messages that were read stay. */
  discardUnreadable(): Promise<void>;
  /** The message and its alternatives, by id, oldest first. */
  branches(id: string): readonly string[];
  /** Shows the branch with this message. */
  selectBranch(id: string): void;
  /** All messages with their branches. */
  getThread(): ChatThread<Tools>;
  /** Shows another conversation in place of this one. Stops what is under way. */
  setThread(thread: ChatThread): void;
  /**
   * Adds the result of a call. When no call of the answer waits any more, the model is asked again, if that answer is the last
   * message. A call that has a result keeps it. An output that JSON cannot represent becomes an error result.
   * @throws {LLMError} (as a rejection) with code `invalid_request` if there is no such call.
   */
  addToolOutput(output: ToolOutputInput<Tools>): Promise<void>;
  /**
   * Allows a call, or denies it. `id` is that of `approval` of the part. A second decision has no effect.
   * @throws {LLMError} (as a rejection) with code `invalid_request` if no call waits for this approval: the id is unknown, the
   * call has a result, another message was sent after it, another branch is shown, or another branch is being answered.
   */
  addToolApprovalResponse(response: {
    readonly id: string;
    readonly approved: boolean;
    readonly reason?: string | undefined;
  }): Promise<void>;
  /**
   * Goes on reading an answer that the backend still writes, after a reload for example. Resolves to whether there was one:
   * `false`, without an error, for a chat without messages and where the backend answers with 204 or 404.
   * @throws {LLMError} (as a rejection) with code `invalid_request` where the provider cannot: only `uiMessageStream` can.
   */
  resumeStream(options?: ChatRequestOptions): Promise<boolean>;
  /** Forgets the error. */
  clearError(): void;
}
