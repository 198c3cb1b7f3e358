import type { FinishReason, Usage } from '../completion.ts';
import { LLMError } from '../error.ts';
import type { DeltaEvent, StreamEvent } from '../event.ts';
import { toLLMError } from '../http/failure.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { newId } from '../id.ts';
import { partsOf, textOf, type MessageInput, type Part } from '../message.ts';
import type { Frame } from '../wire/frame.ts';
import {
  chooseTool,
  effortOptions,
  joinTexts,
  MAX_TOKENS,
  NO_NAME,
  optionsOf,
  STREAM,
  STRICT,
  TEMPERATURE,
  type Choose,
} from './choice.ts';
import { createEndpoint, type Body, type EndpointOptions } from './endpoint.ts';
import { withObjectFormat } from './object-format.ts';
import { isObject } from './merge-bodies.ts';
import { createPartIndex } from './part-index.ts';
import type { Decoder, HttpProvider, RequestContext, ResolvedRequest } from './provider.ts';
import { withSendableFiles } from './sendable-files.ts';
import { THINKING_CLAUDE, THINKING_GEMINI } from './thinking-models.ts';
import { createThoughtReader, type ThoughtsOption } from './thoughts.ts';
import { completeToolCall } from './tool-call.ts';

export { compatible, type CompatibleFlags } from './openai-compatible.ts';

export interface OpenAIOptions extends EndpointOptions, ThoughtsOption {
  /** Address up to, and without, `/chat/completions`. Default `https://api.openai.com/v1`. */
  readonly baseURL?: string | undefined;
  /** Name for messages to people, and the key in `providerOptions`. Default `openai`. */
  readonly name?: string | undefined;
}

/**
 * OpenAI's Chat Completions, and every server that speaks them.
 * https://platform.openai.com/docs/api-reference/chat
 * @throws {LLMError} with code `config` when the key would be exposed or `baseURL` is no address.
 */
export function openai(options: OpenAIOptions = {}): HttpProvider {
  const { name = 'openai', baseURL = 'https://api.openai.com/v1' } = options;
  const endpoint = createEndpoint(name, baseURL, options, (key) => ['authorization', `Bearer ${key}`]);
  return {
    name,
    supports: { tools: true, json: 'openai' },
    framing: 'sse',
    async request(given, context) {
      const request = withObjectFormat(await withSendableFiles(given, name), context.choose, name);
      return endpoint.post('/chat/completions', toBody(request, context, name), request, context);
    },
    decoder: () => createDecoder(name, options),
    error: (status, headers, body) => toLLMError(name, body, status, headers),
  };
}

