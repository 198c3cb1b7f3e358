import { isObject } from './json-object.ts';

export { isObject };

/** What is sent, as JSON: a field that is `undefined` is omitted. */
export type Body = Readonly<Record<string, unknown>>;

/** Joins bodies, the later before the earlier, one level deep: a field of a nested object does not cost the others. */
export function mergeBodies(...bodies: readonly (object | undefined)[]): Body {
  const merged = new Map<string, unknown>();
  for (const body of bodies) {
    for (const [name, value] of Object.entries(body ?? {})) {
      const known = merged.get(name);
      merged.set(name, isObject(known) && isObject(value) ? { ...known, ...value } : value);
    }
  }
  return Object.fromEntries(merged);
}

/** The value at a path of a body; `undefined` if there is none. */
export function valueIn(body: unknown, path: readonly string[]): unknown {
  let value = body;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}
