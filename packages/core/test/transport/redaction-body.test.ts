import { LLMClient, observeRuns, type HttpProvider, type RunEvent } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer } from '../support/chat-completions.ts';
import { answering, clientOf, failureOf } from '../support/client.ts';
import { everythingIn } from '../support/everything-in.ts';

const key = 'key-of-a-tool-0123456789';

const BODIES: [string, Record<string, unknown>][] = [
  ['a field', { api_key: key }],
  ['a field of a list', { x: [{ api_key: key }] }],
  ['a list of a secret', { x: { authorization: [key] } }],
  ['the header of a tool', { tools: [{ type: 'mcp', headers: { Authorization: `Bearer ${key}` } }] }],
  ['the cookie of a tool', { tools: [{ type: 'mcp', headers: { Cookie: `session=${key}; lang=en` } }] }],
  ['the authorization of a tool', { tools: [{ type: 'mcp', authorization: key }] }],
  ['a server of tools', { mcp_servers: [{ type: 'url', authorization_token: key }] }],
  ['a data source', { data_sources: [{ parameters: { authentication: { type: 'api_key', key } } }] }],
  ['an address', { tools: [{ server_url: `https://tools.example/mcp?api_key=${key}` }] }],
];

describe.each(BODIES)('a key in the body, in %s', (_, body) => {
  it.each<[string, (from: Record<string, unknown>) => object]>([
    ['body', (from) => ({ body: from })],
    ['the function body', (from) => ({ body: (built: object) => ({ ...built, ...from }) })],
  ])('is redacted in the answer: %s', async (__, options) => {
    const provider = openai({ baseURL: 'http://127.0.0.1/v1', ...options(body) });
    const client = new LLMClient({ provider, model: 'm', fetch: answering(answer(`echo ${key}`)) });

    expect((await client.complete('hello')).text).toBe('echo [redacted]');
  });

  it('is in no answer and no event if it is in the options of the request', async () => {
    const events: RunEvent[] = [];
    const client = new LLMClient({
      provider: openai({ baseURL: 'http://127.0.0.1/v1' }),
      model: 'm',
      fetch: answering(answer(`echo ${key}`)),
      observe: observeRuns((event) => events.push(event), { content: true }),
    });

    const { text } = await client.complete({ prompt: 'hello', providerOptions: { openai: body } });

    expect(text).toBe('echo [redacted]');
    expect(events).toMatchObject([
      { type: 'request', request: { messages: [{ content: 'hello' }], providerOptions: { openai: {} } } },
      { type: 'first-content' },
      { type: 'finish' },
    ]);
    expect(JSON.stringify(events)).not.toContain(key);
  });
});

it.each<[string, HttpProvider, Record<string, unknown>]>([
  ['openaiResponses', openaiResponses({ baseURL: 'http://127.0.0.1/v1' }), { tools: [{ authorization: key }] }],
  ['anthropic', anthropic({ baseURL: 'http://127.0.0.1' }), { mcp_servers: [{ authorization_token: key }] }],
  ['agui', agui({ api: 'http://127.0.0.1/api' }), { forwardedProps: { tools: [{ api_key: key }] } }],
])('%s redacts a key in a list of its options', async (name, provider, options) => {
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(JSON.stringify({ error: { message: `Bad key ${key}` } }), { status: 400 }));
  const client = new LLMClient({ provider, model: 'm', fetch, retry: false });

  const error = await failureOf(client.complete({ prompt: 'hello', providerOptions: { [name]: options } }));

  expect(everythingIn(error as Error)).not.toContain(key);
  expect(error).toMatchObject({ message: expect.stringContaining('Bad key [redacted]') as string });
});

it('leaves the text of messages and the arguments of calls in the answer', async () => {
  const client = clientOf('http://127.0.0.1', { fetch: answering(answer('The password is swordfish-42')) });
  const input = { password: 'swordfish-42' };
  const call = { type: 'tool-call', id: 'c', name: 'f', rawInput: JSON.stringify(input), input } as const;
  const result = { type: 'tool-result', toolCallId: 'c', output: input } as const;

  const { text } = await client.complete({
    messages: [
      { role: 'user', content: 'hello' },
      { role: 'assistant', parts: [call] },
      { role: 'tool', parts: [result] },
    ],
  });

  expect(text).toBe('The password is swordfish-42');
});

describe('the keys of a function', () => {
  const keys = ['sk-first-0123456789', 'sk-second-0123456789', 'sk-third-0123456789'];

  function nextKey(): () => string {
    const left = [...keys];
    return () => left.shift() ?? '';
  }

  it('are redacted after one of them was refused', async () => {
    await using server = await startHttpServer([
      { status: 401, chunks: [{ text: '{"error":{"message":"clock skew"}}' }] },
      { chunks: [{ text: answer(`was ${keys[0]}, is ${keys[1]}`) }] },
    ]);

    expect((await clientOf(server.url, {}, { apiKey: nextKey() }).complete('hello')).text).toBe(
      'was [redacted], is [redacted]',
    );
  });

  it('are redacted in the error that refuses the second one', async () => {
    await using server = await startHttpServer([
      { status: 401, chunks: [{ text: '{"error":{"message":"no"}}' }] },
      { status: 401, chunks: [{ text: `{"error":{"message":"still ${keys[0]}, then ${keys[1]}"}}` }] },
    ]);

    const error = await failureOf(clientOf(server.url, {}, { apiKey: nextKey() }).complete('hello'));

    expect(everythingIn(error as Error)).not.toMatch(/sk-/);
  });

  it('are redacted after another attempt, and after a field was refused', async () => {
    await using server = await startHttpServer([
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 400, chunks: [{ text: '{"error":{"message":"temperature is not supported","param":"temperature"}}' }] },
      { chunks: [{ text: answer(keys.join(' ')) }] },
    ]);

    const { text } = await clientOf(server.url, { retry: {} }, { apiKey: nextKey() }).complete('hello');

    expect(text).toBe('[redacted] [redacted] [redacted]');
  });
});
