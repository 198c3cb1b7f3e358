import { LLMError } from '../../errors/error.ts';
import { readError } from '../../transport/error-frame.ts';
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
} from '../shared/choice.ts';
import { postRequest } from '../shared/post-request.ts';
import { createEndpoint, type EndpointOptions } from '../shared/endpoint.ts';
import type { Body } from '../../utils/merge-bodies.ts';
import { withObjectFormat } from '../shared/without-format.ts';
import { toInput } from './input.ts';
import type { HttpProvider, RequestContext, ResolvedRequest } from '../provider.ts';
import { withReturnedThoughts, type SealedThoughts } from '../shared/returned-thoughts.ts';
import { withSendableFiles } from '../shared/sendable-files.ts';
import { thinksByItself } from '../shared/thinking-models.ts';
import { createDecoder } from './decoder.ts';
import { wireTool } from '../shared/wire-tool.ts';

export interface OpenAIResponsesOptions extends EndpointOptions {
  /** Address up to, and without, `/responses`. Default `https://api.openai.com/v1`. */
  readonly baseURL?: string | undefined;
  /** Name for messages to people, and the key in `providerOptions`. Default `openaiResponses`. */
  readonly name?: string | undefined;
}

/**
 * OpenAI's Responses API, and servers that speak it.
 * https://platform.openai.com/docs/api-reference/responses
 *
 * Requests ask the server to store nothing (`store: false`): each request has the whole conversation, with the encrypted
 * thoughts of reasoning models (`include: ['reasoning.encrypted_content']`), which are sent back unchanged. `body` and
 * `providerOptions` replace either, and add other fields of this API, such as built-in tools.
 *
 * Output items that are not messages, thoughts or function calls are `data` parts with the name of the provider. Their
 * `data` is the whole item: `compaction`, `web_search_call`, `mcp_call`, and types to come. Generated images are `file`
 * parts. All of them are sent back in their place, to this provider only. An item without an end has
 * `providerMetadata[name].isIncomplete` and is not sent back.
 *
 * Some items wait for the application: `mcp_approval_request`, and calls such as `shell_call` or `computer_call`. The
 * finish reason is then `tool-calls`. Answer with a `data` part of the provider's name in the next user message, whose
 * `data` is the input item, for example `{ type: 'mcp_approval_response', approval_request_id, approve: true }`. Client
 * calls without an answer are sent back with an output that says so, because the API refuses a history without one.
 *
 * The model no longer needs the items before a `compaction` item. They are sent as well; shorten the history with
 * `prepareMessages` to save tokens. https://developers.openai.com/api/docs/guides/compaction
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
    async request(given, context) {
      const request = withObjectFormat(await withSendableFiles(given, name, context.choose), context.choose, name);
      return postRequest(endpoint, '/responses', toBody(request, context, name), request, context);
    },
    decoder: () => createDecoder(name),
    error: (status, headers, body) => readError(name, body, status, headers),
  };
}

/**
 * `The encrypted content gAAA… could not be verified.`, `Reasoning input items can only be provided to a reasoning model.`
 * https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items
 */
const THOUGHTS: SealedThoughts = {
  unreadable: /encrypted[ _]content\b.{0,200}\bnot be (?:verified|decrypted|parsed)/i,
  unsupported:
    /reasoning (?:input )?items?\b[^.\n]{0,60}(?:not (?:supported|allowed)|can only)|encrypted[ _]content\b[^.\n]{0,40}\bnot supported|\binput\b[^\n]{0,40}\bencrypted_content\b|invalid value: ['"`]reasoning['"`]/i,
};

function toBody(request: ResolvedRequest, { defaults, choose }: RequestContext, name: string): Body {
  const { model, tools, reasoning } = request;
  if (!model) throw new LLMError(`${name} needs a model`, { code: 'invalid_request' });
  // OpenAI's refuse a temperature; a default bound would cut the thinking.
  const isReasoning = !!reasoning || thinksByItself(model);
  const open = isReasoning ? {} : defaults;
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
  const sendsStrict = !!tools?.length && choose({ ...STRICT, options: optionsOf(true) }) !== undefined;

  // What is undefined does not get into the JSON.
  return {
    model,
    instructions: joinTexts(request.system, instructions),
    input: toInput(withReturnedThoughts(request.messages, name, choose, THOUGHTS), name),
    stream: stream?.value,
    store: store?.value,
    include: include?.value,
    temperature: request.temperature ?? temperature?.value,
    max_output_tokens: request.maxTokens ?? maxTokens?.value,
    reasoning: toReasoning(reasoning, choose),
    tools: tools?.length
      ? tools.map((tool) => {
          const { schema: parameters, strict } = wireTool({ ...tool, strict: tool.strict ?? false }, sendsStrict);
          return { type: 'function', name: tool.name, description: tool.description, parameters, strict };
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
      names: /\beffort\b|reasoning_effort|thinking[_. ]?(?:level|budget|type)/i,
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
