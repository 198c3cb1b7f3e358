import type { Usage } from '../completion.ts';
import { LLMError } from '../error.ts';
import type { StreamEvent } from '../event.ts';
import { ErrorFrame, readError } from '../http/error-frame.ts';
import { isErrorBody } from '../http/in-band-error.ts';
import { newId } from '../id.ts';
import { partsOf, textOf, type MessageInput, type Part, type Role, type ToolResultPart } from '../message.ts';
import type { GenerateRequest } from '../request.ts';
import type { Frame } from '../wire/frame.ts';
import {
  effortOptions,
  MAX_TOKENS,
  NO_NAME,
  optionsOf,
  TEMPERATURE,
  type ChoiceOption,
  type Choose,
} from './choice.ts';
import { createEndpoint, type Body, type EndpointOptions } from './endpoint.ts';
import { finishReasonOf } from './finish-reason.ts';
import { inlineDataOf } from './inline-data.ts';
import { mergeBodies } from './merge-bodies.ts';
import { createPartIndex } from './part-index.ts';
import { withObjectFormat } from './object-format.ts';
import type { Decoder, HttpProvider, RequestContext, ResolvedRequest } from './provider.ts';
import { withSendableFiles, type FileSupport } from './sendable-files.ts';
import { thinksByItself } from './thinking-models.ts';
import { createThoughtReader, type ThoughtsOption } from './thoughts.ts';
import { completeToolCall } from './tool-call.ts';
import { createToolNames, inputOf, outputText } from './tool-history.ts';

export interface OllamaOptions extends EndpointOptions, ThoughtsOption {
  /** Address up to, and without, `/api/chat`. Default `http://localhost:11434`. */
  readonly baseURL?: string | undefined;
}

/** The name of the provider, and the key in `providerOptions`. */
const NAME = 'ollama';

/** https://github.com/ollama/ollama/blob/main/docs/api.md#chat-request-with-images */
const FILES: FileSupport = {
  accepts: (content) => content.kind === 'base64' && content.mediaType.startsWith('image/'),
  accepted: 'images as base64 data, and text files',
};

/**
 * Ollama's own API. A page on another origin than localhost needs OLLAMA_ORIGINS at the server. Images have to be
 * base64 data, text files are sent as text, and other files are refused. Tools cannot be forced: `toolChoice` only leaves them out, all (`none`) or the others.
 * Fields of `providerOptions.ollama` and of `body` that are objects, such as `options`, are joined to those that are
 * sent anyway. https://github.com/ollama/ollama/blob/main/docs/api.md
 * @throws {LLMError} with code `config` when the key would be exposed or `baseURL` is no address.
 */
export function ollama(options: OllamaOptions = {}): HttpProvider {
  const { baseURL = 'http://localhost:11434' } = options;
  const endpoint = createEndpoint(NAME, baseURL, options, (key) => ['authorization', `Bearer ${key}`]);
  return {
    name: NAME,
    supports: { tools: true, json: 'ollama' },
    framing: 'ndjson',
    async request(given, context) {
      const request = withObjectFormat(
        await withSendableFiles(given, NAME, context.choose, FILES),
        context.choose,
        NAME,
      );
      const body = mergeBodies(toBody(request, context), options.body, request.providerOptions?.[NAME]);
      return endpoint.post('/api/chat', body, { ...request, providerOptions: { [NAME]: body } }, context);
    },
    decoder: () => createDecoder(options),
    error: (status, headers, body) => readError(NAME, body, status, headers),
  };
}

function toBody(request: ResolvedRequest, { defaults, choose }: RequestContext): Body {
  const { model, system, reasoning, stop, tools, toolChoice } = request;
  if (!model) throw invalid('needs a model');
  // Models that think count their thoughts, so a default bound would cut them.
  const open = reasoning || thinksByItself(model) ? {} : defaults;
  const messages =
    system === undefined ? request.messages : [{ role: 'system' as const, content: system }, ...request.messages];
  const nameOf = createToolNames(messages);
  const offered = tools?.filter(({ name }) =>
    typeof toolChoice === 'object' ? name === toolChoice.name : toolChoice !== 'none',
  );

  const temperature = choose({ ...TEMPERATURE, at: ['options', 'temperature'], options: optionsOf(open.temperature) });
  const maxTokens = choose({ ...MAX_TOKENS, at: ['options', 'num_predict'], options: optionsOf(open.maxTokens) });

  // What is undefined does not get into the JSON.
  return {
    model,
    messages: messages.flatMap((message) => toWireMessages(message, nameOf)),
    stream: true,
    think: toThink(reasoning, choose),
    tools: offered?.[0]
      ? offered.map(({ name, description, inputSchema: parameters }) => ({
          type: 'function',
          function: { name, description, parameters },
        }))
      : undefined,
    options: {
      temperature: request.temperature ?? temperature?.value,
      num_predict: request.maxTokens ?? maxTokens?.value,
      stop: typeof stop === 'string' ? [stop] : stop,
    },
  };
}

function invalid(says: string): LLMError {
  return new LLMError(`${NAME} ${says}`, { code: 'invalid_request' });
}

const LEVELS: ReadonlySet<string> = new Set(['low', 'medium', 'high', 'max']);

/** `invalid think value: …`, and servers that are older than the levels: `cannot unmarshal string into … of type bool`. */
const NO_LEVELS = /think value|cannot unmarshal string into [^\n]{0,80}\bthink\b/i;

/**
 * A boolean, or one of Ollama's levels: low, medium, high, max. A model that has no levels is asked to think, and one that
 * does not think is not asked. https://docs.ollama.com/capabilities/thinking
 */
