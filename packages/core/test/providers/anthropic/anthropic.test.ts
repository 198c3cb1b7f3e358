import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LLMClient, type Completion, type GenerateRequest, type LLMConfig, type MessageInput } from '@rivulet/core';
import { anthropic, type AnthropicOptions } from '@rivulet/core/anthropic';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { startHttpServer, type ReceivedRequest } from '../../../../../test/support/http-server.ts';
import { answering, cutAt, failureOf, readAll, toBytes } from '../../support/client.ts';

type Json = Readonly<Record<string, unknown>>;

function frame(json: Json): string {
  return `event: ${String(json['type'])}\ndata: ${JSON.stringify(json)}\n\n`;
}

function messageStart(fields: Json = {}): Json {
  const usage = { input_tokens: 10, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-1', content: [], usage, ...fields };
  return { type: 'message_start', message };
}

/** The events of a block. */
function block(index: number, start: Json, ...deltas: Json[]): Json[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function text(index: number, ...pieces: string[]): Json[] {
  return block(index, { type: 'text', text: '' }, ...pieces.map((piece) => ({ type: 'text_delta', text: piece })));
}

function messageEnd(reason: string | null = 'end_turn', fields: Json = {}, usage: Json = { output_tokens: 5 }): Json[] {
  return [
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null, ...fields }, usage },
    { type: 'message_stop' },
  ];
}

function clientOf(
  baseURL: string,
  config: Partial<LLMConfig> = {},
  options: AnthropicOptions & { baseURL?: never } = {},
): LLMClient {
  return new LLMClient({ provider: anthropic({ ...options, baseURL }), model: 'claude-1', retry: false, ...config });
}

/** A client whose answers are these chunks. */
function clientReading(...chunks: readonly (string | Uint8Array)[]): LLMClient {
  return clientOf('http://127.0.0.1', { fetch: answering(...chunks) });
}

/** A client whose answers are these events. */
function clientOn(...events: Json[]): LLMClient {
  return clientReading(events.map(frame).join(''));
}

interface Sent extends ReceivedRequest {
  json: Json;
}

/** What the server receives for a request. */
async function send(
  request: string | GenerateRequest,
  config?: Partial<LLMConfig>,
  options?: AnthropicOptions & { baseURL?: never },
): Promise<Sent> {
  await using server = await startHttpServer({
    chunks: [{ text: [messageStart(), ...messageEnd()].map(frame).join('') }],
  });
  await clientOf(server.url, config, options).complete(request);
  const [received] = server.requests;
  return { ...received!, json: JSON.parse(received!.body) as Json };
}

async function turnsFor(...messages: MessageInput[]): Promise<unknown> {
  return (await send({ messages })).json['messages'];
}

async function thinkingFor(model: string, request: Omit<GenerateRequest, 'prompt'>): Promise<Json> {
  const { json } = await send({ prompt: 'hello', model, ...request });
  return Object.fromEntries(
    ['max_tokens', 'temperature', 'thinking', 'output_config'].flatMap((name) =>
      name in json ? [[name, json[name]]] : [],
    ),
  );
}

describe('the headers of a request', () => {
  const added = ['accept', 'accept-encoding', 'accept-language', 'connection', 'content-length', 'host'];
  const fromFetch = new Set([...added, 'sec-fetch-mode', 'user-agent']);
  const ownOf = ({ headers }: Sent): object =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !fromFetch.has(name)));

  it('are the key, the version and the content type, and nothing else', async () => {
    expect(ownOf(await send('hello', {}, { apiKey: 'key-1' }))).toEqual({
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-api-key': 'key-1',
    });
  });

  it('opt in to browsers and betas when asked, and take those of the options', async () => {
    const sent = await send(
      'hello',
      {},
      {
        dangerouslyAllowBrowser: true,
        beta: ['one-2026-01-01', 'two-2026-02-02'],
        headers: () => Promise.resolve({ authorization: 'Bearer token-1', 'Anthropic-Version': '2030-01-01' }),
      },
    );

    expect(ownOf(sent)).toEqual({
      'content-type': 'application/json',
      'anthropic-version': '2030-01-01',
      'anthropic-beta': 'one-2026-01-01,two-2026-02-02',
      'anthropic-dangerous-direct-browser-access': 'true',
      authorization: 'Bearer token-1',
    });
    expect(ownOf(await send('hello', {}, { beta: [] }))).not.toHaveProperty('anthropic-beta');
  });

  it.each([
    ['', '/v1/messages'],
    ['/', '/v1/messages'],
    ['/v1', '/v1/messages'],
    ['/v1/', '/v1/messages'],
    ['/anthropic', '/anthropic/v1/messages'],
  ])('go to the address %j at %s', async (base, path) => {
    await using server = await startHttpServer({
      chunks: [{ text: [messageStart(), ...messageEnd()].map(frame).join('') }],
    });

    await clientOf(server.url + base).complete('hello');

    expect(server.requests[0]).toMatchObject({ method: 'POST', path });
  });
});

