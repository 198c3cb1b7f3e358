import { LLMClient, type HttpProvider } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { answer } from '../../support/chat-completions.ts';
import { clientOf, failureOf } from '../../support/client.ts';
import { everythingIn } from '../../support/everything-in.ts';

const SECRET = 'hunter2-hunter2';

/** Factories as JavaScript calls them. */
type Factory = (options: object) => HttpProvider;
const servers = { openai, openaiResponses, anthropic, gemini, ollama } as unknown as Record<string, Factory>;
const backends = { plainText, uiMessageStream, agui } as unknown as Record<string, Factory>;
const factories = Object.entries({ ...servers, ...backends });

afterEach(() => vi.unstubAllGlobals());

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail');
}

const badAddresses: [string, unknown, RegExp][] = [
  ['a number', 5, /must be a string, not a number/],
  ['null', null, /must be a string, not null/],
  ['a URL object', new URL('https://a.example'), /must be a string, not an object/],
  ['an empty string', '', /is empty/],
  ['no scheme', 'api.example.com/v1', /not an http address.*https:\/\/host\/path/],
  ['ftp', 'ftp://a.example', /not an http address/],
  ['javascript', 'javascript:alert(1)', /not an http address/],
  ['data', 'data:text/plain,x', /not an http address/],
  ['a space', 'https://a.example/a b', /space/],
  ['a line break', 'https://a.example/v1\n', /line break/],
  ['a fragment', 'https://a.example/v1#part', /fragment/],
  ['a fragment that is empty', 'https://a.example/v1#', /fragment/],
  ['a user and a password', `https://user:${SECRET}@a.example/v1`, /user or a password/],
  ['a password alone', `https://:${SECRET}@a.example/v1`, /user or a password/],
  ['a password and no host', `https://user:${SECRET}@`, /not an http address/],
  ['a password and ftp', `ftp://user:${SECRET}@a.example`, /user or a password/],
];

describe.each(factories)('the address of %s', (name, create) => {
  const option = name in backends ? 'api' : 'baseURL';

  it.each(badAddresses)('is refused with its name: %s', (_, address, message) => {
    const error = thrownBy(() => create({ [option]: address }));

    expect(error).toMatchObject({ code: 'config', message: expect.stringMatching(message) });
    expect(error.message).toContain(option);
    expect(everythingIn(error)).not.toContain(SECRET);
  });

  it.each([
    ['an unknown option', { apikey: SECRET }, 'unknown option "apikey" (did you mean apiKey?)'],
    ['a misspelt option', { dangerouslyAllowBrowsers: true }, '(did you mean dangerouslyAllowBrowser?)'],
    ['a number as key', { apiKey: 5 }, 'apiKey must be a string or a function that returns one, not a number'],
    ['an object as key', { apiKey: { key: SECRET } }, 'apiKey must be a string'],
    ['an empty key', { apiKey: '' }, 'apiKey is an empty string'],
    ['headers as a string', { headers: SECRET }, 'headers must be an object'],
    ['a body as a string', { body: SECRET }, 'body must be an object or a function, not a string'],
    ['unknown credentials', { credentials: 'all' }, 'credentials must be'],
  ])('is one of several checked options: %s', (_, options, message) => {
    const error = thrownBy(() => create({ [option]: 'https://a.example', ...options }));

    expect(error).toMatchObject({ code: 'config', message: expect.stringContaining(message) });
    expect(everythingIn(error)).not.toContain(SECRET);
  });
});

it.each(['openai', 'openaiResponses'])('%s refuses an empty name', (name) => {
  expect(thrownBy(() => servers[name]!({ name: '' }))).toMatchObject({
    code: 'config',
    message: expect.stringContaining('name must be a string that is not empty'),
  });
});

