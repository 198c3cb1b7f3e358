import type { Usage } from '../types/completion.ts';
import { LLMError } from '../errors/error.ts';
import type { StreamEvent } from '../types/event.ts';
import { ErrorFrame, readError } from '../transport/error-frame.ts';
import { isErrorBody } from '../transport/in-band-error.ts';
import { newId } from '../utils/id.ts';
import { partsOf, textOf, type MessageInput, type Part, type Role, type ToolResultPart } from '../types/message.ts';
import type { GenerateRequest } from '../types/request.ts';
import {
  count,
  filledText,
  flag,
  identifier,
  listOrThrow,
  record,
  recordOrThrow,
  textOrThrow,
  UnexpectedValueError,
  type UnknownRecord,
} from '../utils/read-value.ts';
import type { Frame } from '../transport/frame.ts';
import { argumentsText, callNameOrThrow } from './shared/call-fields.ts';
import {
  effortOptions,
  MAX_TOKENS,
  NO_NAME,
  optionsOf,
  TEMPERATURE,
  type ChoiceOption,
  type Choose,
} from './shared/choice.ts';
import { postRequest } from './shared/post-request.ts';
import { createEndpoint, type EndpointOptions } from './shared/endpoint.ts';
import { type Body, mergeBodies } from '../utils/merge-bodies.ts';
import { finishReasonOf } from './shared/finish-reason.ts';
import { inlineDataOf } from './shared/inline-data.ts';
import { createPartIndex } from './shared/part-counter.ts';
import { withObjectFormat } from './shared/without-format.ts';
import type { Decoder, HttpProvider, RequestContext, ResolvedRequest } from './provider.ts';
import { withSendableFiles, type FileSupport } from './shared/sendable-files.ts';
import { thinksByItself } from './shared/thinking-models.ts';
import { createThoughtReader, type ThoughtsOption } from './shared/thoughts.ts';
import { completeToolCall } from './shared/tool-call.ts';
import { createToolNames, inputOf, outputText } from './shared/tool-history.ts';

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
      return postRequest(endpoint, '/api/chat', body, { ...request, providerOptions: { [NAME]: body } }, context);
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

function createDecoder(options: ThoughtsOption): Decoder {
  const partIndex = createPartIndex();
  let events: StreamEvent[] = [];
  let isStarted = false;
  let received = '';
  let failure: UnexpectedValueError | undefined;
  const callIds = new Set<string>();
  const thoughts = createThoughtReader(options, append);

  function append(type: 'text' | 'reasoning', added: string): void {
    if (added) events.push({ type, index: partIndex(type), delta: added });
  }

  function call(wire: UnknownRecord, path: string): void {
    // Some servers that imitate Ollama leave out the object between.
    const called = recordOrThrow(wire['function'], `${path}.function`) ?? wire;
    const at = called === wire ? path : `${path}.function`;
    const name = callNameOrThrow(called['name'], `${at}.name`);
    const rawInput = argumentsText(called['arguments'], `${at}.arguments`) || '{}';
    const id = newCallId(identifier(wire['id']));
    thoughts.flush();
    const index = partIndex('tool-call', true);
    events.push(
      { type: 'tool-call-start', index, id, name },
      { type: 'tool-call-delta', index, delta: rawInput },
      { type: 'tool-call', index, toolCall: completeToolCall(id, name, rawInput) },
    );
  }

  /** Results are matched by id, so another call of the same id gets its own. */
  function newCallId(id: string | undefined): string {
    const unique = id === undefined || callIds.has(id) ? newId() : id;
    callIds.add(unique);
    return unique;
  }

  function addMessage(message: UnknownRecord, isLast: boolean): void {
    const thinking = textOrThrow(message['thinking'], 'message.thinking');
    // Servers that imitate Ollama have another name for it.
    const thought = thinking || textOrThrow(message['reasoning_content'], 'message.reasoning_content');
    if (thought) append('reasoning', thoughts.field(thought));
    const content = textOrThrow(message['content'], 'message.content') ?? '';
    // The last line has no text at Ollama; some servers repeat all of it there.
    if (content && (!isLast || content !== received)) thoughts.push(content);
    received += content;
    const calls = message['tool_calls'];
    const wires = record(calls) ? [calls] : listOrThrow(calls, 'message.tool_calls');
    wires.forEach((element, place) => {
      const path = `message.tool_calls[${place}]`;
      const wire = recordOrThrow(element, path);
      if (wire) call(wire, path);
    });
  }

  function addChunk(chunk: UnknownRecord, isLast: boolean): void {
    const model = isStarted ? undefined : filledText(chunk['model']);
    if (model) {
      isStarted = true;
      events.push({ type: 'start', model });
    }
    const message = recordOrThrow(chunk['message'], 'message');
    if (message) addMessage(message, isLast);
    if (isLast) finish(chunk);
  }

  function finish({
    model: _m,
    created_at: _c,
    message: _,
    done: _d,
    done_reason: wireReason,
    error: _e,
    ...counts
  }: UnknownRecord): void {
    thoughts.flush();
    const raw = filledText(wireReason);
    const reason = finishReasonOf(raw ?? 'stop') ?? 'other';
    const isCalling = callIds.size > 0 && reason === 'stop';
    events.push(
      { type: 'usage', usage: toUsage(counts) },
      { type: 'finish', reason: isCalling ? 'tool-calls' : reason, raw },
    );
  }

  const decoder = {
    done: false,
    push({ data }: Frame): StreamEvent[] {
      events = [];
      const json: unknown = JSON.parse(data);
      const { error, message, done } = record(json) ?? {};
      if (error || (typeof message !== 'object' && isErrorBody(json))) throw new ErrorFrame(NAME, json);
      const chunk = record(json);
      if (!chunk) throw new UnexpectedValueError('the line', 'an object', json);
      try {
        const isLast = flag(done) === true;
        addChunk(chunk, isLast);
        decoder.done = isLast;
      } catch (thrown) {
        // Events of the same line are emitted before the failure is thrown.
        if (!(thrown instanceof UnexpectedValueError) || events.length === 0) throw thrown;
        failure = thrown;
        decoder.done = true;
      }
      return events;
    },
    end(): StreamEvent[] {
      if (failure) throw failure;
      events = [];
      thoughts.flush();
      return events;
    },
  };
  return decoder;
}

function toUsage(raw: UnknownRecord): Usage {
  // Left out when it is 0 or the prompt was cached.
  const inputTokens = count(raw['prompt_eval_count']);
  const outputTokens = count(raw['eval_count']);
  return {
    inputTokens,
    outputTokens,
    totalTokens:
      inputTokens === undefined || outputTokens === undefined ? undefined : count(inputTokens + outputTokens),
    raw,
  };
}
