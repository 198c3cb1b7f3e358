import type { Message } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { cutAt, failureOf, readAll, snapshotOf, toBytes } from '../../support/client.ts';
import {
  block,
  blockDelta,
  blockStart,
  blockStop,
  clientOf,
  inputDelta,
  messageEnd,
  messageStart,
  messageStop,
  signatureDelta,
  stopReason,
  textDelta,
  type Json,
} from '../../support/messages.ts';

const TEXT = { type: 'text', text: '' };

/** The blocks that two later requests send back for an answer, which is kept as JSON. */
async function sentBack(body: string): Promise<{ message: Message; content: readonly Json[] }> {
  const bytes = toBytes(body);
  await using server = await startHttpServer([
    { chunks: cutAt(bytes, [5, 90, 91, 92, 300]).map((piece) => ({ bytes: [...piece] })) },
    { chunks: [{ text: messageStart({ id: 'msg_2' }) + block(0, TEXT, textDelta('Well')) + messageEnd }] },
  ]);
  const client = clientOf(server.url);
  const first = await client.complete('hello');
  const question = { role: 'user' as const, content: 'hello' };
  const message = JSON.parse(JSON.stringify(first.message)) as Message;
  const second = await client.complete({ messages: [question, message], prompt: 'go on' });
  const again = JSON.parse(JSON.stringify(second.message)) as Message;
  await client.complete({ messages: [question, message, question, again], prompt: 'and on' });
  const [, one, two] = server.requests.map(
    (request) => (JSON.parse(request.body) as { messages: { content: Json[] }[] }).messages[1]?.content,
  );
  expect(two).toEqual(one);
  return { message, content: one! };
}

const BLOCKS: readonly Json[] = [
  { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'x' } },
  {
    type: 'web_search_tool_result',
    tool_use_id: 'srv_1',
    content: [{ type: 'web_search_result', encrypted_content: 'E' }],
  },
  {
    type: 'web_fetch_tool_result',
    tool_use_id: 'srv_1',
    content: { type: 'web_fetch_result', url: 'https://example.com' },
  },
  { type: 'code_execution_tool_result', tool_use_id: 'srv_1', content: { type: 'code_execution_result', stdout: '1' } },
  { type: 'mcp_tool_use', id: 'mcp_1', name: 'roll', server_name: 'dice', input: { sides: 6 } },
  { type: 'mcp_tool_result', tool_use_id: 'mcp_1', is_error: false, content: [{ type: 'text', text: '4' }] },
  { type: 'mcp_tool_listing', mcp_server_name: 'dice', tools: [] },
  { type: 'container_upload', file_id: 'file_1' },
  { type: 'compaction', content: 'They spoke of dice.', encrypted_content: 'gAAA', signature: 's' },
  { type: 'compaction', content: null, encrypted_content: null },
  { type: 'fallback', from: { model: 'a' }, to: { model: 'b' }, trigger: { type: 'refusal' } },
  { type: 'hologram', beams: [{ hue: 1 }] },
];

