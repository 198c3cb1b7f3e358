import type { FinishReason, Usage } from '../../types/completion.ts';
import { truncatedError } from '../../errors/error.ts';
import type { StreamEvent } from '../../types/event.ts';
import { ErrorFrame } from '../../transport/error-frame.ts';
import { isErrorBody } from '../../transport/in-band-error.ts';
import { newId } from '../../utils/id.ts';
import {
  count,
  filledText,
  identifier,
  listOrThrow,
  record,
  recordOrThrow,
  records,
  text,
  textOrThrow,
  UnexpectedValueError,
  type UnknownRecord,
} from '../../utils/read-value.ts';
import type { Frame } from '../../transport/frame.ts';
import { announceText, createRemainder, type AnnouncedText } from '../shared/announced-text.ts';
import { finishReasonOf } from '../shared/finish-reason.ts';
import type { Decoder } from '../provider.ts';
import { completeToolCall } from '../shared/tool-call.ts';

interface Stop {
  readonly reason: string | undefined;
  readonly details: UnknownRecord | undefined;
}

/** The tokens of one pass of the model. */
const TOKENS = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'] as const;

type Tokens = { readonly [Name in (typeof TOKENS)[number]]?: number | undefined };

/** More names of counts are not kept: each event with counts repeats those before it. */
const MAX_COUNTS = 100;

type DeltaField = 'text' | 'thinking' | 'signature' | 'partial_json' | 'citation';

