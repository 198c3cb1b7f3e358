import type { FinishReason, Usage } from '../../types/completion.ts';
import { isContent, type StreamEvent } from '../../types/event.ts';
import { ErrorFrame } from '../../transport/error-frame.ts';
import { isErrorBody } from '../../transport/in-band-error.ts';
import { newId } from '../../utils/id.ts';
import type { ProviderMetadata } from '../../types/message.ts';
import {
  count,
  filledText,
  flag,
  identifier,
  list,
  listOrThrow,
  ordinal,
  record,
  recordOrThrow,
  records,
  text,
  textOrThrow,
  UnexpectedValueError,
  type UnknownRecord,
} from '../../utils/read-value.ts';
import type { Frame } from '../../transport/frame.ts';
import { finishReasonOf } from '../shared/finish-reason.ts';
import { putArgument, putArguments } from './arguments.ts';
import { createPartIndex } from '../shared/part-counter.ts';
import type { Decoder, Ending } from '../provider.ts';
import { completeToolCall } from '../shared/tool-call.ts';

/** Reasons of filters that are not known by their whole name. */
const FILTERED = /SAFETY|RECITATION|PROHIBITED|BLOCK/i;

const CANDIDATE = 'candidates[0]';
const PART = `${CANDIDATE}.content.parts[]`;
const CALL = `${PART}.functionCall`;

/** Fields that describe the content of a part. https://ai.google.dev/api/caching#Part */
const ABOUT_PARTS: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'videoMetadata',
  'partMetadata',
  'mediaResolution',
  'mediaProcessing',
  'speechMetadata',
]);

/** A part with only these fields is an empty text with a signature. */
const SIGNATURE: ReadonlySet<string> = new Set(['thought', 'thoughtSignature']);

interface OpenCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: object;
}

