/** A random id. `crypto.randomUUID` is absent on plain-http pages. */
export function newId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('');
}
