import {
  batch,
  batchProcess,
  batchRun,
  LLMClient,
  memoryCheckpoints,
  ServerError,
  type CheckpointStore,
} from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf, settled } from '../support/client.ts';

/** Errors of callbacks are reported like those of any listener. */
const reported: unknown[] = [];
const onRejection = (reason: unknown): void => void reported.push(reason);

beforeEach(() => {
  reported.length = 0;
  process.on('unhandledRejection', onRejection);
});

afterEach(() => void process.off('unhandledRejection', onRejection));

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Values that code may throw. */
const THROWN: readonly [string, () => unknown][] = [
  ['an error', () => new Error('Oops')],
  ['a frozen error', () => Object.freeze(new Error('Oops'))],
  ['nothing', () => undefined],
  ['null', () => null],
  ['text', () => 'Oops'],
  ['an object without a prototype', () => Object.create(null)],
  ['a symbol', () => Symbol('Oops')],
  [
    'an object whose properties throw',
    () =>
      new Proxy(
        {},
        {
          get() {
            throw new Error('Trap');
          },
        },
      ),
  ],
  ['a revoked proxy', revoked],
];

function answering(): LLMClient {
  return new LLMClient({ provider: scripted('Hi'), model: 'm' });
}

describe.each(THROWN)('a batch settles when code throws %s:', (_, create) => {
  function fail(): never {
    throw create();
  }

  it('the processor, at once or later', async () => {
    const results = await batchProcess([0, 1, 2], (item) => {
      if (item === 0) fail();
      return item === 1 ? Promise.resolve().then(fail) : item;
    });

    expect(results.map(({ index, status }) => [index, status])).toEqual([
      [0, 'rejected'],
      [1, 'rejected'],
      [2, 'fulfilled'],
    ]);
  });

  it('the processor, under stopOnError', async () => {
    expect(await failureOf(batchProcess([0], fail, { stopOnError: true }))).toMatchObject({ name: 'BatchError' });
  });

  it.each<[string, () => Iterable<number> | AsyncIterable<number>]>([
    [
      'a generator in the middle',
      function* items() {
        yield 1;
        fail();
      },
    ],
    [
      'an async generator in the middle',
      async function* items() {
        yield 1;
        fail();
      },
    ],
    ['an iterable when it is opened', () => ({ [Symbol.iterator]: fail })],
    ['an async iterable when it is opened', () => ({ [Symbol.asyncIterator]: fail })],
    ['an iterator', () => ({ [Symbol.iterator]: () => ({ next: fail, return: fail }) })],
  ])('%s', async (__, open) => {
    const error = await failureOf(batchProcess(open(), (item) => item));
    expect(error).toMatchObject({ name: 'BatchError' });
    expect(await failureOf(batchRun(open(), (item) => item).result)).toMatchObject({ name: 'BatchError' });
  });

  it('a checkpoint store and its listener', async () => {
    const store: CheckpointStore = { get: fail, set: fail, clear: fail };
    const options = { checkpoints: store, onCheckpointError: fail };

    expect(await batch(answering(), ['a', 'b'], options).result).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ]);
    expect(await failureOf(batch(answering(), ['a'], { checkpoints: store }).result)).toMatchObject({
      name: 'BatchError',
      cause: { name: 'CheckpointError', operation: 'set' },
      results: [{ status: 'fulfilled' }],
    });
    await settled();
    expect(reported.length).toBeGreaterThanOrEqual(2);
  });

  it('a listener of its progress, or of retries', async () => {
    let turn = 0;
    const busy = scripted(() => {
      turn += 1;
      if (turn < 3) throw new Error('Busy');
      return 'Hi';
    });
    const client = new LLMClient({ provider: busy, model: 'm' });
    const run = batch(client, ['a', 'b', 'c'], { concurrency: 1, retry: { onRetry: fail } });
    run.subscribe(fail);

    expect((await run.result).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await settled();
  });

  it('a model', async () => {
    const client = new LLMClient({ provider: scripted(fail), model: 'm', retry: false });

    expect(await batch(client, ['a', 'b'], { concurrency: 1 }).result).toMatchObject([
      { status: 'rejected', error: { code: 'unknown' } },
      { status: 'rejected', error: { code: 'unknown' } },
    ]);
  });
});

it('retries although the listener of retries throws', async () => {
  let calls = 0;
  const flaky = scripted(() => {
    calls += 1;
    if (calls === 1) throw new ServerError('Broke', { retryAfterMs: 1 });
    return 'Hi';
  });
  const client = new LLMClient({ provider: flaky, model: 'm' });
  const onRetry = vi.fn(() => {
    throw new Error('Listener');
  });

  expect(await batch(client, ['a'], { retry: { onRetry } }).result).toMatchObject([{ status: 'fulfilled' }]);
  expect(onRetry).toHaveBeenCalledTimes(1);
  await settled();
  expect(reported).toMatchObject([{ message: 'Listener' }]);
});

