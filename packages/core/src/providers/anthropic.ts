import type { FinishReason, Usage } from '../completion.ts';
import { LLMError, truncatedError } from '../error.ts';
import type { DeltaEvent, StreamEvent } from '../event.ts';
import { toLLMError } from '../http/failure.ts';
import type { MessageInput } from '../message.ts';
import type { ToolChoice } from '../request.ts';
import type { Frame } from '../wire/frame.ts';
import { toTurns } from './anthropic-turns.ts';
import {
  chooseTool,
  effortOptions,
  joinTexts,
  MAX_TOKENS,
  optionsOf,
  STREAM,
  STRICT,
  TEMPERATURE,
  type ChoiceOption,
  type Choose,
  type Effort,
} from './choice.ts';
import { createEndpoint, type Body, type EndpointOptions } from './endpoint.ts';
import { mergeBodies } from './merge-bodies.ts';
import { withObjectFormat } from './object-format.ts';
import type { Decoder, Defaults, HttpProvider, RequestContext, ResolvedRequest } from './provider.ts';
import { THINKING_CLAUDE } from './thinking-models.ts';
import { completeToolCall } from './tool-call.ts';

export interface AnthropicOptions extends EndpointOptions {
  /**
   * Address of the API, with or without `/v1`, as in Anthropic's own clients: `/v1/messages`, or `/messages` after a
   * version, is added. Default `https://api.anthropic.com/v1`.
   */
  readonly baseURL?: string | undefined;
  /** Names of beta features, sent as `anthropic-beta`. Default: none. */
  readonly beta?: readonly string[] | undefined;
  /**
   * Version of the API, sent as `anthropic-version`. From `2026-10-21` on the API has no temperature, so none is sent,
   * not even that of the request. https://platform.claude.com/docs/en/api/versioning
   * @default '2023-06-01'
   */
  readonly version?: string | undefined;
}

const NAME = 'anthropic';

const DEFAULT_VERSION = '2023-06-01';

/** The first version of the API that has no temperature. */
const NO_TEMPERATURE_VERSION = '2026-10-21';

/** Sent where nothing else bounds the answer, beside what the model may think: the API demands a bound. */
const MAX_TOKENS_OF_ANSWER = 4096;

/** The same for models that think by themselves: a lower bound would cut their thinking. */
const MAX_TOKENS_OF_THINKERS = 32_000;

/** Tokens to think with, for models that take no effort. All stay within the 32,000 of Claude Opus 4. */
const BUDGETS = { none: 0, minimal: 1024, low: 2048, medium: 8192, high: 16_384, xhigh: 24_576, max: 27_904 };

// Claude from 4.6 on decides itself how much to think; from 4.7 on it takes no temperature. Older ones say claude-3-…,
// claude-sonnet-4-…, or claude-sonnet-4-5; what is no Claude knows the older form only.
const ADAPTIVE = /claude-(?!\d|[a-z]+-4(?![-.][6-9]))/;
const NO_TEMPERATURE = /claude-(?!\d|[a-z]+-4(?![-.][7-9]))/;

/**
 * Models that take system messages within the conversation.
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
const TAKES_SYSTEM_MESSAGES = /claude-(?:opus-4[-.](?:[89]|\d\d)(?!\d)|[a-z]+-(?:[5-9]|\d\d)(?!\d))/;

/**
 * Anthropic's Messages API, and every server that speaks it.
 * https://platform.claude.com/docs/en/api/messages
 *
 * What has to be sent back as it came is kept in `providerMetadata.anthropic` of the parts, as fields of their blocks:
 * signatures, redacted thinking, citations. In a request such fields may be your own: `cache_control`, or `citations` of
 * a document. Blocks of no type that Rivulet knows, like those of the tools that run at Anthropic, are `data` parts with
 * the name `anthropic`. In a page, a key needs `dangerouslyAllowBrowser` even if a function gives it: without the header
 * that it adds the API answers no page.
 * @throws {LLMError} with code `config` when the key would be exposed or `baseURL` is no address.
 */
