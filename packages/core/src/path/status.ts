import type { ObjectIssue } from './issue.ts';
import { parsePath, type Path } from './path.ts';

/**
 * `absent`: nothing has come. `streaming`: it has begun, and is not closed. `complete`: it closed, and will not change.
 * `invalid`: what closed there does not fit the schema, or something within it does not, or it is missing; or the answer
 * ended before it closed.
 */
export type FieldStatus = 'absent' | 'streaming' | 'complete' | 'invalid';

/** The value at a dotted path (`items.0.name`), at one with brackets (`items[0].name`), or at an array of keys. */
export type ValueAt<T, P extends Path | string> = P extends string
  ? ValueAtKeys<T, KeysOf<P>>
  : P extends Path
    ? ValueAtKeys<T, P>
    : unknown;

type KeysOf<P extends string> = string extends P
  ? Path
  : P extends `${infer Start}[${infer Index}]${infer Rest}`
    ? [...KeysOf<Start>, Index, ...KeysOf<Rest>]
    : P extends `.${infer Rest}`
      ? KeysOf<Rest>
      : P extends `${infer Key}.${infer Rest}`
        ? [Key, ...KeysOf<Rest>]
        : P extends ''
          ? []
          : [P];

type ValueAtKeys<T, Keys extends Path> = Keys extends readonly []
  ? T
  : Keys extends readonly [infer Key, ...infer Rest extends Path]
    ? string extends Key
      ? unknown
      : ValueAtKeys<ValueAtKey<T, Key>, Rest>
    : unknown;

// Of a union, what any of its members has there.
type ValueAtKey<T, Key> = T extends readonly (infer Item)[]
  ? Key extends number | `${number}`
    ? Item | undefined
    : undefined
  : T extends object
    ? Key extends keyof T
      ? T[Key]
      : `${Key & (string | number)}` extends keyof T
        ? T[`${Key & (string | number)}` & keyof T]
        : undefined
    : unknown extends T
      ? unknown
      : undefined;

/** Whether `path` is `start`, or lies within it. */
export function isWithin(path: Path | string, start: Path | string): boolean {
  const keys = parsePath(path);
  return parsePath(start).every((key, index) => index < keys.length && String(keys[index]) === String(key));
}

type Container = Readonly<Record<string | number, unknown>>;

/** How many of the keys lead to something. */
function depthOf(value: unknown, keys: Path): number {
  let depth = 0;
  let here = value;
  for (const key of keys) {
    // The length of an array is its own, and no item.
    if (!here || typeof here !== 'object' || !{}.propertyIsEnumerable.call(here, key)) break;
    here = (here as Container)[key];
    depth += 1;
  }
  return depth;
}

/** The value at a path, if there is one. */
export function valueAt(value: unknown, path: Path | string): unknown {
  const keys = parsePath(path);
  return depthOf(value, keys) < keys.length ? undefined : keys.reduce((here, key) => (here as Container)[key], value);
}

/** @param open the innermost value that has begun and is not closed; `undefined` when all is. */
export function statusAt(
  value: unknown,
  open: Path | undefined,
  issues: readonly ObjectIssue[],
  path: Path | string,
): FieldStatus {
  const keys = parsePath(path);
  const exists = value !== undefined && depthOf(value, keys) === keys.length;
  if (exists && open && isWithin(open, keys)) return 'streaming';
  if (issues.some((issue) => isWithin(issue.path, keys))) return 'invalid';
  return exists ? 'complete' : 'absent';
}

/** Whether what an issue is about has closed: half a value fits hardly any schema. */
export function isClosed(value: unknown, open: Path | undefined, { path }: ObjectIssue): boolean {
  return !open || !isWithin(open, path.slice(0, depthOf(value, path)));
}