describe('the body of a request', () => {
  it('has what is needed, the two defaults, and nothing else', async () => {
    expect((await send('hello', { model: 'claude-sonnet-4-5' })).json).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 2000,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
      stream: true,
      temperature: 0.7,
    });
  });

  it('needs a model', async () => {
    await expect(clientOf('http://127.0.0.1', { model: undefined }).complete('hello')).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('has all system text at its top', async () => {
    const { json } = await send({
      system: 'Be brief.',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'hello' },
      ],
    });

    expect(json['system']).toBe('Be brief.\n\nBe kind.');
    expect(json['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'hello' }] }]);
  });

  it('has stop sequences, tools and fields of its own', async () => {
    const inputSchema = { type: 'object', properties: {} };
    const { json } = await send({
      prompt: 'hello',
      stop: 'END',
      tools: [{ name: 'now', description: 'The time', inputSchema, strict: true }],
      providerOptions: { anthropic: { top_k: 5, metadata: { user_id: 'user-1' } } },
    });

    expect(json).toMatchObject({
      stop_sequences: ['END'],
      tools: [{ name: 'now', description: 'The time', input_schema: inputSchema, strict: true }],
      top_k: 5,
      metadata: { user_id: 'user-1' },
    });
    expect(json).not.toHaveProperty('tool_choice');
  });

  it('joins fields of its own to what is there, so that a format stands beside an effort', async () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const { json } = await send({
      prompt: 'hello',
      model: 'claude-opus-5',
      reasoning: { effort: 'low' },
      tools: [{ name: 'now', inputSchema: {} }],
      toolChoice: 'auto',
      providerOptions: { anthropic: { output_config: { format }, tool_choice: { disable_parallel_tool_use: true } } },
    });

    expect(json).toMatchObject({
      output_config: { effort: 'low', format },
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['required', { type: 'any' }],
    ['none', { type: 'none' }],
    [{ name: 'now' }, { type: 'tool', name: 'now' }],
  ] as const)('has the tool choice %j', async (toolChoice, expected) => {
    const tools = [{ name: 'now', inputSchema: {} }];

    expect((await send({ prompt: 'hello', tools, toolChoice })).json['tool_choice']).toEqual(expected);
    expect((await send({ prompt: 'hello', toolChoice })).json).not.toHaveProperty('tool_choice');
  });

  it('lets roles take turns, with the results of tools in those of the user', async () => {
    const turns = await turnsFor(
      { role: 'user', content: 'How warm is it in Paris and Rome?' },
      { role: 'user', content: 'In degrees.' },
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: ' \n' },
          { type: 'tool-call', id: 'call_1', name: 'weather', rawInput: '{"city":"Paris"}', input: { city: 'Paris' } },
          { type: 'tool-call', id: 'call_2', name: 'weather', rawInput: '{"city":"Rome"}' },
          { type: 'tool-call', id: 'call_3', name: 'now', rawInput: '' },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'call_1', output: { celsius: 21 } }] },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', toolCallId: 'call_2', output: 'No such city', isError: true },
          { type: 'tool-result', toolCallId: 'call_3', output: 12 },
        ],
      },
      { role: 'user', content: 'And?' },
      { role: 'assistant', content: '' },
    );

    expect(turns).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'How warm is it in Paris and Rome?' },
          { type: 'text', text: 'In degrees.' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Paris' } },
          { type: 'tool_use', id: 'call_2', name: 'weather', input: { city: 'Rome' } },
          { type: 'tool_use', id: 'call_3', name: 'now', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: '{"celsius":21}' },
          { type: 'tool_result', tool_use_id: 'call_2', content: 'No such city', is_error: true },
          { type: 'tool_result', tool_use_id: 'call_3', content: '12' },
          { type: 'text', text: 'And?' },
        ],
      },
    ]);
  });

  it('splits an assistant message that holds results of its calls', async () => {
    const turns = await turnsFor(
      { role: 'user', content: 'What time is it?' },
      {
        role: 'assistant',
        parts: [
          { type: 'tool-call', id: 'call_1', name: 'now', rawInput: '{}' },
          { type: 'tool-result', toolCallId: 'call_1', output: 'noon' },
          { type: 'text', text: 'It is noon.' },
        ],
      },
    );

    expect(turns).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'tool_use' }] },
      { role: 'user', content: [{ type: 'tool_result', content: 'noon' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'It is noon.' }] },
    ]);
  });

  it('has images and documents, inline or by address', async () => {
    const turns = await turnsFor({
      role: 'user',
      parts: [
        { type: 'file', mediaType: 'image/png', data: 'AAAA' },
        { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,BBBB', filename: 'cat.png' },
        { type: 'file', mediaType: 'image/png', url: 'https://example.com/cat.png' },
        { type: 'file', mediaType: 'application/pdf', data: 'CCCC', filename: 'Plan' },
        { type: 'file', mediaType: 'application/pdf', url: 'https://example.com/plan.pdf' },
        {
          type: 'file',
          mediaType: 'text/markdown',
          data: Buffer.from('Grüße').toString('base64'),
          providerMetadata: { anthropic: { citations: { enabled: true } } },
        },
        {
          type: 'text',
          text: 'What is it?',
          providerMetadata: { anthropic: { cache_control: { type: 'ephemeral' } } },
        },
      ],
    });

    expect(turns).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'BBBB' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'CCCC' }, title: 'Plan' },
          { type: 'document', source: { type: 'url', url: 'https://example.com/plan.pdf' } },
          {
            type: 'document',
            source: { type: 'text', media_type: 'text/plain', data: 'Grüße' },
            citations: { enabled: true },
          },
          { type: 'text', text: 'What is it?', cache_control: { type: 'ephemeral' } },
        ],
      },
    ]);
  });

  it('leaves out thinking that Anthropic did not sign', async () => {
    const turns = await turnsFor(
      { role: 'user', content: 'hello' },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm', providerMetadata: { google: { thoughtSignature: 'other' } } },
          { type: 'text', text: 'Hi' },
        ],
      },
    );

    expect(turns).toMatchObject([{}, { content: [{ type: 'text', text: 'Hi' }] }]);
  });

  it('has an effort where the model decides how much to think, and no temperature', async () => {
    const adaptive = { type: 'adaptive', display: 'summarized' };

    expect(await thinkingFor('claude-opus-4-6', { reasoning: true, temperature: 0.5 })).toEqual({
      max_tokens: 20_480,
      thinking: adaptive,
    });
    expect(await thinkingFor('claude-opus-4-7', { reasoning: { effort: 'minimal' } })).toEqual({
      max_tokens: 5120,
      thinking: adaptive,
      output_config: { effort: 'low' },
    });
    expect(await thinkingFor('anthropic/claude-opus-4.8', { reasoning: { effort: 'max' }, maxTokens: 9000 })).toEqual({
      max_tokens: 9000,
      thinking: adaptive,
      output_config: { effort: 'max' },
    });
  });

  it.each(['claude-3-7-sonnet-20250219', 'claude-sonnet-4-20250514', 'claude-opus-4-1', 'claude-haiku-4-5', 'kimi-k2'])(
    'has a budget for %s, which takes no effort',
    async (model) => {
      expect(await thinkingFor(model, { reasoning: { effort: 'low' } })).toEqual({
        max_tokens: 6144,
        thinking: { type: 'enabled', budget_tokens: 2048 },
      });
      expect(await thinkingFor(model, { reasoning: true, maxTokens: 3000 })).toEqual({
        max_tokens: 3000,
        thinking: { type: 'enabled', budget_tokens: 1500 },
      });
    },
  );

  it('has the budget that was asked for, and a bound above it', async () => {
    const thinking = { type: 'enabled', budget_tokens: 10_000 };

    expect(await thinkingFor('claude-sonnet-4-5', { reasoning: { budgetTokens: 10_000 } })).toEqual({
      max_tokens: 14_096,
      thinking,
    });
    expect(
      await thinkingFor('claude-opus-4-6', { reasoning: { budgetTokens: 10_000, effort: 'high' }, maxTokens: null }),
    ).toEqual({ max_tokens: 14_096, thinking, output_config: { effort: 'high' } });
  });

  it('turns thinking off for the effort none, and always has a bound', async () => {
    expect(await thinkingFor('claude-sonnet-4-5', { reasoning: { effort: 'none' } })).toEqual({
      max_tokens: 2000,
      temperature: 0.7,
      thinking: { type: 'disabled' },
    });
    expect(await thinkingFor('claude-sonnet-4-5', { maxTokens: null, temperature: null })).toEqual({
      max_tokens: 4096,
    });
  });

  it('has no default temperature for models that refuse one', async () => {
    for (const model of ['claude-opus-4-7', 'claude-sonnet-4-7-20260101']) {
      expect(await thinkingFor(model, {})).toEqual({ max_tokens: 2000 });
      expect(await thinkingFor(model, { temperature: 1 })).toEqual({ max_tokens: 2000, temperature: 1 });
    }
    expect(await thinkingFor('claude-opus-4-6', {})).toMatchObject({ temperature: 0.7 });
  });

  it.each([
    'claude-opus-5',
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-haiku-5-5',
    'claude-fable-5-20260601',
    'us.anthropic.claude-fable-6-v1:0',
    'anthropic/claude-opus-5.5',
    'claude-sonnet-latest',
    'kimi-k2-thinking',
  ])('leaves room for the thoughts of %s, which thinks without being asked', async (model) => {
    expect(await thinkingFor(model, {})).toEqual({ max_tokens: 32_000 });
    expect(await thinkingFor(model, { maxTokens: null })).toEqual({ max_tokens: 32_000 });
    expect(await thinkingFor(model, { maxTokens: 100 })).toEqual({ max_tokens: 100 });
    expect(await thinkingFor(model, { reasoning: { effort: 'low' } })).toMatchObject({ max_tokens: 32_000 });
  });

  it('has the bound that a refusal names', async () => {
    const message = 'max_tokens: 2000 > 1000, which is the maximum allowed number of output tokens';
    const error = { type: 'error', error: { type: 'invalid_request_error', message } };
    await using server = await startHttpServer([
      { status: 400, chunks: [{ text: JSON.stringify(error) }] },
      { chunks: [{ text: [messageStart(), ...messageEnd()].map(frame).join('') }] },
    ]);

    await clientOf(server.url).complete('hello');

    expect(JSON.parse(server.requests[1]!.body)).toMatchObject({ max_tokens: 1000 });
  });
});

