import { LLMClient } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai, type OpenAIOptions } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { answer } from '../../support/chat-completions.ts';
import { clientOf, failureOf } from '../../support/client.ts';
import { everythingIn } from '../../support/everything-in.ts';

const apiKey = 'sk-test-0123456789';

afterEach(() => vi.unstubAllGlobals());

/** As if the code ran in this page. */
function visit(page: string): void {
  vi.stubGlobal('location', new URL(page));
}

const isConfigError = expect.objectContaining({
  code: 'config',
  message: expect.stringContaining('apiKey'),
});

describe('a key in a page', () => {
  it.each<[string, OpenAIOptions]>([
    ['the default address', {}],
    ['another origin', { baseURL: 'https://api.example.com/v1' }],
    ['another port', { baseURL: 'https://app.example.com:8443/v1' }],
    ['a subdomain', { baseURL: 'https://api.app.example.com/v1' }],
    ['an origin that only looks local', { baseURL: 'https://localhost.example.com/v1' }],
    ['another address that only looks local', { baseURL: 'https://127.0.0.1.example.com/v1' }],
  ])('is refused for %s', (_, options) => {
    visit('https://app.example.com/chat');

    expect(() => openai({ apiKey, ...options })).toThrow(isConfigError);
  });

  it('says nothing of the key', () => {
    visit('https://app.example.com/chat');

    expect(() => openai({ apiKey })).toThrow(expect.not.objectContaining({ message: expect.stringContaining(apiKey) }));
  });

  it.each<[string, OpenAIOptions]>([
    ['the own origin', { apiKey, baseURL: 'https://app.example.com/api' }],
    ['a path of the own origin', { apiKey, baseURL: '/api' }],
    ['a loopback address', { apiKey, baseURL: 'http://127.0.0.1:11434/v1' }],
    ['localhost', { apiKey, baseURL: 'http://localhost:1234/v1' }],
    ['IPv6 loopback', { apiKey, baseURL: 'http://[::1]:1234/v1' }],
    ['a visitor who brings it', { apiKey, dangerouslyAllowBrowser: true }],
    ['a function that fetches short-lived ones', { apiKey: () => apiKey }],
    ['no key at all', { baseURL: 'https://api.example.com/v1' }],
  ])('is fine for %s', (_, options) => {
    visit('https://app.example.com/chat');

    expect(() => openai(options)).not.toThrow();
  });

  it('is refused where the page has no origin of its own', () => {
    visit('file:///home/reader/page.html');

    expect(() => openai({ apiKey })).toThrow(isConfigError);
  });
});

const modelProviders: Readonly<Record<string, (options: KeyOptions) => unknown>> = {
  anthropic,
  gemini,
  ollama,
  openai,
  openaiResponses,
};
const ownBackends: Readonly<Record<string, (options: KeyOptions) => unknown>> = {
  agui: ({ baseURL, headers }) => agui({ api: baseURL, headers }),
  plainText: ({ baseURL, headers }) => plainText({ api: baseURL, headers }),
  uiMessageStream: ({ baseURL, headers }) => uiMessageStream({ api: baseURL, headers }),
};

interface KeyOptions {
  readonly baseURL: string;
  readonly headers?: HeadersInit | (() => HeadersInit) | undefined;
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

const elsewhere = 'https://api.example.com/v1';

const keysElsewhere: Readonly<Record<string, [name: string, options: KeyOptions]>> = {
  authorization: ['authorization', { baseURL: elsewhere, headers: { authorization: `Bearer ${apiKey}` } }],
  'a name in capitals': ['Authorization', { baseURL: elsewhere, headers: { Authorization: `Bearer ${apiKey}` } }],
  'x-api-key': ['x-api-key', { baseURL: elsewhere, headers: { 'x-api-key': apiKey } }],
  'x-goog-api-key': ['x-goog-api-key', { baseURL: elsewhere, headers: new Headers({ 'x-goog-api-key': apiKey }) }],
  'api-key': ['api-key', { baseURL: elsewhere, headers: [['api-key', apiKey]] }],
  'a key among other headers': ['X-Auth', { baseURL: elsewhere, headers: { 'x-title': 'App', 'X-Auth': apiKey } }],
  '?key=': ['key', { baseURL: `${elsewhere}?key=${apiKey}` }],
  '?api-key=': ['api-key', { baseURL: `${elsewhere}?api-version=1&api-key=${apiKey}` }],
  '?access_token=': ['access_token', { baseURL: `${elsewhere}?access_token=${apiKey}` }],
};

describe.each(Object.entries(modelProviders))('a key in a page for %s', (_, provider) => {
  it.each(Object.entries(keysElsewhere))('is refused as %s', (_name, [name, options]) => {
    visit('https://app.example.com/chat');

    expect(() => provider(options)).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining(`${name} would be public`) }),
    );
    expect(() => provider(options)).toThrow(expect.not.objectContaining({ message: expect.stringContaining(apiKey) }));
  });

  it.each(Object.entries(keysElsewhere))('is fine as %s', (_name, [, options]) => {
    const { baseURL, headers } = options;
    expect(() => provider(options)).not.toThrow();
    visit('https://api.example.com/chat');
    expect(() => provider(options)).not.toThrow();
    visit('https://app.example.com/chat');
    expect(() => provider({ ...options, dangerouslyAllowBrowser: true })).not.toThrow();
    expect(() => provider({ headers, baseURL: baseURL.replace('api.example.com', 'localhost:1234') })).not.toThrow();
    if (headers) expect(() => provider({ baseURL, headers: () => headers as HeadersInit })).not.toThrow();
  });

  it.each<[string, KeyOptions]>([
    ['headers without a key', { baseURL: elsewhere, headers: { 'x-title': 'App', 'idempotency-key': 'a1' } }],
    ['a query without a key', { baseURL: `${elsewhere}?api-version=2026-01-01` }],
  ])('is not seen in %s', (_name, options) => {
    visit('https://app.example.com/chat');

    expect(() => provider(options)).not.toThrow();
  });
});

