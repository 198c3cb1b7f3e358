import type { CallOptions, GenerateRequest, LLMConfig, MessageInput } from '@rivulet/core';
import type { OpenAIOptions } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type ReceivedRequest } from '../../../../test/support/http-server.ts';
import { answer } from '../support/chat-completions.ts';
import { clientOf } from '../support/client.ts';

interface Sent extends ReceivedRequest {
  json: Record<string, unknown>;
}

/** What the server receives for a request. */
async function send(
  request: string | GenerateRequest,
  config?: Partial<LLMConfig>,
  options?: OpenAIOptions,
  call?: CallOptions,
): Promise<Sent> {
  await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
  await clientOf(server.url, config, options).complete(request, call);
  const [received] = server.requests;
  return { ...received!, json: JSON.parse(received!.body) as Record<string, unknown> };
}

async function messagesFor(...messages: MessageInput[]): Promise<unknown> {
  return (await send({ messages })).json['messages'];
}

describe('the body of a request', () => {
  it('has what is needed, the two defaults, and nothing else', async () => {
    const { method, path, json } = await send('hello');

    expect(`${method} ${path}`).toBe('POST /chat/completions');
    expect(json).toEqual({
      model: 'model-1',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.7,
      max_tokens: 2000,
    });
  });

  it.each<[string, Partial<LLMConfig>, GenerateRequest, object]>([
    ['model', { model: 'of-client' }, { model: 'of-request' }, { model: 'of-request' }],
    ['temperature', { temperature: 0.1 }, { temperature: 0.2 }, { temperature: 0.2 }],
    ['temperature 0', { temperature: 0.1 }, { temperature: 0 }, { temperature: 0 }],
    ['maxTokens', { maxTokens: 10 }, { maxTokens: 20 }, { max_tokens: 20 }],
  ])('has the %s of the request before that of the client', async (_, config, request, expected) => {
    expect((await send({ prompt: 'hello', ...request }, config)).json).toMatchObject(expected);
    expect((await send('hello', config)).json).not.toMatchObject(expected);
  });

  it('takes an undefined field as nothing said', async () => {
    const { json } = await send(
      { prompt: 'hello', model: undefined, temperature: undefined, maxTokens: undefined, system: undefined },
      { model: 'of-client', temperature: 0.1, maxTokens: 10, system: 'Be brief.' },
    );

    expect(json).toMatchObject({ model: 'of-client', temperature: 0.1, max_tokens: 10 });
    expect(json['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hello' },
    ]);
  });

  it('has the system text of the request in place of that of the client, before the messages', async () => {
    const { json } = await send({ prompt: 'hello', system: 'Be long.' }, { system: 'Be brief.' });

    expect(json['messages']).toEqual([
      { role: 'system', content: 'Be long.' },
      { role: 'user', content: 'hello' },
    ]);
  });

  it('has the prompt after the messages', async () => {
    const { json } = await send({
      prompt: 'And now?',
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: 'Hi' },
      ],
    });

    expect(json['messages']).toEqual([
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'And now?' },
    ]);
  });

  it.each(['END', ['END', 'STOP']])('has the stop sequence %o', async (stop) => {
    expect((await send({ prompt: 'hello', stop })).json['stop']).toEqual(stop);
  });

  it('has tools with their schema, which is translated for a strict one', async () => {
    const inputSchema = { type: 'object', properties: { city: { type: 'string' } } };
    const { json } = await send({
      prompt: 'hello',
      tools: [
        { name: 'weather', description: 'Tells the weather', inputSchema, strict: true },
        { name: 'clock', inputSchema: {} },
      ],
    });

    expect(json['tools']).toEqual([
      {
        type: 'function',
        function: {
          name: 'weather',
          description: 'Tells the weather',
          parameters: {
            type: 'object',
            properties: { city: { type: ['string', 'null'] } },
            required: ['city'],
            additionalProperties: false,
          },
          strict: true,
        },
      },
      { type: 'function', function: { name: 'clock', parameters: {} } },
    ]);
  });

  it('has no tools for an empty list, which servers refuse', async () => {
    expect((await send({ prompt: 'hello', tools: [] })).json).not.toHaveProperty('tools');
  });

  it.each<[GenerateRequest['toolChoice'], unknown]>([
    ['auto', 'auto'],
    ['required', 'required'],
    ['none', 'none'],
    [{ name: 'clock' }, { type: 'function', function: { name: 'clock' } }],
  ])('has the tool choice %o', async (toolChoice, expected) => {
    const { json } = await send({ prompt: 'hello', toolChoice, tools: [{ name: 'clock', inputSchema: {} }] });

    expect(json['tool_choice']).toEqual(expected);
  });

  it('has the fields for this provider, and those of its factory, as they are', async () => {
    const { json } = await send(
      { prompt: 'hello', providerOptions: { openai: { seed: 7, store: true }, anthropic: { top_k: 3 } } },
      {},
      { body: { store: false, user: 'reader' } },
    );

    expect(json).toMatchObject({ seed: 7, store: true, user: 'reader' });
    expect(json).not.toHaveProperty('top_k');
  });

  it('finds its fields by the name that the provider was given', async () => {
    const { json } = await send({ prompt: 'hello', providerOptions: { groq: { seed: 7 } } }, {}, { name: 'groq' });

    expect(json['seed']).toBe(7);
  });

  it('has the effort to reason with, but nothing for reasoning that is merely on', async () => {
    expect((await send({ prompt: 'hello', reasoning: { effort: 'low' } })).json['reasoning_effort']).toBe('low');
    expect((await send({ prompt: 'hello', reasoning: true })).json).not.toHaveProperty('reasoning_effort');
  });

  it('can do without a field that the server does not know', async () => {
    const { json } = await send('hello', {}, { body: { stream_options: undefined, max_tokens: undefined } });

    expect(json).not.toHaveProperty('stream_options');
    expect(json).not.toHaveProperty('max_tokens');
  });
});

