import { LLMError } from '@rivulet/core';
import { tool, type ChatMessage, type ToolContext } from '@rivulet/core/chat';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { eventually, failureOf, settled } from '../support/client.ts';
import { chatThat, textsOf, turns, written } from './support.ts';

const city = z.object({ city: z.string() });

const weather = tool({
  description: 'The weather in a city',
  inputSchema: city,
  execute: ({ city: name }) => ({ name, celsius: 21 }),
});

const call = (name: string, input: unknown, id = 'c1') => ({ toolCalls: [{ name, input, id }] });

function resultsOf(message: ChatMessage | undefined): unknown[] {
  return (message?.parts ?? []).flatMap((part) =>
    part.type === 'tool-result' ? [{ output: part.output, isError: part.isError }] : [],
  );
}

describe('a tool', () => {
  it('shares the listener of the signal with others that run at the same time', async () => {
    const signals: AbortSignal[] = [];
    let finish!: () => void;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = tool({
      inputSchema: z.object({}),
      execute: (_, { signal }) => gate.then(() => void signals.push(signal)),
    });
    const toolCalls = Array.from({ length: 30 }, (_, at) => ({ name: 'slow', input: {}, id: `c${at}` }));
    const warned = vi.fn();
    process.on('warning', warned);
    const { chat } = chatThat(turns({ toolCalls }, 'Done'), { tools: { slow } });
    const sent = chat.sendMessage('go');
    await settled();
    finish();
    await sent;
    await settled();
    process.off('warning', warned);

    expect(signals).toHaveLength(30);
    expect(warned).not.toHaveBeenCalled();
  });

  it('is offered, carried out, and its result sent back, all in one message', async () => {
    const { chat, requests } = chatThat(
      turns({ text: 'I look.', ...call('weather', { city: 'Paris' }) }, '21 degrees.'),
      {
        tools: { weather },
      },
    );

    await chat.sendMessage('How is Paris?');

    expect(requests[0]?.tools).toEqual([
      {
        name: 'weather',
        description: 'The weather in a city',
        strict: undefined,
        inputSchema: expect.objectContaining({ type: 'object', properties: { city: { type: 'string' } } }),
      },
    ]);
    expect(requests[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', parts: [{ type: 'text' }, { type: 'tool-call', id: 'c1', input: { city: 'Paris' } }] },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c1', output: { name: 'Paris', celsius: 21 } }] },
    ]);
    expect(chat.getSnapshot().messages).toHaveLength(2);
    expect(chat.getSnapshot().messages[1]).toMatchObject({
      finishReason: 'stop',
      parts: [
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', name: 'weather', input: { city: 'Paris' } },
        { type: 'tool-result', name: 'weather', output: { name: 'Paris', celsius: 21 } },
        { type: 'text', text: '21 degrees.' },
      ],
    });

    await chat.sendMessage('Thanks');
    expect(requests[2]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
  });

  it('gets what its schema makes of the arguments; the part keeps what the model sent', async () => {
    const execute = vi.fn(() => 'ok');
    const parse = tool({ inputSchema: z.object({ n: z.string().transform(Number) }), execute });
    const { chat } = chatThat(turns(call('parse', { n: '7' }), 'Done'), { tools: { parse } });
    await chat.sendMessage('1');
    expect(execute).toHaveBeenCalledExactlyOnceWith({ n: 7 }, expect.anything());
    expect(chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ input: { n: '7' } });
  });

  it('is told the conversation, the id of its call and the signal', async () => {
    let told: ToolContext | undefined;
    const look = tool({
      inputSchema: z.object({}),
      execute(_, context) {
        told = context;
        return null;
      },
    });
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'look', id: 'c7' }] }, 'Done'), { tools: { look } });
    await chat.sendMessage('1');
    expect(told).toMatchObject({ toolCallId: 'c7', signal: expect.any(AbortSignal) });
    expect(told?.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('runs beside the others, and results come as they are ready', async () => {
    const releases = new Map<string, () => void>();
    const wait = tool({
      inputSchema: z.object({ name: z.string() }),
      execute: ({ name }) => new Promise<string>((resolve) => releases.set(name, () => resolve(name))),
    });
    const { chat, requests } = chatThat(
      turns(
        {
          toolCalls: [
            { name: 'wait', input: { name: 'a' }, id: 'a' },
            { name: 'wait', input: { name: 'b' }, id: 'b' },
          ],
        },
        'Done',
      ),
      { tools: { wait } },
    );
    const sent = chat.sendMessage('1');
    await eventually(() => releases.size).toBe(2);
    expect(chat.getSnapshot().status).toBe('streaming');
    const [callA] = chat.getSnapshot().messages[1]!.parts;
    releases.get('b')?.();
    await eventually(() => resultsOf(chat.getSnapshot().messages[1])).toEqual([{ output: 'b', isError: undefined }]);
    expect(chat.getSnapshot().messages[1]!.parts[0]).toBe(callA);
    expect(requests).toHaveLength(1);
    releases.get('a')?.();
    await sent;
    expect(requests).toHaveLength(2);
    expect(textsOf(chat).at(-1)).toBe('assistant: tool-call|tool-call|tool-result|tool-result|Done');
  });

  it('shows the input of a call once it is checked, and not before', async () => {
    const answer = written();
    const execute = vi.fn(() => 'ok');
    const { chat } = chatThat(turns(answer.reply, 'Done'), {
      tools: { weather: tool({ inputSchema: city, execute }) },
    });
    const sent = chat.sendMessage('1');
    answer.send({ type: 'tool-call-start', index: 0, id: 'c', name: 'weather' });
    answer.send({ type: 'tool-call-delta', index: 0, delta: '{"city":3}' });
    answer.send({
      type: 'tool-call',
      index: 0,
      toolCall: { id: 'c', name: 'weather', rawInput: '{"city":3}', input: { city: 3 } },
    });
    await eventually(() => chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ rawInput: '{"city":3}' });
    await settled();
    expect(chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ input: undefined });
    answer.send({ type: 'finish', reason: 'tool-calls' });
    answer.finish();
    await sent;
    expect(execute).not.toHaveBeenCalled();
    expect(chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ error: { code: 'validation' } });
    expect(chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ input: undefined });
  });
});

