import type { JsonSchema } from './json-schema.ts';

/** An object that holds a value by one property; definitions stay at the root, where `$ref`s look for them. */
function inObject(
  name: string,
  { $defs, ...schema }: JsonSchema,
  around: (schema: JsonSchema) => JsonSchema,
): JsonSchema {
  const root = '#/$defs/_root';
  // Text within JSON has its quotes escaped, so this is a keyword.
  const text = JSON.stringify([schema, $defs ?? {}]);
  const moved = text.replaceAll('"$ref":"#"', `"$ref":"${root}"`);
  const [value, definitions] = JSON.parse(moved) as [JsonSchema, Readonly<Record<string, JsonSchema>>];
  const isRecursive = moved !== text;
  const held = around(isRecursive ? { $ref: root } : value);
  return {
    type: 'object',
    properties: { [name]: held },
    required: [name],
    ...((isRecursive || $defs) && { $defs: isRecursive ? { ...definitions, _root: value } : definitions }),
  };
}

/** The JSON Schema of `{ elements: [...] }`, for a list whose elements hold to the given one. */
export function arrayOf(element: JsonSchema): JsonSchema {
  return inObject('elements', element, (items) => ({ type: 'array', items }));
}

/** An object at the root, for those who accept nothing else: `{ value: ... }` around what is none. */
export function objectAtRoot(schema: JsonSchema): {
  readonly schema: JsonSchema;
  readonly wrapped: 'value' | undefined;
} {
  return schema.type === 'object'
    ? { schema, wrapped: undefined }
    : { schema: inObject('value', schema, (value) => value), wrapped: 'value' };
}
