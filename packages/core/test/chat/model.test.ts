import { expect, it } from 'vitest';
import { playChat } from './model.ts';

const RUNS = Number(process.env['CHAT_RUNS'] ?? 120);
const FIRST_SEED = Number(process.env['CHAT_SEED'] ?? 1);

it(
  'settles, drains its queue and keeps a valid history, whatever happens and whenever',
  { timeout: 600_000 },
  async () => {
    const failures: string[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed += 1) {
      const { log, violations } = await playChat(seed);
      if (violations.length > 0) failures.push(`seed ${seed}: ${violations.join('; ')}\n  ${log.join(', ')}`);
    }
    expect(failures).toEqual([]);
  },
);
