import type { immutableJSONPatch, JSONPatchDocument } from 'immutable-json-patch';
import type { Usage } from '../completion.ts';
import type { StreamEvent } from '../event.ts';
import { toLLMError } from '../http/failure.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import type { ProviderMetadata, ToolCall } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import { toRunInput, type Own } from './ag-ui-input.ts';
import { ownBackend, type OwnBackendOptions, type ThreadId } from './own-backend.ts';
import type { Decoder, HttpProvider } from './provider.ts';
import { completeToolCall } from './tool-call.ts';

/** `name` is by default `agui`. */
export interface AGUIOptions extends OwnBackendOptions {
  /** Address of the agent. */
  readonly api: string;
  /**
   * Id of the conversation: the `threadId` of the body. `providerOptions: { agui: { threadId } }` sets it for a request.
   * Default: the id of the first message, which stays the same while a conversation grows, or else a new one.
   */
  readonly threadId?: ThreadId | undefined;
}

/**
 * A backend that speaks AG-UI, version 1.0 and those before it, over server-sent events.
 * https://docs.ag-ui.com/concepts/events
 *
 * It gets a POST of a `RunAgentInput`. `state` is that of the last answer among the messages, or `{}`; `resume` has the
 * decisions on the approvals that the last message asks for; `forwardedProps` has what else the request says (`model`,
 * `temperature`, …). `body` and `providerOptions.agui` are put in last: `{ state, context, resume, … }`.
 *
 * The answer ends with `RUN_FINISHED`. The metadata of the message has `threadId` and `runId`, the `result` if there is
 * one, and the `interrupts` of a run that waits for a person: its finish reason is `pause`, and those about a call ask
 * for its approval. The state is a data part named `state`, whole, which each delta replaces; what a delta did not touch
 * stays the same object. Activities are data parts by their type, custom events by their name. `RAW` and
 * `MESSAGES_SNAPSHOT` are data events, named `raw` and `messages`, that the message does not keep. A `RUN_ERROR` is told
 * by its code; without a known one it is a `ServerError`.
 * @throws {LLMError} with code `config` when the key would be exposed or `api` is no address.
 */
export function agui(options: AGUIOptions): HttpProvider {
  const { name = 'agui', api } = options;
  const post = ownBackend(name, api, options);
  /** What runs that have not begun start from, by their ids: a delta may come without a snapshot. */
  const states = new Map<unknown, unknown>();
  let patch: Patch;
  return {
    name,
    supports: { tools: true, json: 'backend', wholeAnswers: true },
    framing: 'sse',
    async request(request, context) {
      // A chunk of its own, which the page can load while it shows something already.
      ({ immutableJSONPatch: patch } = await import('immutable-json-patch'));
      const body = toRunInput(request, name, options.threadId);
      states.set(body['runId'], body['state']);
      // Some never begin.
      if (states.size > MAX_STATES) states.delete(states.keys().next().value);
      return post(body, request, context);
    },
    decoder: () => createDecoder(name, states, patch),
    error: (status, headers, body) => toLLMError(name, body, status, headers),
  };
}

const MAX_STATES = 100;

type Patch = typeof immutableJSONPatch;

// What comes back: https://docs.ag-ui.com/spec/1.0/schema.json

interface WireEvent {
  type?: string;
  threadId?: string;
  runId?: string;
  messageId?: string | null;
  role?: string | null;
  /** Text, or the operations of a patch. */
  delta?: unknown;
  toolCallId?: string | null;
  toolCallName?: string | null;
  parentMessageId?: string | null;
  content?: unknown;
  entityId?: string;
  encryptedValue?: string;
  snapshot?: unknown;
  messages?: readonly WireMessage[];
  activityType?: string;
  replace?: boolean | null;
  patch?: unknown;
  name?: string;
  value?: unknown;
  event?: unknown;
  result?: unknown;
  outcome?: { type?: string; interrupts?: readonly { id: string; toolCallId?: string | null }[] } | null;
  usage?: readonly WireUsage[] | null;
  /** Of a backend that answers in its own way. */
  error?: unknown;
}

interface WireMessage {
  id: string;
  role: string;
  content?: unknown;
  toolCalls?: readonly { id: string; function: { name: string; arguments: string } }[] | null;
}

type WireUsage = Readonly<Record<string, number | undefined>>;

interface OpenCall {
  readonly index: number;
  readonly own: Own;
  toolCall: ToolCall;
  isDone?: boolean;
  hasResult?: boolean;
}

