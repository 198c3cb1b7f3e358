import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { batchRun, type BatchProgress, type BatchResult } from '@rivulet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { failureOf, readAll, settled } from '../support/client.ts';

afterEach(() => void vi.useRealTimers());

function wait(ms: number): Promise<number> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(ms), ms);
  });
}

function indexes(results: readonly BatchResult<unknown>[]): number[] {
  return results.map(({ index }) => index);
}

function* count(to: number): Generator<number> {
  for (let at = 0; at < to; at += 1) yield at;
}

describe('the results of a batch', () => {
  it('come as they are ready, with the place of their item', async () => {
    vi.useFakeTimers();
    const reading = readAll(batchRun([30, 10, 20], wait));
    await vi.runAllTimersAsync();

    expect(await reading).toEqual({
      items: [
        { index: 1, status: 'fulfilled', value: 10 },
        { index: 2, status: 'fulfilled', value: 20 },
        { index: 0, status: 'fulfilled', value: 30 },
      ],
    });
  });

  it('are kept for a result that is read late, in order', async () => {
    vi.useFakeTimers();
    const run = batchRun([30, 10, 20], wait);
    await vi.runAllTimersAsync();

    expect(indexes(await run.result)).toEqual([0, 1, 2]);
    expect(run.result).toBe(run.result);
    expect(indexes((await readAll(run)).items)).toEqual([1, 2, 0]);
  });

  it('are kept for a loop that begins late', async () => {
    const run = batchRun(count(100), (item) => item);
    await settled();

    expect((await readAll(run)).items).toHaveLength(100);
  });

  it('come whole to each of several loops when the result was read first', async () => {
    const run = batchRun(count(100), (item) => item);
    const { result } = run;
    const [first, second] = await Promise.all([readAll(run), readAll(run)]);

    expect(indexes(first.items)).toEqual([...count(100)]);
    expect(second).toEqual(first);
    expect(await result).toHaveLength(100);
  });

  it('are shared by several loops otherwise', async () => {
    const run = batchRun(count(100), (item) => item);
    const [first, second] = await Promise.all([readAll(run), readAll(run)]);

    expect(new Set(indexes([...first.items, ...second.items]))).toEqual(new Set(count(100)));
    expect(first.items.length + second.items.length).toBe(100);
  });

  it('are not there for a result that is asked for after a loop has begun', async () => {
    const run = batchRun([1], (item) => item);
    await readAll(run);

    expect(await failureOf(run.result)).toMatchObject({ code: 'config' });
  });
});

describe('a loop over a batch', () => {
  it('stops the batch when it is left, since nobody is there for the rest', async () => {
    const process = vi.fn((item: number) => item);
    for await (const result of batchRun(count(1000), process, { concurrency: 2 })) if (result.index === 5) break;
    await settled();

    expect(process.mock.calls.length).toBeLessThan(12);
  });

  it('stops nothing when the result was read first', async () => {
    const run = batchRun(count(100), (item) => item);
    const { result } = run;
    for await (const { index } of run) if (index === 5) break;

    expect(await result).toHaveLength(100);
  });

  it('slows the batch down to its own pace', async () => {
    let begun = 0;
    const ahead: number[] = [];
    const run = batchRun(count(60), () => void (begun += 1), { concurrency: 4 });
    for await (const { index } of run) {
      await settled();
      ahead.push(begun - index);
    }

    expect(begun).toBe(60);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(8);
  });

  it('throws the reason of the end after all that was done', async () => {
    const run = batchRun(
      count(9),
      (item) => {
        if (item === 4) throw new Error('Oops');
        return item;
      },
      { stopOnError: true, concurrency: 1 },
    );

    const { items, error } = await readAll(run);
    expect(indexes(items)).toEqual([0, 1, 2, 3, 4]);
    expect(error).toMatchObject({ name: 'BatchError', cause: new Error('Oops') });
  });

  it('throws an AbortError when the batch is stopped', async () => {
    const run = batchRun([1, 2], () => new Promise(() => undefined));
    const reading = readAll(run);
    await settled();
    run.abort('Enough');
    run.abort('More');

    expect((await reading).error).toMatchObject({ name: 'AbortError', cause: 'Enough' });
  });

  it('goes through a hundred thousand items and holds on to a few', async () => {
    const alive = new Set<number>();
    let most = 0;
    let sum = 0;
    const run = batchRun(
      count(100_000),
      (item) => {
        alive.add(item);
        return item;
      },
      { concurrency: 10 },
    );
    for await (const result of run) {
      most = Math.max(most, alive.size);
      alive.delete(result.index);
      sum += 1;
    }

    expect(sum).toBe(100_000);
    expect(alive.size).toBe(0);
    // Those at work, and those that wait for the loop.
    expect(most).toBeLessThanOrEqual(20);
  });

  it('lets go of a result that it has handed out', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const refs: WeakRef<object>[] = [];
    const run = batchRun(count(200), () => ({ large: true }), { concurrency: 2 });
    for await (const result of run) {
      if (result.status === 'fulfilled') refs.push(new WeakRef(result.value));
      if (result.index % 50 === 49) {
        await settled();
        collect();
        expect(refs.filter((ref) => ref.deref()).length).toBeLessThan(10);
      }
    }
  });
});