describe('what is wrong with a call goes back to the model', () => {
  it.each<[string, object, RegExp]>([
    ['arguments that are not JSON', { name: 'weather', rawInput: '{"city":', id: 'c' }, /not JSON/],
    [
      'arguments that the schema refuses',
      { name: 'weather', input: { city: 1 }, id: 'c' },
      /weather are invalid: city: /,
    ],
    ['a tool that is not there', { name: 'wether', input: {}, id: 'c' }, /^No tool wether, only: weather/],
    ['a name that objects inherit', { name: 'constructor', input: {}, id: 'c' }, /^No tool constructor/],
  ])('%s', async (_, wrong, message) => {
    const { chat, requests } = chatThat(turns({ toolCalls: [wrong as { name: string }] }, 'Sorry'), {
      tools: { weather },
    });
    await chat.sendMessage('1');
    expect(resultsOf(chat.getSnapshot().messages[1])).toEqual([
      { output: expect.stringMatching(message), isError: true },
    ]);
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: 'tool', parts: [{ isError: true }] });
    expect(textsOf(chat).at(-1)).toMatch(/Sorry$/);
    expect(chat.getSnapshot().error).toBeUndefined();
  });

  it('a tool that fails', async () => {
    const broken = tool({
      inputSchema: z.object({}),
      execute(): string {
        throw new Error('No wind');
      },
    });
    const { chat } = chatThat(turns(call('broken', {}), 'Sorry'), { tools: { broken } });
    await chat.sendMessage('1');
    expect(resultsOf(chat.getSnapshot().messages[1])).toEqual([{ output: 'No wind', isError: true }]);
  });
});

