import type { Usage } from '../completion.ts';
import type { StreamEvent } from '../event.ts';
import { ErrorFrame } from '../http/error-frame.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { newId } from '../id.ts';
import type { ProviderMetadata } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import { announceText, createRemainder, type AnnouncedText } from './announced-text.ts';
import { finishReasonOf } from './finish-reason.ts';
import { isObject } from './merge-bodies.ts';
import { CUSTOM_CALL, IMAGE_CALL, isClientCall } from './openai-responses-input.ts';
import type { Decoder } from './provider.ts';
import { completeToolCall } from './tool-call.ts';

interface WireAnnotation {
  url?: string | null;
  title?: string | null;
  file_id?: string | null;
  filename?: string | null;
}

interface WireContent {
  type?: string;
  text?: string | null;
  refusal?: string | null;
  annotations?: WireAnnotation[] | null;
}

interface WireItem {
  type: string;
  id?: string | null;
  status?: string | null;
  phase?: string | null;
  role?: string | null;
  content?: WireContent[] | null;
  /** Of reasoning. */
  summary?: WireContent[] | null;
  encrypted_content?: string | null;
  /** Of calls. */
  call_id?: string | null;
  name?: string | null;
  arguments?: unknown;
  input?: unknown;
  created_by?: unknown;
  /** Of a call of an MCP tool that was allowed. */
  approval_request_id?: string | null;
  /** Of a search for tools. */
  execution?: string | null;
  /** Of image generation: base64. */
  result?: string | null;
  output_format?: string | null;
}

interface WireUsage {
  input_tokens?: number;
  output_tokens?: number;
  total_tokens?: number;
  input_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number } | null;
  output_tokens_details?: { reasoning_tokens?: number } | null;
}

interface WireResponse {
  object?: string;
  id?: string | null;
  model?: string | null;
  status?: string | null;
  store?: boolean | null;
  error?: { code?: string | null } | null;
  incomplete_details?: { reason?: string | null } | null;
  output?: WireItem[] | null;
  usage?: WireUsage | null;
}

/** An event of a stream, or a whole response. */
interface WireEvent extends WireResponse {
  type?: string;
  sequence_number?: number;
  response?: WireResponse | null;
  output_index?: number | string | null;
  item_id?: string | null;
  item?: WireItem | null;
  content_index?: number | null;
  summary_index?: number | null;
  part?: WireContent | null;
  delta?: string | null;
  /** At the end of a piece: the whole of it. */
  text?: string | null;
  refusal?: string | null;
  name?: string | null;
  arguments?: unknown;
  input?: unknown;
  annotation?: WireAnnotation | null;
}

type TextKind = 'text' | 'refusal' | 'summary' | 'reasoning';

/** The kinds of text, in names of events and in items. */
const TEXTS: ReadonlyMap<unknown, TextKind> = new Map([
  ['output_text', 'text'],
  ['text', 'text'],
  ['refusal', 'refusal'],
  ['reasoning_summary_text', 'summary'],
  ['summary_text', 'summary'],
  ['reasoning_text', 'reasoning'],
]);

/** The events of pieces of an item. */
const PIECES: ReadonlySet<string> = new Set(['content_part', 'reasoning_summary_part']);

/** The events of arguments of calls that the application carries out. */
const INPUTS: ReadonlySet<string> = new Set(['function_call_arguments', `${CUSTOM_CALL}_input`]);

/** Types of items that are parts of their own. All others are data parts. */
const KNOWN_ITEMS: ReadonlySet<string> = new Set(['message', 'reasoning', 'function_call', CUSTOM_CALL]);

/** States of a response, and names of events, after which nothing comes. */
const ENDS: readonly unknown[] = ['completed', 'incomplete', 'failed', 'cancelled'];

interface OpenCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly isCustom: boolean;
  input: string;
  isDone?: boolean;
}

