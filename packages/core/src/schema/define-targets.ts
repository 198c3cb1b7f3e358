import { isObject } from '../utils/merge-bodies.ts';
import { mapChildSchemas } from './child-schemas.ts';
import { findRef, type JsonSchema } from './json-schema.ts';

/**
 * Moves the targets of some `$ref`s into `$defs` of the root, and leaves `$ref`s in their places.
 * @param isMoved whether the target of a `$ref` is moved.
 */
export function defineTargets(root: JsonSchema, isMoved: (ref: string) => boolean): JsonSchema {
  const names = new Map<unknown, string>();
  const taken = new Set(Object.keys(root.$defs ?? {}));

  function addName(ref: string): void {
    const target = findRef(root, ref);
    if (names.has(target)) return;
    const wanted = ref.slice(ref.lastIndexOf('/') + 1).replace(/\W/g, '_');
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}_${count}`;
    taken.add(name);
    names.set(target, name);
  }

  function addNames(): void {
    // A set visits the targets that are added meanwhile.
    const schemas = new Set<unknown>([root]);
    for (const schema of schemas) {
      if (!isObject(schema)) continue;
      const { $ref } = schema as JsonSchema;
      if ($ref !== undefined) schemas.add(findRef(root, $ref));
      if ($ref !== undefined && isMoved($ref)) addName($ref);
      mapChildSchemas(schema, (child) => schemas.add(child));
    }
  }

  function refTo(target: unknown): JsonSchema {
    return { $ref: `#/$defs/${names.get(target)}` };
  }

  function moved(schema: unknown): unknown {
    // `true` and `false` are as short as a `$ref`.
    return isObject(schema) && names.has(schema) ? refTo(schema) : withRefs(schema);
  }

  function withRefs(schema: unknown): unknown {
    if (!isObject(schema)) return schema;
    const mapped = mapChildSchemas(schema, moved);
    const { $ref } = schema as JsonSchema;
    return $ref !== undefined && isMoved($ref) ? { ...mapped, ...refTo(findRef(root, $ref)) } : mapped;
  }

  addNames();
  const { $defs, ...rest } = withRefs(root) as JsonSchema;
  const targets = [...names].map(([target, name]) => [name, withRefs(target) as JsonSchema] as const);
  return { ...rest, $defs: { ...$defs, ...Object.fromEntries(targets) } };
}