describe('the steps of a turn', () => {
  it('end after five, and can go on', async () => {
    const { chat, requests } = chatThat(turns(call('weather', { city: 'Paris' })), { tools: { weather } });
    await chat.sendMessage('1');
    expect(requests).toHaveLength(5);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready' });
    expect(resultsOf(chat.getSnapshot().messages[1])).toHaveLength(5);
    await chat.continueAnswer();
    expect(requests).toHaveLength(10);
  });

  it('end after maxSteps', async () => {
    const { chat, requests } = chatThat(turns(call('weather', { city: 'Paris' })), { tools: { weather }, maxSteps: 2 });
    await chat.sendMessage('1');
    expect(requests).toHaveLength(2);
  });

  it('do not call onFinish where maxSteps is 0', async () => {
    const onFinish = vi.fn();
    const { chat, requests } = chatThat(turns('A'), { maxSteps: 0, onFinish });
    await chat.sendMessage('1');
    expect(requests).toHaveLength(0);
    expect(onFinish).not.toHaveBeenCalled();
  });

  it('may use the same ids', async () => {
    const { chat, requests } = chatThat(
      turns(call('weather', { city: 'Paris' }), call('weather', { city: 'Rome' }), 'Both'),
      { tools: { weather } },
    );
    await chat.sendMessage('1');
    expect(resultsOf(chat.getSnapshot().messages[1])).toMatchObject([
      { output: { name: 'Paris' } },
      { output: { name: 'Rome' } },
    ]);
    expect(requests[2]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'tool']);
  });

  it('are stopped with the tools that are at work, whose calls are then carried out on continuing', async () => {
    const signals: AbortSignal[] = [];
    const slow = tool({
      inputSchema: z.object({}),
      execute(_, { signal }) {
        signals.push(signal);
        return signals.length > 1 ? 'second try' : new Promise<string>(() => undefined);
      },
    });
    const { chat, requests } = chatThat(turns(call('slow', {}), 'Done'), { tools: { slow } });
    const sent = chat.sendMessage('1');
    await eventually(() => signals.length).toBe(1);
    chat.stop();
    await sent;
    expect(signals[0]?.aborted).toBe(true);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
    expect(resultsOf(chat.getSnapshot().messages[1])).toEqual([]);
    expect(requests).toHaveLength(1);

    await chat.continueAnswer();
    expect(resultsOf(chat.getSnapshot().messages[1])).toEqual([{ output: 'second try', isError: undefined }]);
    expect(requests).toHaveLength(2);
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: 'tool' });
  });

  it('carry nothing out when the answer that calls has failed', async () => {
    const execute = vi.fn(() => 'ok');
    const { chat } = chatThat(
      turns({ ...call('weather', { city: 'Paris' }), error: new LLMError('Lost', { code: 'network' }) }),
      { tools: { weather: tool({ inputSchema: city, execute }) } },
    );
    await chat.sendMessage('1');
    expect(chat.getSnapshot()).toMatchObject({ status: 'error' });
    expect(execute).not.toHaveBeenCalled();
  });

  it('tell a history with a call that nobody answered of that', async () => {
    const { chat, requests } = chatThat(turns(call('ask', { city: 'Paris' }), 'Never mind'), {
      tools: { ask: tool({ inputSchema: city }) },
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot().status).toBe('ready');
    await chat.sendMessage('2');
    expect(requests[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant' },
      {
        role: 'tool',
        parts: [{ toolCallId: 'c1', isError: true, output: expect.stringContaining('not carried out') }],
      },
      { role: 'user' },
    ]);
  });
});

