import {
  AbortError,
  callWithRetry,
  InvalidRequestError,
  RateLimitError,
  ServerError,
  type RetryInfo,
} from '@rivulet/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf, settled } from '../support/client.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A function that fails so often, and counts its calls. */
function failing(times: number, error: Error | null = new ServerError('It broke')): () => Promise<string> {
  let calls = 0;
  return vi.fn(() => {
    calls += 1;
    return calls > times ? Promise.resolve(`call ${calls}`) : Promise.reject(error);
  });
}

function bug(): never {
  throw new Error('A bug of the page');
}

/** Lets all waits pass. */
async function passing<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  await vi.runAllTimersAsync();
  return work;
}

describe('callWithRetry', () => {
  it('gives what the function gives', async () => {
    expect(await callWithRetry(() => 7)).toBe(7);
    expect(await callWithRetry(() => Promise.resolve('ok'))).toBe('ok');
  });

  it('calls again until it succeeds, three times in all by default', async () => {
    expect(await passing(callWithRetry(failing(2)))).toBe('call 3');

    const always = failing(9);
    expect(await failureOf(passing(callWithRetry(always)))).toBeInstanceOf(ServerError);
    expect(always).toHaveBeenCalledTimes(3);
  });

  it('tells the function which attempt it is', async () => {
    const attempts: number[] = [];
    await failureOf(
      passing(
        callWithRetry(({ attempt, signal }) => {
          attempts.push(attempt);
          expect(signal).toBeInstanceOf(AbortSignal);
          throw new ServerError('It broke');
        }),
      ),
    );

    expect(attempts).toEqual([1, 2, 3]);
  });

  it.each([new Error('A bug'), new InvalidRequestError('Bad'), null])('does not try again after %s', async (error) => {
    const fn = failing(1, error);

    expect(await failureOf(callWithRetry(fn))).toBe(error);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('waits longer each time, up to 8 s, and at random', async () => {
    const longest: number[] = [];
    const random: number[] = [];
    await failureOf(
      passing(callWithRetry(failing(9), { maxRetries: 6, onRetry: ({ delayMs }) => longest.push(delayMs) })),
    );
    vi.mocked(Math.random).mockReturnValue(0.25);
    await failureOf(
      passing(callWithRetry(failing(9), { maxRetries: 6, onRetry: ({ delayMs }) => random.push(delayMs) })),
    );

    expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
    expect(random).toEqual([125, 250, 500, 1000, 2000, 2000]);
  });

  it('waits as long as the error says, if that is accepted', async () => {
    const infos: RetryInfo[] = [];
    const error = new RateLimitError('Slow down', { retryAfterMs: 20_000 });
    const fn = failing(1, error);

    const work = callWithRetry(fn, { onRetry: (info) => infos.push(info) });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(fn).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);

    expect(await work).toBe('call 2');
    expect(infos).toEqual([{ attempt: 1, delayMs: 20_000, error }]);
    expect(await failureOf(callWithRetry(failing(1, error), { maxDelayMs: 19_999 }))).toBe(error);
  });

  it('can be stopped while it waits, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const removed = vi.spyOn(signal, 'removeEventListener');
    const added = vi.spyOn(signal, 'addEventListener');
    const fn = failing(9);
    const work = failureOf(callWithRetry(fn, { signal }));
    await vi.advanceTimersByTimeAsync(100);

    controller.abort('Enough');

    expect(await work).toMatchObject({ name: 'AbortError', cause: 'Enough' });
    await vi.runAllTimersAsync();
    expect(fn).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  });

  it('does not begin when it has been stopped already', async () => {
    const fn = failing(0);

    const error = await failureOf(callWithRetry(fn, { signal: AbortSignal.abort('Enough') }));

    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ cause: 'Enough' });
    expect(fn).not.toHaveBeenCalled();
  });

  it.each<[string, () => unknown]>([
    ['never settles', () => new Promise(() => undefined)],
    ['resolves later', () => new Promise((resolve) => setTimeout(resolve, 1000))],
    ['rejects later', () => new Promise((_, reject) => setTimeout(reject, 1000, new Error('Late')))],
  ])('ends at once when it is stopped during a call that %s', async (_, fn) => {
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const added = vi.spyOn(controller.signal, 'addEventListener');
    const work = failureOf(callWithRetry(fn, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(100);
    controller.abort('Enough');

    expect(await work).toMatchObject({ name: 'AbortError', cause: 'Enough' });
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
    await vi.runAllTimersAsync();
  });

  it('does not try again when it was stopped during the call', async () => {
    const controller = new AbortController();
    const fn = vi.fn(() => {
      controller.abort('Enough');
      throw new ServerError('It broke');
    });

    await failureOf(callWithRetry(fn, { signal: controller.signal }));

    expect(fn).toHaveBeenCalledTimes(1);
  });

  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1000, 2 ** 33 + 5])(
    'waits for %d ms, which is near or above the range of a timer',
    async (ms) => {
      const work = failing(1, new RateLimitError('Busy', { retryAfterMs: ms }));
      const result = callWithRetry(work, { maxDelayMs: Infinity });
      await vi.advanceTimersByTimeAsync(ms - 1);
      expect(work).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(1);

      expect(await result).toBe('call 2');
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('can be stopped within a long wait', async () => {
    const controller = new AbortController();
    const work = failing(1, new RateLimitError('Busy', { retryAfterMs: 2 ** 40 }));
    const result = callWithRetry(work, { maxDelayMs: Infinity, signal: controller.signal });
    await vi.advanceTimersByTimeAsync(2 ** 32);
    controller.abort(new Error('Enough'));

    expect(await failureOf(result)).toMatchObject({ name: 'AbortError', cause: { message: 'Enough' } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be stopped while it waits for the network', async () => {
    const controller = new AbortController();
    const result = callWithRetry(failing(1), {
      signal: controller.signal,
      waitForOnline: () => new Promise(() => undefined),
    });
    await vi.advanceTimersByTimeAsync(10_000);
    controller.abort(new Error('Enough'));

    expect(await failureOf(result)).toMatchObject({ name: 'AbortError', cause: { message: 'Enough' } });
  });

  it.each([Number.NaN, -1, -Infinity, Infinity, '5', {}, null])(
    'backs off as usual after a delay of %s',
    async (retryAfterMs) => {
      const error = Object.assign(new Error('Busy'), { isRetryable: true, retryAfterMs });
      const onRetry = vi.fn<(info: RetryInfo) => void>();

      expect(await passing(callWithRetry(failing(1, error), { onRetry }))).toBe('call 2');
      expect(onRetry.mock.calls[0]?.[0].delayMs).toBe(500);
    },
  );

  it('goes on and reports the error of an onRetry that throws', async () => {
    const reported: unknown[] = [];
    const report = (reason: unknown): void => void reported.push(reason);
    process.on('unhandledRejection', report);
    const onRetry = vi.fn(() => {
      throw new Error('A bug of the page');
    });

    expect(await passing(callWithRetry(failing(2), { onRetry }))).toBe('call 3');
    expect(onRetry).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
    await settled();
    process.off('unhandledRejection', report);
    expect(reported).toMatchObject([{ message: 'A bug of the page' }, { message: 'A bug of the page' }]);
  });

  it('asks shouldRetry in place of isRetryable', async () => {
    const seen: unknown[] = [];
    const refused = new InvalidRequestError('No');
    const shouldRetry = ({ error, attempt }: { error: unknown; attempt: number }): boolean => {
      seen.push([error, attempt]);
      return attempt < 2;
    };

    expect(await failureOf(passing(callWithRetry(failing(9, refused), { shouldRetry })))).toBe(refused);
    expect(seen).toEqual([
      [refused, 1],
      [refused, 2],
    ]);
    expect(await passing(callWithRetry(failing(1, new Error('Busy')), { shouldRetry: () => true }))).toBe('call 2');
    const never = failing(9);
    await failureOf(passing(callWithRetry(never, { shouldRetry: () => false })));
    expect(never).toHaveBeenCalledTimes(1);
    const bounded = failing(9);
    await failureOf(passing(callWithRetry(bounded, { shouldRetry: () => true })));
    expect(bounded).toHaveBeenCalledTimes(3);
  });

  it.each<[string, object]>([
    ['a shouldRetry that throws', { shouldRetry: bug }],
    ['a waitForOnline that throws', { waitForOnline: bug }],
    ['a waitForOnline that rejects', { waitForOnline: async () => Promise.resolve().then(bug) }],
  ])('goes on and reports the error of %s', async (_, options) => {
    const reported: unknown[] = [];
    const report = (reason: unknown): void => void reported.push(reason);
    process.on('unhandledRejection', report);

    expect(await passing(callWithRetry(failing(1), options))).toBe('call 2');
    expect(await failureOf(passing(callWithRetry(failing(9), { ...options, maxRetries: 1 })))).toMatchObject({
      message: 'It broke',
    });
    vi.useRealTimers();
    await settled();
    process.off('unhandledRejection', report);
    expect(reported[0]).toMatchObject({ message: 'A bug of the page' });
  });

  it('goes on after a waitForOnline that returns nothing', async () => {
    const options: object = { waitForOnline: () => undefined };

    expect(await passing(callWithRetry(failing(1), options))).toBe('call 2');
  });

  it.each(['maxRetries', 'maxDelayMs'])('refuses a %s that is not a number', async (option) => {
    const work = failing(1000);

    expect(await failureOf(callWithRetry(work, { [option]: Number.NaN }))).toMatchObject({
      code: 'config',
      message: expect.stringContaining(`${option} must be a number, not NaN`),
    });
    expect(work).not.toHaveBeenCalled();
  });
});
