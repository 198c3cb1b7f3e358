import type { JsonSchema } from './json-schema.ts';

/** A schema to stand within another one, and the definitions that have to stand at its root. */
function inner({
  $defs,
  ...schema
}: JsonSchema): readonly [schema: JsonSchema, definitions: Pick<JsonSchema, '$defs'>] {
  const root = '#/$defs/_root';
  // Text within JSON has its quotes escaped, so this is a keyword.
  const text = JSON.stringify([schema, $defs ?? {}]);
  const moved = text.replaceAll(/"\$ref":"#(?!\/\$defs)/g, `"$ref":"${root}`);
  const [value, definitions] = JSON.parse(moved) as [JsonSchema, Readonly<Record<string, JsonSchema>>];
  if (moved !== text) return [{ $ref: root }, { $defs: { ...definitions, _root: value } }];
  return [value, $defs ? { $defs: definitions } : {}];
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
