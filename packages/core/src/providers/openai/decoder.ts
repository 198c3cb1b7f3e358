import type { FinishReason, Usage } from '../../types/completion.ts';
import type { DeltaEvent, StreamEvent } from '../../types/event.ts';
import { LLMError } from '../../errors/error.ts';
import { ErrorFrame } from '../../transport/error-frame.ts';
import { isErrorBody } from '../../transport/in-band-error.ts';
import { newId } from '../../utils/id.ts';
import type { ProviderMetadata } from '../../types/message.ts';
import {
  count,
  filledText,
  identifier,
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
import { toFinishReason } from '../shared/finish-reason.ts';
import { joinPieces, readContent, type ContentPiece } from './content.ts';
import { copyFields, createKeptFields, joinFields, REASONING_FIELDS, type ReasoningField } from './kept-fields.ts';
import type { OwnFields } from './messages.ts';
import { readSources, type WireSource } from './sources.ts';
import {
  createCallRouter,
  readCallPiece,
  settledInput,
  type CallPiece,
  type OpenCall,
  type RoutedPiece,
} from './tool-calls.ts';
import type { Decoder, Ending } from '../provider.ts';
import { createThoughtReader, type ThoughtsOption } from '../shared/thoughts.ts';
import { completeToolCall } from '../shared/tool-call.ts';

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

/** Fields of a thought among the content that arrived after its part had begun. */
interface LateFields {
  readonly index: number;
  readonly values: Map<string, unknown>;
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
  let late: LateFields | undefined;
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
  let failure: Error | undefined;

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

  function text(added: string): void {
    if (!added) return;
    received.text += added;
    thoughts.push(added);
  }

  function append(type: DeltaEvent['type'], added: string, fields?: OwnFields): void {
    if (!added) return;
    if (open?.type === type) {
      events.push({ type, index: open.index, delta: added });
      return;
    }
    const index = partIndex(type);
    if (fields) own.set(index, fields);
    events.push({ type, index, delta: added, ...metadataOf(index) });
  }

  function content(pieces: readonly ContentPiece[]): void {
    for (const piece of pieces) {
      if (piece.type === 'text') text(piece.text);
      else thinking(piece);
    }
  }

  function thinking({ text: added, fields }: ContentPiece): void {
    const isOpen = open?.type === 'reasoning';
    received.reasoning += added;
    append('reasoning', thoughts.field(added), { piece: fields });
    if (!isOpen || open?.type !== 'reasoning') return;
    if (late?.index !== open.index) late = { index: open.index, values: new Map() };
    for (const [name, value] of Object.entries(fields)) late.values.set(name, value);
  }

  /** Reasoning is shown once and goes back in each field that it came in. */
  function reasoning(fields: ReadonlyMap<ReasoningField, string>, added: string): void {
    const [shown = added] = fields.values();
    if (!shown) return;
    received.reasoning += shown;
    append('reasoning', thoughts.field(shown), fields.size > 0 ? { fields: [...fields.keys()] } : undefined);
    // A thought that its tags had already is not emitted again.
    if (open?.type !== 'reasoning') return;
    if (thought?.index !== open.index) thought = { index: open.index, text: '', byField: new Map() };
    thought.text += shown;
    for (const [name, value] of fields) thought.byField.set(name, (thought.byField.get(name) ?? '') + value);
  }

  /** Corrects the metadata if the fields did not all have the same text, and adds the fields that came late. */
  function closeThought(): void {
    addLateFields();
    if (!thought) return;
    const { index, text: shown, byField } = thought;
    thought = undefined;
    const fields = [...byField.keys()].filter((name) => byField.get(name) === shown);
    const emitted = own.get(index)?.fields ?? [];
    if (fields.length === byField.size && fields.join() === emitted.join()) return;
    const values = Object.fromEntries([...byField].filter(([name]) => !fields.includes(name)));
    own.set(index, { ...own.get(index), fields, values });
    update({ type: 'reasoning', index });
  }

  function addLateFields(): void {
    if (!late) return;
    const { index, values } = late;
    late = undefined;
    if (values.size === 0) return;
    own.set(index, { ...own.get(index), piece: { ...own.get(index)?.piece, ...Object.fromEntries(values) } });
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

  function toolCalls(pieces: readonly CallPiece[], isWhole: boolean): void {
    const siblings = new Set<OpenCall>();
    for (const piece of pieces) toolCall(piece, isWhole ? router.addWhole(piece) : router.add(piece, siblings));
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
    const call = Object.keys(fields).length > 0 ? { call: copyFields(fields) } : undefined;
    const called = Object.keys(functionFields).length > 0 ? { function: copyFields(functionFields) } : undefined;
    if (call || called || isCustom)
      own.set(index, { ...own.get(index), ...call, ...called, ...(isCustom && { isCustom }) });
  }

  /** The calls of a whole message, which may have come in pieces already, with other ids or in another order. */
  function wholeCalls(pieces: readonly CallPiece[]): void {
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

  function image(wire: UnknownRecord): void {
    const url = filledText(record(wire['image_url'])?.['url']);
    if (!url || images.has(url)) return;
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

  function addDelta(part: UnknownRecord, path: string, isWhole = false): void {
    if (isPlainText(part)) return text(part.content);
    const fields = reasoningIn(part, path);
    const added = isWhole ? kept.addWhole(part) : kept.add(part);
    hasReasoningField ||= fields.size > 0;
    hasEmptyReasoning ||= part['reasoning_content'] === '';
    reasoning(fields, hasReasoningField ? '' : added);
    if (isPresent(part['content'])) content(readContent(part['content'], `${path}.content`));
    if (isPresent(part['refusal'])) refusal(textOrThrow(part['refusal'], `${path}.refusal`));
    if (mayHaveCalls(part)) toolCalls(callsIn(part, path), isWhole);
    if (isPresent(part['images'])) records(part['images']).forEach(image);
    if (isPresent(part['audio'])) audio(part['audio'], path);
    if (isPresent(part['annotations'])) files(part['annotations']);
  }

  function refusal(added: string | undefined): void {
    if (!added) return;
    received.refusal += added;
    thoughts.flush();
    append('refusal', added);
  }

  /** The id stands for the sound in later requests. https://platform.openai.com/docs/guides/audio#multi-turn-conversations */
  function audio(wire: unknown, path: string): void {
    const sound = record(wire);
    if (!sound) return;
    const transcript = textOrThrow(sound['transcript'], `${path}.audio.transcript`);
    if (transcript) thoughts.push(transcript);
    audioId = filledText(sound['id']) ?? audioId;
    hasAudio ||= transcript !== undefined || filledText(sound['data']) !== undefined;
    if (hasAudio && audioId) kept.put('audio', { id: audioId });
  }

  /** Adds what a whole message has beyond the answer so far. */
  function addWhole(message: UnknownRecord, path: string): void {
    if (!hasDeltas && !received.text && !received.reasoning && !received.refusal && router.calls.length === 0) {
      return addDelta(message, path, true);
    }
    const fields = new Map<ReasoningField, string>();
    for (const [name, whole] of reasoningIn(message, path)) {
      const rest = restOf(received.reasoning, whole);
      if (rest) fields.set(name, rest);
    }
    const added = kept.addWhole(message);
    reasoning(fields, hasReasoningField || received.reasoning ? '' : added);
    const pieces = readContent(message['content'], `${path}.content`);
    const rest = restOf(received.reasoning, joinPieces(pieces, 'thinking'));
    if (rest && fields.size === 0) reasoning(new Map(), rest);
    text(restOf(received.text, joinPieces(pieces, 'text')));
    refusal(restOf(received.refusal, textOrThrow(message['refusal'], `${path}.refusal`) ?? ''));
    wholeCalls(callsIn(message, path));
    records(message['images']).forEach(image);
    files(message['annotations']);
  }

  /** The content of a file that the server has parsed, so that it need not parse it again. https://openrouter.ai/docs/features/multimodal/pdfs */
  function files(annotations: unknown): void {
    const read = records(annotations).filter(({ type }) => type === 'file');
    if (read[0]) kept.put('annotations', read);
  }

  /** The rest of a whole text behind the text so far. Without deltas, a text that does not repeat it is a piece itself. */
  function restOf(before: string, whole: string): string {
    if (isRest(before, whole)) return whole.slice(before.length);
    return hasDeltas ? '' : whole;
  }

  function choice(wire: UnknownRecord): void {
    const before = events.length;
    const textBefore = received.text.length;
    const message = recordOrThrow(wire['message'], 'choices[0].message');
    const piece = recordOrThrow(wire['delta'], 'choices[0].delta');
    if (piece) {
      addDelta(piece, 'choices[0].delta');
      hasDeltas ||= events.length > before || received.text !== '';
    }
    if (message) addWhole(message, 'choices[0].message');
    // The form of the older Completions. Some servers send it together with the delta that it repeats.
    // https://platform.openai.com/docs/api-reference/completions/object
    if (!piece && !message) {
      text(textOrThrow(wire['text'], 'choices[0].text') ?? '');
      hasDeltas ||= received.text !== '';
    }
    // Text that may be the start of a tag has no event yet.
    const addsContent = events.length > before || received.text.length > textBefore;
    const hadReason = finishReason !== undefined;
    const reason = wire['finish_reason'];
    const word = filledText(record(reason)?.['type'] ?? reason);
    // DashScope has the word `null` while an answer goes on.
    if (word && word !== 'null') {
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
    failure ??= lostCall();
    if (failure) return;
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

  /** The error for a call without a name, which no tool can carry out. Some gateways send empty calls with each answer. */
  function lostCall(): LLMError | undefined {
    const { calls } = router;
    const firstNamed = calls.findIndex(({ name }) => name !== '');
    const unnamed = firstNamed < 0 ? calls : calls.slice(0, firstNamed);
    const hasAnswer = received.text !== '' || received.refusal !== '' || images.size > 0;
    const isExpected = toFinishReason(finishReason ?? '') === 'tool-calls' || !hasAnswer;
    const isLost = unnamed.some(({ isFilled, id }) => isFilled || (firstNamed < 0 && isExpected && id !== ''));
    if (!isLost) return undefined;
    return new LLMError(`${provider} sent a tool call without a name`, { code: 'parse', provider });
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

  function start(id: string | undefined, model: string | undefined): void {
    if (!id && !model) return;
    isStarted = true;
    events.push({ type: 'start', id, model });
  }

  function addChunk(chunk: UnknownRecord): void {
    if (!isStarted) start(identifier(chunk['id']), filledText(chunk['model']));
    const first = firstChoiceOf(chunk['choices']);
    if (first) choice(first);
    const delta = record(first?.['delta']);
    const message = record(first?.['message']);
    if (delta) readSources(delta, source);
    if (message) readSources(message, source);
    readSources(chunk, source);
    // Moonshot's counts are in the choice.
    const usage = record(chunk['usage']) ?? record(first?.['usage']);
    if (usage) events.push({ type: 'usage', usage: toUsage(usage) });
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
      const json: unknown = data ? JSON.parse(data) : null;
      // Some gateways send `null` while the model is at work.
      if (json === null) return events;
      const choices = record(json)?.['choices'];
      const isFailure = event === 'error' || Boolean(record(json)?.['error']);
      if (isFailure || (!choices && isErrorBody(json))) throw new ErrorFrame(provider, json);
      const chunk = recordOrThrow(json, 'the frame');
      try {
        if (chunk) addChunk(chunk);
      } catch (error) {
        if (!(error instanceof UnexpectedValueError) || events.length === 0) throw error;
        failure = error;
      }
      decoder.ending = failure ? undefined : ending;
      decoder.done = failure !== undefined;
      return events;
    },
    end(): StreamEvent[] {
      throwFailure();
      events = [];
      finish();
      throwFailure();
      // What was held back of an answer that is cut.
      thoughts.flush();
      closeThought();
      return events;
    },
  };
  return decoder;
}

/** The choice with the index 0, or without one. Other choices come if the caller asks for several. */
function firstChoiceOf(choices: unknown): UnknownRecord | undefined {
  const elements = listOrThrow(choices, 'choices');
  for (let place = 0; place < elements.length; place += 1) {
    const element = elements[place];
    const choice = record(element) ?? recordOrThrow(element, `choices[${place}]`);
    if (choice && positionOf(choice['index']) === 0) return choice;
  }
  return undefined;
}

/** Some servers send the index as text. */
function positionOf(index: unknown): number {
  return ordinal(typeof index === 'string' ? Number(index) : index) ?? 0;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function mayHaveCalls(part: UnknownRecord): boolean {
  return isPresent(part['tool_calls']) || isPresent(part['function_call']);
}

/** The calls of a delta or a message. Some gateways send the one call in both fields. */
function callsIn(part: UnknownRecord, path: string): CallPiece[] {
  const calls = part['tool_calls'];
  const wires = record(calls) ? [calls] : [...listOrThrow(calls, `${path}.tool_calls`)];
  const called = recordOrThrow(part['function_call'], `${path}.function_call`);
  if (called && wires.length === 0) wires.push({ index: 'function_call', function: called });
  return wires.flatMap((wire, index) => readCallPiece(wire, `${path}.tool_calls[${index}]`) ?? []);
}

/** The arguments of the call have begun and not ended. Input of a custom tool is text, which has no end of its own. */
function hasOpenInput({ isCustom, isFilled, end }: OpenCall): boolean {
  return isFilled && !isCustom && !end.isClosed;
}

/** Whether a text begins with all of the text before. It costs no more than the text. */
function isRest(before: string, whole: string): boolean {
  return whole.length >= before.length && whole.startsWith(before);
}

/** Whether a delta has nothing but text, as most have: it is not searched for anything else. */
function isPlainText(part: UnknownRecord): part is { readonly content: string } {
  for (const name in part) {
    if (name !== 'content' && name !== 'role' && part[name] != null) return false;
  }
  return typeof part['content'] === 'string';
}

/** The text of each field of reasoning. `reasoning` and `thinking` may be objects of their own: they are kept, and not shown. */
function reasoningIn(part: UnknownRecord, path: string): Map<ReasoningField, string> {
  const fields = new Map<ReasoningField, string>();
  for (const name of REASONING_FIELDS) {
    const value = part[name];
    const isKept = (name === 'reasoning' || name === 'thinking') && typeof value === 'object';
    const added = isKept || !isPresent(value) ? undefined : textOrThrow(value, `${path}.${name}`);
    if (added) fields.set(name, added);
  }
  return fields;
}

function toUsage(raw: UnknownRecord): Usage {
  const prompt = record(raw['prompt_tokens_details']);
  const input = count(raw['prompt_tokens']);
  const output = count(raw['completion_tokens']);
  const totalTokens = count(raw['total_tokens']);
  // DeepSeek has a name of its own.
  const cachedInputTokens = count(prompt?.['cached_tokens']) ?? count(raw['prompt_cache_hit_tokens']);
  const reasoningTokens = count(record(raw['completion_tokens_details'])?.['reasoning_tokens']);
  const cached = cachedInputTokens ?? 0;
  const reasoning = reasoningTokens ?? 0;
  return {
    // xAI counts reasoning beside the completion, and may count cached tokens beside the prompt.
    inputTokens: input && cached > input ? count(input + cached) : input,
    outputTokens: input && output && input + output + reasoning === totalTokens ? count(output + reasoning) : output,
    totalTokens,
    cachedInputTokens,
    cacheWriteTokens: count(prompt?.['cache_write_tokens']),
    reasoningTokens,
    raw,
  };
}