/** https://platform.openai.com/docs/guides/latest-model#using-reasoning-models */
const TOOLS_WITHOUT_REASONING =
  /\btools?\b[^.]{0,120}\breasoning_effort\b|\breasoning_effort\b[^.]{0,120}\btools?\b|set reasoning_effort to ['"`]?none/i;

/** `gpt-oss` and templates without a system role: `messages[0].role does not support 'system' with this model`. */
const NO_SYSTEM_ROLE =
  /(?:not support|unsupported|unknown variant)[^.]{0,40}['"`]system['"`]|['"`]system['"`][^.]{0,60}(?:not support|unsupported|not allowed)|system (?:role|message|prompt|instruction)s? (?:(?:is|are) )?not (?:supported|allowed|enabled)/i;

function toBody(request: ResolvedRequest, { defaults, choose }: RequestContext, name: string): Body {
  const { model, tools, reasoning } = request;
  if (!model) throw new LLMError(`${name} needs a model`, { code: 'invalid_request' });
  const id = model.slice(model.lastIndexOf('/') + 1);
  // OpenAI's own reasoning models refuse max_tokens; a default bound would cut the thinking of the others.
  const isOpenAIReasoning = /^(o\d|gpt-([5-9]|\d\d)|codex)/.test(id) && !id.includes('-chat');
  const isReasoning =
    reasoning ||
    isOpenAIReasoning ||
    THINKING_CLAUDE.test(id) ||
    THINKING_GEMINI.test(id) ||
    /^gpt-oss|^grok-(3-mini|[4-9])|reason|think|-r1|qwq|magistral/i.test(id);
  const open = isReasoning ? {} : defaults;
  const { toolChoice, instructions } = chooseTool(request, choose, {
    at: ['tool_choice'],
    write: (choice): unknown => (typeof choice === 'object' ? { type: 'function', function: choice } : choice),
  });
  const system = joinTexts(request.system, instructions);
  const messages =
    system === undefined ? request.messages : [{ role: 'system' as const, content: system }, ...request.messages];
  const stream = choose({ ...STREAM, options: optionsOf(true) })?.value;
  const usage = choose({
    id: 'streamOptions',
    at: ['stream_options'],
    names: /stream_?options|include_usage/i,
    options: optionsOf({ include_usage: true }),
  });
  const temperature = choose({ ...TEMPERATURE, at: ['temperature'], options: optionsOf(open.temperature) });
  const sendsStrict =
    tools?.some(({ strict }) => strict !== undefined) && choose({ ...STRICT, options: optionsOf(true) }) !== undefined;

  // What is undefined does not get into the JSON.
  return {
    model,
    messages: withSystemRole(messages.flatMap(toWireMessages), choose),
    stream,
    stream_options: stream && usage?.value,
    temperature: request.temperature ?? temperature?.value,
    ...toMaxTokens(request.maxTokens, open.maxTokens, isOpenAIReasoning, choose),
    stop: request.stop,
    reasoning_effort: toEffort(request, choose),
    tools: tools?.length
      ? tools.map(({ inputSchema, strict, ...tool }) => ({
          type: 'function',
          function: { ...tool, parameters: inputSchema, strict: sendsStrict ? strict : undefined },
        }))
      : undefined,
    tool_choice: toolChoice,
  };
}

/** The bound that the caller sets keeps its value, under the name that the server knows; a default may be left out. */
function toMaxTokens(
  maxTokens: number | null | undefined,
  defaultMaxTokens: number | undefined,
  isOpenAIReasoning: boolean,
  choose: Choose,
): Body {
  const [field, other] = isOpenAIReasoning
    ? ['max_completion_tokens', 'max_tokens']
    : ['max_tokens', 'max_completion_tokens'];
  if (maxTokens == null) {
    return { [field]: choose({ ...MAX_TOKENS, at: [field], options: optionsOf(defaultMaxTokens) })?.value };
  }
  const option = choose({
    id: 'maxTokensField',
    at: [field],
    names: /max_(?:completion_)?tokens/i,
    options: [
      { key: field, value: maxTokens },
      { key: other, value: maxTokens, onlyIfListed: true },
    ],
    isRequired: true,
    // Only the newer name is unknown to servers; who refuses `max_tokens` names what to send instead.
    isName: isOpenAIReasoning,
  });
  return { [option?.key ?? field]: maxTokens };
}

function toEffort({ tools, reasoning }: ResolvedRequest, choose: Choose): string | undefined {
  const { effort } = typeof reasoning === 'object' ? reasoning : {};
  if (tools?.length && effort !== 'none') {
    const withTools = { id: 'effortWithTools', wording: TOOLS_WITHOUT_REASONING };
    if (!reasoning) {
      const names = /reasoning_effort/i;
      const options = [
        { key: 'unset', value: undefined },
        { key: 'none', value: 'none' },
      ];
      return choose<string | undefined>({ ...withTools, at: ['reasoning_effort'], names, options })?.value;
    }
    const hint =
      "This model reasons with tools only in the Responses API: use openaiResponses, or set reasoning: { effort: 'none' }";
    choose({ ...withTools, names: NO_NAME, options: [], hint });
  }
  return choose({
    id: 'effort',
    at: ['reasoning_effort'],
    names: /reasoning[_. ]?effort|think value/i,
    options: effort ? effortOptions(effort) : [],
    isScale: true,
  })?.value;
}

function withSystemRole(messages: readonly unknown[], choose: Choose): readonly unknown[] {
  if (!messages.some(isSystem)) return messages;
  const options = ['system', 'developer', 'user'].map((role) => ({
    key: role,
    value: role,
    onlyIfListed: role === 'developer',
  }));
  const role = choose({ id: 'systemRole', names: NO_NAME, wording: NO_SYSTEM_ROLE, options, isRequired: true })?.value;
  return messages.map((message) => (isSystem(message) ? { ...message, role } : message));
}

function isSystem(message: unknown): message is Body {
  return isObject(message) && message['role'] === 'system';
}

function toWireMessages(message: MessageInput): unknown[] {
  const { role } = message;
  const parts = partsOf(message);
  if (role === 'tool') {
    return parts.flatMap((part) =>
      part.type === 'tool-result' ? { role, tool_call_id: part.toolCallId, content: toText(part.output) } : [],
    );
  }
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call'
      ? {
          id: part.id,
          type: 'function',
          function: { name: part.name, arguments: part.rawInput || JSON.stringify(part.input ?? {}) },
        }
      : [],
  );
  const hasFiles = role === 'user' && parts.some((part) => part.type === 'file');
  return [
    {
      role,
      content: hasFiles ? parts.flatMap(toWirePart) : textOf(parts, 'text') || (calls[0] ? null : ''),
      refusal: textOf(parts, 'refusal') || undefined,
      tool_calls: calls[0] && calls,
    },
  ];
}

function toWirePart(part: Part): unknown[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type !== 'file') return [];
  const url = part.url ?? `data:${part.mediaType};base64,${part.data}`;
  const [kind, format = ''] = part.mediaType.split('/');
  if (kind === 'image') return [{ type: 'image_url', image_url: { url } }];
  // The format is `wav` or `mp3`. https://platform.openai.com/docs/guides/audio
  if (kind === 'audio' && part.data !== undefined) {
    return [
      {
        type: 'input_audio',
        input_audio: { data: part.data, format: format.replace(/^x-/, '').replace('mpeg', 'mp3') },
      },
    ];
  }
  return [{ type: 'file', file: { filename: part.filename ?? 'file', file_data: url } }];
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

