import { LLMError, type StreamEvent } from '@rivulet/core';
import { memoryChats, persistChat, tool, type ChatMessage } from '@rivulet/core/chat';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { eventually, failureOf, settled } from '../support/client.ts';
import { chatThat, textsOf, turns, written } from './support.ts';

const nothing = z.object({});

function partsOf(message: ChatMessage | undefined, type: string): unknown[] {
  return (message?.parts ?? []).filter((part) => part.type === type);
}

function approvalOf(message: ChatMessage | undefined) {
  const part = message?.parts.find((one) => one.type === 'tool-call');
  return part?.type === 'tool-call' ? part.approval : undefined;
}

function unreadable(): { readonly file: File; fail(): void } {
  let fail = (): void => undefined;
  const file = new File(['meow'], 'cat.txt');
  file.arrayBuffer = () =>
    new Promise((_, reject) => {
      fail = () => reject(new DOMException('gone', 'NotReadableError'));
    });
  return { file, fail: () => fail() };
}

describe('a call that is answered', () => {
  it('while the model still writes has it asked again', async () => {
    const answer = written();
    const { chat, requests } = chatThat(turns(answer.reply, 'Thanks'), {
      tools: { ask: tool({ inputSchema: nothing }) },
    });
    const sent = chat.sendMessage('1');
    answer.send({ type: 'tool-call', index: 0, toolCall: { id: 'c', name: 'ask', rawInput: '{}', input: {} } });
    await eventually(() => chat.getSnapshot().messages[1]?.parts.length).toBe(1);
    const answered = chat.addToolOutput({ toolCallId: 'c', output: 'yes' });
    answer.send({ type: 'finish', reason: 'tool-calls' });
    answer.finish();
    await Promise.all([sent, answered]);
    expect(requests).toHaveLength(2);
    expect(textsOf(chat).at(-1)).toBe('assistant: tool-call|tool-result|Thanks');
  });

  it('in an answer that broke off stays, with its result, when that goes on', async () => {
    const events: StreamEvent[] = [
      { type: 'tool-call', index: 0, toolCall: { id: 'c', name: 'search', rawInput: '{}', input: {} } },
      { type: 'tool-result', index: 1, toolCallId: 'c', name: 'search', output: 'found' },
      { type: 'text', delta: 'So ' },
    ];
    const { chat } = chatThat(turns(events, 'far.'));
    await chat.sendMessage('1');
    expect(chat.getSnapshot()).toMatchObject({ status: 'error' });
    await chat.continueAnswer();
    expect(textsOf(chat).at(-1)).toBe('assistant: tool-call|tool-result|So far.');
  });

  it('twice under one id is carried out twice', async () => {
    const city = z.object({ city: z.string() });
    const { chat, requests } = chatThat(
      turns(
        {
          toolCalls: [
            { name: 'weather', input: { city: 'Paris' }, id: 'c' },
            { name: 'weather', input: { city: 'Rome' }, id: 'c' },
          ],
        },
        'Both',
      ),
      { tools: { weather: tool({ inputSchema: city, execute: ({ city: name }) => name }) } },
    );
    await chat.sendMessage('1');
    expect(partsOf(chat.getSnapshot().messages[1], 'tool-call')).toMatchObject([
      { id: 'c', input: { city: 'Paris' } },
      { input: { city: 'Rome' } },
    ]);
    expect(partsOf(chat.getSnapshot().messages[1], 'tool-result')).toMatchObject([
      { toolCallId: 'c', output: 'Paris' },
      { output: 'Rome' },
    ]);
    const sentBack = requests[1]!.messages.flatMap(({ parts }) => parts);
    const ids = sentBack.flatMap((part) => (part?.type === 'tool-call' ? [part.id] : []));
    expect(new Set(ids).size).toBe(2);
    expect(sentBack.flatMap((part) => (part?.type === 'tool-result' ? [part.toolCallId] : []))).toEqual(ids);
  });
});