interface OpenText {
  readonly kind: TextKind;
  readonly place: number;
  readonly index: number;
  text: string;
  hasDeltas?: boolean;
  /** Text that came before its deltas, which may repeat it. */
  announced?: AnnouncedText;
}

interface OpenItem {
  place: number | undefined;
  id: string | undefined;
  /** The item as it was last received. */
  wire?: WireItem;
  readonly texts: Map<string, OpenText>;
  /** The last text of each kind, for events without a place. */
  readonly last: Map<TextKind, OpenText>;
  call?: OpenCall;
  /** Arguments of a call that has no name yet. */
  input: string;
  own?: ProviderMetadata | undefined;
  sources: number;
  /** Where in the message its data part is. */
  dataPart?: number;
  isDone?: boolean;
}

/** Decodes an answer of the Responses API. https://platform.openai.com/docs/api-reference/responses-streaming */
export function createDecoder(provider: string): Decoder {
  /** In the order in which they came. */
  const items: OpenItem[] = [];
  const byPlace = new Map<number, OpenItem>();
  const byId = new Map<string, OpenItem>();
  /** Ids of calls that the application has to answer, but which are no tool calls. */
  const waiting = new Set<string>();
  let events: StreamEvent[] = [];
  /** Of the parts so far. */
  let count = 0;
  let last: string | undefined;
  let isStarted = false;
  let isStored = false;
  let hasCalls = false;
  let hasRefusal = false;

  function createItem(place: number | undefined, id: string | undefined): OpenItem {
    const item: OpenItem = { place, id, texts: new Map(), last: new Map(), input: '', sources: 0 };
    items.push(item);
    locate(item, place, id);
    return item;
  }

  function locate(item: OpenItem, place: number | undefined, id: string | undefined): void {
    item.place ??= place;
    item.id ??= id;
    if (place !== undefined) byPlace.set(place, item);
    if (id) byId.set(id, item);
  }

  /**
   * The item of an event. Items are told apart by their place, because some hosts give them another id with each event;
   * other hosts leave the place out, or both.
   */
  function itemAt(place: number | undefined, id: string | undefined): OpenItem {
    const latest = items.at(-1);
    let item = place === undefined ? undefined : byPlace.get(place);
    if (!item && id) {
      const known = byId.get(id);
      if (place === undefined || known?.place === undefined) item = known;
    }
    if (!item && latest && ((place === undefined && !id) || (latest.place === undefined && !latest.id))) item = latest;
    if (!item) return createItem(place, id);
    locate(item, place, id);
    return item;
  }

  /** The item of an event that has the item: some hosts use one place for all of them. */
  function itemFor(place: number | undefined, wire: WireItem): OpenItem {
    const id = wire.id ?? undefined;
    const item = itemAt(place, id);
    const { wire: before, isDone } = item;
    const type = typeOf(item);
    const isOther =
      (type && type !== wire.type) ||
      (before?.call_id && wire.call_id && before.call_id !== wire.call_id) ||
      (isDone && before?.id && wire.id && before.id !== wire.id);
    return isOther ? createItem(place, id) : item;
  }

  /**
   * Fields that are sent back with a message or call, in addition to its content. Ids are sent only to a server that
   * stored them: others refuse them.
   */
  function ownOf(wire: WireItem): ProviderMetadata | undefined {
    const { type, id, role: _role, status: _status, content: _content, created_by: _creator, ...rest } = wire;
    const { call_id: _callId, name: _name, arguments: _arguments, input: _input, ...kept } = rest;
    const all = { type: type === CUSTOM_CALL && type, id: isStored && id, ...kept };
    const own = Object.entries(all).filter(([, value]) => value);
    return own[0] && { [provider]: Object.fromEntries(own) };
  }

  function addText(item: OpenItem, kind: TextKind, place: number, delta: string): OpenText {
    const key = kind + place;
    const type = kind === 'summary' ? 'reasoning' : kind;
    let text = item.texts.get(key);
    if (text) {
      events.push({ type, index: text.index, delta });
    } else {
      text = { kind, place, index: count++, text: '' };
      item.texts.set(key, text);
      const own = type === 'reasoning' ? undefined : item.own;
      events.push({ type, index: text.index, delta, ...(own && { providerMetadata: own }) });
    }
    item.last.set(kind, text);
    text.text += delta;
    hasRefusal ||= type === 'refusal';
    return text;
  }

  function textAt(item: OpenItem, kind: TextKind, place: number | undefined): OpenText | undefined {
    return place === undefined ? item.last.get(kind) : item.texts.get(kind + place);
  }

  function addDelta(item: OpenItem, kind: TextKind, place: number | undefined, delta: unknown): void {
    if (typeof delta !== 'string' || !delta) return;
    const text = textAt(item, kind, place);
    const rest = text?.announced ? text.announced.push(delta) : delta;
    if (rest) addText(item, kind, text?.place ?? place ?? 0, rest).hasDeltas = true;
  }

  /** A whole text, which adds nothing to the deltas of the same text. */
  function completeText(item: OpenItem, kind: TextKind, place: number | undefined, whole: unknown): void {
    if (typeof whole !== 'string') return;
    const text = textAt(item, kind, place);
    const rest = createRemainder(text?.text ?? '')(whole);
    if (rest && !text?.hasDeltas) addText(item, kind, text?.place ?? place ?? 0, rest);
    if (text) delete text.announced;
  }

  /** A text before its deltas, which may continue or repeat it. */
  function announce(item: OpenItem, kind: TextKind, place: number | undefined, text: unknown): void {
    if (typeof text !== 'string' || !text || textAt(item, kind, place)) return;
    addText(item, kind, place ?? 0, text).announced = announceText(text);
  }

  /** The texts of an item, with their places. */
  function textsOf({ summary, content }: WireItem): { kind: TextKind; place: number; text: string }[] {
    const texts = [listOf(summary), listOf(content)].flatMap((list) =>
      list.map((piece, place) => ({ kind: TEXTS.get(piece?.type), place, text: piece?.text ?? piece?.refusal })),
    );
    return texts.flatMap(({ kind, place, text }) => (kind && typeof text === 'string' ? [{ kind, place, text }] : []));
  }

  /** Adds the texts of an item that had no deltas. Their places in the stream may differ from those in the item. */
  function completeTexts(item: OpenItem, wire: WireItem): void {
    const received = { text: '', refusal: '', summary: '', reasoning: '' };
    const streamed = new Set<TextKind>();
    for (const { kind, text, hasDeltas } of item.texts.values()) {
      received[kind] += text;
      if (hasDeltas) streamed.add(kind);
    }
    const rests = {
      text: createRemainder(received.text),
      refusal: createRemainder(received.refusal),
      summary: createRemainder(received.summary),
      reasoning: createRemainder(received.reasoning),
    };
    for (const { kind, place, text } of textsOf(wire)) {
      const rest = rests[kind](text);
      if (rest && (rest === text || !streamed.has(kind))) addText(item, kind, place, rest);
    }
    for (const text of item.texts.values()) delete text.announced;
  }

  function addInput(item: OpenItem, delta: string): void {
    const { call } = item;
    if (!delta) return;
    if (!call) {
      item.input += delta;
      return;
    }
    call.input += delta;
    events.push({ type: 'tool-call-delta', index: call.index, delta });
  }

  /** The whole arguments of a call: their pieces may have come before. */
  function completeInput(item: OpenItem, whole: unknown): void {
    const text = toInputText(whole);
    addInput(item, createRemainder(item.call?.input ?? item.input)(text));
    // If the pieces differ, the whole arguments are right.
    if (item.call && text && !item.call.isDone) item.call.input = text;
  }

  function startCall(item: OpenItem, { type, call_id: callId, name }: WireItem): void {
    if (!name || item.call) return;
    const id = callId || newId();
    item.call = { index: count++, id, name, isCustom: type === CUSTOM_CALL, input: '' };
    hasCalls = true;
    const own = item.own && { providerMetadata: item.own };
    events.push({ type: 'tool-call-start', index: item.call.index, id, name, ...own });
    addInput(item, item.input);
  }

  function endCall({ call }: OpenItem): void {
    if (!call || call.isDone) return;
    call.isDone = true;
    const { index, id, name, input } = call;
    const toolCall = call.isCustom ? { id, name, rawInput: input, input } : completeToolCall(id, name, input);
    events.push({ type: 'tool-call', index, toolCall });
  }

  function addSource(item: OpenItem, annotation: WireAnnotation): void {
    const { url, title, file_id: id, filename } = annotation;
    item.sources += 1;
    if (!url && !id) return;
    events.push({
      type: 'source',
      index: count++,
      id: id ?? undefined,
      url: url ?? undefined,
      title: title ?? filename ?? undefined,
      filename: filename ?? undefined,
      providerMetadata: { [provider]: annotation },
    });
  }

  /** Citations of a whole item. Those that were announced one by one are not repeated. */
  function addSources(item: OpenItem, wire: WireItem): void {
    const annotations = listOf(wire.content).flatMap((piece) => piece?.annotations ?? []);
    for (const annotation of annotations.slice(item.sources)) addSource(item, annotation);
  }

  /** An item that begins. */
  function startItem(item: OpenItem, wire: WireItem): void {
    const { type } = wire;
    item.wire ??= wire;
    item.own ??= ownOf(wire);
    if (type === 'function_call' || type === CUSTOM_CALL) {
      startCall(item, wire);
      return;
    }
    if (!KNOWN_ITEMS.has(type)) {
      item.dataPart ??= count++;
      return;
    }
    for (const { kind, place, text } of textsOf(wire)) announce(item, kind, place, text);
  }

  /** An item that is whole, perhaps after its pieces. */
  function completeItem(item: OpenItem, wire: WireItem): void {
    const { type } = wire;
    const before = item.wire;
    const wasDone = item.isDone;
    item.own ??= ownOf(wire);
    item.wire = wire;
    item.isDone = true;
    if (type === 'function_call' || type === CUSTOM_CALL) {
      startCall(item, wire);
      completeInput(item, wire.arguments ?? wire.input);
      endCall(item);
      return;
    }
    if (!KNOWN_ITEMS.has(type)) {
      if (!wasDone) addData(item, wire);
      return;
    }
    completeTexts(item, wire);
    addSources(item, wire);
    const isNew = !wasDone || (!before?.encrypted_content && wire.encrypted_content);
    // A server that stored nothing needs the content of the thoughts.
    if (type === 'reasoning' && isNew && (wire.encrypted_content || wire.content?.length || isStored)) {
      const index = [...item.texts.values()].at(-1)?.index ?? count++;
      events.push({ type, index, delta: '', providerMetadata: { [provider]: wire } });
    }
  }

  /** Emits an item of another type, which is sent back unchanged. */
  function addData(item: OpenItem, wire: WireItem): void {
    const { type, id, call_id: callId, execution, approval_request_id: approvalId, result, ...rest } = wire;
    const index = (item.dataPart ??= count++);
    if (type === 'mcp_approval_request') waiting.add(String(id));
    else if (isClientCall(wire) && execution !== 'server') waiting.add(String(callId));
    else waiting.delete(String(approvalId ?? callId));
    if (type === IMAGE_CALL && typeof result === 'string' && result) {
      const mediaType = `image/${wire.output_format ?? 'png'}`;
      const own = { ...rest, type, id };
      events.push({ type: 'file', index, mediaType, data: result, providerMetadata: { [provider]: own } });
      return;
    }
    emitData(index, wire, isStored ? { store: true } : undefined);
  }

  function emitData(index: number, data: WireItem, own?: object): void {
    events.push({
      type: 'data',
      index,
      name: provider,
      data,
      ...(own && { providerMetadata: { [provider]: own } }),
    });
  }

  /** Ends items that began and have no end. Data items that are not completed are kept, but not sent back. */
  function endItems(): void {
    for (const item of items) {
      const { wire } = item;
      if (item.call?.input === '') addInput(item, toInputText(wire?.arguments ?? wire?.input));
      endCall(item);
      endTexts(item);
      if (!wire || item.isDone) continue;
      if (wire.status === 'completed') completeItem(item, wire);
      else if (item.dataPart !== undefined) emitData(item.dataPart, wire, { isIncomplete: true });
    }
  }

  function endTexts(item: OpenItem): void {
    for (const { kind, place, announced } of item.texts.values()) {
      const rest = announced?.end();
      if (rest) addText(item, kind, place, rest);
    }
  }

  /** The items at the end of a response: items that came before are found by their id, their place or their type. */
  function completeOutput(output: readonly WireItem[]): void {
    const left = new Set(items);
    const byCall = new Map(items.map((item) => [item.wire?.call_id ?? item.call?.id, item]));
    const rest = output.filter((wire, place) => {
      const byCallId = wire.call_id ? byCall.get(wire.call_id) : undefined;
      const found = [byId.get(wire.id ?? ''), byCallId, wire.call_id ? undefined : byPlace.get(place)].find(
        (item) => item && left.has(item) && typeOf(item) === wire.type,
      );
      if (!found) return true;
      left.delete(found);
      completeItem(found, wire);
      return false;
    });
    const byType = new Map<unknown, OpenItem[]>();
    for (const item of left) {
      const sameType = byType.get(typeOf(item));
      if (sameType) sameType.push(item);
      else byType.set(typeOf(item), [item]);
    }
    for (const queue of byType.values()) queue.reverse();
    for (const wire of rest) {
      const queue = byType.get(wire.type);
      const next = queue?.at(-1);
      if (next && isSameCall(next, wire)) queue?.pop();
      completeItem(next && isSameCall(next, wire) ? next : createItem(undefined, undefined), wire);
    }
  }

  function finish(response: WireResponse, state: string): void {
    const { error, output, usage } = response;
    if (state === 'failed') {
      throw new ErrorFrame(provider, response, /image/.test(error?.code ?? '') ? 400 : undefined);
    }
    completeOutput(listOf(output).filter((wire) => isObject(wire)));
    endItems();
    if (usage) events.push({ type: 'usage', usage: toUsage(usage) });
    const raw = response.incomplete_details?.reason ?? state;
    let reason = state === raw ? undefined : finishReasonOf(raw);
    if (raw === 'completed') {
      reason = hasCalls || waiting.size > 0 ? 'tool-calls' : hasRefusal ? 'refusal' : 'stop';
    } else if (/max.{0,20}tokens/i.test(raw)) {
      reason = 'length';
    }
    events.push({ type: 'finish', reason: reason ?? 'other', raw });
  }

  const decoder = {
    done: false,
    push({ data, event }: Frame): StreamEvent[] {
      events = [];
      if (event === 'ping') return events;
      const json: unknown = data && data.trim() !== '[DONE]' ? JSON.parse(data) : null;
      if (Array.isArray(json) && isErrorBody(json)) throw new ErrorFrame(provider, json);
      // Every event has a number, so the same one twice is a mistake.
      if (!isObject(json) || (data === last && Number(json['sequence_number']) > 0)) return events;
      last = data;
      const chunk: WireEvent = json;
      const { item, part, delta, annotation } = chunk;
      const type = chunk.type ?? event ?? '';
      const at = toPlace(chunk.output_index);
      const id = chunk.item_id ?? undefined;
      const place = chunk.content_index ?? chunk.summary_index ?? undefined;
      const isResponse = chunk.object === 'response' || Array.isArray(chunk.output);
      const response = isResponse ? chunk : chunk.response;
      const isFailure = !response && (chunk.error || isErrorBody(chunk, !!type));
      if (type === 'error' || event === 'error' || isFailure) throw new ErrorFrame(provider, chunk);
      if (response) {
        isStored ||= !!response.store;
        const { id: responseId, model } = response;
        if (!isStarted && (responseId || model)) {
          isStarted = true;
          events.push({ type: 'start', id: responseId ?? undefined, model: model ?? undefined });
        }
      }
      // response.<name>.<verb>
      const [, name = '', verb] = type.split('.');
      const kind = TEXTS.get(name);
      if (kind && verb === 'delta') {
        addDelta(itemAt(at, id), kind, place, delta);
      } else if (kind && verb === 'done') {
        completeText(itemAt(at, id), kind, place, chunk.text ?? chunk.refusal);
      } else if (kind && verb === 'annotation') {
        if (annotation) addSource(itemAt(at, id), annotation);
      } else if (INPUTS.has(name)) {
        const open = itemAt(at, id);
        if (verb === 'delta') addInput(open, toInputText(delta));
        else if (verb === 'done') completeInput(open, chunk.arguments ?? chunk.input);
      } else if (PIECES.has(name)) {
        const pieceKind = TEXTS.get(part?.type);
        const text = part?.text ?? part?.refusal;
        if (pieceKind && verb === 'added') announce(itemAt(at, id), pieceKind, place, text);
        if (pieceKind && verb === 'done') completeText(itemAt(at, id), pieceKind, place, text);
      } else if (name === 'output_item') {
        if (isObject(item) && verb === 'added') startItem(itemFor(at, item), item);
        if (isObject(item) && verb === 'done') completeItem(itemFor(at, item), item);
      } else if (response) {
        const isEnd = ENDS.includes(name || response.status);
        // Some say with `completed` how else it ended.
        if (isEnd) finish(response, ENDS.includes(response.status) ? (response.status as string) : name);
        decoder.done = isEnd;
      }
      return events;
    },
    end(): StreamEvent[] {
      events = [];
      // If nothing was emitted yet, the request can be retried.
      if (!decoder.done && count > items.filter((item) => item.dataPart !== undefined && !item.isDone).length) {
        for (const { dataPart, wire, isDone } of items) {
          if (dataPart !== undefined && wire && !isDone) emitData(dataPart, wire, { isIncomplete: true });
        }
      }
      return events;
    },
  };
  return decoder;
}

