import { LLMError } from '@rivulet/core';
import { memoryChats, persistChat, type Chat } from '@rivulet/core/chat';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/client.ts';
import { chatThat } from './support.ts';

/** Passes a value that JavaScript may have. */
function untyped(value: unknown): never {
  return value as never;
}

const ways: readonly (readonly [string, (messages: unknown) => Chat])[] = [
  ['createChat', (messages) => chatThat('Hi.', { messages: untyped(messages) }).chat],
  ['setMessages', (messages) => withChat((chat) => chat.setMessages(untyped(messages)))],
  ['setMessages with a function', (messages) => withChat((chat) => chat.setMessages(() => untyped(messages)))],
  ['setThread', (messages) => withChat((chat) => chat.setThread(untyped({ messages })))],
];

let last: Chat | undefined;

function withChat(change: (chat: Chat) => void): Chat {
  const { chat } = chatThat('Hi.', { messages: [{ id: 'a', role: 'user', content: 'before' }] });
  last = chat;
  change(chat);
  return chat;
}

const wrongParts: readonly (readonly [string, unknown, RegExp])[] = [
  ['a part of OpenAI', { type: 'image_url', image_url: { url: 'https://x.example/a.png' } }, /not a part: write/],
  ['a part of the Responses API', { type: 'input_text', text: 'x' }, /not a part/],
  ['a part of Anthropic', { type: 'image', source: { type: 'base64', data: 'AA==' } }, /not a part/],
  ['a part of the AI SDK', { type: 'data-weather', data: 1 }, /not a part/],
  ['a text that is a number', { type: 'text', text: 5 }, /\.text must be text/],
  ['a text without its text', { type: 'text' }, /\.text must be text/],
  ['a call without an id', { type: 'tool-call', name: 'x', rawInput: '{}' }, /\.id must be text/],
  ['a result without a call', { type: 'tool-result', output: 1 }, /\.toolCallId must be text/],
  ['data without a name', { type: 'data', data: 1 }, /\.name must be text/],
  ['a file with a number as type', { type: 'file', mediaType: 5 }, /\.mediaType must be text/],
  ['a file with bytes', { type: 'file', mediaType: 'image/png', data: new Uint8Array(1) }, /\.data must be text/],
  ['a source with a number as URL', { type: 'source', url: 5 }, /\.url must be text/],
  ['a name of Object.prototype', { type: 'constructor' }, /not a part/],
  ['null', null, /not a part/],
  ['a text', 'x', /not a part/],
];

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

describe.each(ways)('%s', (_name, open) => {
  it.each(wrongParts)('rejects %s', (_part, part, message) => {
    for (const fields of [{ parts: [part] }, { content: [part] }]) {
      const thrown = failure(() =>
        open([
          { role: 'user', content: 'fine' },
          { role: 'user', ...fields },
        ]),
      );
      expect(thrown).toBeInstanceOf(LLMError);
      expect(thrown).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(message) });
      expect(thrown).toMatchObject({ message: expect.stringContaining('messages[1].parts[0]') });
    }
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, 'a list'],
    ['an object', {}, 'a list'],
    ['null', null, 'a list'],
    ['a list of null', [null], 'messages[0] is not a message'],
    ['an unknown role', [{ role: 'boss', content: 'x' }], 'messages[0].role must be'],
    ['no content', [{ role: 'user' }], 'messages[0] has no content'],
    ['a number as content', [{ role: 'user', content: 5 }], 'messages[0] has no content'],
    ['text as parts', [{ role: 'user', parts: 'x' }], 'messages[0] has no content'],
    ['a number as id', [{ id: 5, role: 'user', content: 'x' }], 'messages[0].id must be text'],
    ['metadata that is not JSON', [{ role: 'user', content: 'x', metadata: { a: 1n } }], 'metadata.a is a BigInt'],
    ['metadata that is a number', [{ role: 'user', content: 'x', metadata: 5 }], 'metadata of a message'],
  ])('rejects %s, and the chat works on', async (_messages, messages, message) => {
    last = undefined;
    const thrown = failure(() => open(messages));
    expect(thrown).toMatchObject({ message: expect.stringContaining(message) });
    expect(thrown).toBeInstanceOf(LLMError);
    if (!last) return;
    expect(withoutIds(last)).toEqual(['before']);
    await withChatOf(last).sendMessage('next');
    expect(withoutIds(withChatOf(last))).toEqual(['before', 'next', 'Hi.']);
  });

  it('accepts parts and metadata of this package', async () => {
    const at = new Date(0);
    const chat = open([
      { id: '1', role: 'user', content: 'x', metadata: { at } },
      { id: '2', parentId: '1', role: 'assistant', parts: [{ type: 'text', text: 'y' }] },
      { id: '3', parentId: '2', role: 'user', content: [{ type: 'text', text: 'z' }] },
    ]);
    expect(withoutIds(chat)).toEqual(['x', 'y', 'z']);
    expect(chat.getSnapshot().messages[0]?.metadata).toEqual({ at: at.toJSON() });
    await chat.sendMessage('next');
    expect(chat.getSnapshot().status).toBe('ready');
  });
});

