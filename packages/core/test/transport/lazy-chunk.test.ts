import { expect, it, vi } from 'vitest';
import { lazyChunk } from '../../src/transport/lazy-chunk.ts';

it('a chunk is imported once for all who load it', async () => {
  const importModule = vi.fn(() => Promise.resolve({ answer: 42 }));
  const chunk = lazyChunk(importModule, 'tests');

  expect(chunk.loaded()).toBeUndefined();
  const both = await Promise.all([chunk.load(), chunk.load()]);

  expect(both[0]).toBe(both[1]);
  expect(chunk.loaded()).toBe(both[0]);
  expect(await chunk.load()).toBe(both[0]);
  expect(importModule).toHaveBeenCalledTimes(1);
});

it('a chunk that could not be loaded is an error for all who wait, and the next call tries again', async () => {
  const cause = new TypeError('Failed to fetch dynamically imported module');
  const importModule = vi.fn(() => Promise.resolve({ answer: 42 })).mockRejectedValueOnce(cause);
  const chunk = lazyChunk(importModule, 'tests');

  const failures = await Promise.allSettled([chunk.load(), chunk.load()]);

  for (const failure of failures) {
    expect(failure).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'network',
        isRetryable: false,
        message: 'The part of Rivulet for tests could not be loaded: reload the page',
        cause,
      },
    });
  }
  expect(chunk.loaded()).toBeUndefined();
  expect(await chunk.load()).toEqual({ answer: 42 });
  expect(importModule).toHaveBeenCalledTimes(2);
});

it('a chunk that is loaded ahead reports its failure to the first use', async () => {
  const importModule = vi.fn(() => Promise.reject(new TypeError('offline')));
  const chunk = lazyChunk(importModule, 'tests');

  chunk.preload();

  await expect(chunk.load()).rejects.toMatchObject({ code: 'network' });
});

it('a chunk whose import throws at once is tried again by the next call', async () => {
  const importModule = vi.fn((): Promise<{ answer: number }> => {
    if (importModule.mock.calls.length === 1) throw new TypeError('No loader');
    return Promise.resolve({ answer: 42 });
  });
  const chunk = lazyChunk(importModule, 'tests');

  await expect(chunk.load()).rejects.toMatchObject({ code: 'network' });
  expect(await chunk.load()).toEqual({ answer: 42 });
});
