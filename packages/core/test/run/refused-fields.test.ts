import {
  completeObject,
  LLMClient,
  messageText,
  type GenerateRequest,
  type HttpProvider,
  type LLMConfig,
} from '@rivulet/core';
import { createChat, tool } from '@rivulet/core/chat';
import { openai } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHttpServer, type HttpServer } from '../../../../test/support/http-server.ts';
import { delta, DONE, finish } from '../support/chat-completions.ts';
import { eventually, failureOf, readAll } from '../support/client.ts';
import {
  bodyOf,
  CLOCK,
  HELLO,
  refused,
  startRefusingServer,
  WIRES,
  type Body,
  type Wire,
  type WireName,
} from '../support/refusing-server.ts';

function at(body: Body, path: string): unknown {
  return path.split('.').reduce<unknown>((value, step) => (value as Body | undefined)?.[step], body);
}

function clientFor(wire: Wire, server: HttpServer, model: string, config: Partial<LLMConfig> = {}): LLMClient {
  return new LLMClient({ provider: wire.provider(server.url), model, retry: false, ...config });
}

/** The values of these fields in each body that was sent; fields that are absent are left out. */
function sentFields(server: HttpServer, fields: readonly string[]): Body[] {
  return server.requests.map((request) => {
    const body = bodyOf(request);
    return Object.fromEntries(
      fields.flatMap((field) => (at(body, field) === undefined ? [] : [[field, at(body, field)]])),
    );
  });
}

interface Row {
  readonly title: string;
  readonly wire: WireName;
  readonly model: string;
  readonly request?: GenerateRequest;
  /** The body of the refusal of a body, as the server words it. */
  readonly refuse: (body: Body) => unknown;
  readonly status?: number;
  /** The fields of the bodies, in the order in which they are sent. */
  readonly sent: readonly Body[];
}

const anthropicError = WIRES.anthropic.refusal;
const openaiError = WIRES.openai.refusal;
const geminiError = WIRES.gemini.refusal;

const EFFORT_NEEDS_NONE =
  "Function tools with reasoning_effort are not supported for gpt-5.6-terra in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.";

/** Other words for it. */
const TOOLS_NEED_NO_REASONING = [
  "Tools are only supported with reasoning_effort 'none' in this API.",
  "reasoning_effort is not supported for gpt-5.6 when using function tools. Set it to 'none' or use the Responses API.",
  "Function calling requires reasoning_effort to be 'none' for this model.",
  'Function calling is not supported with reasoning in Chat Completions. Use the Responses API.',
  'Function tools with reasoning are only supported in /v1/responses.',
  'Tools are not supported unless `reasoning_effort` is `none`.',
];