describe('a block of another type than text, thinking or a call', () => {
  it.each(BLOCKS.map((wire) => [String(wire['type']), wire] as const))(
    '%s is a data part, and is sent back in its place',
    async (_, wire) => {
      const ways = [
        messageStart() + block(0, TEXT, textDelta('A')) + block(1, wire) + block(2, TEXT, textDelta('B')) + messageEnd,
        JSON.stringify({
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          content: [{ type: 'text', text: 'A' }, wire, { type: 'text', text: 'B' }],
          stop_reason: 'end_turn',
        }),
      ];
      for (const body of ways) {
        const { message, content } = await sentBack(body);
        expect(message.parts[1]).toEqual({ type: 'data', name: 'anthropic', data: wire });
        expect(content).toEqual([{ type: 'text', text: 'A' }, wire, { type: 'text', text: 'B' }]);
      }
    },
  );

  it.each(['server_tool_use', 'mcp_tool_use'])('%s has the arguments of its deltas', async (type) => {
    const start = { type, id: 'srv_1', name: 'search', input: {} };
    const body = messageStart() + block(0, start, inputDelta('{"query":'), inputDelta('"x"}')) + messageEnd;

    expect((await sentBack(body)).content).toEqual([{ ...start, input: { query: 'x' } }]);
  });

  it('compaction has the final values of its delta', async () => {
    const start = { type: 'compaction', content: null, encrypted_content: null };
    const delta = { type: 'compaction_delta', content: 'They spoke.', encrypted_content: 'gAAA' };
    const streamed = block(0, start, delta, signatureDelta('sig-1'));

    expect((await sentBack(messageStart() + block(0, start, delta) + messageEnd)).content).toEqual([
      { type: 'compaction', content: 'They spoke.', encrypted_content: 'gAAA' },
    ]);
    expect(
      (await sentBack(messageStart() + block(0, { ...start, encrypted_content: 'gAAA' }, delta) + messageEnd)).content,
    ).toEqual([{ type: 'compaction', content: 'They spoke.', encrypted_content: 'gAAA' }]);
    expect((await sentBack(messageStart() + streamed + messageEnd)).content).toEqual([
      { type: 'compaction', content: 'They spoke.', encrypted_content: 'gAAA', signature: 'sig-1' },
    ]);
  });

  it('keeps its place if blocks stream at the same time', async () => {
    const [use, result] = BLOCKS as [Json, Json];
    const body =
      messageStart() +
      blockStart(0, use) +
      blockStart(1, TEXT) +
      blockDelta(1, textDelta('A')) +
      block(2, result) +
      blockDelta(1, textDelta('B')) +
      messageEnd;

    expect((await sentBack(body)).content).toEqual([use, { type: 'text', text: 'AB' }, result]);
  });

  it('keeps its place beside citations that come before its end', async () => {
    const [use] = BLOCKS as [Json];
    const citation = { type: 'char_location', cited_text: 'a', document_index: 0 };
    const body =
      messageStart() +
      blockStart(0, TEXT) +
      blockStart(1, use) +
      blockDelta(0, { type: 'citations_delta', citation }) +
      blockDelta(0, textDelta('A')) +
      messageEnd;
    const { message } = await sentBack(body);

    expect(message.parts.map(({ type }) => type)).toEqual(['data', 'source', 'text']);
  });

  it('goes back to the provider that sent it only', async () => {
    const { message } = await sentBack(
      messageStart() + block(0, BLOCKS[7]!) + block(1, TEXT, textDelta('A')) + messageEnd,
    );
    const { content } = await sentBack(
      JSON.stringify({
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'A' }],
        stop_reason: 'end_turn',
      }),
    );

    expect(message.parts).toHaveLength(2);
    expect(content).toEqual([{ type: 'text', text: 'A' }]);
  });

  it('is decoded at a cost that grows with the number of blocks', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => block(at, { type: 'hologram', at }));

    expect((await sentBack(messageStart() + many.join('') + messageEnd)).content).toHaveLength(3000);
  });
});

describe('a block that the end of the body cut', () => {
  const use = { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'x' } };
  const result = { type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [] };

  it.each<[name: string, body: string, incomplete: number]>([
    ['is kept', blockStart(1, use), 1],
    ['is kept, with the call that it belongs to', block(1, use) + blockStart(2, result), 1],
    ['leaves complete blocks as they are', block(1, use) + block(2, result) + blockStart(3, { type: 'hologram' }), 1],
    ['is missing behind a call', block(1, use), 1],
  ])('%s, and is not sent back', async (_, rest, incomplete) => {
    const body = messageStart() + block(0, TEXT, textDelta('A')) + rest;
    await using server = await startHttpServer([
      { chunks: [{ text: body }] },
      { chunks: [{ text: messageStart() + block(0, TEXT, textDelta('B')) + messageEnd }] },
    ]);
    const client = clientOf(server.url);
    const error = (await failureOf(client.complete('hello'))) as { partial: { message: Message } };
    const { message } = error.partial;
    await client.complete({ messages: [{ role: 'user', content: 'hello' }, message], prompt: 'go on' });
    const { messages } = JSON.parse(server.requests[1]!.body) as { messages: { content: Json[] }[] };

    expect(error).toMatchObject({ code: 'truncated' });
    const isIncomplete = message.parts.filter(({ providerMetadata }) => providerMetadata?.['anthropic']);
    expect(isIncomplete).toHaveLength(incomplete);
    expect(messages[1]!.content).toHaveLength(message.parts.length - incomplete);
  });
});

