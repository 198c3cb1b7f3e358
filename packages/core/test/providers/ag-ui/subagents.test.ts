import { messageText, type DataPart, type LLMError, type Message, type Part, type StreamEvent } from '@rivulet/core';
import type { SubagentData } from '@rivulet/core/ag-ui';
import { createChat } from '@rivulet/core/chat';
import { RunAgentInputSchema } from '@ag-ui/core/schemas';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complete, finished, sse, startAgent, started, streamEvents } from '../../support/ag-ui.ts';
import { eventually, failureOf, readAll } from '../../support/client.ts';
import { fold } from '../../support/fold.ts';

const text = (messageId: string, delta: string, subagentRunId?: string): object => ({
  type: 'TEXT_MESSAGE_CHUNK',
  messageId,
  role: 'assistant',
  delta,
  subagentRunId,
});
const begin = (subagentRunId: string, fields: object = {}): object => ({
  type: 'SUBAGENT_STARTED',
  subagentRunId,
  name: 'researcher',
  ...fields,
});
const close = (subagentRunId: string, fields: object = {}): object => ({
  type: 'SUBAGENT_FINISHED',
  subagentRunId,
  ...fields,
});

function subagentsOf(message: Partial<Message> | undefined): SubagentData[] {
  return (message?.parts ?? [])
    .filter((part): part is DataPart => part.type === 'data' && part.name === 'subagent')
    .map(({ data }) => data as SubagentData);
}

function textsOf(parts: readonly Part[] | undefined): string[] {
  return (parts ?? []).flatMap((part) => (part.type === 'text' || part.type === 'reasoning' ? [part.text] : []));
}

