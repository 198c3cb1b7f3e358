import { LLMError } from '@rivulet/core';
import { createChat, type ChatMessage } from '@rivulet/core/chat';
import { describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { DONE, finish, text } from '../support/chat-completions.ts';
import { clientOf, eventually, failureOf, settled } from '../support/client.ts';
import { chatThat, textsOf, turns, written } from './support.ts';

describe('a message', () => {
  it('is shown at once, and answered', async () => {
    const { chat, requests } = chatThat(turns('Hello!'));

    const sent = chat.sendMessage('Hi');

    expect(textsOf(chat)).toEqual(['user: Hi']);
    expect(chat.getSnapshot().status).toBe('submitted');
    await sent;
    expect(textsOf(chat)).toEqual(['user: Hi', 'assistant: Hello!']);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, queue: [] });
    const [user, answer] = chat.getSnapshot().messages;
    expect(answer).toMatchObject({ parentId: user?.id, finishReason: 'stop' });
    expect(answer).not.toHaveProperty('openFrom', expect.anything());
    expect(requests[0]?.messages).toMatchObject([{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }]);
  });

  it('is answered over HTTP, with what was said before', async () => {
    await using server = await startHttpServer([
      { chunks: [{ text: text('One') + finish('stop') + DONE }] },
      { chunks: [{ text: text('Two') + finish('stop') + DONE }] },
    ]);
    const chat = createChat({ client: clientOf(server.url), system: 'Count.', temperature: 0 });

    await chat.sendMessage('Start');
    await chat.sendMessage({ text: 'Next' }, { temperature: 1 });

    expect(textsOf(chat)).toEqual(['user: Start', 'assistant: One', 'user: Next', 'assistant: Two']);
    const bodies = server.requests.map(({ body }) => JSON.parse(body) as { messages: unknown; temperature: number });
    expect(bodies[1]).toMatchObject({
      temperature: 1,
      messages: [
        { role: 'system', content: 'Count.' },
        { role: 'user', content: 'Start' },
        { role: 'assistant', content: 'One' },
        { role: 'user', content: 'Next' },
      ],
    });
    expect(bodies[0]?.temperature).toBe(0);
    expect(bodies[1]).not.toHaveProperty('conversation');
  });

  it('takes files from a form as their data, and shows the message before they are read', async () => {
    const { chat, requests } = chatThat(turns('A cat'));
    const file = new File(['meow'], 'cat.txt', { type: 'text/plain' });

    const sent = chat.sendMessage({ text: 'What is this?', files: [file], metadata: { from: 'form' } });

    expect(chat.getSnapshot().messages[0]?.parts).toEqual([
      { type: 'file', mediaType: 'text/plain', filename: 'cat.txt' },
      { type: 'text', text: 'What is this?' },
    ]);
    await sent;
    const parts = [
      { type: 'file', mediaType: 'text/plain', filename: 'cat.txt', data: btoa('meow') },
      { type: 'text', text: 'What is this?' },
    ];
    expect(chat.getSnapshot().messages[0]).toMatchObject({ parts, metadata: { from: 'form' } });
    expect(requests[0]?.messages[0]?.parts).toEqual(parts);
  });

  it('is taken back when a file cannot be read', async () => {
    const { chat, requests } = chatThat(turns('A cat'));
    const file = new File(['meow'], 'cat.txt');
    file.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));

    await chat.sendMessage({ text: 'What is this?', files: [file] });

    expect(chat.getSnapshot()).toMatchObject({ status: 'error', messages: [], error: { code: 'invalid_request' } });
    expect(chat.getSnapshot().error?.message).toContain('cat.txt');
    expect(requests).toHaveLength(0);
  });

  it('that stands in for another one gives way to it when a file cannot be read', async () => {
    const { chat } = chatThat(turns('A'));
    await chat.sendMessage('1');
    const before = chat.getSnapshot().messages;
    const file = new File(['meow'], 'cat.txt');
    file.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
    await chat.sendMessage({ text: 'one', files: [file], messageId: before[0]!.id });
    expect(chat.getSnapshot()).toMatchObject({ status: 'error', messages: before });
    expect(chat.branches(before[0]!.id)).toEqual([before[0]!.id]);
  });

  it('of nothing is refused', async () => {
    const { chat } = chatThat(turns('?'));
    await expect(failureOf(chat.sendMessage(''))).resolves.toMatchObject({ code: 'invalid_request' });
    await expect(failureOf(chat.sendMessage({ text: 'x', messageId: 'none' }))).resolves.toBeInstanceOf(LLMError);
    expect(chat.getSnapshot().messages).toEqual([]);
  });
});

