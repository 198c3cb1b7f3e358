import type { FinishReason, Usage } from '../completion.ts';
import type { DeltaEvent, StreamEvent } from '../event.ts';
import { ErrorFrame } from '../http/error-frame.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { newId } from '../id.ts';
import type { ProviderMetadata } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import { toFinishReason } from './finish-reason.ts';
import { isObject } from './merge-bodies.ts';
import { createKeptFields, joinFields, REASONING_FIELDS, type ReasoningField } from './openai-kept-fields.ts';
import type { OwnFields } from './openai-messages.ts';
import { sourcesIn, type WireSource } from './openai-sources.ts';
import {
  createCallRouter,
  readCallPiece,
  settledInput,
  type CallPiece,
  type OpenCall,
  type RoutedPiece,
} from './openai-tool-calls.ts';
import type { Decoder, Ending } from './provider.ts';
import { createThoughtReader, type ThoughtsOption } from './thoughts.ts';
import { completeToolCall } from './tool-call.ts';

interface WireDelta {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly tool_calls?: unknown;
  readonly [field: string]: unknown;
}

interface WireChoice {
  readonly index?: number | string | null;
  readonly delta?: WireDelta | null;
  /** In a whole answer, in place of `delta`; some servers send it behind the deltas, or with each of them. */
  readonly message?: WireDelta | null;
  readonly finish_reason?: unknown;
  /** Moonshot. */
  readonly usage?: WireUsage | null;
}

interface WireUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number } | null;
  completion_tokens_details?: { reasoning_tokens?: number } | null;
  /** DeepSeek. */
  prompt_cache_hit_tokens?: number;
}

interface WireChunk {
  id?: string;
  model?: string;
  choices?: WireChoice[] | null;
  usage?: WireUsage | null;
  error?: unknown;
}

/** A part that is being written. */
interface OpenPart {
  readonly type: string;
  readonly index: number;
}

/** The reasoning part that is being written, with the text of each field. */
interface OpenThought {
  readonly index: number;
  text: string;
  readonly byField: Map<ReasoningField, string>;
}

