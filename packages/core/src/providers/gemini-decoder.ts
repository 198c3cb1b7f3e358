import type { FinishReason, Usage } from '../completion.ts';
import { isContent, type StreamEvent } from '../event.ts';
import { ErrorFrame } from '../http/error-frame.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { newId } from '../id.ts';
import type { ProviderMetadata } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import { finishReasonOf } from './finish-reason.ts';
import { putArgument, type PartialArgument } from './gemini-arguments.ts';
import { isObject } from './merge-bodies.ts';
import { createPartIndex } from './part-index.ts';
import type { Decoder, Ending } from './provider.ts';
import { completeToolCall } from './tool-call.ts';

interface WireCall {
  id?: string | null;
  /** In the first piece of a call. */
  name?: string | null;
  args?: object | null;
  partialArgs?: PartialArgument[] | null;
  willContinue?: boolean | null;
}

/** A part has one of these contents, or another one, and fields that describe it. */
interface WirePart {
  text?: string | null;
  thought?: boolean | null;
  thoughtSignature?: string | null;
  functionCall?: WireCall | null;
  inlineData?: { mimeType?: string | null; data?: string | null } | null;
  fileData?: { mimeType?: string | null; fileUri?: string | null } | null;
}

interface WireSource {
  uri?: string | null;
  title?: string | null;
}

interface WireCandidate {
  index?: number | null;
  content?: { parts?: WirePart[] | null } | null;
  finishReason?: string | null;
  finishMessage?: string | null;
  groundingMetadata?: {
    groundingChunks?: { web?: WireSource; retrievedContext?: WireSource; maps?: WireSource }[] | null;
  } | null;
  citationMetadata?: { citationSources?: WireSource[] | null; citations?: WireSource[] | null } | null;
}

interface WireUsage {
  promptTokenCount?: number | null;
  candidatesTokenCount?: number | null;
  thoughtsTokenCount?: number | null;
  cachedContentTokenCount?: number | null;
  totalTokenCount?: number | null;
}

interface WireResponse {
  responseId?: string | null;
  modelVersion?: string | null;
  candidates?: WireCandidate[] | null;
  promptFeedback?: { blockReason?: string | null } | null;
  usageMetadata?: WireUsage | null;
  error?: unknown;
}

