import { completeObject, type RetryInfo, type RetryOptions } from '@rivulet/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startHttpServer, type Answer, type HttpServer } from '../../../../test/support/http-server.ts';
import { answer, delta, frame, text } from '../support/chat-completions.ts';
import { clientOf, failureOf, readAll, snapshotOf } from '../support/client.ts';

const hi: Answer = { chunks: [{ text: answer('Hi') }] };
const broken: Answer = { status: 500 };
const overloaded = frame({ error: { message: 'Overloaded', type: 'overloaded_error' } });

// Back-off is random; without it, the waits of these tests are as short as they can be.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function busy(seconds: number | string): Answer {
  return { status: 429, headers: { 'retry-after': String(seconds) } };
}

/** Takes the clock away from the run; the network goes on. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
}

function complete(server: HttpServer, retry?: RetryOptions): Promise<{ text: string }> {
  return clientOf(server.url, { retry }).complete('hello');
}

describe('a request that fails', () => {
  it('is sent again with the messages of the call, whatever is added to the list later', async () => {
    await using server = await startHttpServer([broken, hi]);
    const messages = [{ role: 'user' as const, content: 'One' }];
    const onRetry = (): void => void messages.push({ role: 'user', content: 'Three' });
    const run = clientOf(server.url, { retry: { onRetry } }).stream({ messages });
    messages.push({ role: 'user', content: 'Two' });
    await run.result;

    const sent = server.requests.map(({ body }) => (JSON.parse(body) as { messages: unknown }).messages);
    expect(messages).toHaveLength(3);
    expect(sent).toEqual([[{ role: 'user', content: 'One' }], [{ role: 'user', content: 'One' }]]);
  });

  it('is sent for an object with the messages of the call', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answer('{}') }] });
    const messages = [{ role: 'user' as const, content: 'One' }];
    const result = completeObject(clientOf(server.url), { messages, schema: z.object({}) });
    messages.length = 0;
    await result;

    expect(JSON.parse(server.requests[0]!.body)).toMatchObject({ messages: [{ content: 'One' }] });
  });

  it('is sent again as shouldRetry decides, before the first content alone', async () => {
    await using server = await startHttpServer([{ status: 400 }, hi]);
    expect(await complete(server, { shouldRetry: ({ attempt }) => attempt === 1 })).toMatchObject({ text: 'Hi' });
    expect(server.requests).toHaveLength(2);

    await using failing = await startHttpServer([broken, hi]);
    expect(await failureOf(complete(failing, { shouldRetry: () => false }))).toMatchObject({ status: 500 });
    expect(failing.requests).toHaveLength(1);

    await using cut = await startHttpServer([{ chunks: [{ text: text('Hel') }] }, hi]);
    expect(await failureOf(complete(cut, { shouldRetry: () => true }))).toMatchObject({ code: 'truncated' });
    expect(cut.requests).toHaveLength(1);
  });

  it.each([
    [400, 'true', 2],
    [500, 'false', 1],
    [400, '', 1],
    [500, '', 2],
  ])('with %d is sent again as the server says in x-should-retry: %j', async (status, should, times) => {
    await using server = await startHttpServer([{ status, headers: should ? { 'x-should-retry': should } : {} }, hi]);

    await complete(server).catch(() => undefined);

    expect(server.requests).toHaveLength(times);
  });

  it('waits for a network before it is sent again, if it is told how, and can be stopped meanwhile', async () => {
    await using server = await startHttpServer([broken, hi]);
    let online!: () => void;
    const waited: AbortSignal[] = [];
    const waitForOnline = (signal: AbortSignal): Promise<void> => {
      waited.push(signal);
      return new Promise((resolve) => {
        online = resolve;
      });
    };

    const run = clientOf(server.url, { retry: { waitForOnline } }).stream('hello');
    await vi.waitFor(() => expect(waited).toHaveLength(1));
    expect(run.getSnapshot().retry).toMatchObject({ attempt: 1 });
    expect(server.requests).toHaveLength(1);
    online();

    expect((await run.result).text).toBe('Hi');
    expect(server.requests).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['a failing server', broken],
    ['an overloaded one', { status: 503 }],
    ['another overloaded one', { status: 529 }],
    ['a conflict', { status: 409 }],
    ['a slow gateway', { status: 504 }],
    ['too many requests', { status: 429 }],
    ['a connection that breaks at once', { end: 'destroy' }],
    ['an overload in band', { chunks: [{ text: overloaded }] }],
    [
      'an overload in band after the start',
      { chunks: [{ text: delta({ role: 'assistant', content: '' }) + overloaded }] },
    ],
    ['an answer that ends before its first content', { chunks: [{ text: delta({ role: 'assistant' }) }] }],
  ])('is sent again: %s', async (_, failure) => {
    await using server = await startHttpServer([failure, hi]);

    expect((await complete(server)).text).toBe('Hi');
    expect(server.requests).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['a bad request', { status: 400 }],
    ['a bad key', { status: 401 }],
    ['no more credit', { status: 402 }],
    ['no permission', { status: 403 }],
    ['no such model', { status: 404 }],
    ['a quota that is spent', { status: 429, chunks: [{ text: '{"error":{"code":"insufficient_quota"}}' }] }],
    ['a page in place of a stream', { chunks: [{ text: '<html>Sign in</html>' }] }],
    ['a frame that is no JSON', { chunks: [{ text: 'data: oops\n\n' }] }],
  ])('is not sent again in vain: %s', async (_, failure) => {
    await using server = await startHttpServer([failure, hi]);

    await failureOf(complete(server));

    expect(server.requests).toHaveLength(1);
  });

  it('is sent three times in all by default', async () => {
    await using server = await startHttpServer(broken);

    expect(await failureOf(complete(server))).toMatchObject({ name: 'ServerError', partial: { text: '' } });
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    [1, { maxRetries: 0 }],
    [2, { maxRetries: 1 }],
    [5, { maxRetries: 4 }],
  ])('is sent %d times with %j', async (times, retry) => {
    await using server = await startHttpServer(broken);

    await failureOf(complete(server, retry));

    expect(server.requests).toHaveLength(times);
  });

  it('sends the same each time', async () => {
    await using server = await startHttpServer([broken, broken, hi]);

    await complete(server);

    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
  });

  it.each<[string, RetryOptions | false | undefined, RetryOptions | false | undefined, number]>([
    ['the client', false, undefined, 1],
    ['the call', { maxRetries: 1 }, false, 1],
    ['the call, in spite of the client', false, { maxRetries: 1 }, 2],
    ['the call, field by field', { maxRetries: 1 }, { maxDelayMs: 5000 }, 2],
    ['the client, where the call says undefined', { maxRetries: 1 }, { maxRetries: undefined }, 2],
  ])('is sent as often as %s says', async (_, ofClient, ofCall, times) => {
    await using server = await startHttpServer(broken);

    await failureOf(clientOf(server.url, { retry: ofClient }).complete('hello', { retry: ofCall }));

    expect(server.requests).toHaveLength(times);
  });

  it('after the first content is not sent again', async () => {
    await using server = await startHttpServer([
      { chunks: [{ text: text('Hel') }, { text: overloaded }] },
      { chunks: [{ text: text('Hel') }], end: 'destroy' },
      { chunks: [{ text: text('Hel') }] },
    ]);

    for (const name of ['OverloadedError', 'NetworkError', 'TruncatedError']) {
      expect(await failureOf(complete(server))).toMatchObject({ name, isRetryable: true, partial: { text: 'Hel' } });
    }
    expect(server.requests).toHaveLength(3);
  });

  it('shows readers nothing of the attempts that failed', async () => {
    await using server = await startHttpServer([
      { chunks: [{ text: delta({ role: 'assistant' }, {}, { id: 'first' }) + overloaded }] },
      { chunks: [{ text: answer('Hi') }] },
    ]);

    const { items } = await readAll(clientOf(server.url, { retry: {} }).stream('hello'));

    expect(items.map(({ type }) => type)).toEqual(['start', 'text', 'finish']);
    expect(items[0]).toMatchObject({ id: 'chatcmpl-1' });
  });
});

describe('the wait before another attempt', () => {
  it('is as long as the server says, and the snapshot shows it', async () => {
    stopTheClock();
    await using server = await startHttpServer([busy(30), hi]);
    const infos: RetryInfo[] = [];
    const run = clientOf(server.url, { retry: { onRetry: (info) => infos.push(info) } }).stream('hello');

    const waiting = await snapshotOf(run, ({ retry }) => retry !== undefined);
    expect(waiting).toMatchObject({ status: 'submitted', retry: { attempt: 1, untilMs: Date.now() + 30_000 } });
    expect(infos).toEqual([
      { attempt: 1, delayMs: 30_000, error: expect.objectContaining({ name: 'RateLimitError' }) },
    ]);

    await vi.advanceTimersByTimeAsync(29_999);
    expect(server.requests).toHaveLength(1);
    expect(run.getSnapshot().retry).toBeDefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(run.getSnapshot().retry).toBeUndefined();

    expect((await run.result).text).toBe('Hi');
    expect(run.getSnapshot()).toMatchObject({ status: 'ready' });
    expect(run.getSnapshot().retry).toBeUndefined();
    expect(server.requests).toHaveLength(2);
  });

  it('tells listeners that it began, and that it ended', async () => {
    await using server = await startHttpServer([busy(0), hi]);
    const run = clientOf(server.url, { retry: {} }).stream('hello');
    const seen: boolean[] = [];
    run.subscribe(() => {
      const isWaiting = run.getSnapshot().retry !== undefined;
      if (seen.at(-1) !== isWaiting) seen.push(isWaiting);
    });

    await run.result;

    expect(seen).toEqual([true, false]);
  });

  it('is not begun when the server asks for more than is accepted: the error says how much', async () => {
    await using server = await startHttpServer([busy(3600), hi]);

    const error = await failureOf(complete(server));

    expect(error).toMatchObject({ name: 'RateLimitError', retryAfterMs: 3_600_000, isRetryable: true });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [60_000, 61, {}, 1],
    [60_000, 60, {}, 2],
    [5000, 6, { maxDelayMs: 5000 }, 1],
    [120_000, 100, { maxDelayMs: 120_000 }, 2],
  ])('of at most %d ms is accepted: %d s with %j', async (_, seconds, retry, times) => {
    stopTheClock();
    await using server = await startHttpServer([busy(seconds), hi]);
    const run = clientOf(server.url, { retry }).stream('hello');
    await snapshotOf(run, (snapshot) => snapshot.retry !== undefined || snapshot.status !== 'submitted');

    await vi.advanceTimersByTimeAsync(seconds * 1000);
    await run.result.catch(() => undefined);

    expect(server.requests).toHaveLength(times);
  });

  it.each(['soon', '-1', 'Wed, 21 Oct 2015 07:28:00 GMT', '1e9', ''])(
    'is ordinary back-off where the server says %o',
    async (value) => {
      vi.mocked(Math.random).mockReturnValue(0.5);
      stopTheClock();
      await using server = await startHttpServer([busy(value), hi]);
      const delays: number[] = [];
      const run = clientOf(server.url, { retry: { onRetry: ({ delayMs }) => delays.push(delayMs) } }).stream('hello');
      await snapshotOf(run, (snapshot) => snapshot.retry !== undefined || snapshot.status !== 'submitted');
      await vi.advanceTimersByTimeAsync(250);

      expect((await run.result).text).toBe('Hi');
      expect(delays).toEqual([250]);
    },
  );

  it('can be stopped', async () => {
    stopTheClock();
    await using server = await startHttpServer([busy(30), hi]);
    const run = clientOf(server.url, { retry: {} }).stream('hello');
    await snapshotOf(run, ({ retry }) => retry !== undefined);

    run.abort('Enough');

    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError', cause: 'Enough' });
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'aborted' });
    expect(run.getSnapshot().retry).toBeUndefined();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(server.requests).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be stopped from onRetry', async () => {
    await using server = await startHttpServer([busy(30), hi]);
    const controller = new AbortController();

    const error = await failureOf(
      clientOf(server.url, { retry: { onRetry: () => controller.abort('Enough') } }).complete('hello', {
        signal: controller.signal,
      }),
    );

    expect(error).toMatchObject({ name: 'AbortError', cause: 'Enough' });
    expect(server.requests).toHaveLength(1);
  });
});
