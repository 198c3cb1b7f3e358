import { EventType, type BaseEvent } from '@ag-ui/core';
import { RunAgentInputSchema } from '@ag-ui/core/schemas';
import { EventEncoder } from '@ag-ui/encoder';
import {
  AGUIMock,
  buildAGUIActivityDelta,
  buildAGUIActivityResponse,
  buildAGUICompositeResponse,
  buildAGUICustomEvent,
  buildAGUIErrorResponse,
  buildAGUIMessagesSnapshot,
  buildAGUIRawEvent,
  buildAGUIReasoningChunk,
  buildAGUIReasoningEncryptedValue,
  buildAGUIReasoningResponse,
  buildAGUIStateDelta,
  buildAGUIStateUpdate,
  buildAGUIStepWithText,
  buildAGUITextChunkResponse,
  buildAGUITextResponse,
  buildAGUIToolCallChunk,
  buildAGUIToolCallResponse,
  type AGUIEvent,
} from '@copilotkit/aimock';
import {
  LLMClient,
  ParseError,
  RateLimitError,
  ServerError,
  TruncatedError,
  type Completion,
  type DataPart,
  type GenerateRequest,
  type Message,
  type StreamEvent,
} from '@rivulet/core';
import { agui, type AGUIOptions } from '@rivulet/core/ag-ui';
import { array, assert, asyncProperty, constantFrom, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { failureOf, readAll, streamOf, toBytes } from '../../support/client.ts';
import { fold } from '../../support/fold.ts';

const encoder = new EventEncoder();
const RUN = { threadId: 'thread-1', runId: 'run-1' };
const started = { type: EventType.RUN_STARTED, ...RUN };
const finished = { type: EventType.RUN_FINISHED, ...RUN };

function encode(event: object): string {
  return encoder.encodeSSE(event as BaseEvent);
}

function clientReading(...events: readonly object[]): LLMClient {
  const body = events.map(encode).join('');
  return new LLMClient({
    provider: agui({ api: 'http://127.0.0.1/agent' }),
    retry: false,
    fetch: () => Promise.resolve(new Response(streamOf([toBytes(body)]))),
  });
}

function read(...events: readonly object[]): Promise<Completion> {
  return clientReading(started, ...events, finished).complete('hello');
}

async function eventsOf(...events: readonly object[]): Promise<StreamEvent[]> {
  return (await readAll<StreamEvent>(clientReading(started, ...events, finished).stream('hello'))).items;
}

/** The bodies that requests like these have. */
async function bodiesOf(
  options: Partial<AGUIOptions>,
  ...requests: readonly GenerateRequest[]
): Promise<Record<string, unknown>[]> {
  await using server = await startHttpServer({
    chunks: [started, finished].map((event) => ({ text: encode(event) })),
  });
  const client = new LLMClient({ provider: agui({ api: `${server.url}/agent`, ...options }), retry: false });
  for (const request of requests) await client.complete(request);
  return server.requests.map(({ body }) => {
    const input = JSON.parse(body) as Record<string, unknown>;
    // The protocol's own schema keeps all of it.
    expect(RunAgentInputSchema.parse(input)).toEqual(input);
    return input;
  });
}

describe('an agent of aimock', () => {
  const mock = new AGUIMock({ port: 0 });
  let url = '';
  const says = (pattern: string, events: AGUIEvent[]): void => void mock.onRun(new RegExp(`^${pattern}$`), events);

  beforeAll(async () => {
    says('text', buildAGUITextResponse('Hello world'));
    says('chunk', buildAGUITextChunkResponse('Hello in one'));
    says('think', buildAGUICompositeResponse([buildAGUIReasoningResponse('Hm.'), buildAGUITextResponse('So.')]));
    says('think in one', buildAGUIReasoningChunk('Hm.'));
    says('tool', buildAGUIToolCallResponse('weather', '{"city":"Paris"}'));
    says('tool with result', buildAGUIToolCallResponse('weather', '{"city":"Paris"}', { result: '21' }));
    says('tool in one', buildAGUIToolCallChunk('{"city":"Paris"}', { toolCallId: 'c', toolCallName: 'weather' }));
    says('step', buildAGUIStepWithText('plan', 'Step by step'));
    says('state', buildAGUIStateUpdate({ count: 1 }));
    says('delta', buildAGUIStateDelta([{ op: 'add', path: '/count', value: 2 }]));
    says(
      'activity',
      buildAGUICompositeResponse([
        buildAGUIActivityResponse('a-1', 'PLAN', { steps: [] }),
        buildAGUIActivityDelta('a-1', 'PLAN', [{ op: 'add', path: '/steps/-', value: 'go' }]),
      ]),
    );
    says('custom', buildAGUICustomEvent('note', { text: 'hi' }));
    says('raw', buildAGUIRawEvent({ inner: 1 }));
    says(
      'snapshot',
      buildAGUIMessagesSnapshot([
        { id: 'u', role: 'user', content: 'snapshot' },
        { id: 'a', role: 'assistant', content: 'Said at once' },
      ]),
    );
    says('secret', buildAGUIReasoningEncryptedValue('message', 'm-1', 'cipher'));
    says('error', buildAGUIErrorResponse('It broke', 'RATE_LIMIT'));
    url = await mock.start();
  });
  afterAll(() => mock.stop());

  const ask = (prompt: string): Promise<Completion> =>
    new LLMClient({ provider: agui({ api: url }), retry: false }).complete(prompt);

  it.each<[string, object]>([
    ['text', { text: 'Hello world', finishReason: 'stop' }],
    ['chunk', { text: 'Hello in one' }],
    ['think', { reasoning: 'Hm.', text: 'So.' }],
    ['think in one', { reasoning: 'Hm.' }],
    ['tool', { finishReason: 'tool-calls', toolCalls: [{ name: 'weather', input: { city: 'Paris' } }] }],
    [
      'tool with result',
      {
        finishReason: 'stop',
        message: { parts: [{ type: 'tool-call' }, { type: 'tool-result', name: 'weather', output: '21' }] },
      },
    ],
    ['tool in one', { toolCalls: [{ id: 'c', name: 'weather', input: { city: 'Paris' } }] }],
    ['step', { text: 'Step by step' }],
    ['state', { message: { parts: [{ type: 'data', name: 'state', data: { count: 1 } }] } }],
    ['delta', { message: { parts: [{ type: 'data', name: 'state', data: { count: 2 } }] } }],
    ['activity', { message: { parts: [{ type: 'data', name: 'PLAN', id: 'a-1', data: { steps: ['go'] } }] } }],
    ['custom', { message: { parts: [{ type: 'data', name: 'note', data: { text: 'hi' } }] } }],
    ['raw', { message: { parts: [] } }],
    ['snapshot', { text: 'Said at once', finishReason: 'stop' }],
    ['secret', { message: { parts: [{ type: 'reasoning', text: '' }] } }],
  ])('streams %s', async (prompt, expected) => {
    expect(await ask(prompt)).toMatchObject(expected);
  });

  it('fails with the class of its code', async () => {
    const error = await failureOf(ask('error'));

    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ message: expect.stringContaining('It broke') });
  });
});