export function anthropic(options: AnthropicOptions = {}): HttpProvider {
  const { baseURL = 'https://api.anthropic.com/v1' } = options;
  const path = /\/v\d+\/?$/.test(baseURL) ? '/messages' : '/v1/messages';
  const endpoint = createEndpoint(NAME, baseURL, { ...options, headers: () => headersOf(options) }, (key) => [
    'x-api-key',
    key,
  ]);
  return {
    name: NAME,
    supports: { tools: true, json: 'anthropic' },
    framing: 'sse',
    request(given, context) {
      const request = withObjectFormat(given, context.choose, NAME);
      // One level deep, so that a `format` in `output_config` stands beside the effort.
      const own = toBody(request, context, options.version);
      const body = mergeBodies(own, options.body, request.providerOptions?.[NAME]);
      return endpoint.post(path, body, { ...request, providerOptions: { [NAME]: body } }, context);
    },
    decoder: createDecoder,
    error: (status, headers, body) => toLLMError(NAME, body, status, headers),
  };
}

async function headersOf(options: AnthropicOptions): Promise<Headers> {
  const { headers, beta, version = DEFAULT_VERSION, dangerouslyAllowBrowser } = options;
  const all = new Headers({ 'anthropic-version': version });
  if (beta?.length) all.set('anthropic-beta', beta.join());
  if (dangerouslyAllowBrowser) all.set('anthropic-dangerous-direct-browser-access', 'true');
  new Headers(typeof headers === 'function' ? await headers() : headers).forEach((value, name) => all.set(name, value));
  return all;
}

function toBody(request: ResolvedRequest, { defaults, choose }: RequestContext, version = DEFAULT_VERSION): Body {
  const { model, tools, stop, messages } = request;
  if (!model) throw new LLMError(`${NAME} needs a model`, { code: 'invalid_request' });
  const { isThinking, maxTokens, budget } = toBounds(request, model, defaults, choose);
  const { thinking, effort } = toThinking(request, model, budget, choose);
  const { toolChoice, instructions } = chooseTool(request, choose, {
    at: ['tool_choice'],
    write: toWireToolChoice,
    needsTools: true,
    context: isThinking ? ' while thinking' : undefined,
  });
  const turns = toTurns(messages, NAME, keepsSystemMessages(messages, model, choose));
  const hasTemperature = !isThinking && version < NO_TEMPERATURE_VERSION;
  const defaultTemperature = hasTemperature && !NO_TEMPERATURE.test(model) ? defaults.temperature : undefined;
  const temperature = choose({ ...TEMPERATURE, at: ['temperature'], options: optionsOf(defaultTemperature) });
  const sendsStrict =
    tools?.some(({ strict }) => strict !== undefined) && choose({ ...STRICT, options: optionsOf(true) }) !== undefined;

  // What is undefined does not get into the JSON.
  return {
    model,
    max_tokens: maxTokens,
    system: joinTexts(request.system, ...turns.system, instructions),
    messages: turns.messages,
    stream: choose({ ...STREAM, options: optionsOf(true) })?.value,
    stop_sequences: typeof stop === 'string' ? [stop] : stop,
    thinking,
    output_config: effort && { effort },
    temperature: hasTemperature ? (request.temperature ?? temperature?.value) : undefined,
    tools: tools?.length
      ? tools.map(({ name, description, inputSchema, strict }) => ({
          name,
          description,
          input_schema: inputSchema,
          strict: sendsStrict ? strict : undefined,
        }))
      : undefined,
    tool_choice: toolChoice,
  };
}

function toWireToolChoice(choice: ToolChoice): unknown {
  if (typeof choice === 'object') return { type: 'tool', ...choice };
  return { type: choice === 'required' ? 'any' : choice };
}

interface Bounds {
  /** Whether thinking is asked for. */
  readonly isThinking: boolean;
  /** The bound on the answer, thinking included, that the API demands. */
  readonly maxTokens: number;
  /** The tokens to think with. */
  readonly budget: number;
}