const ROWS: readonly Row[] = [
  ...['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-1', 'anthropic/claude-fable-5.2'].map((model): Row => ({
    title: 'thinks as little as possible where thinking cannot be turned off',
    wire: 'anthropic',
    model,
    request: { reasoning: { effort: 'none' } },
    refuse: (body) =>
      at(body, 'thinking.type') === 'disabled'
        ? anthropicError(
            '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
          )
        : undefined,
    sent: [{ thinking: { type: 'disabled' } }, { output_config: { effort: 'low' } }],
  })),
  ...(
    [
      ['claude-opus-5-5', 2000, 'low'],
      ['claude-haiku-5-5', 10_000, 'medium'],
      ['claude-opus-4-7', 16_000, 'high'],
      ['claude-fable-5-2', 24_000, 'xhigh'],
    ] as const
  ).map(([model, budgetTokens, effort]): Row => ({
    title: `turns a budget of ${budgetTokens} tokens into the effort ${effort}`,
    wire: 'anthropic',
    model,
    request: { reasoning: { budgetTokens } },
    refuse: (body) =>
      at(body, 'thinking.type') === 'enabled'
        ? anthropicError(
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
          )
        : undefined,
    sent: [
      { thinking: { type: 'enabled', budget_tokens: budgetTokens } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort } },
    ],
  })),
  {
    title: 'sends a budget where adaptive thinking is refused',
    wire: 'anthropic',
    model: 'claude-opus-5-5',
    request: { reasoning: { effort: 'medium' } },
    refuse: (body) =>
      at(body, 'thinking.type') === 'adaptive'
        ? anthropicError(
            "thinking: Input tag 'adaptive' found using 'type' does not match any of the expected tags: 'disabled', 'enabled'",
          )
        : at(body, 'output_config') && anthropicError('output_config: Extra inputs are not permitted'),
    sent: [
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'medium' } },
      { thinking: { type: 'enabled', budget_tokens: 8192 }, output_config: { effort: 'medium' } },
      { thinking: { type: 'enabled', budget_tokens: 8192 } },
    ],
  },
  {
    title: 'thinks within the bound that a refusal names',
    wire: 'anthropic',
    model: 'claude-sonnet-4-5',
    request: { reasoning: { effort: 'high' } },
    refuse: (body) =>
      (at(body, 'max_tokens') as number) > 8192 &&
      anthropicError('max_tokens: 20480 > 8192, which is the maximum allowed number of output tokens'),
    sent: [
      { max_tokens: 20_480, thinking: { type: 'enabled', budget_tokens: 16_384 } },
      { max_tokens: 8192, thinking: { type: 'enabled', budget_tokens: 4096 } },
    ],
  },
  {
    title: 'asks in words for a call, however the refusal is worded',
    wire: 'anthropic',
    model: 'claude-fable-5-2',
    request: { tools: [CLOCK], toolChoice: 'required' },
    refuse: (body) =>
      at(body, 'tool_choice.type') === 'any' && anthropicError("tool_choice.type: Input should be 'auto' or 'none'"),
    sent: [
      { tool_choice: { type: 'any' } },
      { tool_choice: { type: 'auto' }, system: 'You must call at least one of the tools.' },
    ],
  },
  ...[
    'Thinking is always on for this model, so tool_choice must be auto or none.',
    'Thinking does not allow forced tool use.',
  ].map((message): Row => ({
    title: `goes on thinking after "${message}"`,
    wire: 'anthropic',
    model: 'anthropic/claude-sonnet-5.5',
    request: { tools: [CLOCK], toolChoice: { name: 'clock' }, reasoning: { effort: 'medium' } },
    refuse: (body) => at(body, 'tool_choice.type') === 'tool' && anthropicError(message),
    sent: [
      { 'thinking.type': 'adaptive', tool_choice: { type: 'tool', name: 'clock' } },
      { 'thinking.type': 'adaptive', tool_choice: { type: 'auto' }, system: 'You must call the tool clock.' },
    ],
  })),
  ...TOOLS_NEED_NO_REASONING.map((message): Row => ({
    title: `turns reasoning off after "${message}"`,
    wire: 'openai',
    model: 'openai/gpt-5.6-sol',
    request: { tools: [CLOCK] },
    refuse: (body) => at(body, 'reasoning_effort') !== 'none' && openaiError(message, 'tools'),
    sent: [{}, { reasoning_effort: 'none' }],
  })),
  {
    title: 'uses the nearest level that the server lists',
    wire: 'ollama',
    model: 'gpt-oss',
    request: { reasoning: { effort: 'max' } },
    refuse: (body) =>
      at(body, 'think') === 'max' && {
        error: 'invalid think value: "max" (must be "high", "medium", "low", true, or false)',
      },
    sent: [{ think: 'max' }, { think: 'high' }],
  },
  {
    title: 'does not ask for a display of the thoughts',
    wire: 'anthropic',
    model: 'claude-opus-4-6',
    request: { reasoning: true },
    refuse: (body) =>
      at(body, 'thinking.display') && anthropicError('thinking.adaptive.display: Extra inputs are not permitted'),
    sent: [{ thinking: { type: 'adaptive', display: 'summarized' } }, { thinking: { type: 'adaptive' } }],
  },
  {
    title: 'does not send an effort to a model that has none',
    wire: 'anthropic',
    model: 'claude-haiku-5-5',
    request: { reasoning: { effort: 'low' } },
    refuse: (body) => at(body, 'output_config') && anthropicError('This model does not support the effort parameter.'),
    sent: [
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } },
      { thinking: { type: 'adaptive', display: 'summarized' } },
    ],
  },
  ...(['required', { name: 'clock' }] as const).flatMap((toolChoice) =>
    ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-1'].map((model): Row => {
      const isNamed = toolChoice !== 'required';
      return {
        title: `asks in words for ${isNamed ? 'the tool' : 'a tool'} that the model cannot be made to call`,
        wire: 'anthropic',
        model,
        request: { tools: [CLOCK], toolChoice, system: 'Be brief.' },
        refuse: (body) =>
          ['any', 'tool'].includes(at(body, 'tool_choice.type') as string)
            ? anthropicError('tool_choice forces tool use is not compatible with this model.')
            : undefined,
        sent: [
          { tool_choice: isNamed ? { type: 'tool', name: 'clock' } : { type: 'any' }, system: 'Be brief.' },
          {
            tool_choice: { type: 'auto' },
            system: `Be brief.\n\n${isNamed ? 'You must call the tool clock.' : 'You must call at least one of the tools.'}`,
          },
        ],
      };
    }),
  ),
  {
    title: 'goes on thinking where a call cannot be forced meanwhile',
    wire: 'anthropic',
    model: 'claude-sonnet-4-5',
    request: { tools: [CLOCK], toolChoice: 'required', reasoning: { effort: 'low' } },
    refuse: (body) =>
      at(body, 'thinking') && at(body, 'tool_choice.type') === 'any'
        ? anthropicError('Thinking may not be enabled when tool_choice forces tool use.')
        : undefined,
    sent: [
      { thinking: { type: 'enabled', budget_tokens: 2048 }, tool_choice: { type: 'any' } },
      {
        thinking: { type: 'enabled', budget_tokens: 2048 },
        tool_choice: { type: 'auto' },
        system: 'You must call at least one of the tools.',
      },
    ],
  },
  ...(
    [
      [
        'anthropic',
        'claude-opus-5-5',
        'max_tokens',
        'max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for claude-opus-5-5',
      ],
      [
        'anthropic',
        'claude-fable-5-1',
        'max_tokens',
        '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      ],
      ['openai', 'model-1', 'max_tokens', 'Invalid max_tokens value, the valid range of max_tokens is [1, 1024]'],
      [
        'openai',
        'model-1',
        'max_tokens',
        'max_tokens is too large: 2000. This model supports at most 1,024 completion tokens, whereas you provided 2000.',
      ],
      ['openaiResponses', 'model-1', 'max_output_tokens', 'max_output_tokens must be <= 1024'],
      [
        'gemini',
        'gemma-3',
        'generationConfig.maxOutputTokens',
        'Unable to submit request because it has a maxOutputTokens value of 2000 but the supported range is from 1 (inclusive) to 1025 (exclusive). Update the value and try again.',
      ],
      ['ollama', 'llama3.2', 'options.num_predict', 'num_predict must not exceed 1024'],
      ...(
        [
          'The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum tokens value that is lower than 8192.',
          'max_tokens (32000) cannot be greater than 8192',
          'max_tokens must be no larger than 8192',
          'max_tokens must be lower than or equal to 8192',
          'max_tokens is capped at 8,192 for this model',
          'max_tokens: must be in the range 1-8192',
          'max_tokens: value 32000 out of range [1; 8192]',
          'This model can output 8192 tokens at most, but max_tokens is 32000',
        ] as const
      ).map((message) => ['anthropic', 'us.anthropic.claude-opus-5-5-v1:0', 'max_tokens', message] as const),
    ] as const
  ).map(([wire, model, field, message]): Row => {
    const limit = /8,?192/.test(message) ? 8192 : 1024;
    return {
      title: `lowers the default bound to what "${message.slice(0, 40)}…" names`,
      wire,
      model,
      refuse: (body) => ((at(body, field) as number) > limit ? WIRES[wire].refusal(message) : undefined),
      sent: [{ [field]: wire === 'anthropic' ? 32_000 : 2000 }, { [field]: limit }],
    };
  }),
  ...[undefined, false].map((reasoning): Row => ({
    title: 'turns reasoning off where tools need that in Chat Completions',
    wire: 'openai',
    model: 'gpt-5.6-terra',
    request: { tools: [CLOCK], reasoning },
    refuse: (body) =>
      at(body, 'reasoning_effort') === 'none' ? undefined : openaiError(EFFORT_NEEDS_NONE, 'reasoning_effort'),
    sent: [{}, { reasoning_effort: 'none' }],
  })),
  ...(
    [
      [
        "Unsupported value: 'minimal' is not supported with the 'gpt-6' model. Supported values are: 'low', 'medium', and 'high'.",
        'minimal',
        'low',
      ],
      [
        "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'none', 'low', 'medium', 'high', 'xhigh'.",
        'minimal',
        'none',
      ],
      ["Unsupported value: 'minimal' is not supported with this model.", 'minimal', 'low'],
      [
        "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'minimal', 'low', 'medium', and 'high'.",
        'none',
        'minimal',
      ],
      ['reasoning_effort must be one of low, medium, high', 'max', 'high'],
      ["Unsupported value: 'xhigh' is not supported with this model.", 'xhigh', 'high'],
    ] as const
  ).flatMap(([message, effort, instead]) =>
    (['openai', 'openaiResponses'] as const).map((wire): Row => {
      const field = wire === 'openai' ? 'reasoning_effort' : 'reasoning.effort';
      return {
        title: `sends the effort ${instead} for ${effort} after "${message.slice(-40)}"`,
        wire,
        model: 'gpt-6',
        request: { reasoning: { effort } },
        refuse: (body) => (at(body, field) === effort ? openaiError(message, field) : undefined),
        sent: [{ [field]: effort }, { [field]: instead }],
      };
    }),
  ),
  ...(
    [
      ["Unsupported value: 'minimal' is not supported with the 'gpt-6' model.", 'low'],
      ["Invalid value: 'minimal'. Supported values are: 'high' and 'medium'.", 'medium'],
      ["Only 'medium' and 'high' are supported for reasoning_effort on gpt-6.", 'medium'],
      ["gpt-6 does not support the 'minimal' option for reasoning_effort; supported: medium, high", 'medium'],
      [
        "The parameter reasoning_effort value 'minimal' is not allowed. Valid options include medium and high.",
        'medium',
      ],
      ["Unsupported parameter value: 'minimal' for reasoning_effort", 'low'],
      ['Unrecognized reasoning_effort value "minimal". Choose medium or high.', 'medium'],
      ['reasoning_effort: gpt-6 supports medium|high', 'medium'],
      ['Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.', 'low'],
    ] as const
  ).flatMap(([message, instead]) =>
    (['openai', 'openaiResponses'] as const).map((wire): Row => {
      const field = wire === 'openai' ? 'reasoning_effort' : 'reasoning.effort';
      return {
        title: `sends the effort ${instead} after "${message}", which has no param`,
        wire,
        model: 'gpt-6',
        request: { reasoning: { effort: 'minimal' } },
        refuse: (body) => (at(body, field) === 'minimal' ? openaiError(message) : undefined),
        sent: [{ [field]: 'minimal' }, { [field]: instead }],
      };
    }),
  ),
  {
    title: 'reasons as little as possible where a Claude model refuses not to',
    wire: 'openai',
    model: 'anthropic/claude-opus-5.5',
    request: { reasoning: { effort: 'none' } },
    refuse: (body) =>
      at(body, 'reasoning_effort') === 'none' &&
      openaiError('"thinking.type.disabled" is not supported for this model.'),
    sent: [{ reasoning_effort: 'none' }, { reasoning_effort: 'low' }],
  },
  ...(
    [
      [
        'gemini-3-pro',
        'Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.',
      ],
      [
        'gemini-3.7-flash',
        'Thinking level MINIMAL is not supported for this model. Supported thinking levels: LOW, HIGH.',
      ],
      ['gemini-4-flash', 'thinking_level: unsupported value'],
      ['models/gemini-4-flash', 'MINIMAL thinking is not supported for this model.'],
    ] as const
  ).map(([model, message]): Row => ({
    title: 'raises the thinking level to the lowest that the model has',
    wire: 'gemini',
    model,
    request: { reasoning: { effort: 'minimal' } },
    refuse: (body) =>
      at(body, 'generationConfig.thinkingConfig.thinkingLevel') === 'minimal' ? geminiError(message) : undefined,
    sent: [
      { 'generationConfig.thinkingConfig': { includeThoughts: true, thinkingLevel: 'minimal' } },
      { 'generationConfig.thinkingConfig': { includeThoughts: true, thinkingLevel: 'low' } },
    ],
  })),
  {
    title: 'sends tokens to a server that has no thinking levels',
    wire: 'gemini',
    model: 'gemini-3-pro',
    request: { reasoning: { effort: 'medium' } },
    refuse: (body) =>
      at(body, 'generationConfig.thinkingConfig.thinkingLevel') &&
      geminiError(
        'Invalid JSON payload received. Unknown name "thinkingLevel" at \'generation_config.thinking_config\': Cannot find field.',
      ),
    sent: [
      { 'generationConfig.thinkingConfig': { includeThoughts: true, thinkingLevel: 'medium' } },
      { 'generationConfig.thinkingConfig': { includeThoughts: true, thinkingBudget: 8192 } },
    ],
  },
  {
    title: 'does not ask a model to think that cannot',
    wire: 'gemini',
    model: 'gemini-2.0-flash',
    request: { reasoning: true },
    refuse: (body) =>
      at(body, 'generationConfig.thinkingConfig') && geminiError('Thinking is not enabled for models/gemini-2.0-flash'),
    sent: [{ 'generationConfig.thinkingConfig': { includeThoughts: true } }, {}],
  },
  {
    title: 'does not ask for thoughts that a server has no field for',
    wire: 'gemini',
    model: 'gemini-3-pro',
    request: { reasoning: { effort: 'low' } },
    refuse: (body) =>
      at(body, 'generationConfig.thinkingConfig.includeThoughts') !== undefined
        ? {
            error: {
              code: 400,
              message: 'Invalid JSON payload received.',
              status: 'INVALID_ARGUMENT',
              details: [
                {
                  '@type': 'type.googleapis.com/google.rpc.BadRequest',
                  fieldViolations: [
                    {
                      field: 'generation_config.thinking_config',
                      description:
                        'Unknown name "includeThoughts" at \'generation_config.thinking_config\': Cannot find field.',
                    },
                  ],
                },
              ],
            },
          }
        : undefined,
    sent: [
      { 'generationConfig.thinkingConfig': { includeThoughts: true, thinkingLevel: 'low' } },
      { 'generationConfig.thinkingConfig': { thinkingLevel: 'low' } },
    ],
  },
  {
    title: 'lets a model think that cannot do without',
    wire: 'gemini',
    model: 'gemini-2.5-pro',
    request: { reasoning: { effort: 'none' } },
    refuse: (body) =>
      at(body, 'generationConfig.thinkingConfig.thinkingBudget') === 0
        ? geminiError('Budget 0 is invalid. This model only works in thinking mode.')
        : undefined,
    sent: [
      { 'generationConfig.thinkingConfig': { includeThoughts: false, thinkingBudget: 0 } },
      { 'generationConfig.thinkingConfig': { includeThoughts: false } },
    ],
  },
  {
    title: 'lowers a thinking budget to the highest that the model has',
    wire: 'gemini',
    model: 'gemini-2.5-flash',
    request: { reasoning: { budgetTokens: 30_000 } },
    refuse: (body) =>
      (at(body, 'generationConfig.thinkingConfig.thinkingBudget') as number) > 24_576
        ? geminiError('The thinking budget 30000 is invalid. Please choose a value between 512 and 24576.')
        : undefined,
    sent: [
      { 'generationConfig.thinkingConfig': { includeThoughts: true, thinkingBudget: 30_000 } },
      { 'generationConfig.thinkingConfig': { includeThoughts: true, thinkingBudget: 24_576 } },
    ],
  },
  {
    title: 'asks in words for a call that Gemini cannot be made to',
    wire: 'gemini',
    model: 'gemini-3-pro',
    request: { tools: [CLOCK], toolChoice: 'required' },
    refuse: (body) =>
      at(body, 'toolConfig.functionCallingConfig.mode') === 'ANY'
        ? geminiError('function_calling_config.mode ANY is not supported for this model')
        : undefined,
    sent: [
      { toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
      {
        toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
        systemInstruction: { parts: [{ text: 'You must call at least one of the tools.' }] },
      },
    ],
  },
  {
    title: 'sends instructions as the user where the model has none',
    wire: 'gemini',
    model: 'gemma-3-27b-it',
    request: { system: 'Be brief.' },
    refuse: (body) =>
      at(body, 'systemInstruction') && geminiError('Developer instruction is not enabled for models/gemma-3-27b-it'),
    sent: [
      {
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
      },
      {
        contents: [
          { role: 'user', parts: [{ text: 'Be brief.' }] },
          { role: 'user', parts: [{ text: 'hello' }] },
        ],
      },
    ],
  },
  {
    title: 'writes the schema of a tool in the older field',
    wire: 'gemini',
    model: 'gemini-2.5-flash',
    request: { tools: [CLOCK] },
    refuse: (body) =>
      JSON.stringify(body).includes('parametersJsonSchema')
        ? geminiError(
            'Invalid JSON payload received. Unknown name "parametersJsonSchema" at \'tools[0].function_declarations[0]\': Cannot find field.',
          )
        : undefined,
    sent: [
      { tools: [{ functionDeclarations: [{ name: 'clock', parametersJsonSchema: CLOCK.inputSchema }] }] },
      { tools: [{ functionDeclarations: [{ name: 'clock', parameters: CLOCK.inputSchema }] }] },
    ],
  },
  {
    title: 'does not ask a model to think that does not',
    wire: 'ollama',
    model: 'gemma3n',
    request: { reasoning: true },
    refuse: (body) =>
      at(body, 'think') && { error: '"registry.ollama.ai/library/gemma3n:latest" does not support thinking' },
    sent: [{ think: true }, {}],
  },
  {
    title: 'asks a model to think that has no levels for it',
    wire: 'ollama',
    model: 'qwen3',
    request: { reasoning: { effort: 'medium' } },
    refuse: (body) =>
      typeof at(body, 'think') === 'string'
        ? { error: 'think value "medium" is not supported for this model' }
        : undefined,
    sent: [{ think: 'medium' }, { think: true }],
  },
  {
    title: 'asks a model to think on a server that is older than levels',
    wire: 'ollama',
    model: 'deepseek-r1',
    request: { reasoning: { effort: 'high' } },
    refuse: (body) =>
      typeof at(body, 'think') === 'string'
        ? { error: 'json: cannot unmarshal string into Go struct field ChatRequest.think of type bool' }
        : undefined,
    sent: [{ think: 'high' }, { think: true }],
  },
  {
    title: 'leaves out stream_options that FastAPI refuses',
    wire: 'openai',
    model: 'mistral-small-latest',
    status: 422,
    refuse: (body) =>
      at(body, 'stream_options') && {
        detail: [
          {
            type: 'extra_forbidden',
            loc: ['body', 'stream_options'],
            msg: 'Extra inputs are not permitted',
            input: { include_usage: true, temperature: 0.7 },
          },
        ],
      },
    sent: [{ stream_options: { include_usage: true }, temperature: 0.7 }, { temperature: 0.7 }],
  },
  {
    title: 'reads an error that Python wrote into the message',
    wire: 'openai',
    model: 'model-1',
    refuse: (body) =>
      at(body, 'stream_options') && {
        object: 'error',
        message:
          "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted', 'input': {'include_usage': True, 'temperature': 0.7}}]",
        code: 400,
      },
    sent: [{ stream_options: { include_usage: true }, temperature: 0.7 }, { temperature: 0.7 }],
  },
  {
    title: 'reads the error of the server behind a gateway',
    wire: 'openai',
    model: 'openai/gpt-6',
    request: { reasoning: { effort: 'minimal' } },
    refuse: (body) =>
      at(body, 'reasoning_effort') === 'minimal' && {
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: {
            provider_name: 'OpenAI',
            raw: JSON.stringify(openaiError("Supported values are: 'low', 'medium', and 'high'.", 'reasoning_effort')),
          },
        },
      },
    sent: [{ reasoning_effort: 'minimal' }, { reasoning_effort: 'low' }],
  },
  {
    title: 'reads a refusal that is plain text, to its end',
    wire: 'openai',
    model: 'model-1',
    refuse: (body) => at(body, 'temperature') && `${'The request was refused. '.repeat(40)}Drop temperature.`,
    sent: [{ temperature: 0.7 }, {}],
  },
  {
    title: 'leaves out an effort that the server rejects as a field',
    wire: 'openai',
    model: 'model-1',
    request: { reasoning: { effort: 'minimal' } },
    refuse: (body) =>
      at(body, 'reasoning_effort') && openaiError('Unrecognized request argument supplied: reasoning_effort'),
    sent: [{ reasoning_effort: 'minimal' }, {}],
  },
  ...(
    [
      ['anthropic', 'tools.0.custom.strict: Extra inputs are not permitted', 'tools.0.strict'],
      ['openai', "Unknown parameter: 'tools[0].function.strict'.", 'tools.0.function.strict'],
      ['openaiResponses', "Unknown parameter: 'tools[0].strict'.", 'tools.0.strict'],
    ] as const
  ).map(([wire, message, field]): Row => ({
    title: `sends tools without ${field}`,
    wire,
    model: 'model-1',
    request: { tools: [{ ...CLOCK, strict: true }] },
    refuse: (body) => (at(body, field) === undefined ? undefined : WIRES[wire].refusal(message)),
    sent: [{ [field]: true }, {}],
  })),
  {
    title: 'asks in words for a call that a thinking model cannot be made to',
    wire: 'openai',
    model: 'qwen-plus',
    request: { tools: [CLOCK], toolChoice: { name: 'clock' } },
    refuse: (body) =>
      typeof at(body, 'tool_choice') === 'object'
        ? openaiError('The tool_choice parameter does not support being set to required or object in thinking mode')
        : undefined,
    sent: [
      {
        tool_choice: { type: 'function', function: { name: 'clock' } },
        messages: [{ role: 'user', content: 'hello' }],
      },
      {
        tool_choice: 'auto',
        messages: [
          { role: 'system', content: 'You must call the tool clock.' },
          { role: 'user', content: 'hello' },
        ],
      },
    ],
  },
  {
    title: 'sends system text in the role user where system is refused',
    wire: 'openai',
    model: 'o1-mini',
    request: { system: 'Be brief.' },
    refuse: (body) =>
      at(body, 'messages.0.role') === 'system'
        ? openaiError(
            "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            'messages[0].role',
          )
        : undefined,
    sent: [{ 'messages.0.role': 'system' }, { 'messages.0.role': 'user' }],
  },
  {
    title: 'keeps the bound of the caller under the name that the refusal suggests',
    wire: 'openai',
    model: 'model-1',
    request: { maxTokens: 100 },
    refuse: (body) =>
      at(body, 'max_tokens') &&
      openaiError(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        'max_tokens',
      ),
    sent: [{ max_tokens: 100 }, { max_completion_tokens: 100 }],
  },
  {
    title: 'keeps the bound of the caller under the older name',
    wire: 'openai',
    model: 'gpt-5',
    request: { maxTokens: 100 },
    refuse: (body) =>
      at(body, 'max_completion_tokens') && {
        detail: [
          { type: 'extra_forbidden', loc: ['body', 'max_completion_tokens'], msg: 'Extra inputs are not permitted' },
        ],
      },
    sent: [{ max_completion_tokens: 100 }, { max_tokens: 100 }],
  },
  {
    title: 'receives the whole answer at once where streaming is refused',
    wire: 'openai',
    model: 'o3',
    refuse: (body) =>
      at(body, 'stream') &&
      openaiError('Your organization must be verified to stream this model. Please go to the settings.', 'stream'),
    sent: [{ stream: true, stream_options: { include_usage: true } }, {}],
  },
  {
    title: 'leaves out every field of its own that the Responses server refuses, one by one',
    wire: 'openaiResponses',
    model: 'gpt-6',
    request: { reasoning: { effort: 'low' } },
    refuse: (body) =>
      at(body, 'include')
        ? openaiError('Encrypted content is not supported with this model.', 'include')
        : at(body, 'reasoning.summary')
          ? openaiError('Your organization must be verified to generate reasoning summaries.', 'reasoning.summary')
          : at(body, 'store') === false
            ? openaiError("Unknown parameter: 'store'.", 'store')
            : at(body, 'reasoning.effort') &&
              openaiError(
                "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
                'reasoning.effort',
              ),
    sent: [
      { include: ['reasoning.encrypted_content'], reasoning: { effort: 'low', summary: 'auto' }, store: false },
      { reasoning: { effort: 'low', summary: 'auto' }, store: false },
      { reasoning: { effort: 'low' }, store: false },
      { reasoning: { effort: 'low' } },
      { reasoning: {} },
    ],
  },
  {
    title: 'lifts system messages out of a conversation that must not have any',
    wire: 'anthropic',
    model: 'claude-opus-4-8',
    request: {
      messages: [
        { role: 'user', content: 'one' },
        { role: 'system', content: 'Be brief.' },
      ],
    },
    refuse: (body) =>
      at(body, 'messages.1.role') === 'system'
        ? anthropicError("messages.1: role 'system' is not supported on this model")
        : undefined,
    sent: [
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'one' }] },
          { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        ],
      },
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'one' }] }], system: 'Be brief.' },
    ],
  },
];

