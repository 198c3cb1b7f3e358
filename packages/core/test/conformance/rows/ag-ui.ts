import { agui } from '@rivulet/core/ag-ui';
import { sseFrame, textFromBase64, type ConformanceRow, type ErrorKind, type Scenario } from '../row.ts';

const ERRORS: Readonly<Record<ErrorKind, readonly [status: number, code: string, says: string]>> = {
  rate_limit: [429, 'rate_limit', 'Rate limit reached. Please try again in 1.5s.'],
  insufficient_quota: [402, 'insufficient_quota', 'The quota of this app is used up.'],
  overloaded: [503, 'overloaded_error', 'Overloaded.'],
  authentication: [401, 'authentication_error', 'Please log in.'],
  permission_denied: [403, 'permission_error', 'Not for you.'],
  not_found: [404, 'not_found', 'There is no such agent.'],
  context_length: [400, 'context_length_exceeded', 'The prompt is too long.'],
  invalid_request: [400, 'invalid_request', 'threadId is missing.'],
  refusal: [400, 'content_filter', 'The prompt was blocked.'],
  server: [500, 'INTERNAL', 'The agent failed.'],
};

interface WireContent {
  readonly text?: string;
  readonly source?: { readonly value: string };
  readonly metadata?: { readonly filename: string };
}

interface WireMessage {
  readonly role: string;
  readonly content?: string | readonly WireContent[];
  readonly toolCalls?: readonly { readonly function: { readonly arguments: string } }[];
}

function textOf(content: WireMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? [])
    .map(({ text, source, metadata }) => text ?? `${metadata?.filename}\n${textFromBase64(source!.value)}`)
    .join('');
}

const RUN = { threadId: 'thread-1', runId: 'run-1' };

function eventsOf(scenario: Scenario): object[] {
  return scenario.parts.flatMap<object>((part, at) => {
    const messageId = `wire-${at}`;
    if (part.type === 'tool-call') {
      const toolCallId = part.id;
      return [
        { type: 'TOOL_CALL_START', toolCallId, toolCallName: part.name, parentMessageId: messageId },
        ...part.pieces.map((delta) => ({ type: 'TOOL_CALL_ARGS', toolCallId, delta })),
        { type: 'TOOL_CALL_END', toolCallId },
      ];
    }
    const [kind, role] = part.type === 'reasoning' ? ['REASONING_MESSAGE', 'reasoning'] : ['TEXT_MESSAGE', 'assistant'];
    return [
      { type: `${kind}_START`, messageId, role },
      ...part.pieces.map((delta) => ({ type: `${kind}_CONTENT`, messageId, delta })),
      { type: `${kind}_END`, messageId },
    ];
  });
}

export const row: ConformanceRow = {
  name: 'agui',
  provider: (baseURL, apiKey) => agui({ api: `${baseURL}/agent`, apiKey }),
  contentType: 'text/event-stream',
  stream(scenario) {
    const { usage } = scenario;
    const events = [
      { type: 'RUN_STARTED', ...RUN },
      ...eventsOf(scenario),
      {
        type: 'RUN_FINISHED',
        ...RUN,
        ...(usage && {
          usage: [
            {
              model: 'model-1',
              inputTokens: usage.input,
              outputTokens: usage.output,
              totalTokens: usage.input + usage.output,
              cachedInputTokens: usage.cached,
              reasoningTokens: usage.reasoning,
            },
          ],
        }),
      },
    ];
    return { frames: events.map((event) => sseFrame(event)), end: events.length - 1 };
  },
  errorResponse: (kind, message) => ({
    status: ERRORS[kind][0],
    body: JSON.stringify({ code: ERRORS[kind][1], message: message ?? ERRORS[kind][2] }),
    ...(kind === 'rate_limit' && { headers: { 'retry-after': '2' }, retryAfterMs: 2000 }),
  }),
  errorFrame: (kind, message) =>
    sseFrame({ type: 'RUN_ERROR', code: ERRORS[kind][1], message: message ?? ERRORS[kind][2] }),
  unknownFrame: sseFrame({ type: 'NEWS', delta: 'none' }),
  lacks: {
    'tagged-thoughts': 'the agent separates thoughts from the text',
    'repeated-finish': 'a run ends once',
    'unknown-content': 'what an agent sends beside its messages is for the page',
    'refusable-fields': 'the agent has its own defaults',
    refusal: 'the wire has no such reason',
    'refusal-text': 'a refusal is text',
    length: 'a run ends, or it fails',
    'content-filter': 'a run ends, or it fails',
  },
  headers: ['authorization', 'content-type'],
  history: () => ({
    threadId: 'message-1',
    protocolVersion: '1.0',
    tools: [],
    context: [],
    state: {},
    messages: [
      { id: 'message-1', role: 'user', content: 'How warm is it in Paris?' },
      { id: 'wire-0', role: 'reasoning', content: 'Let me see.' },
      {
        id: 'wire-1',
        role: 'assistant',
        content: 'I will look.',
        toolCalls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }],
      },
      { id: 'message-3', role: 'tool', toolCallId: 'call_1', content: '{"celsius":21}' },
      { id: 'message-4', role: 'user', content: 'And tomorrow?' },
    ],
  }),
  sent(body) {
    const { messages } = JSON.parse(body) as { readonly messages: readonly WireMessage[] };
    return {
      userText: textOf(messages.findLast(({ role }) => role === 'user')!.content),
      callInputs: messages.flatMap(({ toolCalls = [] }) =>
        toolCalls.map((call): unknown => JSON.parse(call.function.arguments)),
      ),
    };
  },
};