function toBounds(request: ResolvedRequest, model: string, defaults: Defaults, choose: Choose): Bounds {
  const { reasoning } = request;
  const { effort, budgetTokens } = typeof reasoning === 'object' ? reasoning : {};
  const isThinking = !!reasoning && effort !== 'none';
  const wanted = isThinking ? (budgetTokens ?? BUDGETS[effort ?? 'high']) : 0;
  if (request.maxTokens != null) {
    return { isThinking, maxTokens: request.maxTokens, budget: budgetTokens ?? fitBudget(wanted, request.maxTokens) };
  }
  const least = wanted + MAX_TOKENS_OF_ANSWER;
  const thinker = THINKING_CLAUDE.test(model) ? Math.max(least, MAX_TOKENS_OF_THINKERS) : undefined;
  const options = [
    ...optionsOf(thinker ?? (isThinking ? undefined : defaults.maxTokens)),
    { key: 'least', value: least },
  ];
  const maxTokens = choose({ ...MAX_TOKENS, at: ['max_tokens'], options, isRequired: true })?.value ?? least;
  return { isThinking, maxTokens, budget: maxTokens > wanted ? wanted : fitBudget(wanted, maxTokens) };
}

/** Thinking counts towards the bound: half of it is kept for the answer. */
function fitBudget(budget: number, maxTokens: number): number {
  return budget && Math.min(budget, Math.max(1024, Math.floor(maxTokens / 2)));
}

interface Thinking {
  readonly thinking: object | undefined;
  readonly effort: Effort | undefined;
}

function toThinking({ reasoning }: ResolvedRequest, model: string, budget: number, choose: Choose): Thinking {
  const { effort, budgetTokens } = typeof reasoning === 'object' ? reasoning : {};
  if (effort === 'none') {
    const disabled = chooseThinking([{ key: 'disabled', value: { type: 'disabled' } }], choose);
    // A model that always thinks is asked to do so as little as it can.
    return { thinking: disabled?.value, effort: disabled ? undefined : chooseEffort('low', choose) };
  }
  if (!reasoning) return { thinking: undefined, effort: undefined };
  const display = choose({
    id: 'thinkingDisplay',
    at: ['thinking', 'display'],
    names: /\bdisplay\b/i,
    options: optionsOf(ADAPTIVE.test(model) ? 'summarized' : undefined),
  });
  const enabled: ChoiceOption<object> = { key: 'enabled', value: { type: 'enabled', budget_tokens: budget } };
  const adaptive: ChoiceOption<object> = { key: 'adaptive', value: { type: 'adaptive', display: display?.value } };
  const isAdaptive = ADAPTIVE.test(model) && budgetTokens === undefined;
  const option = chooseThinking(isAdaptive ? [adaptive, enabled] : [enabled, adaptive], choose);
  const wanted = effort ?? (budgetTokens === undefined ? undefined : effortNear(budgetTokens));
  const takesEffort = option?.key !== 'enabled' || (ADAPTIVE.test(model) && effort !== undefined);
  return { thinking: option?.value, effort: takesEffort && wanted ? chooseEffort(wanted, choose) : undefined };
}

function chooseThinking(options: readonly ChoiceOption<object>[], choose: Choose): ChoiceOption<object> | undefined {
  return choose({
    // A model may refuse one way to think and take another one, and still be unable to do without.
    id: options[0]?.key === 'disabled' ? 'thinkingOff' : 'thinking',
    at: ['thinking'],
    names: /\b(?:adaptive )?thinking\b|budget_tokens/i,
    options,
  });
}

/** https://platform.claude.com/docs/en/build-with-claude/effort */
function chooseEffort(effort: Effort, choose: Choose): Effort | undefined {
  const options = effortOptions(effort === 'minimal' ? 'low' : effort).filter(
    ({ key }) => key !== 'none' && key !== 'minimal',
  );
  const names = /\beffort\b|output_config(?!\.format)/i;
  return choose({ id: 'effort', at: ['output_config', 'effort'], names, options, isScale: true })?.value;
}

