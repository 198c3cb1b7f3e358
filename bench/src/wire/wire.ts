import { startContestants } from '../contestant-processes.ts';
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
  for (const chunkSize of CHUNK_SIZES) {
    const contestants = await startContestants(new URL('./contestant-process.ts', import.meta.url), NAMES, {
      args: [EVENTS, chunkSize],
    });
    print(chunkSize, await contestants.sample(WARM_UP, ROUNDS));
    contestants.stop();
  }
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