describe('an answer', () => {
  it('has each block as a part, and signatures and redacted thinking that go back as they came', async () => {
    const events = [
      messageStart(),
      ...block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'Hm' },
        { type: 'thinking_delta', thinking: 'm.' },
        { type: 'signature_delta', signature: 'signature-1' },
      ),
      ...block(1, { type: 'redacted_thinking', data: 'secret-1' }),
      ...block(
        2,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'signature_delta', signature: 'signature-2' },
      ),
      ...text(3, 'Hel', 'lo'),
      ...text(4, ' there'),
      ...messageEnd(),
    ];
    const completion = await clientOn(...events).complete('hello');

    expect(completion).toMatchObject({ text: 'Hello there', reasoning: 'Hmm.', id: 'msg_1', model: 'claude-1' });
    expect(completion.message.parts).toEqual([
      { type: 'reasoning', text: 'Hmm.', providerMetadata: { anthropic: { signature: 'signature-1' } } },
      {
        type: 'reasoning',
        text: '',
        providerMetadata: { anthropic: { type: 'redacted_thinking', data: 'secret-1' } },
      },
      { type: 'reasoning', text: '', providerMetadata: { anthropic: { signature: 'signature-2' } } },
      { type: 'text', text: 'Hello' },
      { type: 'text', text: ' there' },
    ]);
    expect(await turnsFor({ role: 'user', content: 'hello' }, completion.message)).toMatchObject([
      {},
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hmm.', signature: 'signature-1' },
          { type: 'redacted_thinking', data: 'secret-1' },
          { type: 'thinking', thinking: '', signature: 'signature-2' },
          { type: 'text', text: 'Hello' },
          { type: 'text', text: ' there' },
        ],
      },
    ]);
  });

  const page = {
    type: 'web_search_result_location',
    url: 'https://example.com/',
    title: 'Example',
    cited_text: 'It is so',
    encrypted_index: 'index-1',
  };
  const passage = { type: 'char_location', document_index: 0, document_title: null, cited_text: 'So it is' };

  it('has its citations as sources, and sends them back with their text', async () => {
    const citing = [
      messageStart(),
      ...text(0, 'Well: '),
      ...block(
        1,
        { type: 'text', text: '', citations: [] },
        { type: 'citations_delta', citation: page },
        { type: 'text_delta', text: 'it is ' },
        { type: 'citations_delta', citation: passage },
        { type: 'text_delta', text: 'so' },
      ),
      ...text(2, '.'),
      ...messageEnd(),
    ];
    const streamed = await clientOn(...citing).complete('hello');
    const content = [
      { type: 'text', text: 'Well: ' },
      { type: 'text', text: 'it is so', citations: [page, passage] },
      { type: 'text', text: '.', citations: null },
    ];
    const whole = await clientReading(
      JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', content, stop_reason: 'end_turn' }),
    ).complete('hello');

    for (const { text: said, sources, message } of [streamed, whole]) {
      expect(said).toBe('Well: it is so.');
      expect(sources).toEqual([
        { type: 'source', url: 'https://example.com/', title: 'Example', providerMetadata: { anthropic: page } },
        { type: 'source', providerMetadata: { anthropic: passage } },
      ]);
      expect(await turnsFor({ role: 'user', content: 'hello' }, message)).toMatchObject([
        {},
        { content: [{ text: 'Well: ' }, { text: 'it is so', citations: [page, passage] }, { text: '.' }] },
      ]);
    }
  });

  it('keeps the blocks of tools that run at Anthropic, and of types to come, and sends them back in their place', async () => {
    const found = {
      type: 'web_search_tool_result',
      tool_use_id: 'srvtoolu_1',
      content: [{ url: 'https://example.com/' }],
    };
    const {
      message,
      toolCalls,
      finishReason,
      text: said,
    } = await clientOn(
      messageStart(),
      ...block(
        0,
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
        { type: 'input_json_delta', partial_json: '{"query":' },
        { type: 'input_json_delta', partial_json: '"news"}' },
      ),
      ...block(1, found),
      ...block(
        2,
        { type: 'compaction', content: null },
        { type: 'compaction_delta', content: 'Once ' },
        { type: 'compaction_delta', content: 'upon a time', ['__proto__']: { polluted: true } },
      ),
      ...text(3, 'So'),
      ...messageEnd('pause_turn'),
    ).complete('hello');

    expect({ toolCalls, finishReason, said }).toEqual({ toolCalls: [], finishReason: 'pause', said: 'So' });
    expect(message.parts.map(({ type }) => type)).toEqual(['data', 'data', 'data', 'text']);
    expect(await turnsFor({ role: 'user', content: 'hello' }, message)).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'hello' }] },
      {
        role: 'assistant',
        content: [
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'news' } },
          found,
          { type: 'compaction', content: 'Once upon a time', ['__proto__']: { polluted: true } },
          { type: 'text', text: 'So' },
        ],
      },
    ]);
    expect({}).not.toHaveProperty('polluted');
  });

  it('may have a call whose arguments come whole, or that its code makes', async () => {
    const caller = { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' };
    const whole = { type: 'tool_use', id: 'toolu_1', name: 'roll', input: { player: 1 }, caller };
    const empty = { type: 'tool_use', id: 'toolu_2', name: 'now', input: {}, caller: { type: 'direct' } };
    const { toolCalls, message } = await clientOn(
      messageStart(),
      ...block(0, whole),
      ...block(1, empty, { type: 'input_json_delta', partial_json: '' }),
      ...messageEnd('tool_use'),
    ).complete('hello');

    expect(toolCalls).toMatchObject([
      { id: 'toolu_1', name: 'roll', rawInput: '{"player":1}', input: { player: 1 } },
      { id: 'toolu_2', name: 'now', rawInput: '', input: {} },
    ]);
    expect(await turnsFor({ role: 'user', content: 'hello' }, message)).toMatchObject([
      {},
      { content: [whole, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }] },
    ]);
  });

  it('may be whole in its first frame', async () => {
    const content = [{ type: 'tool_use', id: 'toolu_1', name: 'roll', input: { player: 1 } }];

    const completion = await clientOn(messageStart({ content, stop_reason: 'tool_use' }), {
      type: 'message_stop',
    }).complete('hello');

    expect(completion).toMatchObject({ finishReason: 'tool-calls', toolCalls: [{ input: { player: 1 } }] });
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['compaction', 'pause'],
    ['constructor', 'other'],
  ])('that ends with %s finishes with %s', async (raw, finishReason) => {
    expect(await clientOn(messageStart(), ...text(0, 'Hi'), ...messageEnd(raw)).complete('hello')).toMatchObject({
      text: 'Hi',
      finishReason,
      rawFinishReason: raw,
    });
  });

  it('that was refused says why, where the API does', async () => {
    const details = { type: 'refusal', category: 'cyber', explanation: 'This was blocked.' };
    const { message, finishReason } = await clientOn(
      messageStart(),
      ...text(0, 'First'),
      ...messageEnd('refusal', { stop_details: details }),
    ).complete('hello');

    expect(finishReason).toBe('refusal');
    expect(message.parts).toEqual([
      { type: 'text', text: 'First' },
      { type: 'refusal', text: 'This was blocked.', providerMetadata: { anthropic: details } },
    ]);
  });

  it('has counts that include the cache, and of each the last that was told', async () => {
    const { usage } = await clientOn(
      messageStart({
        usage: {
          input_tokens: 10,
          cache_creation_input_tokens: 20,
          cache_read_input_tokens: 30,
          output_tokens: 1,
          service_tier: 'standard',
        },
      }),
      ...messageEnd(
        'end_turn',
        {},
        {
          input_tokens: 11,
          cache_creation_input_tokens: null,
          output_tokens: 50,
          output_tokens_details: { thinking_tokens: 40 },
        },
      ),
    ).complete('hello');

    expect(usage).toEqual({
      inputTokens: 61,
      outputTokens: 50,
      totalTokens: 111,
      cachedInputTokens: 30,
      cacheWriteTokens: 20,
      reasoningTokens: 40,
      raw: {
        input_tokens: 11,
        cache_creation_input_tokens: 20,
        cache_read_input_tokens: 30,
        output_tokens: 50,
        output_tokens_details: { thinking_tokens: 40 },
        service_tier: 'standard',
      },
    });
  });

  it('counts the summing up of a long history too, and nothing that it was not told', async () => {
    const iterations = [
      { type: 'compaction', input_tokens: 1000, output_tokens: 100 },
      { type: 'message', input_tokens: 10, output_tokens: 5 },
      { type: 'advisor_message', model: 'claude-2', input_tokens: 70, output_tokens: 7 },
    ];
    const summed = await clientOn(
      messageStart(),
      ...messageEnd('end_turn', {}, { input_tokens: 10, output_tokens: 5, iterations }),
    ).complete('hello');
    const untold = await clientOn(
      messageStart({ usage: null }),
      ...messageEnd('end_turn', {}, { output_tokens: 5 }),
    ).complete('hello');

    expect(summed.usage).toMatchObject({ inputTokens: 1010, outputTokens: 105, totalTokens: 1115 });
    expect(untold.usage).toEqual({ outputTokens: 5, raw: { output_tokens: 5 } });
  });

  it('is the same with frames that come twice, and with another message announced before its content', async () => {
    const other = messageStart({ id: 'msg_0', usage: { input_tokens: 99, output_tokens: 1 } });
    const completion = await clientOn(
      other,
      messageStart(),
      messageStart(),
      ...text(0, 'Hello').flatMap((event) => (event['type'] === 'content_block_delta' ? [event] : [event, event])),
      messageStart(),
      ...messageEnd(),
    ).complete('hello');

    expect(completion).toMatchObject({ text: 'Hello', id: 'msg_1', usage: { inputTokens: 10, outputTokens: 5 } });
  });

  it('that another message replaces in its middle is no success, and is not mixed with it', async () => {
    const run = clientOn(
      messageStart(),
      ...text(0, 'Hello').slice(0, 2),
      messageStart({ id: 'msg_2' }),
      ...text(0, 'Hello there'),
      ...messageEnd(),
    ).stream('hello');

    const { items } = await readAll(run.textStream);

    expect(items.join('')).toBe('Hello');
    expect(await failureOf(run.result)).toMatchObject({ code: 'truncated', partial: { text: 'Hello', id: 'msg_1' } });
  });

  it('without its message_stop is no success', async () => {
    const [delta] = messageEnd();

    await expect(clientOn(messageStart(), ...text(0, 'Hello'), delta!).complete('hello')).rejects.toMatchObject({
      code: 'truncated',
      partial: { text: 'Hello' },
    });
  });

  it('that breaks off by an overload has status 529, the request id, and what came', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' };

    await expect(clientOn(messageStart(), ...text(0, 'Hello'), error).complete('hello')).rejects.toMatchObject({
      name: 'OverloadedError',
      status: 529,
      requestId: 'req_1',
      provider: 'anthropic',
      partial: { text: 'Hello' },
    });
  });
});

