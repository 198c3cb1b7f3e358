import { mapRefs } from './child-schemas.ts';
import type { JsonSchema } from './json-schema.ts';

const ROOT = '#/$defs/_root';

/** A schema to stand within another one, and the definitions that have to stand at its root. */
function inner(schema: JsonSchema): readonly [schema: JsonSchema, definitions: Pick<JsonSchema, '$defs'>] {
  let refersToRoot = false;
  const moved = mapRefs(schema, (ref) => {
    if (ref.startsWith('#/$defs/')) return ref;
    refersToRoot = true;
    return ref.replace('#', ROOT);
  }) as JsonSchema;
  const { $defs, ...value } = moved;
  if (refersToRoot) return [{ $ref: ROOT }, { $defs: { ...$defs, _root: value } }];
  return [value, $defs ? { $defs } : {}];
}

/** The JSON Schema of a list whose elements hold to the given one. */
export function listOf(element: JsonSchema): JsonSchema {
  const [items, definitions] = inner(element);
  return { type: 'array', items, ...definitions };
}

/** An object at the root, for those who accept nothing else: `{ value: ... }` around what is none. */
export function objectAtRoot(schema: JsonSchema): {
  readonly schema: JsonSchema;
  readonly wrapped: 'value' | undefined;
} {
  if (schema.type === 'object') return { schema, wrapped: undefined };
  const [value, definitions] = inner(schema);
  return {
    schema: { type: 'object', properties: { value }, required: ['value'], ...definitions },
    wrapped: 'value',
  };
}
