import type { Chat } from '@rivulet/core/chat';
import { describe, expect, it } from 'vitest';
import { eventually, settled } from '../support/client.ts';
import { chatThat, textsOf, turns, written } from './support.ts';

/** A chat with an answer under way, and two messages in its queue. */
async function busyChat(): Promise<{ chat: Chat; requests: readonly unknown[]; sent: Promise<unknown> }> {
  const { reply, say } = written();
  const { chat, requests } = chatThat(turns(reply, 'Hi.'));
  const sent = Promise.all([chat.sendMessage('1'), chat.sendMessage('2'), chat.sendMessage('3')]);
  say('A');
  await eventually(() => textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
  expect(chat.getSnapshot().queue).toHaveLength(2);
  return { chat, requests, sent };
}

describe.each<[string, (chat: Chat) => void, string[]]>([
  ['setMessages', (chat) => chat.setMessages([{ role: 'user', content: 'new' }]), ['user: new']],
  ['setMessages with a function', (chat) => chat.setMessages((all) => all.slice(0, 1)), ['user: 1']],
  ['setThread', (chat) => chat.setThread({ messages: [] }), []],
  ['clear', (chat) => chat.clear(), []],
])('%s', (_, replace, texts) => {
  it('drops the queue, whose sends are over', async () => {
    const { chat, requests, sent } = await busyChat();

    replace(chat);
    await sent;
    await settled();

    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', queue: [] });
    expect(textsOf(chat)).toEqual(texts);
    await chat.sendMessage('4');
    expect(textsOf(chat)).toEqual([...texts, 'user: 4', 'assistant: Hi.']);
    expect(requests).toHaveLength(2);
  });

  it('drops a queue that waits after a stop', async () => {
    const { chat, requests, sent } = await busyChat();
    chat.stop();
    expect(chat.getSnapshot().queue).toHaveLength(2);

    replace(chat);
    await sent;

    expect(chat.getSnapshot().queue).toEqual([]);
    await chat.sendMessage('4');
    expect(textsOf(chat).slice(-2)).toEqual(['user: 4', 'assistant: Hi.']);
    expect(requests).toHaveLength(2);
  });
});

it('messages that are refused leave the queue as it is', async () => {
  const { chat, sent } = await busyChat();

  expect(() => chat.setThread(JSON.parse('{"messages":[{}]}') as ReturnType<typeof chat.getThread>)).toThrow();
  expect(chat.getSnapshot().queue).toHaveLength(2);
  chat.clear();
  await sent;
});
