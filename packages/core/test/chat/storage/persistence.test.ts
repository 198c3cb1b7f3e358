import { LLMError } from '@rivulet/core';
import {
  ChatStorageError,
  memoryChats,
  persistChat,
  storageChats,
  tool,
  type ChatOptions,
  type ChatStorage,
} from '@rivulet/core/chat';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { settled } from '../../support/client.ts';
import { chatThat, textsOf, turns, written, type ScriptedChat } from '../support.ts';
import type { Script } from '@rivulet/core/scripted';
import type { ToolSet } from '@rivulet/core/chat';

/** A Web Storage, with room for so many characters. */
function webStorage(room = Infinity): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem(key, value) {
      let taken = value.length;
      for (const [name, item] of items) if (name !== key) taken += item.length;
      if (taken > room) throw new DOMException('full', 'QuotaExceededError');
      items.set(key, value);
    },
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}

function keptChat(storage: ChatStorage, script: Script, options: Partial<ChatOptions> = {}): ScriptedChat<ToolSet> {
  return chatThat(script, { id: 'chat-1', persistence: persistChat(storage), ...options });
}

async function restored(chat: ScriptedChat<ToolSet>['chat']): Promise<void> {
  while (chat.getSnapshot().isRestoring) await settled();
}

const STORAGES: readonly [string, () => ChatStorage][] = [
  ['memoryChats', memoryChats],
  [
    'storageChats',
    () => {
      const web = webStorage();
      return storageChats(() => web);
    },
  ],
];

describe.each(STORAGES)('%s', (_, open) => {
  it('keeps a chat with its branches', async () => {
    const storage = open();
    const { chat } = keptChat(storage, turns('A', 'B'));
    expect(chat.getSnapshot().isRestoring).toBe(true);
    await chat.sendMessage('1');
    await chat.regenerate();
    await settled();

    const { chat: again } = keptChat(storage, turns('C'));
    await restored(again);
    expect(again.getSnapshot()).toMatchObject({ isRestoring: false, status: 'ready' });
    expect(again.getSnapshot().messages).toMatchObject(
      JSON.parse(JSON.stringify(chat.getSnapshot().messages)) as object[],
    );
    const [, answer] = again.getSnapshot().messages;
    expect(again.branches(answer!.id)).toHaveLength(2);
    again.selectBranch(again.branches(answer!.id)[0]!);
    await settled();

    const { chat: third } = keptChat(storage, turns('C'));
    await restored(third);
    expect(textsOf(third)).toEqual(['user: 1', 'assistant: A']);
    third.clear();
    await settled();
    const { chat: last } = keptChat(storage, turns('C'));
    await restored(last);
    expect(last.getSnapshot().messages).toEqual([]);
  });

  it('holds back what is sent until all is there', async () => {
    const storage = open();
    const { chat } = keptChat(storage, turns('A'));
    await chat.sendMessage('1');
    await settled();
    const { chat: again, requests } = keptChat(storage, turns('B'));
    await again.sendMessage('2');
    expect(textsOf(again)).toEqual(['user: 1', 'assistant: A', 'user: 2', 'assistant: B']);
    expect(requests[0]?.messages).toHaveLength(3);
  });

  it('keeps the error of a call', async () => {
    const storage = open();
    const { chat } = keptChat(storage, turns({ toolCalls: [{ name: 'look', rawInput: '{' }] }, 'Sorry'), {
      tools: { look: tool({ inputSchema: z.object({}) }) },
    });
    await chat.sendMessage('1');
    await settled();
    const { chat: again } = keptChat(storage, turns('B'));
    await restored(again);
    const part = again.getSnapshot().messages[1]?.parts[0];
    expect(part?.type === 'tool-call' && part.error).toBeInstanceOf(LLMError);
    expect(part).toMatchObject({ error: { code: 'parse', message: expect.stringContaining('not JSON') } });
  });
});