describe('a run', () => {
  it('has its ids, and the counts of all its models', async () => {
    const { id, message, usage } = await clientReading(started, {
      ...finished,
      result: { ok: true },
      usage: [
        { model: 'a', inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 4 },
        { model: 'b', inputTokens: 1, outputTokens: 2, totalTokens: 3, cacheWriteInputTokens: 1 },
      ],
    }).complete('hello');

    expect(id).toBe('run-1');
    expect(message.metadata).toEqual({ ...RUN, result: { ok: true } });
    expect(usage).toEqual({
      inputTokens: 11,
      outputTokens: 7,
      totalTokens: 18,
      cachedInputTokens: 4,
      cacheWriteTokens: 1,
      raw: expect.any(Array),
    });
    expect(usage).not.toHaveProperty('reasoningTokens', expect.anything());
  });

  it('separates messages that stream at the same time', async () => {
    const { message } = await read(
      { type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'A1' },
      { type: 'TEXT_MESSAGE_START', messageId: 'b', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'b', delta: 'B1' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'A2' },
      { type: 'TEXT_MESSAGE_START', messageId: 'u', role: 'user' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'u', delta: 'not of the answer' },
      { type: 'TEXT_MESSAGE_END', messageId: 'a' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'c', role: 'assistant', delta: 'C1' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'C2' },
    );

    expect(message.parts).toMatchObject([{ text: 'A1A2' }, { text: 'B1' }, { text: 'C1C2' }]);
  });

  it('has calls whose arguments stream at the same time, or in chunks', async () => {
    const events = await eventsOf(
      { type: 'TOOL_CALL_START', toolCallId: '1', toolCallName: 'weather' },
      { type: 'TOOL_CALL_START', toolCallId: '2', toolCallName: 'clock' },
      { type: 'TOOL_CALL_ARGS', toolCallId: '1', delta: '{"city":' },
      { type: 'TOOL_CALL_ARGS', toolCallId: '2', delta: '{}' },
      { type: 'TOOL_CALL_ARGS', toolCallId: '1', delta: '"Paris"}' },
      { type: 'TOOL_CALL_END', toolCallId: '1' },
      { type: 'TOOL_CALL_END', toolCallId: '2' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: '3', toolCallName: 'news', delta: '{"day":' },
      { type: 'TOOL_CALL_CHUNK', delta: '1}' },
      { type: 'TOOL_CALL_RESULT', messageId: 'r', toolCallId: '3', content: 'none' },
    );

    expect(fold(events)).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [
        { id: '1', name: 'weather', input: { city: 'Paris' } },
        { id: '2', name: 'clock', input: {} },
        { id: '3', name: 'news', input: { day: 1 } },
      ],
    });
    expect(events.filter(({ type }) => type === 'tool-call')).toHaveLength(3);
  });

  it('reads the THINKING events of older backends as reasoning', async () => {
    const { reasoning, message } = await read(
      { type: 'THINKING_START', title: 'Plan' },
      { type: 'THINKING_TEXT_MESSAGE_START' },
      { type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'Let me ' },
      { type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'see.' },
      { type: 'THINKING_TEXT_MESSAGE_END' },
      { type: 'THINKING_TEXT_MESSAGE_START' },
      { type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'Yes.' },
      { type: 'THINKING_END' },
    );

    expect(reasoning).toBe('Let me see.Yes.');
    expect(message.parts).toHaveLength(2);
  });

  it('emits raw events and message snapshots without keeping them in the message', async () => {
    const messages = [{ id: 'm', role: 'user', content: 'hello' }];

    const events = await eventsOf(
      { type: 'RAW', event: { inner: 1 } },
      { type: 'MESSAGES_SNAPSHOT', messages },
      { type: 'STEP_STARTED', stepName: 'plan' },
      { type: 'STEP_FINISHED', stepName: 'plan' },
    );

    expect(events).toContainEqual({ type: 'data', name: 'raw', data: { inner: 1 }, transient: true });
    expect(events).toContainEqual({ type: 'data', name: 'messages', data: messages, transient: true });
    expect(events).toContainEqual({ type: 'step' });
    expect(fold(events).message?.parts).toEqual([]);
  });

  it('does not repeat streamed text that a message snapshot contains', async () => {
    const { text } = await read(
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a', role: 'assistant', delta: 'Once' },
      { type: 'MESSAGES_SNAPSHOT', messages: [{ id: 'a-of-the-thread', role: 'assistant', content: 'Once' }] },
    );

    expect(text).toBe('Once');
  });

  it('pauses on an interrupt, and asks for the approval of its call', async () => {
    const interrupt = { id: 'int-1', reason: 'tool_call', toolCallId: 'c', message: 'Pay?' };
    const { items } = await readAll<StreamEvent>(
      clientReading(
        started,
        { type: 'TOOL_CALL_CHUNK', toolCallId: 'c', toolCallName: 'pay', delta: '{"euro":5}' },
        { ...finished, outcome: { type: 'interrupt', interrupts: [interrupt, { id: 'int-2', reason: 'input' }] } },
      ).stream('hello'),
    );

    expect(items.find(({ type }) => type === 'tool-approval-request')).toMatchObject({
      approvalId: 'int-1',
      toolCallId: 'c',
      toolCall: { name: 'pay', input: { euro: 5 } },
    });
    expect(items.at(-1)).toEqual({ type: 'finish', reason: 'pause', raw: 'interrupt' });
    expect(items).toContainEqual({
      type: 'metadata',
      metadata: { interrupts: [interrupt, { id: 'int-2', reason: 'input' }] },
    });
    expect(fold(items).toolCalls).toMatchObject([{ id: 'c', approval: { id: 'int-1' } }]);
  });

  it('rejects if it is cancelled, fails or ends without RUN_FINISHED', async () => {
    const text = { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a', role: 'assistant', delta: 'Once' };

    const cancelled = await failureOf(
      clientReading(started, text, { ...finished, outcome: { type: 'cancelled' } }).complete('hello'),
    );
    const failed = await failureOf(
      clientReading(started, text, { type: 'RUN_ERROR', message: 'boom' }).complete('hello'),
    );
    const cut = await failureOf(clientReading(started, text).complete('hello'));

    expect(cancelled).toBeInstanceOf(ServerError);
    expect(failed).toBeInstanceOf(ServerError);
    expect(failed).toMatchObject({ message: expect.stringContaining('boom') });
    expect(cut).toBeInstanceOf(TruncatedError);
    for (const error of [cancelled, failed, cut]) expect(error).toMatchObject({ partial: { text: 'Once' } });
  });
});

