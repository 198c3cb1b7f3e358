/** Makes JSON of about so many characters. */
export type Shape = (length: number) => string;

function items(length: number, item: (index: number) => unknown): unknown[] {
  const all: unknown[] = [];
  for (let index = 0, rest = length - 2; rest > 0; index += 1) {
    all.push(item(index));
    rest -= JSON.stringify(all.at(-1)).length + 1;
  }
  return all;
}

function deep(length: number): string {
  const depth = 250;
  const text = 'deep '.repeat(length).slice(0, Math.max(0, Math.floor(length / depth) - 23));
  const levels = Array.from({ length: depth }, (_, level) => `{"at":${level},"of":"${text}","in":[`);
  return levels.join('') + ']}'.repeat(depth);
}

/** What a model may write; none of them gets more levels as it grows, since those are limited. */
export const shapes: Readonly<Record<string, Shape>> = {
  'array of objects': (length) =>
    JSON.stringify(
      items(length, (id) => ({
        id,
        name: `Item number ${id}`,
        price: id * 1.25,
        tags: ['new', 'sale'],
        inStock: id % 3 === 0,
      })),
    ),
  'flat array': (length) => JSON.stringify(items(length, (index) => (index * 37) % 1000)),
  'wide object': (length) =>
    JSON.stringify(
      Object.fromEntries(items(length, (index) => [`field${index}`, `value ${index}`]) as [string, string][]),
    ),
  'deep nesting': deep,
  'one long string': (length) => JSON.stringify({ text: 'A sentence of a long text. '.repeat(length / 27) }),
};
