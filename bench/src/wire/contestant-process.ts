import { openAIFrames } from '../openai-frames.ts';
import { tokens } from '../tokens.ts';
import { answering } from './answering.ts';
import { contestants } from './contestants.ts';

const [events, chunkSize, name] = process.argv.slice(2);
const contestant = contestants[name!]!;
const pieces = tokens(Number(events));
const expected = pieces.join('');
const fetch = answering(new TextEncoder().encode(openAIFrames(pieces).join('')), Number(chunkSize));

/** CPU time, all threads, in ms: unlike the time on the wall it does not count what other programs do meanwhile. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function measure(): Promise<number> {
  globalThis.gc?.();
  const start = cpuTime();
  const text = await contestant(fetch);
  const elapsed = cpuTime() - start;
  if (text !== expected) throw new Error(`Text was lost: ${text.length} of ${expected.length} characters came.`);
  return elapsed;
}

/** Reads the answer once for each message that comes, and sends back what it took. */
process.on('message', () => void measure().then((elapsed) => process.send!(elapsed)));
