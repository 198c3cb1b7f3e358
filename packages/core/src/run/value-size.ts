import { checkSize } from '../errors/limits.ts';

/** About what a value costs besides its characters: a number, a property, an object. */
const VALUE_SIZE = 8;

interface Measure {
  readonly size: number;
  /** Of nesting. */
  readonly levels: number;
}

/**
 * Creates a function that measures values: about the length of their JSON. An object that was measured before is not walked
 * again, so a state whose snapshots share what did not change costs what changed.
 * @throws {LLMError} (from the returned function) with code `limit` for a value that is nested too deep, or above the
 * limit of a run on its own.
 */
export function createValueSize(): (value: unknown) => number {
  const known = new WeakMap<object, Measure>();
  /** The levels of what was measured last. */
  let levels = 0;

  function sizeOf(value: unknown, depth: number): number {
    levels = 0;
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return VALUE_SIZE;
    const before = known.get(value);
    checkSize('depth', depth + (before?.levels ?? 1) - 1);
    levels = before?.levels ?? 1;
    if (before) return before.size;
    // A cycle ends here.
    known.set(value, { size: 0, levels: 1 });
    const size = ArrayBuffer.isView(value) ? value.byteLength : sizeOfFields(value, depth);
    known.set(value, { size, levels });
    return size;
  }

  function sizeOfFields(value: object, depth: number): number {
    let size = VALUE_SIZE;
    let deepest = 0;
    const add = (field: unknown): void => {
      size += sizeOf(field, depth + 1);
      deepest = Math.max(deepest, levels);
    };
    if (Array.isArray(value)) {
      for (const item of value as readonly unknown[]) add(item);
    } else {
      for (const [name, field] of Object.entries(value)) {
        size += name.length;
        add(field);
      }
    }
    checkSize('run', size);
    levels = deepest + 1;
    return size;
  }

  return (value) => sizeOf(value, 1);
}
