import {
  createChat,
  memoryChats,
  persistChat,
  storageChats,
  tool,
  type Chat,
  type ChatOptions,
  type ChatStorage,
  type PersistOptions,
  type StoredMessage,
  type ToolSet,
} from '@rivulet/core/chat';
import type { Message } from '@rivulet/core';
import type { Script } from '@rivulet/core/scripted';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { settled } from '../../support/client.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';
import { chatThat, textsOf, turns, written, type ScriptedChat } from '../support.ts';
import { testStorage, type TestStorage } from './web-storage.ts';

const PREFIX = 'rivulet-chat:';

function open(
  storage: ChatStorage,
  script: Script = turns('A', 'B', 'C', 'D'),
  options: Partial<ChatOptions> & { readonly persist?: PersistOptions | undefined } = {},
): ScriptedChat<ToolSet> {
  const { persist, ...rest } = options;
  return chatThat(script, { id: 'x', persistence: persistChat(storage, persist), ...rest });
}

function webChats(web: Storage): ChatStorage {
  return storageChats(() => web);
}

async function restored(chat: Chat): Promise<void> {
  while (chat.getSnapshot().isRestoring) await settled();
  await settled();
}

async function reloaded(storage: ChatStorage, persist?: PersistOptions): Promise<Chat> {
  const { chat } = open(storage, turns('after'), { persist });
  await restored(chat);
  return chat;
}

function stored(id: string, parentId?: string, text = id): StoredMessage {
  return { id, parentId, revision: 1, message: { id, role: 'user', parts: [{ type: 'text', text }], parentId } };
}

async function withHistory(web: TestStorage): Promise<void> {
  const { chat } = open(webChats(web), turns('one', 'two'));
  await chat.sendMessage('1');
  await chat.sendMessage('2');
  await settled();
}

const HISTORY = ['user: 1', 'assistant: one', 'user: 2', 'assistant: two'];

describe('a storage that cannot be read', () => {
  it.each(['chat', 'message'])('keeps the history if reading a %s record fails once', async (kind) => {
    const web = testStorage();
    await withHistory(web);
    let isBroken = true;
    web.fault = (operation, key) => {
      if (!isBroken || operation !== 'get' || !key.includes(`["${kind}"`)) return;
      isBroken = false;
      throw new Error('busy');
    };
    const { chat } = open(webChats(web), turns('three'));
    await restored(chat);
    expect(chat.getSnapshot()).toMatchObject({ messages: [], persistenceError: { operation: 'load' } });
    await chat.sendMessage('3');
    await settled();
    const all = [...HISTORY, 'user: 3', 'assistant: three'];
    expect(textsOf(chat)).toEqual(all);
    expect(chat.getSnapshot().persistenceError).toBeUndefined();
    expect(textsOf(await reloaded(webChats(web)))).toEqual(all);
  });

  it('is not written to, and is read again by retryPersistence', async () => {
    const web = testStorage();
    await withHistory(web);
    const before = new Map(web.items);
    web.fault = (operation) => {
      if (operation === 'get') throw new Error('denied');
    };
    const onPersistenceError = vi.fn();
    const { chat } = open(webChats(web), turns('three'), { onPersistenceError });
    await restored(chat);
    await chat.sendMessage('3');
    await settled();
    expect(web.items).toEqual(before);
    expect(onPersistenceError).toHaveBeenCalledOnce();
    web.fault = () => undefined;
    await chat.retryPersistence();
    expect(textsOf(await reloaded(webChats(web)))).toEqual([...HISTORY, 'user: 3', 'assistant: three']);
    expect(chat.getSnapshot().persistenceError).toBeUndefined();
  });

  it('keeps branches of the history if the load fails while an answer is written', async () => {
    const web = testStorage();
    await withHistory(web);
    let failures = 2;
    web.fault = (operation) => {
      if (operation !== 'get' || failures === 0) return;
      failures -= 1;
      throw new Error('busy');
    };
    const answer = written();
    const { chat } = open(webChats(web), turns(answer.reply));
    await restored(chat);
    const sent = chat.sendMessage('3');
    answer.say('thr');
    await settled();
    answer.say('ee');
    answer.finish();
    await sent;
    await settled();
    await chat.retryPersistence();
    expect(textsOf(chat)).toEqual([...HISTORY, 'user: 3', 'assistant: three']);
  });

  it('does not delay sends for longer than loadTimeoutMs, and is merged when it answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const storage = memoryChats();
    await storage.save('x', { put: [stored('1'), stored('2', '1')], removed: [], head: '2' });
    let answer = (): void => undefined;
    const slow: ChatStorage = {
      ...storage,
      load: (id, options) =>
        new Promise((resolve) => {
          answer = () => void Promise.resolve(storage.load(id, options)).then(resolve);
        }),
    };
    const { chat } = open(slow, turns('A'), { persist: { loadTimeoutMs: 5000 } });
    const sent = chat.sendMessage('3');
    await vi.advanceTimersByTimeAsync(4999);
    expect(chat.getSnapshot()).toMatchObject({ isRestoring: true, status: 'submitted' });
    expect(textsOf(chat)).toEqual(['user: 3']);
    await vi.advanceTimersByTimeAsync(1);
    await sent;
    expect(chat.getSnapshot()).toMatchObject({ isRestoring: false, persistenceError: { operation: 'load' } });
    expect(textsOf(chat)).toEqual(['user: 3', 'assistant: A']);
    answer();
    vi.useRealTimers();
    await settled();
    expect(textsOf(chat)).toEqual(['user: 1', 'user: 2', 'user: 3', 'assistant: A']);
    expect(chat.getSnapshot().persistenceError).toBeUndefined();
    expect(textsOf(await reloaded(storage))).toEqual(textsOf(chat));
  });

  it('leaves a chat alone that a newer version has saved', async () => {
    const web = testStorage();
    web.items.set(`${PREFIX}["chat","x"]`, '{"version":2,"content":"new"}');
    const before = new Map(web.items);
    const { chat } = open(webChats(web), turns('A'));
    await restored(chat);
    await chat.sendMessage('1');
    await settled();
    expect(web.items).toEqual(before);
    expect(chat.getSnapshot().persistenceError?.message).toContain('newer version');
    // The app decides to do without it.
    await chat.discardUnreadable();
    await settled();
    expect(chat.getSnapshot().persistenceError).toBeUndefined();
    expect(textsOf(await reloaded(webChats(web)))).toEqual(['user: 1', 'assistant: A']);
  });

  it.each([null, 'text', Object.create(null), Proxy.revocable({}, {}).proxy])(
    'may throw anything, in each of its methods: %#',
    async (thrown) => {
      const fail = (): never => {
        throw thrown;
      };
      const storage: ChatStorage = { ...memoryChats(), load: fail, save: fail, clear: fail };
      const { chat } = open(storage, turns('A'));
      await restored(chat);
      await chat.sendMessage('1');
      chat.clear();
      await settled();
      expect(chat.getSnapshot().persistenceError).toMatchObject({ name: 'ChatStorageError' });
      const { chat: other } = open({ ...memoryChats(), save: fail }, turns('A'));
      await other.sendMessage('1');
      await other.sendMessage('2');
      await settled();
      expect(other.getSnapshot().persistenceError).toMatchObject({ operation: 'save' });
      expect(textsOf(other)).toEqual(['user: 1', 'assistant: A', 'user: 2', 'assistant: A']);
    },
  );
});