function fieldsOf({ sent }: Row): string[] {
  return [...new Set(sent.flatMap((fields) => Object.keys(fields)))];
}

function serverFor({ wire, refuse, status }: Row): Promise<HttpServer> {
  return startRefusingServer(WIRES[wire], refuse, { status: status ?? 400 });
}

function requestOf({ request }: Row): GenerateRequest {
  return request?.messages ? request : { ...HELLO, ...request };
}

describe('a refused field', () => {
  it.each(ROWS.map((row) => [row.wire, row.model, row.title, row] as const))(
    '%s, %s: %s',
    async (_wire, _model, _title, row) => {
      await using server = await serverFor(row);
      const client = clientFor(WIRES[row.wire], server, row.model);

      const { text } = await client.complete(requestOf(row));

      expect(text).toBe('Hi');
      expect(sentFields(server, fieldsOf(row))).toEqual(row.sent);

      // What was learned holds for the next request, whether it streams or not.
      const run = client.stream(requestOf(row));
      expect((await readAll(run.textStream)).items.join('')).toBe('Hi');
      expect(sentFields(server, fieldsOf(row))).toEqual([...row.sent, row.sent.at(-1)]);
    },
  );
});

it('an unknown field of Gemini is found in the description, though the refusal names its parent', async () => {
  const description =
    'Invalid JSON payload received. Unknown name "parametersJsonSchema" at \'tools[0].function_declarations[0]\': Cannot find field.';
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'tools[0].function_declarations[0]', description }],
    },
  ];
  await using server = await startRefusingServer(
    WIRES.gemini,
    (body) =>
      JSON.stringify(body).includes('parametersJsonSchema') && {
        error: { code: 400, message: description, status: 'INVALID_ARGUMENT', details },
      },
  );

  await clientFor(WIRES.gemini, server, 'gemini-3-pro').complete({ ...HELLO, tools: [CLOCK] });

  expect(server.requests).toHaveLength(2);
});