function toThink(reasoning: GenerateRequest['reasoning'], choose: Choose): boolean | string | undefined {
  const wanted = thinkOf(reasoning);
  const options: ChoiceOption<boolean | string>[] =
    wanted === undefined ? [] : [{ key: String(wanted), value: wanted }];
  if (typeof reasoning === 'object' && reasoning.effort && typeof wanted === 'string') {
    const listed = effortOptions(reasoning.effort).filter(({ key }) => LEVELS.has(key) && key !== wanted);
    options.push(...listed.map(({ key, value }) => ({ key, value, onlyIfListed: true })), { key: 'true', value: true });
  }
  const names = /\bthink(?:ing)?\b/i;
  const level = choose({ id: 'thinkLevel', at: ['think'], names: NO_NAME, wording: NO_LEVELS, options });
  return choose({ id: 'think', at: ['think'], names, options: optionsOf(level?.value) })?.value;
}

function thinkOf(reasoning: GenerateRequest['reasoning']): boolean | string | undefined {
  if (typeof reasoning !== 'object') return reasoning;
  const { effort } = reasoning;
  if (effort === 'none') return false;
  return effort === 'minimal' ? 'low' : effort === 'xhigh' ? 'high' : (effort ?? true);
}

/** A message for each tool result, and one for the parts between them. */
function toWireMessages(
  message: MessageInput,
  nameOf: (result: ToolResultPart) => string | undefined,
): readonly object[] {
  const messages: (object | Part[])[] = [];
  for (const part of partsOf(message)) {
    const last = messages.at(-1);
    if (part.type === 'tool-result') {
      const { toolCallId, output } = part;
      messages.push({ role: 'tool', content: outputText(output), tool_name: nameOf(part), tool_call_id: toolCallId });
    } else if (Array.isArray(last)) {
      last.push(part);
    } else {
      messages.push([part]);
    }
  }
  return messages.map((each) => (Array.isArray(each) ? toWireMessage(message.role, each) : each));
}

function toWireMessage(role: Role, parts: readonly Part[]): object {
  const images = parts.flatMap(toImage);
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call' ? { id: part.id, function: { name: part.name, arguments: inputOf(part) } } : [],
  );
  return {
    role,
    content: textOf(parts, 'text'),
    thinking: textOf(parts, 'reasoning') || undefined,
    images: images[0] && images,
    tool_calls: calls[0] && calls,
  };
}

function toImage(part: Part): string[] {
  const data = part.type === 'file' ? inlineDataOf(part) : undefined;
  return data === undefined ? [] : [data];
}

// What comes back.

interface WireCall {
  id?: string | null;
  function: { name: string; arguments?: unknown };
}

interface WireMessage {
  content?: string | null;
  thinking?: string | null;
  /** Of servers that imitate Ollama. */
  reasoning_content?: string | null;
  tool_calls?: WireCall[] | null;
}

interface WireUsage {
  /** Left out when it is 0 or the prompt was cached. */
  prompt_eval_count?: number;
  eval_count?: number;
}

interface WireChunk extends WireUsage {
  model?: string | null;
  created_at?: string;
  message?: WireMessage | null;
  done?: boolean | null;
  /** Older servers have none. */
  done_reason?: string | null;
  error?: unknown;
}

function createDecoder(options: ThoughtsOption): Decoder {
  const partIndex = createPartIndex();
  let events: StreamEvent[] = [];
  let isStarted = false;
  let hasCalls = false;
  let received = '';
  const thoughts = createThoughtReader(options, append);

  function delta(type: 'text' | 'reasoning', value: string | null | undefined): void {
    if (!value) return;
    if (type === 'text') thoughts.push(value);
    else append(type, thoughts.field(value));
  }

  function append(type: 'text' | 'reasoning', added: string): void {
    if (added) events.push({ type, index: partIndex(type), delta: added });
  }

  function call({ id: wireId, function: { name, arguments: input } }: WireCall): void {
    thoughts.flush();
    const id = wireId || newId();
    const index = partIndex('tool-call', true);
    const rawInput = typeof input === 'string' ? input : JSON.stringify(input ?? {});
    events.push(
      { type: 'tool-call-start', index, id, name },
      { type: 'tool-call-delta', index, delta: rawInput },
      { type: 'tool-call', index, toolCall: completeToolCall(id, name, rawInput) },
    );
    hasCalls = true;
  }

  const decoder = {
    done: false,
    push({ data }: Frame): StreamEvent[] {
      events = [];
      const chunk = JSON.parse(data) as WireChunk;
      const { model, created_at: _, message, done, done_reason: raw, error, ...usage } = chunk;
      if (error || (typeof message !== 'object' && isErrorBody(chunk))) throw new ErrorFrame(NAME, chunk);
      if (!isStarted && model) {
        isStarted = true;
        events.push({ type: 'start', model });
      }
      delta('reasoning', message?.thinking || message?.reasoning_content);
      const content = message?.content ?? '';
      // The last line has no text at Ollama; some servers repeat all of it there.
      if (!done || content !== received) delta('text', content);
      received += content;
      message?.tool_calls?.forEach(call);
      if (done) {
        thoughts.flush();
        decoder.done = true;
        events.push({ type: 'usage', usage: toUsage(usage) });
        const reason = finishReasonOf(raw || 'stop') ?? 'other';
        const isCalling = hasCalls && reason === 'stop';
        events.push({ type: 'finish', reason: isCalling ? 'tool-calls' : reason, raw: raw ?? undefined });
      }
      return events;
    },
    end() {
      events = [];
      thoughts.flush();
      return events;
    },
  };
  return decoder;
}

function toUsage(raw: WireUsage): Usage {
  const { prompt_eval_count: inputTokens, eval_count: outputTokens } = raw;
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    raw,
  };
}