describe('an answer', () => {
  it('fills one part of the last message: all others keep their identity', async () => {
    const answer = written();
    const { chat } = chatThat(turns('First', answer.reply));
    await chat.sendMessage('1');
    const before = chat.getSnapshot().messages;
    const sent = chat.sendMessage('2');
    answer.send({ type: 'reasoning', delta: 'Hm.' });
    answer.say('Se');
    await eventually(() => textsOf(chat).at(-1)).toBe('assistant: Hm.|Se');
    const one = chat.getSnapshot().messages;
    const ids = chat.messageIds.getSnapshot();
    answer.say('cond');
    await eventually(() => textsOf(chat).at(-1)).toBe('assistant: Hm.|Second');
    expect(chat.messageIds.getSnapshot()).toBe(ids);
    const two = chat.getSnapshot().messages;

    expect(two.slice(0, 2)).toEqual(before);
    for (const index of [0, 1]) expect(two[index]).toBe(before[index]);
    expect(two[2]).toBe(one[2]);
    expect(two[3]).not.toBe(one[3]);
    expect(two[3]?.parts[0]).toBe(one[3]?.parts[0]);
    expect(two[3]?.parts[1]).not.toBe(one[3]?.parts[1]);
    expect(two[3]?.finishReason).toBeUndefined();
    answer.finish();
    await sent;
    expect(chat.getSnapshot().messages[3]?.parts[0]).toBe(one[3]?.parts[0]);
  });

  it('tells the listeners of its message alone', async () => {
    const answer = written();
    const { chat } = chatThat(turns('First', answer.reply));
    await chat.sendMessage('1');
    const [question] = chat.getSnapshot().messages;
    const onQuestion = vi.fn();
    const onAll = vi.fn();
    chat.message(question!.id).subscribe(onQuestion);
    chat.subscribe(onAll);
    const sent = chat.sendMessage('2');
    answer.say('Se');
    await eventually(() => chat.getSnapshot().messages.length).toBe(4);
    const onAnswer = vi.fn();
    const open = chat.message(chat.getSnapshot().messages[3]!.id);
    open.subscribe(onAnswer);
    answer.say('cond');
    await eventually(() => onAnswer.mock.calls.length).toBe(1);
    expect(open.getSnapshot()).toBe(chat.getSnapshot().messages[3]);
    answer.finish();
    await sent;

    expect(onQuestion).not.toHaveBeenCalled();
    expect(onAll.mock.calls.length).toBeGreaterThan(2);
    expect(open.getSnapshot()?.finishReason).toBe('stop');
    expect(chat.message('none').getSnapshot()).toBeUndefined();
    expect(chat.messageIds.getSnapshot()).toEqual(chat.getSnapshot().messages.map(({ id }) => id));
  });

  it('that was stopped keeps its text, and the chat is ready at once', async () => {
    const answer = written();
    const { chat } = chatThat(turns(answer.reply));
    const sent = chat.sendMessage('1');
    answer.say('So far');
    await eventually(() => textsOf(chat).at(-1)).toBe('assistant: So far');

    chat.stop();

    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
    expect(chat.getSnapshot().messages[1]).toMatchObject({ finishReason: 'aborted' });
    await sent;
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: So far']);
  });

  it('that was stopped before it began leaves no message', async () => {
    const { chat } = chatThat(turns(written().reply));
    const sent = chat.sendMessage('1');
    await settled();
    chat.stop();
    await sent;
    expect(textsOf(chat)).toEqual(['user: 1']);
    expect(chat.getSnapshot().status).toBe('ready');
  });

  it('that broke off is kept as interrupted, and the error says why', async () => {
    const onError = vi.fn();
    const onFinish = vi.fn();
    const error = new LLMError('Lost', { code: 'network' });
    const { chat } = chatThat(turns({ text: 'So far', error }), { onError, onFinish });

    await chat.sendMessage('1');

    expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'network' } });
    expect(chat.getSnapshot().messages[1]).toMatchObject({ finishReason: 'interrupted', parts: [{ text: 'So far' }] });
    expect(onError).toHaveBeenCalledExactlyOnceWith(chat.getSnapshot().error);
    expect(onFinish).not.toHaveBeenCalled();
    chat.clearError();
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  });

  it('without a word is a message with its reason', async () => {
    const { chat } = chatThat(turns({ finishReason: 'content-filter' }));
    await chat.sendMessage('1');
    expect(chat.getSnapshot().messages[1]).toMatchObject({ parts: [], finishReason: 'content-filter' });
  });

  it('is told to onFinish, with its usage', async () => {
    const onFinish = vi.fn();
    const { chat } = chatThat(turns({ text: 'Yes', usage: { outputTokens: 1 } }), { onFinish });
    await chat.sendMessage('1');
    const { messages } = chat.getSnapshot();
    expect(onFinish).toHaveBeenCalledExactlyOnceWith({ message: messages[1], messages });
    expect(messages[1]?.usage?.outputTokens).toBe(1);
  });

  it('is not held up by a callback that waits', async () => {
    const { chat } = chatThat(turns('Yes'), { onFinish: () => new Promise(() => undefined) as never });
    await chat.sendMessage('1');
    expect(chat.getSnapshot().status).toBe('ready');
  });
});

