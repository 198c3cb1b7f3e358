import { openaiResponses } from '@rivulet/core/openai-responses';
import { sseFrame, type ConformanceRow, type ErrorKind, type Scenario, type ScenarioPart } from '../row.ts';

/** What comes encrypted with the thoughts, and has to go back with them. */
const ENCRYPTED = 'gAAAAAB-encrypted';

interface WireInput {
  readonly type?: string;
  readonly role?: string;
  readonly content?: readonly { readonly text?: string }[];
  readonly arguments?: string;
}

function inputOf(body: string): readonly WireInput[] {
  return (JSON.parse(body) as { readonly input: readonly WireInput[] }).input;
}

function usageOf({ usage }: Scenario): object | null {
  if (!usage) return null;
  return {
    input_tokens: usage.input,
    ...(usage.cached !== undefined && { input_tokens_details: { cached_tokens: usage.cached } }),
    output_tokens: usage.output,
    ...(usage.reasoning !== undefined && { output_tokens_details: { reasoning_tokens: usage.reasoning } }),
    total_tokens: usage.input + usage.output,
  };
}

/** The item as it is when it is done. */
function itemOf(part: ScenarioPart, at: number): object {
  const whole = part.pieces.join('');
  switch (part.type) {
    case 'tool-call':
      return { id: `fc_${at}`, type: 'function_call', call_id: part.id, name: part.name, arguments: whole };
    case 'reasoning':
      return {
        id: `rs_${at}`,
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: whole }],
        encrypted_content: ENCRYPTED,
      };
    default: {
      const content =
        part.type === 'text'
          ? { type: 'output_text', text: whole, annotations: [] }
          : { type: 'refusal', refusal: whole };
      return { id: `msg_${at}`, type: 'message', role: 'assistant', content: [content] };
    }
  }
}

const DELTAS = {
  text: ['output_text', { content_index: 0 }],
  refusal: ['refusal', { content_index: 0 }],
  reasoning: ['reasoning_summary_text', { summary_index: 0 }],
  'tool-call': ['function_call_arguments', {}],
} as const;

function eventsOf(part: ScenarioPart, at: number): object[] {
  const item = itemOf(part, at);
  const begun = { ...item, ...(part.type === 'tool-call' ? { arguments: '' } : { content: [], summary: [] }) };
  const [name, place] = DELTAS[part.type];
  return [
    { type: 'response.output_item.added', output_index: at, item: begun },
    ...part.pieces.map((delta) => ({ type: `response.${name}.delta`, output_index: at, ...place, delta })),
    { type: 'response.output_item.done', output_index: at, item },
  ];
}

function responseOf(scenario: Scenario): { readonly status: string; readonly [field: string]: unknown } {
  const reason = { length: 'max_output_tokens', 'content-filter': 'content_filter' }[scenario.finish as string];
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'model-1',
    store: false,
    error: null,
    status: reason ? 'incomplete' : 'completed',
    incomplete_details: reason ? { reason } : null,
    output: scenario.parts.map(itemOf),
    usage: usageOf(scenario),
  };
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
      'Your input exceeds the context window of this model.',
    ],
    invalid_request: [400, 'invalid_request_error', null, 'Unsupported value.'],
    // https://platform.openai.com/docs/api-reference/responses/object
    refusal: [400, 'image_generation_user_error', 'image_content_policy_violation', 'The prompt was rejected.'],
    server: [500, 'server_error', 'server_error', 'The server had an error while processing your request.'],
  };

function errorOf(kind: ErrorKind, message?: string): object {
  const [, type, code, says] = ERRORS[kind];
  return { type, code, message: message ?? says, param: null };
}

function numbered(events: readonly object[]): string[] {
  return events.map((event, at) =>
    sseFrame({ sequence_number: at, ...event }, (event as { readonly type: string }).type),
  );
}