function createDecoder(provider: string, states: Map<unknown, unknown>, patch: Patch): Decoder {
  const calls = new Map<string, OpenCall>();
  /** Where a part is that goes on or is replaced, by what it is and its id; -1 for what is no answer. */
  const places = new Map<string, number>();
  /** What the chunk events go on with that leave out the id. */
  const lastIds = new Map<string, string>();
  const documents = new Map<string, unknown>();
  let length = 0;
  let snapshot: WireMessage | undefined;

  function metadataOf(own: Own | undefined): ProviderMetadata | undefined {
    return own && { [provider]: own };
  }

  function nextIndex(): number {
    return length++;
  }

  function placeOf(key: string): number {
    const place = places.get(key) ?? nextIndex();
    places.set(key, place);
    return place;
  }

  function idOf(type: string, id: string | null | undefined): string {
    const known = id ?? lastIds.get(type) ?? '';
    lastIds.set(type, known);
    return known;
  }

  function delta(
    type: 'text' | 'reasoning',
    { messageId, role, delta: added, encryptedValue }: WireEvent,
  ): StreamEvent[] {
    const id = idOf(type, messageId);
    const key = `${type} ${id}`;
    if (role && role !== 'assistant' && role !== type) places.set(key, -1);
    const known = places.get(key);
    if ((!added && !encryptedValue) || known === -1) return [];
    const index = placeOf(key);
    const own = { messageId: id || undefined, encryptedValue };
    const providerMetadata = known === undefined || encryptedValue ? metadataOf(own) : undefined;
    return [{ type, index, delta: (added ?? '') as string, providerMetadata }];
  }

  function callDelta({ toolCallId, toolCallName, parentMessageId, delta: added }: WireEvent): StreamEvent[] {
    const id = idOf('call', toolCallId);
    const events: StreamEvent[] = [];
    let call = calls.get(id);
    if (!call && toolCallName) {
      const own = { messageId: parentMessageId ?? undefined };
      const toolCall = { id, name: toolCallName, rawInput: '' };
      call = { index: nextIndex(), own, toolCall };
      calls.set(id, call);
      events.push({
        type: 'tool-call-start',
        index: call.index,
        id,
        name: toolCallName,
        providerMetadata: metadataOf(own),
      });
    }
    if (!call || !added) return events;
    const { index, toolCall } = call;
    call.toolCall = { ...toolCall, rawInput: toolCall.rawInput + (added as string) };
    return [...events, { type: 'tool-call-delta', index, delta: added as string }];
  }

  function complete(call: OpenCall | undefined): StreamEvent[] {
    if (!call || call.isDone) return [];
    const { id, name, rawInput } = call.toolCall;
    call.isDone = true;
    call.toolCall = completeToolCall(id, name, rawInput);
    return [{ type: 'tool-call', index: call.index, toolCall: call.toolCall }];
  }

  function result({ messageId, toolCallId, content }: WireEvent): StreamEvent[] {
    const id = toolCallId ?? '';
    const call = calls.get(id);
    if (call) call.hasResult = true;
    const providerMetadata = metadataOf({ messageId: messageId ?? undefined });
    return [
      ...complete(call),
      {
        type: 'tool-result',
        index: nextIndex(),
        toolCallId: id,
        name: call?.toolCall.name,
        output: content,
        providerMetadata,
      },
    ];
  }

  function encrypted({ entityId: id = '', encryptedValue }: WireEvent): StreamEvent[] {
    const call = calls.get(id);
    if (!call)
      return delta(places.has(`text ${id}`) ? 'text' : 'reasoning', {
        messageId: id,
        encryptedValue: encryptedValue ?? '',
      });
    return [
      {
        type: 'tool-call-delta',
        index: call.index,
        delta: '',
        providerMetadata: metadataOf({ ...call.own, encryptedValue }),
      },
    ];
  }

  /** A document that is a data part, and takes its own place. */
  function document(name: string, id: string, data: unknown, own?: Own): StreamEvent[] {
    const key = `data ${id}`;
    const index = placeOf(key);
    documents.set(key, data);
    return [{ type: 'data', index, name, id, data, providerMetadata: metadataOf(own) }];
  }

  /** @throws {Error} for a patch that does not fit, and for one that would change what objects inherit. */
  function patched(key: string, operations: unknown): unknown {
    for (const { path, from } of operations as readonly { path: string; from?: string }[])
      if (`${path}/${from}/`.includes('/__proto__/')) throw new Error('__proto__');
    return patch(documents.get(key) ?? {}, operations as JSONPatchDocument);
  }

  function activity({ messageId, activityType = '', content, patch: operations, replace }: WireEvent): StreamEvent[] {
    const id = messageId ?? '';
    const key = `data ${id}`;
    if (replace === false && documents.has(key)) return [];
    return document(activityType, id, operations ? patched(key, operations) : content, { messageId: id });
  }

  /** What a message says at once. */
  function whole({ id: messageId, content, toolCalls }: WireMessage): StreamEvent[] {
    return [
      ...delta('text', { messageId, delta: content }),
      ...(toolCalls ?? []).flatMap(({ id, function: { name, arguments: input } }) =>
        callDelta({ toolCallId: id, toolCallName: name, parentMessageId: messageId, delta: input }),
      ),
    ];
  }

  function finish({ result: returned, outcome, usage }: WireEvent): StreamEvent[] {
    if (outcome?.type === 'cancelled') throw toLLMError(provider, 'the backend cancelled the run', 500);
    const isSilent = calls.size === 0 && lastIds.size === 0;
    const events = isSilent && snapshot?.role === 'assistant' ? whole(snapshot) : [];
    for (const call of calls.values()) events.push(...complete(call));
    const interrupts = outcome?.interrupts;
    for (const { id: approvalId, toolCallId } of interrupts ?? []) {
      const call = calls.get(toolCallId ?? '');
      if (!call) continue;
      const toolCall = { ...call.toolCall, approval: { id: approvalId } };
      events.push({ type: 'tool-approval-request', index: call.index, approvalId, toolCallId: toolCall.id, toolCall });
    }
    if (interrupts) events.push({ type: 'metadata', metadata: { interrupts } });
    if (returned != null) events.push({ type: 'metadata', metadata: { result: returned } });
    if (usage?.[0]) events.push({ type: 'usage', usage: toUsage(usage) });
    const isOpen = [...calls.values()].some(({ hasResult }) => !hasResult);
    const reason = interrupts ? 'pause' : isOpen ? 'tool-calls' : 'stop';
    return [...events, { type: 'finish', reason, raw: outcome?.type }];
  }

  function decode(event: WireEvent): StreamEvent[] {
    const { type = '', runId, threadId } = event;
    switch (type) {
      case 'RUN_STARTED':
        documents.set('data state', states.get(runId));
        states.delete(runId);
        return [
          { type: 'start', id: runId },
          { type: 'metadata', metadata: { threadId, runId } },
        ];
      case 'RUN_FINISHED':
        return finish(event);
      case 'RUN_ERROR':
        throw toLLMError(provider, event);
      case 'THINKING_TEXT_MESSAGE_START':
        // These have no ids.
        lastIds.delete('reasoning');
        places.delete('reasoning ');
        return [];
      case 'REASONING_ENCRYPTED_VALUE':
        return encrypted(event);
      case 'TOOL_CALL_END':
        return complete(calls.get(event.toolCallId ?? ''));
      case 'TOOL_CALL_RESULT':
        return result(event);
      case 'STATE_SNAPSHOT':
        return document('state', 'state', event.snapshot);
      case 'STATE_DELTA':
        return document('state', 'state', patched('data state', event.delta));
      case 'ACTIVITY_SNAPSHOT':
      case 'ACTIVITY_DELTA':
        return activity(event);
      case 'MESSAGES_SNAPSHOT':
        snapshot = event.messages?.at(-1);
        return [{ type: 'data', name: 'messages', data: event.messages, transient: true }];
      case 'STEP_STARTED':
        return [{ type: 'step' }];
      case 'CUSTOM':
        return [{ type: 'data', index: nextIndex(), name: event.name ?? '', data: event.value }];
      case 'RAW':
        return [{ type: 'data', name: 'raw', data: event.event, transient: true }];
      default:
        // START, CONTENT, ARGS, CHUNK and END differ in the fields that they have.
        if (type.startsWith('TEXT_MESSAGE')) return delta('text', event);
        if (/^(REASONING|THINKING_TEXT)_MESSAGE/.test(type)) return delta('reasoning', event);
        return type.startsWith('TOOL_CALL') ? callDelta(event) : [];
    }
  }

  const decoder = {
    done: false,
    push({ data }: Frame): StreamEvent[] {
      const event = JSON.parse(data) as WireEvent;
      if (event.error || isErrorBody(event, !!event.type)) throw toLLMError(provider, event);
      decoder.done = event.type === 'RUN_FINISHED';
      return decode(event);
    },
    end: () => [],
  };
  return decoder;
}

/** A run may use several models. What none of them tells is unknown. */
function toUsage(raw: readonly WireUsage[]): Usage {
  const sum = (name: string): number | undefined =>
    raw.reduce<number | undefined>(
      (total, { [name]: count }) => (count == null ? total : (total ?? 0) + count),
      undefined,
    );
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    totalTokens: sum('totalTokens'),
    cachedInputTokens: sum('cachedInputTokens'),
    cacheWriteTokens: sum('cacheWriteInputTokens'),
    reasoningTokens: sum('reasoningTokens'),
    raw,
  };
}
