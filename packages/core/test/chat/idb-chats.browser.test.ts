import { LLMClient } from '@rivulet/core';
import { ChatStorageError, createChat, persistChat, type Chat, type ChatThread } from '@rivulet/core/chat';
import { idbChats } from '@rivulet/core/chat-idb';
import { scripted } from '@rivulet/core/scripted';
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

const thread = (...ids: readonly string[]): ChatThread => ({
  messages: ids.map((id) => ({ id, role: 'user', parts: [{ type: 'text', text: id }] })),
  head: ids.at(-1),
});

describe('idbChats', () => {
  it('keeps a chat, and its draft until it is saved', async () => {
    const storage = idbChats(databaseName());
    await expect(storage.load('a')).resolves.toBeUndefined();
    await storage.saveDraft('a', thread('1'));
    await expect(storage.load('a')).resolves.toEqual({ messages: [], draft: thread('1') });
    await storage.save('a', thread('1', '2'));
    await expect(storage.load('a')).resolves.toEqual({ ...thread('1', '2'), draft: undefined });
    await storage.save('b', thread('3'));
    await storage.clear('a');
    await expect(storage.load('a')).resolves.toBeUndefined();
    await expect(storage.load('b')).resolves.toMatchObject(thread('3'));
  });

  it('has a chat there again after a reload', async () => {
    const name = databaseName();
    const chat = chatIn(name, 'Kept');
    await chat.sendMessage({ text: 'Hi', files: [new File(['x'.repeat(20_000)], 'x.txt', { type: 'text/plain' })] });
    await expect
      .poll(() => idbChats(name).load('a'))
      .toMatchObject({ messages: [{ role: 'user' }, { role: 'assistant' }] });

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
      .toMatchObject({ draft: { messages: [{ role: 'user' }, { parts: [{ text: 'Half' }] }] } });
    chat.stop();
    await sent;
  });
});