/** Decodes an answer of Chat Completions. Servers differ, so nothing about the shape of a chunk is taken for granted. */
export function createDecoder(provider: string, options: ThoughtsOption): Decoder {
  const router = createCallRouter();
  const kept = createKeptFields();
  /** The metadata of the parts, by their indexes. */
  const own = new Map<number, OwnFields>();
  const sources = new Map<string, { readonly index: number; title: string | undefined }>();
  const images = new Set<string>();
  const thoughts = createThoughtReader(options, append);
  /** All that was received, as the server wrote it: a whole message behind the deltas repeats it. */
  const received = { text: '', reasoning: '', refusal: '' };
  let events: StreamEvent[] = [];
  let parts = 0;
  let open: OpenPart | undefined;
  let thought: OpenThought | undefined;
  /** The part whose metadata has the fields of the message. */
  let carrier: OpenPart | undefined;
  let isKeptAttached = false;
  let hasDeltas = false;
  let hasReasoningField = false;
  let hasEmptyReasoning = false;
  let audioId = '';
  let hasAudio = false;
  let isStarted = false;
  let isFinished = false;
  let finishReason: string | undefined;
  let hasContent = false;
  let ending: Ending | undefined;
  let failure: ErrorFrame | undefined;

  /** The index of the part of this type: that of the part before, if it has the same type. */
  function partIndex(type: string, isNew?: boolean): number {
    if (open && !isNew && open.type === type) return open.index;
    closeThought();
    if (open) attachKept();
    open = { type, index: parts };
    parts += 1;
    const isBetter = type === 'reasoning' ? carrier?.type !== type && !isKeptAttached : !carrier && type !== 'file';
    if (isBetter) carrier = open;
    return open.index;
  }

  function metadataOf(index: number): { readonly providerMetadata?: ProviderMetadata } {
    const fields = own.get(index);
    return fields ? { providerMetadata: { [provider]: { ...fields } } } : {};
  }

  /** Emits the metadata of a part that is open already. */
  function update({ type, index }: OpenPart): void {
    const isCall = type === 'tool-call';
    events.push({
      type: isCall ? 'tool-call-delta' : (type as DeltaEvent['type']),
      index,
      delta: '',
      ...metadataOf(index),
    });
  }

  function delta(type: DeltaEvent['type'], value: unknown, fields?: OwnFields): void {
    // Mistral's reasoning models send a list of pieces.
    if (Array.isArray(value)) {
      for (const piece of value) if (isObject(piece)) contentPiece(type, piece);
    } else if (value && typeof value === 'string') {
      if (type === 'text') return thoughts.push(value);
      if (type === 'refusal') thoughts.flush();
      append(type, type === 'reasoning' ? thoughts.field(value) : value, fields);
    }
  }

  function append(type: DeltaEvent['type'], added: string, fields?: OwnFields): void {
    if (!added) return;
    const isOpen = open?.type === type;
    const index = partIndex(type);
    if (!isOpen && fields) own.set(index, fields);
    events.push({ type, index, delta: added, ...(!isOpen && metadataOf(index)) });
  }

  /** https://docs.mistral.ai/capabilities/reasoning/ */
  function contentPiece(type: DeltaEvent['type'], piece: Readonly<Record<string, unknown>>): void {
    const { type: _, text, thinking, ...fields } = piece;
    if (thinking === undefined) return delta(type, text);
    const added = typeof thinking === 'string' ? thinking : textOfPieces(thinking);
    const isOpen = open?.type === 'reasoning';
    received.reasoning += added;
    delta('reasoning', added, { piece: fields });
    if (!isOpen || open?.type !== 'reasoning' || Object.keys(fields).length === 0) return;
    own.set(open.index, { ...own.get(open.index), piece: { ...own.get(open.index)?.piece, ...fields } });
    update(open);
  }

  /** Reasoning is shown once and goes back in each field that it came in. */
  function reasoning(fields: ReadonlyMap<ReasoningField, string>, added: string): void {
    const [shown = added] = fields.values();
    if (!shown) return;
    received.reasoning += shown;
    delta('reasoning', shown, fields.size > 0 ? { fields: [...fields.keys()] } : undefined);
    // A thought that its tags had already is not emitted again.
    if (open?.type !== 'reasoning') return;
    if (thought?.index !== open.index) thought = { index: open.index, text: '', byField: new Map() };
    thought.text += shown;
    for (const [name, text] of fields) thought.byField.set(name, (thought.byField.get(name) ?? '') + text);
  }

  /** Corrects the metadata if the fields did not all have the same text. */
  function closeThought(): void {
    if (!thought) return;
    const { index, text, byField } = thought;
    thought = undefined;
    const fields = [...byField.keys()].filter((name) => byField.get(name) === text);
    const emitted = own.get(index)?.fields ?? [];
    if (fields.length === byField.size && fields.join() === emitted.join()) return;
    const values = Object.fromEntries([...byField].filter(([name]) => !fields.includes(name)));
    own.set(index, { ...own.get(index), fields, values });
    update({ type: 'reasoning', index });
  }

  /** Runs once where the thoughts end, for answers that are stopped later, and once at the end. */
  function attachKept(isEnd = false): void {
    if (isKeptAttached && !isEnd) return;
    if (!carrier && !isEnd) return;
    const message = kept.snapshot();
    if (!message) return;
    isKeptAttached = true;
    if (!carrier) {
      const index = partIndex('reasoning');
      carrier = { type: 'reasoning', index };
    }
    own.set(carrier.index, { ...own.get(carrier.index), message });
    // The last event of a call has its metadata.
    if (!isEnd || carrier.type !== 'tool-call') update(carrier);
  }

  function toolCalls(list: readonly unknown[], isWhole: boolean): void {
    const siblings = new Set<OpenCall>();
    for (const wire of list) {
      const piece = readCallPiece(wire);
      if (piece) toolCall(piece, isWhole ? router.addWhole(piece) : router.add(piece, siblings));
    }
  }

  function toolCall(piece: CallPiece, { call, input }: RoutedPiece): void {
    const { name } = call;
    if (!name) return;
    thoughts.flush();
    if (call.index < 0) {
      call.id ||= newId();
      call.index = partIndex('tool-call', true);
      keepCall(call);
      events.push({ type: 'tool-call-start', index: call.index, id: call.id, name, ...metadataOf(call.index) });
      if (call.input) events.push({ type: 'tool-call-delta', index: call.index, delta: call.input });
      return;
    }
    // The rest of a split name comes before any arguments.
    if (piece.name && piece.name !== name && call.input === input) {
      events.push({ type: 'tool-call-start', index: call.index, id: call.id, name, ...metadataOf(call.index) });
    }
    if (input) events.push({ type: 'tool-call-delta', index: call.index, delta: input });
  }

  function keepCall({ index, isCustom, fields, functionFields }: OpenCall): void {
    const call = Object.keys(fields).length > 0 ? { call: { ...fields } } : undefined;
    const called = Object.keys(functionFields).length > 0 ? { function: { ...functionFields } } : undefined;
    if (call || called || isCustom)
      own.set(index, { ...own.get(index), ...call, ...called, ...(isCustom && { isCustom }) });
  }

  /** The calls of a whole message, which may have come in pieces already, with other ids or in another order. */
  function wholeCalls(list: readonly unknown[]): void {
    const pieces = list.flatMap((wire) => readCallPiece(wire) ?? []);
    for (const { piece, call } of router.match(pieces)) {
      if (call) completeCall(call, piece);
      else toolCall(piece, router.addWhole(piece));
    }
  }

  function completeCall(call: OpenCall, { input, fields, functionFields }: CallPiece): void {
    joinFields(call.fields, fields);
    joinFields(call.functionFields, functionFields);
    const rest = isRest(call.input, input) ? input.slice(call.input.length) : hasDeltas ? '' : input;
    if (!rest || call.end.isClosed) return;
    router.append(call, rest);
    if (call.index >= 0) events.push({ type: 'tool-call-delta', index: call.index, delta: rest });
  }

  function image(wire: unknown): void {
    const url = isObject(wire) && isObject(wire['image_url']) && wire['image_url']['url'];
    if (!url || typeof url !== 'string' || images.has(url)) return;
    images.add(url);
    thoughts.flush();
    const mediaType = /^data:([^;,]+)/.exec(url.slice(0, 100))?.[1] ?? 'image/png';
    const index = partIndex('file', true);
    own.set(index, { isImage: true });
    events.push({ type: 'file', index, mediaType, url, ...metadataOf(index) });
  }

  /** One part for each address, beside the text, which goes on where it was. */
  function source({ url, title }: WireSource): void {
    const known = sources.get(url);
    if (known && (known.title || !title)) return;
    const index = known?.index ?? parts;
    if (!known) parts += 1;
    sources.set(url, { index, title });
    events.push({ type: 'source', index, url, title });
  }

  function addDelta(part: WireDelta, isWhole = false): void {
    if (isPlainText(part)) {
      received.text += part.content;
      return delta('text', part.content);
    }
    const fields = reasoningIn(part);
    const added = isWhole ? kept.addWhole(part) : kept.add(part);
    hasReasoningField ||= fields.size > 0;
    hasEmptyReasoning ||= part['reasoning_content'] === '';
    reasoning(fields, hasReasoningField ? '' : added);
    received.text += plainTextOf(part.content);
    delta('text', part.content);
    refusal(part.refusal);
    toolCalls(listOf(part.tool_calls), isWhole);
    // Some gateways send the one call in both fields.
    if (isObject(part['function_call']) && !listOf(part.tool_calls)[0]) {
      toolCalls([{ index: 'function_call', function: part['function_call'] }], isWhole);
    }
    listOf(part['images']).forEach(image);
    audio(part['audio']);
    files(part['annotations']);
  }

  function refusal(words: unknown): void {
    if (typeof words === 'string') received.refusal += words;
    delta('refusal', words);
  }

  /** The id stands for the sound in later requests. https://platform.openai.com/docs/guides/audio#multi-turn-conversations */
  function audio(wire: unknown): void {
    if (!isObject(wire)) return;
    const { id, transcript, data } = wire;
    delta('text', transcript);
    if (typeof id === 'string') audioId = id;
    hasAudio ||= Boolean(transcript ?? data);
    if (hasAudio && audioId) kept.put('audio', { id: audioId });
  }

  /** Adds what a whole message has beyond the answer so far. */
  function addWhole(message: WireDelta): void {
    if (!hasDeltas && !received.text && !received.reasoning && !received.refusal && router.calls.length === 0) {
      return addDelta(message, true);
    }
    const fields = new Map<ReasoningField, string>();
    for (const [name, text] of reasoningIn(message)) {
      const rest = restOf(received.reasoning, text);
      if (rest) fields.set(name, rest);
    }
    const added = kept.addWhole(message);
    reasoning(fields, hasReasoningField || received.reasoning ? '' : added);
    const thinking = restOf(received.reasoning, thinkingOf(message.content));
    if (thinking && fields.size === 0) reasoning(new Map(), thinking);
    const text = restOf(received.text, plainTextOf(message.content));
    received.text += text;
    delta('text', text);
    refusal(restOf(received.refusal, typeof message.refusal === 'string' ? message.refusal : ''));
    wholeCalls(listOf(message.tool_calls));
    if (isObject(message['function_call']) && !listOf(message.tool_calls)[0]) {
      wholeCalls([{ function: message['function_call'] }]);
    }
    listOf(message['images']).forEach(image);
    files(message['annotations']);
  }

  /** The content of a file that the server has parsed, so that it need not parse it again. https://openrouter.ai/docs/features/multimodal/pdfs */
  function files(annotations: unknown): void {
    const read = listOf(annotations).filter((annotation) => isObject(annotation) && annotation['type'] === 'file');
    if (read[0]) kept.put('annotations', read);
  }

  /** The rest of a whole text behind the text so far. Without deltas, a text that does not repeat it is a piece itself. */
  function restOf(before: string, whole: string): string {
    if (isRest(before, whole)) return whole.slice(before.length);
    return hasDeltas ? '' : whole;
  }

  function choice({ delta: piece, message, finish_reason: raw }: WireChoice): void {
    const before = events.length;
    const textBefore = received.text.length;
    if (isObject(piece)) {
      addDelta(piece);
      hasDeltas ||= events.length > before || received.text !== '';
    }
    if (isObject(message)) addWhole(message);
    // Text that may be the start of a tag has no event yet.
    const addsContent = events.length > before || received.text.length > textBefore;
    const hadReason = finishReason !== undefined;
    const word = isObject(raw) ? raw['type'] : raw;
    // DashScope has the word `null` while an answer goes on.
    if (typeof word === 'string' && word && word !== 'null') {
      finishReason = word;
      ending ??= endingOf(addsContent);
    }
    if (hadReason && addsContent) ending = 'possible';
    hasContent ||= addsContent;
    if (finishReason && toFinishReason(finishReason) === 'error') {
      failure = new ErrorFrame(provider, `the answer broke off: ${finishReason}`, 500);
    }
  }

  /** What the first finish reason says about the end. */
  function endingOf(addsContent: boolean): Ending {
    if (router.calls.some(hasOpenInput)) return 'possible';
    const hasAnswer = received.text || received.refusal || router.calls.length > 0 || images.size > 0;
    // Behind a thought that comes with a reason, the answer has to follow.
    if (addsContent) return hasAnswer ? 'likely' : 'possible';
    return hasContent ? 'certain' : 'possible';
  }

  function finish(): void {
    if (isFinished || finishReason === undefined) return;
    isFinished = true;
    thoughts.flush();
    closeThought();
    for (const { call, input } of router.settle()) {
      events.push({ type: 'tool-call-delta', index: call.index, delta: input });
    }
    const calls = router.calls.filter(({ index }) => index >= 0);
    // DeepSeek wants the field with each call while it thinks, also if it is empty.
    // https://api-docs.deepseek.com/guides/thinking_mode#tool-calls
    if (calls[0] && hasEmptyReasoning && !received.reasoning) kept.put('reasoning_content', '');
    calls.forEach(keepCall);
    attachKept(true);
    for (const call of calls) {
      const { index, id, name, isCustom } = call;
      const input = settledInput(call);
      const completed = isCustom ? { id, name, rawInput: input, input } : completeToolCall(id, name, input);
      events.push({ type: 'tool-call', index, toolCall: completed, ...metadataOf(index) });
    }
    events.push({ type: 'finish', reason: reasonOf(finishReason, calls.length > 0), raw: finishReason });
  }

  /** Calls and refusals count more than the word for the end, which is often just `stop`. */
  function reasonOf(word: string, hasCalls: boolean): FinishReason {
    const reason = toFinishReason(word);
    if (hasCalls && (reason === 'stop' || reason === 'other')) return 'tool-calls';
    if (reason === 'stop' && received.refusal) return 'refusal';
    return reason === 'error' ? 'other' : reason;
  }

  /** Events of the same chunk are emitted before a failure is thrown. */
  function throwFailure(): void {
    if (failure) throw failure;
  }

  const decoder = {
    done: false,
    ending,
    push({ data, event }: Frame): StreamEvent[] {
      throwFailure();
      events = [];
      decoder.done = data.trim() === '[DONE]';
      if (decoder.done) {
        finish();
        return events;
      }
      const chunk = data ? (JSON.parse(data) as WireChunk | null) : null;
      if (!chunk) return events;
      if (chunk.error || event === 'error' || (!chunk.choices && isErrorBody(chunk)))
        throw new ErrorFrame(provider, chunk);
      const { id, model, choices } = chunk;
      if (!isStarted && (id || model)) {
        isStarted = true;
        events.push({ type: 'start', id, model });
      }
      const first = listOf(choices).find(isFirstChoice);
      if (first) choice(first);
      sourcesIn(first?.delta, first?.message, chunk).forEach(source);
      const usage = chunk.usage ?? first?.usage;
      if (usage) events.push({ type: 'usage', usage: toUsage(usage) });
      decoder.ending = failure ? undefined : ending;
      decoder.done = failure !== undefined;
      return events;
    },
    end(): StreamEvent[] {
      throwFailure();
      events = [];
      finish();
      // Text that was held back, of an answer that is cut.
      thoughts.flush();
      return events;
    },
  };
  return decoder;
}

