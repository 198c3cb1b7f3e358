import type { Chat, ChatStorage } from '@rivulet/core/chat';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually, settled } from '../support/client.ts';

const LOADER = '../../src/transport/lazy-chunk.ts';

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
async function loading(options: object = {}): Promise<Waiting> {
  aroundLoad(async (load) => {
    await gate;
    return load();
  });
  return fresh(options);
}

/** A chat while its storage reads. */
async function restoring(options: object = {}, hasKept = false): Promise<Waiting> {
  const { persistChat, memoryChats } = await import('@rivulet/core/chat');
  const { turnsChunk } = await import('../../src/chat/turns-chunk.ts');
  await turnsChunk.load();
  const memory = memoryChats();
  if (hasKept) {
    const { chat } = await fresh({ id: 'kept', persistence: persistChat(memory) });
    await chat.sendMessage('0');
    await vi.waitFor(async () => expect((await memory.load('kept'))?.messages).toHaveLength(2));
  }
  const storage: ChatStorage = {
    ...memory,
    async load(...query) {
      await gate;
      return memory.load(...query);
    },
  };
  return fresh({ id: 'kept', ...options, persistence: persistChat(storage) });
}

function queued(chat: Chat): string[] {
  return chat.getSnapshot().queue.flatMap(({ parts }) => parts.map((part) => ('text' in part ? part.text : part.type)));
}

function texts(chat: Chat): string[] {
  const { messages } = chat.getSnapshot();
  return messages.flatMap(({ parts }) => parts.map((part) => ('text' in part ? part.text : part.type)));
}

describe.each([
  ['the code of turns is loaded', loading],
  ['kept messages are read', restoring],
])('while %s', (_what, start) => {
  it('a message is shown at once, and its turn begins afterwards', async () => {
    const { chat, requests, go } = await start();
    const sent = chat.sendMessage('1');
    const { messages } = chat.getSnapshot();
    await settled();
    expect(chat.getSnapshot()).toMatchObject({ status: 'submitted', queue: [] });
    expect(texts(chat)).toEqual(['1']);
    expect(chat.messageIds.getSnapshot()).toEqual(messages.map(({ id }) => id));
    expect(chat.message(messages[0]!.id).getSnapshot()).toBe(messages[0]);
    expect(chat.getSnapshot().messages).toBe(messages);
    expect(requests).toHaveLength(0);
    go();
    await sent;
    expect(chat.getSnapshot().messages[0]).toMatchObject({ id: messages[0]!.id, parentId: undefined });
    expect(texts(chat)).toEqual(['1', 'Hi.']);
    expect(chat.getSnapshot().status).toBe('ready');
    expect(requests).toHaveLength(1);
  });

  it('a stop after a send leaves the message without an answer', async () => {
    const { chat, requests, go } = await start();
    const sent = chat.sendMessage('1');
    chat.stop();
    expect(chat.getSnapshot().status).toBe('ready');
    expect(texts(chat)).toEqual(['1']);
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
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [], queue: [] });
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
    const seen = new Set<string>();
    chat.subscribe(() => seen.add(`${texts(chat).join(' ')} | ${queued(chat).join(' ')}`));
    const sent = Promise.all([chat.sendMessage('1'), chat.sendMessage('2')]);
    expect([texts(chat), queued(chat)]).toEqual([['1'], ['2']]);
    go();
    await sent;
    expect(texts(chat)).toEqual(['1', 'Hi.', '2', 'Hi.']);
    expect([...seen].filter((each) => !/^(?: \| |1(?: Hi\.)? \| 2|1 Hi\. 2.* \| |1 \| )$/.test(each))).toEqual([]);
  });

  it('a queued message can be removed', async () => {
    const { chat, requests, go } = await start();
    const first = chat.sendMessage('1');
    const second = chat.sendMessage({ text: '2', id: 'second' });
    chat.removeQueued('second');
    expect([texts(chat), queued(chat)]).toEqual([['1'], []]);
    go();
    await Promise.all([first, second]);
    expect(texts(chat)).toEqual(['1', 'Hi.']);
    expect(requests).toHaveLength(1);
    expect(chat.getSnapshot().status).toBe('ready');
  });

  it('a message that replaces what is under way is shown behind the other one', async () => {
    const { chat, go } = await start({ whenBusy: 'replace' });
    const sent = Promise.all([chat.sendMessage('1'), chat.sendMessage('2')]);
    expect([texts(chat), queued(chat)]).toEqual([['1', '2'], []]);
    go();
    await sent;
    expect(texts(chat)).toEqual(['1', '2', 'Hi.']);
  });

  it('a message that will be refused is not shown', async () => {
    const { chat, go } = await start({ whenBusy: 'reject' });
    const sent = Promise.allSettled([
      chat.sendMessage({ text: '1', id: 'a' }),
      chat.sendMessage('2'),
      chat.sendMessage({}),
      chat.sendMessage({ text: 'edit', messageId: 'unknown' }),
    ]);
    expect([texts(chat), queued(chat)]).toEqual([['1'], []]);
    go();
    expect((await sent).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    expect(texts(chat)).toEqual(['1', 'Hi.']);
  });

  it('an id of the app is not used twice', async () => {
    const { chat, go } = await start({ generateId: () => 'same' });
    const sent = Promise.all([chat.sendMessage('1'), chat.sendMessage('2')]);
    const ids = [...chat.getSnapshot().messages, ...chat.getSnapshot().queue].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    go();
    await sent;
    expect(texts(chat)).toEqual(['1', 'Hi.', '2', 'Hi.']);
  });

  it('a file is shown without what is in it', async () => {
    const { chat, go } = await start();
    const sent = chat.sendMessage({ text: 'See', files: [new File(['a'], 'a.png', { type: 'image/png' })] });
    expect(chat.getSnapshot().messages[0]?.parts).toEqual([
      { type: 'file', mediaType: 'image/png', filename: 'a.png' },
      { type: 'text', text: 'See' },
    ]);
    go();
    await sent;
    expect(chat.getSnapshot().messages[0]?.parts[0]).toMatchObject({ data: 'YQ==' });
  });

  it('a call that cannot begin leaves the chat ready', async () => {
    const { chat, go } = await start();
    const done = Promise.allSettled([chat.regenerate(), chat.continueAnswer()]);
    go();
    expect((await done).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(chat.getSnapshot().status).toBe('ready');
  });
});