it.each<[string, unknown]>([
  ['an entry that is no list', [null]],
  ['an entry without a name', [[]]],
  ['a value that is no string', { 'x-title': 5 }],
])('headers of a wrong form in a page are an error of the request: %s', async (_, headers) => {
  visit('https://app.example.com/chat');
  const options: OpenAIOptions = Object.assign({ baseURL: elsewhere }, { headers: headers as HeadersInit });
  const client = new LLMClient({ provider: openai(options), model: 'm' });

  expect(await failureOf(client.complete('hello'))).toMatchObject({ code: 'config' });
});

describe.each(Object.entries(ownBackends))('a session token in a page for %s', (_, provider) => {
  it.each(Object.entries(keysElsewhere))('is fine as %s', (_name, [, options]) => {
    visit('https://app.example.com/chat');

    expect(() => provider(options)).not.toThrow();
  });
});

describe('a key over http', () => {
  it.each<[string, OpenAIOptions]>([
    ['a string', { apiKey }],
    ['a function', { apiKey: () => apiKey }],
    ['one that the visitor brings', { apiKey, dangerouslyAllowBrowser: true }],
  ])('is refused beyond loopback: %s', (_, options) => {
    expect(() => openai({ baseURL: 'http://api.example.com/v1', ...options })).toThrow(isConfigError);
  });

  it.each<[string, OpenAIOptions, object?]>([
    ['headers', { headers: { authorization: `Bearer ${apiKey}` } }],
    ['a function for headers', { headers: () => ({ 'x-api-key': apiKey }) }],
    ['headers of the call', {}, { headers: { authorization: `Bearer ${apiKey}` } }],
    ['cookies', { headers: { cookie: `session=${apiKey}` } }],
    ['the query', { baseURL: `http://api.example.com/v1?key=${apiKey}` }],
    ['the body', { body: { api_key: apiKey } }],
    ['a list of the body', { body: { tools: [{ type: 'mcp', authorization: apiKey }] } }],
  ])('is not sent beyond loopback: %s', async (_, options, call) => {
    const fetch = vi.fn(() => Promise.resolve(new Response(answer('Hi'))));
    const provider = openai({ baseURL: 'http://api.example.com/v1', ...options });
    const client = new LLMClient({ provider, model: 'm', fetch });

    const error = (await failureOf(client.complete('hello', call))) as Error;

    expect(error).toMatchObject({ code: 'config', message: expect.stringContaining('needs https') as string });
    expect(everythingIn(error)).not.toContain(apiKey);
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each<[string, string, OpenAIOptions]>([
    ['to this machine', 'http://localhost:1234/v1', { headers: { authorization: `Bearer ${apiKey}` } }],
    ['with a placeholder', 'http://api.example.com/v1', { headers: { authorization: 'Bearer none' } }],
    ['without a key', 'http://api.example.com/v1', { headers: { 'x-trace': 'abcdefghijk' } }],
    ['over https', 'https://api.example.com/v1', { headers: { authorization: `Bearer ${apiKey}` } }],
    ['to the origin of a page of http', '/v1', { headers: { 'x-csrf-token': apiKey } }],
  ])('is no reason not to send a request %s', async (_, baseURL, options) => {
    if (baseURL.startsWith('/')) visit('http://app.example.com/chat');
    const fetch = (): Promise<Response> => Promise.resolve(new Response(answer('Hi')));
    const client = new LLMClient({ provider: openai({ baseURL, ...options }), model: 'm', fetch });

    expect((await client.complete('hello')).text).toBe('Hi');
  });

  it('is refused even for the own origin of a page', () => {
    visit('http://app.example.com/chat');

    expect(() => openai({ apiKey, baseURL: '/api' })).toThrow(isConfigError);
  });

  it('does not matter without a key', () => {
    expect(() => openai({ baseURL: 'http://api.example.com/v1' })).not.toThrow();
  });
});

describe('a redirect', () => {
  it('does not carry a key of the query to another server', async () => {
    await using other = await startHttpServer({ chunks: [{ text: answer('Mine now') }] });
    await using server = await startHttpServer({ status: 307, headers: { location: `${other.url}/v1?key=${apiKey}` } });

    const error = (await failureOf(clientOf(`${server.url}/v1?key=${apiKey}`).complete('hello'))) as Error;

    expect(error).toMatchObject({ name: 'NetworkError' });
    expect(everythingIn(error)).not.toContain(apiKey);
    expect(other.requests).toHaveLength(0);
  });

  it.each([301, 302, 307, 308])('with status %d does not carry a key to another server', async (status) => {
    await using other = await startHttpServer({ chunks: [{ text: answer('Mine now') }] });
    await using server = await startHttpServer({ status, headers: { location: `${other.url}/chat/completions` } });

    const error = await failureOf(clientOf(server.url, {}, { apiKey }).complete('hello'));

    expect(error).toMatchObject({ name: 'NetworkError' });
    expect(server.requests).toHaveLength(1);
    expect(other.requests).toHaveLength(0);
  });

  it('is followed where there is no key to lose', async () => {
    await using other = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
    await using server = await startHttpServer({ status: 307, headers: { location: `${other.url}/elsewhere` } });

    const { text } = await clientOf(server.url).complete('hello');

    expect(text).toBe('Hi');
    expect(other.requests[0]?.path).toBe('/elsewhere');
  });
});
