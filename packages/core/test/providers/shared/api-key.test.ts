import type { LLMError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../../../../test/support/http-server.ts';
import { answer } from '../../support/chat-completions.ts';
import { clientOf, eventually, failureOf, settled } from '../../support/client.ts';

/** A server that knows only these keys. */
function serverKnowing(...keys: string[]): Promise<HttpServer> {
  return startHttpServer(({ headers }) =>
    keys.includes(headers['authorization']?.replace('Bearer ', '') ?? '')
      ? { chunks: [{ text: answer('Hi') }] }
      : { status: 401, chunks: [{ text: '{"error":{"message":"No such key"}}' }] },
  );
}

function keysIn(server: HttpServer): (string | undefined)[] {
  return server.requests.map(({ headers }) => headers['authorization']);
}

/** Gives these keys one after the other, and then the last one. */
function keysInTurn(...keys: string[]): { apiKey: () => Promise<string>; calls: () => number } {
  let calls = 0;
  return {
    apiKey: () => Promise.resolve(keys[Math.min(calls++, keys.length - 1)]!),
    calls: () => calls,
  };
}

describe('an apiKey function', () => {
  it('is called for each request', async () => {
    await using server = await serverKnowing('key-one', 'key-two');
    const { apiKey, calls } = keysInTurn('key-one', 'key-two');
    const client = clientOf(server.url, {}, { apiKey });

    expect(calls()).toBe(0);
    await client.complete('hello');
    await client.complete('hello');

    expect(keysIn(server)).toEqual(['Bearer key-one', 'Bearer key-two']);
  });

  it('is called once for requests that need a key at the same time', async () => {
    await using server = await serverKnowing('key-one');
    const { apiKey, calls } = keysInTurn('key-one', 'key-two');
    const client = clientOf(server.url, {}, { apiKey });

    await Promise.all(['one', 'two', 'three'].map((prompt) => client.complete(prompt)));

    expect(calls()).toBe(1);
    expect(keysIn(server)).toEqual(['Bearer key-one', 'Bearer key-one', 'Bearer key-one']);
  });

  it('may give its key without a promise', async () => {
    await using server = await serverKnowing('key-one');

    await clientOf(server.url, {}, { apiKey: () => 'key-one' }).complete('hello');

    expect(keysIn(server)).toEqual(['Bearer key-one']);
  });

  it('is asked again after a 401, and the request sent once more, though retries are off', async () => {
    await using server = await serverKnowing('key-new');
    const { apiKey } = keysInTurn('key-old', 'key-new');

    const { text } = await clientOf(server.url, { retry: false }, { apiKey }).complete('hello');

    expect(text).toBe('Hi');
    expect(keysIn(server)).toEqual(['Bearer key-old', 'Bearer key-new']);
  });

  it('refreshes once for all requests that were refused at the same time', async () => {
    await using server = await serverKnowing('key-new');
    let calls = 0;
    let giveNewKey!: (key: string) => void;
    const client = clientOf(
      server.url,
      {},
      {
        apiKey: () => {
          calls += 1;
          return calls === 1 ? 'key-old' : new Promise<string>((resolve) => (giveNewKey = resolve));
        },
      },
    );

    const work = Promise.all([client.complete('one'), client.complete('two')]);
    await eventually(() => server.requests.filter(({ finished }) => finished).length).toBe(2);
    await settled();
    giveNewKey('key-new');
    const answers = await work;

    expect(answers.map(({ text }) => text)).toEqual(['Hi', 'Hi']);
    expect(calls).toBe(2);
  });

  it('is not asked in a loop by a server that refuses every key', async () => {
    await using server = await serverKnowing();
    const { apiKey, calls } = keysInTurn('key-1', 'key-2', 'key-3', 'key-4');

    const error = await failureOf(clientOf(server.url, { retry: {} }, { apiKey }).complete('hello'));

    expect(error).toMatchObject({ name: 'AuthenticationError', status: 401, isRetryable: false });
    expect(keysIn(server)).toEqual(['Bearer key-1', 'Bearer key-2']);
    expect(calls()).toBe(2);
  });

  it('is not believed to have another key when it gives the same one', async () => {
    await using server = await serverKnowing();
    const { apiKey, calls } = keysInTurn('key-1');

    const error = await failureOf(clientOf(server.url, {}, { apiKey }).complete('hello'));

    expect(error).toMatchObject({ name: 'AuthenticationError' });
    expect(server.requests).toHaveLength(1);
    expect(calls()).toBe(2);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('The session has expired'))],
    ['gives nothing', () => Promise.resolve(undefined as unknown as string)],
    ['gives an empty text', () => ''],
  ])('that %s ends the run, and nothing is sent', async (_, apiKey) => {
    await using server = await serverKnowing();
    const run = clientOf(server.url, {}, { apiKey }).stream('hello');

    const error = await failureOf(run.result);

    expect(error).toHaveProperty('code');
    expect(run.getSnapshot().status).toBe('error');
    expect(server.requests).toHaveLength(0);
  });

  it('that throws is not taken for a connection that failed', async () => {
    await using server = await serverKnowing();
    const cause = new Error('The session has expired');
    let calls = 0;
    const apiKey = (): Promise<string> => {
      calls += 1;
      return Promise.reject(cause);
    };

    const error = await failureOf(clientOf(server.url, { retry: {} }, { apiKey }).complete('hello'));

    expect(error).toMatchObject({ cause, message: expect.stringContaining('The session has expired') });
    expect((error as LLMError).code).not.toBe('network');
    expect(calls).toBe(1);
  });

  it('that failed is asked again for the next request', async () => {
    await using server = await serverKnowing('key-one');
    let calls = 0;
    const client = clientOf(
      server.url,
      {},
      {
        apiKey: () => {
          calls += 1;
          if (calls === 1) throw new Error('The session has expired');
          return 'key-one';
        },
      },
    );

    await failureOf(client.complete('hello'));

    expect((await client.complete('hello')).text).toBe('Hi');
  });
});

it('a string that is refused is not sent twice', async () => {
  await using server = await serverKnowing('another');

  const error = await failureOf(clientOf(server.url, { retry: {} }, { apiKey: 'key-one' }).complete('hello'));

  expect(error).toMatchObject({ name: 'AuthenticationError', status: 401 });
  expect(server.requests).toHaveLength(1);
});