describe('a model server that speaks the Messages API', () => {
  const client = (): LLMClient => clientOf(inject('modelServerUrl'), { retry: false });

  it('answers with text', async () => {
    expect(await client().complete('hello')).toMatchObject({
      text: 'Hello! How can I help you today?',
      finishReason: 'stop',
    });
  });

  it('answers with thinking, which it takes back', async () => {
    const completion = await client().complete({ prompt: 'think', reasoning: true });

    expect(completion).toMatchObject({ text: 'The answer is 42.', reasoning: 'Six times seven is forty-two.' });
    expect(
      await client().complete({
        messages: [{ role: 'user', content: 'think' }, completion.message, { role: 'user', content: 'hello' }],
      }),
    ).toMatchObject({ finishReason: 'stop' });
  });

  it('asks for a tool', async () => {
    const tools = [{ name: 'weather', inputSchema: { type: 'object' } }];

    expect(await client().complete({ prompt: 'weather', tools })).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [{ name: 'weather', input: { city: 'Paris' } }],
    });
  });

  it('refuses by a rate limit, and cuts an answer', async () => {
    await expect(client().complete('rate limit')).rejects.toMatchObject({ name: 'RateLimitError', status: 429 });
    await expect(client().complete('cut')).rejects.toMatchObject({ isRetryable: true });
  });
});