const part = { type: 'text', text: 'ok' };

describe('a record that is damaged', () => {
  it.each<[string, unknown]>([
    ['without an id', { role: 'user', parts: [part] }],
    ['with an empty id', { id: '', role: 'user', parts: [part] }],
    ['without parts', { id: 'm', role: 'user' }],
    ['with a part that is null', { id: 'm', role: 'user', parts: [part, null] }],
    ['with a part of an unknown type', { id: 'm', role: 'user', parts: [{ type: 'hologram' }] }],
    ['with a text that is an object', { id: 'm', role: 'user', parts: [{ type: 'text', text: {} }] }],
    ['with a call without a name', { id: 'm', role: 'assistant', parts: [{ type: 'tool-call', id: 'c' }] }],
    ['with an unknown role', { id: 'm', role: 'robot', parts: [part] }],
    ['that is null', null],
    ['that is text', 'hello'],
  ])('is kept byte for byte, with the messages around it shown: a message %s', async (_, bad) => {
    const web = testStorage();
    const legacy = JSON.stringify({
      messages: [
        { id: 'a', role: 'user', parts: [{ type: 'text', text: 'a' }] },
        bad,
        { id: 'b', role: 'user', parts: [{ type: 'text', text: 'b' }], parentId: 'a' },
        { id: 'c', role: 'user', parts: [{ type: 'text', text: 'c' }], parentId: 'b' },
      ],
      head: 'c',
    });
    web.items.set(`${PREFIX}x`, legacy);
    const { chat } = open(webChats(web), turns('D'));
    await restored(chat);
    expect(textsOf(chat)).toEqual(['user: a', 'user: b', 'user: c']);
    expect(chat.getSnapshot().persistenceError).toMatchObject({ operation: 'load' });
    await chat.sendMessage('d');
    await settled();
    expect(web.items.get(`${PREFIX}x`)).toBe(legacy);
    expect(textsOf(await reloaded(webChats(web)))).toEqual([
      'user: a',
      'user: b',
      'user: c',
      'user: d',
      'assistant: D',
    ]);
  });

  it('is never lost, whichever record is cut at whichever byte, and the chat goes on', async () => {
    const whole = testStorage();
    await withHistory(whole);
    for (const [key, value] of whole.items) {
      for (let length = 0; length < value.length; length += Math.max(1, Math.floor(value.length / 12))) {
        const web = testStorage();
        for (const [name, item] of whole.items) web.items.set(name, item);
        const cut = value.slice(0, length);
        web.items.set(key, cut);
        const { chat } = open(webChats(web), turns('three'));
        await restored(chat);
        expect(chat.getSnapshot().persistenceError).toMatchObject({ operation: 'load' });
        await chat.sendMessage('3');
        await settled();
        expect([...web.items.values()]).toContain(cut);
        const again = await reloaded(webChats(web));
        const readable = key.includes('"message"') ? 5 : 6;
        expect(textsOf(again)).toHaveLength(readable);
        expect(textsOf(again).slice(-2)).toEqual(['user: 3', 'assistant: three']);
        expect(again.getSnapshot().persistenceError).toMatchObject({ operation: 'load' });
        await again.discardUnreadable();
        await settled();
        expect(again.getSnapshot().persistenceError).toBeUndefined();
        expect([...web.items.values()]).not.toContain(cut);
        expect(textsOf(await reloaded(webChats(web)))).toEqual(textsOf(again));
      }
    }
  });

  it.each(['', '{"messages":', '5', '[]', '{"messages":{}}'])('of the earlier format stays: %j', async (bytes) => {
    const web = testStorage();
    web.items.set(`${PREFIX}x`, bytes);
    const { chat } = open(webChats(web));
    await restored(chat);
    expect(chat.getSnapshot().persistenceError).toMatchObject({ operation: 'load' });
    await chat.sendMessage('1');
    await settled();
    expect(web.items.get(`${PREFIX}x`)).toBe(bytes);
    expect(textsOf(await reloaded(webChats(web)))).toEqual(['user: 1', 'assistant: A']);
  });

  it.each([5, 'text', [], { messages: 5 }])('of a storage of its own stops saving: %j', async (value) => {
    const save = vi.fn();
    const storage: ChatStorage = { ...memoryChats(), load: () => JSON.parse(JSON.stringify(value)), save };
    const { chat } = open(storage);
    await restored(chat);
    await chat.sendMessage('1');
    await settled();
    expect(save).not.toHaveBeenCalled();
    expect(chat.getSnapshot().persistenceError).toMatchObject({ operation: 'load' });
  });
});

