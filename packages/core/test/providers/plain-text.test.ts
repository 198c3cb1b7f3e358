import { LLMClient, NetworkError, RateLimitError, runFrom } from '@rivulet/core';
import { plainText, type PlainTextOptions } from '@rivulet/core/plain-text';
import { streamText } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Script } from '../../../../test/support/http-server.ts';
import { failureOf, readAll, streamOf } from '../support/client.ts';

const text = (...chunks: string[]): Script => ({
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  chunks: chunks.map((chunk) => ({ text: chunk })),
});

function clientOf(url: string, options: PlainTextOptions = {}): LLMClient {
  return new LLMClient({ provider: plainText({ api: `${url}/api/completion`, ...options }), retry: false });
}

describe('a backend that answers plain text', () => {
  it('is read as it comes, to the end of its body', async () => {
    await using server = await startHttpServer({
      headers: { 'content-type': 'text/plain' },
      chunks: [{ text: 'Once upon ' }, { text: 'a time', gate: 'rest' }],
    });
    const run = clientOf(server.url).stream('hello');
    const pieces: string[] = [];
    for await (const piece of run.textStream) {
      pieces.push(piece);
      server.release('rest');
    }

    expect(pieces.join('')).toBe('Once upon a time');
    expect(pieces.length).toBeGreaterThan(1);
    expect(await run.result).toMatchObject({ text: 'Once upon a time', finishReason: 'stop' });
    expect((await run.result).usage).toBeUndefined();
  });

  it('is sent what belongs to a request, and nothing that its caller had beside it', async () => {
    await using server = await startHttpServer(text('Fine'));
    // A hook hands on its options: what to ask, and how.
    const options = { headers: { authorization: 'Bearer secret' }, initialInput: 'half a thought', model: 'small' };

    await clientOf(server.url).complete({ prompt: 'hello', ...options });

    const [request] = server.requests;
    expect(JSON.parse(request!.body)).toEqual({
      model: 'small',
      prompt: 'hello',
      messages: [{ role: 'user', content: 'hello' }],
    });
  });

  it('may cut a character in two', async () => {
    const bytes = [...new TextEncoder().encode('Grüße 👋🏽')];
    await using server = await startHttpServer({ chunks: bytes.map((byte) => ({ bytes: [byte] })) });

    expect((await clientOf(server.url).complete('hello')).text).toBe('Grüße 👋🏽');
  });

  it('may be the text stream of the AI SDK', async () => {
    const model = new MockLanguageModelV4({
      doStream: {
        stream: streamOf([
          { type: 'text-start', id: '0' },
          { type: 'text-delta', id: '0', delta: 'Hello ' },
          { type: 'text-delta', id: '0', delta: 'world' },
          { type: 'text-end', id: '0' },
          {
            type: 'finish',
            finishReason: { unified: 'stop', raw: 'stop' },
            usage: {
              inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
              outputTokens: { total: 1, text: 1, reasoning: undefined },
            },
          },
        ] as const),
      },
    });
    const client = new LLMClient({
      provider: plainText({ api: 'http://127.0.0.1/api/completion' }),
      fetch: (_, { body }) => {
        const { prompt } = JSON.parse(body as string) as { prompt: string };
        return Promise.resolve(streamText({ model, prompt }).toTextStreamResponse());
      },
    });

    expect((await client.complete('hello')).text).toBe('Hello world');
  });

  it('may say nothing', async () => {
    await using server = await startHttpServer(text());

    expect(await clientOf(server.url).complete('hello')).toMatchObject({ text: '', finishReason: 'stop' });
  });

  it('that breaks off its connection is no success', async () => {
    await using server = await startHttpServer({ chunks: [{ text: 'Once upon ' }], end: 'destroy' });

    const error = await failureOf(clientOf(server.url).complete('hello'));

    expect(error).toBeInstanceOf(NetworkError);
  });

  it('fails by its status', async () => {
    await using server = await startHttpServer({
      status: 429,
      headers: { 'retry-after': '7' },
      chunks: [{ text: 'Slow down' }],
    });

    const error = await failureOf(clientOf(server.url).complete('hello'));

    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ retryAfterMs: 7000, message: expect.stringContaining('Slow down') });
  });
});

