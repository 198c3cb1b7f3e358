/** A random id. `crypto.randomUUID` is absent on plain-http pages, and `crypto` in engines outside of browsers. */
export function newId(): string {
  const numbers = new Uint32Array(4);
  const { crypto } = globalThis as Partial<typeof globalThis>;
  if (crypto && 'getRandomValues' in crypto) crypto.getRandomValues(numbers);
  else numbers.forEach((_, index) => (numbers[index] = Math.random() * 2 ** 32));
  return numbers.join('');
}
