import type { Message, Part } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { cutAt, failureOf, toBytes } from '../../support/client.ts';
import {
  added,
  CALL,
  clientOf,
  completed,
  created,
  done,
  frame,
  NAME,
  REASONING,
  response,
  text,
  type Fields,
} from '../../support/responses.ts';

interface Exchange {
  /** The answer, after it was kept as JSON. */
  readonly message: Message;
  readonly finishReason: string;
  /** The items that the second request sends back for it, without the two questions. */
  readonly items: readonly Fields[];
}

/** Sends back an answer that came in these frames, or as one document. */
async function exchange(body: string, cuts: readonly number[] = [], reply?: Part): Promise<Exchange> {
  const bytes = toBytes(body);
  await using server = await startHttpServer([
    { chunks: cutAt(bytes, cuts).map((piece) => ({ bytes: [...piece] })) },
    { chunks: [{ text: created + text('Well') + completed }] },
  ]);
  const client = clientOf(server.url);
  const { message, finishReason } = await client.complete('hello');
  const kept = JSON.parse(JSON.stringify(message)) as Message;
  const question = { role: 'user' as const, parts: [reply ?? { type: 'text' as const, text: 'go on' }] };
  await client.complete({ messages: [{ role: 'user', content: 'hello' }, kept, question] });
  const { input } = JSON.parse(server.requests[1]!.body) as { input: Fields[] };
  return { message: kept, finishReason, items: input.slice(1, reply ? undefined : -1) };
}

/** An answer with these items before its text: streamed, and as one document. */
function bodiesOf(items: readonly Fields[], store?: boolean): [name: string, body: string][] {
  const message = { type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'Hello' }] };
  const end = response('completed', { store, output: [...items, message] });
  const start = frame('response.created', { response: response('in_progress', { store }) });
  const streamed = items.flatMap((item, place) => [
    added(place, { ...item, status: 'in_progress' }),
    frame(`response.${String(item['type'])}.in_progress`, { output_index: place, item_id: item['id'] }),
    done(place, item),
  ]);
  const streamedText = text('Hello', items.length) + done(items.length, message);
  return [
    ['streamed', start + streamed.join('') + streamedText + completed],
    [
      'streamed, and repeated at the end',
      start + streamed.join('') + streamedText + frame('response.completed', { response: end }),
    ],
    ['only at the end', start + frame('response.completed', { response: end })],
    ['at the end, behind the text', start + streamedText + frame('response.completed', { response: end })],
    ['as a document', JSON.stringify(end)],
  ];
}

