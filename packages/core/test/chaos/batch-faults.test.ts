import { expect, it } from 'vitest';
import { playBatch } from './batch-faults.ts';

/** `pnpm fuzz --only batches` plays more of them. */
const SEEDS = 60;

it('holds its promises under random faults of the model, the store and the caller', async () => {
  const findings: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const problems = await playBatch(seed);
    findings.push(...problems.map((problem) => `seed ${seed}: ${problem}`));
  }

  expect(findings).toEqual([]);
}, 120_000);