it('the defaults of a provider that makes no choices are left out, each for every request that was refused', async () => {
  await using server = await startRefusingServer(WIRES.openai, (body) =>
    body['heat'] === undefined
      ? body['limit'] && openaiError('max_tokens is too large')
      : openaiError('no temperature'),
  );
  const provider: HttpProvider = {
    ...WIRES.openai.provider(server.url),
    request: ({ temperature, maxTokens }, { defaults }) => ({
      url: server.url,
      headers: new Headers(),
      body: JSON.stringify({
        heat: temperature ?? defaults.temperature,
        limit: maxTokens ?? defaults.maxTokens,
        at: server.requests.length,
      }),
    }),
  };
  const client = new LLMClient({ provider, model: 'm', retry: false });

  await Promise.all(['one', 'two', 'three'].map((prompt) => client.complete(prompt)));
  const before = server.requests.length;
  await client.complete('four');
  const error = await failureOf(client.complete({ prompt: 'five', temperature: 0.7 }));

  expect(before).toBeLessThanOrEqual(9);
  expect(server.requests).toHaveLength(before + 2);
  expect(error).toMatchObject({ status: 400, message: expect.stringContaining('temperature') });
});

describe('requests of one model', () => {
  const row = ROWS.find(({ model }) => model === 'claude-opus-5-5')!;

  it('share what a refusal of one of them taught', async () => {
    await using server = await serverFor(row);
    const client = clientFor(WIRES.anthropic, server, row.model);
    await client.complete(requestOf(row));

    const texts = await Promise.all(Array.from({ length: 20 }, () => client.complete(requestOf(row))));

    expect(texts.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, () => 'Hi'));
    expect(server.requests).toHaveLength(22);
  });

  it('are all answered when they are refused at the same time', async () => {
    await using server = await serverFor(row);
    const client = clientFor(WIRES.anthropic, server, row.model);

    const answers = await Promise.all(Array.from({ length: 20 }, () => client.complete(requestOf(row))));

    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, () => 'Hi'));
    expect(server.requests.length).toBeLessThanOrEqual(40);
  });

  it('do not change those of another model or another client', async () => {
    await using server = await serverFor(row);
    const client = clientFor(WIRES.anthropic, server, row.model);
    await client.complete(requestOf(row));

    await client.complete({ ...requestOf(row), model: 'claude-opus-5-6' });
    await clientFor(WIRES.anthropic, server, row.model).complete(requestOf(row));

    expect(sentFields(server, ['thinking'])).toEqual([
      { thinking: { type: 'disabled' } },
      {},
      { thinking: { type: 'disabled' } },
      {},
      { thinking: { type: 'disabled' } },
      {},
    ]);
  });

  it('keep a value that was not refused', async () => {
    await using server = await startRefusingServer(WIRES.openai, (body) =>
      ['minimal', 'max'].includes(body['reasoning_effort'] as string)
        ? openaiError("Supported values are: 'low', 'medium', and 'high'.", 'reasoning_effort')
        : undefined,
    );
    const client = clientFor(WIRES.openai, server, 'gpt-6');

    for (const effort of ['minimal', 'high', 'max', 'medium'] as const) {
      await client.complete({ ...HELLO, reasoning: { effort } });
    }

    expect(sentFields(server, ['reasoning_effort']).map((fields) => fields['reasoning_effort'])).toEqual([
      'minimal',
      'low',
      'high',
      'high',
      'medium',
    ]);
  });

  it('keep their bound after one of them was too long for the context window', async () => {
    let isFirst = true;
    await using server = await startRefusingServer(WIRES.anthropic, () => {
      const message =
        'input length and `max_tokens` exceed context limit: 188240 + 32000 > 200000, decrease input length or `max_tokens` and try again';
      const refusal = isFirst ? anthropicError(message) : undefined;
      isFirst = false;
      return refusal;
    });
    const client = clientFor(WIRES.anthropic, server, 'claude-opus-5-5');

    await client.complete('hello');
    await client.complete('hello');

    expect(sentFields(server, ['max_tokens'])).toEqual([
      { max_tokens: 32_000 },
      { max_tokens: 11_760 },
      { max_tokens: 32_000 },
    ]);
  });
});