/** The field of a delta, by its own type: some gateways open each block with the same type. */
const DELTAS: ReadonlyMap<unknown, DeltaField> = new Map<unknown, DeltaField>([
  ['text_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['signature_delta', 'signature'],
  ['input_json_delta', 'partial_json'],
  ['citations_delta', 'citation'],
]);

/** The fields of deltas that are the model's text, thoughts and arguments in a block of any type. */
const OWN_DELTAS: ReadonlySet<unknown> = new Set(['text', 'thinking', 'partial_json']);

const FIELDS = { text: 'text', reasoning: 'thinking' } as const;

/** The types of blocks that are parts of their own. All others are data parts. */
const KNOWN_BLOCKS: ReadonlySet<unknown> = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use', undefined]);

/** Strings that are replaced and do not grow. https://platform.claude.com/docs/en/build-with-claude/compaction */
const OPAQUE = /^(id|data|signature)$|encrypted/;

interface Call {
  readonly index: number;
  readonly id: string;
  readonly name: string;
}

type BlockKey = number | string | undefined;

interface Block {
  wire: UnknownRecord;
  /** Its type has no part of its own, so it is a data part. */
  isData: boolean;
  /** The fields of a data block that deltas have changed, with all others. */
  changed: Map<string, unknown> | undefined;
  /** A delta opened it, so the start of the block may follow. */
  isImplicit: boolean;
  isOpen: boolean;
  /** Its stop was received. A delta may still open it again. */
  isStopped: boolean;
  /** The part that text or reasoning goes to, or -1 until there is one. */
  part: number;
  partType: 'text' | 'reasoning';
  /** The last reasoning part, which signatures belong to. */
  reasoningPart: number;
  /** The data part of a block of another type. */
  dataPart: number;
  call: Call | undefined;
  /** Arguments, as JSON. */
  input: string;
  /** Text at the start of the block, which the deltas may repeat. */
  readonly announced: Map<'text' | 'reasoning', AnnouncedText>;
  /** Citations at the start of the block, which the deltas may repeat. */
  readonly announcedCitations: Set<string>;
  /** The citations of the current text part. */
  citations: UnknownRecord[];
}

/** Decodes an answer of the Messages API. https://platform.claude.com/docs/en/build-with-claude/streaming */
export function createDecoder(provider: string): Decoder {
  const blocks = new Map<BlockKey, Block>();
  /** All text so far, for a whole message that follows its pieces. */
  const received = { text: '', reasoning: '' };
  const callIds = new Set<string>();
  /** The calls of server tools whose result has not come, by their ids. */
  const pending = new Map<unknown, Block>();
  let events: StreamEvent[] = [];
  let parts = 0;
  let id: string | undefined;
  let lastOpened: Block | undefined;
  let lastCall: Block | undefined;
  let isStarted = false;
  let isReplaced = false;
  let hasDoneMark = false;
  let stop: Stop = { reason: undefined, details: undefined };
  /** The last counts of each name. */
  const counts = new Map<string, unknown>();
  let compaction: Tokens = {};

  /** Adds to the current part of a block, or to a new one if that has another type. */
  function add(block: Block, type: 'text' | 'reasoning', delta: string | undefined, own?: object): void {
    if (!delta && !own) return;
    if (block.part < 0 || block.partType !== type) {
      finishCitations(block);
      block.part = parts++;
      block.partType = type;
    }
    if (type === 'reasoning') block.reasoningPart = block.part;
    emitDelta(type, block.part, delta ?? '', own);
  }

  function emitDelta(type: 'text' | 'reasoning', index: number, delta: string, own?: object): void {
    received[type] += delta;
    events.push({ type, index, delta, ...(own && { providerMetadata: { [provider]: own } }) });
  }

  function addDelta(block: Block, type: 'text' | 'reasoning', delta: string | undefined): void {
    // A block of another type may have its text in the same field.
    if (block.part < 0 && block.isData) announce(block, type, text(block.wire[FIELDS[type]]));
    add(block, type, delta && (block.announced.get(type)?.push(delta) ?? delta));
  }

  /** Adds the text that a block starts with. */
  function announce(block: Block, type: 'text' | 'reasoning', announced: string | undefined): void {
    if (!announced) return;
    add(block, type, announced);
    block.announced.set(type, announceText(announced));
  }

  function sign(block: Block, signature: string | undefined): void {
    if (!signature) return;
    if (block.reasoningPart < 0) add(block, 'reasoning', '', { signature });
    else emitDelta('reasoning', block.reasoningPart, '', { signature });
  }

  /** A citation of a found page, or of a search result or document of the request. */
  function cite(block: Block, citation: UnknownRecord): void {
    const { url, source, title, document_title: documentTitle } = citation;
    block.citations.push(citation);
    events.push({
      type: 'source',
      index: parts++,
      url: filledText(url) ?? filledText(source),
      title: text(title) ?? text(documentTitle),
      providerMetadata: { [provider]: citation },
    });
  }

  /** Attaches the citations of a text part to it. */
  function finishCitations(block: Block): void {
    const { part, partType, citations } = block;
    if (part < 0 || partType !== 'text' || citations.length === 0) return;
    emitDelta('text', part, '', { citations });
    block.citations = [];
  }

  function addInput(block: Block, json: string | undefined): void {
    if (!json) return;
    block.input += json;
    if (block.call) events.push({ type: 'tool-call-delta', index: block.call.index, delta: json });
  }

  /** A key for a block that has no index. */
  function createKey(): string {
    return `whole ${blocks.size}`;
  }

  function createBlock(at: BlockKey, wire: UnknownRecord, isImplicit: boolean): Block {
    const block: Block = {
      wire,
      isData: isDataBlock(wire),
      changed: undefined,
      isImplicit,
      isOpen: true,
      isStopped: false,
      part: -1,
      partType: 'text',
      reasoningPart: -1,
      dataPart: -1,
      call: undefined,
      input: '',
      announced: new Map(),
      announcedCitations: new Set(),
      citations: [],
    };
    blocks.set(at, block);
    lastOpened = block;
    return block;
  }

  /** Whether a start belongs to the block that is open at its index: frames come twice, or after the first delta. */
  function isStartOf({ isOpen, isImplicit, wire: known, part }: Block, wire: UnknownRecord): boolean {
    if (!isOpen) return false;
    const type = typeOf(wire);
    if (isImplicit) return type === 'tool_use' ? part < 0 : KNOWN_BLOCKS.has(type);
    const isRepeated = (value: unknown, before: unknown): boolean => !value || value === before;
    return (
      identityOf(known) === identityOf(wire) &&
      isRepeated(wire['text'], known['text']) &&
      isRepeated(wire['thinking'], known['thinking'])
    );
  }

  function open(at: BlockKey, wire: UnknownRecord): void {
    const known = blocks.get(at);
    // Another message began in the middle of this one, which has no end then.
    if (known && isReplaced) throw truncatedError();
    if (known && isStartOf(known, wire)) {
      if (known.isImplicit) {
        known.wire = wire;
        known.isData = isDataBlock(wire);
      }
      known.isImplicit = false;
      begin(known);
      return;
    }
    close(known);
    begin(createBlock(at, wire, false));
  }

  /** Emits the content at the start of a block. */
  function begin(block: Block): void {
    const { wire } = block;
    const type = typeOf(wire);
    if (block.isData) {
      if (block.dataPart < 0) block.dataPart = parts++;
      settle(wire['tool_use_id']);
    } else if (type === 'redacted_thinking') {
      const data = filledText(wire['data']);
      if (block.part < 0 && data) add(block, 'reasoning', '', { type, data });
    } else if (type === 'tool_use') {
      beginCall(block);
    } else {
      beginText(block);
    }
  }

  /** @throws {UnexpectedValueError} for a call without a name, unless its arguments can be those of the call before. */
  function beginCall(block: Block): void {
    const { wire, input } = block;
    if (block.call) return;
    const name = textOrThrow(wire['name'], 'content_block.name');
    const given = wire['input'];
    // PHP writes an empty object as a list.
    if (typeof given !== 'string' && !isEmptyList(given)) recordOrThrow(given, 'content_block.input');
    if (!name) {
      if (!lacksInput(lastCall)) throw new UnexpectedValueError('content_block.name', 'text', wire['name']);
      return;
    }
    const call = { index: parts++, id: identifier(wire['id']) ?? newId(), name };
    block.call = call;
    lastCall = block;
    callIds.add(call.id);
    // The caller of a call of the model's own is not always taken back; that of a call by its code has to be.
    const caller = record(wire['caller']);
    const toolset = filledText(wire['toolset_name']);
    const own = {
      ...(caller && caller['type'] !== 'direct' && { caller }),
      ...(toolset && { toolset_name: toolset }),
    };
    events.push({
      type: 'tool-call-start',
      ...call,
      ...(Object.keys(own)[0] && { providerMetadata: { [provider]: own } }),
    });
    if (input) events.push({ type: 'tool-call-delta', index: call.index, delta: input });
  }

  function beginText(block: Block): void {
    const { wire } = block;
    const isEmpty = block.part < 0;
    const thinking = textOrThrow(wire['thinking'], 'content_block.thinking');
    const content = textOrThrow(wire['text'], 'content_block.text');
    if (isEmpty) announce(block, 'reasoning', thinking);
    sign(block, text(wire['signature']));
    if (isEmpty) announce(block, 'text', content);
    if (block.announcedCitations.size > 0) return;
    for (const citation of records(wire['citations'])) {
      block.announcedCitations.add(JSON.stringify(citation));
      cite(block, citation);
    }
  }

  /** The block of a delta: a gateway may leave out the start of the block, or the index. */
  function blockOf(at: BlockKey, field: DeltaField | undefined): Block | undefined {
    const known = blocks.get(at) ?? (at === undefined ? lastOpened : undefined);
    if (known || !field) return known;
    if (field === 'partial_json' && lastCall?.isOpen) return lastCall;
    return createBlock(at, {}, true);
  }

  function change(at: BlockKey, piece: UnknownRecord): void {
    const type = textOrThrow(piece['type'], 'delta.type');
    const field = DELTAS.get(type) ?? [...DELTAS.values()].find((name) => piece[name] !== undefined);
    const block = blockOf(at, field);
    if (!block) return;
    if (block.isData && !OWN_DELTAS.has(field)) {
      changeData(block, piece);
      block.isOpen = true;
      return;
    }
    switch (field) {
      case 'text':
        addDelta(block, 'text', textOrThrow(piece['text'], 'delta.text'));
        break;
      case 'thinking':
        addDelta(block, 'reasoning', textOrThrow(piece['thinking'] ?? piece['text'], 'delta.thinking'));
        break;
      case 'signature':
        sign(block, text(piece['signature']));
        break;
      case 'citation': {
        const citation = record(piece['citation']);
        if (!citation || block.announcedCitations.delete(JSON.stringify(citation))) return;
        cite(block, citation);
        break;
      }
      case 'partial_json':
        addInput(block, textOrThrow(piece['partial_json'], 'delta.partial_json'));
        break;
      default:
        return;
    }
    block.isOpen = true;
  }

  /** A block that another delta reopens is closed again at the end of the answer only. */
  function stopBlock(block: Block | undefined): void {
    if (!block || block.isStopped) return;
    block.isStopped = true;
    close(block);
  }

  function close(block: Block | undefined): void {
    if (!block?.isOpen) return;
    const { call, announced } = block;
    block.isOpen = false;
    if (call) closeCall(block, call);
    else if (block.isData) closeData(block);
    else closeNamelessInput(block);
    for (const [type, announcedText] of announced) add(block, type, announcedText.end());
    finishCitations(block);
  }

  /** Some servers send the arguments at the start of the block, with or without deltas that repeat them. */
  function closeCall(block: Block, { index, id: callId, name }: Call): void {
    const given = argumentsOf(block.wire['input']);
    const streamed = completeToolCall(callId, name, block.input);
    const isEmpty = !block.input.trim() || block.input.trim() === '{}';
    if (!given || !(isEmpty || streamed.error)) {
      events.push({ type: 'tool-call', index, toolCall: streamed });
      return;
    }
    // The deltas may also continue a text that the block starts with.
    const joined = completeToolCall(callId, name, given + block.input);
    const toolCall = joined.error ? completeToolCall(callId, name, given) : joined;
    if (!block.input) addInput(block, given);
    events.push({ type: 'tool-call', index, toolCall });
  }

  /**
   * Arguments without the name of a tool are those of the call before, if that has none. Without such a call they are
   * shown as text, so that they are not lost.
   */
  function closeNamelessInput(block: Block): void {
    const given = typeOf(block.wire) === 'tool_use' ? argumentsOf(block.wire['input']) : undefined;
    const input = block.input || given;
    block.input = '';
    if (input && lastCall?.call && lacksInput(lastCall)) {
      addInput(lastCall, input);
      closeCall(lastCall, lastCall.call);
    } else {
      add(block, 'text', input);
    }
  }

  /** A call of a server tool is marked until its result comes: after a stop in between, the API refuses the call. */
  function closeData(block: Block): void {
    const callId = filledText(block.wire['id']);
    if (callId === undefined || !isServerCall(block)) {
      emitData(block);
      return;
    }
    if (pending.get(callId) !== block) settle(callId);
    pending.set(callId, block);
    emitData(block, { is_pending: true });
  }

  function settle(callId: unknown): void {
    const block = pending.get(callId);
    if (!block) return;
    pending.delete(callId);
    emitData(block);
  }

  function emitData({ wire, changed, input, dataPart }: Block, mark?: object, own?: object): void {
    const given = input && { input: completeToolCall('', text(wire['name']) ?? '', input).input ?? {} };
    events.push({
      type: 'data',
      index: dataPart,
      name: provider,
      data: { ...(changed ? Object.fromEntries(changed) : wire), ...given, ...mark },
      ...(own && { providerMetadata: { [provider]: own } }),
    });
  }

  function start(message: UnknownRecord): void {
    const messageId = identifier(message['id']);
    if (isStarted && messageId === id) return;
    isReplaced = isStarted && blocks.size > 0;
    isStarted = true;
    if (!isReplaced) {
      id = messageId;
      stop = stopOf(message) ?? stop;
      events.push({ type: 'start', id, model: filledText(message['model']) });
      countTokens(message['usage']);
    }
    if (blocks.size === 0 || isReplaced) contentOf(message).forEach((wire, at) => open(at, wire));
  }

  /** A whole message: its pieces may have come before, so only the rest is added. */
  function complete(message: UnknownRecord): void {
    const content = contentOf(message);
    blocks.forEach(close);
    stop = stopOf(message) ?? stop;
    countTokens(message['usage']);
    const isNew = blocks.size === 0;
    const restOfText = createRemainder(received.text);
    const restOfReasoning = createRemainder(received.reasoning);
    const known = new Set([...blocks.values()].map(({ wire }) => identityOf(wire)));
    const texts = content.map((wire) => (typeOf(wire) === 'text' ? (text(wire['text']) ?? '') : ''));
    if (!isNew && identifier(message['id']) !== id && !texts.join('').startsWith(received.text)) throw truncatedError();
    for (const wire of content) {
      const type = typeOf(wire);
      if (isNew) addWhole(wire);
      else if (type === 'text') addRest('text', restOfText(textOrThrow(wire['text'], 'content[].text') ?? ''));
      else if (type === 'thinking') {
        addRest('reasoning', restOfReasoning(textOrThrow(wire['thinking'], 'content[].thinking') ?? ''));
      } else if (!known.has(identityOf(wire))) addWhole(wire);
    }
  }

  function addRest(type: 'text' | 'reasoning', rest: string): void {
    if (rest) add(createBlock(createKey(), {}, true), type, rest);
  }

  function addWhole(wire: UnknownRecord): void {
    const block = createBlock(createKey(), wire, false);
    begin(block);
    close(block);
  }

  /** The counts of later events are totals too, but only of what they name. */
  function countTokens(given: unknown): void {
    const usage = record(given);
    if (!usage) return;
    for (const [name, value] of Object.entries(usage)) {
      if (value !== null && (counts.has(name) || counts.size < MAX_COUNTS)) counts.set(name, value);
    }
    if (Array.isArray(usage['iterations'])) compaction = compactionOf(usage['iterations']);
    events.push({ type: 'usage', usage: toUsage(Object.fromEntries(counts), compaction) });
  }

  function finish(): void {
    blocks.forEach(close);
    for (const callId of pending.keys()) settle(callId);
    const { reason: raw, details } = stop;
    const explanation = filledText(details?.['explanation']);
    if (raw === 'refusal' && explanation) {
      events.push({
        type: 'refusal',
        index: parts,
        delta: explanation,
        providerMetadata: { [provider]: details },
      });
    }
    events.push({ type: 'finish', reason: toFinishReason(raw, callIds.size > 0), raw });
    decoder.done = true;
  }

  function read(chunk: UnknownRecord, event: string | undefined): void {
    const { content } = chunk;
    const isWhole = !chunk['type'] && chunk['role'] === 'assistant' && content !== undefined && content !== null;
    const type = isWhole ? 'message' : textOrThrow(chunk['type'], 'type') || event;
    if (chunk['error'] || event === 'error' || isErrorBody(chunk, !!type)) throw new ErrorFrame(provider, chunk);
    const at = toKey(chunk['index']);
    switch (type) {
      case 'message_start': {
        const message = recordOrThrow(chunk['message'], 'message');
        if (message) start(message);
        break;
      }
      case 'content_block_start': {
        const wire = recordOrThrow(chunk['content_block'], 'content_block');
        if (wire) open(at, wire);
        break;
      }
      case 'content_block_delta': {
        const piece = recordOrThrow(chunk['delta'], 'delta');
        if (piece) change(at, piece);
        break;
      }
      case 'content_block_stop':
        stopBlock(blocks.get(at) ?? (at === undefined ? lastOpened : undefined));
        break;
      case 'message_delta':
        stop = stopOf(recordOrThrow(chunk['delta'], 'delta') ?? {}) ?? stop;
        countTokens(chunk['usage']);
        break;
      case 'message':
        if (blocks.size === 0 && !Array.isArray(content)) throw new UnexpectedValueError('content', 'a list', content);
        if (!isStarted) start({ ...chunk, content: null, usage: null });
        complete(chunk);
        finish();
        break;
      case 'message_stop': {
        const message = recordOrThrow(chunk['message'], 'message');
        if (message) complete(message);
        finish();
        break;
      }
      default:
      // https://platform.claude.com/docs/en/build-with-claude/streaming#other-events
    }
  }

  const decoder = {
    done: false,
    push({ data, event }: Frame): StreamEvent[] {
      events = [];
      if (event === 'ping') return events;
      if (data.trim() === '[DONE]') {
        // The end mark of another API: it ends the answer once the stop reason was received.
        hasDoneMark = true;
        if (stop.reason) finish();
        return events;
      }
      const json: unknown = JSON.parse(data);
      if (json === null) return events;
      if (Array.isArray(json) && isErrorBody(json)) throw new ErrorFrame(provider, json);
      const chunk = record(json);
      if (!chunk) throw new UnexpectedValueError('The frame', 'an object', json);
      read(chunk, event);
      return events;
    },
    end(): StreamEvent[] {
      events = [];
      if (decoder.done) return events;
      if (hasDoneMark && stop.reason) finish();
      else if (parts > 0) endData();
      return events;
    },
  };

  /** Keeps the blocks that the end of the body cut, and calls of server tools without a result. The API refuses both. */
  function endData(): void {
    const all = [...blocks.values()].filter(({ isData }) => isData);
    const answered = new Set(all.map(({ wire }) => wire['tool_use_id']));
    for (const block of all) {
      const isUnanswered = isServerCall(block) && !answered.has(block.wire['id']);
      if (block.isOpen || isUnanswered) emitData(block, undefined, { isIncomplete: true });
    }
  }

  return decoder;
}

/** Gateways also pass on calls with the reason of a normal end. */
function toFinishReason(raw: string | undefined, hasCalls: boolean): FinishReason {
  const reason = finishReasonOf(raw ?? '') ?? 'other';
  return reason === 'stop' && hasCalls && raw !== 'stop_sequence' ? 'tool-calls' : reason;
}

/** The key of a block by its index, which some gateways send as text. Only equal indexes matter, so any number will do. */
function toKey(index: unknown): BlockKey {
  if (typeof index === 'number') return index;
  if (typeof index !== 'string' || index === '') return undefined;
  const number = Number(index);
  return Number.isNaN(number) ? index : number;
}

/** @throws {UnexpectedValueError} for a type that is not text: the block would be taken for another one. */
function typeOf(wire: UnknownRecord): string | undefined {
  return textOrThrow(wire['type'], 'content_block.type');
}

function isDataBlock(wire: UnknownRecord): boolean {
  return !KNOWN_BLOCKS.has(typeOf(wire));
}

function isServerCall({ wire }: Block): boolean {
  return typeOf(wire)?.endsWith('_tool_use') === true;
}

function contentOf(message: UnknownRecord): readonly UnknownRecord[] {
  return listOrThrow(message['content'], 'content')
    .map((wire) => recordOrThrow(wire, 'content[]'))
    .filter((wire) => wire !== undefined);
}

function stopOf(wire: UnknownRecord): Stop | undefined {
  const reason = filledText(wire['stop_reason']);
  return reason === undefined ? undefined : { reason, details: record(wire['stop_details']) };
}

/** Whether a call has no arguments yet. */
function lacksInput(block: Block | undefined): boolean {
  return block?.call !== undefined && !block.input.trim() && !argumentsOf(block.wire['input']);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The arguments at the start of a block as JSON, if there are any. */
function argumentsOf(input: unknown): string | undefined {
  if (typeof input === 'string') return input.trim() || undefined;
  const given = record(input);
  return given && Object.keys(given)[0] !== undefined ? JSON.stringify(given) : undefined;
}

/** A key that identifies a block of the server's own tools. */
function identityOf(wire: UnknownRecord): string {
  return JSON.stringify([wire['type'], wire['id'] || wire['tool_use_id'] || wire['data']]);
}

/** A block that goes on: its strings grow, its other fields are replaced. */
function changeData(block: Block, piece: UnknownRecord): void {
  block.changed ??= new Map(Object.entries(block.wire));
  for (const [name, value] of Object.entries(piece)) {
    const before = block.changed.get(name);
    const grows = typeof before === 'string' && typeof value === 'string' && !OPAQUE.test(name);
    if (name !== 'type') block.changed.set(name, grows ? before + value : value);
  }
}

/** The tokens of the model's own summing up of a long history, which the totals leave out. */
function compactionOf(iterations: unknown): Tokens {
  const passes = records(iterations).filter(({ type }) => type === 'compaction');
  return Object.fromEntries(
    TOKENS.map((name) => [name, passes.reduce((total, pass) => total + (count(pass[name]) ?? 0), 0)]),
  );
}

function toUsage(raw: UnknownRecord, compaction: Tokens): Usage {
  const sum = (name: keyof Tokens): number | undefined => {
    const tokens = count(raw[name]);
    return tokens === undefined ? undefined : tokens + (compaction[name] ?? 0);
  };
  const cachedInputTokens = sum('cache_read_input_tokens');
  const cacheWriteTokens = sum('cache_creation_input_tokens');
  const uncached = sum('input_tokens');
  const inputTokens =
    uncached === undefined ? undefined : uncached + (cachedInputTokens ?? 0) + (cacheWriteTokens ?? 0);
  const outputTokens = sum('output_tokens');
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    cachedInputTokens,
    cacheWriteTokens,
    reasoningTokens: count(record(raw['output_tokens_details'])?.['thinking_tokens']),
    raw,
  };
}