const streams = process.env['RIVULET_STREAMS'] || fileURLToPath(new URL('../../../../shared/streams', import.meta.url));
const folder = join(streams, 'anthropic');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];

if (files.length === 0) console.log(`Recorded streams: none in ${folder}, so they are skipped`);
else console.log(`Recorded streams: ${files.length} of anthropic in ${folder}`);

interface RawEvent {
  type: string;
  index?: number;
  message?: { id: string; model: string; usage: RawUsage };
  content_block?: { type: string; id: string; name: string; input?: object };
  delta?: { text?: string; thinking?: string; signature?: string; partial_json?: string; stop_reason?: string };
  usage?: RawUsage;
}

type RawUsage = Record<string, number | undefined>;

/** The lines of one response: some files have those of the requests that followed. */
function responseIn(file: string): string[] {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  return lines.slice(0, lines.findIndex((line) => line.includes('"message_stop"')) + 1);
}

const FINISH: Record<string, string> = { end_turn: 'stop', tool_use: 'tool-calls', max_tokens: 'length' };

/** What the recorded lines say, in the simplest way that there is. */
function expectedFrom(lines: readonly string[]): object {
  const events = lines.map((line) => JSON.parse(line) as RawEvent);
  const joined = (name: 'text' | 'thinking' | 'signature'): string =>
    events.map(({ delta }) => delta?.[name] ?? '').join('');
  const usage = Object.assign({}, ...events.map((event) => event.message?.usage ?? event.usage)) as RawUsage;
  const calls = events.flatMap(({ index, content_block: start }) => {
    if (start?.type !== 'tool_use') return [];
    const deltas = events.map((event) => (event.index === index ? (event.delta?.partial_json ?? '') : '')).join('');
    return { id: start.id, name: start.name, input: JSON.parse(deltas || JSON.stringify(start.input)) as unknown };
  });
  const raw = events.find(({ delta }) => delta?.stop_reason)!.delta!.stop_reason!;
  const input =
    (usage['input_tokens'] ?? 0) +
    (usage['cache_creation_input_tokens'] ?? 0) +
    (usage['cache_read_input_tokens'] ?? 0);
  return {
    id: events[0]!.message!.id,
    model: events[0]!.message!.model,
    text: joined('text'),
    reasoning: joined('thinking'),
    signature: joined('signature'),
    sources: lines.filter((line) => line.includes('"citations_delta"')).length,
    toolCalls: calls,
    finishReason: FINISH[raw] ?? raw,
    rawFinishReason: raw,
    usage: {
      inputTokens: input,
      outputTokens: usage['output_tokens'],
      totalTokens: input + usage['output_tokens']!,
      cachedInputTokens: usage['cache_read_input_tokens'],
      cacheWriteTokens: usage['cache_creation_input_tokens'],
      raw: usage,
    },
  };
}

