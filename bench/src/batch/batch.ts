import { overhead } from './overhead.ts';
import { throughput } from './throughput.ts';

/** Batches: what the loop costs, and how well it does against a limit. */
export async function batchBench(): Promise<void> {
  await overhead();
  await throughput();
}
