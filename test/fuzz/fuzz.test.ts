import { expect, it } from 'vitest';
import { playCase } from './fuzzer.ts';
import { FUZZERS } from './fuzzers.ts';

it.each(FUZZERS.filter(({ casesInTests }) => casesInTests > 0).map((fuzzer) => [fuzzer.name, fuzzer] as const))(
  'fuzzing %s finds no problem',
  async (name, fuzzer) => {
    const findings: string[] = [];
    for (let seed = 1; seed <= fuzzer.casesInTests; seed += 1) {
      const problems = await playCase(fuzzer, seed);
      if (problems.length > 0)
        findings.push(`pnpm fuzz --only ${name} --seed ${seed} --cases 1: ${problems.join('; ')}`);
    }
    expect(findings).toEqual([]);
  },
);
