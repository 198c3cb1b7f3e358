/** A random id: `prefix` and digits. `crypto.randomUUID` is absent on plain-http pages. */
export function newId(prefix: string): string {
  return prefix + crypto.getRandomValues(new Uint32Array(4)).join('');
}
