import type { FinishReason, Usage } from '../completion.ts';
import { LLMError } from '../error.ts';
import type { DeltaEvent, StreamEvent } from '../event.ts';
import { toLLMError } from '../http/failure.ts';
import { newId } from '../id.ts';
import type { Frame } from '../wire/frame.ts';
import { createEndpoint, type Body, type EndpointOptions } from './endpoint.ts';
import { toText, toWireMessages } from './openai-messages.ts';
import { createPartIndex } from './part-index.ts';
import type { Decoder, Defaults, HttpProvider, ResolvedRequest } from './provider.ts';
import { completeToolCall } from './tool-call.ts';

export { compatible, type CompatibleFlags } from './openai-compatible.ts';

export interface OpenAIOptions extends EndpointOptions {
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
    request: (request, context) =>
      endpoint.post('/chat/completions', toBody(request, context.defaults, name), request, context),
    decoder: () => createDecoder(name),
    error: (status, headers, body) => toLLMError(name, body, status, headers),
  };
}

function toBody(request: ResolvedRequest, defaults: Defaults, name: string): Body {
  const { model, system, tools, toolChoice, reasoning } = request;
  if (!model) throw new LLMError(`${name} needs a model`, { code: 'invalid_request' });
  const id = model.slice(model.lastIndexOf('/') + 1);
  // OpenAI's own reasoning models refuse max_tokens; a default bound would cut the thinking of the others.
  const isOpenAIReasoning = /^(o\d|gpt-([5-9]|\d\d)|codex)/.test(id) && !id.includes('-chat');
  const isReasoning =
    reasoning || isOpenAIReasoning || /^gpt-oss|^grok-(3-mini|4)|reason|think|-r1|qwq|magistral/i.test(id);
  const open = isReasoning ? {} : defaults;
  const messages =
    system === undefined ? request.messages : [{ role: 'system' as const, content: system }, ...request.messages];

  // What is undefined does not get into the JSON.
  return {
    model,
    messages: messages.flatMap(toWireMessages),
    stream: true,
    stream_options: { include_usage: true },
    temperature: request.temperature ?? open.temperature,
    [isOpenAIReasoning ? 'max_completion_tokens' : 'max_tokens']: request.maxTokens ?? open.maxTokens,
    stop: request.stop,
    reasoning_effort: typeof reasoning === 'object' ? reasoning.effort : undefined,
    tools: tools?.length
      ? tools.map(({ inputSchema, ...tool }) => ({ type: 'function', function: { ...tool, parameters: inputSchema } }))
      : undefined,
    tool_choice: typeof toolChoice === 'object' ? { type: 'function', function: toolChoice } : toolChoice,
  };
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

function createDecoder(provider: string): Decoder {
  const calls: OpenCall[] = [];
  const partIndex = createPartIndex();
  const byKey = new Map<unknown, OpenCall>();
  let events: StreamEvent[] = [];
  let lastKey: unknown;
  let isStarted = false;
  let isFinished = false;
  let hasRefusal = false;
  let failure: LLMError | undefined;

  function delta(type: DeltaEvent['type'], value: unknown): void {
    // Mistral's reasoning models send a list of pieces.
    if (Array.isArray(value))
      for (const { text, thinking } of value) delta(thinking ? 'reasoning' : type, thinking ?? text);
    else if (value && typeof value === 'string') {
      events.push({ type, index: partIndex(type), delta: value });
    }
  }

  function toolCall({ index, id, function: { name, arguments: input } = {} }: WireToolCall): void {
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
      if (chunk.error || event === 'error' || Array.isArray(chunk)) throw toLLMError(provider, chunk);
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
    end,
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