/** Decodes an answer of the Gemini API. https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
export function createDecoder(provider: string): Decoder {
  const partIndex = createPartIndex();
  const cited = new Set<string>();
  /** The answer so far, to recognize a last chunk that repeats it. */
  const received = { text: '', reasoning: '', pieces: 0, calls: new Set<string>() };
  let events: StreamEvent[] = [];
  let open: OpenCall | undefined;
  let isStarted = false;
  let isSigned = false;
  let hasCalls = false;
  /** The last reason that was received: some servers send one with each chunk. */
  let lastReason: { readonly reason: FinishReason; readonly raw: string } | undefined;
  let hasContent = false;
  let failure: ErrorFrame | undefined;

  function closeCall(): void {
    if (!open) return;
    const { index, id, name, args } = open;
    const rawInput = JSON.stringify(args);
    events.push(
      { type: 'tool-call-delta', index, delta: rawInput },
      { type: 'tool-call', index, toolCall: completeToolCall(id, name, rawInput) },
    );
    received.calls.add(name + rawInput);
    open = undefined;
    hasCalls = true;
  }

  function call(wire: UnknownRecord, metadata: object): void {
    const { id, args: given, partialArgs, willContinue } = wire;
    const name = textOrThrow(wire['name'], `${CALL}.name`);
    const args = recordOrThrow(given, `${CALL}.args`);
    const pieces = listOrThrow(partialArgs, `${CALL}.partialArgs`);
    if (name) {
      closeCall();
      open = { index: partIndex('tool-call', true), id: identifier(id) ?? newId(), name, args: args ?? {} };
      events.push({ type: 'tool-call-start', index: open.index, id: open.id, name, ...metadata });
    }
    if (!open) {
      // A call ends with an empty piece, which may come twice.
      if (hasCalls && !args && pieces.length === 0) return;
      throw new UnexpectedValueError(`${CALL}.name`, 'text', wire['name']);
    }
    if (!name && args) putArguments(open.args, args);
    for (const piece of pieces) putArgument(open.args, piece);
    if (flag(willContinue) !== true) closeCall();
  }

  function part(wire: UnknownRecord): void {
    const { text: given, thought, thoughtSignature, functionCall, inlineData, fileData, ...about } = wire;
    const content = textOrThrow(given, `${PART}.text`);
    const called = recordOrThrow(functionCall, CALL);
    const isThought = flag(thought) === true;
    const signature = filledText(thoughtSignature);
    const own = { thought: isThought || undefined, thoughtSignature: signature, ...about };
    const inline = fileOf(inlineData, 'data');
    const linked = fileOf(fileData, 'fileUri');
    if (called) {
      call(called, metadataOf(provider, own));
    } else if (inline) {
      const { mediaType, content: data } = inline;
      partIndex('file', true);
      events.push({ type: 'file', mediaType, data, ...metadataOf(provider, own) });
    } else if (linked) {
      const { mediaType, content: url } = linked;
      partIndex('file', true);
      events.push({ type: 'file', mediaType, url, ...metadataOf(provider, { ...own, fileData }) });
    } else if (content !== undefined || (signature && fieldsOf(wire).every(([name]) => SIGNATURE.has(name)))) {
      const hasFields = signature !== undefined || Object.keys(about).length > 0;
      addText(isThought ? 'reasoning' : 'text', content ?? '', hasFields ? { ...own, thought: undefined } : undefined);
    } else {
      dataPart(wire, own);
    }
  }

  /** A part with fields of its own goes back as it came, also an empty one: it is not joined to its neighbours. */
  function addText(type: 'text' | 'reasoning', delta: string, own: object | undefined): void {
    if (!delta && !own) return;
    const index = partIndex(type, isSigned || !!own);
    isSigned = !!own;
    received[type] += delta;
    if (delta && type === 'text') received.pieces += 1;
    events.push({ type, index, delta, ...(own && metadataOf(provider, own)) });
  }

  /** A part of another type: a step of a tool that runs at Google's, or one to come. */
  function dataPart({ inlineData, fileData }: UnknownRecord, own: object): void {
    const fields = fieldsOf({ inlineData, fileData, ...own });
    const names = fields.map(([name]) => name).filter(Boolean);
    const name = names.find((field) => !ABOUT_PARTS.has(field)) ?? names.find((field) => field !== 'thought');
    if (name === undefined) return;
    const { [name]: content, ...rest } = Object.fromEntries(fields);
    partIndex('data', true);
    events.push({ type: 'data', name, data: content, providerMetadata: { [provider]: rest } });
  }

  /**
   * Whether the last chunk repeats all of the answer: some gateways send it whole once more. After one piece only, the same
   * text may well be the rest of it.
   */
  function isRepetition(parts: readonly UnknownRecord[]): boolean {
    if (lastReason !== undefined || received.pieces < 2) return false;
    const all = { text: '', reasoning: '' };
    for (const { text: piece, thought } of parts) all[flag(thought) ? 'reasoning' : 'text'] += text(piece) ?? '';
    return all.text === received.text && (all.reasoning === '' || all.reasoning === received.reasoning);
  }

  /** Adds the new content of a repetition: signatures, and other calls. */
  function repeatedPart(wire: UnknownRecord): void {
    const functionCall = record(wire['functionCall']);
    const name = text(functionCall?.['name']);
    if (typeof wire['text'] === 'string') part({ ...wire, text: '' });
    else if (!name || !received.calls.has(name + JSON.stringify(functionCall?.['args'] ?? {}))) part(wire);
  }

  function source(wire: UnknownRecord): void {
    const url = filledText(wire['uri']);
    if (!url || cited.has(url)) return;
    cited.add(url);
    partIndex('source', true);
    events.push({ type: 'source', url, title: text(wire['title']) });
  }

  function candidate(wire: UnknownRecord): void {
    const content = recordOrThrow(wire['content'], `${CANDIDATE}.content`);
    const raw = filledText(wire['finishReason']);
    const parts = listOrThrow(content?.['parts'], `${CANDIDATE}.content.parts`)
      .map((each) => recordOrThrow(each, PART))
      .filter((each) => each !== undefined);
    parts.forEach(raw && isRepetition(parts) ? repeatedPart : part);
    for (const { web, retrievedContext, maps } of records(record(wire['groundingMetadata'])?.['groundingChunks']))
      source(record(web) ?? record(retrievedContext) ?? record(maps) ?? {});
    const citationMetadata = record(wire['citationMetadata']);
    records(citationMetadata?.['citationSources'] ?? citationMetadata?.['citations']).forEach(source);
    if (!raw) return;
    const reason = finishReasonOf(raw) ?? (FILTERED.test(raw) ? 'content-filter' : 'other');
    if (/^MALFORMED/i.test(raw)) {
      const message = text(wire['finishMessage']) ?? '';
      failure = new ErrorFrame(provider, `the answer broke off: ${raw} ${message}`.trim(), 500);
    } else {
      lastReason = { reason, raw };
    }
  }

  function response(wire: UnknownRecord): void {
    const { candidates, error } = wire;
    if (error || (!candidates && isErrorBody(wire))) {
      failure = new ErrorFrame(provider, wire);
      return;
    }
    const id = identifier(wire['responseId']);
    const model = filledText(wire['modelVersion']);
    if (!isStarted && (id || model)) {
      isStarted = true;
      events.push({ type: 'start', id, model });
    }
    const usage = record(wire['usageMetadata']);
    if (usage) events.push({ type: 'usage', usage: toUsage(usage) });
    const first = firstOf(candidates);
    const blockReason = filledText(record(wire['promptFeedback'])?.['blockReason']);
    if (first) candidate(first);
    else if (blockReason) lastReason = { reason: 'content-filter', raw: blockReason };
  }

  function finish(): void {
    if (!lastReason) return;
    const { reason, raw } = lastReason;
    lastReason = undefined;
    const isNormal = reason === 'stop' || reason === 'tool-calls';
    if (isNormal) closeCall();
    // Google has one word for both; some gateways have two.
    events.push({ type: 'finish', reason: !isNormal ? reason : hasCalls ? 'tool-calls' : 'stop', raw });
  }

  /** Events of the same chunk are emitted before a failure is thrown. */
  function throwFailure(): void {
    if (failure) throw failure;
  }

  /** What a finish reason says about the end, by what has come before it and with it. */
  function endingOf(known: Ending | undefined, hadReason: boolean, addsContent: boolean): Ending | undefined {
    if (failure || !lastReason) return undefined;
    if (hadReason && addsContent) return 'possible';
    if (known) return known;
    if (addsContent) return 'likely';
    return hasContent || lastReason.reason !== 'stop' ? 'certain' : 'possible';
  }

  const decoder: Decoder & { ending: Ending | undefined } = {
    ending: undefined,
    push({ data }: Frame): StreamEvent[] {
      throwFailure();
      events = [];
      const hadReason = lastReason !== undefined;
      // Without `alt=sse` the answer is one document, a list of responses.
      const json: unknown = JSON.parse(data);
      for (const wire of Array.isArray(json) ? list(json) : [json]) {
        const document = record(wire);
        if (!document) throw new UnexpectedValueError('The frame', 'an object', wire);
        response(document);
        if (failure) break;
      }
      const addsContent = events.some(isContent);
      decoder.ending = endingOf(decoder.ending, hadReason, addsContent);
      hasContent ||= addsContent;
      if (events.length === 0) throwFailure();
      return events;
    },
    end(): StreamEvent[] {
      throwFailure();
      events = [];
      finish();
      return events;
    },
  };
  return decoder;
}

