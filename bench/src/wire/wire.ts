import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { bundleForNode } from '../bundle.ts';
import { rounds } from '../rounds.ts';
import { median } from '../stats.ts';
import { ms, printTable, times } from '../table.ts';

const EVENTS = 20_000;
const CHUNK_SIZES = [1400, 150];
const WARM_UP = 3;
const ROUNDS = rounds(15);

/** The first one is the floor, in which the others are measured. */
const NAMES = [
  'eventsource-parser + JSON.parse',
  'rivulet result',
  'rivulet textStream',
  'openai create({ stream })',
  'ai streamText textStream',
] as const;

/** One answer read by one library: bytes in, text out, no network. */
export async function wireBench(): Promise<void> {
  const program = await bundleForNode(new URL('./contestant-process.ts', import.meta.url));
  for (const chunkSize of CHUNK_SIZES) {
    // A process for each: in a shared one every library would run in code that the others have shaped.
    const processes = new Map(
      NAMES.map((name) => [
        name,
        fork(program, [String(EVENTS), String(chunkSize), name], { execArgv: ['--expose-gc'] }),
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
    print(chunkSize, samples);
  }
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

function print(chunkSize: number, samples: ReadonlyMap<string, readonly number[]>): void {
  const floor = samples.get(NAMES[0])!;
  printTable(
    `${EVENTS} events in chunks of ${chunkSize} B: ms of CPU time`,
    ['', 'median', 'least', 'to the floor'],
    [...samples].map(([name, values]) => [
      name,
      ms(median(values)),
      ms(Math.min(...values)),
      times(median(values.map((value, round) => value / floor[round]!))),
    ]),
  );
}
