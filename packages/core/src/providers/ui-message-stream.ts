import type { FinishReason } from '../completion.ts';
import type { ParseError } from '../error-classes.ts';
import { LLMError, truncatedError } from '../error.ts';
import type { StreamEvent } from '../event.ts';
import { toLLMError } from '../http/failure.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { joinURL } from '../http/join-url.ts';
import type { ProviderMetadata, ToolCall } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import type { Body } from './endpoint.ts';
import { ownBackend, settingsOf, threadIdOf, type OwnBackendOptions, type ThreadId } from './own-backend.ts';
import { createPartIndex } from './part-index.ts';
import type { Decoder, HttpProvider, ResolvedRequest } from './provider.ts';
import { toUIMessages } from './ui-messages.ts';

/** `api` is by default `/api/chat`, `name` is `uiMessageStream`. */
export interface UIMessageStreamOptions extends OwnBackendOptions {
  /**
   * Id of the conversation: the `id` of the body. `providerOptions: { uiMessageStream: { id } }` sets it for a request.
   * Default: the id of the first message, which stays the same while a conversation grows, or else a new one.
   */
  readonly id?: ThreadId | undefined;
}

/**
 * A backend that speaks the UI message stream (v1) of the AI SDK: what `toUIMessageStreamResponse()` answers.
 * https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 *
 * It gets a POST of `{ id, messages, trigger }` as JSON, as from `DefaultChatTransport`. `messages` are UI messages;
 * `trigger` is `submit-message`. What else the request says (`system`, `model`, `temperature`, `tools`, …) is beside
 * them, and only what it says: it is for the backend to use. `body` and `providerOptions.uiMessageStream` are put in
 * last: `{ trigger: 'regenerate-message', messageId }` asks for another answer.
 *
 * The answer ends with a `finish` chunk. The wire has no token counts: backends put them into the metadata of the
 * message. An `error` chunk has a text and nothing else, so that its class is told by its words, or is `ServerError`.
 * @throws {LLMError} with code `config` when the key would be exposed or `api` is no address.
 */
export function uiMessageStream(options: UIMessageStreamOptions = {}): HttpProvider {
  const { name = 'uiMessageStream', api = '/api/chat', id } = options;
  const post = ownBackend(name, api, options);
  return {
    name,
    supports: { tools: true, json: 'backend', wholeAnswers: true, resume: true },
    framing: 'sse',
    async request(request, context) {
      const http = await post(toBody(request, name, id), request, context);
      if (!request.conversation?.resume) return http;
      const url = joinURL(http.url, `/${encodeURIComponent(threadIdOf(request, id))}/stream`);
      return { ...http, url, method: 'GET', body: undefined };
    },
    decoder: () => createDecoder(name),
    error: (status, headers, body) => toLLMError(name, body, status, headers),
  };
}

function toBody(request: ResolvedRequest, name: string, id?: ThreadId): Body {
  const { messages, conversation } = request;
  const replaces = conversation?.replaces;
  return {
    ...settingsOf(request),
    id: threadIdOf(request, id),
    messages: toUIMessages(messages, name),
    trigger: replaces === undefined ? 'submit-message' : 'regenerate-message',
    messageId: replaces,
  };
}

// What comes back: https://github.com/vercel/ai/blob/main/packages/ai/src/ui-message-stream/ui-message-chunks.ts

interface WireChunk {
  type?: string;
  id?: string;
  delta?: string;
  providerMetadata?: ProviderMetadata;
  citations?: unknown;
  toolCallId?: string;
  toolName?: string;
  inputTextDelta?: string;
  input?: unknown;
  output?: unknown;
  preliminary?: boolean;
  dynamic?: boolean;
  providerExecuted?: boolean;
  title?: string;
  toolMetadata?: unknown;
  approvalId?: string;
  approvalDescriptor?: unknown;
  inputSchemaInput?: unknown;
  isAutomatic?: boolean;
  signature?: string;
  sourceId?: string;
  url?: string;
  mediaType?: string;
  filename?: string;
  kind?: string;
  data?: unknown;
  transient?: boolean;
  messageId?: string;
  messageMetadata?: Readonly<Record<string, unknown>> | null;
  finishReason?: string;
  errorText?: string;
  reason?: string;
  /** Of a backend that answers in its own way. */
  error?: unknown;
}