describe('a message that is sent while an answer comes', () => {
  it('waits, and is sent after it', async () => {
    const answer = written();
    const { chat, requests } = chatThat(turns(answer.reply, 'Second'));
    const first = chat.sendMessage('1');
    const second = chat.sendMessage('2');
    expect(textsOf(chat)).toEqual(['user: 1']);
    expect(chat.getSnapshot().queue).toMatchObject([{ parts: [{ text: '2' }] }]);
    answer.say('First');
    answer.finish();
    await first;
    await second;
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: First', 'user: 2', 'assistant: Second']);
    expect(chat.getSnapshot().queue).toEqual([]);
    expect(requests).toHaveLength(2);
  });

  it('stays in the queue after a stop, until the next one is sent', async () => {
    const { chat } = chatThat(turns(written().reply, 'A', 'B'));
    void chat.sendMessage('1');
    const second = chat.sendMessage('2');
    await settled();
    chat.stop();
    await settled();
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', queue: [{ parts: [{ text: '2' }] }] });
    await chat.sendMessage('3');
    await second;
    expect(textsOf(chat)).toEqual(['user: 1', 'user: 2', 'assistant: A', 'user: 3', 'assistant: B']);
  });

  it('can be taken out of the queue', async () => {
    const answer = written();
    const { chat } = chatThat(turns(answer.reply));
    const first = chat.sendMessage('1');
    const second = chat.sendMessage('2');
    chat.removeQueued(chat.getSnapshot().queue[0]!.id);
    await second;
    answer.finish();
    await first;
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: ']);
  });

  it('stops the answer where that is the policy', async () => {
    const { chat } = chatThat(turns(written().reply, 'Second'), { whenBusy: 'replace' });
    void chat.sendMessage('1');
    await settled();
    await chat.sendMessage('2');
    expect(textsOf(chat)).toEqual(['user: 1', 'user: 2', 'assistant: Second']);
  });

  it('is refused where that is the policy', async () => {
    const { chat } = chatThat(turns(written().reply), { whenBusy: 'reject' });
    void chat.sendMessage('1');
    await expect(failureOf(chat.sendMessage('2'))).resolves.toMatchObject({ code: 'invalid_request' });
    expect(textsOf(chat)).toEqual(['user: 1']);
    chat.stop();
  });
});

