import { TimeoutError, type LLMClient, type TimeoutOptions } from '@rivulet/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { answer, delta, finish, text } from '../support/chat-completions.ts';
import { clientOf, failureOf, settled, snapshotOf, toBytes, until, writable } from '../support/client.ts';

// The clock stands still unless a test moves it; the network goes on.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const role = delta({ role: 'assistant', content: '' });
const silence = { gate: 'never' };
const noHeaders = { headersDelayMs: 1e9 };

/** A client of a server, and how many answers have sent their headers. */
function clientAt(
  url: string,
  timeout: TimeoutOptions,
  isRetrying = false,
): { client: LLMClient; headers: () => number } {
  let count = 0;
  const client = clientOf(url, {
    timeout,
    retry: isRetrying ? {} : false,
    async fetch(...request) {
      const response = await fetch(...request);
      count += 1;
      return response;
    },
  });
  return { client, headers: () => count };
}

/** A client of a server whose answer is written by hand. */
function byHand(timeout: TimeoutOptions): { client: LLMClient; write: (body: string) => Promise<void> } {
  const { stream, write } = writable<Uint8Array>();
  const client = clientOf('http://127.0.0.1', { timeout, fetch: () => Promise.resolve(new Response(stream)) });
  return {
    client,
    async write(body) {
      write(toBytes(body));
      await settled();
    },
  };
}

describe('a deadline that is missed', () => {
  it.each<[keyof TimeoutOptions, TimeoutOptions, Answer, string]>([
    ['headersMs', { headersMs: 100 }, noHeaders, ''],
    ['firstTokenMs', { firstTokenMs: 100 }, noHeaders, ''],
    ['firstTokenMs', { firstTokenMs: 100 }, { chunks: [{ text: role }, silence] }, ''],
    ['idleMs', { idleMs: 100 }, { chunks: [silence] }, ''],
    ['idleMs', { idleMs: 100 }, { chunks: [{ text: role }, silence] }, ''],
    ['idleMs', { idleMs: 100 }, { chunks: [{ text: text('Hello') }, silence] }, 'Hello'],
    ['totalMs', { totalMs: 100 }, noHeaders, ''],
    ['totalMs', { totalMs: 100 }, { chunks: [{ text: text('Hello') }, silence] }, 'Hello'],
  ])('ends the run: %s %j', async (option, timeout, response, said) => {
    await using server = await startHttpServer(response);
    const { client, headers } = clientAt(server.url, timeout);
    const run = client.stream('hello');
    await until(() => (response === noHeaders ? server.requests.length : headers()) === 1);
    if (said) await snapshotOf(run, (snapshot) => snapshot.text === said);

    await vi.advanceTimersByTimeAsync(99);
    expect(run.getSnapshot().error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    const error = (await failureOf(run.result)) as TimeoutError;

    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'timeout', provider: 'openai', partial: { text: said } });
    expect(`${error.phase}Ms`).toBe(option);
    expect(error.isRetryable).toBe(option !== 'totalMs');
    expect(error.message).toContain(option);
    expect(error.message).toContain('100');
    await until(() => server.requests[0]?.closedEarly === true);
  });

  it('by one attempt lets the next one try', async () => {
    await using server = await startHttpServer([
      noHeaders,
      { chunks: [silence] },
      { chunks: [{ text: answer('Hi') }] },
    ]);
    const { client, headers } = clientAt(server.url, { headersMs: 100, idleMs: 100 }, true);
    const completion = client.complete('hello');
    const missIt = async (): Promise<void> => {
      await vi.advanceTimersByTimeAsync(100);
      await settled();
      // The wait before the next attempt.
      await vi.advanceTimersByTimeAsync(1);
    };

    await until(() => server.requests.length === 1);
    await missIt();
    await until(() => headers() === 1);
    await missIt();

    expect((await completion).text).toBe('Hi');
    expect(server.requests).toHaveLength(3);
  });

  it('by the whole spans the attempts, and the waits between them', async () => {
    await using server = await startHttpServer({ status: 429, headers: { 'retry-after': '30' } });
    const { client } = clientAt(server.url, { totalMs: 45_000 }, true);
    const run = client.stream('hello');
    await snapshotOf(run, ({ retry }) => retry?.attempt === 1);
    await vi.advanceTimersByTimeAsync(30_000);
    await snapshotOf(run, ({ retry }) => retry?.attempt === 2);
    await vi.advanceTimersByTimeAsync(15_000);

    expect(await failureOf(run.result)).toMatchObject({ name: 'TimeoutError', phase: 'total' });
    expect(run.getSnapshot().retry).toBeUndefined();
    expect(server.requests).toHaveLength(2);
  });

  it('by the counts takes nothing from an answer whose finish has come', async () => {
    const { client, write } = byHand({ idleMs: 100, totalMs: 1000 });
    const run = client.stream('hello');
    await write(text('Hello') + finish());
    await vi.advanceTimersByTimeAsync(100);

    expect((await run.result).text).toBe('Hello');
  });
});

