/**
 * How much more processor time eight times the work takes: about 8 if it is linear, 64 if it is quadratic. Other processes
 * of a busy machine do not count.
 */
export async function growthOf(work: (count: number) => Promise<unknown>, count = 250): Promise<number> {
  async function timeOf(size: number): Promise<number> {
    const before = process.cpuUsage();
    await work(size);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }
  // The first runs compile the code.
  await work(count);
  await work(count);
  const few = Math.max(await timeOf(count), await timeOf(count), 40);
  const growth = (await timeOf(count * 8)) / few;
  // A collection of garbage may have been in between: only a second run shows that the cost is not linear.
  return growth < 16 ? growth : Math.min(growth, (await timeOf(count * 8)) / few);
}
