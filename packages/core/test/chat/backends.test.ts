import { EventType, type BaseEvent } from '@ag-ui/core';
import { EventEncoder } from '@ag-ui/encoder';
import { LLMClient } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { createChat, tool, type ChatMessage, type ChatOptions } from '@rivulet/core/chat';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import {
  convertToModelMessages,
  createUIMessageStream,
  createUIMessageStreamResponse,
  jsonSchema,
  stepCountIs,
  streamText,
  tool as serverTool,
  validateUIMessages,
  type ToolSet as ServerTools,
  type UIMessage,
} from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { startHttpServer, type Answer, type ReceivedRequest } from '../../../../test/support/http-server.ts';
import { eventually, failureOf, settled, streamOf } from '../support/client.ts';
import { textsOf } from './support.ts';

type ModelStream = Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream'];
type ModelPart = ModelStream extends ReadableStream<infer T> ? T : never;

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
};

const finish = (unified: 'stop' | 'tool-calls'): ModelPart => ({
  type: 'finish',
  finishReason: { unified, raw: unified },
  usage,
});

const say = (delta: string): ModelPart[] => [
  { type: 'text-start', id: '0' },
  { type: 'text-delta', id: '0', delta },
  { type: 'text-end', id: '0' },
  finish('stop'),
];

const ask = (...calls: readonly [id: string, name: string, input: object][]): ModelPart[] => [
  ...calls.map(([toolCallId, toolName, input]) => ({
    type: 'tool-call' as const,
    toolCallId,
    toolName,
    input: JSON.stringify(input),
  })),
  finish('tool-calls'),
];

interface Body {
  readonly id: string;
  readonly messages: UIMessage[];
  readonly trigger: string;
  readonly messageId?: string;
}

async function answerOf(response: Response): Promise<Answer> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    chunks: [{ text: response.status === 204 ? '' : await response.text() }],
  };
}

const bodyOf = ({ body }: ReceivedRequest): Body => JSON.parse(body) as Body;