describe('data of the earlier format', () => {
  const message = (id: string, parentId?: string) => ({
    id,
    role: 'user',
    parts: [{ type: 'text', text: id }],
    parentId,
  });

  it('is read with its draft, and is kept together with new messages', async () => {
    const web = testStorage();
    web.items.set(
      `${PREFIX}x`,
      JSON.stringify({ messages: [message('a'), message('b', 'a'), message('b2', 'a')], head: 'b' }),
    );
    web.items.set(`${PREFIX}x:draft`, JSON.stringify({ messages: [message('c', 'b')], head: 'c' }));
    const { chat } = open(webChats(web), turns('D'));
    await restored(chat);
    expect(textsOf(chat)).toEqual(['user: a', 'user: b', 'user: c']);
    expect(chat.branches('b')).toEqual(['b', 'b2']);
    await chat.sendMessage('d');
    await settled();
    const again = await reloaded(webChats(web));
    expect(JSON.stringify(again.getThread())).toBe(JSON.stringify(chat.getThread()));
    expect(await webChats(web).list()).toMatchObject([{ id: 'x', title: 'a', messageCount: 6 }]);
    again.clear();
    await settled();
    expect(textsOf(await reloaded(webChats(web)))).toEqual([]);
    expect([...web.items.keys()]).toEqual([`${PREFIX}["chat","x"]`]);
  });

  it('is not taken for a draft if it is a chat whose id ends with :draft', async () => {
    const web = testStorage();
    web.items.set(`${PREFIX}x`, JSON.stringify({ messages: [message('a')], head: 'a' }));
    const other = JSON.stringify({ messages: [message('z')], head: 'z' });
    web.items.set(`${PREFIX}x:draft`, other);
    const { chat } = open(webChats(web), turns('B'));
    await restored(chat);
    expect(textsOf(chat)).toEqual(['user: a']);
    await chat.sendMessage('b');
    chat.clear();
    await settled();
    expect(web.items.get(`${PREFIX}x:draft`)).toBe(other);
    const { chat: draft } = open(webChats(web), turns('C'), { id: 'x:draft' });
    await restored(draft);
    expect(textsOf(draft)).toEqual(['user: z']);
  });
});

