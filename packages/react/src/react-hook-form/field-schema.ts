import { LLMError, parsePath, type Path, type StandardSchema } from '@rivulet/core';

type JsonSchema = Readonly<Record<string, unknown>>;

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
          .reduce<unknown>((here, key) => (isSchema(here) ? here[key] : undefined), root)
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

function rootOf(schema: StandardSchema, jsonSchema: object | undefined): JsonSchema | undefined {
  return (jsonSchema ?? schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' })) as JsonSchema | undefined;
}

function schemaAt(root: JsonSchema, keys: Path): JsonSchema | undefined {
  return keys.reduce<JsonSchema | undefined>((here, key) => here && childSchema(root, here, key), root);
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
    root ??= rootOf(schema, jsonSchema);
    const isThere = !root || !!schemaAt(root, keys);
    known.set(id, isThere);
    return isThere;
  };
}

/** A copy of `value` in which the value at `keys` is another one. */
function withValueAt(value: unknown, [key, ...rest]: readonly (string | number)[], next: unknown): unknown {
  if (key === undefined) return next;
  const copy: Record<string | number, unknown> = (
    Array.isArray(value) ? [...value] : { ...(value as object) }
  ) as never;
  Object.defineProperty(copy, key, {
    value: withValueAt(copy[key], rest, next),
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return copy;
}

/**
 * The schema of one field: an object that has nothing but the field, by the last of its names. It is checked where it
 * belongs, within `values`, and gives what the model wrote.
 * @throws {LLMError} with code `invalid_request` where the schema has no such field, or does not tell its JSON Schema.
 */
export function fieldSchema(
  schema: StandardSchema,
  jsonSchema: object | undefined,
  name: string,
  values: unknown,
): { readonly schema: StandardSchema; readonly jsonSchema: object; readonly key: string } {
  const { vendor, validate } = schema['~standard'];
  const root = rootOf(schema, jsonSchema);
  const keys = parsePath(name);
  const last = keys.at(-1);
  const key = typeof last === 'string' ? last : 'item';
  const own = root && schemaAt(root, keys);
  if (!root || !own) {
    const message = root ? `the schema has no field ${name}` : 'no JSON Schema; pass jsonSchema';
    throw new LLMError(`${vendor}: ${message}`, { code: 'invalid_request' });
  }
  const { $defs, definitions } = root;
  const field = {
    type: 'object',
    properties: { [key]: own },
    required: [key],
    additionalProperties: false,
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
  // A schema that is part of itself refers to the root, which is another one here.
  const text = JSON.stringify(field);
  const moved = text.replaceAll('"$ref":"#"', '"$ref":"#/$defs/whole"');
  const asked = JSON.parse(moved) as { $defs?: object };
  if (moved !== text)
    asked.$defs = {
      ...asked.$defs,
      whole: JSON.parse(JSON.stringify(root).replaceAll('"$ref":"#"', '"$ref":"#/$defs/whole"')),
    };
  return {
    key,
    jsonSchema: asked,
    schema: {
      '~standard': {
        version: 1,
        vendor,
        async validate(written) {
          const value = (written as Record<string, unknown> | undefined)?.[key];
          if (value === undefined) return { issues: [{ message: 'Missing', path: [key] }] };
          const { issues = [] } = await validate(withValueAt(values, keys, value));
          const within = issues.flatMap((issue) => {
            const path = (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step));
            const isHere = keys.every((step, index) => String(path[index]) === String(step));
            return isHere ? [{ ...issue, path: [key, ...path.slice(keys.length)] }] : [];
          });
          return within.length > 0 ? { issues: within } : { value: written };
        },
      },
    },
  };
}
