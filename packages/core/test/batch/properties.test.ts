import { batchProcess, batchRun } from '@rivulet/core';
import { array, assert, asyncProperty, boolean, integer, nat, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAll } from '../support/client.ts';

const anyBatch = record({
  /** How many turns each item takes; negative: it fails after as many. */
  items: array(integer({ min: -6, max: 6 }), { maxLength: 60 }),
  concurrency: integer({ min: 1, max: 12 }),
  isAsync: boolean(),
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

function watched(items: readonly number[], isAsync: boolean) {
  const seen = { read: 0, active: 0, most: 0, furthest: 0, times: items.map(() => 0) };
  function* some(): Generator<number> {
    for (const item of items) {
      seen.read += 1;
      seen.furthest = Math.max(seen.furthest, seen.read - ended);
      yield item;
    }
  }
  let ended = 0;
  async function* later(): AsyncGenerator<number> {
    for (const item of some()) {
      await turns(Math.abs(item) % 3);
      yield item;
    }
  }
  async function process(item: number, { index }: { readonly index: number }): Promise<number> {
    seen.active += 1;
    seen.most = Math.max(seen.most, seen.active);
    seen.times[index]! += 1;
    await turns(Math.abs(item));
    seen.active -= 1;
    ended += 1;
    if (item < 0) throw new Error(`${item}`);
    return item;
  }
  return { seen, source: isAsync ? later() : some(), process };
}

function expected(items: readonly number[]): object[] {
  return items.map((item, index) =>
    item < 0 ? { index, status: 'rejected', error: new Error(`${item}`) } : { index, status: 'fulfilled', value: item },
  );
}

describe('any batch', () => {
  it('gives each item its result in order, works on each once, and keeps to its window', async () => {
    await assert(
      asyncProperty(anyBatch, async ({ items, concurrency, isAsync }) => {
        const { seen, source, process } = watched(items, isAsync);

        expect(await batchProcess(source, process, { concurrency })).toEqual(expected(items));
        expect(seen.times).toEqual(items.map(() => 1));
        expect(seen.most).toBeLessThanOrEqual(concurrency);
        expect(seen.furthest).toBeLessThanOrEqual(concurrency);
      }),
    );
  });

  it('gives the same results to a loop, each once', async () => {
    await assert(
      asyncProperty(anyBatch, async ({ items, concurrency, isAsync }) => {
        const { seen, source, process } = watched(items, isAsync);

        const results = (await readAll(batchRun(source, process, { concurrency }))).items;
        expect(results).toHaveLength(items.length);
        expect(results).toEqual(expect.arrayContaining(expected(items)));
        expect(seen.most).toBeLessThanOrEqual(concurrency);
      }),
    );
  });

  it('that is stopped at any point has settled at once, with what was done', async () => {
    await assert(
      asyncProperty(anyBatch, nat(80), async ({ items, concurrency, isAsync }, after) => {
        const { source, process } = watched(items, isAsync);
        const run = batchRun(source, process, { concurrency });
        const outcome = run.result.catch((error: { results: unknown[] }) => error.results);
        await turns(after);
        run.abort();

        const done = (await outcome) as { index: number }[];
        expect(done).toEqual(done.map(({ index }) => expected(items)[index]));
      }),
    );
  });
});
