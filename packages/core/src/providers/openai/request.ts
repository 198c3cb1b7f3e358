import { LLMError } from '../../errors/error.ts';
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
} from '../shared/choice.ts';
import { type Body, isObject } from '../../utils/merge-bodies.ts';
import { withObjectFormat } from '../shared/without-format.ts';
import { toWireMessages } from './messages.ts';
import type { RequestContext, ResolvedRequest } from '../provider.ts';
import { withSendableFiles } from '../shared/sendable-files.ts';
import { isOpenAIReasoning, thinksByItself } from '../shared/thinking-models.ts';
import { wireTool } from '../shared/wire-tool.ts';

export interface PreparedRequest {
  readonly request: ResolvedRequest;
  readonly body: Body;
}

/** A request of Chat Completions, with its body. https://platform.openai.com/docs/api-reference/chat/create */
export async function prepareRequest(
  given: ResolvedRequest,
  context: RequestContext,
  name: string,
): Promise<PreparedRequest> {
  const request = withObjectFormat(await withSendableFiles(given, name, context.choose), context.choose, name);
  return { request, body: toBody(request, context, name) };
}

/** https://platform.openai.com/docs/guides/latest-model#using-reasoning-models */
const TOOLS_WITHOUT_REASONING = toolsAndReasoning(
  '\\b(?:tools?|function call(?:s|ing)?)\\b',
  // A quoted word is a name in the schema of a tool.
  '(?:\\breasoning_effort\\b|(?<![\'"`])\\breasoning\\b(?![\'"`])|/v1/responses\\b|\\bresponses api\\b)',
);

/** Both in one sentence or in two, in any order. */
function toolsAndReasoning(tools: string, reasoning: string): RegExp {
  const between = '[^\\n]{0,160}';
  return new RegExp(
    `${tools}${between}${reasoning}|${reasoning}${between}${tools}|set ['"\`]?reasoning_effort['"\`]? to ['"\`]?none`,
    'i',
  );
}

/** `gpt-oss` and templates without a system role: `messages[0].role does not support 'system' with this model`. */
const NO_SYSTEM_ROLE =
  /(?:not support|unsupported|unknown variant)[^.]{0,40}['"`]system['"`]|['"`]system['"`][^.]{0,60}(?:not support|unsupported|not allowed)|system (?:role|message|prompt|instruction)s? (?:(?:is|are) )?not (?:supported|allowed|enabled)/i;

function toBody(request: ResolvedRequest, { defaults, choose }: RequestContext, name: string): Body {
  const { model, tools, reasoning } = request;
  if (!model) throw new LLMError(`${name} needs a model`, { code: 'invalid_request' });
  // A default bound would cut the thinking.
  const open = reasoning || thinksByItself(model) ? {} : defaults;
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
    !!tools?.some(({ strict }) => strict !== undefined) &&
    choose({ ...STRICT, options: optionsOf(true) }) !== undefined;

  // What is undefined does not get into the JSON.
  return {
    model,
    messages: withSystemRole(toWireMessages(messages, name, choose), choose),
    stream,
    stream_options: stream && usage?.value,
    temperature: request.temperature ?? temperature?.value,
    ...toMaxTokens(request.maxTokens, open.maxTokens, model, choose),
    stop: request.stop,
    reasoning_effort: toEffort(request, choose),
    tools: tools?.length
      ? tools.map((tool) => {
          const { schema: parameters, strict } = wireTool(tool, sendsStrict);
          return { type: 'function', function: { name: tool.name, description: tool.description, parameters, strict } };
        })
      : undefined,
    tool_choice: toolChoice,
  };
}

/** The bound that the caller sets keeps its value, under the name that the server knows; a default may be left out. */
function toMaxTokens(
  maxTokens: number | null | undefined,
  defaultMaxTokens: number | undefined,
  model: string,
  choose: Choose,
): Body {
  // OpenAI's own reasoning models refuse `max_tokens`.
  const isNewer = isOpenAIReasoning(model);
  const [field, other] = isNewer ? ['max_completion_tokens', 'max_tokens'] : ['max_tokens', 'max_completion_tokens'];
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
    isName: isNewer,
  });
  return { [option?.key ?? field]: maxTokens };
}

/** Servers of other models answer with the words of those: `Thinking level MINIMAL is not supported for this model.` */
const EFFORT =
  /reasoning[_. ]?effort|think value|thinking[_. ]?(?:level|budget|type|effort)|thinking (?:cannot|can't) be|disabl\w{0,3} (?:extended )?thinking/i;

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
    names: EFFORT,
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
