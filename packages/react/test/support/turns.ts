/** Lets everything run that waits for a microtask. */
export async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Waits until the timers that are due now have run. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