describe('a subagent', () => {
  it.each<[string, object[], Partial<SubagentData>, string[]]>([
    [
      'that is announced',
      [
        begin('s', { description: 'Looks things up', parentToolCallId: 'c' }),
        text('i', 'INNER', 's'),
        close('s', { result: { found: 1 } }),
      ],
      {
        subagentRunId: 's',
        name: 'researcher',
        description: 'Looks things up',
        parentToolCallId: 'c',
        status: 'finished',
        result: { found: 1 },
      },
      ['INNER'],
    ],
    ['that is not announced', [text('i', 'INNER', 's')], { subagentRunId: 's', status: 'finished' }, ['INNER']],
    [
      'that fails',
      [begin('s'), text('i', 'INNER', 's'), { type: 'SUBAGENT_ERROR', subagentRunId: 's', message: 'boom', code: 'X' }],
      { status: 'failed', error: { message: 'boom', code: 'X' } },
      ['INNER'],
    ],
    [
      'that is suspended',
      [begin('s'), text('i', 'INNER', 's'), close('s', { outcome: { type: 'suspended', interruptIds: [] } })],
      { status: 'suspended' },
      ['INNER'],
    ],
    [
      'that another one started',
      [begin('s', { parentSubagentRunId: 'r' }), text('i', 'INNER', 's'), close('s')],
      { parentSubagentRunId: 'r' },
      ['INNER'],
    ],
    [
      'whose continuations omit the id of the run',
      [
        begin('s'),
        { type: 'TEXT_MESSAGE_START', messageId: 'i', role: 'assistant', subagentRunId: 's' },
        { type: 'TEXT_MESSAGE_CONTENT', messageId: 'i', delta: 'IN' },
        text('i', 'NER'),
        { type: 'TEXT_MESSAGE_END', messageId: 'i' },
        close('s'),
      ],
      { status: 'finished' },
      ['INNER'],
    ],
    [
      'that thinks',
      [
        { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning', subagentRunId: 's' },
        { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'HM', subagentRunId: 's' },
        { type: 'REASONING_MESSAGE_END', messageId: 'r', subagentRunId: 's' },
        text('i', 'INNER', 's'),
      ],
      { status: 'finished' },
      ['HM', 'INNER'],
    ],
    [
      'that only a snapshot of the messages has',
      [
        {
          type: 'MESSAGES_SNAPSHOT',
          messages: [
            { id: 'u', role: 'user', content: 'hello' },
            { id: 'q', role: 'user', content: 'A question for the subagent', subagentRunId: 's' },
            { id: 'i', role: 'assistant', content: 'INNER', subagentRunId: 's' },
          ],
        },
      ],
      { status: 'finished' },
      ['INNER'],
    ],
    [
      'that a snapshot of the messages continues',
      [
        text('i', 'IN', 's'),
        {
          type: 'MESSAGES_SNAPSHOT',
          messages: [
            { id: 'u', role: 'user', content: 'hello' },
            { id: 'i', role: 'assistant', content: 'INNER' },
            { id: 'j', role: 'assistant', content: 'MORE', subagentRunId: 's' },
          ],
        },
      ],
      { status: 'finished' },
      ['INNER', 'MORE'],
    ],
  ])('%s is a data part and not the answer', async (_, events, data, texts) => {
    const all = [started, text('a', 'Ma'), ...events, text('a', 'in'), finished];
    await using agent = await startAgent(all);
    const run = agent.client.stream('hello');
    const { items } = await readAll<StreamEvent>(run);
    const { message, ...completion } = await run.result;

    expect(completion).toMatchObject({ text: 'Main', reasoning: '', toolCalls: [], finishReason: 'stop' });
    expect(subagentsOf(message)).toMatchObject([data]);
    expect(textsOf(subagentsOf(message)[0]?.parts)).toEqual(texts);
    expect(fold(items).message?.parts).toEqual(message.parts);

    await assert(
      asyncProperty(array(nat(), { maxLength: 8 }), async (cuts) => {
        agent.answer(all, cuts);
        expect((await agent.client.complete('hello')).message.parts).toEqual(message.parts);
      }),
      { numRuns: 3 },
    );
  });

  it('has its own calls and results, and its steps are not those of the answer', async () => {
    const { items } = await streamEvents([
      started,
      { type: 'STEP_STARTED', stepName: 'look', subagentRunId: 's' },
      { type: 'TEXT_MESSAGE_START', messageId: 'i', role: 'assistant', subagentRunId: 's' },
      // It belongs to the message that makes it.
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'search', parentMessageId: 'i' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"q":1}' },
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
      { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'tool-call', entityId: 'c', encryptedValue: 'cipher' },
      { type: 'TOOL_CALL_RESULT', messageId: 't', toolCallId: 'c', content: 'found' },
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'p', activityType: 'PLAN', content: { n: 1 }, subagentRunId: 's' },
      {
        type: 'ACTIVITY_DELTA',
        messageId: 'p',
        activityType: 'PLAN',
        patch: [{ op: 'replace', path: '/n', value: 2 }],
      },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'open', toolCallName: 'think', delta: '{', subagentRunId: 's' },
      finished,
    ]);
    const { message, toolCalls, finishReason } = fold(items);

    expect({ toolCalls, finishReason }).toEqual({ toolCalls: [], finishReason: 'stop' });
    expect(items.filter(({ type }) => type === 'step')).toEqual([]);
    expect(subagentsOf(message)[0]?.parts).toMatchObject([
      { type: 'tool-call', name: 'search', input: { q: 1 }, providerMetadata: { agui: { encryptedValue: 'cipher' } } },
      { type: 'tool-result', toolCallId: 'c', name: 'search', output: 'found' },
      { type: 'data', name: 'PLAN', data: { n: 2 } },
      { type: 'tool-call', name: 'think', error: { code: 'parse' } },
    ]);
  });

  it('may use a message id of the agent', async () => {
    const { message, text: answer } = await complete([
      text('a', 'Ma'),
      text('a', 'INNER', 's'),
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'in' },
    ]);

    expect(answer).toBe('Main');
    expect(textsOf(subagentsOf(message)[0]?.parts)).toEqual(['INNER']);
  });

  it('streams beside another one and beside the agent', async () => {
    const { message, text: answer } = await complete([
      begin('s'),
      begin('z', { name: 'writer' }),
      text('i', 'S1', 's'),
      text('j', 'Z1', 'z'),
      text('a', 'A1'),
      // Chunks without an id continue the last message of the same run.
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'S2', subagentRunId: 's' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'A2' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'Z2', subagentRunId: 'z' },
      close('z'),
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'S3', subagentRunId: 's' },
      close('s'),
    ]);

    expect(answer).toBe('A1A2');
    expect(subagentsOf(message).map(({ name, parts }) => [name, textsOf(parts)])).toEqual([
      ['researcher', ['S1S2S3']],
      ['writer', ['Z1Z2']],
    ]);
  });

  it('changes the state of the run, and sends custom events of the run', async () => {
    const { message } = await complete([
      { type: 'STATE_SNAPSHOT', snapshot: { n: 1 } },
      { type: 'STATE_DELTA', delta: [{ op: 'replace', path: '/n', value: 2 }], subagentRunId: 's' },
      { type: 'CUSTOM', name: 'note', value: 'x', subagentRunId: 's' },
    ]);

    expect(message.parts).toMatchObject([
      { name: 'state', data: { n: 2 } },
      { name: 'note', data: 'x' },
    ]);
  });

  it.each<[string, object, object]>([
    [
      'an interrupt',
      { type: 'interrupt', interrupts: [{ id: 'int-1', reason: 'tool_call', toolCallId: 'c', subagentRunId: 's' }] },
      { finishReason: 'pause', toolCalls: [{ id: 'c', name: 'pay', input: { euro: 5 }, approval: { id: 'int-1' } }] },
    ],
    [
      'pendingToolCallIds',
      { type: 'success', pendingToolCallIds: ['c'] },
      { finishReason: 'tool-calls', toolCalls: [{ id: 'c', name: 'pay', input: { euro: 5 } }] },
    ],
  ])('makes a call for the page if %s names it, and sends it back once', async (_, outcome, expected) => {
    await using agent = await startAgent([
      started,
      text('a', 'Main'),
      begin('s'),
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'pay', subagentRunId: 's' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"euro":5}' },
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
      { ...finished, outcome },
    ]);
    const completion = await agent.client.complete('hello');

    expect(completion).toMatchObject({ text: 'Main', ...expected });

    agent.answer([started, finished]);
    await agent.client.complete({
      messages: [
        completion.message,
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c', output: 'paid' }] },
      ],
    });
    const sent = agent.bodies().at(-1);
    expect(RunAgentInputSchema.parse(sent)).toEqual(sent);
    expect(sent?.['messages']).toEqual([
      { id: 'a', role: 'assistant', content: 'Main' },
      {
        id: expect.any(String),
        role: 'assistant',
        subagentRunId: 's',
        toolCalls: [{ id: 'c', type: 'function', function: { name: 'pay', arguments: '{"euro":5}' } }],
      },
      { id: expect.any(String), role: 'tool', toolCallId: 'c', content: 'paid' },
    ]);
  });

  it('lets a person decide about its call in a chat, and resumes with the decision', async () => {
    const call = { toolCallId: 'c', subagentRunId: 's' };
    await using agent = await startAgent([
      started,
      begin('s'),
      { type: 'TOOL_CALL_CHUNK', ...call, toolCallName: 'pay', delta: '{"euro":5}' },
      close('s', { outcome: { type: 'suspended', interruptIds: ['int-1'] } }),
      {
        ...finished,
        outcome: { type: 'interrupt', interrupts: [{ id: 'int-1', reason: 'tool_call', toolCallId: 'c' }] },
      },
    ]);
    const chat = createChat({ client: agent.client });

    await chat.sendMessage('Pay it');
    agent.answer([
      started,
      { type: 'TOOL_CALL_RESULT', messageId: 't', ...call, content: 'paid' },
      text('a', 'Done.'),
      finished,
    ]);
    await chat.addToolApprovalResponse({ id: 'int-1', approved: true });

    expect(agent.bodies()[1]).toMatchObject({
      resume: [{ interruptId: 'int-1', status: 'resolved', payload: { approved: true } }],
    });
    await eventually(() => chat.getSnapshot().status).toBe('ready');
    expect(messageText(chat.getSnapshot().messages.at(-1))).toBe('Done.');
    expect(agent.server.requests).toHaveLength(2);
  });

  it('goes back to the agent as its own messages', async () => {
    const { message } = await complete([
      text('a', 'Main'),
      begin('s'),
      { type: 'REASONING_MESSAGE_CHUNK', messageId: 'r', delta: 'Hm', subagentRunId: 's' },
      text('i', 'INNER', 's'),
      {
        type: 'TOOL_CALL_CHUNK',
        toolCallId: 'c',
        toolCallName: 'f',
        parentMessageId: 'i',
        delta: '{}',
        subagentRunId: 's',
      },
      { type: 'TOOL_CALL_RESULT', messageId: 't', toolCallId: 'c', content: [{ type: 'text', text: 'found' }] },
      close('s'),
      text('b', 'End'),
    ]);
    await using agent = await startAgent([started, finished]);

    await agent.client.complete({ messages: [message], prompt: 'more' });

    const [sent] = agent.bodies();
    expect(RunAgentInputSchema.parse(sent)).toEqual(sent);
    expect(sent?.['messages']).toEqual([
      { id: 'a', role: 'assistant', content: 'Main' },
      { id: 'r', role: 'reasoning', content: 'Hm', subagentRunId: 's' },
      {
        id: 'i',
        role: 'assistant',
        content: 'INNER',
        subagentRunId: 's',
        toolCalls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { id: 't', role: 'tool', toolCallId: 'c', content: [{ type: 'text', text: 'found' }], subagentRunId: 's' },
      { id: 'b', role: 'assistant', content: 'End' },
      { id: expect.any(String), role: 'user', content: 'more' },
    ]);
  });

  it.each<[string, object, string]>([
    ['fails', { type: 'RUN_ERROR', message: 'boom' }, 'failed'],
    ['is cancelled', { ...finished, outcome: { type: 'cancelled' } }, 'failed'],
  ])('is kept in the partial answer, as failed, if the run %s', async (_, last, status) => {
    await using agent = await startAgent([started, begin('s'), text('i', 'INNER', 's'), last]);

    const error = (await failureOf(agent.client.complete('hello'))) as LLMError;

    expect(error).toMatchObject({ code: 'server', partial: { text: '' } });
    expect(subagentsOf(error.partial?.message)).toMatchObject([{ status, parts: [{ text: 'INNER' }] }]);
  });

  it('costs as much as was received, however many parts it has', async () => {
    const measure = async (count: number): Promise<{ copied: number; parts: number }> => {
      const { items } = await streamEvents([
        started,
        ...Array.from({ length: count }, (_, at) => text(`m-${at}`, 'word ', 's')),
        finished,
      ]);
      const lengths = items.flatMap((event) =>
        event.type === 'data' ? [(event.data as SubagentData).parts.length] : [],
      );
      return { copied: lengths.reduce((sum, length) => sum + length, 0), parts: lengths.at(-1) ?? 0 };
    };

    const [few, many] = [await measure(1000), await measure(4000)];

    expect([few.parts, many.parts]).toEqual([1000, 4000]);
    expect(many.copied).toBeLessThan(few.copied * 6);
  });
});

