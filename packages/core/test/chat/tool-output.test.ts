import { createChat, memoryChats, persistChat, tool, type Tool } from '@rivulet/core/chat';
import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { DONE, finish, text } from '../support/chat-completions.ts';
import { failureOf } from '../support/client.ts';
import { chatThat, textsOf, turns } from './support.ts';

const nothing = z.object({});

function cycle(): unknown {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

const NOT_JSON: [string, () => unknown, string][] = [
  ['a BigInt', () => ({ id: 1n }), 'output.id is a BigInt'],
  ['a cycle', cycle, 'output.self refers to an object that contains it'],
  ['a function', () => () => 1, 'output is a function'],
  ['a symbol', () => Symbol('s'), 'output is a symbol'],
  ['a Map', () => new Map([[1, 2]]), 'output is of type Map'],
  ['a Response', () => new Response('x'), 'output is of type Response'],
  ['an async generator', async function* () {}, 'output is of type AsyncGenerator'],
  [
    'a toJSON that throws',
    () => ({
      toJSON() {
        throw Object.create(null) as Error;
      },
    }),
    'output cannot be written as JSON',
  ],
];

describe('a tool output that JSON cannot represent', () => {
  it.each(NOT_JSON)('is an error result for the model: %s', async (_, make, problem) => {
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'look' }] }, 'Sorry', 'Next'), {
      tools: { look: tool({ inputSchema: nothing, execute: make }) },
    });
    await chat.sendMessage('1');
    await chat.sendMessage('2');
    const result = chat.getSnapshot().messages[1]?.parts[1];
    expect(result).toMatchObject({ isError: true, output: expect.stringContaining(problem) });
    expect(result).toMatchObject({
      output: expect.stringMatching(/^The tool look returned a value that cannot be sent/),
    });
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: 'tool', parts: [result] });
    expect(textsOf(chat).at(-1)).toBe('assistant: Next');
  });

  it.each(NOT_JSON)('is an error result if the page passes it to addToolOutput: %s', async (_, make, problem) => {
    const { chat, requests } = chatThat(turns({ toolCalls: [{ name: 'ask', id: 'c' }] }, 'Sorry'), {
      tools: { ask: tool({ inputSchema: nothing }) },
    });
    await chat.sendMessage('1');
    await chat.addToolOutput({ toolCallId: 'c', output: make() });
    expect(chat.getSnapshot().messages[1]?.parts[1]).toMatchObject({
      isError: true,
      output: expect.stringContaining(problem),
    });
    expect(requests).toHaveLength(2);
    expect(chat.getSnapshot().status).toBe('ready');
  });

  it('is an error result for a tool that was not made with tool()', async () => {
    const own: Tool = {
      inputSchema: nothing,
      toJSONSchema: () => ({ type: 'object' }),
      readInput: (input) => input,
      answer: () => Promise.resolve({ output: 1n }),
    };
    const throwing: Tool = { ...own, answer: () => Promise.reject(Object.create(null)) };
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'own' }, { name: 'throwing' }] }, 'Sorry'), {
      tools: { own, throwing },
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
    expect(chat.getSnapshot().messages[1]?.parts).toMatchObject([
      {},
      {},
      { isError: true, output: expect.stringContaining('BigInt') },
      { isError: true },
      { text: 'Sorry' },
    ]);
  });
});

describe('a tool output', () => {
  it('is the same value in memory, in storage and on the wire', async () => {
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } };
    const calls = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [call] } }] })}\n\n`;
    await using server = await startHttpServer([
      { chunks: [{ text: calls + finish('tool_calls') + DONE }] },
      { chunks: [{ text: text('Done') + finish('stop') + DONE }] },
    ]);
    const storage = memoryChats();
    const chat = createChat({
      id: 'chat-1',
      client: new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' }),
      persistence: persistChat(storage),
      tools: {
        look: tool({
          inputSchema: nothing,
          execute: () => ({ at: new Date(0), ratio: NaN, missing: undefined, half: 'a\ud800', run: () => 1 }),
        }),
      },
    });
    await chat.sendMessage('1');
    const output = { at: '1970-01-01T00:00:00.000Z', ratio: null, half: 'a\ufffd' };
    const isOutput = expect.objectContaining({ type: 'tool-result', output });
    expect(chat.getSnapshot().messages[1]?.parts).toContainEqual(isOutput);
    expect((await storage.load('chat-1'))?.messages[1]?.message).toMatchObject({
      parts: expect.arrayContaining([isOutput]),
    });
    const { messages } = JSON.parse(server.requests[1]!.body) as { messages: { role: string; content: string }[] };
    expect(JSON.parse(messages.find(({ role }) => role === 'tool')!.content)).toEqual(output);
  });

  it('does not change when the tool changes the returned object later, or its input', async () => {
    const rows: number[] = [1];
    const look = tool({
      inputSchema: z.custom<{ list: number[] }>(() => true),
      jsonSchema: { type: 'object' },
      execute(input) {
        input.list.push(2);
        return rows;
      },
    });
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'look', input: { list: [1] } }] }, 'Done'), {
      tools: { look },
    });
    await chat.sendMessage('1');
    rows.push(2);
    expect(chat.getSnapshot().messages[1]?.parts).toMatchObject([
      { input: { list: [1] } },
      { type: 'tool-result', output: [1] },
      {},
    ]);
  });

  it.each<[string, () => never]>([
    [
      'a null-prototype object',
      () => {
        throw Object.create(null) as Error;
      },
    ],
    [
      'undefined',
      () => {
        throw undefined as unknown as Error;
      },
    ],
    [
      'an error whose message throws',
      () => {
        throw Object.defineProperty(new Error('x'), 'message', {
          get() {
            throw new Error('no message');
          },
        });
      },
    ],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
        revoke();
        throw proxy;
      },
    ],
  ])('of a tool that throws %s is an error result', async (_, execute) => {
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'look' }] }, 'Sorry'), {
      tools: { look: tool({ inputSchema: nothing, execute }) },
    });
    await chat.sendMessage('1');
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
    expect(chat.getSnapshot().messages[1]?.parts[1]).toMatchObject({ isError: true, output: expect.any(String) });
  });
});

describe('chat.sendMessage', () => {
  it.each<[string, object, string]>([
    ['metadata with a BigInt', { metadata: { id: 1n } }, 'metadata.id is a BigInt'],
    ['metadata with a cycle', { metadata: cycle() }, 'metadata.self refers to an object'],
    ['metadata that is a list', { metadata: [1] }, 'metadata of a message must be an object'],
    ['metadata with a Map', { metadata: { seen: new Map() } }, 'metadata.seen is of type Map'],
    ['a data part with a BigInt', { parts: [{ type: 'data', name: 'x', data: 1n }] }, 'parts[0].data is a BigInt'],
    [
      'a file part with a BigInt',
      { parts: [{ type: 'file', mediaType: 'a/b', data: '', providerMetadata: { a: 1n } }] },
      'parts[0].providerMetadata.a is a BigInt',
    ],
    ['an empty id', { id: '' }, 'id of a message must be text'],
  ])('rejects %s', async (_, input, problem) => {
    const { chat, requests } = chatThat(turns('A'));
    await expect(failureOf(chat.sendMessage({ text: '1', ...input }))).resolves.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(problem),
    });
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [], queue: [] });
    expect(requests).toHaveLength(0);
  });

  it('keeps metadata as the JSON that storage and backends receive', async () => {
    const { chat } = chatThat(turns('A'));
    await chat.sendMessage({ text: '1', metadata: { at: new Date(0), missing: undefined } });
    expect(chat.getSnapshot().messages[0]?.metadata).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  });
});
