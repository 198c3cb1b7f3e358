import { startContestants, type ContestantProcesses } from '../contestant-processes.ts';
import { rounds } from '../rounds.ts';
import { ms, printTable, times } from '../table.ts';
import type { JsonTask } from './json-process.ts';

const SHAPES = ['array of objects', 'flat array', 'wide object', 'deep nesting', 'one long string'];
const FLOOR = 'JSON.parse, once';
const INCREMENTAL = [FLOOR, 'rivulet', '@streamparser/json'];
/** These read the text from its start each time. */
const NAMES = [...INCREMENTAL, 'partial-json', 'ai parsePartialJson'];
const SIZES_KB = [4, 16, 64, 256];
const ROUNDS = rounds(3);
/** What would take longer by what the size before took is not measured. */
const LONGEST_MS = 3000;

/** Partial JSON: what reading it costs while it comes, by how often somebody looks. */
export async function jsonBench(): Promise<void> {
  const contestants = await startContestants(new URL('./json-process.ts', import.meta.url), NAMES, {
    execArgv: ['--single-threaded-gc'],
  });
  try {
    await table(contestants, 1, 'with a snapshot at each of them');
    await table(contestants, 16, 'with a snapshot at every 16th');
    await table(contestants, null, 'of which only the end is read');
  } finally {
    contestants.stop();
  }
}

async function table(contestants: ContestantProcesses<string>, every: number | null, how: string): Promise<void> {
  const rows: string[][] = [];
  for (const shape of SHAPES) {
    const floor = await measureSizes(contestants, FLOOR, { shape, every: null });
    for (const name of every ? NAMES : INCREMENTAL) {
      const least = name === FLOOR ? floor : await measureSizes(contestants, name, { shape, every });
      const known = least.filter((value) => value !== undefined);
      rows.push([
        `${shape}: ${name}`,
        ...SIZES_KB.map((_, index) => (least[index] === undefined ? '–' : precise(least[index]))),
        known.length > 1 ? exponent(known).toFixed(2) : '–',
        known.length > 1 ? times(Math.max(...doublings(known))) : '–',
        least[2] === undefined ? '–' : times(least[2] / floor[2]!),
      ]);
    }
  }
  printTable(
    `JSON in deltas of 4 characters, ${how}: ms of CPU time, least of ${ROUNDS} rounds (– would take more than ${LONGEST_MS / 1000} s)`,
    ['', ...SIZES_KB.map((size) => `${size} kB`), 'exponent', 'worst doubling', '64 kB to JSON.parse'],
    rows,
  );
}

/** `undefined` where it would take too long. */
async function measureSizes(
  contestants: ContestantProcesses<string>,
  name: string,
  task: Omit<JsonTask, 'length'>,
): Promise<(number | undefined)[]> {
  const least = SIZES_KB.map((): number | undefined => undefined);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, size] of SIZES_KB.entries()) {
      const [before, last] = [least[index - 2], least[index - 1]];
      const growth = last && before ? last / before : 4;
      if (index > 0 && (last === undefined || last * growth > LONGEST_MS)) break;
      const elapsed = await contestants.measure(name, { ...task, length: size * 1024 } satisfies JsonTask);
      least[index] = Math.min(least[index] ?? Infinity, elapsed);
    }
  }
  return least;
}

/** How the time grows with the size: as its power of this; 1 is linear, 2 quadratic. By least squares of the logarithms. */
function exponent(values: readonly number[]): number {
  const points = values.map((value, index) => [Math.log(SIZES_KB[index]!), Math.log(value)] as const);
  const x = points.reduce((sum, point) => sum + point[0], 0) / points.length;
  const y = points.reduce((sum, point) => sum + point[1], 0) / points.length;
  const [above, below] = points.reduce(
    ([covariance, variance], point) => [covariance + (point[0] - x) * (point[1] - y), variance + (point[0] - x) ** 2],
    [0, 0],
  );
  return above / below;
}

/** How many times longer twice the size takes, between one size and the next. */
function doublings(values: readonly number[]): number[] {
  return values
    .slice(1)
    .map((value, index) => (value / values[index]!) ** (1 / Math.log2(SIZES_KB[index + 1]! / SIZES_KB[index]!)));
}

function precise(value: number): string {
  return value < 1 ? value.toPrecision(2) : ms(value);
}