describe('headers', () => {
  const bad: [string, unknown][] = [
    ['a line break', { 'x-team': `${SECRET}\nx` }],
    ['a character beyond Latin-1', { 'x-team': `${SECRET} \u2713` }],
    ['undefined', { 'x-team': undefined }],
    ['a number', { 'x-team': 7 }],
    ['an object', { 'x-team': { value: SECRET } }],
    ['a pair with a line break', [['x-team', `${SECRET}\0`]]],
  ];

  it.each(bad)('of the options name the bad one: %s', async (_, headers) => {
    for (const value of [headers, () => headers, () => Promise.resolve(headers)]) {
      const error = (await failureOf(
        clientOf('http://127.0.0.1:9', {}, { headers: value as HeadersInit }).complete('hello'),
      )) as Error;

      expect(error).toMatchObject({ code: 'config', message: expect.stringMatching(/^openai: headers\["x-team"\]/) });
      expect(everythingIn(error)).not.toContain(SECRET);
    }
  });

  it.each(bad)('of a call name the bad one: %s', async (_, headers) => {
    const call = clientOf('http://127.0.0.1:9').complete('hello', { headers: headers as HeadersInit });
    const error = (await failureOf(call)) as Error;

    expect(error).toMatchObject({ code: 'config', message: expect.stringContaining('headers of the call["x-team"]') });
    expect(everythingIn(error)).not.toContain(SECRET);
  });

  it('do not quote a name that is not one', async () => {
    const headers = { [`Bearer ${SECRET}`]: 'x' };
    const error = (await failureOf(clientOf('http://127.0.0.1:9', {}, { headers }).complete('hello'))) as Error;

    expect(error).toMatchObject({ code: 'config', message: 'openai: headers has an invalid name of a header' });
    expect(everythingIn(error)).not.toContain(SECRET);
  });

  it.each<[string, HeadersInit]>([
    ['an object', { 'x-a': '1', 'X-B': '2' }],
    [
      'pairs',
      [
        ['x-a', '1'],
        ['x-b', '2'],
      ],
    ],
    ['Headers', new Headers({ 'x-a': '1', 'x-b': '2' })],
    [
      'pairs of one name',
      [
        ['x-a', '1'],
        ['x-b', '2'],
        ['x-a', '3'],
      ],
    ],
  ])('are sent in any form: %s', async (name, headers) => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
    await clientOf(server.url, {}, { headers }).complete('hello');

    expect(server.requests[0]?.headers).toMatchObject({
      'x-a': name === 'pairs of one name' ? '1, 3' : '1',
      'x-b': '2',
    });
  });
});

describe('a function of the options that throws', () => {
  const cause = new Error('The session has expired');
  const fail = (): never => {
    throw cause;
  };

  it.each(['apiKey', 'headers', 'body'])('is named, and its error is the cause: %s', async (option) => {
    const client = clientOf('http://127.0.0.1:9', { retry: {} }, { [option]: fail });

    for (const error of await Promise.all([failureOf(client.complete('a')), failureOf(client.complete('b'))])) {
      expect(error).toMatchObject({
        code: 'unknown',
        message: `openai: the function ${option} failed: The session has expired`,
        provider: 'openai',
        cause,
      });
    }
  });

  it('is a separate error for each run that shares it', async () => {
    const client = clientOf('http://127.0.0.1:9', {}, { apiKey: () => Promise.reject(cause) });
    const [first, second] = await Promise.all([failureOf(client.complete('a')), failureOf(client.complete('b'))]);

    expect(first).not.toBe(second);
  });

  it.each<[string, unknown]>([
    ['a number', 5],
    ['an object', { token: SECRET }],
    ['a text with a line break', `a\n${SECRET}`],
  ])('has to return a key: %s', async (_, key) => {
    const client = clientOf('http://127.0.0.1:9', {}, { apiKey: () => key as string });
    const error = (await failureOf(client.complete('hello'))) as Error;

    expect(error).toMatchObject({ code: 'config', message: expect.stringContaining('apiKey') });
    expect(everythingIn(error)).not.toContain(SECRET);
  });

  it.each([undefined, null, 'text', []])('has to return a body: %o', async (body) => {
    const client = clientOf('http://127.0.0.1:9', {}, { body: () => body as unknown as Record<string, unknown> });

    expect(await failureOf(client.complete('hello'))).toMatchObject({
      code: 'config',
      message: expect.stringContaining('the function body must return an object'),
    });
  });
});

