import { expect, it } from 'vitest';
import { chaos, chaosSeed } from './chaos.ts';

it('a batch gets each answer once, and in order, from a server that refuses, fails and cuts connections', async () => {
  const seed = chaosSeed();
  console.log(`CHAOS_SEED=${seed}`);

  const { problems, fulfilled, rejected, fates } = await chaos(80, seed);

  expect(problems, `CHAOS_SEED=${seed}`).toEqual([]);
  expect(fulfilled + rejected).toBe(80);
  expect(fates.refused, `CHAOS_SEED=${seed}`).toBeGreaterThan(0);
  expect(fates.answered).toBe(fulfilled);
}, 60_000);