function withChatOf(chat: Chat | undefined): Chat {
  if (!chat) throw new Error('No chat');
  return chat;
}

function withoutIds(chat: Chat): string[] {
  return chat.getSnapshot().messages.flatMap(({ parts }) => parts.map((part) => ('text' in part ? part.text : '')));
}

describe('sendMessage', () => {
  it.each(wrongParts)('rejects %s, and nothing of it is kept', async (_part, part, message) => {
    const persistence = persistChat(memoryChats());
    const { chat, requests } = chatThat('Hi.', { persistence });
    const sent = chat.sendMessage({ text: 'look', parts: untyped([{ type: 'text', text: 'fine' }, part]) });
    await expect(failureOf(sent)).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
    expect(requests).toHaveLength(0);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [], queue: [] });
  });
});

describe('answers to calls', () => {
  it.each<[string, (chat: Chat) => Promise<unknown>]>([
    ['no output', (chat) => chat.addToolOutput(untyped(undefined))],
    ['an output that is null', (chat) => chat.addToolOutput(untyped(null))],
    ['an output without a call', (chat) => chat.addToolOutput(untyped({ output: 1 }))],
    ['an error that is a number', (chat) => chat.addToolOutput(untyped({ toolCallId: 'c', errorText: 5 }))],
    ['no decision', (chat) => chat.addToolApprovalResponse(untyped(undefined))],
    ['a decision without an id', (chat) => chat.addToolApprovalResponse(untyped({ approved: true }))],
    ['a decision that is text', (chat) => chat.addToolApprovalResponse(untyped({ id: 'a', approved: 'false' }))],
    ['a decision without a value', (chat) => chat.addToolApprovalResponse(untyped({ id: 'a' }))],
  ])('%s is rejected by name', async (_name, answer) => {
    const { chat } = chatThat('Hi.');
    await expect(failureOf(answer(chat))).resolves.toMatchObject({ code: 'invalid_request' });
  });
});

describe('persistChat', () => {
  it.each<[string, () => unknown, string]>([
    ['no storage', () => persistChat(untyped(undefined)), 'storage must be'],
    ['an object as storage', () => persistChat(untyped({})), 'storage.load must be'],
    ['NaN as pageSize', () => persistChat(memoryChats(), { pageSize: NaN }), 'pageSize'],
    ['0 as pageSize', () => persistChat(memoryChats(), { pageSize: 0 }), 'pageSize'],
    ['-1 as pageSize', () => persistChat(memoryChats(), { pageSize: -1 }), 'pageSize'],
    ['an unknown option', () => persistChat(memoryChats(), untyped({ draftms: 5 })), 'draftMs'],
    ['a number as options', () => persistChat(memoryChats(), untyped(5)), 'persistChat'],
  ])('rejects %s', (_name, create, message) => {
    expect(failure(create)).toMatchObject({ code: 'config', message: expect.stringContaining(message) });
  });
});
