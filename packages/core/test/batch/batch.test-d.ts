import {
  batch,
  batchProcess,
  batchRun,
  LLMClient,
  memoryCheckpoints,
  storageCheckpoints,
  type BatchAbortError,
  type BatchError,
  type BatchProgress,
  type BatchResult,
  type BatchRun,
  type CheckpointStore,
  type Completion,
  type Store,
} from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expectTypeOf, it } from 'vitest';

const client = new LLMClient({ provider: scripted('Hi') });

describe('batches', () => {
  it('infer items and results from what they are given', () => {
    const work = batchProcess(['a', 'b'], (item, { index, signal }) => {
      expectTypeOf(item).toEqualTypeOf<string>();
      expectTypeOf(index).toEqualTypeOf<number>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return Promise.resolve(item.length);
    });
    expectTypeOf(work).resolves.toEqualTypeOf<BatchResult<number>[]>();

    expectTypeOf(batchProcess(new Set([1]), (item) => `${item}`)).resolves.toEqualTypeOf<BatchResult<string>[]>();
    expectTypeOf(batchRun([1], async (item) => ({ item }))).toEqualTypeOf<BatchRun<{ item: number }>>();
    async function* items(): AsyncGenerator<Date> {
      yield new Date();
    }
    expectTypeOf(batchRun(items(), (item) => item)).toEqualTypeOf<BatchRun<Date>>();
  });

  it('tell results apart by their status', () => {
    function look(result: BatchResult<string>): void {
      expectTypeOf(result.index).toEqualTypeOf<number>();
      if (result.status === 'fulfilled') expectTypeOf(result.value).toEqualTypeOf<string>();
      else expectTypeOf(result.error).toEqualTypeOf<unknown>();
    }
    expectTypeOf(look).toBeFunction();
  });

  it('of requests have completions, and are stores of their progress', () => {
    const run = batch(client, ['a', { prompt: 'b', temperature: 0 }], { checkpoints: memoryCheckpoints() });
    expectTypeOf(run).toEqualTypeOf<BatchRun<Completion>>();
    expectTypeOf(run).toExtend<Store<BatchProgress>>();
    expectTypeOf(run.result).resolves.toEqualTypeOf<BatchResult<Completion>[]>();
    expectTypeOf(storageCheckpoints).returns.toEqualTypeOf<CheckpointStore>();
  });

  it('say in their errors what was done', () => {
    expectTypeOf<BatchAbortError['results']>().toEqualTypeOf<readonly BatchResult<unknown>[]>();
    expectTypeOf<BatchError['results']>().toEqualTypeOf<readonly BatchResult<unknown>[]>();
  });
});