describe('a message that is sent while kept messages are read', () => {
  it('is shown behind them once they are there, and has the last one as its parent', async () => {
    const { chat, go } = await restoring({}, true);
    const seen: string[] = [];
    chat.subscribe(() => seen.push(texts(chat).join(' ')));
    const sent = chat.sendMessage({ text: '1', id: 'new' });
    expect(texts(chat)).toEqual(['1']);
    go();
    await sent;
    expect(texts(chat)).toEqual(['0', 'Hi.', '1', 'Hi.']);
    const { messages } = chat.getSnapshot();
    expect(messages.map(({ parentId }) => parentId)).toEqual([undefined, ...messages.slice(0, 3).map(({ id }) => id)]);
    expect(chat.getThread().messages).toHaveLength(4);
    // Neither is ever away.
    expect(seen.filter((each) => !/^1$|^0 Hi\. 1/.test(each))).toEqual([]);
  });

  it('is shown, and the history that could not be read is left as it is', async () => {
    const { persistChat, memoryChats } = await import('@rivulet/core/chat');
    const memory = memoryChats();
    const save = vi.fn(memory.save);
    const storage: ChatStorage = {
      ...memory,
      save,
      async load() {
        await gate;
        throw new Error('unreadable');
      },
    };
    const { chat, go } = await fresh({ persistence: persistChat(storage) });
    const sent = chat.sendMessage('1');
    expect(texts(chat)).toEqual(['1']);
    go();
    await sent;
    await settled();
    expect(texts(chat)).toEqual(['1', 'Hi.']);
    expect(chat.getSnapshot().persistenceError).toBeDefined();
    expect(save).not.toHaveBeenCalled();
  });

  it('is shown once if it is among them', async () => {
    const { chat, go } = await restoring({}, true);
    const sent = chat.sendMessage({ text: '1', id: 'new' });
    chat.setThread({ messages: [{ id: 'new', role: 'user', parts: [{ type: 'text', text: 'other' }] }] });
    expect(texts(chat)).toEqual(['other']);
    go();
    await sent;
    expect(texts(chat)).toEqual(['other']);
  });
});

it('an edit that is sent while the code of turns is loaded is shown in the place of the message', async () => {
  const { chat, go } = await loading({
    messages: [
      { id: 'q', role: 'user', content: 'old' },
      { id: 'a', role: 'assistant', content: 'answer' },
    ],
  });
  const sent = chat.sendMessage({ text: 'new', messageId: 'q' });
  expect(texts(chat)).toEqual(['new']);
  go();
  await sent;
  expect(texts(chat)).toEqual(['new', 'Hi.']);
  expect(chat.branches('q')).toHaveLength(2);
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