/** Other choices come if the caller asks for several. */
function isFirstChoice(choice: unknown): choice is WireChoice {
  return isObject(choice) && Number(choice['index'] ?? 0) === 0;
}

/** The arguments of the call have begun and not ended. Input of a custom tool is text, which has no end of its own. */
function hasOpenInput({ isCustom, isFilled, end }: OpenCall): boolean {
  return isFilled && !isCustom && !end.isClosed;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a text begins with all of the text before. It costs no more than the text. */
function isRest(before: string, whole: string): boolean {
  return whole.length >= before.length && whole.startsWith(before);
}

/** Whether a delta has nothing but text, as most have: it is not searched for anything else. */
function isPlainText(part: WireDelta): part is { readonly content: string } {
  for (const name in part) {
    if (name !== 'content' && name !== 'role' && part[name] != null) return false;
  }
  return typeof part.content === 'string';
}

function reasoningIn(part: WireDelta): Map<ReasoningField, string> {
  const fields = new Map<ReasoningField, string>();
  for (const name of REASONING_FIELDS) {
    const text = part[name];
    if (typeof text === 'string' && text) fields.set(name, text);
  }
  return fields;
}

/** The text of content that is a string or a list of pieces. */
function plainTextOf(content: unknown): string {
  return typeof content === 'string' ? content : textOfPieces(content);
}

function textOfPieces(pieces: unknown): string {
  return listOf(pieces)
    .map((piece) => (isObject(piece) && typeof piece['text'] === 'string' ? piece['text'] : ''))
    .join('');
}

function thinkingOf(content: unknown): string {
  return listOf(content)
    .map((piece) => (isObject(piece) ? plainTextOf(piece['thinking']) : ''))
    .join('');
}

function toUsage(raw: WireUsage): Usage {
  const {
    prompt_tokens_details: prompt,
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: totalTokens,
  } = raw;
  const cachedInputTokens = prompt?.cached_tokens ?? raw.prompt_cache_hit_tokens;
  const reasoningTokens = raw.completion_tokens_details?.reasoning_tokens;
  const cached = cachedInputTokens ?? 0;
  const reasoning = reasoningTokens ?? 0;
  return {
    // xAI counts reasoning beside the completion, and may count cached tokens beside the prompt.
    inputTokens: input && (cached > input ? input + cached : input),
    outputTokens: input && output && input + output + reasoning === totalTokens ? output + reasoning : output,
    totalTokens,
    cachedInputTokens,
    cacheWriteTokens: prompt?.cache_write_tokens,
    reasoningTokens,
    raw,
  };
}
