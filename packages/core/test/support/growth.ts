/** A growth below this is linear. A quadratic cost grows by about 64. */
export const LINEAR = 24;

/** Shorter times are too short to compare, in ms. */
const MEASURABLE_MS = 4;
const ATTEMPTS = 4;

/** How much processor time work takes, in ms. Other processes of a busy machine do not count. */
export async function processorTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * How much more processor time eight times the work takes: about 8 if it is linear, 64 if it is quadratic. Work that is
 * not `LINEAR` is measured again, since one measurement may include the compiler or a garbage collection.
 */
export async function growthOf(work: (count: number) => unknown, count = 90): Promise<number> {
  const timeOf = (size: number): Promise<number> => processorTime(() => work(size));
  let growth = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS && growth >= LINEAR; attempt += 1) {
    const many = await timeOf(count * 8);
    // Then the shorter work cannot make a difference.
    if (many < LINEAR * MEASURABLE_MS) return many / MEASURABLE_MS;
    const few = Math.min(await timeOf(count), await timeOf(count));
    growth = Math.min(growth, many / Math.max(few, MEASURABLE_MS));
  }
  return growth;
}
