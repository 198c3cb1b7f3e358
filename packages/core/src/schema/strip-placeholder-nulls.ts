import { isObject } from '../utils/merge-bodies.ts';
import { someSchema } from './child-schemas.ts';
import { allowsNull, branchesOf, hasType, typeOf, type JsonSchema } from './json-schema.ts';

/** Whether a property of such a value may be absent, as far as its own keywords say. */
function hasOptional({ properties = {}, required, propertyNames }: JsonSchema): boolean {
  return propertyNames !== undefined || Object.keys(properties).some((name) => !required?.includes(name));
}

/** Whether a value could be of a branch. */
type FitsByBranch = WeakMap<JsonSchema, boolean>;

/**
 * Takes the `null`s that stand for absent properties out of values that hold to `root`, whole or still growing: strict
 * providers have to be asked for them, and models write them to others too. What had none keeps its identity; so does what
 * was seen before, because a value that did not change gives the same result.
 */
export function createRestore(root: JsonSchema): (value: unknown) => unknown {
  // Which branch of a union a value is of may show later: what is within it is then of another schema.
  const known = new WeakMap<object, readonly [schema: unknown, restored: unknown]>();

  // Alternatives within each other would have the same value compared again for each way to it.
  const fitting = { strict: new WeakMap<object, FitsByBranch>(), loose: new WeakMap<object, FitsByBranch>() };

  const accepts = (schema: unknown, value: unknown, isLoose: boolean): boolean =>
    branchesOf(root, schema).some((branch) => fits(branch, value, isLoose));

  function schemaOf({ properties = {}, additionalProperties }: JsonSchema, name: string): unknown {
    return Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
  }

  const isAbsent = (branch: JsonSchema, name: string, value: unknown): boolean =>
    value === null &&
    Object.hasOwn(branch.properties ?? {}, name) &&
    !branch.required?.includes(name) &&
    !allowsNull(root, branch.properties?.[name]);

  /**
   * Whether a value, or what there is of it, could be of this branch. One element speaks for its list. If `isLoose`, by its
   * keys and constants: what is to be a number may have come as text.
   */
  function fits(branch: JsonSchema, value: unknown, isLoose = false): boolean {
    if (typeof value !== 'object' || value === null) return hasFit(branch, value, isLoose);
    const byValue = fitting[isLoose ? 'loose' : 'strict'];
    const byBranch: FitsByBranch = byValue.get(value) ?? new WeakMap();
    byValue.set(value, byBranch);
    const isFit = byBranch.get(branch) ?? hasFit(branch, value, isLoose);
    byBranch.set(branch, isFit);
    return isFit;
  }

  function hasFit(branch: JsonSchema, value: unknown, isLoose: boolean): boolean {
    const { items, prefixItems } = branch;
    if (
      branch.enum
        ? !branch.enum.includes(value)
        : !(isLoose && Object(value) !== value) && !hasType(branch, typeOf(value))
    )
      return false;
    if (Array.isArray(value)) return !value.length || accepts(prefixItems?.[0] ?? items, value[0], isLoose);
    return (
      !isObject(value) ||
      Object.entries(value).every(([name, item]) => {
        const schema = schemaOf(branch, name);
        return isAbsent(branch, name, item) || (!!schema && accepts(schema, item, isLoose));
      })
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
      const visited = value.map((item, index) => visit(item, branch?.prefixItems?.[index] ?? branch?.items));
      if (visited.some((item, index) => item !== value[index])) restored = visited;
    } else if (branch) {
      const entries = Object.entries(value) as [string, unknown][];
      const visited = entries.flatMap(([name, item]): [string, unknown][] =>
        isAbsent(branch, name, item) ? [] : [[name, visit(item, schemaOf(branch, name))]],
      );
      if (visited.length < entries.length || visited.some(([, item], index) => item !== entries[index]?.[1]))
        restored = Object.fromEntries(visited);
    }
    known.set(value, [schema, restored]);
    return restored;
  }

  return someSchema(root, hasOptional) ? (value) => visit(value, root) : (value) => value;
}
