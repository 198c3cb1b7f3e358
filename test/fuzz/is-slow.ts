import { processorTime } from '../../packages/core/test/support/growth.ts';

/** Whether work takes longer than this each time: once may be the garbage collector, or the compiler. */
export async function isSlow(work: () => unknown, limitMs: number): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if ((await processorTime(work)) <= limitMs) return false;
  }
  return true;
}
