import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { scripted } from '@rivulet/core/scripted';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer } from '../support/chat-completions.ts';
import { failureOf } from '../support/client.ts';

afterEach(() => vi.unstubAllGlobals());

/** A response of a `fetch` without streams, such as that of React Native. */
function responseOf(fields: object, status = 200): Response {
  return { ok: status < 300, status, type: 'default', headers: new Headers(), ...fields } as unknown as Response;
}

function clientWith(response: () => Response): { client: LLMClient; calls: () => number } {
  let calls = 0;
  const client = new LLMClient({
    provider: openai({ baseURL: 'https://api.example/v1' }),
    model: 'm',
    fetch: () => {
      calls += 1;
      return Promise.resolve(response());
    },
  });
  return { client, calls: () => calls };
}

describe('a response without a stream', () => {
  const bytes = new TextEncoder().encode(answer('Hi ü'));

  it.each<[string, object]>([
    ['with arrayBuffer', { body: null, arrayBuffer: () => Promise.resolve(bytes.slice().buffer) }],
    ['with text', { body: undefined, text: () => Promise.resolve(answer('Hi ü')) }],
  ])('is read as a whole: %s', async (_, fields) => {
    const { client } = clientWith(() => responseOf(fields));

    expect(await client.complete('hello')).toMatchObject({ text: 'Hi ü', finishReason: 'stop' });
  });

  it('has its error read', async () => {
    const { client } = clientWith(() =>
      responseOf({ body: null, text: () => Promise.resolve('{"error":{"message":"Bad model"}}') }, 400),
    );

    expect(await failureOf(client.complete('hello'))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('Bad model'),
    });
  });

  it('and without any other reader is an error of the configuration', async () => {
    const { client, calls } = clientWith(() => responseOf({ body: null }));

    expect(await failureOf(client.complete('hello'))).toMatchObject({
      code: 'config',
      message: expect.stringContaining('`fetch`'),
    });
    expect(calls()).toBe(1);
  });
});

describe('a platform', () => {
  it.each(['TextDecoder'])('without %s is named, and nothing is sent', async (name) => {
    const { client, calls } = clientWith(() => new Response(answer('Hi')));
    vi.stubGlobal(name, undefined);

    expect(await failureOf(client.complete('hello'))).toMatchObject({
      code: 'config',
      isRetryable: false,
      message: expect.stringContaining(name),
    });
    expect(calls()).toBe(0);
  });

  it.each(['MessageChannel', 'crypto', 'btoa'])('without %s has a fallback', async (name) => {
    vi.stubGlobal(name, undefined);
    const words = Array.from({ length: 5000 }, (_, index) => `${index} `);
    const { client } = clientWith(() => new Response(answer(...words)));

    expect((await client.complete('hello')).text).toBe(words.join(''));
  });

  it('without AbortController is named by the constructor', () => {
    vi.stubGlobal('AbortController', undefined);

    expect(() => new LLMClient({ provider: scripted('Hi') })).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining('AbortController') }),
    );
  });

  it('without a part that no check knows is named as well', async () => {
    const { client, calls } = clientWith(() => {
      throw new ReferenceError('Headers is not defined');
    });

    expect(await failureOf(client.complete('hello'))).toMatchObject({
      code: 'config',
      message: expect.stringContaining('Headers is not defined'),
    });
    expect(calls()).toBe(1);
  });
});
