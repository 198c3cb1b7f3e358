import { isObject } from '../../providers/merge-bodies.ts';
import type { Absent } from './dialect.ts';
import { branchesOf, hasType, typeOf, type JsonSchema } from './json-schema.ts';

/**
 * Takes out the `null`s that stand for absent properties, in values that hold to `start`, whole or still growing. What
 * had none keeps its identity; so does what was seen before, because a value that did not change gives the same result.
 */
export function createRestore(root: JsonSchema, start: JsonSchema, absent: Absent): (value: unknown) => unknown {
  // Which branch of a union a value is of may show later: what is within it is then of another schema.
  const known = new WeakMap<object, readonly [schema: unknown, restored: unknown]>();

  const accepts = (schema: unknown, value: unknown, isLoose: boolean): boolean =>
    branchesOf(root, schema).some((branch) => fits(branch, value, isLoose));

  /**
   * Whether a value, or what there is of it, could be of this branch. One element speaks for its list. If `isLoose`, by its
   * keys and constants: what is to be a number may have come as text.
   */
  function fits(branch: JsonSchema, value: unknown, isLoose = false): boolean {
    const { items, properties = {} } = branch;
    if (
      branch.enum
        ? !branch.enum.includes(value)
        : !(isLoose && Object(value) !== value) && !hasType(branch, typeOf(value))
    )
      return false;
    if (Array.isArray(value)) return !value.length || accepts(items, value[0], isLoose);
    return (
      !isObject(value) ||
      Object.entries(value).every(
        ([key, item]) => Object.hasOwn(properties, key) && accepts(properties[key], item, isLoose),
      )
    );
  }

  function visit(value: unknown, schema: unknown): unknown {
    if (typeof value !== 'object' || !value || !schema) return value;
    const seen = known.get(value);
    if (seen?.[0] === schema) return seen[1];
    const branches = branchesOf(root, schema);
    const branch = branches[1]
      ? (branches.find((one) => fits(one, value)) ?? branches.find((one) => fits(one, value, true)))
      : branches[0];
    let restored: unknown = value;
    if (Array.isArray(value)) {
      const visited = value.map((item) => visit(item, branch?.items));
      if (visited.some((item, index) => item !== value[index])) restored = visited;
    } else if (branch) {
      const nulls = absent.get(branch.properties);
      const entries = Object.entries(value) as [string, unknown][];
      const visited = entries.flatMap(([name, item]): [string, unknown][] =>
        item === null && nulls?.has(name) ? [] : [[name, visit(item, branch.properties?.[name])]],
      );
      if (visited.length < entries.length || visited.some(([, item], index) => item !== entries[index]?.[1]))
        restored = Object.fromEntries(visited);
    }
    known.set(value, [schema, restored]);
    return restored;
  }

  return absent.size ? (value) => visit(value, start) : (value) => value;
}
