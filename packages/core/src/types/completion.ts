import type { Message, SourcePart, ToolCall } from './message.ts';

/**
 * Why the model stopped: it was done (`stop`), the token limit (`length`), it wants tools run (`tool-calls`), a filter
 * (`content-filter`), it declined (`refusal`), it asks to be called again as is (`pause`), or something that this
 * version does not know (`other`, with `rawFinishReason`).
 */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'refusal' | 'pause' | 'other';

/** Token counts. A count that the provider did not send is absent, never 0. */
export interface Usage {
  /** All tokens of the request, those read from or written to a cache included. */
  readonly inputTokens?: number | undefined;
  /** All tokens of the answer, reasoning included. */
  readonly outputTokens?: number | undefined;
  readonly totalTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
  /** The counts as the provider sent them. */
  readonly raw: unknown;
}

/** A whole answer whose end was witnessed. */
export interface Completion {
  readonly message: Message;
  readonly finishReason: FinishReason;
  /** The provider's own word for `finishReason`. */
  readonly rawFinishReason?: string | undefined;
  readonly usage?: Usage | undefined;
  /** The provider's id of the response. */
  readonly id?: string | undefined;
  /** The model that answered, which may be more exact than the one asked for. */
  readonly model?: string | undefined;
  /** The text parts of `message`, joined. */
  readonly text: string;
  /** The reasoning parts of `message`, joined. */
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly sources: readonly SourcePart[];
}

/** What had been received when a run failed or was stopped. */
export interface PartialCompletion extends Omit<Completion, 'finishReason'> {
  readonly finishReason?: FinishReason | undefined;
  /** Of an object that was asked for: as much of it as came, unchecked. */
  readonly object?: unknown;
  /** What the model wrote for that object. */
  readonly rawText?: string | undefined;
}
