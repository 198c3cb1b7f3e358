import { LLMClient, LLMError } from '@rivulet/core';
import { createChat, tool, type ChatOptions } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { eventually, failureOf, settled } from '../support/client.ts';
import { chatThat, textsOf, turns, written } from './support.ts';

const nothing = z.object({});

const ANYTHING: [string, () => unknown][] = [
  ['an error', () => new Error('failed')],
  ['undefined', () => undefined],
  ['null', () => null],
  ['text', () => 'failed'],
  ['a null-prototype object', () => Object.create(null)],
  ['a frozen error', () => Object.freeze(new Error('failed'))],
  ['a DOMException named AbortError', () => new DOMException('Stopped', 'AbortError')],
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
];

describe('a queued message that is refused', () => {
  it('does not stop the messages behind it', async () => {
    const answer = written();
    const { chat } = chatThat(turns(answer.reply, 'B', 'C'));
    const first = chat.sendMessage({ text: '1', id: 'one' });
    const refused = [chat.sendMessage({ text: '2', id: 'one' }), chat.sendMessage({ text: '3', id: 'one' })];
    const last = [chat.sendMessage('4'), chat.sendMessage('5')];
    answer.finish();
    await first;
    for (const sent of refused) await expect(failureOf(sent)).resolves.toMatchObject({ code: 'invalid_request' });
    await Promise.all(last);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: ', 'user: 4', 'assistant: B', 'user: 5', 'assistant: C']);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', queue: [] });
  });
});

describe('a turn in which something throws', () => {
  it.each([7, {}, { message: null }, { message: { parts: 'none' } }])(
    'is an error of that turn alone, if prepareMessages throws an error with the partial %j',
    async (partial) => {
      const { chat } = chatThat(turns('A'), {
        prepareMessages() {
          throw Object.assign(new LLMError('failed', { code: 'server' }), { partial });
        },
      });
      await chat.sendMessage('1');
      expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'server' } });
    },
  );

  it.each(ANYTHING)('is an error of that turn alone, if prepareMessages throws %s', async (_, thrown) => {
    let isFailing = true;
    const { chat } = chatThat(turns('A'), {
      prepareMessages(messages) {
        if (isFailing) throw thrown();
        return messages;
      },
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'unknown' } });
    isFailing = false;
    await chat.sendMessage('2');
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
    expect(textsOf(chat)).toEqual(['user: 1', 'user: 2', 'assistant: A']);
  });

  it.each(ANYTHING)('settles at whatever call the options throw %s', async (_, thrown) => {
    const tools = { look: tool({ inputSchema: nothing, execute: () => 'ok' }) };
    for (let failingCall = 1; failingCall < 40; failingCall += 1) {
      const provider = scripted(turns({ toolCalls: [{ name: 'look' }] }, 'Done'));
      const options: ChatOptions = { client: new LLMClient({ provider, retry: false }), tools };
      let calls = -Infinity;
      const chat = createChat(() => {
        calls += 1;
        if (calls === failingCall) throw thrown();
        return options;
      });
      calls = 0;
      await chat.sendMessage('1').catch(() => undefined);
      expect(chat.getSnapshot().status).toMatch(/^(?:ready|error)$/);
      calls = -Infinity;
      await chat.sendMessage('2');
      expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, queue: [] });
    }
  });

  it.each(ANYTHING)('gives way to the next one, if persistence throws %s', async (_, thrown) => {
    const { chat } = chatThat(turns('A'), {
      persistence() {
        throw thrown();
      },
    });
    expect(chat.getSnapshot().persistenceError).toMatchObject({ code: 'unknown' });
    await chat.sendMessage('1');
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', isRestoring: false });
  });

  it.each(ANYTHING)('gives way to the next one, if persistence is never ready: %s', async (_, thrown) => {
    const { chat } = chatThat(turns('A'), {
      persistence: () => ({
        ready: Promise.reject(thrown() as Error),
        retry: async () => undefined,
        clear: () => undefined,
        discardUnreadable: async () => undefined,
        loadEarlier: async () => false,
      }),
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot().persistenceError).toMatchObject({ code: 'unknown' });
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', isRestoring: false });
  });

  it('does not begin with the id of a queued message', async () => {
    const { chat } = chatThat(turns('A', 'B', 'C'), { generateId: () => 'same' });
    await Promise.all([chat.sendMessage('1'), chat.sendMessage('2'), chat.sendMessage('3')]);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A', 'user: 2', 'assistant: B', 'user: 3', 'assistant: C']);
  });

  it('fails if a schema cannot be translated, and the next one works without that tool', async () => {
    let tools: ChatOptions['tools'] = { look: tool({ inputSchema: z.custom<string>(() => true) }) };
    const provider = scripted('A');
    const client = new LLMClient({ provider, retry: false });
    const chat = createChat(() => ({ client, tools }));
    await chat.sendMessage('1');
    expect(chat.getSnapshot().status).toBe('error');
    tools = {};
    await chat.sendMessage('2');
    expect(textsOf(chat)).toEqual(['user: 1', 'user: 2', 'assistant: A']);
  });

  it('marks an answer whose next step failed before its request as interrupted', async () => {
    let calls = 0;
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'look' }] }, 'Done'), {
      tools: { look: tool({ inputSchema: nothing, execute: () => 'ok' }) },
      prepareMessages(messages) {
        calls += 1;
        if (calls === 2) throw new Error('failed');
        return messages;
      },
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot().messages[1]).toMatchObject({ finishReason: 'interrupted' });
    await chat.continueAnswer();
    expect(textsOf(chat).at(-1)).toBe('assistant: tool-call|tool-result|Done');
    expect(requests).toHaveLength(2);
  });
});