describe('the messages of a request', () => {
  it('join the text parts of a message', async () => {
    const parts = [
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
    ] as const;

    expect(await messagesFor({ role: 'user', parts })).toEqual([{ role: 'user', content: 'Hello' }]);
  });

  it('carry images and files beside text', async () => {
    const messages = await messagesFor({
      role: 'user',
      parts: [
        { type: 'text', text: 'What is this?' },
        { type: 'file', mediaType: 'image/png', data: 'iVBORw0=' },
        { type: 'file', mediaType: 'image/jpeg', url: 'https://example.com/cat.jpg' },
        { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=', filename: 'cat.pdf' },
      ],
    });

    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg' } },
          { type: 'file', file: { filename: 'cat.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
        ],
      },
    ]);
  });

  it('carry calls and their results', async () => {
    const messages = await messagesFor(
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'I must look.' },
          { type: 'tool-call', id: 'call_1', name: 'weather', rawInput: '{"city": "Paris"}', input: { city: 'Paris' } },
          { type: 'tool-call', id: 'call_2', name: 'clock', rawInput: '', input: {} },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', toolCallId: 'call_1', output: { degrees: 21 } },
          { type: 'tool-result', toolCallId: 'call_2', output: 'noon' },
        ],
      },
    );

    expect(messages).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city": "Paris"}' } },
          { id: 'call_2', type: 'function', function: { name: 'clock', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"degrees":21}' },
      { role: 'tool', tool_call_id: 'call_2', content: 'noon' },
    ]);
  });

  it('carry a refusal back as one', async () => {
    const [message] = (await messagesFor({
      role: 'assistant',
      parts: [{ type: 'refusal', text: 'I would rather not.' }],
    })) as Record<string, unknown>[];

    expect(message).toMatchObject({ role: 'assistant', refusal: 'I would rather not.' });
    expect(message?.['content'] || null).toBeNull();
  });

  it('go out again as an answer came in', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi ', 'there') }] });
    const client = clientOf(server.url);
    const { message } = await client.complete('hello');

    await client.complete({ messages: [{ role: 'user', content: 'hello' }, message], prompt: 'Again' });

    expect(JSON.parse(server.requests[1]!.body)).toMatchObject({
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: 'Hi there' },
        { role: 'user', content: 'Again' },
      ],
    });
  });
});

/** What Node's own fetch adds to any request. */
const NODE = [
  'accept',
  'accept-encoding',
  'accept-language',
  'connection',
  'content-length',
  'host',
  'sec-fetch-mode',
  'user-agent',
];

describe('the headers of a request', () => {
  it('are the content type, the key, and none of our own', async () => {
    const { headers } = await send('hello', {}, { apiKey: 'sk-test-1234' });

    expect(new Set(Object.keys(headers))).toEqual(new Set([...NODE, 'authorization', 'content-type']));
    expect(headers['content-type']).toBe('application/json');
    expect(headers['authorization']).toBe('Bearer sk-test-1234');
    expect(headers['user-agent']).toBe('node');
  });

  it('have no key where there is none', async () => {
    const { headers } = await send('hello');

    expect(new Set(Object.keys(headers))).toEqual(new Set([...NODE, 'content-type']));
  });

  it('have those of the call in place of those of the provider', async () => {
    const { headers } = await send(
      'hello',
      {},
      { apiKey: 'sk-test-1234', headers: { 'x-title': 'of-provider', 'x-team': 'blue' } },
      { headers: { 'X-Title': 'of-call' } },
    );

    expect(headers).toMatchObject({ 'x-title': 'of-call', 'x-team': 'blue', authorization: 'Bearer sk-test-1234' });
  });

  it('may be made by a function for each request, and replace what is there', async () => {
    let count = 0;
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
    const client = clientOf(
      server.url,
      {},
      {
        headers: () => {
          count += 1;
          return Promise.resolve({ 'x-count': String(count), 'content-type': 'application/json; charset=utf-8' });
        },
      },
    );

    await client.complete('hello');
    await client.complete('hello');

    expect(server.requests.map(({ headers }) => headers['x-count'])).toEqual(['1', '2']);
    expect(server.requests[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
  });
});

describe('the address of a request', () => {
  it.each(['/v1', '/v1/'])('is the base %s with the path of the endpoint', async (base) => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });

    await clientOf(server.url + base).complete('hello');

    expect(server.requests[0]?.path).toBe('/v1/chat/completions');
  });
});