/** The effort whose tokens are the nearest. */
function effortNear(budgetTokens: number): Effort {
  const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
  return efforts.reduce((best, effort) =>
    Math.abs(BUDGETS[effort] - budgetTokens) < Math.abs(BUDGETS[best] - budgetTokens) ? effort : best,
  );
}

function keepsSystemMessages(messages: readonly MessageInput[], model: string, choose: Choose): boolean {
  if (!messages.some(({ role }) => role === 'system') || !TAKES_SYSTEM_MESSAGES.test(model)) return false;
  const option = choose({
    id: 'systemMessages',
    names: /^messages\S*\.role$/,
    wording: /role:? ['"`]?system\b|['"`]system['"`][^.]{0,40}\brole|\brole: [^.]{0,80}['"`]user['"`]/i,
    options: optionsOf(true),
  });
  return option !== undefined;
}

// What comes back. https://platform.claude.com/docs/en/build-with-claude/streaming

interface WireCitation {
  /** Of a page that was found. */
  url?: string | null;
  title?: string | null;
  /** Of a search result that the request brought. */
  source?: string | null;
  document_title?: string | null;
}

interface WireBlock {
  readonly type: string;
  readonly text?: string;
  readonly citations?: WireCitation[] | null;
  readonly thinking?: string;
  readonly signature?: string;
  readonly data?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly caller?: { readonly type?: string } | null;
}

interface WireDelta extends WireBlock {
  readonly partial_json?: string;
  readonly citation?: WireCitation;
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
  readonly content?: readonly WireBlock[] | null;
  readonly usage?: WireUsage | null;
}

/** One event; or, with the type `message`, a whole answer. */
interface WireEvent extends WireMessage {
  readonly type?: string;
  readonly index?: number;
  readonly message?: WireMessage;
  readonly content_block?: WireBlock;
  readonly delta?: WireDelta & WireStop;
  readonly error?: unknown;
}

const FINISH_REASONS: ReadonlyMap<unknown, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['pause_turn', 'pause'],
  ['refusal', 'refusal'],
]);

interface Block {
  wire: WireBlock;
  /** The index of its part, or -1 until there is something in it. */
  part: number;
  isOpen: boolean;
  input: string;
  readonly citations: WireCitation[];
}

