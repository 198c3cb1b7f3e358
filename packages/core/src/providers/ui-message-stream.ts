import type { ParseError } from '../error-classes.ts';
import { LLMError, truncatedError } from '../error.ts';
import type { StreamEvent } from '../event.ts';
import { ErrorFrame, readError } from '../http/error-frame.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { joinURL } from '../http/join-url.ts';
import type { ProviderMetadata, ToolCall } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import type { Body } from './endpoint.ts';
import { ownBackend, settingsOf, threadIdOf, type OwnBackendOptions, type ThreadId } from './own-backend.ts';
import { createPartIndex } from './part-index.ts';
import type { Decoder, HttpProvider, ResolvedRequest } from './provider.ts';
import { toUIMessages, type UIPartFields } from './ui-messages.ts';

/** @default api `/api/chat`, name `uiMessageStream` */
export interface UIMessageStreamOptions extends OwnBackendOptions {
  /**
   * Id of the conversation: the `id` of the body. `providerOptions: { uiMessageStream: { id } }` sets it for a request.
   * @default The id of the first message, which stays the same while a conversation grows, or else a new one.
   */
  readonly id?: ThreadId | undefined;
}

/**
 * A backend that speaks the UI message stream (v1) of the AI SDK: what `toUIMessageStreamResponse()` answers.
 * https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 *
 * Each request is a POST of `{ id, messages, trigger }` as JSON, as from `DefaultChatTransport`. `messages` are UI messages;
 * `trigger` is `submit-message`. The other fields of the request (`system`, `model`, `temperature`, `tools`, …) are sent
 * alongside them if they are set, for the backend to use. `body` and `providerOptions.uiMessageStream` are merged last:
 * `{ trigger: 'regenerate-message', messageId }` asks for another answer.
 *
 * The answer ends with a `finish` chunk. The wire has no token counts: backends put them into the metadata of the
 * message, whose objects are merged. An `error` chunk has only a text: its class is inferred from the words of the text,
 * or is `ServerError`. A backend that aborts an answer is a `ServerError` that is not retried.
 *
 * - A person is asked about a call by `tool-approval-request`; a decision that the backend makes or passes on is in the
 *   `approval` of the call. Requests that the backend answers automatically ask nobody and are only sent back.
 * - A message of the user that the backend took in while it answered is a data part named `steering-message`, whose data
 *   is a list of text and file parts.
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
    error: (status, headers, body) => readError(name, body, status, headers),
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

/**
 * The chunks of the stream; those of the type `data-*` are named by the app.
 * https://github.com/vercel/ai/blob/main/packages/ai/src/ui-message-stream/ui-message-chunks.ts
 */
export type UIChunkType =
  | 'start'
  | 'message-metadata'
  | 'start-step'
  | 'finish-step'
  | 'reset-step'
  | 'text-start'
  | 'text-delta'
  | 'text-end'
  | 'reasoning-start'
  | 'reasoning-delta'
  | 'reasoning-end'
  | 'tool-input-start'
  | 'tool-input-delta'
  | 'tool-input-available'
  | 'tool-input-error'
  | 'tool-approval-request'
  | 'tool-approval-response'
  | 'tool-output-available'
  | 'tool-output-error'
  | 'tool-output-denied'
  | 'source-url'
  | 'source-document'
  | 'file'
  | 'reasoning-file'
  | 'custom'
  | 'steering-message'
  | 'error'
  | 'abort'
  | 'finish';

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
  approved?: boolean;
  signature?: string;
  /** Of a steering message. */
  parts?: unknown;
  sourceId?: string;
  url?: string;
  mediaType?: string;
  filename?: string;
  kind?: string;
  data?: unknown;
  transient?: boolean;
  messageId?: string;
  messageMetadata?: unknown;
  finishReason?: string;
  errorText?: string;
  reason?: string;
  /** Of a backend that answers in its own format. */
  error?: unknown;
}

/** Finish reasons of the AI SDK that end an answer; `error` and `interrupted` fail it. */
const FINISH_REASONS = ['stop', 'length', 'tool-calls', 'content-filter', 'other'] as const;

/** https://github.com/vercel/ai/blob/main/packages/ai/src/types/language-model.ts */
export type UIFinishReason = (typeof FINISH_REASONS)[number] | 'error' | 'interrupted';

interface OpenCall {
  readonly index: number;
  /** The call as it was emitted last. */
  toolCall: ToolCall;
  own: UIPartFields;
}

