import type { FinishReason, Usage } from '../completion.ts';
import { truncatedError } from '../error.ts';
import type { StreamEvent } from '../event.ts';
import { ErrorFrame } from '../http/error-frame.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { newId } from '../id.ts';
import type { Frame } from '../wire/frame.ts';
import { announceText, createRemainder, type AnnouncedText } from './announced-text.ts';
import { finishReasonOf } from './finish-reason.ts';
import { isObject } from './merge-bodies.ts';
import type { Decoder } from './provider.ts';
import { completeToolCall } from './tool-call.ts';

interface WireCitation {
  /** Of a page that was found. */
  url?: string | null;
  title?: string | null;
  /** Of a search result that the request brought. */
  source?: string | null;
  document_title?: string | null;
}

interface WireBlock {
  readonly type?: string | null;
  readonly text?: string | null;
  readonly citations?: WireCitation[] | null;
  readonly thinking?: string | null;
  readonly signature?: string | null;
  readonly data?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly caller?: { readonly type?: string } | null;
  readonly toolset_name?: string | null;
  /** Of the results of server tools. */
  readonly tool_use_id?: string;
}

interface WireDelta extends WireBlock {
  readonly partial_json?: string | null;
  readonly citation?: WireCitation | null;
}

interface WireTokens {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cache_creation_input_tokens?: number;
  readonly cache_read_input_tokens?: number;
}

interface WireUsage extends WireTokens {
  readonly output_tokens_details?: { readonly thinking_tokens?: number };
  /** What was sampled, one by one. The totals leave out the model's own summing up of a long history. */
  readonly iterations?: readonly (WireTokens & { readonly type?: string })[];
}

interface WireStop {
  readonly stop_reason?: string | null;
  readonly stop_details?: { readonly explanation?: string | null } | null;
}

interface WireMessage extends WireStop {
  readonly id?: string;
  readonly model?: string;
  readonly role?: string;
  readonly content?: readonly WireBlock[] | null;
  readonly usage?: WireUsage | null;
}

/** One event; or, with the type `message`, a whole answer. */
interface WireEvent extends WireMessage {
  readonly type?: string;
  readonly index?: number | string | null;
  readonly message?: WireMessage | null;
  readonly content_block?: WireBlock | null;
  readonly delta?: (WireDelta & WireStop) | null;
  readonly error?: unknown;
}