/** The fields of a part that have a value. */
function fieldsOf(wire: object): [name: string, value: unknown][] {
  return Object.entries(wire).filter(([, value]) => value !== undefined && value !== null);
}

/** Fields that go back with a part. */
function metadataOf(provider: string, fields: object): { providerMetadata?: ProviderMetadata } {
  const own = fieldsOf(fields);
  return own[0] ? { providerMetadata: { [provider]: Object.fromEntries(own) } } : {};
}

function toUsage(raw: UnknownRecord): Usage {
  const answered = count(raw['candidatesTokenCount']);
  const thought = count(raw['thoughtsTokenCount']);
  return {
    inputTokens: count(raw['promptTokenCount']),
    outputTokens: answered === undefined && thought === undefined ? undefined : (answered ?? 0) + (thought ?? 0),
    totalTokens: count(raw['totalTokenCount']),
    cachedInputTokens: count(raw['cachedContentTokenCount']),
    reasoningTokens: thought,
    raw,
  };
}

/** The first candidate, which has the index 0 or none. */
function firstOf(candidates: unknown): UnknownRecord | undefined {
  for (const wire of listOrThrow(candidates, 'candidates')) {
    const candidate = recordOrThrow(wire, 'candidates[]');
    if (candidate && !ordinal(candidate['index'])) return candidate;
  }
  return undefined;
}

/** A file whose media type and content, base64 data or an address, are text. */
function fileOf(value: unknown, name: string): { readonly mediaType: string; readonly content: string } | undefined {
  const wire = record(value);
  const mediaType = filledText(wire?.['mimeType']);
  const content = filledText(wire?.[name]);
  return mediaType === undefined || content === undefined ? undefined : { mediaType, content };
}