it('redacts a key that has blanks around it, as they are not sent', async () => {
  await using server = await startHttpServer({ status: 401, chunks: [{ text: `{"error":"Bad key ${SECRET}"}` }] });
  const error = (await failureOf(clientOf(server.url, {}, { apiKey: ` ${SECRET}\n` }).complete('hello'))) as Error;

  expect(server.requests[0]?.headers['authorization']).toBe(`Bearer ${SECRET}`);
  expect(everythingIn(error)).not.toContain(SECRET);
});

it('a request that is not JSON is invalid', async () => {
  const client = clientOf('http://127.0.0.1:9', {}, { body: { count: 1n } });

  expect(await failureOf(client.complete('hello'))).toMatchObject({ code: 'invalid_request' });
});

describe('an error', () => {
  const page = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>';

  it.each(['openai', 'openaiResponses', 'anthropic', 'gemini', 'ollama', 'uiMessageStream', 'agui'])(
    'names the address if a web page answers %s',
    async (name) => {
      await using server = await startHttpServer({
        headers: { 'content-type': 'text/html' },
        chunks: [{ text: page }],
      });
      const option = name in backends ? 'api' : 'baseURL';
      const provider = { ...servers, ...backends }[name]!({ [option]: `${server.url}/app?key=${SECRET}` });
      const error = (await failureOf(new LLMClient({ provider, model: 'm', retry: false }).complete('hello'))) as Error;

      expect(error).toMatchObject({ code: 'parse', message: expect.stringContaining('web page') });
      expect(error.message).toContain('baseURL');
      expect(error.message).toContain(`${server.url}/app`);
      expect(everythingIn(error)).not.toContain(SECRET);
    },
  );

  it('names the address that does not exist', async () => {
    await using server = await startHttpServer({ status: 404, chunks: [{ text: '{"error":"Not here"}' }] });
    const error = (await failureOf(clientOf(`${server.url}/v2?key=${SECRET}`).complete('hello'))) as Error;

    expect(error).toMatchObject({ code: 'not_found', status: 404 });
    expect(error.message).toContain(`${server.url}/v2/chat/completions)`);
    expect(everythingIn(error)).not.toContain(SECRET);
  });

  it('names the address of broken data', async () => {
    await using server = await startHttpServer({ chunks: [{ text: `data: {"x\n\n${answer('Hi')}` }] });
    const error = await failureOf(clientOf(`${server.url}/v1`).complete('hello'));

    expect(error).toMatchObject({
      code: 'parse',
      message: expect.stringContaining(`${server.url}/v1/chat/completions`),
    });
  });

  const fetch = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));

  it.each([
    ['in Node', undefined, true, false],
    ['on a page of another origin', 'https://app.example/', true, true],
    ['on a page of the same origin', 'https://api.example/app', true, false],
    ['offline', 'https://app.example/', false, false],
  ])('mentions CORS only where it can be the reason: %s', async (_, location, onLine, isMentioned) => {
    if (location) vi.stubGlobal('location', new URL(location));
    vi.stubGlobal('navigator', { onLine });
    const error = (await failureOf(clientOf('https://api.example/v1', { fetch }).complete('hello'))) as Error;

    expect(error).toMatchObject({ code: 'network', message: expect.stringContaining('https://api.example/v1') });
    expect(error.message.includes('CORS')).toBe(isMentioned);
  });

  it.each([
    ['a key', { apiKey: SECRET }],
    ['a header', { headers: { 'x-api-key': SECRET } }],
  ])('explains that a redirect is not followed with %s', async (_, options) => {
    await using server = await startHttpServer({
      status: 307,
      headers: { location: `https://other.example/v1?key=${SECRET}` },
    });
    const error = (await failureOf(clientOf(server.url, { retry: {} }, options).complete('hello'))) as Error;

    expect(error).toMatchObject({ code: 'network', message: expect.stringContaining('https://other.example/v1.') });
    expect(error.message).toContain('does not follow a redirect');
    expect(everythingIn(error)).not.toContain(SECRET);
    expect(server.requests).toHaveLength(1);
  });
});
