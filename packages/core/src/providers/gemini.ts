import type { FinishReason, Usage } from '../completion.ts';
import { LLMError } from '../error.ts';
import { isContent, type StreamEvent } from '../event.ts';
import { ErrorFrame, readError } from '../http/error-frame.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { endsWithVersion } from '../http/join-url.ts';
import { newId } from '../id.ts';
import { partsOf, textOf, type ProviderMetadata } from '../message.ts';
import type { ReasoningOptions, ToolChoice, ToolDefinition } from '../request.ts';
import type { Frame } from '../wire/frame.ts';
import {
  chooseTool,
  effortOptions,
  MAX_TOKENS,
  NO_NAME,
  optionsOf,
  STRICT,
  TEMPERATURE,
  type ChoiceOption,
  type Choose,
  type Effort,
} from './choice.ts';
import { createEndpoint, type Body, type EndpointOptions } from './endpoint.ts';
import { finishReasonOf } from './finish-reason.ts';
import { putArgument, type PartialArgument } from './gemini-arguments.ts';
import { toContents } from './gemini-contents.ts';
import { isObject, mergeBodies } from './merge-bodies.ts';
import { withObjectFormat } from './object-format.ts';
import { createPartIndex } from './part-index.ts';
import type { Decoder, Ending, HttpProvider, RequestContext, ResolvedRequest } from './provider.ts';
import { withSendableFiles } from './sendable-files.ts';
import { completeToolCall } from './tool-call.ts';

export interface GeminiOptions extends EndpointOptions {
  /** Address with or without its version, `/v1beta`. Default `https://generativelanguage.googleapis.com/v1beta`. */
  readonly baseURL?: string | undefined;
}

/** The name of the provider, the key in `providerOptions`, and that of what is kept in `providerMetadata`. */
const NAME = 'gemini';

/**
 * Google's Gemini API. Fields of a part that the API needs back, such as `thoughtSignature`, are kept in
 * `providerMetadata.gemini`. Parts of all other types, such as `executableCode` or `toolResponse`, are `data` parts: `name`
 * is the field that has the content, and `data` the content. They are sent back in their place. Fields of `providerOptions.gemini` and of `body` that are objects, such as `generationConfig`,
 * are joined to those that are sent anyway. https://ai.google.dev/api/generate-content
 * @throws {LLMError} with code `config` when the key would be exposed or `baseURL` is no address.
 */
export function gemini(options: GeminiOptions = {}): HttpProvider {
  const { baseURL = 'https://generativelanguage.googleapis.com/v1beta' } = options;
  const version = endsWithVersion(baseURL) ? '' : '/v1beta';
  const endpoint = createEndpoint(NAME, baseURL, options, (key) => ['x-goog-api-key', key]);
  return {
    name: NAME,
    supports: { tools: true, json: 'gemini' },
    framing: 'sse',
    async request(given, context) {
      const request = withObjectFormat(await withSendableFiles(given, NAME, context.choose), context.choose, NAME);
      const { model, providerOptions } = request;
      if (!model) throw new LLMError(`${NAME} needs a model`, { code: 'invalid_request' });
      const body = mergeBodies(toBody(request, model, context), options.body, providerOptions?.[NAME]);
      const path = `${version}/${model.includes('/') ? '' : 'models/'}${model}:streamGenerateContent?alt=sse`;
      return endpoint.post(path, body, { ...request, providerOptions: { [NAME]: body } }, context);
    },
    decoder: createDecoder,
    error: (status, headers, body) => readError(NAME, body, status, headers),
  };
}