function createDecoder(): Decoder {
  const blocks = new Map<number | undefined, Block>();
  let events: StreamEvent[] = [];
  let parts = 0;
  let id: string | undefined;
  let isStarted = false;
  let isReplaced = false;
  let stop: WireStop = {};
  let counts: WireUsage = {};

  function delta(block: Block, type: DeltaEvent['type'], text = '', own?: object): void {
    if (!text && !own) return;
    if (block.part < 0) block.part = parts++;
    events.push({ type, index: block.part, delta: text, ...(own && { providerMetadata: { [NAME]: own } }) });
  }

  function cite(block: Block, citation: WireCitation): void {
    const { url, source, title, document_title: documentTitle } = citation;
    block.citations.push(citation);
    parts += 1;
    events.push({
      type: 'source',
      url: url ?? source ?? undefined,
      title: title ?? documentTitle ?? undefined,
      providerMetadata: { [NAME]: citation },
    });
  }

  /** A block that is open is not opened again: frames come twice at times. */
  function open(at: number | undefined, wire: WireBlock): void {
    const known = blocks.get(at);
    // Another message began in the middle of this one, which has no end then.
    if (known && isReplaced) throw truncatedError();
    if (known?.isOpen && known.wire.type === wire.type) return;
    close(known);
    const { type, data, id: callId = '', name = '', caller } = wire;
    const block: Block = { wire, part: -1, isOpen: true, input: '', citations: [] };
    blocks.set(at, block);
    if (type === 'text' || type === 'thinking') change(block, wire);
    if (type === 'redacted_thinking') delta(block, 'reasoning', '', { type, data });
    if (type === 'tool_use') {
      block.part = parts++;
      // The caller of a call of the model's own is not always taken back; that of a call by its code has to be.
      const own = caller && caller.type !== 'direct' && { providerMetadata: { [NAME]: { caller } } };
      events.push({ type: 'tool-call-start', index: block.part, id: callId, name, ...own });
    }
  }

  function change(block: Block, piece: WireDelta): void {
    const { text, thinking, signature, citation, citations, partial_json: input } = piece;
    switch (block.wire.type) {
      case 'text':
        delta(block, 'text', text);
        for (const each of citations ?? (citation ? [citation] : [])) cite(block, each);
        break;
      case 'thinking':
        delta(block, 'reasoning', thinking, signature ? { signature } : undefined);
        break;
      case 'tool_use':
        if (!input) break;
        block.input += input;
        events.push({ type: 'tool-call-delta', index: block.part, delta: input });
        break;
      default:
        if (input === undefined) block.wire = join(block.wire, piece);
        else block.input += input;
    }
  }

  function close(block: Block | undefined): void {
    if (!block?.isOpen) return;
    const { wire, part, citations, input } = block;
    const { type, id: callId = '', name = '' } = wire;
    block.isOpen = false;
    if (type === 'tool_use') {
      // Some come whole, at the start of the block.
      if (!input && Object.keys(wire.input ?? {}).length)
        change(block, { type, partial_json: JSON.stringify(wire.input) });
      events.push({ type: 'tool-call', index: part, toolCall: completeToolCall(callId, name, block.input) });
    } else if (type === 'text') {
      if (part >= 0 && citations.length) delta(block, 'text', '', { citations });
    } else if (!type.endsWith('thinking')) {
      parts += 1;
      const own = input && { input: completeToolCall(callId, name, input).input ?? {} };
      events.push({ type: 'data', name: NAME, data: { ...wire, ...own } });
    }
  }

  function start({ id: messageId, model, content, usage, ...rest }: WireMessage): void {
    if (isStarted && messageId === id) return;
    isStarted = true;
    isReplaced = blocks.size > 0;
    if (!isReplaced) {
      id = messageId;
      stop = rest;
      events.push({ type: 'start', id, model });
      count(usage);
    }
    content?.forEach((wire, at) => {
      open(at, wire);
      close(blocks.get(at));
    });
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
      events.push({ type: 'refusal', index: parts, delta: details.explanation, providerMetadata: { [NAME]: details } });
    }
    events.push({ type: 'finish', reason: FINISH_REASONS.get(raw) ?? 'other', raw: raw ?? undefined });
    decoder.done = true;
  }

  const decoder = {
    done: false,
    push({ data, event }: Frame): StreamEvent[] {
      const chunk = (JSON.parse(data) ?? {}) as WireEvent;
      const { type, index, message, content_block: wire, delta: piece } = chunk;
      events = [];
      if (chunk.error || event === 'error') throw toLLMError(NAME, chunk);
      if (type === 'message_start' && message) start(message);
      if (type === 'content_block_start' && wire) open(index, wire);
      if (type === 'content_block_delta' && piece) {
        const block = blocks.get(index);
        if (!block) throw new Error('A delta of no block');
        change(block, piece);
      }
      if (type === 'content_block_stop') close(blocks.get(index));
      if (type === 'message_delta') {
        if (piece?.stop_reason) stop = piece;
        count(chunk.usage);
      }
      if (type === 'message') start(chunk);
      if (type === 'message_stop' || type === 'message') finish();
      return events;
    },
    end: () => [],
  };
  return decoder;
}

/** A block that goes on: its strings grow, its other fields are replaced. */
function join(wire: WireBlock, piece: object): WireBlock {
  const known = new Map<string, unknown>(Object.entries(wire));
  for (const [key, value] of Object.entries(piece)) {
    const before = known.get(key);
    if (key !== 'type')
      known.set(key, typeof before === 'string' && typeof value === 'string' ? before + value : value);
  }
  return Object.fromEntries(known) as unknown as WireBlock;
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
