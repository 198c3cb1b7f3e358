import type { FinishReason, Usage } from '../completion.ts';
import { LLMError } from '../error.ts';
import type { DeltaEvent, StreamEvent } from '../event.ts';
import { toLLMError } from '../http/failure.ts';
import { newId } from '../id.ts';
import type { ProviderMetadata } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import {
  chooseTool,
  effortOptions,
  joinTexts,
  MAX_TOKENS,
  optionsOf,
  STREAM,
  STRICT,
  TEMPERATURE,
  type Choose,
} from './choice.ts';
import { createEndpoint, type Body, type EndpointOptions } from './endpoint.ts';
import { withObjectFormat } from './object-format.ts';
import { CUSTOM_CALL, toItems } from './openai-responses-input.ts';
import type { Decoder, HttpProvider, RequestContext, ResolvedRequest } from './provider.ts';
import { completeToolCall } from './tool-call.ts';

export interface OpenAIResponsesOptions extends EndpointOptions {
  /** Address up to, and without, `/responses`. Default `https://api.openai.com/v1`. */
  readonly baseURL?: string | undefined;
  /** Name for messages to people, and the key in `providerOptions`. Default `openai-responses`. */
  readonly name?: string | undefined;
}

/**
 * OpenAI's Responses API, and servers that speak it.
 * https://platform.openai.com/docs/api-reference/responses
 *
 * The server keeps nothing (`store: false`): the whole conversation is sent each time, and with it the thoughts of
 * reasoning models, which come encrypted (`include: ['reasoning.encrypted_content']`) and go back as they came. `body`
 * and `providerOptions` replace either, and add what this API has besides, such as built-in tools.
 *
 * Tools are sent with `strict: false` unless they say otherwise: this API would else make all their properties required.
 * `stop` is not sent, because this API has no stop sequences; neither is `reasoning.budgetTokens`.
 * @throws {LLMError} with code `config` when the key would be exposed or `baseURL` is no address.
 */
export function openaiResponses(options: OpenAIResponsesOptions = {}): HttpProvider {
  const { name = 'openaiResponses', baseURL = 'https://api.openai.com/v1' } = options;
  const endpoint = createEndpoint(name, baseURL, options, (key) => ['authorization', `Bearer ${key}`]);
  return {
    name,
    supports: { tools: true, json: 'openai-responses' },
    framing: 'sse',
    request(given, context) {
      const request = withObjectFormat(given, context.choose, name);
      return endpoint.post('/responses', toBody(request, context, name), request, context);
    },
    decoder: () => createDecoder(name),
    error: (status, headers, body) => toLLMError(name, body, status, headers),
  };
}

