import type { FinishReason, Usage } from '../../types/completion.ts';
import type { StreamEvent } from '../../types/event.ts';
import { ErrorFrame } from '../../transport/error-frame.ts';
import { isErrorBody } from '../../transport/in-band-error.ts';
import { newId } from '../../utils/id.ts';
import type { ProviderMetadata } from '../../types/message.ts';
import {
  count as countOf,
  filledText,
  flag,
  identifier,
  list,
  listOrThrow,
  ordinal,
  record,
  recordOrThrow,
  records,
  textOrThrow,
  UnexpectedValueError,
  type UnknownRecord,
} from '../../utils/read-value.ts';
import type { Frame } from '../../transport/frame.ts';
import { announceText, createRemainder, type AnnouncedText } from '../shared/announced-text.ts';
import { argumentsText, callNameOrThrow } from '../shared/call-fields.ts';
import { finishReasonOf } from '../shared/finish-reason.ts';
import { CUSTOM_CALL, IMAGE_CALL, isClientCall } from './input.ts';
import type { Decoder } from '../provider.ts';
import { completeToolCall } from '../shared/tool-call.ts';

/** An output item, and those of its fields that are read. */
interface WireItem {
  readonly type: string;
  readonly id: string | undefined;
  readonly callId: string | undefined;
  /** As it was received, to be sent back. */
  readonly raw: UnknownRecord;
  /** Where it is in the frame, for errors. */
  readonly path: string;
}

/** A text of an item. */
interface WireText {
  readonly kind: TextKind;
  readonly text: string;
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
const ENDS: ReadonlySet<string> = new Set(['completed', 'incomplete', 'failed', 'cancelled']);

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
  /** All text of each kind, in the order in which it was received. */
  readonly received: Record<TextKind, string>;
  /** The kinds of text that had deltas. */
  readonly streamed: Set<TextKind>;
  /** The texts that came before their deltas. */
  readonly announced: OpenText[];
  /** The text that began last. */
  lastText?: OpenText;
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
  let failure: UnexpectedValueError | undefined;

  function createItem(place: number | undefined, id: string | undefined): OpenItem {
    const item: OpenItem = {
      place,
      id,
      texts: new Map(),
      last: new Map(),
      received: { text: '', refusal: '', summary: '', reasoning: '' },
      streamed: new Set(),
      announced: [],
      input: '',
      sources: 0,
    };
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
    const { id, callId } = wire;
    const item = itemAt(place, id);
    const { wire: before, isDone } = item;
    const type = typeOf(item);
    const isOther =
      (type && type !== wire.type) ||
      (before?.callId && callId && before.callId !== callId) ||
      (isDone && before?.id && id && before.id !== id);
    return isOther ? createItem(place, id) : item;
  }