const COMPACTION: Fields = { type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAAA-compaction' };

/** Items that are sent back as they came. */
const ITEMS: readonly Fields[] = [
  { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x', sources: [] } },
  { type: 'file_search_call', id: 'fs_1', status: 'completed', queries: ['x'], results: null },
  {
    type: 'code_interpreter_call',
    id: 'ci_1',
    status: 'completed',
    code: 'print(1)',
    container_id: 'cntr_1',
    outputs: [{ type: 'logs', logs: '1' }],
  },
  { type: 'mcp_list_tools', id: 'mcpl_1', server_label: 'roll', tools: [{ name: 'roll', input_schema: {} }] },
  { type: 'mcp_call', id: 'mcp_1', server_label: 'roll', name: 'roll', arguments: '{}', output: '4', error: null },
  { type: 'mcp_approval_request', id: 'mcpr_1', server_label: 'roll', name: 'roll', arguments: '{}' },
  { type: 'program', id: 'prog_1', call_id: 'call_9', code: '1', fingerprint: 'f' },
  { type: 'hologram_call', id: 'hg_1', beams: [{ hue: 1 }] },
  { type: 'hologram_call', beams: [] },
  COMPACTION,
  { type: 'tool_search_call', id: 'ts_1', execution: 'server', call_id: null, status: 'completed', arguments: {} },
  { type: 'tool_search_output', id: 'tso_1', execution: 'server', call_id: null, status: 'completed', tools: [] },
  { type: 'additional_tools', id: 'at_1', role: 'developer', tools: [] },
];

const OUTPUTS: Readonly<Record<string, Fields>> = {
  shell_call: { type: 'shell_call_output', call_id: 'call_1', output: [{ stdout: 'a' }] },
  local_shell_call: { type: 'local_shell_call_output', call_id: 'call_1', output: 'a' },
  apply_patch_call: { type: 'apply_patch_call_output', call_id: 'call_1', status: 'completed' },
  tool_search_call: { type: 'tool_search_output', call_id: 'call_1', execution: 'client', tools: [] },
  computer_call: {
    type: 'computer_call_output',
    call_id: 'call_1',
    output: { type: 'computer_screenshot', file_id: 'f' },
  },
};

/** Calls that the application has to answer. */
const CLIENT_CALLS: readonly Fields[] = [
  { type: 'shell_call', id: 'sh_1', call_id: 'call_1', status: 'completed', action: { commands: ['ls'] } },
  {
    type: 'local_shell_call',
    id: 'lsh_1',
    call_id: 'call_1',
    status: 'completed',
    action: { type: 'exec', command: ['ls'] },
  },
  {
    type: 'apply_patch_call',
    id: 'apc_1',
    call_id: 'call_1',
    status: 'completed',
    operation: { type: 'delete_file', path: 'a' },
  },
  { type: 'tool_search_call', id: 'ts_1', call_id: 'call_1', execution: 'client', status: 'completed', arguments: {} },
  {
    type: 'computer_call',
    id: 'cu_1',
    call_id: 'call_1',
    status: 'completed',
    pending_safety_checks: [],
    action: { type: 'wait' },
  },
];

const HELLO = { role: 'assistant', content: [{ type: 'output_text', text: 'Hello', annotations: [] }] };

describe('an output item that is not a message, a thought or a function call', () => {
  it.each(
    ITEMS.flatMap((item) => bodiesOf([item]).map(([way, body]) => [String(item['type']), way, item, body] as const)),
  )('%s %s is a data part, and is sent back', async (_, way, item, body) => {
    const { message, items } = await exchange(body, [3, 77, 150, 151, 152, 600]);

    expect(message.parts).toContainEqual({ type: 'data', name: NAME, data: item });
    expect(items).toEqual(way.includes('behind') ? [HELLO, item] : [item, HELLO]);
  });

  it('keeps its place among the other parts', async () => {
    const search = ITEMS[0]!;
    const list = ITEMS[3]!;
    const body =
      created +
      done(0, list) +
      done(1, COMPACTION) +
      added(2, REASONING) +
      done(2, REASONING) +
      added(3, { ...search, status: 'in_progress' }) +
      added(4, { type: 'message', id: 'msg_1', content: [] }) +
      text('Hello', 4) +
      done(3, search) +
      done(5, { ...CALL, arguments: '{}', caller: { type: 'program', caller_id: 'prog_1' } }) +
      completed;
    const { message, items } = await exchange(body);

    expect(message.parts.map(({ type }) => type)).toEqual(['data', 'data', 'reasoning', 'data', 'text', 'tool-call']);
    expect(items).toEqual([
      list,
      COMPACTION,
      REASONING,
      search,
      HELLO,
      {
        type: 'function_call',
        call_id: 'call_1',
        name: 'weather',
        arguments: '{}',
        caller: { type: 'program', caller_id: 'prog_1' },
      },
    ]);
  });

  it('goes without fields that only outputs may have', async () => {
    const item = { ...COMPACTION, created_by: 'user_1' };
    const { message, items } = await exchange(bodiesOf([item])[0]![1]);

    expect(message.parts[0]).toEqual({ type: 'data', name: NAME, data: item });
    expect(items[0]).toEqual(COMPACTION);
  });

  it('does not go to a provider of another name', async () => {
    const { message } = await exchange(bodiesOf([COMPACTION])[0]![1]);
    await using server = await startHttpServer({ chunks: [{ text: created + completed }] });
    await clientOf(server.url, {}, { name: 'other' }).complete({ messages: [message], prompt: 'go on' });
    const { input } = JSON.parse(server.requests[0]!.body) as { input: Fields[] };

    expect(input).toMatchObject([HELLO, { role: 'user' }]);
  });

  it('survives two turns of a chat', async () => {
    const approval = ITEMS[5]!;
    await using server = await startHttpServer([
      { chunks: [{ text: created + done(0, COMPACTION) + done(1, REASONING) + done(2, approval) + completed }] },
      { chunks: [{ text: created + text('Well') + completed }] },
    ]);
    const chat = createChat({ client: clientOf(server.url) });
    await chat.sendMessage('roll');

    expect(server.requests).toHaveLength(1);
    await chat.sendMessage('go on');
    await chat.sendMessage('and on');

    for (const { body } of server.requests.slice(1)) {
      const { input } = JSON.parse(body) as { input: Fields[] };
      expect(input.slice(1, 4)).toEqual([COMPACTION, REASONING, approval]);
    }
  });

  it('is decoded at a cost that grows with the number of items', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => ({ ...ITEMS[0], id: `ws_${at}` }));
    const { message, items } = await exchange(bodiesOf(many)[1]![1]);

    expect(message.parts).toHaveLength(3001);
    expect(items).toHaveLength(3001);
  });
});