/** The field of a delta, by its own type: some gateways open each block with the same type. */
const DELTAS: ReadonlyMap<unknown, keyof WireDelta> = new Map([
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
const KNOWN_BLOCKS: ReadonlySet<unknown> = new Set([
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  undefined,
  null,
]);

/** Strings that are replaced and do not grow. https://platform.claude.com/docs/en/build-with-claude/compaction */
const OPAQUE = /^(id|data|signature)$|encrypted/;

interface Call {
  readonly index: number;
  readonly id: string;
  readonly name: string;
}

interface Block {
  wire: WireBlock;
  /** A delta opened it, so the start of the block may follow. */
  isImplicit: boolean;
  isOpen: boolean;
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
  citations: WireCitation[];
}

/** Decodes an answer of the Messages API. https://platform.claude.com/docs/en/build-with-claude/streaming */
export function createDecoder(provider: string): Decoder {
  const blocks = new Map<number | string | undefined, Block>();
  /** All text so far, for a whole message that follows its pieces. */
  const received = { text: '', reasoning: '' };
  const callIds = new Set<string>();
  let events: StreamEvent[] = [];
  let parts = 0;
  let id: string | undefined;
  let lastOpened: Block | undefined;
  let lastCall: Block | undefined;
  let isStarted = false;
  let isReplaced = false;
  let hasDoneMark = false;
  let stop: WireStop = {};
  let counts: WireUsage = {};

  /** Adds to the current part of a block, or to a new one if that has another type. */
  function add(block: Block, type: 'text' | 'reasoning', text: string | null | undefined, own?: object): void {
    if (!text && !own) return;
    if (block.part < 0 || block.partType !== type) {
      finishCitations(block);
      block.part = parts++;
      block.partType = type;
    }
    if (type === 'reasoning') block.reasoningPart = block.part;
    emitDelta(type, block.part, text ?? '', own);
  }

  function emitDelta(type: 'text' | 'reasoning', index: number, text: string, own?: object): void {
    received[type] += text;
    events.push({ type, index, delta: text, ...(own && { providerMetadata: { [provider]: own } }) });
  }

  function addDelta(block: Block, type: 'text' | 'reasoning', text: string | null | undefined): void {
    // A block of another type may have its text in the same field.
    const held = block.part < 0 && !KNOWN_BLOCKS.has(block.wire.type) ? block.wire[FIELDS[type]] : undefined;
    if (typeof held === 'string') announce(block, type, held);
    add(block, type, text ? (block.announced.get(type)?.push(text) ?? text) : text);
  }

  /** Adds the text that a block starts with. */
  function announce(block: Block, type: 'text' | 'reasoning', text: string | null | undefined): void {
    if (!text) return;
    add(block, type, text);
    block.announced.set(type, announceText(text));
  }

  function sign(block: Block, signature: string | null | undefined): void {
    if (!signature) return;
    if (block.reasoningPart < 0) add(block, 'reasoning', '', { signature });
    else emitDelta('reasoning', block.reasoningPart, '', { signature });
  }

  function cite(block: Block, citation: WireCitation): void {
    const { url, source, title, document_title: documentTitle } = citation;
    block.citations.push(citation);
    events.push({
      type: 'source',
      index: parts++,
      url: url ?? source ?? undefined,
      title: title ?? documentTitle ?? undefined,
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

  function addInput(block: Block, json: string | null | undefined): void {
    if (!json) return;
    block.input += json;
    if (block.call) events.push({ type: 'tool-call-delta', index: block.call.index, delta: json });
  }

  /** A key for a block that has no index. */
  function createKey(): string {
    return `whole ${blocks.size}`;
  }

  function createBlock(at: number | string | undefined, wire: WireBlock, isImplicit: boolean): Block {
    const block: Block = {
      wire,
      isImplicit,
      isOpen: true,
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
  function isStartOf({ isOpen, isImplicit, wire: known, part }: Block, wire: WireBlock): boolean {
    if (!isOpen) return false;
    if (isImplicit) return wire.type === 'tool_use' ? part < 0 : KNOWN_BLOCKS.has(wire.type);
    const isRepeated = (text: unknown, before: unknown): boolean => !text || text === before;
    return (
      identityOf(known) === identityOf(wire) &&
      isRepeated(wire.text, known.text) &&
      isRepeated(wire.thinking, known.thinking)
    );
  }

  function open(at: number | undefined, wire: WireBlock): void {
    const known = blocks.get(at);
    // Another message began in the middle of this one, which has no end then.
    if (known && isReplaced) throw truncatedError();
    if (known && isStartOf(known, wire)) {
      if (known.isImplicit) known.wire = wire;
      known.isImplicit = false;
      begin(known);
      return;
    }
    close(known);
    begin(createBlock(at, wire, false));
  }

  /** Emits the content at the start of a block. */
  function begin(block: Block): void {
    const { type, text, thinking, signature, citations, data, id: callId, name, caller, toolset_name } = block.wire;
    if (!KNOWN_BLOCKS.has(type)) {
      if (block.dataPart < 0) block.dataPart = parts++;
      return;
    }
    if (type === 'redacted_thinking') {
      if (block.part < 0) add(block, 'reasoning', '', { type, data });
      return;
    }
    if (type === 'tool_use') {
      if (block.call || !name) return;
      block.call = { index: parts++, id: callId || newId(), name };
      lastCall = block;
      callIds.add(block.call.id);
      // The caller of a call of the model's own is not always taken back; that of a call by its code has to be.
      const own = { ...(caller && caller.type !== 'direct' && { caller }), ...(toolset_name && { toolset_name }) };
      events.push({
        type: 'tool-call-start',
        index: block.call.index,
        id: block.call.id,
        name,
        ...(Object.keys(own)[0] && { providerMetadata: { [provider]: own } }),
      });
      if (block.input) events.push({ type: 'tool-call-delta', index: block.call.index, delta: block.input });
      return;
    }
    const isEmpty = block.part < 0;
    if (isEmpty) announce(block, 'reasoning', thinking);
    sign(block, signature);
    if (isEmpty) announce(block, 'text', text);
    if (block.announcedCitations.size > 0) return;
    for (const citation of citations ?? []) {
      block.announcedCitations.add(JSON.stringify(citation));
      cite(block, citation);
    }
  }

  /** The block of a delta: a gateway may leave out the start of the block, or the index. */
  function blockOf(at: number | undefined, field: keyof WireDelta | undefined): Block | undefined {
    const known = blocks.get(at) ?? (at === undefined ? lastOpened : undefined);
    if (known || !field) return known;
    if (field === 'partial_json' && lastCall?.isOpen) return lastCall;
    return createBlock(at, {}, true);
  }

  function change(at: number | undefined, piece: WireDelta): void {
    const field = DELTAS.get(piece.type) ?? [...DELTAS.values()].find((name) => piece[name] !== undefined);
    const block = blockOf(at, field);
    if (!block) return;
    if (!KNOWN_BLOCKS.has(block.wire.type) && !OWN_DELTAS.has(field)) {
      block.wire = join(block.wire, piece);
      block.isOpen = true;
      return;
    }
    switch (field) {
      case 'text':
        addDelta(block, 'text', piece.text);
        break;
      case 'thinking':
        addDelta(block, 'reasoning', piece.thinking ?? piece.text);
        break;
      case 'signature':
        sign(block, piece.signature);
        break;
      case 'citation':
        if (!piece.citation || block.announcedCitations.delete(JSON.stringify(piece.citation))) return;
        cite(block, piece.citation);
        break;
      case 'partial_json':
        addInput(block, piece.partial_json);
        break;
      default:
        return;
    }
    block.isOpen = true;
  }

  function close(block: Block | undefined): void {
    if (!block?.isOpen) return;
    const { wire, call, announced } = block;
    block.isOpen = false;
    if (call) closeCall(block, call);
    else if (KNOWN_BLOCKS.has(wire.type)) closeNamelessInput(block);
    else emitData(block);
    for (const [type, text] of announced) add(block, type, text.end());
    finishCitations(block);
  }

  /** Some servers send the arguments at the start of the block, with or without deltas that repeat them. */
  function closeCall(block: Block, { index, id: callId, name }: Call): void {
    const given = argumentsOf(block.wire.input);
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
    const input = block.input || (block.wire.type === 'tool_use' ? argumentsOf(block.wire.input) : undefined);
    block.input = '';
    if (input && lastCall?.call && !lastCall.input.trim() && !argumentsOf(lastCall.wire.input)) {
      addInput(lastCall, input);
      closeCall(lastCall, lastCall.call);
    } else {
      add(block, 'text', input);
    }
  }

  function emitData({ wire, input, dataPart }: Block, own?: object): void {
    const given = input && { input: completeToolCall('', wire.name ?? '', input).input ?? {} };
    events.push({
      type: 'data',
      index: dataPart,
      name: provider,
      data: { ...wire, ...given },
      ...(own && { providerMetadata: { [provider]: own } }),
    });
  }

  function start({ id: messageId, model, content, usage, ...rest }: WireMessage): void {
    if (isStarted && messageId === id) return;
    isReplaced = isStarted && blocks.size > 0;
    isStarted = true;
    if (!isReplaced) {
      id = messageId;
      if (rest.stop_reason) stop = rest;
      events.push({ type: 'start', id, model });
      count(usage);
    }
    if (blocks.size === 0 || isReplaced) content?.forEach((wire, at) => open(at, wire));
  }

  /** A whole message: its pieces may have come before, so only the rest is added. */
  function complete({ id: messageId, content, usage, ...rest }: WireMessage): void {
    blocks.forEach(close);
    if (rest.stop_reason) stop = rest;
    count(usage);
    const isNew = blocks.size === 0;
    const restOfText = createRemainder(received.text);
    const restOfReasoning = createRemainder(received.reasoning);
    const known = new Set([...blocks.values()].map(({ wire }) => identityOf(wire)));
    const texts = (content ?? []).map(({ type, text }) => (type === 'text' && text ? text : ''));
    if (!isNew && messageId !== id && !texts.join('').startsWith(received.text)) throw truncatedError();
    for (const wire of content ?? []) {
      if (isNew) addWhole(wire);
      else if (wire.type === 'text') addRest('text', restOfText(wire.text ?? ''));
      else if (wire.type === 'thinking') addRest('reasoning', restOfReasoning(wire.thinking ?? ''));
      else if (!known.has(identityOf(wire))) addWhole(wire);
    }
  }

  function addRest(type: 'text' | 'reasoning', rest: string): void {
    if (rest) add(createBlock(createKey(), {}, true), type, rest);
  }

  function addWhole(wire: WireBlock): void {
    const block = createBlock(createKey(), wire, false);
    begin(block);
    close(block);
  }

  /** The counts of later events are totals too, but only of what they name. */
  function count(usage: WireUsage | null | undefined): void {
    if (!usage) return;
    counts = { ...counts, ...Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null)) };
    events.push({ type: 'usage', usage: toUsage(counts) });
  }

  function finish(): void {
    blocks.forEach(close);
    const { stop_reason: raw, stop_details: details } = stop;
    if (raw === 'refusal' && details?.explanation) {
      events.push({
        type: 'refusal',
        index: parts,
        delta: details.explanation,
        providerMetadata: { [provider]: details },
      });
    }
    events.push({ type: 'finish', reason: toFinishReason(raw, callIds.size > 0), raw: raw ?? undefined });
    decoder.done = true;
  }

  const decoder = {
    done: false,
    push({ data, event }: Frame): StreamEvent[] {
      events = [];
      if (event === 'ping') return events;
      if (data.trim() === '[DONE]') {
        // The end mark of another API: it ends the answer once the stop reason was received.
        hasDoneMark = true;
        if (stop.stop_reason) finish();
        return events;
      }
      const json: unknown = JSON.parse(data);
      if (Array.isArray(json) && isErrorBody(json)) throw new ErrorFrame(provider, json);
      const chunk: WireEvent = isObject(json) ? json : {};
      const { index, message, content_block: wire, delta: piece } = chunk;
      const isWhole = !chunk.type && chunk.role === 'assistant' && Array.isArray(chunk.content);
      const type = isWhole ? 'message' : (chunk.type ?? event);
      const at = toIndex(index);
      if (chunk.error || event === 'error' || isErrorBody(chunk, !!type)) throw new ErrorFrame(provider, chunk);
      if (type === 'message_start' && message) start(message);
      if (type === 'content_block_start' && wire) open(at, wire);
      if (type === 'content_block_delta' && piece) change(at, piece);
      if (type === 'content_block_stop') close(blocks.get(at) ?? (at === undefined ? lastOpened : undefined));
      if (type === 'message_delta') {
        if (piece?.stop_reason) stop = piece;
        count(chunk.usage);
      }
      if (type === 'message') {
        if (!isStarted) start({ ...chunk, content: null, usage: null });
        complete(chunk);
      }
      if (type === 'message_stop' && message) complete(message);
      if (type === 'message_stop' || type === 'message') finish();
      return events;
    },
    end(): StreamEvent[] {
      events = [];
      if (decoder.done) return events;
      if (hasDoneMark && stop.stop_reason) finish();
      else if (parts > 0) endData();
      return events;
    },
  };

  /** Keeps the blocks that the end of the body cut, and calls of server tools without a result. The API refuses both. */
  function endData(): void {
    const all = [...blocks.values()].filter(({ wire }) => !KNOWN_BLOCKS.has(wire.type));
    const answered = new Set(all.map(({ wire }) => wire.tool_use_id));
    for (const block of all) {
      const { id: callId, type } = block.wire;
      const isUnanswered = type?.endsWith('_tool_use') && !answered.has(callId);
      if (block.isOpen || isUnanswered) emitData(block, { isIncomplete: true });
    }
  }

  return decoder;
}

/** Gateways also pass on calls with the reason of a normal end. */
function toFinishReason(raw: string | null | undefined, hasCalls: boolean): FinishReason {
  const reason = finishReasonOf(raw ?? '') ?? 'other';
  return reason === 'stop' && hasCalls && raw !== 'stop_sequence' ? 'tool-calls' : reason;
}

/** The index of a block; some gateways send it as text. */
function toIndex(index: number | string | null | undefined): number | undefined {
  return index === undefined || index === null || index === '' ? undefined : Number(index);
}

/** The arguments at the start of a block as JSON, if there are any. */
function argumentsOf(input: unknown): string | undefined {
  if (typeof input === 'string') return input.trim() || undefined;
  return isObject(input) && Object.keys(input)[0] ? JSON.stringify(input) : undefined;
}

/** A key that identifies a block of the server's own tools. */
function identityOf(wire: WireBlock): string {
  return JSON.stringify([wire.type, wire.id || wire.tool_use_id || wire.data]);
}

/** A block that goes on: its strings grow, its other fields are replaced. */
function join(wire: WireBlock, piece: object): WireBlock {
  const known = new Map<string, unknown>(Object.entries(wire));
  for (const [key, value] of Object.entries(piece)) {
    const before = known.get(key);
    const grows = typeof before === 'string' && typeof value === 'string' && !OPAQUE.test(key);
    if (key !== 'type') known.set(key, grows ? before + value : value);
  }
  return Object.fromEntries(known);
}

function toUsage(raw: WireUsage): Usage {
  const passes = [raw, ...(raw.iterations ?? []).filter(({ type }) => type === 'compaction')];
  const sum = (name: keyof WireTokens): number | undefined =>
    raw[name] === undefined ? undefined : passes.reduce((total, pass) => total + (pass[name] ?? 0), 0);
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
    reasoningTokens: raw.output_tokens_details?.thinking_tokens,
    raw,
  };
}
