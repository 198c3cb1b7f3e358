import type { Chat, ChatStorage } from '@rivulet/core/chat';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually, settled } from '../support/client.ts';

const LOADER = '../../src/lazy-chunk.ts';

type Load = () => Promise<unknown>;

/** Puts a delay or a failure around the loading of the code of turns. */
function aroundLoad(around: (load: Load) => Promise<unknown>): void {
  vi.doMock(LOADER, async (importOriginal) => {
    const { lazyChunk } = await importOriginal<{ lazyChunk: (load: Load, what: string) => unknown }>();
    return {
      lazyChunk: (load: Load, what: string) => lazyChunk(what === 'chats' ? () => around(load) : load, what),
    };
  });
}

interface Waiting {
  readonly chat: Chat;
  readonly requests: readonly unknown[];
  /** Ends what the chat waits for. */
  go(): void;
}

let open: () => void;
let gate: Promise<void>;

beforeEach(() => {
  vi.resetModules();
  gate = new Promise((resolve) => {
    open = resolve;
  });
});

afterEach(() => {
  vi.doUnmock(LOADER);
  vi.resetModules();
});

async function fresh(options: object = {}): Promise<Waiting> {
  const { chatThat } = await import('./support.ts');
  const { chat, requests } = chatThat('Hi.', options);
  return { chat, requests, go: open };
}

/** A chat while the code of turns is loaded. */
async function loading(): Promise<Waiting> {
  aroundLoad(async (load) => {
    await gate;
    return load();
  });
  return fresh();
}

/** A chat while its storage reads. */
async function restoring(): Promise<Waiting> {
  const { persistChat, memoryChats } = await import('@rivulet/core/chat');
  const { turnsChunk } = await import('../../src/chat/turns-chunk.ts');
  await turnsChunk.load();
  const memory = memoryChats();
  const storage: ChatStorage = {
    ...memory,
    async load(...query) {
      await gate;
      return memory.load(...query);
    },
  };
  return fresh({ persistence: persistChat(storage) });
}

function texts(chat: Chat): string[] {
  const { messages } = chat.getSnapshot();
  return messages.flatMap(({ parts }) => parts.map((part) => ('text' in part ? part.text : part.type)));
}

describe.each([
  ['the code of turns is loaded', loading],
  ['kept messages are read', restoring],
])('while %s', (_what, start) => {
  it('a send is shown by the status, and its turn begins afterwards', async () => {
    const { chat, requests, go } = await start();
    const sent = chat.sendMessage('1');
    await settled();
    expect(chat.getSnapshot()).toMatchObject({ status: 'submitted', messages: [] });
    go();
    await sent;
    expect(texts(chat)).toEqual(['1', 'Hi.']);
    expect(chat.getSnapshot().status).toBe('ready');
    expect(requests).toHaveLength(1);
  });

  it('a stop after a send leaves the message without an answer', async () => {
    const { chat, requests, go } = await start();
    const sent = chat.sendMessage('1');
    chat.stop();
    expect(chat.getSnapshot().status).toBe('ready');
    go();
    await sent;
    await settled();
    expect(requests).toHaveLength(0);
    expect(texts(chat)).toEqual(['1']);
    await chat.sendMessage('2');
    expect(texts(chat)).toEqual(['1', '2', 'Hi.']);
  });

  it.each<[string, (chat: Chat) => void]>([
    ['clear', (chat) => chat.clear()],
    ['setMessages', (chat) => chat.setMessages([])],
    ['setThread', (chat) => chat.setThread({ messages: [] })],
  ])('%s after a send drops the message', async (_name, replace) => {
    const { chat, requests, go } = await start();
    const sent = chat.sendMessage('1');
    replace(chat);
    expect(chat.getSnapshot().status).toBe('ready');
    go();
    await sent;
    await settled();
    expect(requests).toHaveLength(0);
    expect(texts(chat)).toEqual([]);
    await chat.sendMessage('2');
    expect(texts(chat)).toEqual(['2', 'Hi.']);
  });

  it('two sends are answered in their order', async () => {
    const { chat, go } = await start();
    const sent = Promise.all([chat.sendMessage('1'), chat.sendMessage('2')]);
    go();
    await sent;
    expect(texts(chat)).toEqual(['1', 'Hi.', '2', 'Hi.']);
  });

  it('a call that cannot begin leaves the chat ready', async () => {
    const { chat, go } = await start();
    const done = Promise.allSettled([chat.regenerate(), chat.continueAnswer()]);
    go();
    expect((await done).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(chat.getSnapshot().status).toBe('ready');
  });
});

it('shows that the code of turns could not be loaded, keeps the message, and works with a later try', async () => {
  let isOffline = true;
  aroundLoad((load) => (isOffline ? Promise.reject(new Error('offline')) : load()));
  const onError = vi.fn();
  const { chat, requests } = await fresh({ onError });

  await chat.sendMessage('1');
  expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'network' } });
  expect(onError).toHaveBeenCalledOnce();
  expect(texts(chat)).toEqual(['1']);

  isOffline = false;
  await chat.regenerate();

  expect(texts(chat)).toEqual(['1', 'Hi.']);
  expect(requests).toHaveLength(1);
  await eventually(() => chat.getSnapshot().status).toBe('ready');
});