describe('the result of a batch', () => {
  it('raises no unhandled rejection when nobody reads it, or awaits it', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const unread = batchRun([1], () => new Promise(() => undefined));
    const read = batchRun([1], () => new Promise(() => undefined));
    void read.result;
    unread.abort();
    read.abort();
    await settled();
    process.off('unhandledRejection', unhandled);

    expect(unhandled).not.toHaveBeenCalled();
  });

  it('has what was done when the batch is stopped', async () => {
    const run = batchRun([1, 2, 3], (item) => (item === 2 ? new Promise<number>(() => undefined) : item));
    const { result } = run;
    await settled();
    run.abort();

    expect(await failureOf(result)).toMatchObject({ results: [{ index: 0 }, { index: 2 }] });
  });
});

describe('the progress of a batch', () => {
  it('counts what is done, what failed and how fast it goes', async () => {
    vi.useFakeTimers();
    const run = batchRun(
      Array.from({ length: 40 }, (_, index) => index),
      async (item) => {
        await wait(100);
        if (item % 4 === 0) throw new Error('Oops');
      },
      { concurrency: 2 },
    );
    expect(run.getSnapshot()).toEqual({
      done: 0,
      failed: 0,
      unsent: 0,
      running: 0,
      waiting: 40,
      total: 40,
      rate: 0,
      pausedUntilMs: undefined,
    });

    await vi.advanceTimersByTimeAsync(1050);
    expect(run.getSnapshot()).toMatchObject({ done: 20, failed: 5, total: 40, rate: 20 });

    await vi.runAllTimersAsync();
    expect(run.getSnapshot()).toMatchObject({ done: 40, failed: 10, total: 40, rate: 20 });
  });

  it('forgets how fast it went ten seconds ago', async () => {
    vi.useFakeTimers();
    const run = batchRun(count(160), (item) => wait(item < 100 ? 100 : 1000), { concurrency: 1 });
    await vi.advanceTimersByTimeAsync(10_050);
    expect(run.getSnapshot().rate).toBeCloseTo(10, 0);

    await vi.advanceTimersByTimeAsync(15_000);
    expect(run.getSnapshot().rate).toBeCloseTo(1, 0);
    run.abort();
  });

  it('knows the total of an iterable once its end was read', async () => {
    const run = batchRun(count(3), (item) => item);
    expect(run.getSnapshot().total).toBeUndefined();
    await run.result;

    expect(run.getSnapshot().total).toBe(3);
  });

  it('is told once a frame, and at the end', async () => {
    vi.useFakeTimers();
    const seen: BatchProgress[] = [];
    const run = batchRun(count(1000), () => wait(1), { concurrency: 10 });
    run.subscribe(() => seen.push(run.getSnapshot()));
    await vi.runAllTimersAsync();

    expect(seen.length).toBeLessThan(12);
    expect(seen.at(-1)).toMatchObject({ done: 1000, total: 1000 });
  });
});