describe('an answer that is under way', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  it('is not kept as a draft before a delay that is longer than a timer can wait', async () => {
    const storage = memoryChats();
    const save = vi.spyOn(storage, 'save');
    const answer = written();
    const { chat } = chatThat(turns(answer.reply), {
      id: 'x',
      persistence: persistChat(storage, { draftMs: 2 ** 40 }),
    });
    const sent = chat.sendMessage('1');
    await settled();
    answer.say('Half');
    await settled();
    await vi.advanceTimersByTimeAsync(60_000);
    await settled();
    expect(save).toHaveBeenCalledTimes(1);
    answer.finish();
    await sent;
  });

  it('is kept as a draft now and then, and shown as interrupted after a reload, to go on with', async () => {
    const storage = memoryChats();
    const save = vi.spyOn(storage, 'save');
    const answer = written();
    const { chat } = keptChat(storage, turns('First', answer.reply));
    await chat.sendMessage('1');
    await settled();
    save.mockClear();

    const sent = chat.sendMessage('2');
    await settled();
    expect(save).toHaveBeenCalledTimes(1);
    expect(save.mock.calls[0]?.[1].put).toMatchObject([{ message: { parts: [{ text: '2' }] } }]);
    answer.say('Half');
    await settled();
    await vi.advanceTimersByTimeAsync(999);
    expect(save).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    await settled();
    expect(save).toHaveBeenCalledTimes(2);
    expect(save.mock.calls[1]?.[1].put).toMatchObject([{ message: { role: 'assistant' } }]);
    answer.say(' of it');
    await settled();
    await vi.advanceTimersByTimeAsync(2000);
    await settled();
    expect(save).toHaveBeenCalledTimes(3);

    const { chat: again, requests } = keptChat(storage, turns('.'));
    await restored(again);
    expect(textsOf(again)).toEqual(['user: 1', 'assistant: First', 'user: 2', 'assistant: Half of it']);
    expect(again.getSnapshot()).toMatchObject({ status: 'ready' });
    expect(again.getSnapshot().messages[3]).toMatchObject({ finishReason: 'interrupted' });
    await again.continueAnswer();
    expect(textsOf(again).at(-1)).toBe('assistant: Half of it.');
    expect(requests).toHaveLength(1);

    answer.finish();
    await sent;
    await settled();
  });

  it('asks once more about a call that was allowed, and may have been carried out', async () => {
    const storage = memoryChats();
    const execute = vi.fn(() => new Promise<string>(() => undefined));
    const tools = { pay: tool({ inputSchema: z.object({}), hasEffects: true, execute }) };
    const { chat } = keptChat(storage, turns({ toolCalls: [{ name: 'pay' }] }), { tools });
    await chat.sendMessage('1');
    const approvalIn = (of: typeof chat) => {
      const part = of.getSnapshot().messages[1]?.parts[0];
      return part?.type === 'tool-call' ? part.approval : undefined;
    };
    const { id } = approvalIn(chat)!;
    void chat.addToolApprovalResponse({ id, approved: true });
    await settled();
    expect(execute).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1000);
    await settled();

    const { chat: again } = keptChat(storage, turns('Done'), { tools });
    await restored(again);
    expect(approvalIn(again)).toEqual({ id });
    await again.continueAnswer();
    expect(execute).toHaveBeenCalledOnce();
    await again.addToolApprovalResponse({ id, approved: false });
    expect(textsOf(again)[1]).toMatch(/Done$/);
    chat.stop();
  });

  it('is saved once more when it is stopped', async () => {
    const storage = memoryChats();
    const answer = written();
    const { chat } = keptChat(storage, turns(answer.reply));
    await restored(chat);
    const sent = chat.sendMessage('1');
    answer.say('Half');
    await settled();
    chat.stop();
    await sent;
    await settled();
    const kept = await storage.load('chat-1');
    expect(kept?.messages).toMatchObject([{ message: { role: 'user' } }, { message: { finishReason: 'aborted' } }]);
  });
});

describe('storage that fails', () => {
  it('is told when it is full, and the chat goes on', async () => {
    const web = webStorage(700);
    const onPersistenceError = vi.fn();
    const { chat } = keptChat(
      storageChats(() => web),
      turns('A word. '.repeat(50)),
      { onPersistenceError },
    );
    await chat.sendMessage('1');
    await settled();
    const error = chat.getSnapshot().persistenceError as ChatStorageError;
    expect(error).toBeInstanceOf(ChatStorageError);
    expect(error).toMatchObject({ operation: 'save', cause: { name: 'QuotaExceededError' } });
    expect(onPersistenceError).toHaveBeenCalledExactlyOnceWith(error);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, {}] });

    // Less of it fits.
    chat.setMessages([{ role: 'user', content: '1' }]);
    await settled();
    expect(chat.getSnapshot().persistenceError).toBeUndefined();
  });

  it('is told when it cannot be read', async () => {
    const web = webStorage();
    web.setItem('rivulet-chat:chat-1', '{"messages":');
    const { chat } = keptChat(
      storageChats(() => web),
      turns('A'),
    );
    await restored(chat);
    expect(chat.getSnapshot().persistenceError).toMatchObject({ operation: 'load', cause: { name: 'SyntaxError' } });
    await chat.sendMessage('1');
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: A']);
  });

  it('does not undo what was set before it was read', async () => {
    const storage = memoryChats();
    const message = { id: 'old', role: 'user', parts: [] };
    await storage.save('chat-1', { put: [{ id: 'old', revision: 1, message }], removed: [], head: 'old' });
    const { chat } = keptChat(storage, turns('A'));
    chat.setMessages([{ role: 'user', content: 'New' }]);
    expect(chat.getSnapshot().isRestoring).toBe(false);
    await settled();
    expect(textsOf(chat)).toEqual(['user: New']);
    expect((await storage.load('chat-1'))?.messages).toMatchObject([{ message: { parts: [{ text: 'New' }] } }]);
  });
});
