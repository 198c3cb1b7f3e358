import type { LLMError } from '../errors/error.ts';
import type { StreamEvent } from '../types/event.ts';
import type { HttpRequest } from '../transport/send.ts';
import type { GenerateRequest, ToolDefinition } from '../types/request.ts';
import type { Frame, Framing } from '../transport/frame.ts';
import type { RequestedFormat } from '../schema/object-format.ts';
import type { JsonDialect } from '../schema/to-provider-schema.ts';
import type { Choose } from './shared/choice.ts';

/** A request whose model and system text are settled, and whose messages hold the prompt. */
export interface ResolvedRequest extends Omit<GenerateRequest, 'prompt' | 'tools'> {
  readonly messages: NonNullable<GenerateRequest['messages']>;
  readonly tools?: readonly ResolvedTool[] | undefined;
  /** Set where `providerOptions` ask for an object in the words of `ProviderSupport.json`. */
  readonly objectFormat?: RequestedFormat | undefined;
}

export interface ResolvedTool extends ToolDefinition {
  /** `inputSchema` as the provider accepts it for a strict tool. Optional properties may be required, and `null` then. */
  readonly strictSchema?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Values for what the request leaves open (`undefined`, not `null`). They are for a provider that makes no choices: a
 * default that the model has refused is missing from them.
 */
export interface Defaults {
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
}

export interface RequestContext {
  readonly defaults: Defaults;
  /** Decides how a field is written that the caller does not set word for word, by what the model has refused so far. */
  readonly choose: Choose;
  /** Headers of the call, to be set last. */
  readonly headers?: HeadersInit | undefined;
}

/** What a provider can do; asking it for more fails before anything is sent. */
export interface ProviderSupport {
  readonly tools: boolean;
  /** Default: the provider has no JSON of a schema. */
  readonly json?: JsonDialect | undefined;
  /**
   * Takes an answer of several steps as one message, with the results of tools among its parts, and carries out tools of
   * its own. Default: a result has to be in a message of role `tool`, after the step that called.
   */
  readonly wholeAnswers?: boolean | undefined;
  /** Can go on with an answer that is still being written: `conversation.resume`. */
  readonly resume?: boolean | undefined;
}

/**
 * What a finish reason says about an answer whose end mark is missing. Some servers send the reason with each chunk.
 *
 * - `possible`: more of the answer may follow. It ends at the end mark, at the end of the body, or at a deadline.
 * - `likely`: the reason came together with content.
 * - `certain`: the reason came alone, behind content: only counts and the end mark may follow.
 */
export type Ending = 'possible' | 'likely' | 'certain';

/**
 * Turns the frames of one response into events. Throws an `LLMError` for a failure that comes in band, and anything
 * else for a frame that it cannot read.
 */
export interface Decoder {
  push(frame: Frame): StreamEvent[];
  /** The last events: the body ended, or nothing more came in time after the server's finish reason. */
  end(): StreamEvent[];
  /** Set once a finish reason was seen, but not the end mark. `end()` then returns the finish. */
  readonly ending?: Ending | undefined;
  /** The end mark was seen: nothing more is read, and `end` is called. */
  readonly done?: boolean;
}

/** A model behind HTTP. All of it is pure, but for what `request` awaits: keys and headers. */
export interface HttpProvider {
  readonly name: string;
  readonly supports: ProviderSupport;
  readonly framing: Framing;
  request(request: ResolvedRequest, context: RequestContext): HttpRequest | Promise<HttpRequest>;
  /** Loads code that `decoder` needs. Awaited before anything is sent. */
  load?(): Promise<unknown>;
  /** @param request What is answered. Results of its calls may be in the answer. */
  decoder(request?: ResolvedRequest): Decoder;
  /** The error for a response whose status is not 2xx; `body` is its start. */
  error(status: number, headers: Headers, body: string): LLMError | Promise<LLMError>;
}

/** A model in the page, or a scripted one. */
export interface LocalProvider {
  readonly name: string;
  readonly supports: ProviderSupport;
  generate(request: ResolvedRequest, context: { readonly signal: AbortSignal }): AsyncIterable<StreamEvent>;
}

export type Provider = HttpProvider | LocalProvider;