  /**
   * Fields that are sent back with a message or call, in addition to its content. Ids are sent only to a server that
   * stored them: others refuse them.
   */
  function ownOf({ type, id, raw }: WireItem): ProviderMetadata | undefined {
    const {
      type: _type,
      id: _id,
      role: _role,
      status: _status,
      content: _content,
      created_by: _creator,
      ...rest
    } = raw;
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
      item.lastText = text;
      const own = type === 'reasoning' ? undefined : item.own;
      events.push({ type, index: text.index, delta, ...(own && { providerMetadata: own }) });
    }
    item.last.set(kind, text);
    text.text += delta;
    item.received[kind] += delta;
    hasRefusal ||= type === 'refusal';
    return text;
  }

  function textAt(item: OpenItem, kind: TextKind, place: number | undefined): OpenText | undefined {
    return place === undefined ? item.last.get(kind) : item.texts.get(kind + place);
  }

  function addDelta(item: OpenItem, kind: TextKind, place: number | undefined, value: unknown): void {
    const delta = textOrThrow(value, 'delta');
    if (!delta) return;
    const text = textAt(item, kind, place);
    const rest = text?.announced ? text.announced.push(delta) : delta;
    if (!rest) return;
    const added = addText(item, kind, text?.place ?? place ?? 0, rest);
    if (added.hasDeltas) return;
    added.hasDeltas = true;
    item.streamed.add(kind);
  }

  /** A whole text, which adds nothing to the deltas of the same text. */
  function completeText(item: OpenItem, kind: TextKind, place: number | undefined, whole: string | undefined): void {
    if (whole === undefined) return;
    const text = textAt(item, kind, place);
    const rest = createRemainder(text?.text ?? '')(whole);
    if (rest && !text?.hasDeltas) addText(item, kind, text?.place ?? place ?? 0, rest);
    if (text) delete text.announced;
  }

  /** A text before its deltas, which may continue or repeat it. */
  function announce(item: OpenItem, kind: TextKind, place: number | undefined, text: string): void {
    if (!text || textAt(item, kind, place)) return;
    const added = addText(item, kind, place ?? 0, text);
    added.announced = announceText(text);
    item.announced.push(added);
  }

  /** Adds the texts of an item that had no deltas. Their places in the stream may differ from those in the item. */
  function completeTexts(item: OpenItem, wire: WireItem): void {
    const { received, streamed } = item;
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
    for (const text of item.announced.splice(0)) delete text.announced;
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
  function completeInput(item: OpenItem, text: string): void {
    addInput(item, createRemainder(item.call?.input ?? item.input)(text));
    // If the pieces differ, the whole arguments are right.
    if (item.call && text && !item.call.isDone) item.call.input = text;
  }

  function startCall(item: OpenItem, { type, callId, raw, path }: WireItem): void {
    const name = textOrThrow(raw['name'], `${path}.name`);
    if (!name || item.call) return;
    const id = callId ?? newId();
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

  function addSource(item: OpenItem, annotation: UnknownRecord): void {
    const id = identifier(annotation['file_id']);
    const url = filledText(annotation['url']);
    const filename = filledText(annotation['filename']);
    item.sources += 1;
    if (!url && !id) return;
    events.push({
      type: 'source',
      index: count++,
      id,
      url,
      title: filledText(annotation['title']) ?? filename,
      filename,
      providerMetadata: { [provider]: annotation },
    });
  }

  /** Citations of a whole item. Those that were announced one by one are not repeated. */
  function addSources(item: OpenItem, { raw }: WireItem): void {
    const annotations = records(raw['content']).flatMap((piece) => records(piece['annotations']));
    for (const annotation of annotations.slice(item.sources)) addSource(item, annotation);
  }

  /** An item that begins. */
  function startItem(item: OpenItem, wire: WireItem): void {
    const { type } = wire;
    item.wire ??= wire;
    item.own ??= ownOf(wire);
    if (isToolCall(type)) {
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
    if (isToolCall(type)) {
      startCall(item, wire);
      if (!item.call) callNameOrThrow(undefined, `${wire.path}.name`);
      completeInput(item, inputOf(wire));
      endCall(item);
      return;
    }
    if (!KNOWN_ITEMS.has(type)) {
      if (!wasDone) addData(item, wire);
      return;
    }
    completeTexts(item, wire);
    addSources(item, wire);
    const encrypted = filledText(wire.raw['encrypted_content']);
    const isNew = !wasDone || (encrypted !== undefined && !filledText(before?.raw['encrypted_content']));
    // A server that stored nothing needs the content of the thoughts.
    if (type === 'reasoning' && isNew && (encrypted || list(wire.raw['content']).length > 0 || isStored)) {
      const index = item.lastText?.index ?? count++;
      events.push({ type, index, delta: '', providerMetadata: { [provider]: wire.raw } });
    }
  }

  /** Emits an item of another type, which is sent back unchanged. */
  function addData(item: OpenItem, { type, id, callId, raw }: WireItem): void {
    const index = (item.dataPart ??= count++);
    if (type === 'mcp_approval_request') waiting.add(id ?? '');
    else if (isClientCall(raw) && raw['execution'] !== 'server') waiting.add(callId ?? '');
    else waiting.delete(identifier(raw['approval_request_id']) ?? callId ?? '');
    const image = type === IMAGE_CALL ? filledText(raw['result']) : undefined;
    if (image !== undefined) {
      const mediaType = `image/${filledText(raw['output_format']) ?? 'png'}`;
      const { call_id: _callId, execution: _execution, approval_request_id: _approval, result: _result, ...own } = raw;
      events.push({ type: 'file', index, mediaType, data: image, providerMetadata: { [provider]: own } });
      return;
    }
    emitData(index, raw, isStored ? { store: true } : undefined);
  }

  function emitData(index: number, data: UnknownRecord, own?: object): void {
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
      if (!item.call && (item.input.trim() || isToolCall(wire?.type))) {
        callNameOrThrow(wire?.raw['name'], `${wire?.path ?? 'item'}.name`);
      }
      if (wire && item.call?.input === '') addInput(item, inputOf(wire));
      endCall(item);
      endTexts(item);
      if (!wire || item.isDone) continue;
      if (wire.raw['status'] === 'completed') completeItem(item, wire);
      else if (item.dataPart !== undefined) emitData(item.dataPart, wire.raw, { isIncomplete: true });
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
    const byCall = new Map(items.map((item) => [item.wire?.callId ?? item.call?.id, item]));
    const rest = output.filter((wire, place) => {
      const byCallId = wire.callId ? byCall.get(wire.callId) : undefined;
      const found = [byId.get(wire.id ?? ''), byCallId, wire.callId ? undefined : byPlace.get(place)].find(
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

  function finish(response: UnknownRecord, state: string): void {
    if (state === 'failed') {
      const isImage = filledText(record(response['error'])?.['code'])?.includes('image');
      throw new ErrorFrame(provider, response, isImage ? 400 : undefined);
    }
    const output = listOrThrow(response['output'], 'response.output');
    completeOutput(output.flatMap((element, place) => readItem(element, `response.output[${place}]`) ?? []));
    endItems();
    const usage = record(response['usage']);
    if (usage) events.push({ type: 'usage', usage: toUsage(usage) });
    const raw = filledText(record(response['incomplete_details'])?.['reason']) ?? state;
    events.push({ type: 'finish', reason: reasonOf(raw, state), raw });
  }

  function reasonOf(raw: string, state: string): FinishReason {
    if (raw !== 'completed') {
      if (/max/i.test(raw) && /tokens/i.test(raw)) return 'length';
      return (state === raw ? undefined : finishReasonOf(raw)) ?? 'other';
    }
    if (hasCalls || waiting.size > 0) return 'tool-calls';
    return hasRefusal ? 'refusal' : 'stop';
  }

  function start(response: UnknownRecord): void {
    isStored ||= flag(response['store']) === true;
    const id = identifier(response['id']);
    const model = filledText(response['model']);
    if (isStarted || (!id && !model)) return;
    isStarted = true;
    events.push({ type: 'start', id, model });
  }

  /** Adds an event of a stream, or a whole response. @returns whether it is the last one. */
  function addChunk(chunk: UnknownRecord, type: string, response: UnknownRecord | undefined): boolean {
    if (response) start(response);
    const at = toPlace(chunk['output_index']);
    const id = identifier(chunk['item_id']);
    const place = toPlace(chunk['content_index'] ?? chunk['summary_index']);
    // response.<name>.<verb>
    const [, name = '', verb] = type.split('.');
    const kind = TEXTS.get(name);
    if (kind && verb === 'delta') {
      addDelta(itemAt(at, id), kind, place, chunk['delta']);
    } else if (kind && verb === 'done') {
      completeText(itemAt(at, id), kind, place, textOrThrow(chunk['text'] ?? chunk['refusal'], 'text'));
    } else if (kind && verb === 'annotation') {
      const annotation = record(chunk['annotation']);
      if (annotation) addSource(itemAt(at, id), annotation);
    } else if (INPUTS.has(name)) {
      const open = itemAt(at, id);
      if (verb === 'delta') addInput(open, argumentsText(chunk['delta'], 'delta'));
      else if (verb === 'done') completeInput(open, inputOf({ raw: chunk, path: type }));
    } else if (PIECES.has(name)) {
      const part = recordOrThrow(chunk['part'], 'part');
      const piece = part && readText(part, 'part');
      if (piece && verb === 'added') announce(itemAt(at, id), piece.kind, place, piece.text);
      if (piece && verb === 'done') completeText(itemAt(at, id), piece.kind, place, piece.text);
    } else if (name === 'output_item') {
      const item = verb === 'added' || verb === 'done' ? readItem(chunk['item'], 'item') : undefined;
      if (item && verb === 'added') startItem(itemFor(at, item), item);
      if (item && verb === 'done') completeItem(itemFor(at, item), item);
    } else if (response) {
      const status = filledText(response['status']) ?? '';
      if (!ENDS.has(name || status)) return false;
      // Some say with `completed` how else it ended.
      finish(response, ENDS.has(status) ? status : name);
      return true;
    }
    return false;
  }

  const decoder = {
    done: false,
    push({ data, event }: Frame): StreamEvent[] {
      events = [];
      if (event === 'ping') return events;
      const json: unknown = data && data.trim() !== '[DONE]' ? JSON.parse(data) : null;
      if (json === null) return events;
      if (event === 'error' || (Array.isArray(json) && isErrorBody(json))) throw new ErrorFrame(provider, json);
      const chunk = recordOrThrow(json, 'the frame');
      // Every event has a number, so the same one twice is a mistake.
      if (!chunk || (data === last && countOf(chunk['sequence_number']))) return events;
      last = data;
      const type = textOrThrow(chunk['type'], 'type') ?? event ?? '';
      const isResponse = chunk['object'] === 'response' || Array.isArray(chunk['output']);
      const response = isResponse ? chunk : recordOrThrow(chunk['response'], 'response');
      const isFailure = !response && (Boolean(chunk['error']) || isErrorBody(chunk, type !== ''));
      if (type === 'error' || isFailure) throw new ErrorFrame(provider, chunk);
      try {
        decoder.done = addChunk(chunk, type, response);
      } catch (error) {
        // Events of the same frame are emitted before the failure is thrown.
        if (!(error instanceof UnexpectedValueError) || events.length === 0) throw error;
        failure = error;
        decoder.done = true;
      }
      return events;
    },
    end(): StreamEvent[] {
      if (failure) throw failure;
      events = [];
      // If nothing was emitted yet, the request can be retried.
      if (!decoder.done && count > items.filter((item) => item.dataPart !== undefined && !item.isDone).length) {
        for (const { dataPart, wire, isDone } of items) {
          if (dataPart !== undefined && wire && !isDone) emitData(dataPart, wire.raw, { isIncomplete: true });
        }
      }
      return events;
    },
  };
  return decoder;
}

function isToolCall(type: unknown): boolean {
  return type === 'function_call' || type === CUSTOM_CALL;
}

/** Reads an output item; `undefined` for `null`. */
function readItem(value: unknown, path: string): WireItem | undefined {
  const raw = recordOrThrow(value, path);
  if (!raw) return undefined;
  const type = filledText(raw['type']);
  if (!type) throw new UnexpectedValueError(`${path}.type`, 'the type of an item', raw['type']);
  return { type, id: identifier(raw['id']), callId: identifier(raw['call_id']), raw, path };
}

/** The texts of an item, with their places. */
function textsOf({ raw, path }: WireItem): (WireText & { readonly place: number })[] {
  return ['summary', 'content'].flatMap((field) =>
    listOrThrow(raw[field], `${path}.${field}`).flatMap((element, place) => {
      const at = `${path}.${field}[${place}]`;
      const piece = recordOrThrow(element, at);
      if (piece && !filledText(piece['type'])) {
        throw new UnexpectedValueError(`${at}.type`, 'the type of a text', piece['type']);
      }
      const read = piece && readText(piece, at);
      return read ? [{ ...read, place }] : [];
    }),
  );
}

/** The text of a piece of an item. Pieces of other types have none. */
function readText(piece: UnknownRecord, path: string): WireText | undefined {
  const kind = TEXTS.get(piece['type']);
  const text = kind && textOrThrow(piece['text'] ?? piece['refusal'], `${path}.text`);
  return kind && text !== undefined ? { kind, text } : undefined;
}

/** The arguments of a call. Some gateways send them as an object. */
function inputOf({ raw, path }: Pick<WireItem, 'raw' | 'path'>): string {
  const { arguments: input, input: text } = raw;
  return input === undefined || input === null
    ? argumentsText(text, `${path}.input`)
    : argumentsText(input, `${path}.arguments`);
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
function isSameCall({ wire: before, call }: OpenItem, wire: WireItem): boolean {
  if (!wire.callId || !before?.callId) return true;
  return before.callId === wire.callId || (call?.name === wire.raw['name'] && call?.input === inputOf(wire));
}

/** The place of an item; some gateways send it as text. */
function toPlace(place: unknown): number | undefined {
  return ordinal(typeof place === 'string' && place !== '' ? Number(place) : place);
}

function toUsage(raw: UnknownRecord): Usage {
  const input = record(raw['input_tokens_details']);
  return {
    inputTokens: countOf(raw['input_tokens']),
    outputTokens: countOf(raw['output_tokens']),
    totalTokens: countOf(raw['total_tokens']),
    cachedInputTokens: countOf(input?.['cached_tokens']),
    cacheWriteTokens: countOf(input?.['cache_write_tokens']),
    reasoningTokens: countOf(record(raw['output_tokens_details'])?.['reasoning_tokens']),
    raw,
  };
}
