import { ollama } from '@rivulet/core/ollama';
import { argumentsOf, type ConformanceRow, type ErrorKind, type Scenario, type ScenarioPart } from '../row.ts';

interface WireMessage {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly { readonly function: { readonly arguments: unknown } }[];
}

function line(fields: object): string {
  return `${JSON.stringify({ model: 'model-1', created_at: '2026-11-20T10:00:00.000000001Z', ...fields })}\n`;
}

function callOf(part: ScenarioPart & { type: 'tool-call' }, index: number): object {
  return { id: part.id, function: { index, name: part.name, arguments: argumentsOf(part.pieces) } };
}

/** The fields of the messages that say a part; a call comes whole. */
function messagesOf({ parts }: Scenario): object[] {
  return parts.flatMap<object>((part, at) => {
    if (part.type === 'tool-call') return [{ content: '', tool_calls: [callOf(part, at)] }];
    return part.pieces.map((piece) =>
      part.type === 'reasoning' ? { content: '', thinking: piece } : { content: piece },
    );
  });
}

function endOf({ finish, usage }: Scenario): object {
  return {
    done: true,
    done_reason: finish === 'length' ? 'length' : 'stop',
    total_duration: 4_883_583_458,
    load_duration: 1_334_875,
    ...(usage && { prompt_eval_count: usage.input, eval_count: usage.output }),
  };
}

const ERRORS: Readonly<Partial<Record<ErrorKind, readonly [status: number, says: string]>>> = {
  rate_limit: [429, 'you have reached your hourly usage limit'],
  overloaded: [503, 'server busy, please try again.  maximum pending requests exceeded'],
  authentication: [401, 'unauthorized'],
  permission_denied: [403, 'this model requires a subscription'],
  not_found: [404, "model 'model-1' not found"],
  context_length: [400, 'the input length exceeds the context length'],
  invalid_request: [400, '"model-1" does not support tools'],
  server: [500, 'model runner has unexpectedly stopped'],
};

export const row: ConformanceRow = {
  name: 'ollama',
  provider: (baseURL, apiKey) => ollama({ baseURL, apiKey }),
  contentType: 'application/x-ndjson',
  stream(scenario) {
    const messages = messagesOf(scenario);
    return {
      frames: [
        ...messages.map((message) => line({ message: { role: 'assistant', ...message }, done: false })),
        line({ message: { role: 'assistant', content: '' }, ...endOf(scenario) }),
      ],
      end: messages.length,
    };
  },
  whole(scenario) {
    const joined = (type: string): string =>
      scenario.parts.flatMap((part) => (part.type === type ? part.pieces : [])).join('');
    const calls = scenario.parts.flatMap((part, at) => (part.type === 'tool-call' ? callOf(part, at) : []));
    const thinking = joined('reasoning');
    const message = {
      role: 'assistant',
      content: joined('text'),
      ...(thinking && { thinking }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return line({ message, ...endOf(scenario) }).trimEnd();
  },
  errorResponse(kind, message) {
    const found = ERRORS[kind];
    return found && { status: found[0], body: JSON.stringify({ error: message ?? found[1] }) };
  },
  errorFrame: (kind, message) => ERRORS[kind] && `${JSON.stringify({ error: message ?? ERRORS[kind][1] })}\n`,
  unknownFrame: line({ news: { text: 'none' }, message: { role: 'assistant', content: '' }, done: false }),
  refusable: [
    {
      at: 'options.temperature',
      refusal: 'option "temperature" is not supported by this model',
      set: { temperature: 0.2 },
    },
    {
      at: 'options.num_predict',
      refusal: 'num_predict must be at most 1024',
      healed: 1024,
      set: { maxTokens: 5000 },
    },
    {
      at: 'think',
      request: { reasoning: true },
      refusal: '"model-1" does not support thinking',
      set: { providerOptions: { ollama: { think: true } } },
    },
  ],
  lacks: {
    'repeated-finish': 'the reason is in the line that ends the answer',
    'unknown-content': 'a message has text, thoughts, images and calls only',
    refusal: 'it has no such reason',
    'refusal-text': 'it has no such field',
    'content-filter': 'it has no such reason',
    'broken-arguments': 'arguments are values',
    'cached-usage': 'it does not count them',
    'reasoning-usage': 'it does not count them',
    'in-band-error-kinds': 'an error is a text',
  },
  headers: ['authorization', 'content-type'],
  history: () => ({
    messages: [
      { role: 'user', content: 'How warm is it in Paris?' },
      {
        role: 'assistant',
        content: 'I will look.',
        thinking: 'Let me see.',
        tool_calls: [{ id: 'call_1', function: { name: 'weather', arguments: { city: 'Paris' } } }],
      },
      { role: 'tool', content: '{"celsius":21}', tool_name: 'weather', tool_call_id: 'call_1' },
      { role: 'user', content: 'And tomorrow?' },
    ],
  }),
  sent(body) {
    const { messages } = JSON.parse(body) as { readonly messages: readonly WireMessage[] };
    return {
      userText: messages.findLast(({ role }) => role === 'user')!.content,
      callInputs: messages.flatMap(({ tool_calls: calls = [] }) => calls.map((call) => call.function.arguments)),
    };
  },
};