function toBody(request: ResolvedRequest, model: string, { defaults, choose }: RequestContext): Body {
  const { messages, stop, tools, reasoning } = request;
  // Models that think count their thoughts as output, so a default bound would cut them.
  const isReasoning = reasoning || /gemini-(2\.5|[3-9]|\d\d|flash|pro)|gemma-[4-9]|think/.test(model);
  const open = isReasoning ? {} : defaults;
  const { toolConfig, instructions } = toToolConfig(request, choose);
  const texts = [{ role: 'system' as const, content: request.system ?? '' }, ...messages].map(
    (message) => message.role === 'system' && textOf(partsOf(message), 'text'),
  );
  const system = [...texts, instructions].flatMap((text) => (text ? { text } : []));
  const contents = toContents(messages, NAME, model);
  // Gemma has no instructions: `Developer instruction is not enabled for models/…`.
  const systemInstruction = choose({
    id: 'systemInstruction',
    at: ['systemInstruction'],
    names: /system_?instruction|developer instruction/i,
    options: optionsOf(system[0] && { parts: system }),
  });
  const temperature = choose({
    ...TEMPERATURE,
    at: ['generationConfig', 'temperature'],
    options: optionsOf(open.temperature),
  });
  const maxTokens = choose({
    ...MAX_TOKENS,
    at: ['generationConfig', 'maxOutputTokens'],
    options: optionsOf(open.maxTokens),
  });

  // What is undefined does not get into the JSON.
  return {
    systemInstruction: systemInstruction?.value,
    contents: system[0] && !systemInstruction ? [{ role: 'user', parts: system }, ...contents] : contents,
    tools: tools?.length ? [{ functionDeclarations: toDeclarations(tools, choose) }] : undefined,
    toolConfig,
    generationConfig: {
      temperature: request.temperature ?? temperature?.value,
      maxOutputTokens: request.maxTokens ?? maxTokens?.value,
      stopSequences: typeof stop === 'string' ? [stop] : stop,
      thinkingConfig: reasoning ? toThinkingConfig(model, reasoning === true ? {} : reasoning, choose) : undefined,
    },
  };
}

/** Servers of Vertex AI that are older than `parametersJsonSchema` know `parameters`. */
function toDeclarations(tools: readonly ToolDefinition[], choose: Choose): object[] {
  const field = choose({
    id: 'toolSchemaField',
    names: /parameters_?json_?schema/i,
    options: [
      { key: 'parametersJsonSchema', value: 'parametersJsonSchema' },
      { key: 'parameters', value: 'parameters' },
    ],
    isRequired: true,
  });
  return tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    [field?.value ?? 'parametersJsonSchema']: inputSchema,
  }));
}

/** https://ai.google.dev/api/caching#FunctionCallingConfig */
function toToolConfig(
  request: ResolvedRequest,
  choose: Choose,
): { readonly toolConfig: object | undefined; readonly instructions: string | undefined } {
  const { tools, toolChoice = 'auto' } = request;
  if (toolChoice === 'auto' && tools?.some(({ strict }) => strict)) {
    const value = { functionCallingConfig: { mode: 'VALIDATED' } };
    const validated = choose({
      ...STRICT,
      at: ['toolConfig'],
      names: /validated|tool_?config/i,
      options: optionsOf(value),
    });
    return { toolConfig: validated?.value, instructions: undefined };
  }
  const { toolChoice: toolConfig, instructions } = chooseTool(request, choose, {
    at: ['toolConfig'],
    write: toWireToolConfig,
    needsTools: true,
  });
  return { toolConfig, instructions };
}

function toWireToolConfig(choice: ToolChoice): object {
  if (typeof choice === 'object') {
    return { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [choice.name] } };
  }
  return { functionCallingConfig: { mode: choice === 'required' ? 'ANY' : choice.toUpperCase() } };
}

const LEVELS: Partial<Record<Effort, Effort>> = { none: 'minimal', xhigh: 'high', max: 'high' };
const BUDGETS: Partial<Record<Effort, number>> = { none: 0, minimal: 1024, low: 1024, medium: 8192 };
const HIGH_BUDGET = 24_576;

/** Models that do not think: `Thinking is not enabled for models/…`, `… include_thoughts is only enabled when thinking is …`. */
const NO_THINKING =
  /(?<!\b(?:minimal|low|medium|high) )thinking (?:is )?not (?:enabled|supported)|only enabled when thinking|not support thinking|unknown name "?thinking_?config/i;

/** A model that knows only the other of the two: `Thinking level is not supported for this model.` */
const OTHER_AMOUNT =
  /thinking[_ ]?(?:level|budget) (?:is )?not supported|unknown name "?thinking_?(?:level|budget)|both thinking|thinking_budget and thinking_level/i;

/**
 * Gemini 2.5 takes tokens, later models a level; both at once are refused. The tokens are those of
 * https://ai.google.dev/gemini-api/docs/openai#thinking
 */