describe('branches', () => {
  it('are made by another answer, and can be shown again', async () => {
    const { chat, requests } = chatThat(turns('One', 'Two', 'Three'));
    await chat.sendMessage('Hi');
    const first = chat.getSnapshot().messages[1]!;
    await chat.regenerate();
    const second = chat.getSnapshot().messages[1]!;

    expect(textsOf(chat)).toEqual(['user: Hi', 'assistant: Two']);
    expect(chat.branches(second.id)).toEqual([first.id, second.id]);
    expect(requests[1]?.messages).toHaveLength(1);
    await chat.sendMessage('More');
    chat.selectBranch(first.id);
    expect(textsOf(chat)).toEqual(['user: Hi', 'assistant: One']);
    expect(chat.getSnapshot().messages[1]).toBe(first);
    chat.selectBranch(second.id);
    expect(textsOf(chat)).toEqual(['user: Hi', 'assistant: Two', 'user: More', 'assistant: Three']);
  });

  it('are made by an edit of an earlier message', async () => {
    const { chat, requests } = chatThat(turns('A', 'B', 'C'));
    await chat.sendMessage('1');
    await chat.sendMessage('2');
    const [first] = chat.getSnapshot().messages;
    await chat.sendMessage({ text: 'one', messageId: first!.id });

    expect(textsOf(chat)).toEqual(['user: one', 'assistant: C']);
    expect(requests[2]?.messages).toHaveLength(1);
    expect(chat.branches(chat.getSnapshot().messages[0]!.id)).toEqual([first!.id, chat.getSnapshot().messages[0]!.id]);
    chat.selectBranch(first!.id);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A', 'user: 2', 'assistant: B']);
  });

  it('of an earlier answer leave out what came after it', async () => {
    const { chat } = chatThat(turns('A', 'B', 'C'));
    await chat.sendMessage('1');
    await chat.sendMessage('2');
    await chat.regenerate(chat.getSnapshot().messages[1]!.id);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: C']);
  });

  it('are made of an answer that is still coming', async () => {
    const { chat } = chatThat(turns(written().reply, 'B', written().reply, 'C'));
    void chat.sendMessage('1');
    await settled();
    await chat.regenerate();
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: B']);

    const answer = written();
    const { chat: other } = chatThat(turns(answer.reply, 'B', 'C'));
    void other.sendMessage('1');
    answer.say('Half');
    await eventually(() => textsOf(other)).toEqual(['user: 1', 'assistant: Half']);
    await other.regenerate();
    expect(textsOf(other)).toEqual(['user: 1', 'assistant: B']);
    const [user, shown] = other.getSnapshot().messages;
    expect(other.branches(shown!.id)).toHaveLength(2);
    await other.sendMessage({ text: 'one', messageId: user!.id });
    expect(textsOf(other)).toEqual(['user: one', 'assistant: C']);
  });

  it('may be looked at while another one is written', async () => {
    const answer = written();
    const { chat } = chatThat(turns('A', answer.reply));
    await chat.sendMessage('1');
    const first = chat.getSnapshot().messages[1]!;
    const sent = chat.regenerate();
    answer.say('B');
    await eventually(() => textsOf(chat)).toEqual(['user: 1', 'assistant: B']);
    chat.selectBranch(first.id);
    answer.say('B');
    answer.finish();
    await sent;
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
    chat.selectBranch(chat.branches(first.id)[1]!);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: BB']);
  });

  it('answer a message of the user again', async () => {
    const { chat } = chatThat(turns('A', 'B'));
    await chat.sendMessage('1');
    await chat.regenerate(chat.getSnapshot().messages[0]!.id);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: B']);
  });

  it('show the answer before where another one failed before it began', async () => {
    const { chat } = chatThat(turns('A', { error: new LLMError('No', { code: 'server' }) }));
    await chat.sendMessage('1');
    await chat.regenerate();
    expect(chat.getSnapshot().status).toBe('error');
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
  });

  it('need something to answer', async () => {
    const { chat } = chatThat(turns('A'));
    await expect(failureOf(chat.regenerate())).resolves.toMatchObject({ code: 'invalid_request' });
  });
});