describe('a request', () => {
  it('has the prompt, the messages, and only what was asked for', async () => {
    await using server = await startHttpServer(text('Hi'));
    const client = clientOf(server.url, { body: { plan: 'pro' } });

    await client.complete('hello');
    await client.complete({
      messages: [
        { id: 'm-1', role: 'user', parts: [{ type: 'text', text: 'One' }] },
        { role: 'assistant', content: 'Two' },
      ],
      prompt: 'Three',
      system: 'Be brief.',
      temperature: null,
      maxTokens: 10,
      providerOptions: { plainText: { plan: 'free' } },
    });

    const [first, second] = server.requests;
    expect(first).toMatchObject({ method: 'POST', path: '/api/completion' });
    expect(JSON.parse(first!.body)).toEqual({
      prompt: 'hello',
      messages: [{ role: 'user', content: 'hello' }],
      plan: 'pro',
    });
    expect(JSON.parse(second!.body)).toEqual({
      prompt: 'Three',
      messages: [
        { id: 'm-1', role: 'user', parts: [{ type: 'text', text: 'One' }], content: 'One' },
        { role: 'assistant', content: 'Two' },
        { role: 'user', content: 'Three' },
      ],
      system: 'Be brief.',
      maxTokens: 10,
      plan: 'free',
    });
  });

  it.each([
    ['/', '/'],
    ['/agents/', '/agents/'],
    ['/agents?kind=a', '/agents?kind=a'],
  ])('goes to the address as it stands: %s', async (api, path) => {
    await using server = await startHttpServer(text('Hi'));

    await clientOf('', { api: server.url + api }).complete('hello');

    expect(server.requests[0]?.path).toBe(path);
  });

  it('with tools fails before anything is sent', async () => {
    await using server = await startHttpServer(text('Hi'));
    const tools = [{ name: 'weather', inputSchema: {} }];

    const { items, error } = await readAll(clientOf(server.url).stream({ prompt: 'hello', tools }));

    expect({ items, error }).toMatchObject({ items: [], error: { code: 'invalid_request' } });
    expect(server.requests).toHaveLength(0);
  });
});

describe('a document that is served as HTML', () => {
  const PAGE = '<!DOCTYPE html><html><title>Log in</title></html>';
  const HTML = { 'content-type': 'text/html; charset=utf-8' };

  it.each([
    ['at once', [PAGE]],
    ['in single characters', PAGE.split('')],
    ['behind a comment', [`\n<!-- ${'-'.repeat(100)} -->`, PAGE]],
    ['that is short', ['<html>']],
  ])('is an error, not an answer, %s', async (_, pieces) => {
    await using server = await startHttpServer({ headers: HTML, chunks: pieces.map((piece) => ({ text: piece })) });
    const message = /answered with a web page instead of text, check the address .*<(!DOCTYPE )?html/s;

    expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({
      code: 'parse',
      message: expect.stringMatching(message) as string,
    });
    expect(await failureOf(runFrom(fetch(server.url)).result)).toMatchObject({
      code: 'parse',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['a document as plain text', 'text/plain', PAGE],
    ['a document as bytes', 'application/octet-stream', PAGE],
    ['a fragment as HTML', 'text/html', '<header>Welcome</header> <p>Hello'],
    ['a short fragment as HTML', 'text/html', '<p>'],
    ['text as HTML', 'text/html', 'Grüße'],
    ['no text as HTML', 'text/html', ''],
  ])('is not %s', async (_, type, answer) => {
    const chunks = [...new TextEncoder().encode(answer)].map((byte) => ({ bytes: [byte] }));
    await using server = await startHttpServer({ headers: { 'content-type': type }, chunks });

    expect((await clientOf(server.url).complete('hello')).text).toBe(answer);
    expect((await runFrom(fetch(server.url)).result).text).toBe(answer);
  });

  it('shows text that is served as HTML as it comes', async () => {
    const chunks = [{ text: 'Once upon ' }, { text: 'a time', gate: 'rest' }];
    await using server = await startHttpServer({ headers: HTML, chunks });
    const run = clientOf(server.url).stream('hello');
    for await (const piece of run.textStream) {
      expect(piece).not.toBe('');
      server.release('rest');
    }

    expect((await run.result).text).toBe('Once upon a time');
  });
});