describe('a backend of the AI SDK', () => {
  /** A route as its documentation has it, which keeps the messages of the conversation. */
  async function backendOf(answers: readonly ModelPart[][], tools: ServerTools, options: Partial<ChatOptions> = {}) {
    let at = 0;
    let ids = 0;
    const kept: UIMessage[][] = [];
    const model = new MockLanguageModelV4({
      doStream: () => Promise.resolve({ stream: streamOf(answers[Math.min(at++, answers.length - 1)] ?? []) }),
    });
    const server = await startHttpServer(async (request) => {
      const { messages } = bodyOf(request);
      await validateUIMessages({ messages, tools: tools as never });
      const result = streamText({
        model,
        messages: await convertToModelMessages(messages, { tools }),
        tools,
        stopWhen: stepCountIs(5),
        maxRetries: 0,
        onError: () => undefined,
      });
      return answerOf(
        result.toUIMessageStreamResponse({
          originalMessages: messages,
          generateMessageId: () => `server-${(ids += 1)}`,
          onFinish: ({ messages: all }) => void kept.push(all),
        }),
      );
    });
    const client = new LLMClient({ provider: uiMessageStream({ api: `${server.url}/api/chat` }), retry: false });
    const chat = createChat({ client, id: 'chat-1', ...options });
    return {
      chat,
      bodies: () => server.requests.map(bodyOf),
      kept,
      [Symbol.asyncDispose]: () => server.close(),
    };
  }

  it('runs its own tools, and nothing runs twice; answers have its ids', async () => {
    const ran = vi.fn(() => Promise.resolve('sunny'));
    const here = vi.fn(() => 'here');
    await using backend = await backendOf(
      [ask(['c1', 'weather', { city: 'Paris' }]), say('It is sunny'), say('Welcome')],
      { weather: serverTool({ inputSchema: jsonSchema<{ city: string }>({ type: 'object' }), execute: ran }) },
      { tools: { weather: tool({ inputSchema: z.object({ city: z.string() }), execute: here }) } },
    );
    const { chat } = backend;
    await chat.sendMessage('How is it?');
    await chat.sendMessage('Thanks');

    expect(ran).toHaveBeenCalledOnce();
    expect(here).not.toHaveBeenCalled();
    expect(textsOf(chat)).toEqual([
      'user: How is it?',
      'assistant: tool-call|tool-result|It is sunny',
      'user: Thanks',
      'assistant: Welcome',
    ]);
    expect(chat.getSnapshot().messages.map(({ id }) => id)).toEqual([
      expect.any(String),
      'server-1',
      expect.any(String),
      'server-2',
    ]);
    expect(chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ name: 'weather', input: { city: 'Paris' } });
    const [first, second] = backend.bodies();
    expect(second?.messages[1]?.parts[0]).toMatchObject({ type: 'tool-weather', input: { city: 'Paris' } });
    expect(first).toMatchObject({ id: 'chat-1', trigger: 'submit-message' });
    expect(second).toMatchObject({ id: 'chat-1' });
    expect(first).not.toHaveProperty('conversation');
    expect(second?.messages.map(({ id }) => id)).toEqual(
      chat
        .getSnapshot()
        .messages.slice(0, 3)
        .map(({ id }) => id),
    );
  });

  it('leaves tools to the page, and goes on with the same message', async () => {
    const execute = vi.fn(({ zone }: { zone: string }) => `noon in ${zone}`);
    await using backend = await backendOf(
      [ask(['c1', 'clock', { zone: 'UTC' }], ['c2', 'ask', {}]), say('It is noon')],
      {
        clock: serverTool({ inputSchema: jsonSchema<{ zone: string }>({ type: 'object' }) }),
        ask: serverTool({ inputSchema: jsonSchema<object>({ type: 'object' }) }),
      } as unknown as ServerTools,
      { tools: { clock: tool({ inputSchema: z.object({ zone: z.string() }), execute }) } },
    );
    const { chat } = backend;
    await chat.sendMessage('What time is it?');
    expect(execute).toHaveBeenCalledOnce();
    expect(chat.getSnapshot().status).toBe('ready');
    expect(backend.bodies()).toHaveLength(1);

    await chat.addToolOutput({ toolCallId: 'c2', output: 'yes' });
    expect(textsOf(chat)[1]).toBe('assistant: tool-call|tool-call|tool-result|tool-result|It is noon');
    const [, second] = backend.bodies();
    expect(second?.messages).toHaveLength(2);
    expect(second?.messages[1]?.parts).toMatchObject([
      { type: 'tool-clock', state: 'output-available', output: 'noon in UTC' },
      { type: 'tool-ask', state: 'output-available', output: 'yes' },
      { type: 'step-start' },
      { type: 'step-start' },
    ]);
    expect(backend.kept.at(-1)?.map(({ id }) => id)).toEqual(chat.getSnapshot().messages.map(({ id }) => id));
  });

  it.each([true, false])('asks a person before it runs its tools, and goes by the answer: %s', async (approved) => {
    const ran = vi.fn(() => Promise.resolve('paid'));
    await using backend = await backendOf(
      [ask(['c1', 'pay', { euros: 5 }], ['c2', 'pay', { euros: 7 }]), say('Done')],
      {
        pay: serverTool({
          inputSchema: jsonSchema<{ euros: number }>({ type: 'object' }),
          needsApproval: true,
          execute: ran,
        }),
      },
    );
    const { chat } = backend;
    await chat.sendMessage('Pay');
    expect(chat.getSnapshot().status).toBe('ready');
    const approvals = chat
      .getSnapshot()
      .messages[1]!.parts.flatMap((part) => (part.type === 'tool-call' && part.approval ? [part.approval.id] : []));
    expect(approvals).toHaveLength(2);

    await chat.addToolApprovalResponse({ id: approvals[0]!, approved });
    expect(backend.bodies()).toHaveLength(1);
    await chat.addToolApprovalResponse({ id: approvals[1]!, approved, reason: 'Because' });
    expect(backend.bodies()).toHaveLength(2);
    expect(ran).toHaveBeenCalledTimes(approved ? 2 : 0);
    expect(chat.getSnapshot().error).toBeUndefined();
    expect(textsOf(chat)[1]).toBe('assistant: tool-call|tool-call|tool-result|tool-result|Done');

    await chat.sendMessage('More');
    expect(chat.getSnapshot().error).toBeUndefined();
    expect(ran).toHaveBeenCalledTimes(approved ? 2 : 0);
  });

  it('carries out an approved call whose id an earlier turn has used', async () => {
    const ran = vi.fn((_: { euros: number }) => Promise.resolve('paid'));
    await using backend = await backendOf(
      [ask(['call-0', 'pay', { euros: 5 }]), say('Done'), ask(['call-0', 'pay', { euros: 7 }]), say('Done again')],
      {
        pay: serverTool({
          inputSchema: jsonSchema<{ euros: number }>({ type: 'object' }),
          needsApproval: true,
          execute: ran,
        }),
      },
    );
    const { chat } = backend;
    for (const prompt of ['Pay', 'Pay more']) {
      await chat.sendMessage(prompt);
      const parts = chat.getSnapshot().messages.at(-1)!.parts;
      const call = parts.find((part) => part.type === 'tool-call');
      await chat.addToolApprovalResponse({ id: call!.approval!.id, approved: true });
      expect(chat.getSnapshot().error).toBeUndefined();
    }

    expect(ran.mock.calls.map(([{ euros }]) => euros)).toEqual([5, 7]);
    expect(backend.bodies().at(-1)?.messages.at(-1)?.parts[0]).toMatchObject({
      type: 'tool-pay',
      state: 'approval-responded',
      input: { euros: 7 },
    });
    expect(chat.getSnapshot().messages.at(-1)!.parts).toMatchObject([
      { type: 'tool-call', name: 'pay' },
      { type: 'tool-result', name: 'pay', output: 'paid' },
      { type: 'text', text: 'Done again' },
    ]);
  });

  it('is told which answer another one is for', async () => {
    await using backend = await backendOf([say('One'), say('Two')], {});
    const { chat } = backend;
    await chat.sendMessage('Hi');
    await chat.regenerate();
    const [, second] = backend.bodies();
    expect(second).toMatchObject({ trigger: 'regenerate-message', messageId: 'server-1' });
    expect(second?.messages).toHaveLength(1);
    expect(textsOf(chat)).toEqual(['user: Hi', 'assistant: Two']);
  });

  it('sends data parts, which onData sees, those that are not kept too', async () => {
    const onData = vi.fn();
    await using server = await startHttpServer(() =>
      answerOf(
        createUIMessageStreamResponse({
          stream: createUIMessageStream({
            execute({ writer }) {
              writer.write({ type: 'data-progress', data: 0.5, transient: true });
              writer.write({ type: 'data-note', data: 1 });
            },
          }),
        }),
      ),
    );
    const client = new LLMClient({ provider: uiMessageStream({ api: server.url }), retry: false });
    const chat = createChat({ client, onData });
    await chat.sendMessage('Hi');
    await settled();
    expect(onData.mock.calls.map(([part]) => part as object)).toMatchObject([
      { name: 'progress', data: 0.5, transient: true },
      { name: 'note', data: 1 },
    ]);
    expect(chat.getSnapshot().messages[1]?.parts).toMatchObject([{ type: 'data', name: 'note' }]);
  });
});

