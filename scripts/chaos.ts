// Asks for 2,000 answers through a server that has faults: `pnpm chaos`, or `CHAOS_SEED=… pnpm chaos` to see one again.
import { chaos, chaosSeed } from '../packages/core/test/chaos/chaos.ts';

const ITEMS = 2000;

const seed = chaosSeed();
console.log(`CHAOS_SEED=${seed}`);
const { problems, fulfilled, rejected, fates, seconds } = await chaos(ITEMS, seed);
console.log(`${fulfilled} items have their answer, ${rejected} failed in all attempts, in ${seconds.toFixed(1)} s.`);
console.log(
  `Requests: ${Object.entries(fates)
    .map(([fate, count]) => `${count} ${fate}`)
    .join(', ')}.`,
);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