function createDecoder(provider: string): Decoder {
  const calls = new Map<string, OpenCall>();
  const callsByApproval = new Map<string, OpenCall>();
  /** Calls that have no result yet. */
  const waiting = new Set<string | undefined>();
  /** The index of each part that can continue or be replaced, by type and id. */
  const places = new Map<string, number>();
  const partIndex = createPartIndex();
  let messageMetadata: unknown;
  let isStepEmpty = true;

  function placeOf(type: string, id?: string): number {
    const key = `${type} ${id}`;
    const index = (id === undefined ? id : places.get(key)) ?? partIndex(type, true);
    places.set(key, index);
    isStepEmpty = false;
    return index;
  }

  function metadataWith(own: UIPartFields, { providerMetadata }: WireChunk): ProviderMetadata | undefined {
    const entries = Object.entries(own).filter(([, value]) => value !== undefined);
    return entries.length > 0 ? { ...providerMetadata, [provider]: Object.fromEntries(entries) } : providerMetadata;
  }

  function callOf(chunk: WireChunk, events: StreamEvent[]): OpenCall {
    const { toolCallId: id = '', toolName: name = '' } = chunk;
    let call = calls.get(id);
    if (call) {
      call.own = { ...call.own, ...callFields(chunk) };
    } else {
      const own = callFields(chunk);
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
    const added = textOf(chunk.delta);
    const providerMetadata = metadataWith({ citations: chunk.citations }, chunk);
    return added || providerMetadata ? [{ type, index: placeOf(type, chunk.id), delta: added, providerMetadata }] : [];
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
    // Arguments that cannot be parsed come as text, and so do those of free-form tools.
    if (!call.toolCall.rawInput)
      events.push(inputDelta(call, typeof value === 'string' ? value : JSON.stringify(value)));
    // Later requests send such arguments back as text; all others are objects.
    if (typeof value === 'string' && errorText === undefined) call.own = { ...call.own, inputEncoding: 'text' };
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
    const {
      toolCallId = '',
      approvalId = '',
      approvalDescriptor,
      reason,
      signature,
      inputSchemaInput,
      isAutomatic,
    } = chunk;
    const call = calls.get(toolCallId);
    if (!call) return [];
    callsByApproval.set(approvalId, call);
    const approval = { descriptor: approvalDescriptor, requestReason: reason, signature, inputSchemaInput };
    // Nobody is asked if the backend decides: its request is only kept to be sent back.
    call.own = { ...call.own, approval: isAutomatic ? { ...approval, id: approvalId, isAutomatic } : approval };
    if (isAutomatic) return [callEvent(call, chunk)];
    call.toolCall = { ...call.toolCall, approval: { id: approvalId } };
    const { index, toolCall } = call;
    const providerMetadata = metadataWith(call.own, chunk);
    return [{ type: 'tool-approval-request', index, approvalId, toolCallId, toolCall, providerMetadata }];
  }

  /** The decision of a person or of the backend, which the backend reports. */
  function approvalResponse(chunk: WireChunk): StreamEvent[] {
    const { approvalId = '', approved, reason } = chunk;
    const call = callsByApproval.get(approvalId);
    if (!call || approved === undefined) return [];
    const { providerExecuted = call.own.providerExecuted } = chunk;
    call.own = { ...call.own, providerExecuted };
    const decision = { approved, ...(reason !== undefined && { reason }) };
    const { approval } = call.own;
    if (approval?.isAutomatic) call.own = { ...call.own, approval: { ...approval, ...decision } };
    else call.toolCall = { ...call.toolCall, approval: { id: approvalId, ...decision } };
    return [callEvent(call, chunk)];
  }

  function callEvent(call: OpenCall, chunk: WireChunk): StreamEvent {
    const { index, toolCall, own } = call;
    return { type: 'tool-call', index, toolCall, providerMetadata: metadataWith(own, chunk) };
  }

  function result(chunk: WireChunk): StreamEvent[] {
    const { type, toolCallId = '', output, errorText, preliminary, providerMetadata } = chunk;
    const isError = type !== 'tool-output-available';
    const call = calls.get(toolCallId);
    const events: StreamEvent[] = [];
    const fields = callFields(chunk);
    waiting.delete(toolCallId);
    // A result can add to what is known of its call.
    if (call && Object.entries(fields).some(([name, value]) => call.own[name as keyof UIPartFields] !== value)) {
      call.own = { ...call.own, ...fields };
      events.push(callEvent(call, {}));
    }
    const denied = call?.toolCall.approval?.reason ?? call?.own.approval?.reason ?? 'denied';
    events.push({
      type: 'tool-result',
      index: placeOf('result', toolCallId),
      toolCallId,
      name: call?.toolCall.name,
      output: isError ? (errorText ?? denied) : output,
      isError: isError || undefined,
      preliminary,
      providerMetadata,
    });
    return events;
  }

  function metadata(chunk: WireChunk): StreamEvent[] {
    if (!isRecord(chunk.messageMetadata)) return [];
    messageMetadata = mergeMetadata(messageMetadata, chunk.messageMetadata);
    const changed = Object.keys(chunk.messageMetadata).map((key) => [key, (messageMetadata as UnknownRecord)[key]]);
    return [{ type: 'metadata', metadata: Object.fromEntries(changed) as UnknownRecord }];
  }

  function fail(message: string): never {
    throw new ErrorFrame(provider, message, 500);
  }

  function decode(chunk: WireChunk): StreamEvent[] {
    const { id, providerMetadata, title, url, mediaType = '', filename, finishReason, data } = chunk;
    if (chunk.type?.startsWith('data-')) {
      const name = chunk.type.slice(5);
      return chunk.transient
        ? [{ type: 'data', name, id, data, transient: true }]
        : [{ type: 'data', index: placeOf(chunk.type, id), name, id, data }];
    }
    const chunkType = chunk.type as UIChunkType;
    switch (chunkType) {
      case 'start':
        return [{ type: 'start', id: chunk.messageId }, ...metadata(chunk)];
      case 'message-metadata':
        return metadata(chunk);
      case 'text-start':
      case 'reasoning-start':
        // The next step uses the same ids again.
        places.delete(`${chunkType.slice(0, -6)} ${id}`);
        return delta(chunkType === 'text-start' ? 'text' : 'reasoning', chunk);
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
        return call ? [inputDelta(call, textOf(chunk.inputTextDelta))] : [];
      }
      case 'tool-input-available':
      case 'tool-input-error':
        return input(chunk);
      case 'tool-approval-request':
        return approvalRequest(chunk);
      case 'tool-approval-response':
        return approvalResponse(chunk);
      case 'tool-output-available':
      case 'tool-output-error':
      case 'tool-output-denied':
        return result(chunk);
      case 'source-url':
      case 'source-document': {
        const source = { id: chunk.sourceId, url, title, mediaType: mediaType || undefined, filename };
        return [{ type: 'source', index: placeOf(chunkType), ...source, providerMetadata }];
      }
      case 'file':
      case 'reasoning-file': {
        const own = { type: chunkType === 'file' ? undefined : chunkType };
        return [
          { type: 'file', index: placeOf(chunkType), url, mediaType, providerMetadata: metadataWith(own, chunk) },
        ];
      }
      case 'custom': {
        const { kind = '' } = chunk;
        const own = metadataWith({ type: chunkType, kind }, chunk);
        return [{ type: 'data', index: placeOf(chunkType), name: kind, data: undefined, providerMetadata: own }];
      }
      case 'steering-message': {
        const own = metadataWith({ type: chunkType }, chunk);
        return [
          {
            type: 'data',
            index: placeOf(chunkType, id),
            name: chunkType,
            id,
            data: chunk.parts,
            providerMetadata: own,
          },
        ];
      }
      case 'start-step':
        isStepEmpty = true;
        return [{ type: 'step' }];
      case 'finish-step':
        return [];
      case 'reset-step':
        // Emitted parts cannot be taken back.
        return isStepEmpty ? [] : fail('the backend repeats a step of which parts were emitted already');
      case 'error': {
        // There is only a text. It is read as the name of a kind, for example `Rate limit exceeded`.
        const message = textOf(chunk.errorText);
        throw new ErrorFrame(provider, { type: message.replaceAll(/\s+/g, '_'), message });
      }
      case 'abort': {
        const message = `${provider}: the backend aborted the answer${chunk.reason ? `: ${chunk.reason}` : ''}`;
        // The backend stopped on purpose, so the request is not retried.
        throw new LLMError(message, { code: 'server', status: 500, provider, isRetryable: false });
      }
      case 'finish': {
        if (finishReason === 'error') fail('the answer broke off');
        // The stream of the model ended without a finish reason.
        if (finishReason === 'interrupted') throw truncatedError();
        // Backends of version 5 send no reason; then a call without a result waits for one.
        const raw = finishReason ?? (waiting.size > 0 ? 'tool-calls' : 'stop');
        const reason = FINISH_REASONS.find((known) => known === raw) ?? 'other';
        return [...metadata(chunk), { type: 'finish', reason, raw: finishReason }];
      }
      default:
        // Later versions add chunks.
        chunkType satisfies never;
        return [];
    }
  }

  const decoder = {
    done: false,
    push({ data }: Frame): StreamEvent[] {
      decoder.done = data === '[DONE]';
      const chunk = decoder.done ? {} : (JSON.parse(data) as WireChunk);
      if (chunk.error || isErrorBody(chunk, !!chunk.type)) throw new ErrorFrame(provider, chunk);
      return decode(chunk);
    },
    end: () => [],
  };
  return decoder;
}

type UnknownRecord = Readonly<Record<string, unknown>>;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a call that a chunk has; they may come with any of its chunks. */
function callFields({ dynamic, providerExecuted, title, toolMetadata }: WireChunk): UIPartFields {
  return {
    ...(dynamic && { type: 'dynamic-tool' }),
    ...(providerExecuted !== undefined && { providerExecuted }),
    ...(title !== undefined && { title }),
    ...(toolMetadata !== undefined && { toolMetadata }),
  };
}

/** Objects are merged, as the AI SDK does it; other values replace those before. */
function mergeMetadata(known: unknown, added: unknown): unknown {
  if (!isRecord(known) || !isRecord(added)) return added;
  const merged = Object.entries(added).map(([key, value]) => [
    key,
    mergeMetadata(Object.hasOwn(known, key) ? known[key] : undefined, value),
  ]);
  return { ...known, ...(Object.fromEntries(merged) as UnknownRecord) };
}