describe('ids of chats', () => {
  it.each([
    ['x', 'x:draft'],
    ['x', '["chat","x"]'],
    ['a","b', 'a'],
    ['x/y', 'x%2Fy'],
  ])('do not collide: %j and %j', async (a, b) => {
    const web = testStorage();
    for (const id of [a, b]) {
      const { chat } = open(webChats(web), turns(`answer of ${id}`), { id });
      await chat.sendMessage(`question of ${id}`);
      await settled();
    }
    const { chat: first } = open(webChats(web), turns(''), { id: a });
    await restored(first);
    expect(textsOf(first)).toEqual([`user: question of ${a}`, `assistant: answer of ${a}`]);
    first.clear();
    await settled();
    const { chat: second } = open(webChats(web), turns(''), { id: b });
    await restored(second);
    expect(textsOf(second)).toEqual([`user: question of ${b}`, `assistant: answer of ${b}`]);
  });

  it.each(['', '\ud800', 'a\udc00b'])('that are not text are refused: %j', (id) => {
    const { client } = open(memoryChats()).chat as unknown as { client: never };
    expect(() => createChat({ client, id })).toThrow(expect.objectContaining({ code: 'config' }));
  });
});

describe('a save that fails', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  it.each(['storageChats', 'a storage that saves all or nothing'])(
    'hides no turn if there is no room for one message: %s',
    async (kind) => {
      const web = testStorage();
      const base = webChats(web);
      const storage: ChatStorage =
        kind === 'storageChats'
          ? base
          : {
              ...base,
              async save(id, changes) {
                const before = new Map(web.items);
                const result = await base.save(id, changes);
                const [failure] = result?.failures ?? [];
                if (!failure) return result;
                web.items.clear();
                for (const [key, value] of before) web.items.set(key, value);
                throw failure.cause;
              },
            };
      const { chat } = open(storage, turns('A', 'B', 'C', 'D', 'E'));
      for (const text of ['one', 'two', 'three']) await chat.sendMessage(text);
      await settled();
      let taken = 0;
      for (const [key, value] of web.items) taken += key.length + value.length;
      web.room = taken + 3500;
      const image = { type: 'file' as const, mediaType: 'image/png', data: 'x'.repeat(5000) };
      await chat.sendMessage({ parts: [image] });
      await settled();
      await chat.sendMessage('four');
      await settled();
      expect(chat.getSnapshot().persistenceError).toMatchObject({ cause: { name: 'QuotaExceededError' } });
      expect(textsOf(await reloaded(storage))).toEqual([
        ...textsOf(chat).slice(0, 6),
        'assistant: D',
        'user: four',
        'assistant: E',
      ]);

      web.room = Infinity;
      await vi.advanceTimersByTimeAsync(15_000);
      await settled();
      expect(chat.getSnapshot().persistenceError).toBeUndefined();
      expect(textsOf(await reloaded(storage))).toEqual(textsOf(chat));
    },
  );

  it('goes with the next one', async () => {
    const storage = memoryChats();
    let isDown = false;
    const server: ChatStorage = {
      ...storage,
      save(id, changes) {
        if (isDown) throw new Error('503');
        return storage.save(id, changes);
      },
    };
    const answer = written();
    const { chat } = open(server, turns('A', 'B', answer.reply));
    await chat.sendMessage('1');
    await settled();
    isDown = true;
    await chat.sendMessage('2');
    await settled();
    expect(chat.getSnapshot().persistenceError).toMatchObject({ operation: 'save', cause: { message: '503' } });
    isDown = false;
    void chat.sendMessage('3');
    await settled();
    answer.say('half');
    await vi.advanceTimersByTimeAsync(1000);
    await settled();
    expect(chat.getSnapshot().persistenceError).toBeUndefined();
    expect(textsOf(await reloaded(storage))).toEqual([
      'user: 1',
      'assistant: A',
      'user: 2',
      'assistant: B',
      'user: 3',
      'assistant: half',
    ]);
    chat.stop();
  });

  it('of a clear is tried again', async () => {
    const web = testStorage();
    await withHistory(web);
    const chat = await reloaded(webChats(web));
    web.fault = (operation) => {
      if (operation === 'set') throw new Error('denied');
    };
    chat.clear();
    await settled();
    expect(chat.getSnapshot().persistenceError).toMatchObject({ operation: 'clear' });
    web.fault = () => undefined;
    await vi.advanceTimersByTimeAsync(15_000);
    await settled();
    expect(textsOf(await reloaded(webChats(web)))).toEqual([]);
  });

  it('of a clear does not bring the messages back with retryPersistence', async () => {
    const web = testStorage();
    await withHistory(web);
    const chat = await reloaded(webChats(web));
    web.fault = (operation) => {
      if (operation === 'get') throw new Error('denied');
    };
    chat.clear();
    await settled();
    web.fault = () => undefined;
    await chat.retryPersistence();
    expect(textsOf(chat)).toEqual([]);
    expect(textsOf(await reloaded(webChats(web)))).toEqual([]);
  });
});