describe('a run', () => {
  const usage = [
    { provider: 'openai', model: 'a', inputTokens: 10, outputTokens: 5, totalTokens: 15 },
    { model: 'b', inputTokens: 1, outputTokens: 2, cacheWriteInputTokens: 1 },
  ];

  it.each<[string, object]>([
    ['fails', { type: 'RUN_ERROR', message: 'boom', code: 'RATE_LIMIT', usage }],
    ['is cancelled', { ...finished, outcome: { type: 'cancelled' }, usage }],
  ])('has the token counts of what it did before it %s', async (_, last) => {
    const counts = { inputTokens: 11, outputTokens: 7, totalTokens: 15, cacheWriteTokens: 1, raw: usage };
    await using agent = await startAgent([started, text('a', 'Once'), last]);

    const error = await failureOf(agent.client.complete('hello'));

    expect(error).toMatchObject({ partial: { text: 'Once', usage: counts } });

    agent.answer([started, last]);
    expect(await failureOf(agent.client.complete('hello'))).toMatchObject({ partial: { text: '', usage: counts } });
  });

  it('has the token counts of its last attempt', async () => {
    const failed = sse([started, { type: 'RUN_ERROR', message: 'boom', usage }]);
    await using agent = await startAgent([], { retry: { maxRetries: 1 } });
    agent.server.answer([{ chunks: [{ text: failed }] }, { chunks: [{ text: sse([started, text('a', 'Once')]) }] }]);

    const error = await failureOf(agent.client.complete('hello'));

    expect(error).toMatchObject({ code: 'truncated', partial: { text: 'Once' } });
    expect((error as LLMError).partial?.usage).toBeUndefined();
  });

  it('may have its counts in one object', async () => {
    const [counts] = usage;
    await using agent = await startAgent([started, { ...finished, usage: counts }]);

    expect((await agent.client.complete('hello')).usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  });

  it('is not asked for again if the backend cancelled it', async () => {
    await using agent = await startAgent([started, { ...finished, outcome: { type: 'cancelled' } }], {
      retry: { maxRetries: 2 },
    });

    expect(await failureOf(agent.client.complete('hello'))).toMatchObject({ code: 'server', isRetryable: false });
    expect(agent.server.requests).toHaveLength(1);
  });

  const called = (id: string): object => ({ type: 'TOOL_CALL_CHUNK', toolCallId: id, toolCallName: 'f', delta: '{}' });
  const result = (id: string): object => ({
    type: 'TOOL_CALL_RESULT',
    messageId: `t-${id}`,
    toolCallId: id,
    content: 'x',
  });

  it.each<[string, object[], object | undefined, string]>([
    ['names the calls that wait', [called('c')], { type: 'success', pendingToolCallIds: ['c'] }, 'tool-calls'],
    [
      'names one of two calls',
      [called('c'), called('d')],
      { type: 'success', pendingToolCallIds: ['d'] },
      'tool-calls',
    ],
    [
      'names a call that has a result',
      [called('c'), result('c')],
      { type: 'success', pendingToolCallIds: ['c'] },
      'stop',
    ],
    ['names no call', [called('c')], { type: 'success', pendingToolCallIds: [] }, 'tool-calls'],
    ['has no outcome', [called('c')], undefined, 'tool-calls'],
    ['has an outcome of a later version', [called('c'), result('c')], { type: 'news' }, 'stop'],
    [
      'has an outcome of unknown shape',
      [text('a', 'x')],
      { type: 7, interrupts: [7], pendingToolCallIds: [null, {}] },
      'stop',
    ],
    ['is interrupted without interrupts', [text('a', 'x')], { type: 'interrupt' }, 'pause'],
  ])('that %s has the right finish reason', async (_, events, outcome, finishReason) => {
    const { items } = await streamEvents([started, ...events, { ...finished, outcome }]);

    expect(fold(items).finishReason).toBe(finishReason);
  });

  it.each([
    ['in its outcome', { outcome: { type: 'success', pendingToolCallIds: ['c'] } }],
    ['beside it', { pendingToolCallIds: ['c'] }],
  ])('has the ids of the calls that wait, %s, in its metadata', async (_, fields) => {
    await using agent = await startAgent([started, called('c'), { ...finished, ...fields }]);

    expect((await agent.client.complete('hello')).message.metadata).toMatchObject({ pendingToolCallIds: ['c'] });
  });

  it('keeps names, metadata and types of encrypted values, and sends them back', async () => {
    const { message } = await complete([
      { type: 'TEXT_MESSAGE_START', messageId: 'a', name: 'Ada', metadata: { x: 1 } },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'Hi', metadata: { y: { z: 1 } } },
      { type: 'TEXT_MESSAGE_END', messageId: 'a', metadata: { x: 2 } },
      {
        type: 'REASONING_ENCRYPTED_VALUE',
        subtype: 'message',
        entityId: 'a',
        encryptedValue: 'v1',
        encryptedValueType: 't',
      },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c', toolCallName: 'f', delta: '{}', metadata: { call: true } },
      { type: 'TOOL_CALL_RESULT', messageId: 't', toolCallId: 'c', content: 'x' },
      { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'message', entityId: 't', encryptedValue: 'v2' },
    ]);
    await using agent = await startAgent([started, finished]);

    await agent.client.complete({ messages: [message], prompt: 'more' });

    expect(agent.bodies()[0]?.['messages']).toMatchObject([
      {
        id: 'a',
        name: 'Ada',
        content: 'Hi',
        encryptedValue: 'v1',
        encryptedValueType: 't',
        metadata: { x: 2, y: { z: 1 } },
        toolCalls: [{ id: 'c', metadata: { call: true } }],
      },
      { id: 't', role: 'tool', content: 'x', encryptedValue: 'v2' },
      { role: 'user' },
    ]);
  });

  it('appends to a message and to a call that are opened again', async () => {
    const open = { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'f' };
    const { message } = await complete([
      { type: 'TEXT_MESSAGE_START', messageId: 'a' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'One' },
      { type: 'TEXT_MESSAGE_END', messageId: 'a' },
      { type: 'TEXT_MESSAGE_START', messageId: 'a' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'Two' },
      { type: 'TEXT_MESSAGE_END', messageId: 'a' },
      open,
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
      open,
      { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"a":1}' },
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
    ]);

    expect(message.parts).toMatchObject([
      { type: 'text', text: 'OneTwo' },
      { type: 'tool-call', rawInput: '{"a":1}', input: { a: 1 } },
    ]);
  });
});