describe('messages', () => {
  it('can be given, in either form, and set', async () => {
    const { chat, requests } = chatThat(turns('A'), { messages: [{ role: 'user', content: 'Old' }] });
    expect(textsOf(chat)).toEqual(['user: Old']);
    chat.setMessages((messages) => [...messages, { role: 'assistant', content: 'Answer' }]);
    expect(textsOf(chat)).toEqual(['user: Old', 'assistant: Answer']);
    await chat.sendMessage('New');
    expect(requests[0]?.messages).toHaveLength(3);
    const onUser = vi.fn();
    chat.message(chat.getSnapshot().messages[0]!.id).subscribe(onUser);
    chat.setMessages((messages) => messages.slice(1));
    expect(textsOf(chat)).toEqual(['assistant: Answer', 'user: New', 'assistant: A']);
    expect(onUser).toHaveBeenCalled();
    chat.clear();
    expect(chat.getSnapshot().messages).toEqual([]);
    expect(chat.getThread().messages).toEqual([]);
  });

  it('keep the branches of those that stay', async () => {
    const { chat } = chatThat(turns('A', 'B', 'C'));
    await chat.sendMessage('1');
    const first = chat.getSnapshot().messages[1]!.id;
    await chat.regenerate();
    await chat.sendMessage('2');
    chat.setMessages((messages) => messages.slice(0, 2));
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: B']);
    expect(chat.branches(chat.getSnapshot().messages[1]!.id)).toContain(first);
    expect(chat.getThread().messages).toHaveLength(3);
  });

  it('go through JSON as a thread with its branches', async () => {
    const { chat } = chatThat(turns('A', 'B'));
    await chat.sendMessage('1');
    await chat.regenerate();
    const { chat: other } = chatThat(turns('C'));
    other.setThread(JSON.parse(JSON.stringify(chat.getThread())) as ReturnType<typeof chat.getThread>);
    expect(other.getSnapshot().messages).toEqual(JSON.parse(JSON.stringify(chat.getSnapshot().messages)));
    expect(other.branches(other.getSnapshot().messages[1]!.id)).toHaveLength(2);
  });

  it('with parents in a circle are shown all the same', () => {
    const { chat } = chatThat(turns('A'));
    const message = (id: string, parentId: string): ChatMessage => ({ id, parentId, role: 'user', parts: [] });
    chat.setThread({ messages: [message('a', 'b'), message('b', 'a')] });
    expect(chat.getSnapshot().messages.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('what is sent', () => {
  it('is what prepareMessages makes of the messages', async () => {
    const { chat, requests } = chatThat(turns('A', 'B'), {
      prepareMessages: async (messages) => {
        await settled();
        return [{ role: 'system', content: 'Summary' }, ...messages.slice(-1)];
      },
    });
    await chat.sendMessage('1');
    await chat.sendMessage('2');
    expect(requests[1]?.messages).toMatchObject([{ role: 'system' }, { parts: [{ text: '2' }] }]);
    expect(chat.getSnapshot().messages).toHaveLength(4);
  });

  it('fails the turn where prepareMessages throws', async () => {
    const { chat } = chatThat(turns('A'), {
      prepareMessages: () => {
        throw new Error('no summary');
      },
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'unknown' } });
    expect(chat.getSnapshot().error?.message).toContain('no summary');
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['x', 'a string'],
    [{}, 'an object'],
    [[null], 'a list with null'],
    [[{ role: 'user', content: 'x' }, 5], 'a list with a number'],
  ])('names prepareMessages where it returns %j', async (returned, found) => {
    const { chat, requests } = chatThat(turns('A'), { prepareMessages: () => returned as never });
    await chat.sendMessage('1');
    expect(chat.getSnapshot().error).toMatchObject({
      code: 'config',
      message: `createChat: prepareMessages must return a list of messages, not ${found}`,
    });
    expect(requests).toHaveLength(0);
  });

  it.each<[unknown, string]>([
    [true, 'true'],
    [{}, 'an object'],
    [[null], 'a list with null'],
  ])('names onContextLength where it returns %j', async (returned, found) => {
    const error = new LLMError('Too long', { code: 'context_length', status: 400 });
    const { chat } = chatThat(turns({ error }), { onContextLength: () => returned as never });
    await chat.sendMessage('1');
    expect(chat.getSnapshot().error?.message).toBe(
      `createChat: onContextLength must return a list of messages, not ${found}`,
    );
  });

  it('is shortened once where it is too long for the model', async () => {
    const tooLong = new LLMError('Too long', { code: 'context_length', status: 400 });
    const onContextLength = vi.fn((messages: readonly unknown[]) => messages.slice(-1) as never);
    const { chat, requests } = chatThat(turns('A', { error: tooLong }, 'B', { error: tooLong }), { onContextLength });
    await chat.sendMessage('1');
    await chat.sendMessage('2');
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A', 'user: 2', 'assistant: B']);
    expect(requests[2]?.messages).toHaveLength(1);
    expect(onContextLength).toHaveBeenCalledOnce();
    await chat.sendMessage('3');
    expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'context_length' } });
    expect(onContextLength).toHaveBeenCalledTimes(2);
  });
});

describe('going on', () => {
  it('is not continued where there is nothing to continue', async () => {
    const { chat, requests } = chatThat('Once.');
    await expect(chat.continueAnswer()).rejects.toMatchObject({ code: 'invalid_request' });
    await chat.sendMessage('1');

    await expect(chat.continueAnswer()).rejects.toMatchObject({ code: 'invalid_request' });
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: Once.']);
    expect(chat.getSnapshot().status).toBe('ready');
    expect(requests).toHaveLength(1);
  });

  it('joins the rest to an answer that was cut', async () => {
    const { chat, requests } = chatThat(turns({ text: 'Half of', finishReason: 'length' }, ' it.'));
    await chat.sendMessage('1');
    const [, cut] = chat.getSnapshot().messages;
    expect(cut?.finishReason).toBe('length');

    await chat.continueAnswer();

    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: Half of it.']);
    expect(chat.getSnapshot().messages[1]).toMatchObject({ id: cut?.id, finishReason: 'stop' });
    expect(requests[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', parts: [{ text: 'Half of' }] },
      { role: 'user', content: expect.stringContaining('Go on') },
    ]);
  });

  it('answers the last message where that had failed', async () => {
    const { chat } = chatThat(turns({ error: new LLMError('No', { code: 'server' }) }, 'Now'));
    await chat.sendMessage('1');
    expect(chat.getSnapshot().status).toBe('error');
    await chat.continueAnswer();
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: Now']);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  });

  it('asks again by itself where the model paused', async () => {
    const { chat, requests } = chatThat(turns({ text: 'Let me', finishReason: 'pause' }, 'Done'));
    await chat.sendMessage('1');
    expect(requests).toHaveLength(2);
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: 'assistant' });
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: Let me|Done']);
  });

  it('leaves out a call that was cut', async () => {
    const answer = written();
    const { chat, requests } = chatThat(turns(answer.reply, 'Whole'));
    const sent = chat.sendMessage('1');
    answer.say('I look. ');
    answer.send({ type: 'tool-call-start', index: 1, id: 'c', name: 'look' });
    answer.send({ type: 'tool-call-delta', index: 1, delta: '{"a' });
    await eventually(() => chat.getSnapshot().messages[1]?.parts.length).toBe(2);
    chat.stop();
    await sent;
    await chat.continueAnswer();
    expect(requests[1]?.messages.at(1)?.parts).toEqual([{ type: 'text', text: 'I look. ' }]);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: I look. Whole']);
  });
});