function unstorable(id: string, data: unknown): Message {
  return {
    id,
    role: 'user',
    parts: [
      { type: 'text', text: '2' },
      { type: 'data', name: 'd', data },
    ],
  };
}

describe('values without a stored form', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a BigInt', 1n],
    ['a cycle', cyclic],
    ['a Blob', new Blob(['x'])],
    ['a Map', new Map([[1, 2]])],
  ])('leave all other messages, and the rest of their own: %s', async (_, data) => {
    const web = testStorage();
    const { chat } = open(webChats(web), turns('A', 'B'));
    await chat.sendMessage('1');
    // `sendMessage` refuses such a value.
    chat.setMessages((messages) => [...messages, unstorable('bad', data)]);
    await settled();
    const error = chat.getSnapshot().persistenceError;
    expect(error).toMatchObject({ operation: 'save', messageIds: ['bad'] });
    await chat.regenerate();
    await chat.sendMessage('3');
    await settled();
    const again = await reloaded(webChats(web));
    expect(textsOf(again)).toEqual(['user: 1', 'assistant: A', 'user: 2', 'assistant: B', 'user: 3', 'assistant: B']);
    expect(again.getSnapshot().persistenceError).toBeUndefined();
  });
});

describe('a reload', () => {
  it('loads the question of the first answer before it is answered again', async () => {
    const web = testStorage();
    await withHistory(web);
    const chat = await reloaded(webChats(web), { pageSize: 1 });
    expect(chat.getSnapshot().messages).toHaveLength(1);
    await chat.regenerate();
    expect(textsOf(chat)).toEqual(['user: 2', 'assistant: after']);
  });

  it('does not bring back a removed message of which only a part could be stored', async () => {
    const web = testStorage();
    const { chat } = open(webChats(web), turns('A'));
    await chat.sendMessage('1');
    chat.setMessages((messages) => [...messages, unstorable('bad', 1n)]);
    await settled();
    chat.setMessages((messages) => messages.slice(0, 2));
    await settled();
    expect(textsOf(await reloaded(webChats(web)))).toEqual(['user: 1', 'assistant: A']);
  });

  it('shows the same after a custom storage has ignored all drafts', async () => {
    const storage = memoryChats();
    const saveDraft = vi.fn();
    const save = vi.fn(storage.save);
    const { chat } = open({ ...storage, save, saveDraft }, turns('A', 'B'));
    await chat.sendMessage('1');
    await chat.sendMessage('2');
    await settled();
    expect(saveDraft).toHaveBeenCalled();
    expect(textsOf(await reloaded(storage))).toEqual(textsOf(chat));
  });

  it('shows the answer that was shown after another one was stopped before it began', async () => {
    const storage = webChats(testStorage());
    const { chat } = open(storage, turns('A', written().reply));
    await chat.sendMessage('1');
    await settled();
    void chat.regenerate();
    await settled();
    chat.stop();
    await settled();
    expect(textsOf(await reloaded(storage))).toEqual(['user: 1', 'assistant: A']);
  });

  it('shows messages that were set again after they were removed', async () => {
    const storage = webChats(testStorage());
    const { chat } = open(storage, turns('A'));
    await chat.sendMessage('1');
    await settled();
    const backup = chat.getThread();
    chat.clear();
    await settled();
    chat.setThread(backup);
    await settled();
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
    expect(textsOf(await reloaded(storage))).toEqual(['user: 1', 'assistant: A']);
  });

  it('loads the last messages first, and never deletes those that were not loaded', async () => {
    const storage = webChats(testStorage());
    const ids = Array.from({ length: 10 }, (_, index) => `m${index}`);
    await storage.save('x', {
      put: [...ids.map((id, index) => stored(id, ids[index - 1])), stored('m8b', 'm7'), stored('m1b', 'm0')],
      removed: [],
      head: 'm9',
    });
    const chat = await reloaded(storage, { pageSize: 3 });
    expect(chat.messageIds.getSnapshot()).toEqual(['m7', 'm8', 'm9']);
    expect(chat.branches('m8')).toEqual(['m8', 'm8b']);
    expect(chat.getSnapshot().hasEarlier).toBe(true);
    await chat.sendMessage('new');
    await settled();
    chat.setMessages((messages) => messages.slice(0, -1));
    await settled();
    expect(await chat.loadEarlier()).toBe(true);
    expect(chat.messageIds.getSnapshot()).toHaveLength(7);
    expect(await chat.loadEarlier()).toBe(true);
    expect(await chat.loadEarlier()).toBe(false);
    expect(chat.messageIds.getSnapshot().slice(0, 10)).toEqual(ids);
    expect(chat.branches('m1')).toEqual(['m1', 'm1b']);
    expect(chat.getSnapshot().hasEarlier).toBe(false);
    const whole = await reloaded(storage);
    expect(textsOf(whole)).toEqual(textsOf(chat));
    expect(whole.getThread().messages).toHaveLength(13);
  });
});

