import { LLMClient, type MessageInput, type Provider } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { createChat, tool, type ToolSet } from '@rivulet/core/chat';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { answer, delta, DONE, finish } from '../../support/chat-completions.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Each wire with the way to the arguments in its body; text where the wire has text. */
const WIRES: readonly [name: string, provider: (url: string) => Provider, argumentsIn: (body: string) => unknown][] = [
  ['openai', (baseURL) => openai({ baseURL }), (body) => find(body, 'arguments')],
  ['openaiResponses', (baseURL) => openaiResponses({ baseURL }), (body) => find(body, 'arguments')],
  ['anthropic', (baseURL) => anthropic({ baseURL }), (body) => findIn(body, 'tool_use', 'input')],
  ['gemini', (baseURL) => gemini({ baseURL }), (body) => find(body, 'args')],
  ['ollama', (baseURL) => ollama({ baseURL }), (body) => find(body, 'arguments')],
  ['agui', (api) => agui({ api }), (body) => find(body, 'arguments')],
  ['uiMessageStream', (api) => uiMessageStream({ api }), (body) => findIn(body, 'tool-clock', 'input')],
];

/** The value of the first field with this name, anywhere in the body. */
function find(body: string, field: string): Json | undefined {
  let found: Json | undefined;
  JSON.parse(body, (key, value: Json) => {
    if (key === field) found ??= value;
    return value;
  });
  return found;
}

/** The field of the first object of this type. */
function findIn(body: string, type: string, field: string): Json | undefined {
  let found: Json | undefined;
  JSON.parse(body, (_, value: Json) => {
    const object = Object(value) as Record<string, Json>;
    if (object['type'] === type) found ??= object[field];
    return value;
  });
  return found;
}

function conversation(call: { rawInput: string; input?: unknown }): MessageInput[] {
  return [
    { role: 'user', content: 'What time is it?' },
    { role: 'assistant', parts: [{ type: 'tool-call', id: 'call_1', name: 'clock', ...call }] },
    {
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: 'call_1', name: 'clock', output: 'Not JSON', isError: true }],
    },
    { role: 'user', content: 'Try again' },
  ];
}

async function sentArguments(
  [, provider, argumentsIn]: (typeof WIRES)[number],
  messages: MessageInput[],
): Promise<unknown> {
  await using server = await startHttpServer({ status: 500 });
  await new LLMClient({ provider: provider(server.url), model: 'model-1', retry: false })
    .complete({ messages })
    .catch(() => undefined);
  return argumentsIn(server.requests[0]!.body);
}

describe.each(WIRES)('the arguments of an earlier call, sent by %s', (...wire) => {
  const isText = ['openai', 'openaiResponses', 'agui'].includes(wire[0]);
  const asSent = (text: string): unknown => (isText ? text : JSON.parse(text));

  it.each<[string, string]>([
    ['plain', '{"zone":"UTC"}'],
    ['spaced', '{ "zone" : "UTC:{,\\"" }'],
    ['nested', '{"a":{"b":[{"c":null}]}}'],
    ['with an escaped pair', '{"a":"\\ud83c\\udf27"}'],
  ])('are the same object if it is %s', async (_, rawInput) => {
    expect(await sentArguments(wire, conversation({ rawInput, input: JSON.parse(rawInput) }))).toEqual(
      asSent(rawInput),
    );
  });

  it('are the parsed input if there is no text', async () => {
    expect(await sentArguments(wire, conversation({ rawInput: '', input: { zone: 'UTC' } }))).toEqual(
      asSent('{"zone":"UTC"}'),
    );
  });
});

describe('the text of earlier arguments', () => {
  const [wire] = WIRES;
  const sent = (rawInput: string): Promise<unknown> =>
    sentArguments(wire!, conversation({ rawInput, input: JSON.parse(rawInput) }));

  it('keeps numbers that no double has', async () => {
    expect(await sent('{"id":12345678901234567890,"rate":1.0}')).toBe('{"id":12345678901234567890,"rate":1.0}');
  });

  it.each([
    ['half of an escaped pair', '{"a":"\\ud83c"}', '{"a":"\uFFFD"}'],
    ['half of an escaped pair in a key', '{"\\udf27":1}', '{"\uFFFD":1}'],
    ['a key twice', '{"a":1,"a":2}', '{"a":2}'],
    ['a key twice in an inner object', '{"x":[{"a:":1,"a:":2}]}', '{"x":[{"a:":2}]}'],
  ])('is written again if it has %s', async (_, rawInput, expected) => {
    expect(await sent(rawInput)).toBe(expected);
  });

  it('costs time in proportion to its length', async () => {
    const rawInput = JSON.stringify({ list: Array.from({ length: 50_000 }, (_, n) => ({ n, text: '\\"x:' })) });

    expect(await sent(rawInput)).toBe(rawInput);
  });
});

describe('the result of a call with bad arguments', () => {
  it.each([
    ['cut', '{"zone": "UT'],
    ['without a comma', '{"a":1 "b":2}'],
    ['a string', '"UTC"'],
    ['a list', '[1]'],
    ['a number', '7'],
    ['null', 'null'],
  ])('quotes arguments that are %s, beside an empty object', async (_, rawInput) => {
    const call = { index: 0, id: 'call_1', function: { name: 'clock', arguments: rawInput } };
    await using server = await startHttpServer([
      { chunks: [{ text: delta({ tool_calls: [call] }) + finish('tool_calls') + DONE }] },
      { chunks: [{ text: answer('Sorry.') }] },
    ]);
    const tools: ToolSet = {
      clock: tool({ inputSchema: z.object({ zone: z.string() }), execute: ({ zone }) => `12:00 ${zone}` }),
    };
    const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'model-1', retry: false });
    const chat = createChat({ client, tools });

    await chat.sendMessage('What time is it?');

    const { messages } = JSON.parse(server.requests[1]!.body) as { messages: Record<string, unknown>[] };
    expect(messages[1]).toMatchObject({ tool_calls: [{ id: 'call_1', function: { name: 'clock', arguments: '{}' } }] });
    expect(messages[2]).toMatchObject({
      role: 'tool',
      tool_call_id: 'call_1',
      content: expect.stringContaining(rawInput),
    });
  });
});