describe('a stop', () => {
  it('in the moment in which the model has called carries nothing out, and leaves the chat ready', async () => {
    const execute = vi.fn(() => 'ok');
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'look' }] }, 'Done'), {
      tools: { look: tool({ inputSchema: nothing, execute }) },
    });
    chat.subscribe(() => {
      if (chat.getSnapshot().messages[1]?.finishReason === 'tool-calls') chat.stop();
    });
    await chat.sendMessage('1');
    await settled();
    expect(chat.getSnapshot().status).toBe('ready');
    expect(execute).not.toHaveBeenCalled();
    expect(requests).toHaveLength(1);
  });

  it('at the moment of a tool result sends no further request, and marks the answer as aborted', async () => {
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'look' }] }, 'Done'), {
      tools: { look: tool({ inputSchema: nothing, execute: () => 'ok' }) },
    });
    const isThere = () => partsOf(chat.getSnapshot().messages[1], 'tool-result').length > 0;
    const unsubscribe = chat.subscribe(() => {
      if (isThere()) chat.stop();
    });
    await chat.sendMessage('1');
    await settled();
    unsubscribe();
    expect(requests).toHaveLength(1);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { finishReason: 'aborted' }] });
  });

  it('of a call that a person allowed has that person asked again', async () => {
    const execute = vi.fn(() => (execute.mock.calls.length > 1 ? 'paid' : new Promise<string>(() => undefined)));
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'pay' }] }, 'Done'), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute }) },
    });
    await chat.sendMessage('1');
    const { id } = approvalOf(chat.getSnapshot().messages[1])!;
    const allowed = chat.addToolApprovalResponse({ id, approved: true });
    await eventually(() => execute.mock.calls.length).toBe(1);
    chat.stop();
    await allowed;

    await chat.continueAnswer();
    expect(execute).toHaveBeenCalledOnce();
    expect(approvalOf(chat.getSnapshot().messages[1])).toEqual({ id });
    expect(requests).toHaveLength(1);

    await chat.addToolApprovalResponse({ id, approved: true });
    expect(execute).toHaveBeenCalledTimes(2);
    expect(textsOf(chat).at(-1)).toBe('assistant: tool-call|tool-result|Done');
  });

  it('of another answer, before that began, shows the one before', async () => {
    const { chat } = chatThat(turns('A', written().reply));
    await chat.sendMessage('1');
    const again = chat.regenerate();
    await settled();
    expect(textsOf(chat)).toEqual(['user: 1']);
    chat.stop();
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
    await again;
    expect(chat.getSnapshot().status).toBe('ready');
  });
});

describe('a file that cannot be read', () => {
  it('after a stop takes back its message, and none that was sent since', async () => {
    const { chat } = chatThat(turns('A'));
    const { file, fail } = unreadable();
    const first = chat.sendMessage({ text: 'What is this?', files: [file] });
    chat.stop();
    await chat.sendMessage('2');
    fail();
    await first;
    await settled();
    expect(textsOf(chat)).toEqual(['user: 2', 'assistant: A']);
    expect(chat.getThread().messages).toHaveLength(2);
  });

  it('changes nothing in a chat that shows other messages by then', async () => {
    const { chat } = chatThat(turns('A'));
    const { file, fail } = unreadable();
    await chat.sendMessage('1');
    const sent = chat.sendMessage({ text: 'What is this?', files: [file] });
    chat.setThread({ messages: [{ id: 'other', role: 'user', parts: [{ type: 'text', text: 'Other' }] }] });
    fail();
    await sent;
    await settled();
    expect(textsOf(chat)).toEqual(['user: Other']);
  });
});

describe('a message that waits', () => {
  it('keeps its files when the list that they came in is emptied', async () => {
    const answer = written();
    const { chat, requests } = chatThat(turns(answer.reply, 'A cat'));
    const files = [new File(['meow'], 'cat.txt', { type: 'text/plain' })];
    const first = chat.sendMessage('1');
    const second = chat.sendMessage({ text: 'What is this?', files });
    files.length = 0;
    answer.finish();
    await Promise.all([first, second]);
    expect(requests[1]?.messages.at(-1)?.parts?.[0]).toMatchObject({ filename: 'cat.txt', data: btoa('meow') });
  });

  it('has an id that no other message has', async () => {
    const answer = written();
    const { chat } = chatThat(turns(answer.reply, 'B'));
    const first = chat.sendMessage({ text: '1', id: 'one' });
    const second = chat.sendMessage({ text: '2', id: 'one' });
    answer.finish();
    await first;
    await expect(failureOf(second)).resolves.toMatchObject({ code: 'invalid_request' });
    await expect(failureOf(chat.sendMessage({ text: '3', id: 'one' }))).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('one'),
    });
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', queue: [] });
    await chat.sendMessage('4');
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: ', 'user: 4', 'assistant: B']);
  });
});

describe('a message that comes with another thread', () => {
  it('is told to those who wait for it', () => {
    const { chat } = chatThat(turns('A'));
    const onMessage = vi.fn();
    const unsubscribe = chat.message('m').subscribe(onMessage);
    const thread = { messages: [{ id: 'm', role: 'user' as const, parts: [] }] };
    chat.setThread(thread);
    expect(onMessage).toHaveBeenCalledOnce();
    chat.setThread(thread);
    expect(onMessage).toHaveBeenCalledOnce();
    unsubscribe();
    chat.clear();
    expect(onMessage).toHaveBeenCalledOnce();
  });
});