describe('two tabs', () => {
  it('keep the messages of both, and a clear holds against a later save of the other', async () => {
    const web = testStorage();
    const a = await reloaded(webChats(web));
    await a.sendMessage('one');
    await settled();
    const b = await reloaded(webChats(web));
    await b.sendMessage('two');
    await settled();
    await a.sendMessage('three');
    await settled();
    const both = await reloaded(webChats(web));
    expect(both.getThread().messages.map(({ parts }) => (parts[0]?.type === 'text' ? parts[0].text : ''))).toEqual(
      expect.arrayContaining(['one', 'two', 'three']),
    );
    expect(both.getThread().messages).toHaveLength(6);
    a.clear();
    await settled();
    await b.sendMessage('four');
    await settled();
    expect(textsOf(await reloaded(webChats(web)))).toEqual(['user: four', 'assistant: after']);
  });

  it('do not bring back a message that one has removed and the other changes', async () => {
    const web = testStorage();
    const tools = { ask: tool({ inputSchema: z.object({}) }) };
    const a = open(webChats(web), turns({ toolCalls: [{ name: 'ask', id: 'c' }] }, 'done'), { tools }).chat;
    await a.sendMessage('one');
    await settled();
    const b = open(webChats(web), turns('done'), { tools }).chat;
    await restored(b);
    a.setMessages([]);
    await settled();
    await b.addToolOutput({ toolCallId: 'c', output: 1 });
    await settled();
    expect(textsOf(await reloaded(webChats(web)))).toEqual([]);
  });

  describe.each<[string, (chat: Chat) => unknown]>([
    ['clears the chat', (chat) => chat.clear()],
    ['sets other messages', (chat) => chat.setMessages([])],
    ['removes the question', (chat) => chat.setMessages((messages) => messages.slice(0, -1))],
  ])('if one %s during the first second of an answer of the other', (_, remove) => {
    it.each([
      ['hears of it at once', true],
      ['does not hear of it', false],
    ])('keep no answer without its question, if the other %s', async (__, isToldAtOnce) => {
      const web = testStorage();
      const answer = written();
      const a = open(webChats(web), () => answer.reply).chat;
      await restored(a);
      const sent = a.sendMessage('one');
      await settled();
      const b = await reloaded(webChats(web));
      expect(textsOf(b)).toEqual(['user: one']);
      remove(b);
      await settled();
      answer.say('Half');
      await settled();
      if (isToldAtOnce) await a.retryPersistence();
      expect(textsOf(a)).toEqual(['user: one', 'assistant: Half']);
      answer.finish();
      await sent;
      await settled();
      expect(textsOf(a)).toEqual([]);
      await b.retryPersistence();
      expect(textsOf(b)).toEqual([]);
      expect((await reloaded(webChats(web))).getThread().messages).toEqual([]);
    });
  });

  it('keep what one says after the other has cleared the chat during its answer', async () => {
    const web = testStorage();
    const answer = written();
    const a = open(webChats(web), turns(answer.reply, 'Answer 2')).chat;
    await restored(a);
    const sent = a.sendMessage('one');
    const next = a.sendMessage('two');
    await settled();
    const b = await reloaded(webChats(web));
    b.clear();
    await settled();
    await a.retryPersistence();
    answer.say('Answer 1');
    answer.finish();
    await Promise.all([sent, next]);
    await settled();
    expect(textsOf(a)).toEqual(['user: two', 'assistant: Answer 2']);
    expect(textsOf(await reloaded(webChats(web)))).toEqual(textsOf(a));
  });

  it('show after a reload what one has said in place of messages of which it had loaded a page', async () => {
    const web = testStorage();
    const idle = open(webChats(web), turns('A')).chat;
    for (const text of ['1', '2', '3']) await idle.sendMessage(text);
    await settled();
    const active = open(webChats(web), turns('B'), { persist: { pageSize: 2 } }).chat;
    await restored(active);
    active.setMessages([]);
    await active.sendMessage('new');
    await settled();
    await idle.retryPersistence();
    await settled();
    expect(textsOf(await reloaded(webChats(web)))).toEqual(['user: new', 'assistant: B']);
  });
});

