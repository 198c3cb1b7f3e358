import type { FinishReason } from '../../types/completion.ts';
import type { ParseError } from '../../errors/error-classes.ts';
import { LLMError, truncatedError } from '../../errors/error.ts';
import type { StreamEvent } from '../../types/event.ts';
import { ErrorFrame, readError } from '../../transport/error-frame.ts';
import { isErrorBody } from '../../transport/in-band-error.ts';
import { joinURL } from '../../transport/join-url.ts';
import { newId } from '../../utils/id.ts';
import type { MessageInput, ProviderMetadata, ToolCall } from '../../types/message.ts';
import {
  filledText,
  flag,
  identifier,
  listOrThrow,
  record,
  text,
  textOrThrow,
  UnexpectedValueError,
} from '../../utils/read-value.ts';
import { toWellFormed } from '../../utils/well-formed.ts';
import type { Frame } from '../../transport/frame.ts';
import type { Body } from '../../utils/merge-bodies.ts';
import { createGrowingFields } from '../shared/growing-fields.ts';
import {
  ownBackend,
  settingsOf,
  threadIdOf,
  type OwnBackendOptions,
  type ThreadId,
} from '../shared/backend-endpoint.ts';
import { createPartIndex } from '../shared/part-counter.ts';
import type { Decoder, HttpProvider, ResolvedRequest } from '../provider.ts';
import { createUnansweredCalls } from '../shared/tool-history.ts';
import { toUIMessages, type UIPartFields } from './messages.ts';

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
      const segment = request.conversation?.resume ? pathSegment(threadIdOf(request, id)) : undefined;
      const http = await post(toBody(request, name, id), request, context);
      if (segment === undefined) return http;
      return { ...http, url: joinURL(http.url, `/${segment}/stream`), method: 'GET', body: undefined };
    },
    decoder: (request) => createDecoder(name, request?.messages),
    error: (status, headers, body) => readError(name, body, status, headers),
  };
}

