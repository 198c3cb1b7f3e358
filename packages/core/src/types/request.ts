import type { MessageInput } from './message.ts';

/** A tool that the model may ask to call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Asks the provider to hold the arguments to the schema. Default: what the provider does. */
  readonly strict?: boolean | undefined;
}

/**
 * Whether tools may (`auto`), must (`required`) or must not (`none`) be called, or which one must. A model that cannot be
 * forced to call a tool is asked to do so in the system text.
 */
export type ToolChoice = 'auto' | 'required' | 'none' | { readonly name: string };

export interface ReasoningOptions {
  /** How hard to think; the words differ by provider and model. */
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | undefined;
  /** Tokens to think with, where the provider takes a number. */
  readonly budgetTokens?: number | undefined;
}

/** Which conversation a request belongs to, for a backend that keeps them. Other providers do not send it. */
export interface Conversation {
  readonly id: string;
  /** Id of the answer that another one is asked for in place of. */
  readonly replaces?: string | undefined;
  /** Asks for the rest of the answer that the backend still writes, in place of a new one. */
  readonly resume?: boolean | undefined;
}

/** What to generate. `messages` come first, then `prompt` as a user message; one of the two is needed. */
export interface GenerateRequest {
  readonly prompt?: string | undefined;
  readonly messages?: readonly MessageInput[] | undefined;
  /** Instructions that stand before the messages. */
  readonly system?: string | undefined;
  /** Default: the model of the client. */
  readonly model?: string | undefined;
  /** Default 0.7, except for reasoning models; `null` sends none. */
  readonly temperature?: number | null | undefined;
  /**
   * Bound on the tokens of the answer; `null` sends none.
   * @default 2000, except for reasoning models
   */
  readonly maxTokens?: number | null | undefined;
  /** Sequences at which the model stops. */
  readonly stop?: string | readonly string[] | undefined;
  readonly tools?: readonly ToolDefinition[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  /**
   * Asks for reasoning: `true`, or how much of it. Then neither temperature nor maxTokens has a default. An amount that the
   * model refuses is replaced by the nearest one that it takes.
   */
  readonly reasoning?: boolean | ReasoningOptions | undefined;
  /** Fields put into the body as they are, by provider name: `{ openai: { seed: 7 } }`. */
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  readonly conversation?: Conversation | undefined;
}

export interface RetryInfo {
  /** The attempt that failed, counted from 1. */
  readonly attempt: number;
  /** The wait before the next one, in ms. */
  readonly delayMs: number;
  readonly error: unknown;
}

export interface RetryOptions {
  /** Attempts after the first one. Default 2. */
  readonly maxRetries?: number | undefined;
  /** The longest wait to accept, in ms; a server that asks for more fails the call at once. Default 60 000. */
  readonly maxDelayMs?: number | undefined;
  /** Called before each wait. One that throws is reported like any uncaught error, and the call goes on. */
  readonly onRetry?: ((info: RetryInfo) => void) | undefined;
  /**
   * Whether to try again after this failure; `attempt` is counted from 1. `maxRetries` and `maxDelayMs` apply all the same, and a run that
   * has content is never tried again. One that throws is reported like any uncaught error, and the default decides.
   * @default the `isRetryable` of the error
   */
  readonly shouldRetry?: ((failure: Pick<RetryInfo, 'error' | 'attempt'>) => boolean) | undefined;
  /**
   * Waits, before each further attempt, until there is a network: `waitForOnline` of this package does so in browsers.
   * One that throws is reported like any uncaught error, and the attempt is made.
   * @default an attempt is made offline too, and fails
   */
  readonly waitForOnline?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** Deadlines in ms; `false` for none. */
export interface TimeoutOptions {
  /** From sending to the headers of the answer. Default 60 000. */
  readonly headersMs?: number | false | undefined;
  /** From sending to the first content. Default 600 000. */
  readonly firstTokenMs?: number | false | undefined;
  /** Between two chunks of bytes. Default 120 000. */
  readonly idleMs?: number | false | undefined;
  /** The whole call, retries and waits included. Default: none. */
  readonly totalMs?: number | false | undefined;
}

/** How to make one call. */
export interface CallOptions {
  /** Stops the run. */
  readonly signal?: AbortSignal | undefined;
  /** Joined field by field to what the client says; `false` for a single attempt. */
  readonly retry?: RetryOptions | false | undefined;
  readonly timeout?: TimeoutOptions | undefined;
  /** Sent after, and instead of, the headers of the provider. */
  readonly headers?: HeadersInit | undefined;
}
