import { LLMClient } from '@rivulet/core';
import { ChatStorageError, createChat, persistChat, type Chat, type ChatChanges } from '@rivulet/core/chat';
import { idbChats } from '@rivulet/core/chat-idb';
import { scripted } from '@rivulet/core/scripted';
import { createStore, get, setMany } from 'idb-keyval';
import { describe, expect, it, onTestFinished } from 'vitest';

let count = 0;

/** The name of a database that is gone after the test. */
function databaseName(): string {
  count += 1;
  const name = `chats-${count}-${Math.random()}`;
  onTestFinished(() => void indexedDB.deleteDatabase(name));
  return name;
}

function chatIn(name: string, answer: string): Chat {
  const client = new LLMClient({ provider: scripted(answer) });
  return createChat({ client, id: 'a', persistence: persistChat(idbChats(name)) });
}

const changes = (...ids: readonly string[]): ChatChanges => ({
  put: ids.map((id) => ({ id, revision: 1, message: { id, role: 'user', parts: [{ type: 'text', text: id }] } })),
  removed: [],
  head: ids.at(-1),
});

/** Writes records as they were written before records had versions. */
async function writeLegacy(name: string, records: Readonly<Record<string, unknown>>): Promise<void> {
  const store = createStore(name, 'chats');
  await setMany(Object.entries(records), store);
}

describe('idbChats', () => {
  it('merges changes by message, and keeps chats apart', async () => {
    const storage = idbChats(databaseName());
    await expect(storage.load('a')).resolves.toBeUndefined();
    await storage.save('a', changes('1'));
    await storage.save('a', changes('2'));
    await storage.save('b', changes('3'));
    await expect(storage.load('a')).resolves.toMatchObject({ messages: [{ id: '1' }, { id: '2' }], head: '2' });
    await storage.clear('a');
    await expect(storage.load('a')).resolves.toMatchObject({ messages: [], removed: ['1', '2'] });
    await expect(storage.load('b')).resolves.toMatchObject({ messages: [{ id: '3' }] });
    await expect(storage.list()).resolves.toMatchObject([{ id: 'b', messageCount: 1 }]);
  });

  it('reads chats of the earlier format', async () => {
    const name = databaseName();
    const message = (id: string, parentId?: string) => ({
      id,
      role: 'user',
      parts: [{ type: 'text', text: id }],
      parentId,
    });
    await writeLegacy(name, {
      a: { messages: [message('1'), message('2', '1')], head: '2' },
      'a:draft': { messages: [message('3', '2')], head: '3' },
      b: { messages: [message('4')], head: '4' },
      'b:draft': undefined,
    });
    await expect(idbChats(name).list()).resolves.toMatchObject([{ id: 'a', title: '1' }, { id: 'b' }]);
    const chat = chatIn(name, 'More');
    await expect.poll(() => chat.messageIds.getSnapshot()).toEqual(['1', '2', '3']);
    await chat.sendMessage('4');
    await expect.poll(async () => (await idbChats(name).load('a'))?.messages.length).toBe(5);
  });

  it('keeps an unreadable message as it is, and what was sent after it', async () => {
    const name = databaseName();
    const chat = chatIn(name, 'A');
    await chat.sendMessage({ id: 'q', text: '1' });
    await chat.sendMessage('2');
    await expect.poll(async () => (await idbChats(name).load('a'))?.messages.length).toBe(4);
    const store = createStore(name, 'chats');
    const damaged = { version: 1, revision: 5, message: { id: 'q', parts: [null] } };
    await setMany([[['message', 'a', 'q'], damaged]], store);
    const again = chatIn(name, 'B');
    await expect.poll(() => again.getSnapshot().persistenceError).toMatchObject({ messageIds: ['q'] });
    expect(again.getSnapshot().messages).toHaveLength(3);
    await again.sendMessage('3');
    await expect.poll(async () => (await idbChats(name).load('a'))?.messages.length).toBe(6);
    await expect(get(['message', 'a', 'q'], store)).resolves.toEqual(damaged);
  });

  it('keeps all other messages if one has no stored form', async () => {
    const name = databaseName();
    const chat = chatIn(name, 'A');
    await expect.poll(() => chat.getSnapshot().isRestoring).toBe(false);
    chat.setMessages([{ id: 'bad', role: 'user', parts: [{ type: 'data', name: 'd', data: () => 1 }] }]);
    await chat.sendMessage('1');
    await expect.poll(() => chat.getSnapshot().persistenceError).toMatchObject({ messageIds: ['bad'] });
    const again = chatIn(name, 'B');
    await expect
      .poll(() => again.getSnapshot().messages)
      .toMatchObject([{ id: 'bad' }, { parts: [{ type: 'text', text: '1' }] }, { role: 'assistant' }]);
  });

  it('has a chat there again after a reload', async () => {
    const name = databaseName();
    const chat = chatIn(name, 'Kept');
    await chat.sendMessage({ text: 'Hi', files: [new File(['x'.repeat(20_000)], 'x.txt', { type: 'text/plain' })] });
    await expect
      .poll(() => idbChats(name).load('a'))
      .toMatchObject({ messages: [{ message: { role: 'user' } }, { message: { role: 'assistant' } }] });

    const again = chatIn(name, 'More');
    await expect.poll(() => again.getSnapshot().isRestoring).toBe(false);
    expect(again.getSnapshot().messages).toEqual(chat.getSnapshot().messages);
  });

  it('tells of a database that cannot be opened', async () => {
    const name = databaseName();
    await new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 7);
      request.addEventListener('success', () => resolve(request.result.close()));
      request.addEventListener('error', reject);
    });
    const chat = chatIn(name, 'Hello');
    await expect.poll(() => chat.getSnapshot().persistenceError).toBeInstanceOf(ChatStorageError);
    await chat.sendMessage('Hi');
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, {}] });
  });
});

describe('a draft', () => {
  it('is written when the page is hidden', async () => {
    const name = databaseName();
    const client = new LLMClient({ provider: scripted(['Half', ' of it'], { tokensPerSecond: 0.2 }) });
    const chat = createChat({ client, id: 'a', persistence: persistChat(idbChats(name), { draftMs: 1e6 }) });
    const sent = chat.sendMessage('Hi');
    await expect.poll(() => chat.getSnapshot().messages.length).toBe(2);
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    onTestFinished(() => void delete (document as { hidden?: boolean }).hidden);
    document.dispatchEvent(new Event('visibilitychange'));
    await expect
      .poll(() => idbChats(name).load('a'))
      .toMatchObject({ messages: [{ message: { role: 'user' } }, { message: { parts: [{ text: 'Half' }] } }] });
    chat.stop();
    await sent;
  });
});
