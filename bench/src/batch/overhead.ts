import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { bundleForNode } from '../bundle.ts';
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
  const program = await bundleForNode(new URL('./overhead-process.ts', import.meta.url));
  const processes = new Map(
    NAMES.map((name) => [
      name,
      fork(program, [String(ITEMS), String(CONCURRENCY), name], { execArgv: ['--expose-gc'] }),
    ]),
  );
  const samples = new Map(NAMES.map((name) => [name, [] as number[]]));
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const name of NAMES) {
      const elapsed = await measure(processes.get(name)!);
      if (round >= 0) samples.get(name)!.push(elapsed);
    }
  }
  for (const process of processes.values()) process.disconnect();
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

async function measure(process: ChildProcess): Promise<number> {
  const stop = new AbortController();
  const { signal } = stop;
  const failed = once(process, 'exit', { signal }).then(() => {
    throw new Error(`${process.spawnargs.at(-1)} failed.`);
  });
  process.send('once more');
  const [elapsed] = (await Promise.race([once(process, 'message', { signal }), failed])) as [number];
  failed.catch(() => undefined);
  stop.abort();
  return elapsed;
}

function micros(elapsedMs: number): string {
  return ((elapsedMs * 1000) / ITEMS).toFixed(2);
}