/** Reasons of filters that are not known by their whole name. */
const FILTERED = /SAFETY|RECITATION|PROHIBITED|BLOCK/i;

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
  args: object;
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

  function call({ id, name, args, partialArgs, willContinue }: WireCall, metadata: object): void {
    if (name) {
      closeCall();
      open = { index: partIndex('tool-call', true), id: id || newId(), name, args: args ?? Object.create(null) };
      events.push({ type: 'tool-call-start', index: open.index, id: open.id, name, ...metadata });
    }
    if (!open) return;
    if (!args) for (const piece of partialArgs ?? []) putArgument(open.args, piece);
    if (!willContinue) closeCall();
  }

  function part(wire: WirePart): void {
    const { text, functionCall, inlineData, fileData, ...rest } = wire;
    const { thought, thoughtSignature, ...about } = rest;
    if (functionCall) {
      call(functionCall, metadataOf(provider, rest));
    } else if (typeof inlineData?.data === 'string' && inlineData.mimeType) {
      partIndex('file', true);
      events.push({
        type: 'file',
        mediaType: inlineData.mimeType,
        data: inlineData.data,
        ...metadataOf(provider, rest),
      });
    } else if (typeof fileData?.fileUri === 'string' && fileData.mimeType) {
      partIndex('file', true);
      events.push({
        type: 'file',
        mediaType: fileData.mimeType,
        url: fileData.fileUri,
        ...metadataOf(provider, { ...rest, fileData }),
      });
    } else if (
      typeof text === 'string' ||
      (thoughtSignature && fieldsOf(wire).every(([name]) => SIGNATURE.has(name)))
    ) {
      const hasFields = !!thoughtSignature || Object.keys(about).length > 0;
      addText(thought ? 'reasoning' : 'text', text ?? '', hasFields ? { thoughtSignature, ...about } : undefined);
    } else {
      dataPart(wire);
    }
  }

  /** A part with fields of its own goes back as it came, also an empty one: it is not joined to its neighbours. */
  function addText(type: 'text' | 'reasoning', text: string, own: object | undefined): void {
    if (!text && !own) return;
    const index = partIndex(type, isSigned || !!own);
    isSigned = !!own;
    received[type] += text;
    if (text && type === 'text') received.pieces += 1;
    events.push({ type, index, delta: text, ...(own && metadataOf(provider, own)) });
  }

  /** A part of another type: a step of a tool that runs at Google's, or one to come. */
  function dataPart(wire: WirePart): void {
    const fields = fieldsOf(wire);
    const names = fields.map(([name]) => name);
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
  function isRepetition(parts: readonly WirePart[]): boolean {
    const all = { text: '', reasoning: '' };
    for (const { text, thought } of parts) all[thought ? 'reasoning' : 'text'] += text ?? '';
    const hasSameReasoning = all.reasoning === '' || all.reasoning === received.reasoning;
    return lastReason === undefined && received.pieces > 1 && all.text === received.text && hasSameReasoning;
  }

  /** Adds the new content of a repetition: signatures, and other calls. */
  function repeatedPart(wire: WirePart): void {
    const { functionCall } = wire;
    if (typeof wire.text === 'string') part({ ...wire, text: '' });
    else if (!functionCall?.name || !received.calls.has(functionCall.name + JSON.stringify(functionCall.args ?? {})))
      part(wire);
  }

  function source({ uri, title }: WireSource): void {
    if (!uri || cited.has(uri)) return;
    cited.add(uri);
    partIndex('source', true);
    events.push({ type: 'source', url: uri, title: title ?? undefined });
  }

  function candidate(wire: WireCandidate): void {
    const { content, finishReason: raw, finishMessage, groundingMetadata, citationMetadata } = wire;
    const parts = (content?.parts ?? []).filter((each) => isObject(each));
    parts.forEach(raw && isRepetition(parts) ? repeatedPart : part);
    for (const { web, retrievedContext, maps } of groundingMetadata?.groundingChunks ?? [])
      source(web ?? retrievedContext ?? maps ?? {});
    (citationMetadata?.citationSources ?? citationMetadata?.citations)?.forEach(source);
    if (!raw) return;
    const reason = finishReasonOf(raw) ?? (FILTERED.test(raw) ? 'content-filter' : 'other');
    if (/^MALFORMED/i.test(raw)) {
      failure = new ErrorFrame(provider, `the answer broke off: ${raw} ${finishMessage ?? ''}`.trim(), 500);
    } else {
      lastReason = { reason, raw };
    }
  }

  function response(wire: WireResponse): void {
    const { responseId, modelVersion, candidates, promptFeedback, usageMetadata, error } = wire;
    if (error || (!candidates && isErrorBody(wire))) {
      failure = new ErrorFrame(provider, wire);
      return;
    }
    if (!isStarted && (responseId || modelVersion)) {
      isStarted = true;
      events.push({ type: 'start', id: responseId ?? undefined, model: modelVersion ?? undefined });
    }
    if (usageMetadata) events.push({ type: 'usage', usage: toUsage(usageMetadata) });
    const first = candidates?.find(({ index }) => !index);
    if (first) candidate(first);
    else if (promptFeedback?.blockReason) lastReason = { reason: 'content-filter', raw: promptFeedback.blockReason };
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
      for (const wire of [JSON.parse(data) as WireResponse | WireResponse[]].flat()) {
        response(wire);
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

function toUsage(raw: WireUsage): Usage {
  const { candidatesTokenCount: said, thoughtsTokenCount: thought } = raw;
  return {
    inputTokens: raw.promptTokenCount ?? undefined,
    outputTokens: said == null && thought == null ? undefined : (said ?? 0) + (thought ?? 0),
    totalTokens: raw.totalTokenCount ?? undefined,
    cachedInputTokens: raw.cachedContentTokenCount ?? undefined,
    reasoningTokens: thought ?? undefined,
    raw,
  };
}