/** The type of an item, of which perhaps only pieces came. */
function typeOf({ wire, call, texts }: OpenItem): string | undefined {
  if (wire) return wire.type;
  if (call) return call.isCustom ? CUSTOM_CALL : 'function_call';
  const [first] = texts.values();
  if (!first) return undefined;
  return first.kind === 'text' || first.kind === 'refusal' ? 'message' : 'reasoning';
}

/** Whether an item without a common id may be the same. Calls need the same call id, or the same name and arguments. */
function isSameCall({ wire: before, call }: OpenItem, { call_id: callId, name, arguments: input }: WireItem): boolean {
  if (!callId || !before?.call_id) return true;
  return before.call_id === callId || (call?.name === name && call?.input === toInputText(input));
}

/** Arguments as text: some gateways send them as an object. */
function toInputText(input: unknown): string {
  return typeof input === 'string' ? input : isObject(input) ? JSON.stringify(input) : '';
}

/** The place of an item; some gateways send it as text. */
function toPlace(place: number | string | null | undefined): number | undefined {
  return place === undefined || place === null || place === '' ? undefined : Number(place);
}

function listOf<T>(list: readonly T[] | null | undefined): readonly T[] {
  return Array.isArray(list) ? list : [];
}

function toUsage(raw: WireUsage): Usage {
  return {
    inputTokens: raw.input_tokens,
    outputTokens: raw.output_tokens,
    totalTokens: raw.total_tokens,
    cachedInputTokens: raw.input_tokens_details?.cached_tokens,
    cacheWriteTokens: raw.input_tokens_details?.cache_write_tokens,
    reasoningTokens: raw.output_tokens_details?.reasoning_tokens,
    raw,
  };
}