export const row: ConformanceRow = {
  name: 'openaiResponses',
  provider: (baseURL, apiKey) => openaiResponses({ baseURL, apiKey }),
  contentType: 'text/event-stream',
  stream(scenario) {
    const response = responseOf(scenario);
    const begun = { ...response, status: 'in_progress', output: [], usage: null, incomplete_details: null };
    const frames = numbered([
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      ...scenario.parts.flatMap(eventsOf),
      { type: `response.${response.status}`, response },
    ]);
    return { frames, end: frames.length - 1 };
  },
  whole: (scenario) => JSON.stringify(responseOf(scenario)),
  errorResponse: (kind, message) => ({
    status: ERRORS[kind][0],
    body: JSON.stringify({ error: errorOf(kind, message) }),
    ...(kind === 'rate_limit' && { headers: { 'retry-after': '2' }, retryAfterMs: 2000 }),
  }),
  errorFrame: (kind, message) =>
    sseFrame({ type: 'error', sequence_number: 9, error: errorOf(kind, message) }, 'error'),
  unknownFrame: sseFrame({ type: 'response.web_search_call.searching', output_index: 99, item_id: 'ws_1' }),
  mayRepeat: () => true,
  unknownContent: {
    items: (turn) => [
      { id: `ws_${turn}`, type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'Paris' } },
      {
        id: `mcpl_${turn}`,
        type: 'mcp_list_tools',
        server_label: 'maps',
        tools: [{ name: 'route', input_schema: {} }],
      },
      { id: `new_${turn}`, type: 'new_call', status: 'completed', steps: [{ at: [1, 2] }], result: null },
      { id: `ci_${turn}`, type: 'code_interpreter_call', status: 'completed', code: '1 + 1', outputs: [] },
    ],
    stream(content) {
      const output = content.map((item, at) =>
        typeof item === 'string' ? itemOf({ type: 'text', pieces: [item] }, at) : item,
      );
      const response = { ...responseOf({ parts: [], finish: 'stop' }), output };
      return numbered([
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        ...content.flatMap<object>((item, at) =>
          typeof item === 'string'
            ? eventsOf({ type: 'text', pieces: [item] }, at)
            : [
                { type: 'response.output_item.added', output_index: at, item: { ...item, status: 'in_progress' } },
                { type: 'response.output_item.done', output_index: at, item },
              ],
        ),
        { type: 'response.completed', response },
      ]);
    },
    sent: (body) =>
      inputOf(body).flatMap<string | object>((item) => {
        if (item.role === 'user') return [];
        return item.role === 'assistant' ? item.content!.map(({ text = '' }) => text) : item;
      }),
  },
  refusable: [
    {
      at: 'temperature',
      refusal: "Unsupported parameter: 'temperature' is not supported with this model.",
      set: { temperature: 0.2 },
    },
    {
      at: 'max_output_tokens',
      refusal: "Invalid 'max_output_tokens': must be <= 1024.",
      healed: 1024,
      set: { maxTokens: 5000 },
    },
    {
      at: 'store',
      refusal: "Unknown parameter: 'store'.",
      set: { providerOptions: { openaiResponses: { store: true } } },
    },
    {
      at: 'reasoning.effort',
      request: { reasoning: { effort: 'minimal' } },
      refusal: "'reasoning.effort' does not support 'minimal'. Supported values are: 'low', 'medium' and 'high'.",
      healed: 'low',
      set: { providerOptions: { openaiResponses: { reasoning: { effort: 'minimal' } } } },
    },
  ],
  lacks: {
    refusal: 'a refusal always has words',
    'tagged-thoughts': 'its servers separate thoughts from the text',
    'repeated-finish': 'only the last event has the state of the response',
  },
  headers: ['authorization', 'content-type'],
  history: () => ({
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'How warm is it in Paris?' }] },
      {
        id: 'rs_0',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Let me see.' }],
        encrypted_content: ENCRYPTED,
      },
      { role: 'assistant', content: [{ type: 'output_text', text: 'I will look.', annotations: [] }] },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' },
      { type: 'function_call_output', call_id: 'call_1', output: '{"celsius":21}' },
      { role: 'user', content: [{ type: 'input_text', text: 'And tomorrow?' }] },
    ],
  }),
  sent: (body) => ({
    userText: inputOf(body)
      .findLast(({ role }) => role === 'user')!
      .content!.map(({ text = '' }) => text)
      .join(''),
    callInputs: inputOf(body).flatMap<unknown>((item) =>
      item.type === 'function_call' ? [JSON.parse(item.arguments!)] : [],
    ),
  }),
};