describe('a stopped answer with a call that waits for approval', () => {
  it('carries the call out when it is allowed', async () => {
    const slow = vi.fn(() => (slow.mock.calls.length > 1 ? 'slow' : new Promise<string>(() => undefined)));
    const { chat, requests } = chatThat(
      turns(
        {
          toolCalls: [
            { name: 'slow', id: 's' },
            { name: 'pay', id: 'p' },
          ],
        },
        'Done',
      ),
      {
        tools: {
          slow: tool({ inputSchema: nothing, execute: slow }),
          pay: tool({ inputSchema: nothing, hasEffects: true, execute: () => 'paid' }),
        },
      },
    );
    const sent = chat.sendMessage('1');
    await eventually(() => chat.getSnapshot().messages[1]?.parts[1]).toHaveProperty('approval');
    chat.stop();
    await sent;
    expect(chat.getSnapshot().messages[1]).toMatchObject({ finishReason: 'aborted' });
    const part = chat.getSnapshot().messages[1]!.parts[1]!;
    await chat.addToolApprovalResponse({ id: part.type === 'tool-call' ? part.approval!.id : '', approved: true });
    expect(requests).toHaveLength(2);
    expect(partsOf(chat.getSnapshot().messages[1], 'tool-result')).toHaveLength(2);
    expect(chat.getSnapshot().messages[1]).toMatchObject({ finishReason: 'stop' });
  });
});

describe('what was kept', () => {
  it('is forgotten by clear, also while it is still being read', async () => {
    const storage = memoryChats();
    const message = { id: 'old', role: 'user', parts: [] };
    await storage.save('chat-1', { put: [{ id: 'old', revision: 1, message }], removed: [], head: 'old' });
    const { chat } = chatThat(turns('A'), { id: 'chat-1', persistence: persistChat(storage) });
    chat.clear();
    await settled();
    expect(chat.getSnapshot().messages).toEqual([]);
    expect(await storage.load('chat-1')).toMatchObject({ messages: [], removed: ['old'] });
  });
});

describe('a decision about a call of an earlier answer', () => {
  it.each([true, false])('is rejected once the user has sent another message (approved: %s)', async (approved) => {
    const execute = vi.fn(() => 'paid');
    const answer = written();
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'pay' }] }, answer.reply), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute }) },
    });
    await chat.sendMessage('1');
    const { id } = approvalOf(chat.getSnapshot().messages[1])!;
    const sent = chat.sendMessage('Never mind');
    await settled();
    const decided = failureOf(chat.addToolApprovalResponse({ id, approved }));
    answer.say('Fine');
    answer.finish();
    await expect(decided).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/^The conversation went on without the call of pay: regenerate/),
    });
    await sent;
    expect(execute).not.toHaveBeenCalled();
    expect(requests).toHaveLength(2);
    expect(approvalOf(chat.getSnapshot().messages[1])).toEqual({ id });
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  });

  it('is rejected while another branch is shown, and works once its branch is shown again', async () => {
    const execute = vi.fn(() => 'paid');
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'pay' }] }, 'Other', 'Done'), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute }) },
    });
    await chat.sendMessage('1');
    const call = chat.getSnapshot().messages[1]!;
    const { id } = approvalOf(call)!;
    await chat.regenerate();
    await expect(failureOf(chat.addToolApprovalResponse({ id, approved: true }))).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('select that branch first'),
    });
    chat.selectBranch(call.id);
    await chat.addToolApprovalResponse({ id, approved: true });
    expect(execute).toHaveBeenCalledOnce();
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: tool-call|tool-result|Done']);
  });

  it('is rejected while the answer of another branch is written', async () => {
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'pay' }] }, written().reply), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute: () => 'paid' }) },
    });
    await chat.sendMessage('1');
    const call = chat.getSnapshot().messages[1]!;
    const { id } = approvalOf(call)!;
    void chat.regenerate();
    await settled();
    chat.selectBranch(call.id);
    await expect(failureOf(chat.addToolApprovalResponse({ id, approved: true }))).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('Busy with the answer of another branch'),
    });
    expect(approvalOf(chat.message(call.id).getSnapshot())).toEqual({ id });
    chat.stop();
  });

  it('is rejected for a call that the page has answered', async () => {
    const execute = vi.fn(() => 'paid');
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'pay', id: 'c' }] }, 'Done'), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute }) },
    });
    await chat.sendMessage('1');
    const { id } = approvalOf(chat.getSnapshot().messages[1])!;
    await chat.addToolOutput({ toolCallId: 'c', output: 'paid by hand' });
    await expect(failureOf(chat.addToolApprovalResponse({ id, approved: true }))).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('has its result already'),
    });
    expect(execute).not.toHaveBeenCalled();
    expect(partsOf(chat.getSnapshot().messages[1], 'tool-result')).toHaveLength(1);
  });

  it('does not wait for the end of a later answer', async () => {
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'pay' }] }, written().reply), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute: () => 'paid' }) },
    });
    await chat.sendMessage('1');
    const { id } = approvalOf(chat.getSnapshot().messages[1])!;
    void chat.sendMessage('2');
    await settled();
    await expect(failureOf(chat.addToolApprovalResponse({ id, approved: true }))).resolves.toBeInstanceOf(LLMError);
    chat.stop();
  });

  it('fails with the turn, not on its own', async () => {
    const error = new LLMError('Lost', { code: 'network' });
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'pay' }] }, { error }), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute: () => 'paid' }) },
    });
    await chat.sendMessage('1');
    await chat.addToolApprovalResponse({ id: approvalOf(chat.getSnapshot().messages[1])!.id, approved: true });
    expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'network' } });
  });
});
