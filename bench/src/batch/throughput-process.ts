import { contestants } from './throughput-contestants.ts';

const [baseURL, items, concurrency, name] = process.argv.slice(2);
const prompts = Array.from({ length: Number(items) }, (_, index) => `What does river ${index} carry?`);

/** Asks once, and tells how many were answered. */
process.send!(await contestants[name!]!(baseURL!, prompts, Number(concurrency)));
process.disconnect();
