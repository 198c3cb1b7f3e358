import { anthropic } from '@rivulet/core/anthropic';
import { argumentsOf, sseFrame, type ConformanceRow, type ErrorKind, type Scenario } from '../row.ts';

const REASONS: Partial<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  pause: 'pause_turn',
};

interface WireBlock {
  readonly type: string;
  readonly text?: string;
  readonly input?: unknown;
  readonly title?: string;
  readonly source?: { readonly data: string };
}

interface WireMessage {
  readonly role: string;
  readonly content: readonly WireBlock[];
}

function messagesOf(body: string): readonly WireMessage[] {
  return (JSON.parse(body) as { readonly messages: readonly WireMessage[] }).messages;
}

function event(type: string, fields: object = {}): string {
  return sseFrame({ type, ...fields }, type);
}

function usageOf({ usage }: Scenario, output: number): object {
  if (!usage) return { input_tokens: 7, output_tokens: output };
  const { input, cached = 0, reasoning } = usage;
  return {
    input_tokens: input - cached,
    ...(usage.cached !== undefined && { cache_read_input_tokens: cached }),
    output_tokens: output,
    ...(reasoning !== undefined && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

function stopOf({ parts, finish }: Scenario): object {
  const explanation = parts.flatMap((part) => (part.type === 'refusal' ? part.pieces : [])).join('');
  return {
    stop_reason: REASONS[finish],
    stop_sequence: null,
    stop_details: finish === 'refusal' && explanation ? { type: 'refusal', category: 'cyber', explanation } : null,
  };
}

/** The blocks of an answer: how each begins, how it goes on, and the whole of it. */
function blocksOf({ parts }: Scenario): { start: object; deltas: object[]; whole: object }[] {
  return parts.flatMap((part) => {
    const text = part.pieces.join('');
    switch (part.type) {
      case 'text':
        return {
          start: { type: 'text', text: '' },
          deltas: part.pieces.map((piece) => ({ type: 'text_delta', text: piece })),
          whole: { type: 'text', text },
        };
      case 'reasoning':
        return {
          start: { type: 'thinking', thinking: '', signature: '' },
          deltas: [
            ...part.pieces.map((piece) => ({ type: 'thinking_delta', thinking: piece })),
            { type: 'signature_delta', signature: 'signature-1' },
          ],
          whole: { type: 'thinking', thinking: text, signature: 'signature-1' },
        };
      case 'tool-call': {
        const { id, name } = part;
        return {
          start: { type: 'tool_use', id, name, input: {} },
          deltas: ['', ...part.pieces].map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
          get whole() {
            return { type: 'tool_use', id, name, input: argumentsOf(part.pieces) };
          },
        };
      }
      default:
        return [];
    }
  });
}

const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'model-1' };

const ERRORS: Readonly<Record<ErrorKind, readonly [status: number, type: string, says: string]>> = {
  rate_limit: [429, 'rate_limit_error', 'This request would exceed the rate limit of your organization.'],
  insufficient_quota: [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
  authentication: [401, 'authentication_error', 'invalid x-api-key'],
  permission_denied: [403, 'permission_error', 'Your API key does not have permission to use the specified resource.'],
  not_found: [404, 'not_found_error', 'model: model-1'],
  context_length: [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
  invalid_request: [400, 'invalid_request_error', 'messages: at least one message is required'],
  refusal: [400, 'invalid_request_error', 'Output blocked by content filtering policy'],
  server: [500, 'api_error', 'Internal server error'],
};

function errorBody(kind: ErrorKind, message?: string): object {
  const [, type, says] = ERRORS[kind];
  return { type: 'error', error: { type, message: message ?? says }, request_id: 'req_1' };
}

export const row: ConformanceRow = {
  name: 'anthropic',
  provider: (baseURL, apiKey) => anthropic({ baseURL, apiKey }),
  contentType: 'text/event-stream',
  stream(scenario) {
    const frames = [
      event('message_start', { message: { ...MESSAGE, content: [], stop_reason: null, usage: usageOf(scenario, 1) } }),
      ...blocksOf(scenario).flatMap(({ start, deltas }, index) =>
        [event('content_block_start', { index, content_block: start })].concat(
          deltas.map((delta) => event('content_block_delta', { index, delta })),
          event('content_block_stop', { index }),
        ),
      ),
      event('message_delta', { delta: stopOf(scenario), usage: { output_tokens: scenario.usage?.output ?? 9 } }),
      event('message_stop'),
    ];
    return { frames, end: frames.length - 1 };
  },
  whole: (scenario) =>
    JSON.stringify({
      ...MESSAGE,
      content: blocksOf(scenario).map(({ whole }) => whole),
      ...stopOf(scenario),
      usage: usageOf(scenario, scenario.usage?.output ?? 9),
    }),
  errorResponse: (kind, message) => ({
    status: ERRORS[kind][0],
    body: JSON.stringify(errorBody(kind, message)),
    ...(kind === 'rate_limit' && { headers: { 'retry-after': '2' }, retryAfterMs: 2000 }),
  }),
  errorFrame: (kind, message) => sseFrame(errorBody(kind, message), 'error'),
  unknownFrame: event('ping'),
  mayRepeat: (frame) => !frame.includes('content_block_delta'),
  unknownContent: {
    items: (turn) => [
      { type: 'server_tool_use', id: `srvtoolu_${turn}`, name: 'web_search', input: { query: 'Paris', limit: [1] } },
      {
        type: 'web_search_tool_result',
        tool_use_id: `srvtoolu_${turn}`,
        content: [{ type: 'web_search_result', url: 'https://paris.example', encrypted_content: 'abc' }],
      },
      { type: 'new_block', id: `new_${turn}`, steps: [{ at: [1, 2] }] },
      { type: 'compaction', content: 'The user asked for Paris.' },
    ],
    stream(content) {
      const frames = [
        event('message_start', {
          message: { ...MESSAGE, content: [], stop_reason: null, usage: { output_tokens: 1 } },
        }),
      ];
      for (const [index, item] of content.entries()) {
        // Arguments come in deltas, as in the calls of the client's tools.
        const { input, ...rest } = typeof item === 'string' ? { input: undefined } : (item as { input?: object });
        const block = typeof item === 'string' ? { type: 'text', text: '' } : { ...rest, ...(input && { input: {} }) };
        frames.push(event('content_block_start', { index, content_block: block }));
        const delta =
          typeof item === 'string'
            ? { type: 'text_delta', text: item }
            : input && { type: 'input_json_delta', partial_json: JSON.stringify(input) };
        if (delta) frames.push(event('content_block_delta', { index, delta }));
        frames.push(event('content_block_stop', { index }));
      }
      return [
        ...frames,
        event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }),
        event('message_stop'),
      ];
    },
    sent: (body) =>
      messagesOf(body).flatMap(({ role, content }) =>
        role === 'assistant' ? content.map((block) => (block.type === 'text' ? block.text! : block)) : [],
      ),
  },
  refusable: [
    { at: 'temperature', refusal: '`temperature` is deprecated for this model.', set: { temperature: 0.2 } },
    {
      at: 'max_tokens',
      refusal: 'max_tokens: 2000 > 1024, which is the maximum allowed number of output tokens for model-1',
      healed: 1024,
      set: { maxTokens: 5000 },
    },
    {
      at: 'thinking',
      request: { reasoning: { effort: 'none' } },
      refusal: '"thinking.type.disabled" is not supported for this model.',
      set: { providerOptions: { anthropic: { thinking: { type: 'disabled' } } } },
    },
  ],
  lacks: {
    'content-filter': 'what Anthropic filters is a refusal',
    'tagged-thoughts': 'its servers separate thoughts from the text',
    'repeated-finish': 'the reason has an event of its own',
  },
  headers: ['anthropic-version', 'content-type', 'x-api-key'],
  history: () => ({
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'How warm is it in Paris?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Let me see.', signature: 'signature-1' },
          { type: 'text', text: 'I will look.' },
          { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Paris' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: '{"celsius":21}' },
          { type: 'text', text: 'And tomorrow?' },
        ],
      },
    ],
  }),
  sent(body) {
    const messages = messagesOf(body);
    return {
      userText: messages
        .findLast(({ role }) => role === 'user')!
        .content.map(({ text, title = '', source }) => text ?? (source ? `${title}\n${source.data}` : ''))
        .join(''),
      callInputs: messages.flatMap(({ content }) =>
        content.flatMap<unknown>((block) => (block.type === 'tool_use' ? [block.input] : [])),
      ),
    };
  },
};