describe('a deadline', () => {
  it.each<[string, TimeoutOptions, TimeoutOptions]>([
    ['the call before that of the client', { headersMs: 1e8 }, { headersMs: 100 }],
    ['the client where the call says nothing of it', { headersMs: 100 }, { idleMs: 1e8 }],
    ['the client where the call says undefined', { headersMs: 100 }, { headersMs: undefined }],
  ])('is that of %s', async (_, ofClient, ofCall) => {
    await using server = await startHttpServer(noHeaders);
    const run = clientOf(server.url, { timeout: ofClient }).stream('hello', { timeout: ofCall });
    await until(() => server.requests.length === 1);

    await vi.advanceTimersByTimeAsync(100);

    expect(run.getSnapshot().error).toMatchObject({ phase: 'headers' });
  });

  it('is met by an answer that comes in time, piece by piece', async () => {
    const { client, write } = byHand({ headersMs: 150, firstTokenMs: 150, idleMs: 150, totalMs: 5000 });
    const run = client.stream('hello');
    for (let at = 0; at < 20; at += 1) {
      await vi.advanceTimersByTimeAsync(149);
      await write(text('word '));
    }
    await write(finish());

    await vi.advanceTimersByTimeAsync(5000);

    expect((await run.result).text).toBe('word '.repeat(20));
  });

  it('of the idle time begins anew with every byte, comments included', async () => {
    const { client, write } = byHand({ idleMs: 100 });
    const run = client.stream('hello');
    for (let at = 0; at < 20; at += 1) {
      await write(': ping\n\n');
      await vi.advanceTimersByTimeAsync(99);
    }
    await write(answer('Hi'));

    expect((await run.result).text).toBe('Hi');
  });

  it('of the first token is met by reasoning, but by no comment', async () => {
    const met = byHand({ firstTokenMs: 100 });
    const missed = byHand({ firstTokenMs: 100 });
    const run = met.client.stream('hello');
    const late = missed.client.stream('hello');
    await met.write(delta({ reasoning: 'Hm.' }));
    await missed.write(`${role}: ping\n\n`);

    await vi.advanceTimersByTimeAsync(100);
    await met.write(answer('Hi'));

    expect((await run.result).text).toBe('Hi');
    expect(await failureOf(late.result)).toMatchObject({ phase: 'firstToken' });
  });

  it('may be off', async () => {
    const { client, write } = byHand({ headersMs: 50, firstTokenMs: 50, idleMs: 50, totalMs: 50 });
    const timeout = { headersMs: false, firstTokenMs: false, idleMs: false, totalMs: false } as const;
    const run = client.stream('hello', { timeout });
    await write(role);

    await vi.advanceTimersByTimeAsync(1e7);
    await write(answer('Hi'));

    expect((await run.result).text).toBe('Hi');
  });

  it('that is longer than a timer can be is not missed at once', async () => {
    const long = 2 ** 31;
    const { client, write } = byHand({ headersMs: long, firstTokenMs: long, idleMs: long, totalMs: long });
    const run = client.stream('hello');
    await write(text('Hel'));

    await vi.advanceTimersByTimeAsync(60_000);
    await write(answer('lo'));

    expect((await run.result).text).toBe('Hello');
  });
});

describe('a deadline above the range of a timer', () => {
  it.each(['headersMs', 'firstTokenMs', 'idleMs', 'totalMs'] as const)('is kept for %s', async (name) => {
    const timeout = { headersMs: false, firstTokenMs: false, idleMs: false, [name]: 2 ** 32 } as const;
    const run = clientOf('http://127.0.0.1', {
      timeout,
      retry: false,
      fetch: () => new Promise(() => undefined),
    }).stream('hello');
    await settled();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(run.getSnapshot().status).toBe('submitted');
    run.abort();
  });
});