function toThinkingConfig(
  model: string,
  { effort, budgetTokens }: ReasoningOptions,
  choose: Choose,
): object | undefined {
  const includeThoughts = choose({
    id: 'includeThoughts',
    at: ['generationConfig', 'thinkingConfig', 'includeThoughts'],
    names: /include_?thoughts/i,
    options: optionsOf(effort !== 'none'),
  });
  const tokens = budgetTokens ?? (effort && (BUDGETS[effort] ?? HIGH_BUDGET));
  const takesTokens = budgetTokens !== undefined || model.includes('gemini-2.5');
  const amount = choose({
    id: takesTokens ? 'thinkingTokens' : 'thinkingAmount',
    names: NO_NAME,
    wording: OTHER_AMOUNT,
    options: tokens === undefined ? [] : (takesTokens ? ['budget', 'level'] : ['level', 'budget']).map(toAmountOption),
  });
  const level = choose({
    id: 'thinkingLevel',
    at: ['generationConfig', 'thinkingConfig', 'thinkingLevel'],
    names: /thinking[_ ]?level|\b(?:minimal|low|medium|high) thinking\b/i,
    options: amount?.value === 'level' ? levelOptions(effort ?? effortNear(tokens)) : [],
    isScale: true,
  });
  const budget = choose({
    id: 'thinkingBudget',
    at: ['generationConfig', 'thinkingConfig', 'thinkingBudget'],
    names: /\bbudget\b|thinking_?budget/i,
    options: amount?.value === 'budget' ? optionsOf(tokens) : [],
    isLimit: true,
  });
  const config = {
    includeThoughts: includeThoughts?.value,
    thinkingBudget: budget?.value,
    thinkingLevel: level?.value,
  };
  return choose({
    id: 'thinkingConfig',
    at: ['generationConfig', 'thinkingConfig'],
    // Google names the object that an unknown field is in.
    names: NO_NAME,
    wording: NO_THINKING,
    options: optionsOf(config),
  })?.value;
}

function toAmountOption(key: string): ChoiceOption<string> {
  return { key, value: key };
}

function levelOptions(effort: Effort): ChoiceOption<string>[] {
  return effortOptions(LEVELS[effort] ?? effort).filter(({ key }) => !(key in LEVELS));
}

function effortNear(tokens: number | undefined): Effort {
  if (tokens === undefined || tokens > 16_384) return 'high';
  return tokens > 4096 ? 'medium' : 'low';
}

// What comes back.

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

function createDecoder(): Decoder {
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
      call(functionCall, metadataOf(rest));
    } else if (typeof inlineData?.data === 'string' && inlineData.mimeType) {
      partIndex('file', true);
      events.push({ type: 'file', mediaType: inlineData.mimeType, data: inlineData.data, ...metadataOf(rest) });
    } else if (typeof fileData?.fileUri === 'string' && fileData.mimeType) {
      partIndex('file', true);
      events.push({
        type: 'file',
        mediaType: fileData.mimeType,
        url: fileData.fileUri,
        ...metadataOf({ ...rest, fileData }),
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
    events.push({ type, index, delta: text, ...(own && metadataOf(own)) });
  }

  /** A part of another type: a step of a tool that runs at Google's, or one to come. */
  function dataPart(wire: WirePart): void {
    const fields = fieldsOf(wire);
    const names = fields.map(([name]) => name);
    const name = names.find((field) => !ABOUT_PARTS.has(field)) ?? names.find((field) => field !== 'thought');
    if (name === undefined) return;
    const { [name]: content, ...rest } = Object.fromEntries(fields);
    partIndex('data', true);
    events.push({ type: 'data', name, data: content, providerMetadata: { [NAME]: rest } });
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
      failure = new ErrorFrame(NAME, `the answer broke off: ${raw} ${finishMessage ?? ''}`.trim(), 500);
    } else {
      lastReason = { reason, raw };
    }
  }

  function response(wire: WireResponse): void {
    const { responseId, modelVersion, candidates, promptFeedback, usageMetadata, error } = wire;
    if (error || (!candidates && isErrorBody(wire))) {
      failure = new ErrorFrame(NAME, wire);
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
function metadataOf(fields: object): { providerMetadata?: ProviderMetadata } {
  const own = fieldsOf(fields);
  return own[0] ? { providerMetadata: { [NAME]: Object.fromEntries(own) } } : {};
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