describe('a call that the page answers', () => {
  it('waits for addToolOutput, and the turn goes on with the last one', async () => {
    const onFinish = vi.fn();
    const ask = tool<typeof city, string>({ inputSchema: city });
    const { chat, requests } = chatThat(
      turns(
        {
          toolCalls: [
            { name: 'ask', input: { city: 'Paris' }, id: 'a' },
            { name: 'ask', input: { city: 'Rome' }, id: 'b' },
          ],
        },
        'Done',
      ),
      { tools: { ask }, onFinish },
    );
    await chat.sendMessage('1');
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready' });
    expect(chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ input: { city: 'Paris' } });
    expect(onFinish).not.toHaveBeenCalled();

    await chat.addToolOutput({ tool: 'ask', toolCallId: 'a', output: 'nice' });
    expect(requests).toHaveLength(1);
    await chat.addToolOutput({ toolCallId: 'b', errorText: 'nobody there' });
    expect(requests).toHaveLength(2);
    expect(resultsOf(chat.getSnapshot().messages[1])).toEqual([
      { output: 'nice', isError: undefined },
      { output: 'nobody there', isError: true },
    ]);
    expect(textsOf(chat).at(-1)).toMatch(/Done$/);
    expect(onFinish).toHaveBeenCalledOnce();
    await chat.addToolOutput({ toolCallId: 'a', output: 'again' });
    expect(requests).toHaveLength(2);
    expect(resultsOf(chat.getSnapshot().messages[1])).toHaveLength(2);
  });

  it('has to be there', async () => {
    const { chat } = chatThat(turns('A'));
    await expect(failureOf(chat.addToolOutput({ toolCallId: 'x', output: 1 }))).resolves.toMatchObject({
      code: 'invalid_request',
    });
    await expect(failureOf(chat.addToolApprovalResponse({ id: 'x', approved: true }))).resolves.toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('a call that a person has to allow', () => {
  const pay = (execute: () => string, more: object = { hasEffects: true }) =>
    tool({ inputSchema: city, execute, ...more });

  function approvalOf(message: ChatMessage | undefined) {
    const part = message?.parts.find((one) => one.type === 'tool-call');
    return part?.type === 'tool-call' ? part.approval : undefined;
  }

  it('is one of a tool with effects; it is carried out when it is allowed', async () => {
    const execute = vi.fn(() => 'paid');
    const { chat, requests } = chatThat(turns(call('pay', { city: 'Paris' }), 'Done'), {
      tools: { pay: pay(execute) },
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot().status).toBe('ready');
    expect(execute).not.toHaveBeenCalled();
    const { id } = approvalOf(chat.getSnapshot().messages[1])!;

    await chat.addToolApprovalResponse({ id, approved: true });
    expect(execute).toHaveBeenCalledOnce();
    expect(requests).toHaveLength(2);
    expect(approvalOf(chat.getSnapshot().messages[1])).toEqual({ id, approved: true });
    await chat.addToolApprovalResponse({ id, approved: false });
    expect(execute).toHaveBeenCalledOnce();
    expect(requests).toHaveLength(2);
  });

  it('is told to the model when it is denied', async () => {
    const execute = vi.fn(() => 'paid');
    const { chat } = chatThat(turns(call('pay', { city: 'Paris' }), 'Pity'), { tools: { pay: pay(execute) } });
    await chat.sendMessage('1');
    await chat.addToolApprovalResponse({
      id: approvalOf(chat.getSnapshot().messages[1])!.id,
      approved: false,
      reason: 'Too much',
    });
    expect(execute).not.toHaveBeenCalled();
    expect(resultsOf(chat.getSnapshot().messages[1])).toEqual([
      { output: 'The user denied this: Too much', isError: true },
    ]);
    expect(textsOf(chat).at(-1)).toMatch(/Pity$/);
  });

  it('may depend on the call, and effects may go without', async () => {
    const execute = vi.fn(() => 'paid');
    const needsApproval = vi.fn(({ city: name }: { city: string }) => name === 'Paris');
    const { chat, requests } = chatThat(
      turns(call('pay', { city: 'Rome' }), call('free', { city: 'Oslo' }), call('pay', { city: 'Paris' }), 'Done'),
      {
        tools: { pay: pay(execute, { needsApproval }), free: pay(execute, { hasEffects: true, needsApproval: false }) },
      },
    );
    await chat.sendMessage('1');
    expect(execute).toHaveBeenCalledTimes(2);
    expect(requests).toHaveLength(3);
  });

  it('may be decided while others are at work', async () => {
    let release = (): void => undefined;
    const slow = tool({
      inputSchema: z.object({}),
      execute: () =>
        new Promise<string>((resolve) => {
          release = () => resolve('slow');
        }),
    });
    const execute = vi.fn(() => 'paid');
    const { chat, requests } = chatThat(
      turns(
        {
          toolCalls: [
            { name: 'slow', id: 's' },
            { name: 'pay', input: { city: 'Paris' }, id: 'p' },
          ],
        },
        'Done',
      ),
      { tools: { slow, pay: pay(execute) } },
    );
    const sent = chat.sendMessage('1');
    await eventually(() => chat.getSnapshot().messages[1]?.parts[1]).toHaveProperty('approval');
    const part = chat.getSnapshot().messages[1]!.parts[1]!;
    await chat.addToolApprovalResponse({ id: part.type === 'tool-call' ? part.approval!.id : '', approved: true });
    await eventually(() => execute.mock.calls.length).toBe(1);
    release();
    await sent;
    expect(requests).toHaveLength(2);
    expect(resultsOf(chat.getSnapshot().messages[1])).toHaveLength(2);
  });

  it('may be decided in the moment that it asks', async () => {
    const execute = vi.fn(() => 'paid');
    const { chat, requests } = chatThat(turns(call('pay', { city: 'Paris' }), 'Done'), {
      tools: { pay: pay(execute) },
    });
    chat.subscribe(() => {
      const approval = approvalOf(chat.getSnapshot().messages[1]);
      if (approval && approval.approved === undefined)
        void chat.addToolApprovalResponse({ id: approval.id, approved: true });
    });
    await chat.sendMessage('1');
    await eventually(() => requests.length).toBe(2);
    expect(execute).toHaveBeenCalledOnce();
    await eventually(() => chat.getSnapshot().status).toBe('ready');
  });

  it('holds the queue', async () => {
    const answer = written();
    const { chat, requests } = chatThat(turns(answer.reply, 'Paid', 'Next'), { tools: { pay: pay(() => 'paid') } });
    const first = chat.sendMessage('1');
    const second = chat.sendMessage('2');
    answer.send({ type: 'tool-call', index: 0, toolCall: { id: 'c', name: 'pay', rawInput: '{"city":"Paris"}' } });
    answer.send({ type: 'finish', reason: 'tool-calls' });
    answer.finish();
    await first;
    expect(requests).toHaveLength(1);
    expect(chat.getSnapshot().queue).toHaveLength(1);
    await chat.addToolApprovalResponse({ id: approvalOf(chat.getSnapshot().messages[1])!.id, approved: true });
    await second;
    expect(requests).toHaveLength(3);
    expect(textsOf(chat).at(-1)).toBe('assistant: Next');
  });

  it.each([
    ['sends the queue when another branch is shown', false, ['user: 1', 'assistant: Hi', 'user: 3', 'assistant: Next']],
    ['leaves the queue after a stop when another branch is shown', true, ['user: 1', 'assistant: Hi']],
  ])('%s', async (_title, isStopped, shown) => {
    const answer = written();
    const { chat } = chatThat(turns('Hi', answer.reply, 'Next'), { tools: { pay: pay(() => 'paid') } });
    await chat.sendMessage('1');
    const asked = chat.regenerate();
    const queued = chat.sendMessage('3');
    answer.send({ type: 'tool-call', index: 0, toolCall: { id: 'c', name: 'pay', rawInput: '{"city":"Paris"}' } });
    answer.send({ type: 'finish', reason: 'tool-calls' });
    answer.finish();
    await asked;
    const call = chat.getSnapshot().messages[1];
    if (isStopped) chat.stop();
    // The branch that is shown already has the open call.
    chat.selectBranch(call!.id);
    expect(chat.getSnapshot().queue).toHaveLength(1);
    chat.selectBranch(chat.branches(call!.id)[0]!);
    expect(chat.getSnapshot().queue).toHaveLength(isStopped ? 1 : 0);
    if (!isStopped) await queued;
    expect(textsOf(chat)).toEqual(shown);
  });
});