describe('persistChat', () => {
  it.each<[string, unknown]>([
    ['pageSize must be a whole number above 0 or Infinity, not NaN', { pageSize: Number('x') }],
    ['pageSize must be a whole number above 0 or Infinity, not -1', { pageSize: -1 }],
    ['pageSize must be a whole number above 0 or Infinity, not a number', { pageSize: 0 }],
    ['pageSize must be a whole number above 0 or Infinity, not a number', { pageSize: 2.5 }],
    ['pageSize must be a whole number above 0 or Infinity, not a string', { pageSize: '20' }],
    ['draftMs must be a number from 0 or Infinity, not a string', { draftMs: '5' }],
    ['loadTimeoutMs must be a number from 0 or Infinity, not -1', { loadTimeoutMs: -1 }],
    ['retryMs must be a number from 0 or Infinity, not null', { retryMs: null }],
    ['unknown option "draftms" (did you mean draftMs?)', { draftms: 5 }],
    ['the argument must be an object, not a number', 5],
    ['the argument must be an object, not null', null],
  ])('rejects wrong options: %s', (message, options) => {
    expect(() => Reflect.apply(persistChat, undefined, [memoryChats(), options])).toThrow(
      expect.objectContaining({ code: 'config', message: `persistChat: ${message}` }),
    );
  });

  it.each<[string, unknown]>([
    ['storage must be a ChatStorage, such as storageChats(), not undefined', undefined],
    ['storage must be a ChatStorage, such as storageChats(), not null', null],
    ['storage must be a ChatStorage, such as storageChats(), not a function', storageChats],
    ['storage.load must be a function, not undefined. Pass a ChatStorage, such as storageChats()', testStorage()],
    [
      'storage.save must be a function, not a string. Pass a ChatStorage, such as storageChats()',
      { ...memoryChats(), save: 'x' },
    ],
  ])('rejects what is no storage: %s', (message, storage) => {
    expect(() => Reflect.apply(persistChat, undefined, [storage])).toThrow(
      expect.objectContaining({ code: 'config', message: `persistChat: ${message}` }),
    );
  });

  it('accepts a storage whose methods are those of a class', async () => {
    const inner = memoryChats();
    class Chats implements ChatStorage {
      load = inner.load;
      list = inner.list;
      rename = inner.rename;
      remove = inner.remove;
      save(...call: Parameters<ChatStorage['save']>): ReturnType<ChatStorage['save']> {
        return inner.save(...call);
      }
      clear(id: string): ReturnType<ChatStorage['clear']> {
        return inner.clear(id);
      }
    }
    const { chat } = open(new Chats());
    await chat.sendMessage('1');
    await settled();
    expect(textsOf(await reloaded(inner))).toEqual(['user: 1', 'assistant: A']);
  });
});

describe('a storage that is called with a limit that is no number above 0', () => {
  it.each([NaN, 0, -1, Infinity, undefined])('returns everything for %s', async (limit) => {
    const storage = webChats(testStorage());
    const put = [stored('1'), stored('2', '1'), stored('3', '2')];
    await storage.save('x', { put, removed: [], head: '3' });
    expect(await storage.load('x', { limit })).toMatchObject({ messages: [{}, {}, {}], hasEarlier: false });
    expect(await storage.list({ limit })).toHaveLength(1);
  });

  it('returns a page of whole messages for a fraction', async () => {
    const storage = webChats(testStorage());
    const put = [stored('1'), stored('2', '1'), stored('3', '2')];
    await storage.save('x', { put, removed: [], head: '3' });
    expect(await storage.load('x', { limit: 1.5 })).toMatchObject({
      messages: [{ id: '2' }, { id: '3' }],
      hasEarlier: true,
    });
  });
});

describe.each<[string, () => ChatStorage]>([
  ['memoryChats', memoryChats],
  ['storageChats', () => webChats(testStorage())],
])('an open chat of %s', (_, create) => {
  describe.each(['remove', 'clear'] as const)('that the list of chats beside it %ss', (operation) => {
    it('is empty, and then keeps and shows what is said later', async () => {
      const storage = create();
      const { chat } = open(storage);
      await chat.sendMessage('first');
      await settled();
      await storage[operation]('x');
      await settled();
      expect(textsOf(chat)).toEqual([]);
      await chat.sendMessage('second');
      await settled();
      expect(textsOf(chat)).toEqual(['user: second', 'assistant: B']);
      expect(textsOf(await reloaded(storage))).toEqual(textsOf(chat));
      expect(await storage.list()).toMatchObject([{ title: 'second', messageCount: 2 }]);
    });

    it('is empty at the end of its answer, and then keeps and shows what is said later', async () => {
      const storage = create();
      const answer = written();
      const { chat } = open(storage, turns('A', answer.reply, 'C'), { persist: { draftMs: 0 } });
      await chat.sendMessage('first');
      await settled();
      const sent = chat.sendMessage('second');
      await settled();
      answer.say('Half');
      await storage[operation]('x');
      await settled();
      answer.say(' and whole');
      await expect
        .poll(() => textsOf(chat))
        .toEqual(['user: first', 'assistant: A', 'user: second', 'assistant: Half and whole']);
      answer.finish();
      await sent;
      await settled();
      expect(textsOf(chat)).toEqual([]);
      expect(await storage.list()).toEqual([]);
      await chat.sendMessage('third');
      await settled();
      expect(textsOf(chat)).toEqual(['user: third', 'assistant: C']);
      expect(textsOf(await reloaded(storage))).toEqual(textsOf(chat));
      expect(await storage.list()).toMatchObject([{ title: 'third', messageCount: 2 }]);
      expect(chat.getSnapshot().persistenceError).toBeUndefined();
    });
  });
});

