import { LLMError } from '../../errors/error.ts';
import { readError } from '../../transport/error-frame.ts';
import { endsWithVersion } from '../../transport/join-url.ts';
import type { MessageInput } from '../../types/message.ts';
import type { ToolChoice } from '../../types/request.ts';
import { toTurns } from './messages.ts';
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
} from '../shared/choice.ts';
import { postRequest } from '../shared/post-request.ts';
import { createEndpoint, type EndpointOptions } from '../shared/endpoint.ts';
import { type Body, mergeBodies } from '../../utils/merge-bodies.ts';
import { withObjectFormat } from '../shared/without-format.ts';
import type { Defaults, HttpProvider, RequestContext, ResolvedRequest } from '../provider.ts';
import { BAD_SIGNATURE, withReturnedThoughts } from '../shared/returned-thoughts.ts';
import { withSendableFiles, type FileSupport } from '../shared/sendable-files.ts';
import { thinksByItself } from '../shared/thinking-models.ts';
import { createDecoder } from './decoder.ts';
import { wireTool } from '../shared/wire-tool.ts';

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

/** https://platform.claude.com/docs/en/build-with-claude/files */
const FILES: FileSupport = {
  text: true,
  accepts: (content) => content.kind === 'text' || /^image\/|^application\/pdf$/.test(content.mediaType),
  accepted: 'images, PDF files, and text files as data',
};
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
const ADAPTIVE = /claude-(?!\d|[a-z]+-4(?![-.][6-9]))/i;
const NO_TEMPERATURE = /claude-(?!\d|[a-z]+-4(?![-.][7-9]))/i;

/**
 * Models that take system messages within the conversation.
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
const TAKES_SYSTEM_MESSAGES = /claude-(?:opus-4[-.](?:[89]|\d\d)(?!\d)|[a-z]+-(?:[5-9]|\d\d)(?!\d)|[a-z]+-latest)/i;

/**
 * Anthropic's Messages API, and every server that speaks it.
 * https://platform.claude.com/docs/en/api/messages
 *
 * Fields that the API needs back are kept in `providerMetadata.anthropic` of the parts, as fields of their blocks:
 * signatures, redacted thinking, citations. In a request such fields may be your own: `cache_control`, or `citations` of
 * a document. Blocks of all other types, such as `server_tool_use`, `web_search_tool_result`, `mcp_tool_use` or
 * `compaction`, are `data` parts with the name `anthropic`. Their `data` is the block, and it is sent back in its place.
 * A block that the end of the body cut has `providerMetadata.anthropic.isIncomplete` and is not sent back.
 * The call of a server tool has `is_pending: true` in its `data` until its result starts or the answer ends. A call that
 * was stopped before, and thinking at the end of a message, are not sent back: the API refuses both.
 *
 * The stop reason `compaction` (with `pause_after_compaction`) is the finish reason `pause`: send the answer back as the
 * last message to continue. https://platform.claude.com/docs/en/build-with-claude/compaction
 *
 * Gateways that speak this API are read by the types of the deltas, also if starts, stops or indexes of blocks are
 * missing or repeated. In a page, a key needs `dangerouslyAllowBrowser` even if it comes from a function: without the
 * header that this option adds, the API does not answer pages.
 * @throws {LLMError} with code `config` when the key would be exposed or `baseURL` is no address.
 */
export function anthropic(options: AnthropicOptions = {}): HttpProvider {
  const { baseURL = 'https://api.anthropic.com/v1' } = options;
  const path = endsWithVersion(baseURL) ? '/messages' : '/v1/messages';
  const endpoint = createEndpoint(NAME, baseURL, options, (key) => ['x-api-key', key], { headers: headersOf(options) });
  return {
    name: NAME,
    supports: { tools: true, json: 'anthropic' },
    framing: 'sse',
    async request(given, context) {
      const request = withObjectFormat(
        await withSendableFiles(given, NAME, context.choose, FILES),
        context.choose,
        NAME,
      );
      // One level deep, so that a `format` in `output_config` stands beside the effort.
      const own = toBody(request, context, options.version);
      const body = mergeBodies(own, options.body, request.providerOptions?.[NAME]);
      return postRequest(endpoint, path, body, { ...request, providerOptions: { [NAME]: body } }, context);
    },
    decoder: () => createDecoder(NAME),
    error: (status, headers, body) => readError(NAME, body, status, headers),
  };
}

function headersOf({ beta, version = DEFAULT_VERSION, dangerouslyAllowBrowser }: AnthropicOptions): HeadersInit {
  return {
    'anthropic-version': version,
    ...(beta?.length && { 'anthropic-beta': beta.join() }),
    ...(dangerouslyAllowBrowser && { 'anthropic-dangerous-direct-browser-access': 'true' }),
  };
}

function toBody(request: ResolvedRequest, { defaults, choose }: RequestContext, version = DEFAULT_VERSION): Body {
  const { model, tools, stop } = request;
  if (!model) throw new LLMError(`${NAME} needs a model`, { code: 'invalid_request' });
  const messages = withReturnedThoughts(request.messages, NAME, choose, { unreadable: BAD_SIGNATURE });
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
  const takesDefault = hasTemperature && !NO_TEMPERATURE.test(model) && !thinksByItself(model);
  const defaultTemperature = takesDefault ? defaults.temperature : undefined;
  const temperature = choose({ ...TEMPERATURE, at: ['temperature'], options: optionsOf(defaultTemperature) });
  const sendsStrict =
    !!tools?.some(({ strict }) => strict !== undefined) &&
    choose({ ...STRICT, options: optionsOf(true) }) !== undefined;

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
      ? tools.map((tool) => {
          const { schema, strict } = wireTool(tool, sendsStrict);
          return { name: tool.name, description: tool.description, input_schema: schema, strict };
        })
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
  const thinker = thinksByItself(model) ? Math.max(least, MAX_TOKENS_OF_THINKERS) : undefined;
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

/** How servers refuse a system message in its place, or at all: only asked where the conversation has one. */
const NO_SYSTEM_MESSAGES =
  /\bsystem messages?\b|\brole:? ['"`]?system\b|['"`]system['"`][^.]{0,40}\b(?:role|parameter)|\broles?\b[^.]{0,80}['"`]user['"`]|\b(?:roles|conversation) must alternate\b/i;

function keepsSystemMessages(messages: readonly MessageInput[], model: string, choose: Choose): boolean {
  if (!messages.some(({ role }) => role === 'system') || !TAKES_SYSTEM_MESSAGES.test(model)) return false;
  const option = choose({
    id: 'systemMessages',
    names: /^messages\S*\.role$/,
    wording: NO_SYSTEM_MESSAGES,
    options: optionsOf(true),
  });
  return option !== undefined;
}