function toBody(request: ResolvedRequest, { defaults, choose }: RequestContext, name: string): Body {
  const { model, tools, reasoning } = request;
  if (!model) throw new LLMError(`${name} needs a model`, { code: 'invalid_request' });
  const id = model.slice(model.lastIndexOf('/') + 1);
  // OpenAI's refuse a temperature; a default bound would cut the thinking.
  const isReasoning =
    !!reasoning ||
    (/^(o\d|gpt-([5-9]|\d\d)|codex|gpt-oss|grok-(3-mini|[4-9]|code))|reason|think/i.test(id) && !id.includes('-chat'));
  const open = isReasoning ? {} : defaults;
  const customCalls = new Set<string>();
  const { toolChoice, instructions } = chooseTool(request, choose, {
    at: ['tool_choice'],
    write: (choice): unknown => (typeof choice === 'object' ? { type: 'function', ...choice } : choice),
  });
  const temperature = choose({ ...TEMPERATURE, at: ['temperature'], options: optionsOf(open.temperature) });
  const maxTokens = choose({ ...MAX_TOKENS, at: ['max_output_tokens'], options: optionsOf(open.maxTokens) });
  const stream = choose({ ...STREAM, options: optionsOf(true) });
  const store = choose({
    id: 'store',
    at: ['store'],
    names: /^store$|['"`]store['"`]|(?<!vector )\bstore(?: parameter)? (?:is|must|should|not)\b/i,
    options: optionsOf(false),
  });
  const include = choose({
    id: 'include',
    at: ['include'],
    // A thought in the history that could not be verified is not meant.
    names: /^include\b|['"`]include['"`[]|reasoning\.encrypted_content|encrypted content (?:is|are) not/i,
    // Other models refuse it.
    options: optionsOf(isReasoning ? ['reasoning.encrypted_content'] : undefined),
  });
  const sendsStrict = tools?.length && choose({ ...STRICT, options: optionsOf(true) }) !== undefined;

  // What is undefined does not get into the JSON.
  return {
    model,
    instructions: joinTexts(request.system, instructions),
    input: request.messages.flatMap((message) => toItems(message, name, customCalls)),
    stream: stream?.value,
    store: store?.value,
    include: include?.value,
    temperature: request.temperature ?? temperature?.value,
    max_output_tokens: request.maxTokens ?? maxTokens?.value,
    reasoning: toReasoning(reasoning, choose),
    tools: tools?.length
      ? tools.map(({ name: tool, description, inputSchema: parameters, strict = false }) => {
          return { type: 'function', name: tool, description, parameters, strict: sendsStrict ? strict : undefined };
        })
      : undefined,
    tool_choice: toolChoice,
  };
}

function toReasoning(reasoning: ResolvedRequest['reasoning'], choose: Choose): Body | undefined {
  if (!reasoning) return undefined;
  const { effort } = typeof reasoning === 'object' ? reasoning : {};
  const value = {
    effort: choose({
      id: 'effort',
      at: ['reasoning', 'effort'],
      names: /\beffort\b|reasoning_effort/i,
      options: effort ? effortOptions(effort) : [],
      isScale: true,
    })?.value,
    // Summaries need an organization that OpenAI has verified.
    summary: choose({
      id: 'summary',
      at: ['reasoning', 'summary'],
      names: /reasoning[. ]summar(?:y|ies)|^summary$|['"`]summary['"`]/i,
      options: optionsOf('auto'),
    })?.value,
  };
  return choose({
    id: 'reasoning',
    at: ['reasoning'],
    names: /^reasoning$|['"`]reasoning['"`]/i,
    options: optionsOf(value),
  })?.value;
}

// What comes back.

interface WireAnnotation {
  url?: string | null;
  title?: string | null;
  file_id?: string | null;
  filename?: string | null;
}

interface WireContent {
  type: string;
  text?: string | null;
  refusal?: string | null;
  annotations?: WireAnnotation[] | null;
}

interface WireItem {
  type: string;
  id?: string | null;
  phase?: string | null;
  content?: WireContent[] | null;
  /** Of reasoning. */
  summary?: WireContent[] | null;
  encrypted_content?: string | null;
  /** Of calls. */
  call_id?: string | null;
  name?: string | null;
  namespace?: string | null;
  arguments?: string | null;
  input?: string | null;
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
  output_index?: number;
  item_id?: string;
  item?: WireItem | null;
  content_index?: number;
  summary_index?: number;
  delta?: string | null;
  annotation?: WireAnnotation | null;
}

/** The kinds of text, in deltas and in items. */
const TEXTS = new Map<string, DeltaEvent['type']>([
  ['output_text', 'text'],
  ['refusal', 'refusal'],
  ['reasoning_summary_text', 'reasoning'],
  ['summary_text', 'reasoning'],
  ['reasoning_text', 'reasoning'],
]);

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

interface OpenItem {
  /** Where in the message its texts are. */
  readonly parts: Map<string, number>;
  call?: OpenCall;
  own?: ProviderMetadata | undefined;
  sources: number;
  isDone?: boolean;
}

function createDecoder(provider: string): Decoder {
  const items = new Map<unknown, OpenItem>();
  let events: StreamEvent[] = [];
  /** Of the parts so far. */
  let count = 0;
  let last: string | undefined;
  let isStarted = false;
  let isStored = false;
  let hasCalls = false;
  let hasRefusal = false;

  /** Items are told apart by their place, because some hosts give them another id with each event. */
  function itemAt(place: unknown): OpenItem {
    let item = items.get(place);
    if (!item) items.set(place, (item = { parts: new Map(), sources: 0 }));
    return item;
  }

  /** What goes back with a message or call. Ids only to a server that stored it: others do not know them. */
  function ownOf({ type, id, phase, namespace }: WireItem): ProviderMetadata | undefined {
    const kept = Object.entries({ type: type === CUSTOM_CALL && type, id: isStored && id, phase, namespace });
    const own = kept.filter(([, value]) => value);
    return own[0] && { [provider]: Object.fromEntries(own) };
  }

  function addText({ parts, own }: OpenItem, kind: string, place: number, delta?: string | null): void {
    const type = TEXTS.get(kind);
    if (!type || !delta) return;
    const key = kind + place;
    const known = parts.get(key);
    const index = known ?? count++;
    hasRefusal ||= type === 'refusal';
    if (known === undefined && type !== 'reasoning') events.push({ type, index, delta, providerMetadata: own });
    else events.push({ type, index, delta });
    parts.set(key, index);
  }

  function addInput(call: OpenCall, delta: string | null | undefined): void {
    if (!delta) return;
    call.input += delta;
    events.push({ type: 'tool-call-delta', index: call.index, delta });
  }

  function endCall({ call }: OpenItem, whole?: string | null): void {
    if (!call || call.isDone) return;
    call.isDone = true;
    const { index, id, name } = call;
    addInput(call, whole?.slice(call.input.length));
    const input = whole || call.input;
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

  /** An item that begins, or that is whole. Of unknown ones, such as calls of built-in tools, nothing is told. */
  function takeItem(place: unknown, wire: WireItem, isWhole: boolean): void {
    const item = itemAt(place);
    const { type, name, content, result } = wire;
    item.own ??= ownOf(wire);
    if (type === 'function_call' || type === CUSTOM_CALL) {
      if (name && !item.call) {
        const id = wire.call_id || newId();
        item.call = { index: count++, id, name, isCustom: type === CUSTOM_CALL, input: '' };
        hasCalls = true;
        events.push({ type: 'tool-call-start', index: item.call.index, id, name, providerMetadata: item.own });
      }
      if (isWhole) endCall(item, wire.arguments ?? wire.input);
      return;
    }
    if (!isWhole || item.isDone) return;
    item.isDone = true;
    const texts = [...(wire.summary ?? []), ...(content ?? [])];
    // What has streamed is not told again.
    if (!item.parts.size) texts.forEach((text, at) => addText(item, text.type, at, text.text ?? text.refusal));
    const annotations = texts.flatMap((text) => text.annotations ?? []);
    for (const annotation of annotations.slice(item.sources)) addSource(item, annotation);
    // A server that stored nothing knows thoughts only by what they hold.
    if (type === 'reasoning' && (wire.encrypted_content || content?.length || isStored)) {
      const index = [...item.parts.values()].at(-1) ?? count++;
      events.push({ type, index, delta: '', providerMetadata: { [provider]: wire } });
    }
    if (type === 'image_generation_call' && result) {
      const mediaType = `image/${wire.output_format ?? 'png'}`;
      events.push({ type: 'file', index: count++, mediaType, data: result });
    }
  }

  function finish(response: WireResponse, state: string): void {
    const { error, output, usage } = response;
    if (state === 'failed') {
      throw toLLMError(provider, response, /image|policy/.test(error?.code ?? '') ? 400 : undefined);
    }
    if (!count) {
      items.clear();
      output?.forEach((item, place) => takeItem(place, item, true));
    }
    for (const item of items.values()) endCall(item);
    if (usage) events.push({ type: 'usage', usage: toUsage(usage) });
    const raw = response.incomplete_details?.reason ?? state;
    let reason: FinishReason = 'other';
    if (raw === 'completed') reason = hasCalls ? 'tool-calls' : hasRefusal ? 'refusal' : 'stop';
    else if (raw === 'content_filter') reason = 'content-filter';
    else if (/max.*tokens/.test(raw)) reason = 'length';
    events.push({ type: 'finish', reason, raw });
  }

  const decoder = {
    done: false,
    push({ data, event }: Frame): StreamEvent[] {
      events = [];
      const chunk = data && data !== '[DONE]' ? (JSON.parse(data) as WireEvent | null) : null;
      // Every event has a number, so the same one twice is a mistake.
      if (!chunk || (data === last && Number(chunk.sequence_number) > 0)) return events;
      last = data;
      const { type = '', item, annotation, delta, output_index: place = chunk.item_id ?? item?.id } = chunk;
      const response = chunk.object === 'response' ? chunk : chunk.response;
      if (type === 'error' || event === 'error' || (chunk.error && !response)) throw toLLMError(provider, chunk);
      if (response) {
        isStored ||= !!response.store;
        const { id, model } = response;
        if (!isStarted && (id || model)) {
          isStarted = true;
          events.push({ type: 'start', id: id ?? undefined, model: model ?? undefined });
        }
      }
      // response.<name>.<verb>
      const [, name = '', verb] = type.split('.');
      if (verb === 'delta') {
        const open = itemAt(place);
        if (open.call) addInput(open.call, delta);
        else addText(open, name, chunk.content_index ?? chunk.summary_index ?? 0, delta);
      } else if (verb === 'annotation') {
        if (annotation) addSource(itemAt(place), annotation);
      } else if (name === 'output_item') {
        if (item) takeItem(place, item, verb === 'done');
      } else if (response) {
        const isEnd = ENDS.includes(name || response.status);
        // Some say with `completed` how else it ended.
        if (isEnd) finish(response, ENDS.includes(response.status) ? (response.status as string) : name);
        decoder.done = isEnd;
      }
      return events;
    },
    end: () => [],
  };
  return decoder;
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