describe('a listener', () => {
  it('that sends when the chat is stopped begins a turn of its own', async () => {
    const { chat } = chatThat(turns(written().reply, 'B'));
    const first = chat.sendMessage('1');
    await settled();
    let second: Promise<void> | undefined;
    chat.subscribe(() => {
      if (chat.getSnapshot().status === 'ready') second ??= chat.sendMessage('2');
    });
    chat.stop();
    await first;
    await second;
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', queue: [] });
    expect(textsOf(chat)).toEqual(['user: 1', 'user: 2', 'assistant: B']);
  });

  it('that sends while messages are replaced writes to the new messages', async () => {
    const { chat } = chatThat(turns(written().reply, 'B'));
    const first = chat.sendMessage('1');
    await settled();
    let second: Promise<void> | undefined;
    chat.subscribe(() => {
      if (chat.getSnapshot().status === 'ready') second ??= chat.sendMessage('2');
    });
    chat.setMessages([{ role: 'user', content: 'Other' }]);
    await first;
    await second;
    expect(textsOf(chat)).toEqual(['user: Other', 'user: 2', 'assistant: B']);
  });

  it('that sends when a message leaves the queue waits behind the others', async () => {
    const answer = written();
    const { chat } = chatThat(turns(answer.reply, 'A2', 'A3', 'A4'));
    const sent = [chat.sendMessage('1'), chat.sendMessage('2'), chat.sendMessage('3')];
    let isSent = false;
    chat.subscribe(() => {
      if (isSent || chat.getSnapshot().queue.length !== 1) return;
      isSent = true;
      sent.push(chat.sendMessage('4'));
    });
    answer.finish();
    await Promise.all(sent);
    await Promise.all(sent);
    expect(textsOf(chat).filter((text) => text.startsWith('user'))).toEqual([
      'user: 1',
      'user: 2',
      'user: 3',
      'user: 4',
    ]);
  });
});

describe('a call that is answered at the end of its turn', () => {
  it.each(Array.from({ length: 16 }, (_, ticks) => ticks))(
    'has the model asked again, %d microtasks after it is shown',
    async (ticks) => {
      const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'ask', id: 'c' }] }, 'Done', 'Next'), {
        tools: { ask: tool({ inputSchema: nothing }) },
      });
      let isAnswered = false;
      let answered: Promise<void> | undefined;
      chat.subscribe(() => {
        const part = chat.getSnapshot().messages[1]?.parts[0];
        if (isAnswered || part?.type !== 'tool-call' || part.input === undefined) return;
        isAnswered = true;
        answered = (async () => {
          for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
          await chat.addToolOutput({ toolCallId: 'c', output: 'yes' });
        })();
      });
      const sent = chat.sendMessage('1');
      const queued = chat.sendMessage('2');
      await sent;
      await answered;
      await queued;
      expect(requests).toHaveLength(3);
      expect(textsOf(chat)).toEqual(['user: 1', 'assistant: tool-call|tool-result|Done', 'user: 2', 'assistant: Next']);
    },
  );
});

describe('a call that is allowed at the end of its turn', () => {
  it.each(Array.from({ length: 16 }, (_, ticks) => ticks))('is carried out, %d microtasks later', async (ticks) => {
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'pay', id: 'c' }] }, 'Done', 'Next'), {
      tools: { pay: tool({ inputSchema: nothing, hasEffects: true, execute: () => 'paid' }) },
    });
    let allowed: Promise<void> | undefined;
    chat.subscribe(() => {
      const part = chat.getSnapshot().messages[1]?.parts[0];
      if (allowed || part?.type !== 'tool-call' || !part.approval) return;
      const { id } = part.approval;
      allowed = (async () => {
        for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
        await chat.addToolApprovalResponse({ id, approved: true });
      })();
    });
    const sent = [chat.sendMessage('1'), chat.sendMessage('2')];
    await Promise.all(sent);
    await allowed;
    expect(requests).toHaveLength(3);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: tool-call|tool-result|Done', 'user: 2', 'assistant: Next']);
  });
});

describe('chat.sendMessage', () => {
  it.each<[string, unknown, RegExp]>([
    ['undefined', undefined, /sendMessage takes text, or an object/],
    ['a number', 5, /sendMessage takes text, or an object/],
    ['a list', ['Hi'], /sendMessage takes text, or an object/],
    ['text that is not text', { text: 5 }, /text of a message must be text/],
    ['content in place of text', { content: 'Hi' }, /Nothing to send.*\{ text \}/],
    ['parts that are not a list', { parts: 'Hi' }, /parts of a message must be a list/],
    ['a part without a type', { parts: [{ text: 'Hi' }] }, /parts\[0\] is not a part/],
    ['a file that is a path', { files: ['a.png'] }, /files\[0\] is neither a File nor a file part/],
  ])('rejects %s', async (_, input, message) => {
    const { chat } = chatThat('A');
    await expect(failureOf(chat.sendMessage(input as string))).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [], queue: [] });
  });
});

it('tells onError of each failed turn once, and of its own error', async () => {
  const onError = vi.fn<(error: LLMError) => void>();
  const errors = ['server', 'network'] as const;
  const { chat } = chatThat(turns(...errors.map((code) => ({ error: new LLMError(code, { code }) })), 'A'), {
    onError,
  });
  await chat.sendMessage('1');
  await chat.sendMessage('2');
  await chat.sendMessage('3');
  expect(onError.mock.calls.map(([error]) => error.code)).toEqual(errors);
  await eventually(() => chat.getSnapshot().status).toBe('ready');
});
