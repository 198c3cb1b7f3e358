import { contestants } from './contestants.ts';
import { shapes } from './shapes.ts';

/** What to measure: `every` is `null` where only the end is read. */
export interface JsonTask {
  readonly shape: string;
  readonly length: number;
  readonly every: number | null;
}

const DELTA = 4;
const SAMPLE_MS = 4;
const BUDGET_MS = 80;
/** Until then the code is not compiled well; only what is quadratic takes so long that fewer have to do. */
const SAMPLES = 12;
const ENOUGH_MS = 1000;

const name = process.argv[2]!;
const contestant = contestants[name]!;

/** CPU time, so that other programs do not count. */
function spentMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The least that one reading took, in ms, of as many samples as fit into the budget. */
async function measure({ shape, length, every }: JsonTask): Promise<number> {
  const text = shapes[shape]!(length);
  const pieces = Array.from({ length: Math.ceil(text.length / DELTA) }, (_, index) =>
    text.slice(index * DELTA, (index + 1) * DELTA),
  );
  const value = await contestant(pieces, Infinity);
  if (JSON.stringify(value) !== text) throw new Error(`${name} lost something of the ${shape}.`);

  let least = Infinity;
  let readings = 1;
  const begin = spentMs();
  const isEnough = (samples: number): boolean => spentMs() - begin > (samples < SAMPLES ? ENOUGH_MS : BUDGET_MS);
  let samples = 0;
  do {
    globalThis.gc?.();
    const start = spentMs();
    for (let reading = 0; reading < readings; reading += 1) await contestant(pieces, every ?? Infinity);
    const elapsed = spentMs() - start;
    least = Math.min(least, elapsed / readings);
    if (elapsed < SAMPLE_MS) readings *= 2;
    samples += 1;
  } while (!isEnough(samples));
  return least;
}

process.on('message', (task: JsonTask) => void measure(task).then((elapsed) => process.send!(elapsed)));