describe("a value that is the caller's", () => {
  const refuseEffort = (body: Body): object | undefined =>
    at(body, 'reasoning_effort') === 'minimal'
      ? openaiError("Supported values are: 'low', 'medium', and 'high'.", 'reasoning_effort')
      : undefined;

  it.each<[string, WireName, GenerateRequest, string, string]>([
    ['temperature', 'openai', { temperature: 0.3 }, 'temperature', "Unsupported value: 'temperature'"],
    ['temperature', 'anthropic', { temperature: 0.3 }, 'temperature', 'temperature: Extra inputs are not permitted'],
    ['maxTokens', 'openai', { maxTokens: 100 }, 'max_tokens', 'max_tokens must be at most 50'],
    ['maxTokens', 'anthropic', { maxTokens: 100 }, 'max_tokens', 'max_tokens: 100 > 50, which is the maximum'],
    ['stop', 'openai', { stop: 'x' }, 'stop', "Unsupported parameter: 'stop' is not supported with this model."],
    [
      'reasoning_effort of providerOptions',
      'openai',
      { providerOptions: { openai: { reasoning_effort: 'minimal' } } },
      'reasoning_effort',
      "Unsupported value: 'minimal'. Supported values are: 'low'. reasoning_effort",
    ],
    [
      'reasoning_effort of providerOptions, beside an option',
      'openai',
      { reasoning: { effort: 'low' }, providerOptions: { openai: { reasoning_effort: 'minimal' } } },
      'reasoning_effort',
      "Unsupported value: 'minimal'. Supported values are: 'low'. reasoning_effort",
    ],
    [
      'reasoning_effort of providerOptions, the same as that of the option',
      'openai',
      { reasoning: { effort: 'minimal' }, providerOptions: { openai: { reasoning_effort: 'minimal' } } },
      'reasoning_effort',
      "Unsupported value: 'minimal'. Supported values are: 'low'. reasoning_effort",
    ],
    [
      'reasoning_effort of providerOptions, beside tools',
      'openai',
      { tools: [CLOCK], providerOptions: { openai: { reasoning_effort: 'low' } } },
      'reasoning_effort',
      EFFORT_NEEDS_NONE,
    ],
    [
      'thinking of providerOptions',
      'anthropic',
      {
        reasoning: { effort: 'low' },
        providerOptions: { anthropic: { thinking: { type: 'enabled', budget_tokens: 5 } } },
      },
      'thinking',
      '"thinking.type.enabled" is not supported for this model.',
    ],
    [
      'thinkingConfig of providerOptions',
      'gemini',
      {
        reasoning: { effort: 'minimal' },
        providerOptions: { gemini: { generationConfig: { thinkingConfig: { thinkingLevel: 'minimal', x: 1 } } } },
      },
      'generationConfig.thinkingConfig',
      'Thinking level MINIMAL is not supported for this model.',
    ],
  ])('is not changed: %s (%s)', async (_title, wire, request, field, message) => {
    await using server = await startRefusingServer(WIRES[wire], (body) =>
      at(body, field) === undefined ? undefined : WIRES[wire].refusal(message, field),
    );

    const error = await failureOf(clientFor(WIRES[wire], server, 'model-1').complete({ ...HELLO, ...request }));

    expect(error).toMatchObject({ code: 'invalid_request', status: 400, message: expect.stringContaining(message) });
    expect(server.requests).toHaveLength(1);
  });

  it('is not changed in the body of the provider', async () => {
    await using server = await startRefusingServer(WIRES.openai, refuseEffort);
    const provider = { ...WIRES.openai.provider(server.url) };
    for (const body of [{ reasoning_effort: 'minimal' }, (sent: Body) => ({ ...sent, reasoning_effort: 'minimal' })]) {
      const client = new LLMClient({
        provider: openai({ baseURL: server.url, body }),
        model: provider.name,
        retry: false,
      });
      await failureOf(client.complete({ ...HELLO, reasoning: { effort: 'low' } }));
    }
    expect(server.requests).toHaveLength(2);
  });

  it('teaches nothing about the choices of later requests', async () => {
    await using server = await startRefusingServer(WIRES.openai, refuseEffort);
    const client = clientFor(WIRES.openai, server, 'gpt-6');
    const providerOptions = { openai: { reasoning_effort: 'minimal' } };
    await failureOf(client.complete({ ...HELLO, reasoning: { effort: 'minimal' }, providerOptions }));

    await client.complete({ ...HELLO, reasoning: { effort: 'minimal' } });

    expect(sentFields(server, ['reasoning_effort'])).toEqual([
      { reasoning_effort: 'minimal' },
      { reasoning_effort: 'minimal' },
      { reasoning_effort: 'low' },
    ]);
  });

  it.each(
    [EFFORT_NEEDS_NONE, ...TOOLS_NEED_NO_REASONING].flatMap((message) =>
      [true, { effort: 'low' }, { effort: 'minimal' }].map(
        (reasoning) => [reasoning as GenerateRequest['reasoning'], message] as const,
      ),
    ),
  )('reasoning with tools (%o) fails with the provider that can do both, after "%s"', async (reasoning, message) => {
    await using server = await startRefusingServer(WIRES.openai, () => openaiError(message, 'reasoning_effort'));
    const client = clientFor(WIRES.openai, server, 'gpt-5.6-terra');

    const error = await failureOf(client.complete({ ...HELLO, tools: [CLOCK], reasoning }));

    expect(error).toMatchObject({
      name: 'InvalidRequestError',
      status: 400,
      provider: 'openai',
      message: expect.stringMatching(/(tools|function).*use openaiResponses/i),
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the number of requests', () => {
  it('is at most five for one attempt, each field changed once', async () => {
    await using server = await startHttpServer((request) => {
      const body = bodyOf(request);
      const names: readonly (readonly [string, string])[] = [
        ['reasoning.effort', 'reasoning.effort'],
        ['reasoning.summary', 'reasoning.summary'],
        ['include', 'include'],
        ['store', 'store'],
        ['tools.0.strict', 'tools[0].strict'],
        ['tool_choice', 'tool_choice'],
      ];
      const [, name] = names.find(([path]) => at(body, path) !== undefined) ?? ['', 'model'];
      return refused(openaiError(`Unsupported value: '${name}'.`, name));
    });
    const client = clientFor(WIRES.openaiResponses, server, 'gpt-6');

    const error = await failureOf(
      client.complete({ ...HELLO, reasoning: { effort: 'high' }, tools: [CLOCK], toolChoice: 'auto' }),
    );

    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('strict') });
    expect(server.requests).toHaveLength(5);
  });

  it('does not change the same field twice', async () => {
    await using server = await startRefusingServer(WIRES.openai, (body) =>
      openaiError(`Unsupported value: '${String(body['reasoning_effort'])}'.`, 'reasoning_effort'),
    );

    const client = clientFor(WIRES.openai, server, 'gpt-6');
    const error = await failureOf(client.complete({ ...HELLO, reasoning: { effort: 'minimal' } }));

    expect(error).toMatchObject({ message: expect.stringContaining("'low'") });
    expect(sentFields(server, ['reasoning_effort'])).toEqual([
      { reasoning_effort: 'minimal' },
      { reasoning_effort: 'low' },
    ]);
  });

  it.each<[string, object | string, number?]>([
    ['the messages', openaiError('messages: roles must alternate')],
    ['a field of the messages', openaiError('Invalid type: the temperature is text', 'messages[0].content')],
    ['a path of the messages', { type: 'error', error: { message: 'messages.0.content: temperature is empty' } }],
    ['nothing', ''],
    ['no string', { error: { message: { a: [1, null] }, param: 7 } }],
    [
      'thoughts that could not be verified',
      openaiError('The encrypted content gAAA...Rg== could not be verified. Temperatures'),
    ],
    [
      'a field of the caller, and lists the others',
      openaiError("Unknown parameter: 'foo'. Supported are temperature, max_tokens."),
    ],
    ['a page', '<html><body>Bad Request</body></html>'],
    ['the field, with status 403', openaiError('temperature', 'temperature'), 403],
    ['the field, with status 404', openaiError('temperature', 'temperature'), 404],
    [
      'missing messages, with an echo',
      { detail: [{ loc: ['body', 'messages'], msg: 'Field required', input: { temperature: 0.7 } }] },
    ],
    ['deeply nested JSON', `${'{"error":'.repeat(2000)}"temperature"${'}'.repeat(2000)}`],
  ])('is one for a refusal that names %s', async (_title, body, status = 400) => {
    await using server = await startHttpServer(refused(body, status));

    const error = await failureOf(clientFor(WIRES.openai, server, 'model-1').complete('hello'));

    expect(error).toMatchObject({ status });
    expect(server.requests).toHaveLength(1);
  });

  it('leaves the retries of the call unused', async () => {
    const attempts: number[] = [];
    let failures = 2;
    await using server = await startHttpServer((request) => {
      if (bodyOf(request)['temperature'] !== undefined) return refused(openaiError('no temperature', 'temperature'));
      failures -= 1;
      return failures >= 0 ? refused('', 503) : { chunks: [{ text: WIRES.openai.answer('Hi') }] };
    });
    const client = clientFor(WIRES.openai, server, 'model-1', {
      retry: { maxRetries: 2, onRetry: ({ attempt }) => attempts.push(attempt) },
    });

    expect((await client.complete('hello')).text).toBe('Hi');
    expect(attempts).toEqual([1, 2]);
    expect(sentFields(server, ['temperature'])).toEqual([{ temperature: 0.7 }, {}, {}, {}]);
  });

  it('does not go on after an abort', async () => {
    const controller = new AbortController();
    await using server = await startHttpServer((request) =>
      bodyOf(request)['temperature'] === undefined
        ? { chunks: [{ text: WIRES.openai.answer('Hi'), gate: 'never' }] }
        : refused(openaiError('no temperature', 'temperature')),
    );
    const client = clientFor(WIRES.openai, server, 'model-1');
    const run = client.stream('hello', { signal: controller.signal });
    await eventually(() => server.requests.length).toBe(2);

    controller.abort();

    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError' });
    await eventually(() => server.requests[1]?.closedEarly).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  it('ends at the deadline for the headers, which spans them all', async () => {
    await using server = await startHttpServer((request) =>
      bodyOf(request)['temperature'] === undefined
        ? { headersDelayMs: 60_000 }
        : refused(openaiError('no temperature', 'temperature')),
    );
    const client = clientFor(WIRES.openai, server, 'model-1', { timeout: { headersMs: 300 } });

    expect(await failureOf(client.complete('hello'))).toMatchObject({ code: 'timeout', phase: 'headers' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('an object', () => {
  const schema = z.object({ name: z.string() });
  const cases: readonly (readonly [WireName, string, object])[] = [
    ['openai', 'response_format', { error: { message: 'This response_format type is unavailable now', param: null } }],
    [
      'openai',
      'response_format',
      openaiError('Failed to deserialize the JSON body: response_format.type `json_schema` is unavailable now'),
    ],
    [
      'openaiResponses',
      'text',
      openaiError(
        "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model.",
        'text.format',
      ),
    ],
    ['anthropic', 'output_config', anthropicError('output_config.format: Extra inputs are not permitted')],
    ['anthropic', 'output_config', anthropicError('This model does not support structured outputs.')],
    ['anthropic', 'output_config', anthropicError('This model does not support output format.')],
    ['openai', 'response_format', openaiError('json_schema is not supported')],
    ['openai', 'response_format', openaiError('JSON mode is not enabled for this model')],
    ['openai', 'response_format', openaiError('guided decoding is not supported by this backend')],
    ['gemini', 'generationConfig.responseJsonSchema', geminiError('Controlled generation is not supported.')],
    ['ollama', 'format', { error: 'structured outputs are not supported by this model' }],
    [
      'gemini',
      'generationConfig.responseJsonSchema',
      geminiError(
        'Invalid JSON payload received. Unknown name "responseJsonSchema" at \'generation_config\': Cannot find field.',
      ),
    ],
    [
      'ollama',
      'format',
      { error: 'json: cannot unmarshal object into Go struct field ChatRequest.format of type string' },
    ],
  ];

  it.each(cases)('is asked for in words where %s refuses %s', async (wire, field, refusal) => {
    await using server = await startRefusingServer(WIRES[wire], (body) => (at(body, field) ? refusal : undefined), {
      text: 'Here it is:\n```json\n{"name":"Ada"}\n```',
    });
    const client = clientFor(WIRES[wire], server, 'model-1');

    expect((await completeObject(client, { prompt: 'Who?', system: 'Be brief.', schema })).object).toEqual({
      name: 'Ada',
    });
    expect((await completeObject(client, { prompt: 'Who?', schema })).object).toEqual({ name: 'Ada' });

    expect(server.requests).toHaveLength(3);
    expect(server.requests[1]!.body).toMatch(/Be brief\.\\n\\nAnswer with JSON only/);
    expect(at(bodyOf(server.requests[2]!), field)).toBeUndefined();
  });

  it('that is a list is read from the words too', async () => {
    await using server = await startRefusingServer(
      WIRES.openai,
      (body) => at(body, 'response_format') && cases[0]![2],
      {
        text: '{"value":[{"name":"Ada"},{"name":"Bob"}]}',
      },
    );
    const client = clientFor(WIRES.openai, server, 'model-1');

    const { object } = await completeObject(client, { prompt: 'Who?', array: schema });

    expect(object).toEqual([{ name: 'Ada' }, { name: 'Bob' }]);
    expect(server.requests).toHaveLength(2);
  });

  it('is asked for by its schema again after another schema was refused', async () => {
    await using server = await startRefusingServer(
      WIRES.openai,
      (body) =>
        JSON.stringify(body['response_format'] ?? '').includes('"bad"')
          ? openaiError(
              "Invalid schema for response_format 'answer': In context=('properties', 'bad'), …",
              'response_format',
            )
          : undefined,
      { text: '{"name":"Ada","bad":"x"}' },
    );
    const client = clientFor(WIRES.openai, server, 'model-1');

    await completeObject(client, { prompt: 'Who?', schema: schema.extend({ bad: z.string() }) });
    await completeObject(client, { prompt: 'Who?', schema });

    expect(server.requests.map((request) => bodyOf(request)['response_format'] !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('keeps the mode that the caller insists on', async () => {
    await using server = await startRefusingServer(WIRES.openai, (body) => at(body, 'response_format') && cases[0]![2]);
    const client = clientFor(WIRES.openai, server, 'model-1');

    const error = await failureOf(completeObject(client, { prompt: 'Who?', schema, mode: 'schema' }));

    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('response_format') });
    expect(server.requests).toHaveLength(1);
  });

  it('is called for in words in mode tool', async () => {
    const call = (body: Body): boolean => at(body, 'tool_choice.type') === 'tool';
    await using server = await startHttpServer((request) => {
      if (call(bodyOf(request)))
        return refused(anthropicError('tool_choice forces tool use is not compatible with this model.'));
      const events = [
        { type: 'message_start', message: { id: 'msg_1', model: 'm', content: [] } },
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'tool_use', id: 'c1', name: 'answer', input: {} },
        },
        { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"name":"Ada"}' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
        { type: 'message_stop' },
      ];
      return { chunks: events.map((event) => ({ text: `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n` })) };
    });
    const client = clientFor(WIRES.anthropic, server, 'claude-opus-5-5');

    const { object } = await completeObject(client, { prompt: 'Who?', schema, mode: 'tool' });

    expect(object).toEqual({ name: 'Ada' });
    expect(bodyOf(server.requests[1]!)).toMatchObject({
      tool_choice: { type: 'auto' },
      system: 'You must call the tool answer.',
    });
  });
});

describe('a refusal', () => {
  it.each<[WireName, string, GenerateRequest, string]>([
    [
      'openai',
      'gpt-5.6',
      { tools: [CLOCK] },
      `data: ${JSON.stringify(openaiError(EFFORT_NEEDS_NONE, 'reasoning_effort'))}\n\n`,
    ],
    [
      'anthropic',
      'claude-opus-5-5',
      { reasoning: { effort: 'none' } },
      `event: error\ndata: ${JSON.stringify(anthropicError('"thinking.type.disabled" is not supported for this model.'))}\n\n`,
    ],
    [
      'gemini',
      'gemini-3-pro',
      { reasoning: { effort: 'minimal' } },
      `data: ${JSON.stringify(geminiError('Thinking level MINIMAL is not supported for this model.'))}\n\n`,
    ],
  ])('that %s sends with status 200 is answered too', async (wire, model, request, text) => {
    await using server = await startHttpServer([
      { chunks: [{ text }] },
      { chunks: [{ text: WIRES[wire].answer('Hi') }] },
    ]);

    const completion = await clientFor(WIRES[wire], server, model).complete({ ...HELLO, ...request });

    expect(completion.text).toBe('Hi');
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]!.body).not.toBe(server.requests[0]!.body);
  });

  it('and a key that has expired are answered in one attempt', async () => {
    const keys = ['key-old', 'key-new'];
    await using server = await startHttpServer((request) => {
      if (request.headers['authorization'] !== 'Bearer key-new') return refused(openaiError('No such key'), 401);
      if (bodyOf(request)['temperature'] !== undefined) return refused(openaiError('no temperature', 'temperature'));
      return { chunks: [{ text: WIRES.openai.answer('Hi') }] };
    });
    const provider = openai({ baseURL: server.url, apiKey: () => (keys.length > 1 ? keys.shift()! : keys[0]!) });
    const client = new LLMClient({ provider, model: 'model-1', retry: false });

    expect((await client.complete('hello')).text).toBe('Hi');
    expect(server.requests).toHaveLength(3);
  });

  it('in a chat with tools is answered within the turn', async () => {
    await using server = await startHttpServer((request) => {
      const body = bodyOf(request);
      if (body['reasoning_effort'] !== 'none') return refused(openaiError(EFFORT_NEEDS_NONE, 'reasoning_effort'));
      const called = (body['messages'] as Body[]).some(({ role }) => role === 'tool');
      if (called) return { chunks: [{ text: WIRES.openai.answer('It is noon.') }] };
      const toolCalls = [{ index: 0, id: 'c1', type: 'function', function: { name: 'clock', arguments: '{}' } }];
      return { chunks: [{ text: delta({ tool_calls: toolCalls }) + finish('tool_calls') + DONE }] };
    });
    const chat = createChat({
      client: clientFor(WIRES.openai, server, 'gpt-5.6-terra'),
      tools: { clock: tool({ inputSchema: z.object({}), execute: () => 'noon' }) },
    });

    await chat.sendMessage('What time is it?');

    const { messages, status } = chat.getSnapshot();
    expect(status).toBe('ready');
    expect(messageText(messages.at(-1))).toBe('It is noon.');
    expect(sentFields(server, ['reasoning_effort'])).toEqual([
      {},
      { reasoning_effort: 'none' },
      { reasoning_effort: 'none' },
    ]);
  });
});