describe('an answer that a backend still writes', () => {
  const frame = (chunk: object): string => `data: ${JSON.stringify(chunk)}\n\n`;
  const opening =
    frame({ type: 'start', messageId: 'answer-1' }) +
    frame({ type: 'text-start', id: 't' }) +
    frame({ type: 'text-delta', id: 't', delta: 'Half ' });
  const rest =
    frame({ type: 'text-delta', id: 't', delta: 'and half' }) +
    frame({ type: 'finish', finishReason: 'stop' }) +
    'data: [DONE]\n\n';
  const user: ChatMessage = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
  const half: ChatMessage = {
    id: 'answer-1',
    role: 'assistant',
    parts: [{ type: 'text', text: 'Half' }],
    finishReason: 'interrupted',
    openFrom: 0,
  };

  function chatAt(url: string, messages: readonly ChatMessage[]) {
    const client = new LLMClient({ provider: uiMessageStream({ api: `${url}/api/chat` }), retry: false });
    return createChat({ client, id: 'chat 1', messages });
  }

  it.each([
    ['the message that was cut', [user, half]],
    ['a new message', [user]],
  ])('fills %s', async (_, messages) => {
    await using server = await startHttpServer({ chunks: [{ text: opening }, { text: rest, gate: 'rest' }] });
    const chat = chatAt(server.url, messages);
    const resumed = chat.resumeStream();
    await eventually(() => chat.getSnapshot().status).toBe('streaming');
    server.release('rest');
    await expect(resumed).resolves.toBe(true);
    expect(server.requests).toMatchObject([{ method: 'GET', path: '/api/chat/chat%201/stream', body: '' }]);
    expect(textsOf(chat)).toEqual(['user: Hi', 'assistant: Half and half']);
    expect(chat.getSnapshot().messages[1]).toMatchObject({ id: 'answer-1', finishReason: 'stop' });
    expect(chat.getSnapshot().status).toBe('ready');
  });

  it('that continues another one leaves what was there before', async () => {
    const stream = (...chunks: readonly object[]): string => chunks.map(frame).join('');
    const start = [
      { type: 'start', messageId: 'answer-1' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'and ' },
    ];
    await using server = await startHttpServer(({ method }) => ({
      chunks: [
        {
          text:
            method === 'GET'
              ? stream(...start, { type: 'text-delta', id: 't', delta: 'half' }, { type: 'finish' }) +
                'data: [DONE]\n\n'
              : stream(...start),
        },
      ],
    }));
    const cut = { ...half, parts: [{ type: 'text' as const, text: 'Half ' }], openFrom: undefined };
    const chat = chatAt(server.url, [user, { ...cut, finishReason: 'length' }]);
    await chat.continueAnswer();
    expect(chat.getSnapshot().messages[1]).toMatchObject({ finishReason: 'interrupted' });
    await expect(chat.resumeStream()).resolves.toBe(true);
    expect(textsOf(chat)).toEqual(['user: Hi', 'assistant: Half |and half']);
  });

  it('resolves to false without an error in a new chat', async () => {
    await using server = await startHttpServer({ status: 500 });
    const chat = chatAt(server.url, []);
    const errors: unknown[] = [];
    chat.subscribe(() => errors.push(chat.getSnapshot().error));
    await expect(chat.resumeStream()).resolves.toBe(false);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, messages: [] });
    expect(errors.filter(Boolean)).toEqual([]);
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    [204, ''],
    [404, '{"error":"no active stream"}'],
  ])('resolves to false if the backend answers with %i, and keeps the messages', async (status, text) => {
    await using server = await startHttpServer({ status, chunks: [{ text }] });
    const chat = chatAt(server.url, [user, half]);
    const statuses = new Set<string>();
    chat.subscribe(() => statuses.add(chat.getSnapshot().status));
    await expect(chat.resumeStream()).resolves.toBe(false);
    expect(statuses).toEqual(new Set(['ready']));
    expect(chat.getSnapshot()).toMatchObject({ error: undefined, messages: [user, { ...half, parentId: 'u' }] });
    expect(server.requests).toHaveLength(1);
  });

  it('fails with the answer of the backend', async () => {
    await using server = await startHttpServer({ status: 403, chunks: [{ text: 'no' }] });
    const chat = chatAt(server.url, [user]);
    await chat.resumeStream();
    expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'permission_denied' } });
  });

  it('cannot be asked for from a provider that has none', async () => {
    const client = new LLMClient({ provider: agui({ api: 'http://127.0.0.1/agent' }) });
    await expect(failureOf(createChat({ client }).resumeStream())).resolves.toMatchObject({ code: 'invalid_request' });
  });
});

