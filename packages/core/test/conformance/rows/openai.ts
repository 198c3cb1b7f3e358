import { openai } from '@rivulet/core/openai';
import { sseFrame, type ConformanceRow, type ErrorKind, type Scenario, type ScenarioPart } from '../row.ts';

/** What a thinking model of Google signs its first call with: it has to go back. */
const SIGNED = { extra_content: { google: { thought_signature: 'c2lnbmF0dXJl' } } };

interface WireMessage {
  readonly role: string;
  readonly content?: string | null | readonly { readonly text?: string }[];
  readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[];
}

function textOf(content: WireMessage['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('');
}

function usageOf({ usage }: Scenario): object | undefined {
  return (
    usage && {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      ...(usage.cached !== undefined && { prompt_tokens_details: { cached_tokens: usage.cached } }),
      ...(usage.reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: usage.reasoning } }),
    }
  );
}

function finishOf({ finish }: Scenario): string {
  // A refusal is told by the field that its words are in.
  return finish === 'refusal' ? 'stop' : finish.replace('-', '_');
}

const FIELDS = { text: 'content', reasoning: 'reasoning_content', refusal: 'refusal' } as const;

function deltasOf(scenario: Scenario): object[] {
  let calls = -1;
  return scenario.parts.flatMap<object>((part) => {
    if (part.type !== 'tool-call') return part.pieces.map((piece) => ({ [FIELDS[part.type]]: piece }));
    calls += 1;
    const index = calls;
    return [
      { tool_calls: [{ index, ...callOf(part, index, '') }] },
      ...part.pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ];
  });
}

type CallPart = Extract<ScenarioPart, { type: 'tool-call' }>;

function callOf({ id, name }: CallPart, index: number, args: string): object {
  return { id, type: 'function', function: { name, arguments: args }, ...(index === 0 && SIGNED) };
}

function joined(scenario: Scenario, type: keyof typeof FIELDS): string | null {
  return scenario.parts.flatMap((part) => (part.type === type ? part.pieces : [])).join('') || null;
}

const ERRORS: Readonly<Record<ErrorKind, readonly [status: number, type: string, code: string | null, says: string]>> =
  {
    rate_limit: [429, 'requests', 'rate_limit_exceeded', 'Rate limit reached. Please try again in 1.5s.'],
    insufficient_quota: [429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your current quota.'],
    overloaded: [503, 'server_error', 'service_unavailable', 'The engine is currently overloaded, please try again.'],
    authentication: [401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'],
    permission_denied: [403, 'permission_error', null, 'You are not allowed to sample from this model.'],
    not_found: [404, 'invalid_request_error', 'model_not_found', 'The model does not exist.'],
    context_length: [
      400,
      'invalid_request_error',
      'context_length_exceeded',
      "This model's maximum context length is 8192 tokens.",
    ],
    invalid_request: [400, 'invalid_request_error', null, 'Unsupported value: stop.'],
    // https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
    refusal: [400, 'invalid_request_error', 'content_filter', 'The prompt triggered the content management policy.'],
    server: [500, 'server_error', null, 'The server had an error while processing your request.'],
  };

function errorBody(kind: ErrorKind, message?: string): object {
  const [, type, code, says] = ERRORS[kind];
  return { error: { message: message ?? says, type, param: null, code } };
}

export const row: ConformanceRow = {
  name: 'openai',
  provider: (baseURL, apiKey) => openai({ baseURL, apiKey }),
  contentType: 'text/event-stream',
  stream(scenario) {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'model-1' };
    const usage = usageOf(scenario);
    const deltas = [{ role: 'assistant', content: '' }, ...deltasOf(scenario)];
    return {
      frames: [
        ...deltas.map((delta) => sseFrame({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] })),
        sseFrame({ ...chunk, choices: [{ index: 0, delta: {}, finish_reason: finishOf(scenario) }] }),
        ...(usage ? [sseFrame({ ...chunk, choices: [], usage })] : []),
        'data: [DONE]\n\n',
      ],
      end: deltas.length,
    };
  },
  whole(scenario) {
    const calls = scenario.parts
      .filter((part) => part.type === 'tool-call')
      .map((part, index) => callOf(part, index, part.pieces.join('')));
    return JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'model-1',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: joined(scenario, 'text'),
            refusal: joined(scenario, 'refusal'),
            reasoning_content: joined(scenario, 'reasoning'),
            ...(calls.length > 0 && { tool_calls: calls }),
          },
          finish_reason: finishOf(scenario),
        },
      ],
      usage: usageOf(scenario),
    });
  },
  errorResponse: (kind, message) => ({
    status: ERRORS[kind][0],
    body: JSON.stringify(errorBody(kind, message)),
    ...(kind === 'rate_limit' && { headers: { 'retry-after': '2' }, retryAfterMs: 2000 }),
  }),
  errorFrame: (kind, message) => sseFrame(errorBody(kind, message)),
  unknownFrame: sseFrame({ object: 'chat.completion.news', choices: [], news: { text: 'none' } }),
  repeatFinish: (frame, scenario) => frame.replace('"finish_reason":null', `"finish_reason":"${finishOf(scenario)}"`),
  refusable: [
    {
      at: 'temperature',
      refusal: "Unsupported value: 'temperature' does not support 0.7 with this model.",
      set: { temperature: 0.2 },
    },
    {
      at: 'max_tokens',
      refusal: 'max_tokens is too large: 2000. This model supports at most 1024 completion tokens.',
      healed: 1024,
      set: { maxTokens: 5000 },
    },
    {
      at: 'stream_options',
      refusal: "Unknown parameter: 'stream_options'.",
      set: { providerOptions: { openai: { stream_options: { include_usage: false } } } },
    },
    {
      at: 'reasoning_effort',
      request: { reasoning: { effort: 'minimal' } },
      refusal: "'reasoning_effort' does not support 'minimal'. Supported values are: 'medium' and 'high'.",
      healed: 'medium',
      set: { providerOptions: { openai: { reasoning_effort: 'minimal' } } },
    },
  ],
  lacks: {
    refusal: 'a refusal is told by its words',
    'unknown-content': 'a message has no list of items; unknown fields are in the history',
  },
  headers: ['authorization', 'content-type'],
  history: () => ({
    messages: [
      { role: 'user', content: 'How warm is it in Paris?' },
      {
        role: 'assistant',
        content: 'I will look.',
        reasoning_content: 'Let me see.',
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'weather', arguments: '{"city":"Paris"}' },
            ...SIGNED,
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"celsius":21}' },
      { role: 'user', content: 'And tomorrow?' },
    ],
  }),
  sent(body) {
    const { messages } = JSON.parse(body) as { readonly messages: readonly WireMessage[] };
    return {
      userText: textOf(messages.findLast(({ role }) => role === 'user')?.content),
      callInputs: messages.flatMap(({ tool_calls: calls = [] }) =>
        calls.map((call): unknown => JSON.parse(call.function.arguments)),
      ),
    };
  },
};
