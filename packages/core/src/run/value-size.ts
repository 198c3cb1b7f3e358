import { checkSize } from '../limits.ts';

/** About what a value costs besides its characters: a number, a property, an object. */
const VALUE_SIZE = 8;

/**
 * Creates a function that measures values: about the length of their JSON. An object that was measured before is not walked
 * again, so a state whose snapshots share what did not change costs what changed.
 * @throws {LLMError} (from the returned function) with code `limit` for a value that is nested too deep, or above the
 * limit of a run on its own.
 */
export function createValueSize(): (value: unknown) => number {
  const known = new WeakMap<object, number>();

  function sizeOf(value: unknown, depth: number): number {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return VALUE_SIZE;
    const before = known.get(value);
    if (before !== undefined) return before;
    checkSize('depth', depth);
    // A cycle ends here.
    known.set(value, 0);
    const size = ArrayBuffer.isView(value) ? value.byteLength : sizeOfFields(value, depth);
    known.set(value, size);
    return size;
  }

  function sizeOfFields(value: object, depth: number): number {
    let size = VALUE_SIZE;
    if (Array.isArray(value)) {
      for (const item of value as readonly unknown[]) size += sizeOf(item, depth + 1);
      checkSize('run', size);
      return size;
    }
    for (const [name, field] of Object.entries(value)) size += name.length + sizeOf(field, depth + 1);
    checkSize('run', size);
    return size;
  }

  return (value) => sizeOf(value, 1);
}
