import { superlinearWork } from '../../packages/core/test/markdown/support/repetitions.ts';
import { createRandom } from '../../packages/core/test/support/well-formed-answer.ts';
import type { Fuzzer } from './fuzzer.ts';

const LENGTH = 400_000;

/** Splits and closes long repetitions of random marks, and compares the processor time with that of shorter ones. */
export const markdownCosts: Fuzzer = {
  name: 'markdown-costs',
  casesInTests: 0,
  async run(seed) {
    const problem = await superlinearWork(createRandom(seed), LENGTH);
    return problem ? [problem] : [];
  },
};