function essence(completion: Completion): object {
  const { id, model, text: said, reasoning, toolCalls, sources, finishReason, rawFinishReason, usage } = completion;
  const signatures = completion.message.parts.map(
    ({ providerMetadata }) => (providerMetadata?.['anthropic'] as { signature?: string } | undefined)?.signature ?? '',
  );
  return {
    id,
    model,
    text: said,
    reasoning,
    signature: signatures.join(''),
    sources: sources.length,
    toolCalls: toolCalls.map(({ id: call, name, input }) => ({ id: call, name, input })),
    finishReason,
    rawFinishReason,
    usage,
  };
}

describe.skipIf(files.length === 0)('a recorded stream of the Messages API', () => {
  it.each(files)('%s is decoded into what its lines say', async (file) => {
    const lines = responseIn(file);
    const expected = expectedFrom(lines);
    const body = lines.map((line) => frame(JSON.parse(line) as Json)).join('');
    const bytes = toBytes(body);

    expect(essence(await clientReading(body).complete('hello'))).toEqual(expected);
    expect(essence(await clientReading(body.replaceAll('\n', '\r\n')).complete('hello'))).toEqual(expected);

    await assert(
      asyncProperty(array(nat(), { maxLength: 300, size: 'max' }), async (cuts) => {
        expect(essence(await clientReading(...cutAt(bytes, cuts)).complete('hello'))).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it.each(files)('%s is no success before its end', async (file) => {
    const lines = responseIn(file).slice(0, -1);

    await expect(
      clientReading(lines.map((line) => frame(JSON.parse(line) as Json)).join('')).complete('hello'),
    ).rejects.toMatchObject({ code: 'truncated' });
  });
});

describe('the version of the API', () => {
  it.each<[string | undefined, string, object]>([
    [undefined, '2023-06-01', { temperature: 0.7 }],
    ['2023-06-01', '2023-06-01', { temperature: 0.7 }],
    ['2026-10-21', '2026-10-21', {}],
    ['2027-01-15', '2027-01-15', {}],
  ])('%s is sent as %s', async (version, header, temperature) => {
    await using server = await startHttpServer({
      chunks: [{ text: [messageStart(), ...messageEnd()].map(frame).join('') }],
    });

    await clientOf(server.url, {}, { version }).complete('hello');
    await clientOf(server.url, {}, { version }).complete({ prompt: 'hello', temperature: 0.7 });

    expect(server.requests.map(({ headers }) => headers['anthropic-version'])).toEqual([header, header]);
    for (const { body } of server.requests) {
      const { temperature: sent } = JSON.parse(body) as Json;
      expect(sent === undefined ? {} : { temperature: sent }).toEqual(temperature);
    }
  });

  it('may be set by a header of the call', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: [messageStart(), ...messageEnd()].map(frame).join('') }],
    });

    await clientOf(server.url).complete('hello', { headers: { 'anthropic-version': '2026-10-21' } });

    expect(server.requests[0]?.headers['anthropic-version']).toBe('2026-10-21');
  });
});

