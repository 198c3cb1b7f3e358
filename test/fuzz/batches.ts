import { playBatch } from '../../packages/core/test/chaos/batch-faults.ts';
import type { Fuzzer } from './fuzzer.ts';

/** Batches with faults of servers, checkpoints and callers at any moment. */
export const batches: Fuzzer = {
  name: 'batches',
  // packages/core/test/chaos/batch-faults.test.ts plays these.
  casesInTests: 0,
  run: async (seed) => [...(await playBatch(seed))],
};
