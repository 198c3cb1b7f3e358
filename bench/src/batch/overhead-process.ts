import { contestants } from './overhead-contestants.ts';

const [count, concurrency, name] = process.argv.slice(2);
const contestant = contestants[name!]!;
const items = Array.from({ length: Number(count) }, (_, index) => index);

async function measure(): Promise<number> {
  globalThis.gc?.();
  const start = performance.now();
  const results = await contestant(items, Number(concurrency));
  const elapsed = performance.now() - start;
  if (!items.every((item) => results[item] === item + 1)) throw new Error(`${name} lost an item.`);
  return elapsed;
}

/** Works once on all items for each message that comes, and sends back what it took. */
process.on('message', () => void measure().then((elapsed) => process.send!(elapsed)));