/** @throws {LLMError} for an id that cannot be one segment of a path: a URL removes `.` and `..`, encoded or not. */
function pathSegment(id: string): string {
  if (id !== '' && id !== '.' && id !== '..' && toWellFormed(id) === id) return encodeURIComponent(id);
  const message = `The id of the conversation cannot be in an address: ${JSON.stringify(id)}`;
  throw new LLMError(message, { code: 'invalid_request' });
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

/** The fields of the chunks. Nothing about their shape is certain. */
interface WireChunk {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly delta?: unknown;
  readonly providerMetadata?: unknown;
  readonly citations?: unknown;
  readonly toolCallId?: unknown;
  readonly toolName?: unknown;
  readonly inputTextDelta?: unknown;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly preliminary?: unknown;
  readonly dynamic?: unknown;
  readonly providerExecuted?: unknown;
  readonly title?: unknown;
  readonly toolMetadata?: unknown;
  readonly approvalId?: unknown;
  readonly approvalDescriptor?: unknown;
  readonly inputSchemaInput?: unknown;
  readonly isAutomatic?: unknown;
  readonly approved?: unknown;
  readonly signature?: unknown;
  /** Of a steering message. */
  readonly parts?: unknown;
  readonly sourceId?: unknown;
  readonly url?: unknown;
  readonly mediaType?: unknown;
  readonly filename?: unknown;
  readonly kind?: unknown;
  readonly data?: unknown;
  readonly transient?: unknown;
  readonly messageId?: unknown;
  readonly messageMetadata?: unknown;
  readonly finishReason?: unknown;
  readonly errorText?: unknown;
  readonly reason?: unknown;
  /** Of a backend that answers in its own format. */
  readonly error?: unknown;
}

/** Finish reasons of the AI SDK that end an answer; `error` and `interrupted` fail it. */
const FINISH_REASONS = ['stop', 'length', 'tool-calls', 'content-filter', 'other'] as const;

/** https://github.com/vercel/ai/blob/main/packages/ai/src/types/language-model.ts */
export type UIFinishReason = (typeof FINISH_REASONS)[number] | 'error' | 'interrupted';

interface OpenCall {
  readonly index: number;
  /** The step that began it. */
  readonly step: number;
  /** The call as it was emitted last. */
  toolCall: ToolCall;
  own: UIPartFields;
  /** The index of its result. */
  resultIndex?: number | undefined;
  hasFinalResult: boolean;
}

function createDecoder(provider: string, history?: readonly MessageInput[]): Decoder {
  /** The last call of each id: backends may use an id again in another step. */
  const calls = new Map<string, OpenCall>();
  const callsByApproval = new Map<string, OpenCall>();
  /** Calls that have no result yet. */
  const waiting = new Set<string>();
  /** The index of each text and data part that can continue or be replaced, by type and id. */
  const places = new Map<string, number>();
  /** Calls of earlier answers, whose results an approval brings. */
  const unansweredCall = createUnansweredCalls(history);
  /** The index of results whose call is of an earlier answer. */
  const earlierResults = new Map<string, number>();
  const partIndex = createPartIndex();
  /** Objects are merged, as the AI SDK does it; other values replace those before. */
  const messageMetadata = createGrowingFields(Infinity);
  let step = 0;
  let isStepEmpty = true;

  function newPlace(type: string): number {
    isStepEmpty = false;
    return partIndex(type, true);
  }

  function placeOf(type: string, id: string): number {
    const key = `${type} ${id}`;
    let index = places.get(key);
    if (index === undefined) {
      index = newPlace(type);
      places.set(key, index);
    }
    isStepEmpty = false;
    return index;
  }

  function metadataWith(own: UIPartFields, providerMetadata?: unknown): ProviderMetadata | undefined {
    const others = record(providerMetadata);
    const entries = Object.entries(own).filter(([, value]) => value !== undefined);
    return entries.length > 0 ? { ...others, [provider]: Object.fromEntries(entries) } : others;
  }

  /** Whether a chunk that has the id of this call belongs to another call. */
  function isOver(call: OpenCall): boolean {
    const { toolCall } = call;
    const isComplete = toolCall.input !== undefined || toolCall.error !== undefined;
    return isComplete && (call.hasFinalResult || call.step !== step);
  }

  function openCall(chunk: WireChunk, events: StreamEvent[]): OpenCall {
    const id = callIdOf(chunk);
    const known = calls.get(id);
    if (known && !isOver(known)) {
      known.own = { ...known.own, ...callFields(chunk) };
      return known;
    }
    const name = filledText(chunk.toolName);
    if (name === undefined) throw new UnexpectedValueError('toolName', 'the name of a tool', chunk.toolName);
    const own = callFields(chunk);
    const toolCall = { id: id || newId(), name, rawInput: '' };
    const index = newPlace('call');
    const call: OpenCall = { index, step, toolCall, own, hasFinalResult: false };
    calls.set(id, call);
    waiting.add(id);
    const providerMetadata = metadataWith(own, chunk.providerMetadata);
    events.push({ type: 'tool-call-start', index, id: toolCall.id, name, providerMetadata });
    return call;
  }

  function delta(type: 'text' | 'reasoning', chunk: WireChunk): StreamEvent[] {
    const added = textOrThrow(chunk.delta, 'delta') ?? '';
    const providerMetadata = metadataWith({ citations: chunk.citations }, chunk.providerMetadata);
    if (added === '' && !providerMetadata) return [];
    return [{ type, index: placeOf(type, identifier(chunk.id) ?? ''), delta: added, providerMetadata }];
  }

  function inputDelta(call: OpenCall, added: string): StreamEvent {
    call.toolCall = { ...call.toolCall, rawInput: call.toolCall.rawInput + added };
    return { type: 'tool-call-delta', index: call.index, delta: added };
  }

  function input(chunk: WireChunk): StreamEvent[] {
    const events: StreamEvent[] = [];
    const call = openCall(chunk, events);
    const { input: value = {} } = chunk;
    const isBroken = chunk.type === 'tool-input-error';
    // Arguments that cannot be parsed come as text, and so do those of free-form tools.
    if (!call.toolCall.rawInput)
      events.push(inputDelta(call, typeof value === 'string' ? value : JSON.stringify(value)));
    if (isBroken) {
      const message = filledText(chunk.errorText) ?? `The arguments of ${call.toolCall.name} are invalid`;
      call.toolCall = { ...call.toolCall, error: new LLMError(message, { code: 'parse', provider }) as ParseError };
    } else {
      // Later requests send such arguments back as text; all others are objects.
      if (typeof value === 'string') call.own = { ...call.own, inputEncoding: 'text' };
      call.toolCall = { ...call.toolCall, input: value };
    }
    return [...events, callEvent(call, chunk)];
  }

  function approvalRequest(chunk: WireChunk): StreamEvent[] {
    const call = calls.get(callIdOf(chunk));
    if (!call) return [];
    const approvalId = identifier(chunk.approvalId) ?? newId();
    const isAutomatic = flag(chunk.isAutomatic);
    callsByApproval.set(approvalId, call);
    const approval = {
      descriptor: chunk.approvalDescriptor,
      requestReason: text(chunk.reason),
      signature: text(chunk.signature),
      inputSchemaInput: chunk.inputSchemaInput,
    };
    // Nobody is asked if the backend decides: its request is only kept to be sent back.
    call.own = { ...call.own, approval: isAutomatic ? { ...approval, id: approvalId, isAutomatic } : approval };
    if (isAutomatic) return [callEvent(call, chunk)];
    call.toolCall = { ...call.toolCall, approval: { id: approvalId } };
    const { index, toolCall } = call;
    const providerMetadata = metadataWith(call.own, chunk.providerMetadata);
    return [{ type: 'tool-approval-request', index, approvalId, toolCallId: toolCall.id, toolCall, providerMetadata }];
  }

  /** The decision of a person or of the backend, which the backend reports. */
  function approvalResponse(chunk: WireChunk): StreamEvent[] {
    const approvalId = identifier(chunk.approvalId) ?? '';
    const approved = flag(chunk.approved);
    const reason = text(chunk.reason);
    const call = callsByApproval.get(approvalId);
    if (!call || approved === undefined) return [];
    call.own = { ...call.own, providerExecuted: flag(chunk.providerExecuted) ?? call.own.providerExecuted };
    const decision = { approved, ...(reason !== undefined && { reason }) };
    const { approval } = call.own;
    if (approval?.isAutomatic) call.own = { ...call.own, approval: { ...approval, ...decision } };
    else call.toolCall = { ...call.toolCall, approval: { id: approvalId, ...decision } };
    return [callEvent(call, chunk)];
  }

  function callEvent({ index, toolCall, own }: OpenCall, chunk?: WireChunk): StreamEvent {
    return { type: 'tool-call', index, toolCall, providerMetadata: metadataWith(own, chunk?.providerMetadata) };
  }

  function result(chunk: WireChunk): StreamEvent[] {
    const id = callIdOf(chunk);
    const call = calls.get(id);
    const events: StreamEvent[] = [];
    const fields = callFields(chunk);
    const preliminary = flag(chunk.preliminary);
    waiting.delete(id);
    if (call) call.hasFinalResult = !preliminary;
    // A result can add to what is known of its call.
    if (call && Object.entries(fields).some(([name, value]) => call.own[name as keyof UIPartFields] !== value)) {
      call.own = { ...call.own, ...fields };
      events.push(callEvent(call));
    }
    const toolCall = call?.toolCall ?? unansweredCall(id);
    const isError = chunk.type !== 'tool-output-available';
    events.push({
      type: 'tool-result',
      index: resultPlace(call, id),
      toolCallId: toolCall?.id ?? (id || newId()),
      name: toolCall?.name,
      output: isError ? (chunk.errorText ?? reasonFor(chunk, call, toolCall)) : chunk.output,
      isError: isError || undefined,
      preliminary,
      providerMetadata: record(chunk.providerMetadata),
    });
    return events;
  }

  function resultPlace(call: OpenCall | undefined, id: string): number {
    const index = (call ? call.resultIndex : earlierResults.get(id)) ?? newPlace('result');
    if (call) call.resultIndex = index;
    else earlierResults.set(id, index);
    return index;
  }

  /** Why a call has no output. */
  function reasonFor(chunk: WireChunk, call: OpenCall | undefined, toolCall: ToolCall | undefined): string {
    if (chunk.type === 'tool-output-error') return 'The tool failed';
    return toolCall?.approval?.reason ?? call?.own.approval?.reason ?? 'denied';
  }

  function metadata(chunk: WireChunk): StreamEvent[] {
    messageMetadata.add(record(chunk.messageMetadata) ?? {});
    return messageMetadata.isDue ? restOfMetadata() : [];
  }

  function restOfMetadata(): StreamEvent[] {
    return messageMetadata.isChanged ? [{ type: 'metadata', metadata: messageMetadata.share() }] : [];
  }

  function data(type: string, chunk: WireChunk): StreamEvent[] {
    const name = type.slice('data-'.length) || 'data';
    const id = identifier(chunk.id);
    if (chunk.transient === true) return [{ type: 'data', name, id, data: chunk.data, transient: true }];
    const index = id === undefined ? newPlace(type) : placeOf(type, id);
    return [{ type: 'data', index, name, id, data: chunk.data }];
  }

  function file(type: 'file' | 'reasoning-file', chunk: WireChunk): StreamEvent[] {
    const url = filledText(chunk.url);
    if (url === undefined) throw new UnexpectedValueError('url', 'the address of a file', chunk.url);
    const mediaType = filledText(chunk.mediaType) ?? 'application/octet-stream';
    const own = { type: type === 'file' ? undefined : type };
    const providerMetadata = metadataWith(own, chunk.providerMetadata);
    return [{ type: 'file', index: newPlace(type), url, mediaType, providerMetadata }];
  }

  function source(chunk: WireChunk): StreamEvent[] {
    return [
      {
        type: 'source',
        index: newPlace('source'),
        id: identifier(chunk.sourceId),
        url: filledText(chunk.url),
        title: text(chunk.title),
        mediaType: filledText(chunk.mediaType),
        filename: filledText(chunk.filename),
        providerMetadata: record(chunk.providerMetadata),
      },
    ];
  }

  function custom(chunk: WireChunk): StreamEvent[] {
    const kind = filledText(chunk.kind) ?? 'custom';
    const providerMetadata = metadataWith({ type: 'custom', kind }, chunk.providerMetadata);
    return [{ type: 'data', index: newPlace('custom'), name: kind, data: undefined, providerMetadata }];
  }

  function steeringMessage(chunk: WireChunk): StreamEvent[] {
    const name = 'steering-message';
    const id = identifier(chunk.id);
    const parts = listOrThrow(chunk.parts, 'parts');
    const index = id === undefined ? newPlace(name) : placeOf(name, id);
    const providerMetadata = metadataWith({ type: name }, chunk.providerMetadata);
    return [{ type: 'data', index, name, id, data: parts, providerMetadata }];
  }

  function finish(chunk: WireChunk): StreamEvent[] {
    const { finishReason } = chunk;
    if (finishReason === 'error') fail('the answer broke off');
    // The stream of the model ended without a finish reason.
    if (finishReason === 'interrupted') throw truncatedError();
    return [
      ...metadata(chunk),
      ...restOfMetadata(),
      { type: 'finish', reason: reasonOf(finishReason), raw: filledText(finishReason) },
    ];
  }

  function reasonOf(finishReason: unknown): FinishReason {
    // Backends of version 5 send no reason; then a call without a result waits for one.
    if (finishReason === undefined || finishReason === null) return waiting.size > 0 ? 'tool-calls' : 'stop';
    return FINISH_REASONS.find((known) => known === finishReason) ?? 'other';
  }

  function fail(message: string): never {
    throw new ErrorFrame(provider, message, 500);
  }

  function decode(chunk: WireChunk): StreamEvent[] {
    const type = textOrThrow(chunk.type, 'type') ?? '';
    if (type.startsWith('data-')) return data(type, chunk);
    const chunkType = type as UIChunkType;
    switch (chunkType) {
      case 'start':
        return [{ type: 'start', id: identifier(chunk.messageId) }, ...metadata(chunk)];
      case 'message-metadata':
        return metadata(chunk);
      case 'text-start':
      case 'reasoning-start':
        // The next step uses the same ids again.
        places.delete(`${chunkType.slice(0, -'-start'.length)} ${identifier(chunk.id) ?? ''}`);
        return delta(chunkType === 'text-start' ? 'text' : 'reasoning', chunk);
      case 'text-delta':
      case 'text-end':
        return delta('text', chunk);
      case 'reasoning-delta':
      case 'reasoning-end':
        return delta('reasoning', chunk);
      case 'tool-input-start': {
        const events: StreamEvent[] = [];
        openCall(chunk, events);
        return events;
      }
      case 'tool-input-delta': {
        const added = textOrThrow(chunk.inputTextDelta, 'inputTextDelta') ?? '';
        const call = calls.get(callIdOf(chunk));
        return call ? [inputDelta(call, added)] : [];
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
      case 'source-document':
        return source(chunk);
      case 'file':
      case 'reasoning-file':
        return file(chunkType, chunk);
      case 'custom':
        return custom(chunk);
      case 'steering-message':
        return steeringMessage(chunk);
      case 'start-step':
        isStepEmpty = true;
        step += 1;
        return [{ type: 'step' }];
      case 'finish-step':
        return [];
      case 'reset-step':
        // Emitted parts cannot be taken back.
        return isStepEmpty ? [] : fail('the backend repeats a step of which parts were emitted already');
      case 'error': {
        const message = text(chunk.errorText);
        if (message === undefined) throw new ErrorFrame(provider, chunk);
        // There is only a text. It is read as the name of a kind, for example `Rate limit exceeded`.
        throw new ErrorFrame(provider, { type: message.replaceAll(/\s+/g, '_'), message });
      }
      case 'abort': {
        const reason = filledText(chunk.reason);
        const message = `${provider}: the backend aborted the answer${reason === undefined ? '' : `: ${reason}`}`;
        // The backend stopped on purpose, so the request is not retried.
        throw new LLMError(message, { code: 'server', status: 500, provider, isRetryable: false });
      }
      case 'finish':
        return finish(chunk);
      default:
        // Later versions add chunks.
        chunkType satisfies never;
        return [];
    }
  }

  const decoder = {
    done: false,
    push({ data: json }: Frame): StreamEvent[] {
      decoder.done = json === '[DONE]';
      if (decoder.done) return [];
      const value: unknown = JSON.parse(json);
      const chunk: WireChunk | undefined = record(value);
      if (chunk?.error || isErrorBody(value, !!chunk?.type)) throw new ErrorFrame(provider, value);
      if (!chunk) throw new UnexpectedValueError('the chunk', 'an object', value);
      return decode(chunk);
    },
    end: () => [],
  };
  return decoder;
}

/** The call id of a chunk. @default '' */
function callIdOf({ toolCallId }: WireChunk): string {
  return identifier(toolCallId) ?? '';
}

/** The fields of a call that a chunk has; they may come with any of its chunks. */
function callFields(chunk: WireChunk): UIPartFields {
  const providerExecuted = flag(chunk.providerExecuted);
  const title = text(chunk.title);
  const { toolMetadata } = chunk;
  return {
    ...(chunk.dynamic === true && { type: 'dynamic-tool' }),
    ...(providerExecuted !== undefined && { providerExecuted }),
    ...(title !== undefined && { title }),
    ...(toolMetadata !== undefined && { toolMetadata }),
  };
}
