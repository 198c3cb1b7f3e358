import { LLMClient, ServerError, TruncatedError, type LLMConfig, type Message, type StreamEvent } from '@rivulet/core';
import { uiMessageStream, type UIMessageStreamOptions } from '@rivulet/core/ui-message-stream';
import {
  convertToModelMessages,
  createUIMessageStream,
  createUIMessageStreamResponse,
  dynamicTool,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
  validateUIMessages,
  type ModelMessage,
  type ToolSet,
  type UIMessage,
} from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../../../../test/support/http-server.ts';
import { failureOf, readAll, streamOf, toBytes } from '../../support/client.ts';
import { fold } from '../../support/fold.ts';

type ModelStream = Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream'];
type ModelPart = ModelStream extends ReadableStream<infer T> ? T : never;

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
};

type Reason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'interrupted' | 'other';

const finish = (unified: Reason = 'stop'): ModelPart => ({
  type: 'finish',
  finishReason: { unified, raw: unified },
  usage,
});

const say = (text: string): ModelPart[] => [
  { type: 'text-start', id: '0' },
  ...text.split(/(?= )/).map((delta) => ({ type: 'text-delta' as const, id: '0', delta })),
  { type: 'text-end', id: '0' },
];

const ask = (toolCallId: string, toolName: string, input: string): ModelPart[] => [
  { type: 'tool-input-start', id: toolCallId, toolName },
  ...(input.match(/.{1,5}/g) ?? []).map((delta) => ({ type: 'tool-input-delta' as const, id: toolCallId, delta })),
  { type: 'tool-input-end', id: toolCallId },
  { type: 'tool-call', toolCallId, toolName, input },
];

/** A model that says these things, one after the other. */
function modelThatSays(...answers: readonly ModelPart[][]): MockLanguageModelV4 {
  let at = 0;
  return new MockLanguageModelV4({
    doStream: () => {
      const parts = answers[Math.min(at, answers.length - 1)] ?? [];
      at += 1;
      return Promise.resolve({ stream: streamOf(parts) });
    },
  });
}

interface ReceivedBody {
  readonly id: string;
  readonly messages: UIMessage[];
  readonly trigger: string;
  readonly messageId?: string;
}

interface Backend extends AsyncDisposable {
  readonly client: LLMClient;
  readonly server: HttpServer;
  /** The bodies that came. */
  bodies(): ReceivedBody[];
}

/** A backend over HTTP, and a client of it. */
async function backendThat(
  respond: (body: ReceivedBody) => Response | Promise<Response>,
  options: UIMessageStreamOptions = {},
  config: Partial<LLMConfig> = {},
): Promise<Backend> {
  const server = await startHttpServer(async (request) => {
    const response = await respond(JSON.parse(request.body) as ReceivedBody);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      chunks: [{ text: await response.text() }],
    };
  });
  return {
    client: new LLMClient({
      provider: uiMessageStream({ api: `${server.url}/api/chat`, ...options }),
      retry: false,
      ...config,
    }),
    server,
    bodies: () => server.requests.map(({ body }) => JSON.parse(body) as ReceivedBody),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A route as the documentation of the AI SDK has it. */
function routeOf(model: MockLanguageModelV4, tools: ToolSet = {}, seen: ModelMessage[][] = []) {
  return async ({ messages }: ReceivedBody): Promise<Response> => {
    const modelMessages = await convertToModelMessages(await validateUIMessages({ messages, tools: tools as never }));
    seen.push(modelMessages);
    const result = streamText({
      model,
      messages: modelMessages,
      tools,
      stopWhen: stepCountIs(5),
      maxRetries: 0,
      onError: () => undefined,
    });
    return result.toUIMessageStreamResponse({ generateMessageId: () => 'answer-1', sendSources: true });
  };
}

const weatherInput = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
});