describe('a call that was allowed and has no result', () => {
  function payments() {
    const execute = vi.fn(() => new Promise<string>(() => undefined));
    const tools = { pay: tool({ inputSchema: z.object({}), hasEffects: true, execute }) };
    return { execute, tools, script: turns({ toolCalls: [{ name: 'pay', id: 'c' }] }, 'done') };
  }

  const approvalIn = (chat: Chat) => {
    const part = chat.getSnapshot().messages[1]?.parts[0];
    return part?.type === 'tool-call' ? part.approval : undefined;
  };

  it('does not run in a second tab while the first one carries it out', async () => {
    const web = testStorage();
    const { execute, tools, script } = payments();
    const a = open(webChats(web), script, { tools, persist: { draftMs: 0 } }).chat;
    await a.sendMessage('one');
    await settled();
    const b = open(webChats(web), script, { tools }).chat;
    await restored(b);
    const { id } = approvalIn(a)!;
    void a.addToolApprovalResponse({ id, approved: true });
    await expect.poll(() => [...web.items.values()].some((json) => json.includes('"approved":true'))).toBe(true);
    await b.retryPersistence();
    expect(approvalIn(b)).toMatchObject({ id, approved: true });
    await b.addToolApprovalResponse({ id, approved: true });
    expect(execute).toHaveBeenCalledOnce();
    a.stop();
  });

  it('does not ask again after a reload once the conversation went on', async () => {
    const web = testStorage();
    const { tools, script } = payments();
    const { chat } = open(webChats(web), script, { tools });
    await chat.sendMessage('one');
    const { id } = approvalIn(chat)!;
    void chat.addToolApprovalResponse({ id, approved: true });
    await settled();
    chat.stop();
    await chat.sendMessage('two');
    await settled();
    const again = open(webChats(web), script, { tools }).chat;
    await restored(again);
    expect(approvalIn(again)).toEqual(approvalIn(chat));
    expect(approvalIn(again)).toMatchObject({ approved: true });
  });
});

describe('the list of chats', () => {
  it('has titles and times, the latest first, in pages', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const storage = webChats(testStorage());
    for (const id of ['a', 'b', 'c', 'd']) {
      vi.advanceTimersByTime(1000);
      await storage.save(id, { put: [stored('1')], removed: [], head: '1', firstWords: `words of ${id}` });
    }
    await storage.rename('b', 'Bees');
    const all = await storage.list();
    expect(all.map(({ id, title }) => [id, title])).toEqual([
      ['d', 'words of d'],
      ['c', 'words of c'],
      ['b', 'Bees'],
      ['a', 'words of a'],
    ]);
    expect(all[0]).toMatchObject({ messageCount: 1, createdAt: Date.now(), updatedAt: Date.now() });
    const first = await storage.list({ limit: 3 });
    expect(await storage.list({ limit: 3, before: first.at(-1) })).toMatchObject([{ id: 'a' }]);
    await storage.remove('b');
    await storage.clear('c');
    expect((await storage.list()).map(({ id }) => id)).toEqual(['d', 'a']);
    await storage.save('b', { put: [{ ...stored('1'), revision: 9 }], removed: [], head: '1' });
    expect((await storage.list()).map(({ id }) => id)).toEqual(['d', 'a']);
    vi.useRealTimers();
  });
});

describe('the cost', () => {
  it('of saving, reading and syncing a long chat is linear', async () => {
    const growth = await growthOf(async (count) => {
      const storage = memoryChats();
      const { chat } = open(storage, turns('A'));
      await restored(chat);
      chat.setMessages(Array.from({ length: count }, (_, index) => ({ role: 'user', content: `${index}` })));
      await settled();
      const again = await reloaded(storage);
      expect(again.getSnapshot().messages).toHaveLength(count);
      await again.retryPersistence();
    }, 175);
    expect(growth).toBeLessThan(LINEAR);
  });
});
