import { LLMError, type Path, type StandardSchema } from '@rivulet/core';

export type JsonSchema = Readonly<Record<string, unknown>>;

function isSchema(value: unknown): value is JsonSchema {
  return !!value && typeof value === 'object';
}

/** All that a schema may be: itself, what it refers to, its alternatives and parts. */
function formsOf(root: JsonSchema, schema: JsonSchema, seen: readonly JsonSchema[] = []): JsonSchema[] {
  if (seen.includes(schema)) return [];
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = schema;
  const referred =
    typeof $ref === 'string' && $ref.startsWith('#')
      ? $ref
          .split('/')
          .slice(1)
          .reduce<unknown>((here, key) => (isSchema(here) && Object.hasOwn(here, key) ? here[key] : undefined), root)
      : undefined;
  return [
    schema,
    ...[referred, anyOf, oneOf, allOf]
      .flat()
      .filter(isSchema)
      .flatMap((form) => formsOf(root, form, [...seen, schema])),
  ];
}

function childSchema(root: JsonSchema, schema: JsonSchema, key: string | number): JsonSchema | undefined {
  for (const { properties, items, prefixItems, additionalProperties } of formsOf(root, schema)) {
    const own = isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const item = typeof key === 'number' ? ((prefixItems as JsonSchema[] | undefined)?.[key] ?? items) : undefined;
    const found = [own, item, additionalProperties].find(isSchema);
    if (found) return found;
  }
  return undefined;
}

/**
 * The JSON Schema of what a schema accepts; `undefined` where it has none.
 * @throws {LLMError} with code `config` if the schema cannot be described in JSON.
 */
export function rootOf(schema: StandardSchema, jsonSchema: object | undefined): JsonSchema | undefined {
  const { vendor, jsonSchema: ownSchema } = schema['~standard'];
  if (!jsonSchema && !ownSchema) return undefined;
  try {
    const source: unknown = jsonSchema ?? ownSchema?.input({ target: 'draft-2020-12' });
    // A copy, since JSON has no cycles. The run that asks for the object checks the rest.
    const root: unknown = JSON.parse(JSON.stringify(source) ?? 'null');
    return isSchema(root) ? root : undefined;
  } catch (cause) {
    throw new LLMError(`${vendor}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'config',
      cause,
    });
  }
}

/** The same, where the run that is written has its own error for a malformed schema. */
function readableRoot(schema: StandardSchema, jsonSchema: object | undefined): JsonSchema | undefined {
  try {
    return rootOf(schema, jsonSchema);
  } catch {
    return undefined;
  }
}

export function schemaAt(root: JsonSchema, keys: Path): JsonSchema | undefined {
  return keys.reduce<JsonSchema | undefined>((here, key) => here && childSchema(root, here, key), root);
}

/** Whether an object has to have the property that the keys lead to. */
export function isRequired(root: JsonSchema, keys: Path): boolean {
  const parent = schemaAt(root, keys.slice(0, -1));
  return (
    !!parent && formsOf(root, parent).some(({ required }) => Array.isArray(required) && required.includes(keys.at(-1)))
  );
}

/**
 * Tells whether a schema has a field: a model that was talked into it may write others, which the form may have for other
 * purposes. Without a JSON Schema nobody can tell, and all are taken to be there.
 */
export function fieldsOf(schema: StandardSchema, jsonSchema: object | undefined): (keys: Path) => boolean {
  const known = new Map<string, boolean>();
  let root: JsonSchema | undefined;
  return (keys) => {
    // All items of a list have the same fields.
    const id = JSON.stringify(keys.map((key) => (typeof key === 'number' ? 0 : key)));
    const found = known.get(id);
    if (found !== undefined) return found;
    root ??= readableRoot(schema, jsonSchema);
    const isThere = !root || !!schemaAt(root, keys);
    known.set(id, isThere);
    return isThere;
  };
}
