import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { argumentsOf, sseFrame, textFromBase64, type ConformanceRow, type ErrorKind, type Scenario } from '../row.ts';

const ERRORS: Readonly<Record<ErrorKind, readonly [status: number, says: string]>> = {
  rate_limit: [429, 'Rate limit reached. Please try again in 1.5s.'],
  insufficient_quota: [402, 'The quota of this app is used up.'],
  overloaded: [503, 'Overloaded.'],
  authentication: [401, 'Please log in.'],
  permission_denied: [403, 'Not for you.'],
  not_found: [404, 'There is no such chat.'],
  context_length: [400, 'The prompt is too long.'],
  invalid_request: [400, 'messages must be an array.'],
  refusal: [400, 'content_filter: The prompt was blocked.'],
  server: [500, 'An error occurred.'],
};

interface WirePart {
  readonly type: string;
  readonly text?: string;
  readonly input?: unknown;
  readonly filename?: string;
  readonly url?: string;
}

interface WireMessage {
  readonly role: string;
  readonly parts: readonly WirePart[];
}

function messagesOf(body: string): readonly WireMessage[] {
  return (JSON.parse(body) as { readonly messages: readonly WireMessage[] }).messages;
}

function inputOf(pieces: readonly string[], call: object): object {
  try {
    return { type: 'tool-input-available', ...call, input: argumentsOf(pieces) };
  } catch {
    return { type: 'tool-input-error', ...call, input: pieces.join(''), errorText: 'Invalid input for the tool.' };
  }
}

function chunksOf(scenario: Scenario, first = 0): object[] {
  return scenario.parts.flatMap<object>((part, at) => {
    if (part.type === 'tool-call') {
      const call = { toolCallId: part.id, toolName: part.name };
      return [
        { type: 'tool-input-start', ...call },
        ...part.pieces.map((inputTextDelta) => ({ type: 'tool-input-delta', toolCallId: part.id, inputTextDelta })),
        inputOf(part.pieces, call),
      ];
    }
    const id = `${first + at}`;
    return [
      { type: `${part.type}-start`, id },
      ...part.pieces.map((delta) => ({ type: `${part.type}-delta`, id, delta })),
      { type: `${part.type}-end`, id },
    ];
  });
}

export const row: ConformanceRow = {
  name: 'uiMessageStream',
  provider: (baseURL, apiKey) => uiMessageStream({ api: `${baseURL}/api/chat`, apiKey }),
  contentType: 'text/event-stream',
  stream(scenario) {
    const chunks = [
      { type: 'start', messageId: 'message-2' },
      { type: 'start-step' },
      ...chunksOf(scenario),
      { type: 'finish-step' },
      { type: 'finish', finishReason: scenario.finish },
    ];
    return {
      frames: [...chunks.map((chunk) => sseFrame(chunk)), 'data: [DONE]\n\n'],
      end: chunks.length - 1,
    };
  },
  errorResponse: (kind, message = ERRORS[kind][1]) => ({
    status: ERRORS[kind][0],
    body: JSON.stringify({ error: message }),
    ...(kind === 'rate_limit' && { headers: { 'retry-after': '2' }, retryAfterMs: 2000 }),
  }),
  errorFrame: (kind, message = ERRORS[kind][1]) => sseFrame({ type: 'error', errorText: message }),
  unknownFrame: sseFrame({ type: 'news', text: 'none' }),
  unknownContent: {
    items: (turn) => [
      { type: 'data-weather', id: `data-${turn}`, data: { celsius: 21 } },
      { type: 'data-new', data: [{ at: [1, 2] }, null] },
      { type: 'custom', kind: 'openai.compaction', providerMetadata: { openai: { itemId: `cmp_${turn}` } } },
      { type: 'data-end', data: 'done' },
    ],
    stream: (content) =>
      [
        { type: 'start', messageId: 'message-2' },
        ...content.flatMap<object>((item, at) =>
          typeof item === 'string' ? chunksOf({ parts: [{ type: 'text', pieces: [item] }], finish: 'stop' }, at) : item,
        ),
        { type: 'finish', finishReason: 'stop' },
      ].map((chunk) => sseFrame(chunk)),
    sent: (body) =>
      messagesOf(body).flatMap(({ role, parts }) =>
        role === 'assistant' ? parts.map((part) => (part.type === 'text' ? part.text! : part)) : [],
      ),
  },
  lacks: {
    'tagged-thoughts': 'the backend separates thoughts from the text',
    'repeated-finish': 'the reason has a chunk of its own',
    'refusable-fields': 'the backend has its own defaults',
    refusal: 'the wire has no such reason',
    'refusal-text': 'a refusal is text',
    usage: 'the wire has no counts',
    'cached-usage': 'the wire has no counts',
    'reasoning-usage': 'the wire has no counts',
    'in-band-error-kinds': 'an error is a text',
  },
  headers: ['authorization', 'content-type'],
  history: () => ({
    id: 'message-1',
    trigger: 'submit-message',
    messages: [
      { id: 'message-1', role: 'user', parts: [{ type: 'text', text: 'How warm is it in Paris?' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Let me see.' },
          { type: 'text', text: 'I will look.' },
          {
            type: 'tool-weather',
            toolCallId: 'call_1',
            state: 'output-available',
            input: { city: 'Paris' },
            output: { celsius: 21 },
          },
        ],
      },
      { id: 'message-4', role: 'user', parts: [{ type: 'text', text: 'And tomorrow?' }] },
    ],
  }),
  sent(body) {
    const messages = messagesOf(body);
    return {
      userText: messages
        .findLast(({ role }) => role === 'user')!
        .parts.map(({ text, filename, url = '' }) => text ?? `${filename}\n${textFromBase64(url)}`)
        .join(''),
      callInputs: messages.flatMap(({ parts }) =>
        parts.flatMap<unknown>((part) => (part.type.startsWith('tool-') ? [part.input] : [])),
      ),
    };
  },
};