// What comes back. Servers differ, so little about its shape is taken for granted.

interface WireToolCall {
  index?: number | null;
  id?: string | null;
  function?: { name?: string | null; arguments?: unknown };
}

interface WireDelta {
  content?: unknown;
  refusal?: unknown;
  reasoning_content?: unknown;
  reasoning?: unknown;
  reasoning_text?: unknown;
  tool_calls?: WireToolCall[] | null;
}

interface WireChoice {
  index?: number;
  delta?: WireDelta | null;
  /** In a whole answer, in place of `delta`. */
  message?: WireDelta | null;
  finish_reason?: string | null;
  /** Moonshot. */
  usage?: WireUsage | null;
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

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  __proto__: null as never,
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
};

interface OpenCall {
  /** The index of its part, or -1 until the name has come. */
  index: number;
  id: string;
  name: string;
  input: string;
}

function createDecoder(provider: string, options: ThoughtsOption): Decoder {
  const calls: OpenCall[] = [];
  const partIndex = createPartIndex();
  const byKey = new Map<unknown, OpenCall>();
  let events: StreamEvent[] = [];
  let lastKey: unknown;
  let isStarted = false;
  let isFinished = false;
  let hasRefusal = false;
  let failure: LLMError | undefined;
  const thoughts = createThoughtReader(options, (type, value) => {
    events.push({ type, index: partIndex(type), delta: value });
  });

  function delta(type: DeltaEvent['type'], value: unknown): void {
    // Mistral's reasoning models send a list of pieces.
    if (Array.isArray(value))
      for (const { text, thinking } of value) delta(thinking ? 'reasoning' : type, thinking ?? text);
    else if (value && typeof value === 'string') thoughts.push(type, value);
  }

  function toolCall({ index, id, function: { name, arguments: input } = {} }: WireToolCall): void {
    thoughts.flush();
    // Some servers count no calls, or give all of them the same index: then another id with a name is another call.
    lastKey = index ?? (id || (name ? calls.length : lastKey));
    let call = byKey.get(lastKey);
    if (!call || (id && call.id && id !== call.id && name)) {
      call = { index: -1, id: '', name: '', input: '' };
      calls.push(call);
      byKey.set(lastKey, call);
    }
    let added = input == null ? '' : toText(input);
    call.id ||= id ?? '';
    call.name ||= name ?? '';
    call.input += added;
    if (!call.name) return;
    if (call.index < 0) {
      call.id ||= newId();
      call.index = partIndex('tool-call', true);
      events.push({ type: 'tool-call-start', index: call.index, id: call.id, name: call.name });
      added = call.input;
    }
    if (added) events.push({ type: 'tool-call-delta', index: call.index, delta: added });
  }

  function finish(raw: string): void {
    thoughts.flush();
    isFinished = true;
    if (/^(error|insufficient)/.test(raw)) {
      failure = toLLMError(provider, `the answer broke off: ${raw}`, 500);
      return;
    }
    let reason = FINISH_REASONS[raw] ?? 'other';
    for (const { index, id, name, input } of calls) {
      if (index < 0) continue;
      events.push({ type: 'tool-call', index, toolCall: completeToolCall(id, name, input) });
      if (reason === 'stop') reason = 'tool-calls';
    }
    if (reason === 'stop' && hasRefusal) reason = 'refusal';
    events.push({ type: 'finish', reason, raw });
  }

  function choice({ delta: piece, message, finish_reason: raw }: WireChoice): void {
    const part = piece ?? message ?? {};
    // Some servers send the same reasoning in two fields.
    delta('reasoning', part.reasoning_content || part.reasoning || part.reasoning_text);
    delta('text', part.content);
    delta('refusal', part.refusal);
    hasRefusal ||= !!part.refusal;
    part.tool_calls?.forEach(toolCall);
    if (raw && !isFinished) finish(raw);
  }

  /** What stands beside a failure is told first. */
  function end(): StreamEvent[] {
    if (failure) throw failure;
    return [];
  }

  const decoder = {
    done: false,
    push({ data, event }: Frame): StreamEvent[] {
      events = end();
      decoder.done = data === '[DONE]';
      const chunk = data && !decoder.done && (JSON.parse(data) as WireChunk | null);
      if (!chunk) return events;
      if (chunk.error || event === 'error' || (!chunk.choices && isErrorBody(chunk))) throw toLLMError(provider, chunk);
      const { id, model, choices } = chunk;
      if (!isStarted && (id || model)) {
        isStarted = true;
        events.push({ type: 'start', id, model });
      }
      const first = choices?.[0];
      if (first && !first.index) choice(first);
      const usage = chunk.usage ?? first?.usage;
      if (usage) events.push({ type: 'usage', usage: toUsage(usage) });
      return events;
    },
    end() {
      events = end();
      thoughts.flush();
      return events;
    },
  };
  return decoder;
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
