import { isObject } from '../http/json-object.ts';
import type { Body } from './endpoint.ts';

export { isObject };

/** Joins bodies, the later before the earlier, one level deep: a field of a nested object does not cost the others. */
export function mergeBodies(...bodies: readonly (object | undefined)[]): Body {
  const merged: Record<string, unknown> = {};
  for (const body of bodies) {
    for (const [name, value] of Object.entries(body ?? {})) {
      const known = merged[name];
      merged[name] = isObject(known) && isObject(value) ? { ...known, ...value } : value;
    }
  }
  return merged;
}