/** A client that reads these chunks. */
function clientReading(...chunks: readonly object[]): LLMClient {
  const body = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
  return new LLMClient({
    provider: uiMessageStream({ api: 'http://127.0.0.1/api/chat' }),
    retry: false,
    fetch: () => Promise.resolve(new Response(streamOf([toBytes(`${body}data: [DONE]\n\n`)]))),
  });
}

const end = { type: 'finish', finishReason: 'stop' };

describe('an answer of streamText', () => {
  it('has its text, id and finish reason', async () => {
    await using backend = await backendThat(routeOf(modelThatSays([...say('Hello dear world'), finish('length')])));

    const run = backend.client.stream('hello');
    const { items } = await readAll(run.textStream);
    const completion = await run.result;

    expect(items.join('')).toBe('Hello dear world');
    expect(completion).toMatchObject({
      text: 'Hello dear world',
      finishReason: 'length',
      rawFinishReason: 'length',
      id: 'answer-1',
    });
    expect(completion.message.parts).toHaveLength(1);
  });

  it('keeps the metadata of reasoning, and sends it back', async () => {
    const seen: ModelMessage[][] = [];
    const thought: ModelPart[] = [
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'Let me ' },
      { type: 'reasoning-delta', id: '0', delta: 'see.' },
      { type: 'reasoning-end', id: '0', providerMetadata: { anthropic: { signature: 'sig-1' } } },
      {
        type: 'reasoning-start',
        id: '1',
        providerMetadata: { anthropic: { redactedData: 'secret' } },
      },
      { type: 'reasoning-end', id: '1' },
    ];
    await using backend = await backendThat(routeOf(modelThatSays([...thought, ...say('So'), finish()]), {}, seen));

    const { message, reasoning } = await backend.client.complete('hello');
    await backend.client.complete({ messages: [{ role: 'user', content: 'hello' }, message], prompt: 'more' });

    expect(reasoning).toBe('Let me see.');
    expect(seen[1]?.[1]?.content).toEqual([
      { type: 'reasoning', text: 'Let me see.', providerOptions: { anthropic: { signature: 'sig-1' } } },
      { type: 'reasoning', text: '', providerOptions: { anthropic: { redactedData: 'secret' } } },
      { type: 'text', text: 'So' },
    ]);
  });

  it('includes calls that the backend runs, with results and steps, which the next model turn receives', async () => {
    const seen: ModelMessage[][] = [];
    const tools = {
      weather: tool({
        inputSchema: weatherInput,
        async *execute({ city }) {
          yield { city, celsius: 0 };
          yield { city, celsius: 21 };
        },
      }),
      broken: tool({
        inputSchema: weatherInput,
        execute(): string {
          throw new Error('No wind');
        },
      }),
      mcp: dynamicTool({ inputSchema: weatherInput, execute: () => Promise.resolve('sunny') }),
    };
    const model = modelThatSays(
      [
        ...say('I look'),
        ...ask('call_1', 'weather', '{"city":"Paris"}'),
        ...ask('call_2', 'broken', '{"city":"Rome"}'),
        ...ask('call_3', 'mcp', '{"city":"Oslo"}'),
        finish('tool-calls'),
      ],
      [...say('It is warm'), finish()],
    );
    await using backend = await backendThat(routeOf(model, tools, seen));

    const { items } = await readAll<StreamEvent>(backend.client.stream('hello'));
    const { message, toolCalls, finishReason, text } = await backend.client.complete('hello');
    await backend.client.complete({ messages: [{ role: 'user', content: 'hello' }, message], prompt: 'more' });

    expect(items.filter(({ type }) => type === 'step')).toHaveLength(2);
    // A preliminary result is replaced by the next one.
    expect(
      items.filter((event) => event.type === 'tool-result' && event.toolCallId === 'call_1').length,
    ).toBeGreaterThan(1);
    expect(fold(items).message?.parts.filter(({ type }) => type === 'tool-result')).toHaveLength(3);
    expect({ finishReason, text }).toEqual({ finishReason: 'stop', text: 'It is warm' });
    expect(toolCalls).toEqual([]);
    expect(message.parts).toMatchObject([{ type: 'text', text: 'It is warm' }]);

    const first = fold(items).message as Message;
    await backend.client.complete({ messages: [{ role: 'user', content: 'hello' }, first], prompt: 'more' });

    expect(first.parts).toMatchObject([
      { type: 'text', text: 'I look' },
      { type: 'tool-call', id: 'call_1', name: 'weather', rawInput: '{"city":"Paris"}', input: { city: 'Paris' } },
      { type: 'tool-call', id: 'call_2', name: 'broken' },
      { type: 'tool-call', id: 'call_3', name: 'mcp' },
      { type: 'tool-result' },
      { type: 'tool-result' },
      { type: 'tool-result' },
      { type: 'text', text: 'It is warm' },
    ]);
    expect(first.parts.filter((part) => part.type === 'tool-result')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ toolCallId: 'call_1', name: 'weather', output: { city: 'Paris', celsius: 21 } }),
        expect.objectContaining({ toolCallId: 'call_2', name: 'broken', isError: true }),
        expect.objectContaining({ toolCallId: 'call_3', name: 'mcp', output: 'sunny' }),
      ]),
    );
    const [, assistant, results, after] = seen.at(-1)!;
    expect(assistant).toMatchObject({
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look' },
        { type: 'tool-call', toolCallId: 'call_1', input: { city: 'Paris' } },
        { type: 'tool-call', toolCallId: 'call_2' },
        { type: 'tool-call', toolCallId: 'call_3' },
      ],
    });
    expect(results).toMatchObject({
      role: 'tool',
      content: [
        { toolCallId: 'call_1', output: { type: 'json', value: { city: 'Paris', celsius: 21 } } },
        { toolCallId: 'call_2', output: { type: 'error-text' } },
        { toolCallId: 'call_3', output: { type: 'text', value: 'sunny' } },
      ],
    });
    expect(after).toMatchObject({ role: 'assistant', content: [{ type: 'text', text: 'It is warm' }] });
    const sent = backend.bodies().at(-1)?.messages[1]?.parts;
    expect(sent?.map(({ type }) => type)).toContain('dynamic-tool');
  });

  it('ends with calls for the page, and continues with their results', async () => {
    const seen: ModelMessage[][] = [];
    const tools = { weather: tool({ inputSchema: weatherInput }) } as unknown as ToolSet;
    const model = modelThatSays(
      [...ask('call_1', 'weather', '{"city":"Paris"}'), finish('tool-calls')],
      [...say('21 degrees'), finish()],
    );
    await using backend = await backendThat(routeOf(model, tools, seen));

    const first = await backend.client.complete('hello');
    const second = await backend.client.complete({
      messages: [
        { role: 'user', content: 'hello' },
        first.message,
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'call_1', output: { celsius: 21 } }] },
      ],
    });

    expect(first).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [{ name: 'weather', input: { city: 'Paris' } }],
    });
    expect(second.text).toBe('21 degrees');
    expect(seen[1]).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'call_1' }] },
      { role: 'tool', content: [{ toolCallId: 'call_1', output: { type: 'json', value: { celsius: 21 } } }] },
    ]);
  });

  it('sets the error of a call whose arguments the backend rejects', async () => {
    const tools = { weather: tool({ inputSchema: weatherInput }) } as unknown as ToolSet;
    const model = modelThatSays([...ask('call_1', 'weather', '{"city":"Par'), finish('tool-calls')], [finish()]);
    await using backend = await backendThat(routeOf(model, tools));

    const { toolCalls } = await backend.client.complete('hello');

    expect(toolCalls).toMatchObject([{ name: 'weather', rawInput: '{"city":"Par', error: { code: 'parse' } }]);
  });

  it.each([true, false])('asks a person before a tool runs, and continues with the decision: %s', async (approved) => {
    const seen: ModelMessage[][] = [];
    const ran: string[] = [];
    const tools = {
      pay: tool({
        inputSchema: weatherInput,
        needsApproval: true,
        execute({ city }) {
          ran.push(city);
          return Promise.resolve('paid');
        },
      }),
    };
    const model = modelThatSays(
      [...ask('call_1', 'pay', '{"city":"Paris"}'), finish('tool-calls')],
      [...say('Done'), finish()],
    );
    await using backend = await backendThat(routeOf(model, tools, seen));

    const run = backend.client.stream('hello');
    const { items } = await readAll<StreamEvent>(run);
    const { message } = await run.result;

    const request = items.find((event) => event.type === 'tool-approval-request');
    expect(request).toMatchObject({ toolCallId: 'call_1', toolCall: { name: 'pay', input: { city: 'Paris' } } });
    expect(message.parts).toMatchObject([
      { type: 'tool-call', id: 'call_1', input: { city: 'Paris' }, approval: { id: request?.approvalId } },
    ]);
    expect(ran).toEqual([]);

    const decided = message.parts.map((part) =>
      part.type === 'tool-call'
        ? { ...part, approval: { id: '', ...part.approval, approved, reason: 'Because' } }
        : part,
    );
    const history = [
      { role: 'user' as const, content: 'hello' },
      { ...message, parts: decided },
    ];
    const next = await backend.client.complete({ messages: history });

    expect(ran).toEqual(approved ? ['Paris'] : []);
    expect(backend.bodies()[1]?.messages[1]?.parts).toMatchObject([
      {
        type: 'tool-pay',
        state: 'approval-responded',
        approval: { id: request?.approvalId, approved, reason: 'Because' },
      },
    ]);
    expect(next.text).toBe('Done');
    const results = next.message.parts.filter((part) => part.type === 'tool-result');
    expect(results).toMatchObject([
      approved ? { toolCallId: 'call_1', output: 'paid' } : { toolCallId: 'call_1', isError: true },
    ]);

    // What was decided and done is told again in the next turn.
    await backend.client.complete({ messages: [...history, next.message], prompt: 'more' });
    expect(backend.bodies()[2]?.messages[1]?.parts).toMatchObject([
      { type: 'tool-pay', state: approved ? 'output-available' : 'output-denied', approval: { approved } },
    ]);
    expect(JSON.stringify(seen[2])).toContain(approved ? 'paid' : 'Because');
  });

  it('rejects with the error text of the backend', async () => {
    const model = modelThatSays([...say('Once upon'), { type: 'error', error: new Error('boom') }]);
    await using backend = await backendThat(({ messages }) =>
      convertToModelMessages(messages).then((modelMessages) =>
        streamText({
          model,
          messages: modelMessages,
          maxRetries: 0,
          onError: () => undefined,
        }).toUIMessageStreamResponse({
          onError: () => 'The model had an accident.',
        }),
      ),
    );

    const error = await failureOf(backend.client.complete('hello'));

    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({
      message: expect.stringContaining('The model had an accident.'),
      partial: { text: 'Once upon' },
    });
  });

  it('is truncated if the stream of the model was interrupted', async () => {
    await using backend = await backendThat(routeOf(modelThatSays([...say('Once upon'), finish('interrupted')])));

    const error = await failureOf(backend.client.complete('hello'));

    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ partial: { text: 'Once upon' } });
  });
});