describe('the state', () => {
  const stateOf = ({ message }: Partial<Completion>): unknown =>
    message?.parts.find((part): part is DataPart => part.type === 'data' && part.name === 'state')?.data;

  it('is one data part that each change replaces as a whole', async () => {
    const events = await eventsOf(
      { type: 'STATE_SNAPSHOT', snapshot: { todo: ['a'], done: { count: 0 } } },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm', role: 'assistant', delta: 'Hi' },
      { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/todo/-', value: 'b' }] },
      {
        type: 'STATE_DELTA',
        delta: [
          { op: 'test', path: '/todo/1', value: 'b' },
          { op: 'replace', path: '/todo/0', value: 'A' },
          { op: 'copy', from: '/todo', path: '/copy' },
          { op: 'move', from: '/copy/0', path: '/first' },
          { op: 'remove', path: '/todo' },
        ],
      },
    );

    expect(fold(events).message?.parts).toMatchObject([
      {
        type: 'data',
        name: 'state',
        id: 'state',
        data: { done: { count: 0 }, copy: ['b'], first: 'A' },
      },
      { type: 'text', text: 'Hi' },
    ]);
    const states = events.flatMap((event) => (event.type === 'data' ? [event.data as { done: object }] : []));
    expect(states).toHaveLength(3);
    // What a delta did not touch is the same object, and nothing that was shown changes.
    expect(states[2]?.done).toBe(states[0]?.done);
    expect(states[0]).toEqual({ todo: ['a'], done: { count: 0 } });
  });

  it('starts from the state of the request, or of the last answer', async () => {
    const sent: Record<string, unknown>[] = [];
    const client = new LLMClient({
      provider: agui({ api: 'http://127.0.0.1/agent' }),
      fetch: (_, { body }) => {
        const input = JSON.parse(body as string) as Record<string, unknown>;
        sent.push(input);
        const { threadId, runId } = input;
        const events = [
          { type: 'RUN_STARTED', threadId, runId },
          { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/seen', value: sent.length }] },
          { type: 'RUN_FINISHED', threadId, runId },
        ];
        return Promise.resolve(new Response(events.map(encode).join('')));
      },
    });

    const first = await client.complete({ prompt: 'hello', providerOptions: { agui: { state: { kept: true } } } });
    const second = await client.complete({ messages: [first.message], prompt: 'more' });

    expect(stateOf(first)).toEqual({ kept: true, seen: 1 });
    expect(sent[1]).toMatchObject({ state: { kept: true, seen: 1 } });
    expect(stateOf(second)).toEqual({ kept: true, seen: 2 });
  });

  it.each([
    [{ op: 'add', path: '/__proto__/polluted', value: 1 }],
    [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }],
    [{ op: 'replace', path: '/a/__proto__/polluted', value: 1 }],
    [{ op: 'copy', from: '/a', path: '/__proto__' }],
    [{ op: 'move', from: '/__proto__', path: '/b' }],
    [{ op: 'remove', path: '/__proto__/toString' }],
    [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }],
    [{ op: 'add', path: '/nowhere/at/all', value: 1 }],
    [{ op: 'fly', path: '/a' }],
  ])('rejects the patch %j and stays unchanged', async (operation) => {
    const error = await failureOf(
      read({ type: 'STATE_SNAPSHOT', snapshot: { a: { b: 1 } } }, { type: 'STATE_DELTA', delta: [operation] }),
    );

    expect(error).toBeInstanceOf(ParseError);
    expect((error as ParseError).partial?.message.parts).toMatchObject([{ data: { a: { b: 1 } } }]);
    expect({}).not.toHaveProperty('polluted');
    expect(Object.prototype.toString.call([])).toBe('[object Array]');
  });

  it('has no limit for copies that replace each other', async () => {
    const copy = { type: 'STATE_DELTA', delta: [{ op: 'copy', from: '/s', path: '/t' }] };
    const snapshot = { s: { text: 'x'.repeat(20_000) } };
    const completion = await read({ type: 'STATE_SNAPSHOT', snapshot }, ...Array.from({ length: 4000 }, () => copy));

    expect(completion.message.parts).toMatchObject([{ data: { s: snapshot.s, t: snapshot.s } }]);
  });

  it.each<[string, string, readonly object[]]>([
    ['doubles itself', 'run', [{ op: 'copy', from: '/a', path: '/a/-' }]],
    [
      'becomes deeper with each patch',
      'depth',
      [
        { op: 'move', from: '/a', path: '/b' },
        { op: 'add', path: '/a', value: {} },
        { op: 'move', from: '/b', path: '/a/x' },
      ],
    ],
  ])('refuses a state that %s', async (_, limit, delta) => {
    const patch = { type: 'STATE_DELTA', delta };
    const patches = Array.from({ length: 2000 }, () => patch);

    expect(await failureOf(read({ type: 'STATE_SNAPSHOT', snapshot: { a: ['x'] } }, ...patches))).toMatchObject({
      code: 'limit',
      limit,
    });
  });

  it('changes no prototype, whatever the patch', async () => {
    const token = constantFrom('__proto__', 'constructor', 'prototype', 'a', '0', '-', 'toString', '~0', '~1', '');
    const pointer = array(token, { maxLength: 4 }).map((tokens) => tokens.map((each) => `/${each}`).join(''));
    const operation = record({
      op: constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: pointer,
      from: pointer,
      value: constantFrom<unknown>(1, { polluted: 1 }, [], JSON.parse('{"__proto__":{"polluted":1}}')),
    });
    const before = Object.getOwnPropertyNames(Object.prototype);

    await assert(
      asyncProperty(array(operation, { minLength: 1, maxLength: 5 }), async (delta) => {
        const events = await eventsOf(
          { type: 'STATE_SNAPSHOT', snapshot: { a: [{ a: {} }] } },
          { type: 'STATE_DELTA', delta },
        );
        const state = events.flatMap((event) => (event.type === 'data' ? [event.data] : [])).at(-1);
        (function look(value: unknown): void {
          if (typeof value !== 'object' || value === null) return;
          expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
          for (const each of Object.values(value)) look(each);
        })(state);
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
        expect({}).not.toHaveProperty('polluted');
        expect([]).not.toHaveProperty('polluted');
      }),
      { numRuns: 300 },
    );
  });
});