describe('a backend that speaks AG-UI', () => {
  const encoder = new EventEncoder();
  const run = { threadId: 'chat-1', runId: 'run-1' };
  const encode = (...events: readonly object[]): string =>
    [{ type: EventType.RUN_STARTED, ...run }, ...events, { type: EventType.RUN_FINISHED, ...run }]
      .map((event) => encoder.encodeSSE({ ...run, ...event } as unknown as BaseEvent))
      .join('');
  const called = (toolCallId: string, toolCallName: string, delta: string): object[] => [
    { type: EventType.TOOL_CALL_START, toolCallId, toolCallName },
    { type: EventType.TOOL_CALL_ARGS, toolCallId, delta },
    { type: EventType.TOOL_CALL_END, toolCallId },
  ];
  const said = (messageId: string, delta: string): object[] => [
    { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' },
    { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta },
    { type: EventType.TEXT_MESSAGE_END, messageId },
  ];

  async function backendOf(...bodies: readonly string[]) {
    const server = await startHttpServer(bodies.map((text) => ({ chunks: [{ text }] })));
    const client = new LLMClient({ provider: agui({ api: `${server.url}/agent` }), retry: false });
    return {
      client,
      bodies: () => server.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>),
      [Symbol.asyncDispose]: () => server.close(),
    };
  }

  it('runs its own tools, and leaves those of the page to it', async () => {
    const execute = vi.fn(() => 'noon');
    await using backend = await backendOf(
      encode(
        ...called('c1', 'weather', '{"city":"Paris"}'),
        { type: EventType.TOOL_CALL_RESULT, messageId: 'm1', toolCallId: 'c1', content: 'sunny' },
        ...called('c2', 'clock', '{}'),
      ),
      encode(...said('m2', 'Sunny, and noon')),
    );
    const chat = createChat({
      client: backend.client,
      id: 'chat-1',
      tools: { clock: tool({ inputSchema: z.object({}), execute }) },
    });
    await chat.sendMessage('Hi');
    expect(chat.getSnapshot().error).toBeUndefined();
    expect(execute).toHaveBeenCalledOnce();
    expect(textsOf(chat)[1]).toBe('assistant: tool-call|tool-result|tool-call|tool-result|Sunny, and noon');
    const [first, second] = backend.bodies();
    expect(first).toMatchObject({ threadId: 'chat-1', tools: [{ name: 'clock' }], forwardedProps: {} });
    expect((second!['messages'] as { role: string }[]).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
    ]);
  });

  it('asks a person, once for each call', async () => {
    const interrupted = (id: string, toolCallId: string): object => ({
      type: EventType.RUN_FINISHED,
      outcome: { type: 'interrupt', interrupts: [{ id, reason: 'tool_call', toolCallId }] },
    });
    const start = encoder.encodeSSE({ type: EventType.RUN_STARTED, ...run });
    const events = (...all: readonly object[]): string =>
      start + all.map((event) => encoder.encodeSSE({ ...run, ...event } as unknown as BaseEvent)).join('');
    await using backend = await backendOf(
      events(...called('c1', 'pay', '{"euros":5}'), interrupted('int-1', 'c1')),
      events(
        { type: EventType.TOOL_CALL_RESULT, messageId: 'm1', toolCallId: 'c1', content: 'paid' },
        ...called('c2', 'pay', '{"euros":7}'),
        interrupted('int-2', 'c2'),
      ),
      encode(...said('m2', 'Done')),
    );
    const chat = createChat({ client: backend.client });
    await chat.sendMessage('Pay');
    expect(chat.getSnapshot().status).toBe('ready');
    await chat.addToolApprovalResponse({ id: 'int-1', approved: true });
    expect(backend.bodies()).toHaveLength(2);
    await chat.addToolApprovalResponse({ id: 'int-2', approved: false });
    expect(backend.bodies().map(({ resume }) => resume)).toEqual([
      undefined,
      [{ interruptId: 'int-1', status: 'resolved', payload: { approved: true } }],
      [{ interruptId: 'int-2', status: 'resolved', payload: { approved: false } }],
    ]);
    expect(textsOf(chat)[1]).toMatch(/Done$/);
  });
});
