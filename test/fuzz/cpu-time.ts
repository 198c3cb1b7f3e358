/** How much processor time work takes, in ms. */
export async function cpuTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Whether work takes longer than this each time: once may be the garbage collector, or the compiler. */
export async function isSlow(work: () => unknown, limitMs: number): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if ((await cpuTime(work)) <= limitMs) return false;
  }
  return true;
}