describe('system messages', () => {
  const SYSTEM = { role: 'system', content: 'Be brief.' } as const;
  const ONE = { role: 'user', content: 'one' } as const;
  const TWO = { role: 'assistant', content: 'two' } as const;
  const THREE = { role: 'user', content: 'three' } as const;

  async function bodyWith(model: string, ...messages: MessageInput[]): Promise<Json> {
    await using server = await startHttpServer({
      chunks: [{ text: [messageStart(), ...messageEnd()].map(frame).join('') }],
    });
    await clientOf(server.url).complete({ model, messages, system: 'You are kind.' });
    return JSON.parse(server.requests[0]!.body) as Json;
  }

  function rolesIn(body: Json): string[] {
    return (body['messages'] as readonly { role: string }[]).map(({ role }) => role);
  }

  it.each<[string, MessageInput[], string[]]>([
    ['at the end', [ONE, SYSTEM], ['user', 'system']],
    ['before an answer', [ONE, SYSTEM, TWO, THREE], ['user', 'system', 'assistant', 'user']],
    // The API takes them only between a turn of the user and one of the assistant.
    ['before a question, behind it', [ONE, TWO, SYSTEM, THREE], ['user', 'assistant', 'user', 'system']],
    [
      'between a call and its result, behind the result',
      [
        ONE,
        { role: 'assistant', parts: [{ type: 'tool-call', id: 'c1', name: 'clock', rawInput: '{}', input: {} }] },
        SYSTEM,
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c1', output: 'noon' }] },
      ],
      ['user', 'assistant', 'user', 'system'],
    ],
  ])('keep their place in a conversation: %s', async (_title, messages, roles) => {
    for (const model of ['claude-opus-4-8', 'claude-opus-4-8-20260528', 'claude-opus-5-5', 'claude-fable-5-1']) {
      const body = await bodyWith(model, ...messages);

      expect(rolesIn(body)).toEqual(roles);
      expect((body['messages'] as Json[]).find(({ role }) => role === 'system')).toEqual({
        role: 'system',
        content: [{ type: 'text', text: 'Be brief.' }],
      });
      expect(body['system']).toBe('You are kind.');
    }
  });

  it.each([
    'claude-opus-4-7',
    'claude-opus-4-20250514',
    'claude-sonnet-4-6',
    'claude-haiku-4-5',
    'claude-3-5-sonnet-latest',
    'kimi-k2',
  ])('are lifted out of a conversation with %s', async (model) => {
    const body = await bodyWith(model, ONE, SYSTEM, TWO, THREE);

    expect(rolesIn(body)).toEqual(['user', 'assistant', 'user']);
    expect(body['system']).toBe('You are kind.\n\nBe brief.');
  });

  it('that nothing of the user comes before are lifted', async () => {
    for (const messages of [
      [SYSTEM, ONE],
      [TWO, SYSTEM],
    ]) {
      const body = await bodyWith('claude-opus-5-5', ...messages);
      expect(rolesIn(body)).not.toContain('system');
      expect(body['system']).toBe('You are kind.\n\nBe brief.');
    }
  });

  it.each([
    "messages.1: role 'system' is not supported on this model",
    "messages.1.role: Input should be 'user' or 'assistant'",
    'messages[1].role: unknown variant `system`, expected `user` or `assistant`',
    "messages.0: use the top-level 'system' parameter for the initial system prompt",
    'messages.1: system messages must follow a user message',
    "messages.1: role must be 'user' or 'assistant'",
    'A conversation must alternate between user and assistant roles. Make sure the conversation alternates and try again.',
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
  ])('are lifted once the server has refused them: %s', async (message) => {
    await using server = await startHttpServer((request) => {
      const { messages } = JSON.parse(request.body) as { messages: { role: string }[] };
      const error = { type: 'error', error: { type: 'invalid_request_error', message } };
      return messages.some(({ role }) => role === 'system')
        ? { status: 400, chunks: [{ text: JSON.stringify(error) }] }
        : { chunks: [{ text: [messageStart(), ...messageEnd()].map(frame).join('') }] };
    });
    const client = clientOf(server.url, { model: 'claude-opus-5-5' });

    await client.complete({ messages: [ONE, SYSTEM] });
    await client.complete({ messages: [ONE, SYSTEM] });

    expect(server.requests.map(({ body }) => rolesIn(JSON.parse(body) as Json))).toEqual([
      ['user', 'system'],
      ['user'],
      ['user'],
    ]);
  });
});
