import { anthropic } from '@rivulet/core/anthropic';
import { argumentsOf, sseFrame, type ConformanceRow, type ErrorKind, type Scenario } from '../row.ts';

const REASONS: Partial<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  pause: 'pause_turn',
};

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
  lacks: { 'content-filter': 'what Anthropic filters is a refusal' },
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
};
