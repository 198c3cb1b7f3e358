import { getEventListeners } from 'node:events';
import { AbortError, BatchAbortError, BatchError, batchProcess, isAbortError } from '@rivulet/core';
import { describe, expect, it, vi } from 'vitest';
import { failureOf, settled, until } from '../support/client.ts';

/** A processor whose items end when the test says so. */
function byHand(): {
  process: (item: number, context: { signal: AbortSignal }) => Promise<string>;
  begun: number[];
  signals: AbortSignal[];
  end: (item: number, error?: unknown) => void;
} {
  const begun: number[] = [];
  const signals: AbortSignal[] = [];
  const ends = new Map<number, (error?: unknown) => void>();
  return {
    begun,
    signals,
    process: (item, { signal }) => {
      begun.push(item);
      signals.push(signal);
      return new Promise((resolve, reject) => {
        ends.set(item, (error) => (error === undefined ? resolve(`${item}!`) : reject(error)));
      });
    },
    end: (item, error) => ends.get(item)?.(error),
  };
}

/** Counts from 0, and knows how far it was read and whether it was closed. */
function counting(count: number): { items: Iterable<number>; state: { read: number; closed: boolean } } {
  const state = { read: 0, closed: false };
  return {
    state,
    items: (function* () {
      try {
        while (state.read < count) yield state.read++;
      } finally {
        state.closed = true;
      }
    })(),
  };
}

function fulfilled(index: number, value: unknown): object {
  return { index, status: 'fulfilled', value };
}