describe('a request', () => {
  it('is a RunAgentInput with the messages, the tools and the other fields of the request', async () => {
    const [plain, full] = await bodiesOf(
      {},
      { messages: [{ id: 'u-1', role: 'user', content: 'hello' }] },
      {
        prompt: 'hello',
        system: 'Be brief.',
        model: 'model-1',
        temperature: 0.2,
        tools: [{ name: 'weather', inputSchema: { type: 'object' } }],
        providerOptions: { agui: { threadId: 'thread-7', context: [{ description: 'page', value: 'home' }] } },
      },
    );

    expect(plain).toEqual({
      threadId: 'u-1',
      runId: expect.any(String),
      protocolVersion: '1.0',
      messages: [{ id: 'u-1', role: 'user', content: 'hello' }],
      tools: [],
      state: {},
      context: [],
      forwardedProps: {},
    });
    expect(full).toEqual({
      threadId: 'thread-7',
      runId: expect.any(String),
      protocolVersion: '1.0',
      messages: [
        { id: expect.any(String), role: 'system', content: 'Be brief.' },
        { id: expect.any(String), role: 'user', content: 'hello' },
      ],
      tools: [{ name: 'weather', description: '', parameters: { type: 'object' } }],
      state: {},
      context: [{ description: 'page', value: 'home' }],
      forwardedProps: { model: 'model-1', temperature: 0.2 },
    });
    expect(full?.['runId']).not.toBe(plain?.['runId']);
  });

  it('uses the threadId option', async () => {
    const [body] = await bodiesOf(
      { threadId: (messages) => `of ${messages[0]?.id}` },
      { messages: [{ id: 'u-1', role: 'user', content: 'hi' }] },
    );

    expect(body).toMatchObject({ threadId: 'of u-1' });
  });

  it('sends files by their kind', async () => {
    const [body] = await bodiesOf(
      {},
      {
        messages: [
          {
            id: 'u-1',
            role: 'user',
            parts: [
              { type: 'text', text: 'What is this?' },
              { type: 'file', mediaType: 'image/png', data: 'aGk=' },
              { type: 'file', mediaType: 'application/pdf', url: 'https://example.com/a.pdf', filename: 'a.pdf' },
            ],
          },
        ],
      },
    );

    expect(body?.['messages']).toEqual([
      {
        id: 'u-1',
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'data', value: 'aGk=', mimeType: 'image/png' } },
          {
            type: 'document',
            source: { type: 'url', value: 'https://example.com/a.pdf', mimeType: 'application/pdf' },
            metadata: { filename: 'a.pdf' },
          },
        ],
      },
    ]);
  });

  it('sends an answer back as the messages that it was, with ids and encrypted values, without activities', async () => {
    const { message } = await read(
      { type: 'REASONING_MESSAGE_CHUNK', messageId: 'r-1', delta: 'Hm.' },
      { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'message', entityId: 'r-1', encryptedValue: 'cipher-1' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a-1', role: 'assistant', delta: 'I look' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c-1', toolCallName: 'weather', parentMessageId: 'a-1', delta: '{}' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c-2', toolCallName: 'clock', parentMessageId: 'a-1' },
      { type: 'TOOL_CALL_RESULT', messageId: 't-1', toolCallId: 'c-1', content: '21' },
      { type: 'TOOL_CALL_RESULT', messageId: 't-2', toolCallId: 'c-2', content: 'noon' },
      { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'tool-call', entityId: 'c-1', encryptedValue: 'cipher-2' },
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'p-1', activityType: 'PLAN', content: { steps: 1 } },
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'p-1', activityType: 'PLAN', content: { steps: 2 }, replace: false },
      { type: 'STATE_SNAPSHOT', snapshot: { n: 1 } },
      { type: 'CUSTOM', name: 'note', value: 1 },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a-2', role: 'assistant', delta: 'It is warm' },
    );

    const [body] = await bodiesOf({}, { messages: [message], prompt: 'more' });

    expect(body).toMatchObject({ state: { n: 1 } });
    expect(body?.['messages']).toEqual([
      { id: 'r-1', role: 'reasoning', content: 'Hm.', encryptedValue: 'cipher-1' },
      {
        id: 'a-1',
        role: 'assistant',
        content: 'I look',
        toolCalls: [
          {
            id: 'c-1',
            type: 'function',
            function: { name: 'weather', arguments: '{}' },
            encryptedValue: 'cipher-2',
          },
          { id: 'c-2', type: 'function', function: { name: 'clock', arguments: '{}' } },
        ],
      },
      { id: 't-1', role: 'tool', toolCallId: 'c-1', content: '21' },
      { id: 't-2', role: 'tool', toolCallId: 'c-2', content: 'noon' },
      { id: 'a-2', role: 'assistant', content: 'It is warm' },
      { id: expect.any(String), role: 'user', content: 'more' },
    ]);
  });

  it('creates ids for the messages of an answer from another wire', async () => {
    const message: Message = {
      id: 'a',
      role: 'assistant',
      parts: [
        { type: 'tool-call', id: 'c', name: 'weather', rawInput: '', input: {} },
        { type: 'tool-result', toolCallId: 'c', output: { celsius: 21 }, isError: true },
        { type: 'text', text: 'Hm' },
      ],
    };

    const [body] = await bodiesOf({}, { messages: [message], prompt: 'more' });

    expect((body!['messages'] as object[]).slice(0, 3)).toEqual([
      { id: 'a', role: 'assistant', toolCalls: [expect.objectContaining({ id: 'c' })] },
      { id: 'a-1', role: 'tool', toolCallId: 'c', content: '{"celsius":21}', error: '{"celsius":21}' },
      { id: 'a-2', role: 'assistant', content: 'Hm' },
    ]);
  });

  it('resumes with the decisions of a person', async () => {
    const message: Message = {
      id: 'a',
      role: 'assistant',
      parts: [
        {
          type: 'tool-call',
          id: 'c',
          name: 'pay',
          rawInput: '{}',
          input: {},
          approval: { id: 'int-1', approved: true },
        },
        {
          type: 'tool-call',
          id: 'd',
          name: 'pay',
          rawInput: '{}',
          input: {},
          approval: { id: 'int-2', approved: false, reason: 'No' },
        },
        { type: 'tool-call', id: 'e', name: 'pay', rawInput: '{}', input: {}, approval: { id: 'int-3' } },
      ],
    };

    const [resumed, later] = await bodiesOf({}, { messages: [message] }, { messages: [message], prompt: 'more' });

    expect(resumed?.['resume']).toEqual([
      { interruptId: 'int-1', status: 'resolved', payload: { approved: true } },
      { interruptId: 'int-2', status: 'resolved', payload: { approved: false, reason: 'No' } },
    ]);
    expect(later).not.toHaveProperty('resume');
  });
});