describe('an output item without an end', () => {
  const search = { ...ITEMS[0], status: 'in_progress' };

  it('is kept in its place, and is not sent back', async () => {
    const body = created + done(0, REASONING) + added(1, search) + text('Hello', 2) + completed;
    const { message, items } = await exchange(body);

    expect(message.parts).toMatchObject([
      { type: 'reasoning' },
      { type: 'data', data: search, providerMetadata: { [NAME]: { isIncomplete: true } } },
      { type: 'text' },
    ]);
    expect(items).toEqual([REASONING, HELLO]);
  });

  it('is left out together with the thought that led to it', async () => {
    const body = created + text('Hello') + done(1, REASONING) + added(2, search) + completed;

    expect((await exchange(body)).items).toEqual([HELLO]);
  });

  it('is sent back if its start is complete', async () => {
    const item = ITEMS[0]!;

    expect((await exchange(created + added(0, item) + text('Hello', 1) + completed)).items).toEqual([item, HELLO]);
  });

  it('is part of what came before the answer was cut', async () => {
    await using server = await startHttpServer({ chunks: [{ text: created + text('Hello') + added(1, search) }] });

    expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({
      code: 'truncated',
      partial: { message: { parts: [{ type: 'text' }, { type: 'data', data: search }] } },
    });
  });

  it('does not keep the answer from being asked for again', async () => {
    await using server = await startHttpServer([
      { chunks: [{ text: created + added(0, search) }] },
      { chunks: [{ text: created + text('Hello') + completed }] },
    ]);

    expect(await clientOf(server.url, { retry: { maxRetries: 1 } }).complete('hello')).toMatchObject({ text: 'Hello' });
  });
});

describe('a call that the application has to answer', () => {
  it.each(CLIENT_CALLS.map((call) => [String(call['type']), call] as const))(
    '%s finishes with tool-calls, and is sent back before the output of the application',
    async (type, call) => {
      const data = OUTPUTS[type]!;
      const body = created + done(0, call) + completed;
      const { finishReason, items } = await exchange(body, [], { type: 'data', name: NAME, data });

      expect(finishReason).toBe('tool-calls');
      expect(items).toEqual([call, data]);
    },
  );

  it.each(CLIENT_CALLS.map((call) => [String(call['type']), call] as const))(
    '%s goes back with an output if nobody answered',
    async (type, call) => {
      const { items } = await exchange(created + done(0, call) + completed);

      expect(items).toMatchObject([
        { type, call_id: 'call_1' },
        { type: OUTPUTS[type]!['type'], call_id: 'call_1' },
      ]);
    },
  );

  it('does not wait if its output is there', async () => {
    const output = { ...OUTPUTS['shell_call'], id: 'sho_1', status: 'completed', created_by: 'server' };
    const { finishReason, items } = await exchange(created + done(0, CLIENT_CALLS[0]!) + done(1, output) + completed);

    expect(finishReason).toBe('stop');
    const { created_by: _, ...sent } = output;
    expect(items).toEqual([CLIENT_CALLS[0]!, sent]);
  });

  it('is also a call of an MCP tool that needs approval', async () => {
    const request = ITEMS[5]!;
    const data = { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true };
    const { finishReason, items } = await exchange(created + done(0, request) + completed, [], {
      type: 'data',
      name: NAME,
      data,
    });

    expect(finishReason).toBe('tool-calls');
    expect(items).toEqual([request, data]);
  });
});

describe('a generated image', () => {
  const image = { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'AAAA' };
  const details = { revised_prompt: 'A cat', output_format: 'webp', size: '1024x1024' };

  it.each(bodiesOf([{ ...image, ...details }]))('%s is a file, whose data goes back once', async (way, body) => {
    const { message, items } = await exchange(body);

    expect(message.parts).toContainEqual({
      type: 'file',
      mediaType: 'image/webp',
      data: 'AAAA',
      providerMetadata: { [NAME]: { type: image.type, id: 'ig_1', status: 'completed', ...details } },
    });
    expect(JSON.stringify(message).split('AAAA')).toHaveLength(2);
    expect(items).toEqual(way.includes('behind') ? [HELLO, image] : [image, HELLO]);
  });

  it('that failed is kept, but does not go back without an image', async () => {
    const failed = { ...image, status: 'failed', result: null };
    const { message, items } = await exchange(bodiesOf([failed])[0]![1]);

    expect(message.parts[0]).toEqual({ type: 'data', name: NAME, data: failed });
    expect(items).toEqual([HELLO]);
  });
});

describe('a stored message', () => {
  it('of several pieces goes back as one item', async () => {
    const content = [
      { type: 'output_text', text: 'Hello' },
      { type: 'output_text', text: ' you' },
    ];
    const start = frame('response.created', { response: response('in_progress', { store: true }) });
    const { items } = await exchange(start + done(0, { type: 'message', id: 'msg_1', content }) + completed);

    expect(items).toMatchObject([{ id: 'msg_1', content: [{ text: 'Hello' }, { text: ' you' }] }]);
    expect(items).toHaveLength(1);
  });
});
