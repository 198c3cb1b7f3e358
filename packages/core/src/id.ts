/** A random id, `prefix` and 32 hexadecimal digits. `crypto.randomUUID` is absent on plain-http pages. */
export function newId(prefix: string): string {
  let id = prefix;
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += byte.toString(16).padStart(2, '0');
  return id;
}