describe('a batch that is aborted', () => {
  const never = new Promise<never>(() => undefined);

  it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['before it starts', (signal) => batchProcess([1], (item) => item, { signal })],
    [
      'while an item is read that never comes',
      (signal) => batchProcess({ [Symbol.asyncIterator]: () => ({ next: () => never }) }, (item) => item, { signal }),
    ],
    [
      'while the iterator never closes',
      (signal) =>
        batchProcess({ [Symbol.asyncIterator]: () => ({ next: () => never, return: () => never }) }, () => 1, {
          signal,
        }),
    ],
    ['while the processor never ends', (signal) => batchProcess([1], () => never, { signal })],
    [
      'while a checkpoint is read',
      (signal) =>
        batch(answering(), ['a'], { checkpoints: { ...memoryCheckpoints(), get: () => never }, signal }).result,
    ],
    [
      'while a checkpoint is written',
      (signal) =>
        batch(answering(), ['a'], { checkpoints: { ...memoryCheckpoints(), set: () => never }, signal }).result,
    ],
    [
      'while a model is silent',
      (signal) => batch(new LLMClient({ provider: scripted(() => never), model: 'm' }), ['a'], { signal }).result,
    ],
    [
      'in an endless iterable',
      (signal) => {
        async function* endless() {
          for (let at = 0; ; at += 1) {
            await Promise.resolve();
            yield at;
          }
        }
        return batchProcess(endless(), (item) => item, { signal });
      },
    ],
  ])('settles at once: %s', async (name, start) => {
    const controller = new AbortController();
    if (name.startsWith('before')) controller.abort('Enough');
    const failure = failureOf(start(controller.signal));
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    controller.abort('Enough');

    expect(await failure).toMatchObject({ name: 'AbortError', cause: 'Enough' });
    await settled();
    expect(reported).toEqual([]);
  });

  it.each(Array.from({ length: 40 }, (_, turns) => turns))(
    'settles after %i turns of its microtasks',
    async (turns) => {
      const sent = { after: 0, isOver: false };
      const provider = scripted(() => {
        if (sent.isOver) sent.after += 1;
        return 'Hi';
      });
      const run = batch(new LLMClient({ provider, model: 'm' }), ['a', 'b', 'c', 'd'], {
        concurrency: 2,
        checkpoints: memoryCheckpoints(),
      });
      const outcome = run.result.then(
        () => 'done',
        (error: Error) => error.name,
      );
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      run.abort();
      sent.isOver = true;

      expect(['done', 'AbortError']).toContain(await outcome);
      await settled();
      expect(sent.after).toBe(0);
      expect(run.getSnapshot().running).toBe(0);
    },
  );
});

describe('a batch with wrong input', () => {
  it.each<[string, unknown]>([
    ['zero', 0],
    ['a negative number', -1],
    ['NaN', Number.NaN],
    ['a fraction', 1.5],
    ['Infinity', Infinity],
    ['text', '3'],
    ['null', null],
    ['an object', {}],
    ['true', true],
  ])('names a concurrency that is %s', async (_, concurrency) => {
    const options = { concurrency } as object;
    const config = { code: 'config', message: expect.stringContaining('concurrency') };

    expect(await failureOf(batchProcess([1], (item) => item, options))).toMatchObject(config);
    expect(() => batchRun([1], (item) => item, options)).toThrow(expect.objectContaining(config));
    expect(() => batch(answering(), ['a'], options)).toThrow(expect.objectContaining(config));
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', {}],
    ['a function', () => []],
    ['an iterator that is no function', { [Symbol.iterator]: 5 }],
    ['an array-like', { length: 2, 0: 'a', 1: 'b' }],
  ])('names items that are %s', async (_, items) => {
    const config = { code: 'config', message: expect.stringContaining('iterable') };

    expect(await failureOf(batchProcess(items as string[], (item) => item))).toMatchObject(config);
    expect(() => batch(answering(), items as string[])).toThrow(expect.objectContaining(config));
  });

  it('does not take the characters of a text for requests', () => {
    expect(() => batch(answering(), 'Why?')).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining('requests') }),
    );
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a list', ['a']],
    ['true', true],
  ])('fails the item alone when a request is %s', async (_, request) => {
    for (const options of [{}, { checkpoints: memoryCheckpoints() }]) {
      const results = await batch(answering(), ['a', request as string, 'b'], options).result;

      expect(results).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', error: { code: 'invalid_request' } },
        { status: 'fulfilled' },
      ]);
    }
  });

  it('fails the item alone when JSON cannot represent its request', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const metadata of [{ size: 1n }, circle]) {
      const request = { messages: [{ role: 'user' as const, content: 'a', metadata }] };
      const results = await batch(answering(), [request, 'b'], {
        checkpoints: memoryCheckpoints(),
        tokensPerMinute: 1e9,
      }).result;

      expect(results).toHaveLength(2);
      expect(results[1]).toMatchObject({ status: 'fulfilled' });
    }
  });

  it('has a result for each hole of an array', async () => {
    // oxlint-disable-next-line no-sparse-arrays
    const results = await batchProcess([1, , 3], (item) => item ?? 'hole');

    expect(results.map((result) => result.status === 'fulfilled' && result.value)).toEqual([1, 'hole', 3]);
  });

  it('counts the items of a list that grows while it is read', async () => {
    const items = [0];
    const run = batchRun(items, (item) => {
      if (item < 3) items.push(item + 1);
    });
    await run.result;

    expect(run.getSnapshot()).toMatchObject({ done: 4, total: 4, waiting: 0 });
  });
});
