/** All that an application may show or log of an error. */
export function everythingIn(error: Error): string {
  const seen = new Set<unknown>();
  const found: string[] = [];
  (function look(value: unknown): void {
    if (typeof value === 'string') found.push(value);
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const name of Object.getOwnPropertyNames(value)) look((value as Record<string, unknown>)[name]);
  })(error);
  return [...found, JSON.stringify(error), String(error)].join('\n');
}