const FINISH_REASONS: readonly string[] = ['stop', 'length', 'tool-calls', 'content-filter'];

interface OpenCall {
  readonly index: number;
  /** Of the call as it is told. */
  toolCall: ToolCall;
  own: object;
}

function createDecoder(provider: string): Decoder {
  const calls = new Map<string, OpenCall>();
  /** Calls that have no result yet. */
  const waiting = new Set<string | undefined>();
  /** Where a part is that goes on or is replaced, by what it is and its id. */
  const places = new Map<string, number>();
  const partIndex = createPartIndex();
  let isStepEmpty = true;

  function placeOf(type: string, id?: string): number {
    const key = `${type} ${id}`;
    const index = (id === undefined ? id : places.get(key)) ?? partIndex(type, true);
    places.set(key, index);
    isStepEmpty = false;
    return index;
  }

  function metadataWith(own: object, { providerMetadata }: WireChunk): ProviderMetadata | undefined {
    const entries = Object.entries(own).filter(([, value]) => value !== undefined);
    return entries.length > 0 ? { ...providerMetadata, [provider]: Object.fromEntries(entries) } : providerMetadata;
  }

  function callOf(chunk: WireChunk, events: StreamEvent[]): OpenCall {
    const { toolCallId: id = '', toolName: name = '', dynamic, providerExecuted, title, toolMetadata } = chunk;
    let call = calls.get(id);
    if (!call) {
      const own = { type: dynamic ? 'dynamic-tool' : undefined, providerExecuted, title, toolMetadata };
      call = { index: placeOf('call'), toolCall: { id, name, rawInput: '' }, own };
      calls.set(id, call);
      events.push({
        type: 'tool-call-start',
        index: call.index,
        id,
        name,
        providerMetadata: metadataWith(own, chunk),
      });
    }
    return call;
  }

  function delta(type: 'text' | 'reasoning', chunk: WireChunk): StreamEvent[] {
    const providerMetadata = metadataWith({ citations: chunk.citations }, chunk);
    return chunk.delta || providerMetadata
      ? [{ type, index: placeOf(type, chunk.id), delta: chunk.delta ?? '', providerMetadata }]
      : [];
  }

  function inputDelta(call: OpenCall, added: string): StreamEvent {
    call.toolCall = { ...call.toolCall, rawInput: call.toolCall.rawInput + added };
    return { type: 'tool-call-delta', index: call.index, delta: added };
  }

  function input(chunk: WireChunk): StreamEvent[] {
    const events: StreamEvent[] = [];
    const call = callOf(chunk, events);
    waiting.add(chunk.toolCallId);
    const { input: value = {}, errorText } = chunk;
    const { index } = call;
    // Arguments that cannot be read come as their text.
    if (!call.toolCall.rawInput)
      events.push(inputDelta(call, typeof value === 'string' ? value : JSON.stringify(value)));
    call.toolCall = {
      ...call.toolCall,
      ...(errorText === undefined
        ? { input: value }
        : { error: new LLMError(errorText, { code: 'parse', provider }) as ParseError }),
    };
    events.push({
      type: 'tool-call',
      index,
      toolCall: call.toolCall,
      providerMetadata: metadataWith(call.own, chunk),
    });
    return events;
  }

  function approvalRequest(chunk: WireChunk): StreamEvent[] {
    const { toolCallId = '', approvalId = '', approvalDescriptor, reason, signature, inputSchemaInput } = chunk;
    const call = calls.get(toolCallId);
    // Nobody is asked where the backend decides by itself.
    if (!call || chunk.isAutomatic) return [];
    call.toolCall = { ...call.toolCall, approval: { id: approvalId } };
    const approval = { descriptor: approvalDescriptor, requestReason: reason, signature, inputSchemaInput };
    const { index, toolCall } = call;
    const providerMetadata = metadataWith({ ...call.own, approval }, chunk);
    return [{ type: 'tool-approval-request', index, approvalId, toolCallId, toolCall, providerMetadata }];
  }

  function result(chunk: WireChunk): StreamEvent {
    const { type, toolCallId = '', output, errorText = 'denied', preliminary, providerMetadata } = chunk;
    const isError = type !== 'tool-output-available';
    waiting.delete(toolCallId);
    return {
      type: 'tool-result',
      index: placeOf('result', toolCallId),
      toolCallId,
      name: calls.get(toolCallId)?.toolCall.name,
      output: isError ? errorText : output,
      isError: isError || undefined,
      preliminary,
      providerMetadata,
    };
  }

  function metadata({ messageMetadata }: WireChunk): StreamEvent[] {
    return messageMetadata ? [{ type: 'metadata', metadata: messageMetadata }] : [];
  }

  function fail(says: string): never {
    throw toLLMError(provider, says, 500);
  }

  function decode(chunk: WireChunk): StreamEvent[] {
    const { type = '', id, providerMetadata, title, url, mediaType = '', filename, finishReason } = chunk;
    switch (type) {
      case 'start':
        return [{ type, id: chunk.messageId }, ...metadata(chunk)];
      case 'message-metadata':
        return metadata(chunk);
      case 'text-start':
      case 'reasoning-start':
        // Ids come again in the next step.
        places.delete(`${type.slice(0, -6)} ${id}`);
        return delta(type === 'text-start' ? 'text' : 'reasoning', chunk);
      case 'text-delta':
      case 'text-end':
        return delta('text', chunk);
      case 'reasoning-delta':
      case 'reasoning-end':
        return delta('reasoning', chunk);
      case 'tool-input-start': {
        const events: StreamEvent[] = [];
        callOf(chunk, events);
        return events;
      }
      case 'tool-input-delta': {
        const call = calls.get(chunk.toolCallId ?? '');
        return call ? [inputDelta(call, chunk.inputTextDelta ?? '')] : [];
      }
      case 'tool-input-available':
      case 'tool-input-error':
        return input(chunk);
      case 'tool-approval-request':
        return approvalRequest(chunk);
      case 'tool-output-available':
      case 'tool-output-error':
      case 'tool-output-denied':
        return [result(chunk)];
      case 'source-url':
      case 'source-document': {
        const source = { id: chunk.sourceId, url, title, mediaType: mediaType || undefined, filename };
        return [{ type: 'source', index: placeOf(type), ...source, providerMetadata }];
      }
      case 'file':
      case 'reasoning-file': {
        const own = { type: type === 'file' ? undefined : type };
        return [{ type: 'file', index: placeOf(type), url, mediaType, providerMetadata: metadataWith(own, chunk) }];
      }
      case 'custom': {
        const { kind = '' } = chunk;
        const own = metadataWith({ type, kind }, chunk);
        return [{ type: 'data', index: placeOf(type), name: kind, data: undefined, providerMetadata: own }];
      }
      case 'start-step':
        isStepEmpty = true;
        return [{ type: 'step' }];
      case 'reset-step':
        // Readers cannot be told to forget.
        return isStepEmpty ? [] : fail('the backend began a step again, of which something has been shown');
      case 'error':
        // There is only a text: what it says is read as the name of a kind, `Rate limit exceeded` for one.
        throw toLLMError(provider, { type: chunk.errorText?.replaceAll(/\s+/g, '_'), message: chunk.errorText });
      case 'abort':
        return fail(`the backend aborted the answer${chunk.reason ? `: ${chunk.reason}` : ''}`);
      case 'finish': {
        if (finishReason === 'error') fail('the answer broke off');
        // The stream of the model behind the backend just ended.
        if (finishReason === 'interrupted') throw truncatedError();
        // Backends of version 5 give no reason; a call without its result waits for one.
        const reason = finishReason ?? (waiting.size > 0 ? 'tool-calls' : 'stop');
        return [
          ...metadata(chunk),
          {
            type,
            reason: FINISH_REASONS.includes(reason) ? (reason as FinishReason) : 'other',
            raw: finishReason,
          },
        ];
      }
      default: {
        if (!type.startsWith('data-')) return [];
        const name = type.slice(5);
        const { data } = chunk;
        return chunk.transient
          ? [{ type: 'data', name, id, data, transient: true }]
          : [{ type: 'data', index: placeOf(type, id), name, id, data }];
      }
    }
  }

  const decoder = {
    done: false,
    push({ data }: Frame): StreamEvent[] {
      decoder.done = data === '[DONE]';
      const chunk = decoder.done ? {} : (JSON.parse(data) as WireChunk);
      if (chunk.error || isErrorBody(chunk, !!chunk.type)) throw toLLMError(provider, chunk);
      return decode(chunk);
    },
    end: () => [],
  };
  return decoder;
}