describe('a call of a server tool', () => {
  const use = { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'x' } };
  const result = { type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [] };
  const whole = messageStart({ id: 'msg_2' }) + block(0, TEXT, textDelta('B')) + messageEnd;

  it.each<[name: string, start: string, sent: readonly (readonly object[])[]]>([
    [
      'is not sent back',
      block(0, TEXT, textDelta('A')) + block(1, use),
      [[{ text: 'hello' }], [{ type: 'text', text: 'A' }], [{ text: 'go on' }]],
    ],
    [
      'of an MCP server is not sent back',
      block(0, TEXT, textDelta('A')) + block(1, { type: 'mcp_tool_use', id: 'mcp_1', name: 'roll', input: {} }),
      [[{ text: 'hello' }], [{ type: 'text', text: 'A' }], [{ text: 'go on' }]],
    ],
    ['leaves no empty message', block(0, use), [[{ text: 'hello' }, { text: 'go on' }]]],
    [
      'leaves no thinking at the end',
      block(0, { type: 'thinking', thinking: 'Hm', signature: 's' }) + block(1, use),
      [[{ text: 'hello' }, { text: 'go on' }]],
    ],
    [
      'is sent back with its result',
      block(0, use) + block(1, result) + block(2, { ...use, id: 'srv_2' }),
      [[{ text: 'hello' }], [use, result], [{ text: 'go on' }]],
    ],
  ])('that was stopped before its result %s', async (_, start, sent) => {
    await using server = await startHttpServer([
      { chunks: [{ text: messageStart() + start }], end: 'hang' },
      { chunks: [{ text: whole }] },
    ]);
    const client = clientOf(server.url);
    const run = client.stream('hello');
    await snapshotOf(run, ({ message }) => JSON.stringify(message).includes('is_pending'));
    run.abort();
    const { message } = run.getSnapshot();
    await client.complete({ messages: [{ role: 'user', content: 'hello' }, message], prompt: 'go on' });
    const body = JSON.parse(server.requests[1]!.body) as { messages: { content: Json[] }[] };

    expect(body.messages.map(({ content }) => content)).toMatchObject(sent);
  });

  it('is pending until its result starts', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: messageStart() + block(0, use) }, { text: blockStart(1, result) + blockStop(1) + messageEnd }],
    });
    const { items } = await readAll(clientOf(server.url).stream('hello'));

    expect(items.filter(({ type }) => type === 'data')).toEqual([
      { type: 'data', index: 0, name: 'anthropic', data: { ...use, is_pending: true } },
      { type: 'data', index: 0, name: 'anthropic', data: use },
      { type: 'data', index: 1, name: 'anthropic', data: result },
    ]);
  });
});

describe('a message of the history', () => {
  it.each([[7], ['text'], [[1]], [null]])('is sent without metadata or data of another type: %j', async (value) => {
    await using server = await startHttpServer({ chunks: [{ text: messageStart() + block(0, TEXT) + messageEnd }] });
    const providerMetadata = { anthropic: value };
    await clientOf(server.url).complete({
      messages: [
        { role: 'user', content: 'hello' },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'Hm', providerMetadata },
            { type: 'text', text: 'A', providerMetadata },
            { type: 'data', name: 'anthropic', data: value },
          ],
        },
      ],
      prompt: 'go on',
    });
    const body = JSON.parse(server.requests[0]!.body) as { messages: object[] };

    expect(body.messages[1]).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'A' }] });
  });

  it('is sent without thinking at its end, which the API refuses', async () => {
    await using server = await startHttpServer({ chunks: [{ text: messageStart() + block(0, TEXT) + messageEnd }] });
    const providerMetadata = { anthropic: { signature: 's' } };
    await clientOf(server.url).complete({
      messages: [
        { role: 'user', content: 'hello' },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'Hm', providerMetadata },
            { type: 'text', text: 'A' },
            { type: 'reasoning', text: 'So', providerMetadata },
            { type: 'reasoning', text: '', providerMetadata: { anthropic: { type: 'redacted_thinking', data: 'x' } } },
          ],
        },
      ],
      prompt: 'go on',
    });
    const body = JSON.parse(server.requests[0]!.body) as { messages: { content: Json[] }[] };

    expect(body.messages[1]?.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
  });
});

describe('the stop reason compaction', () => {
  it('is a pause, after which a chat continues with the summary', async () => {
    const compaction = { type: 'compaction', content: 'They spoke.', encrypted_content: null };
    await using server = await startHttpServer([
      { chunks: [{ text: messageStart() + block(0, compaction) + stopReason('compaction') + messageStop }] },
      { chunks: [{ text: messageStart({ id: 'msg_2' }) + block(0, TEXT, textDelta('Hello')) + messageEnd }] },
    ]);
    const chat = createChat({ client: clientOf(server.url) });
    await chat.sendMessage('hello');
    const [, answer] = chat.getSnapshot().messages;

    expect(server.requests).toHaveLength(2);
    expect(JSON.parse(server.requests[1]!.body)).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: [compaction] }],
    });
    expect(answer).toMatchObject({
      finishReason: 'stop',
      parts: [
        { type: 'data', name: 'anthropic', data: compaction },
        { type: 'text', text: 'Hello' },
      ],
    });
  });
});

describe('a call of a toolset', () => {
  it('goes back with the name of the toolset', async () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'screenshot', input: {}, toolset_name: 'computer' };
    const { content } = await sentBack(messageStart() + block(0, call) + stopReason('tool_use') + messageStop);

    expect(content).toEqual([call]);
  });
});
