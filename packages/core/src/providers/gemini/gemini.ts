import { LLMError } from '../../errors/error.ts';
import { readError } from '../../transport/error-frame.ts';
import { endsWithVersion } from '../../transport/join-url.ts';
import { partsOf, textOf } from '../../types/message.ts';
import type { ReasoningOptions, ToolChoice } from '../../types/request.ts';
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
} from '../shared/choice.ts';
import { postRequest } from '../shared/post-request.ts';
import { createEndpoint, type EndpointOptions } from '../shared/endpoint.ts';
import { type Body, mergeBodies } from '../../utils/merge-bodies.ts';
import { toContents } from './contents.ts';
import { withObjectFormat } from '../shared/without-format.ts';
import type { HttpProvider, RequestContext, ResolvedRequest, ResolvedTool } from '../provider.ts';
import { withSendableFiles } from '../shared/sendable-files.ts';
import { createDecoder } from './decoder.ts';
import { wireTool } from '../shared/wire-tool.ts';

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
 *
 * A request rejects with an `LLMError` with code `invalid_request` if its model is not a name or path: `../x`, `a?b`.
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
      return postRequest(
        endpoint,
        `${version}/${pathOf(model)}:streamGenerateContent?alt=sse`,
        body,
        { ...request, providerOptions: { [NAME]: body } },
        context,
      );
    },
    decoder: () => createDecoder(NAME),
    error: (status, headers, body) => readError(NAME, body, status, headers),
  };
}

/** Characters that would end the path or lead elsewhere, and those that no address has. */
const NOT_IN_PATH = /[\s?#%\\\p{Cc}\p{Cs}]/u;

/**
 * The path of a model: a name is one of `models/`, and a longer path goes as it is, such as `tunedModels/x`, or
 * `publishers/google/models/x` on Vertex AI.
 */
function pathOf(model: string): string {
  const segments = model.split('/');
  if (NOT_IN_PATH.test(model) || segments.some((segment) => ['', '.', '..'].includes(segment))) {
    const message = `${NAME}: ${JSON.stringify(model)} is not the name or path of a model, such as "gemini-2.5-flash" or "models/gemini-2.5-flash"`;
    throw new LLMError(message, { code: 'invalid_request', provider: NAME });
  }
  return segments.length > 1 ? model : `models/${model}`;
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
function toDeclarations(tools: readonly ResolvedTool[], choose: Choose): object[] {
  const field = choose({
    id: 'toolSchemaField',
    names: /parameters_?json_?schema/i,
    options: [
      { key: 'parametersJsonSchema', value: 'parametersJsonSchema' },
      { key: 'parameters', value: 'parameters' },
    ],
    isRequired: true,
  });
  return tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    [field?.value ?? 'parametersJsonSchema']: wireTool(tool, true).schema,
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
