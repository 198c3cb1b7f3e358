import { startContestants } from '../contestant-processes.ts';
import { rounds } from '../rounds.ts';
import { median } from '../stats.ts';
import { printTable, times } from '../table.ts';

const ITEMS = 10_000;
const CONCURRENCY = 10;
const WARM_UP = 5;
const ROUNDS = rounds(4) * 10;
const NAMES = ['p-map', 'p-limit', 'rivulet batchProcess'] as const;

/** Items that take no time: what is left is what the loop costs. */
export async function overhead(): Promise<void> {
  const contestants = await startContestants(new URL('./overhead-process.ts', import.meta.url), NAMES, {
    args: [ITEMS, CONCURRENCY],
  });
  const samples = await contestants.sample(WARM_UP, ROUNDS);
  contestants.stop();
  const floor = samples.get(NAMES[0])!;
  printTable(
    `${ITEMS} items that take no time, ${CONCURRENCY} at a time: µs an item`,
    ['', 'median', 'least', 'to p-map'],
    [...samples].map(([name, values]) => [
      name,
      micros(median(values)),
      micros(Math.min(...values)),
      times(median(values.map((value, round) => value / floor[round]!))),
    ]),
  );
}

function micros(elapsedMs: number): string {
  return ((elapsedMs * 1000) / ITEMS).toFixed(2);
}