describe('a stream that the backend writes itself', () => {
  it('keeps data parts, replaces them by id, and only emits transient ones', async () => {
    await using backend = await backendThat(() =>
      createUIMessageStreamResponse({
        stream: createUIMessageStream({
          execute({ writer }) {
            writer.write({ type: 'start', messageId: 'm-1', messageMetadata: { user: 'Ann' } });
            writer.write({ type: 'data-weather', id: 'w', data: { status: 'loading' } });
            writer.write({ type: 'text-start', id: 't' });
            writer.write({ type: 'text-delta', id: 't', delta: 'Hello ' });
            writer.write({ type: 'data-weather', id: 'w', data: { status: 'done' } });
            writer.write({ type: 'text-delta', id: 't', delta: 'world' });
            writer.write({ type: 'data-note', data: 1 });
            writer.write({ type: 'data-note', data: 2 });
            writer.write({ type: 'data-progress', data: 0.5, transient: true });
            writer.write({ type: 'source-url', sourceId: 's1', url: 'https://example.com', title: 'Example' });
            writer.write({ type: 'source-document', sourceId: 's2', mediaType: 'application/pdf', title: 'Doc' });
            writer.write({ type: 'file', url: 'data:text/plain;base64,aGk=', mediaType: 'text/plain' });
            writer.write({ type: 'message-metadata', messageMetadata: { totalTokens: 7 } });
            writer.write({ type: 'finish', finishReason: 'stop', messageMetadata: { cost: 1 } });
          },
        }),
      }),
    );

    const run = backend.client.stream('hello');
    const { items } = await readAll<StreamEvent>(run);
    const { message, id, sources } = await run.result;

    expect(id).toBe('m-1');
    expect(message.metadata).toEqual({ user: 'Ann', totalTokens: 7, cost: 1 });
    expect(message.parts).toEqual([
      { type: 'data', name: 'weather', id: 'w', data: { status: 'done' } },
      { type: 'text', text: 'Hello world' },
      { type: 'data', name: 'note', data: 1 },
      { type: 'data', name: 'note', data: 2 },
      { type: 'source', id: 's1', url: 'https://example.com', title: 'Example' },
      { type: 'source', id: 's2', mediaType: 'application/pdf', title: 'Doc' },
      { type: 'file', url: 'data:text/plain;base64,aGk=', mediaType: 'text/plain' },
    ]);
    expect(sources).toHaveLength(2);
    expect(items).toContainEqual({ type: 'data', name: 'progress', data: 0.5, transient: true });
    expect(fold(items).message?.parts).toEqual(message.parts);
    // A reader that comes late folds the same.
    expect(fold((await readAll<StreamEvent>(run)).items).message?.parts).toEqual(message.parts);

    await backend.client.complete({
      messages: [{ id: 'u-1', role: 'user', content: 'hello' }, message],
      prompt: 'more',
    });
    const sent = await validateUIMessages({ messages: backend.bodies()[1]!.messages });
    expect(sent[1]).toMatchObject({
      role: 'assistant',
      metadata: { user: 'Ann', totalTokens: 7, cost: 1 },
      parts: [
        { type: 'data-weather', id: 'w', data: { status: 'done' } },
        { type: 'text', text: 'Hello world' },
        { type: 'data-note', data: 1 },
        { type: 'data-note', data: 2 },
        { type: 'source-url', sourceId: 's1', url: 'https://example.com', title: 'Example' },
        { type: 'source-document', sourceId: 's2', mediaType: 'application/pdf', title: 'Doc' },
        { type: 'file', url: 'data:text/plain;base64,aGk=', mediaType: 'text/plain' },
      ],
    });
  });

  it('appends deltas to their own part while other parts stream', async () => {
    const { items } = await readAll<StreamEvent>(
      clientReading(
        { type: 'text-start', id: 'a' },
        { type: 'text-delta', id: 'a', delta: 'A1' },
        { type: 'reasoning-start', id: 'a' },
        { type: 'reasoning-delta', id: 'a', delta: 'R1' },
        { type: 'text-start', id: 'b' },
        { type: 'text-delta', id: 'b', delta: 'B1' },
        { type: 'text-delta', id: 'a', delta: 'A2' },
        { type: 'text-delta', id: 'b', delta: 'B2' },
        { type: 'text-start', id: 'a' },
        { type: 'text-delta', id: 'a', delta: 'A3' },
        end,
      ).stream('hello'),
    );

    expect(fold(items).message?.parts).toMatchObject([
      { type: 'text', text: 'A1A2' },
      { type: 'reasoning', text: 'R1' },
      { type: 'text', text: 'B1B2' },
      { type: 'text', text: 'A3' },
    ]);
  });

  it('keeps fields without a counterpart, and sends them back unchanged', async () => {
    const citations = [{ source: { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' } }];
    const { message } = await clientReading(
      { type: 'custom', kind: 'openai.compaction', providerMetadata: { openai: { itemId: 'i-1' } } },
      { type: 'reasoning-file', url: 'https://example.com/a.png', mediaType: 'image/png' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'So' },
      { type: 'text-end', id: 't', citations },
      {
        type: 'tool-input-available',
        toolCallId: 'c',
        toolName: 'search',
        input: { q: 1 },
        providerExecuted: true,
        providerMetadata: { openai: { itemId: 'i-2' } },
        title: 'Search',
      },
      { type: 'tool-output-available', toolCallId: 'c', output: [], providerExecuted: true },
      end,
    ).complete('hello');
    await using backend = await backendThat(routeOf(modelThatSays([finish()])));

    await backend.client.complete({ messages: [message], prompt: 'more' });

    expect(message.parts[3]).toMatchObject({ rawInput: '{"q":1}', input: { q: 1 } });
    expect(backend.bodies()[0]?.messages[0]?.parts).toEqual([
      { type: 'custom', kind: 'openai.compaction', providerMetadata: { openai: { itemId: 'i-1' } } },
      { type: 'reasoning-file', url: 'https://example.com/a.png', mediaType: 'image/png', providerMetadata: {} },
      { type: 'text', text: 'So', citations, providerMetadata: {} },
      {
        type: 'tool-search',
        toolCallId: 'c',
        state: 'output-available',
        input: { q: 1 },
        output: [],
        providerExecuted: true,
        title: 'Search',
        callProviderMetadata: { openai: { itemId: 'i-2' } },
      },
      { type: 'step-start' },
    ]);
  });

  it.each([
    ['finish without a reason, as of older backends', { type: 'finish' }, 'stop'],
    ['finish for a reason that is new', { type: 'finish', finishReason: 'tired' }, 'other'],
    ['finish by a filter', { type: 'finish', finishReason: 'content-filter' }, 'content-filter'],
  ])('can %s', async (_, chunk, finishReason) => {
    expect(await clientReading({ type: 'start' }, chunk).complete('hello')).toMatchObject({ finishReason });
  });

  it('rejects with the reason if the backend aborts it', async () => {
    const error = await failureOf(
      clientReading(
        { type: 'text-delta', id: 't', delta: 'Once' },
        { type: 'abort', reason: 'out of budget' },
      ).complete('hello'),
    );

    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({
      message: expect.stringContaining('aborted the answer: out of budget'),
      partial: { text: 'Once' },
    });
  });

  it('rejects if it finishes with an error', async () => {
    const error = await failureOf(clientReading({ type: 'finish', finishReason: 'error' }).complete('hello'));

    expect(error).toBeInstanceOf(ServerError);
  });

  it('is truncated if it ends without a finish chunk', async () => {
    const client = clientReading({ type: 'text-delta', id: 't', delta: 'Once' });

    const error = await failureOf(client.complete('hello'));

    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ partial: { text: 'Once' } });
  });

  it('repeats a step without parts, and rejects if parts were emitted', async () => {
    const step = [{ type: 'start-step' }, { type: 'text-start', id: 't' }];
    const said = { type: 'text-delta', id: 't', delta: 'Hi' };

    const { text } = await clientReading(...step, { type: 'reset-step' }, ...step, said, end).complete('hello');
    const error = await failureOf(
      clientReading(...step, said, { type: 'reset-step' }, ...step, said, end).complete('hello'),
    );

    expect(text).toBe('Hi');
    expect(error).toBeInstanceOf(ServerError);
  });

  it('emits no approval request for an automatic decision', async () => {
    const { message } = await clientReading(
      { type: 'tool-input-available', toolCallId: 'c', toolName: 'pay', input: {} },
      { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c', isAutomatic: true },
      { type: 'tool-approval-response', approvalId: 'a', approved: false },
      { type: 'tool-output-denied', toolCallId: 'c' },
      end,
    ).complete('hello');

    expect(message.parts).toMatchObject([
      { type: 'tool-call', id: 'c' },
      { type: 'tool-result', toolCallId: 'c', isError: true },
    ]);
    expect(message.parts[0]).not.toHaveProperty('approval');
  });

  it('sends the signature of an approval back', async () => {
    const { message } = await clientReading(
      { type: 'tool-input-available', toolCallId: 'c', toolName: 'pay', input: {}, dynamic: true },
      { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c', signature: 'sig', reason: 'Costly' },
      end,
    ).complete('hello');
    await using backend = await backendThat(routeOf(modelThatSays([finish()])));

    await backend.client.complete({ messages: [message] }).catch(() => undefined);

    expect(backend.bodies()[0]?.messages[0]?.parts).toEqual([
      {
        type: 'dynamic-tool',
        toolName: 'pay',
        toolCallId: 'c',
        state: 'approval-requested',
        input: {},
        approval: { id: 'a', signature: 'sig', requestReason: 'Costly' },
        callProviderMetadata: {},
      },
    ]);
  });
});

describe('a request', () => {
  it('contains the conversation, and other fields only if they are set', async () => {
    await using backend = await backendThat(routeOf(modelThatSays([finish()])));

    await backend.client.complete({ messages: [{ id: 'u-1', role: 'user', content: 'hello' }] });
    await backend.client.complete({
      prompt: 'hello',
      system: 'Be brief.',
      model: 'model-1',
      temperature: null,
      maxTokens: 10,
      providerOptions: { uiMessageStream: { id: 'chat-7', trigger: 'regenerate-message', messageId: 'm-1' } },
    });

    const [first, second] = backend.bodies();
    expect(first).toEqual({
      id: 'u-1',
      trigger: 'submit-message',
      messages: [{ id: 'u-1', role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
    });
    expect(second).toEqual({
      id: 'chat-7',
      trigger: 'regenerate-message',
      messageId: 'm-1',
      system: 'Be brief.',
      model: 'model-1',
      maxTokens: 10,
      messages: [{ id: expect.any(String), role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
    });
    expect(Object.keys(backend.server.requests[0]!.headers)).not.toContain('authorization');
    expect(backend.server.requests[0]).toMatchObject({ method: 'POST', path: '/api/chat' });
  });

  it.each<[UIMessageStreamOptions['id'], string]>([
    ['chat-1', 'chat-1'],
    [(messages) => `of ${messages[0]?.id}`, 'of u-1'],
  ])('uses the id option', async (id, expected) => {
    await using backend = await backendThat(routeOf(modelThatSays([finish()])), { id, body: { plan: 'pro' } });

    await backend.client.complete({ messages: [{ id: 'u-1', role: 'user', content: 'hello' }] });

    expect(backend.bodies()[0]).toMatchObject({ id: expected, plan: 'pro' });
  });

  it('sends files as URLs', async () => {
    const seen: ModelMessage[][] = [];
    await using backend = await backendThat(routeOf(modelThatSays([finish()]), {}, seen));

    await backend.client.complete({
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'What is this?' },
            { type: 'file', mediaType: 'image/png', data: 'aGk=', filename: 'a.png' },
          ],
        },
      ],
    });

    expect(backend.bodies()[0]?.messages[0]?.parts).toEqual([
      { type: 'text', text: 'What is this?' },
      { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,aGk=', filename: 'a.png' },
    ]);
    expect(seen[0]?.[0]?.content).toMatchObject([{ type: 'text' }, { type: 'file', mediaType: 'image/png' }]);
  });

  it('rejects with code config if it is sent while a page is rendered on a server', async () => {
    const error = await failureOf(new LLMClient({ provider: uiMessageStream() }).complete('hello'));

    expect(error).toMatchObject({ code: 'config', message: expect.stringContaining('/api/chat') });
  });

  it('throws when the provider is created with an invalid address', () => {
    expect(() => uiMessageStream({ api: 'chat:here' })).toThrow(expect.objectContaining({ code: 'config' }));
  });
});