describe('batchProcess', () => {
  it('gives results in the order of the items, whichever ends first', async () => {
    const hand = byHand();
    const work = batchProcess([0, 1, 2], hand.process);
    await settled();
    hand.end(2);
    hand.end(0);
    await settled();
    hand.end(1);

    expect(await work).toEqual([fulfilled(0, '0!'), fulfilled(1, '1!'), fulfilled(2, '2!')]);
  });

  it.each<[string, Iterable<number> | AsyncIterable<number>]>([
    ['an array', [1, 2, 3]],
    ['a set', new Set([1, 2, 3])],
    ['a generator', [1, 2, 3].values()],
    [
      'an async generator',
      (async function* () {
        yield* [1, 2, 3];
      })(),
    ],
  ])('takes %s', async (_, items) => {
    expect(await batchProcess(items, (item) => item * 2)).toEqual(
      [2, 4, 6].map((value, index) => fulfilled(index, value)),
    );
  });

  it('has nothing to do without items', async () => {
    expect(await batchProcess([], () => 1)).toEqual([]);
  });

  it('takes a failure, thrown or rejected, as a result', async () => {
    const results = await batchProcess(['ok', 'throws', 'rejects'], (item) => {
      if (item === 'throws') throw new Error(item);
      return item === 'rejects' ? Promise.reject(new Error(item)) : item;
    });

    expect(results).toEqual([
      fulfilled(0, 'ok'),
      { index: 1, status: 'rejected', error: new Error('throws') },
      { index: 2, status: 'rejected', error: new Error('rejects') },
    ]);
  });

  it('works on ten items at a time by default', async () => {
    const hand = byHand();
    void batchProcess(counting(50).items, hand.process);
    await settled();

    expect(hand.begun).toHaveLength(10);
  });

  it('begins the next item as soon as one ends, and reads none sooner', async () => {
    const hand = byHand();
    const { items, state } = counting(9);
    void batchProcess(items, hand.process, { concurrency: 3 });
    await settled();
    expect(hand.begun).toEqual([0, 1, 2]);
    expect(state.read).toBe(3);

    hand.end(1);
    await settled();

    expect(hand.begun).toEqual([0, 1, 2, 3]);
    expect(state.read).toBe(4);
  });

  it('tells the processor the place of the item', async () => {
    const indexes: number[] = [];
    await batchProcess('abc', (_, { index }) => indexes.push(index));

    expect(indexes).toEqual([0, 1, 2]);
  });

  it('tells an item that asks for its signal only after the stop', async () => {
    const contexts: { readonly signal: AbortSignal }[] = [];
    const controller = new AbortController();
    const batch = batchProcess([1], (_, context) => new Promise(() => contexts.push(context)), {
      signal: controller.signal,
    });
    await vi.waitFor(() => expect(contexts).toHaveLength(1));
    controller.abort();
    await failureOf(batch);

    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it('leaves the signal of its items alone when all have ended', async () => {
    const signals: AbortSignal[] = [];
    await batchProcess([1, 2], (_, { signal }) => signals.push(signal));

    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  it('leaves the page its turns while it is busy', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    await batchProcess(Array.from({ length: 50 }), () => {
      const until = performance.now() + 2;
      while (performance.now() < until);
    });
    clearInterval(timer);

    expect(ticks).toBeGreaterThan(0);
  });
});

describe('a batch that cannot go on', () => {
  it('ends with the first failure under stopOnError, and says what was done', async () => {
    const hand = byHand();
    const { items, state } = counting(9);
    const work = failureOf(batchProcess(items, hand.process, { concurrency: 3, stopOnError: true }));
    await settled();
    hand.end(1);
    await settled();
    hand.end(0, new Error('Oops'));

    const error = await work;
    expect(error).toBeInstanceOf(BatchError);
    expect(error).toMatchObject({
      message: 'The batch ended early: Error: Oops',
      cause: new Error('Oops'),
      results: [{ index: 0, status: 'rejected' }, fulfilled(1, '1!')],
    });
    expect(state).toEqual({ read: 4, closed: true });
    expect(hand.signals.map(({ aborted }) => aborted)).toEqual([false, false, true, true]);
  });

  it('ends when its items cannot be read on', async () => {
    const items = (function* () {
      yield 1;
      throw new Error('No more');
    })();

    const error = await failureOf(batchProcess(items, (item) => item));

    expect(error).toBeInstanceOf(BatchError);
    expect(error).toMatchObject({ cause: new Error('No more') });
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency'],
    [{ concurrency: 1.5 }, 'concurrency'],
    [{ concurrency: Number.NaN }, 'concurrency'],
    [{ concurrency: '3' }, 'concurrency'],
    [{ stopOnError: 1 }, 'stopOnError'],
    [{ signal: 'now' }, 'signal'],
  ])('refuses %j', async (options, name) => {
    const work = batchProcess([1], () => 1, options as object);

    expect(await failureOf(work)).toMatchObject({ code: 'config', message: expect.stringContaining(name) });
  });

  it('refuses what is no list and what is no function', async () => {
    expect(await failureOf(batchProcess(7 as never, () => 1))).toMatchObject({
      code: 'config',
      message: 'batch: items must be iterable',
    });
    expect(await failureOf(batchProcess([1], undefined as never))).toMatchObject({
      code: 'config',
      message: 'batch: processor must be a function',
    });
  });
});

describe('a batch that is stopped', () => {
  it('does not begin when it has been stopped already', async () => {
    const process = vi.fn();
    const { items, state } = counting(3);

    const error = await failureOf(batchProcess(items, process, { signal: AbortSignal.abort('Enough') }));

    expect(error).toBeInstanceOf(BatchAbortError);
    expect(error).toBeInstanceOf(AbortError);
    expect(isAbortError(error)).toBe(true);
    expect(error).toMatchObject({ cause: 'Enough', results: [] });
    expect(process).not.toHaveBeenCalled();
    expect(state.read).toBe(0);
  });

  it('ends at once while items are at work, and keeps what is done', async () => {
    const controller = new AbortController();
    const hand = byHand();
    const { items, state } = counting(9);
    const work = failureOf(batchProcess(items, hand.process, { concurrency: 2, signal: controller.signal }));
    await settled();
    hand.end(1);
    await settled();
    controller.abort('Enough');

    expect(await work).toMatchObject({ cause: 'Enough', results: [fulfilled(1, '1!')] });
    expect(hand.signals.map(({ aborted }) => aborted)).toEqual([true, false, true]);
    hand.end(0);
    await settled();
    expect(hand.begun).toEqual([0, 1, 2]);
    expect(state.closed).toBe(true);
  });

  it('ends at once while it waits for an item to be read', async () => {
    const controller = new AbortController();
    const process = vi.fn();
    const items: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const work = failureOf(batchProcess(items, process, { signal: controller.signal }));
    await settled();
    controller.abort();

    expect(await work).toBeInstanceOf(BatchAbortError);
    expect(process).not.toHaveBeenCalled();
  });

  it('may be stopped from within, by its items and by its processor', async () => {
    const first = new AbortController();
    const items = (function* () {
      yield 1;
      first.abort('By an item');
      yield 2;
    })();
    expect(await failureOf(batchProcess(items, (item) => item, { signal: first.signal }))).toMatchObject({
      cause: 'By an item',
    });

    const second = new AbortController();
    const work = batchProcess([1, 2], () => second.abort('By the processor'), { signal: second.signal });
    expect(await failureOf(work)).toMatchObject({ cause: 'By the processor', results: [] });
  });

  it('does nothing after its end, and leaves no listener', async () => {
    const controller = new AbortController();
    const added = vi.spyOn(controller.signal, 'addEventListener');
    const removed = vi.spyOn(controller.signal, 'removeEventListener');

    const results = await batchProcess([1], (item) => item, { signal: controller.signal });
    controller.abort();

    expect(results).toEqual([fulfilled(0, 1)]);
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  });

  it('is not held up by an iterator that cannot be closed', async () => {
    const controller = new AbortController();
    const close = vi.fn(() => Promise.reject(new Error('No')));
    const items: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: 1 }), return: close }),
    };
    const work = failureOf(
      batchProcess(items, () => new Promise(() => undefined), { concurrency: 1, signal: controller.signal }),
    );
    await settled();
    controller.abort();

    expect(await work).toBeInstanceOf(BatchAbortError);
    await until(() => close.mock.calls.length === 1);
  });
});

it('twenty batches share one listener of a signal, and leave none behind', async () => {
  const { signal } = new AbortController();
  const releases: (() => void)[] = [];
  const batches = Array.from({ length: 20 }, () =>
    batchProcess([1], () => new Promise<void>((resolve) => releases.push(resolve)), { signal }),
  );
  await vi.waitFor(() => expect(releases).toHaveLength(20));

  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  for (const release of releases) release();
  await Promise.all(batches);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
