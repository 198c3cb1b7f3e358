import { chaos } from '../../packages/core/test/chaos/chaos.ts';
import type { Fuzzer } from './fuzzer.ts';

/** Batches through a server that refuses, fails and cuts connections. */
export const faults: Fuzzer = {
  name: 'faults',
  // packages/core/test/chaos/chaos.test.ts plays these.
  casesInTests: 0,
  async run(seed) {
    return (await chaos(40, seed)).problems;
  },
};
