import { LLMError } from '../errors/error.ts';
import { isObject } from '../utils/merge-bodies.ts';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** A JSON Schema, of draft 7 or 2020-12. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string | undefined;
  readonly $defs?: Schemas | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly allOf?: readonly JsonSchema[] | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly properties?: Schemas | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: JsonSchema | boolean | undefined;
  readonly propertyNames?: JsonSchema | undefined;
  readonly items?: JsonSchema | readonly JsonSchema[] | boolean | undefined;
  readonly prefixItems?: readonly JsonSchema[] | undefined;
}

/** One that is being made. */
export type JsonSchemaDraft = { -readonly [Keyword in keyof JsonSchema]: JsonSchema[Keyword] };

/** What says nothing of the values. */
const ANNOTATION = /^(\$|title|description|default|examples)/;

/** The name that JSON Schema has for the type of a JSON value; `number` for an integer too. */
export function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** Whether a schema lets values of this type pass. */
export function hasType({ type }: JsonSchema, name: string): boolean {
  return [type ?? name].flat().some((one) => one.replace('integer', 'number') === name);
}

/** The schema that a `$ref` points at, if there is one: the root, or one within. Inherited properties do not count. */
export function findRef(root: unknown, ref: string): JsonSchema | boolean | undefined {
  const [start, ...keys] = ref.split('/');
  if (start !== '#') return undefined;
  let found: unknown = root;
  for (const key of keys) {
    const name = decode(key).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return typeof found === 'boolean' || isObject(found) ? found : undefined;
}

/** A step of a JSON pointer in a URI fragment: https://www.rfc-editor.org/rfc/rfc6901#section-6 */
function decode(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** @throws {LLMError} with code `config` if there is no such schema. */
export function resolve(root: JsonSchema, ref: string): JsonSchema {
  const found = findRef(root, ref);
  if (found === undefined) throw new LLMError(`The JSON Schema has no ${ref}`, { code: 'config' });
  // `true` allows anything, `false` nothing.
  if (typeof found === 'boolean') return found ? {} : { not: {} };
  return found;
}

/** Puts a schema, and all that hold besides, into one. What cannot be joined stays in `allOf`. */
function merge(root: JsonSchema, { allOf, ...own }: JsonSchema, into: JsonSchemaDraft): JsonSchemaDraft {
  for (const [name, given] of Object.entries(own)) {
    const isConst = name === 'const';
    const key = isConst ? 'enum' : name === 'oneOf' ? 'anyOf' : name;
    const value = isConst ? [given] : given;
    // A keyword that an object would inherit, or set as its prototype, means nothing in a schema.
    if (key in Object.prototype) continue;
    if (into[key] === undefined) into[key] = value;
    else if (key === 'required') into.required = [...new Set([...(into.required ?? []), ...(value as string[])])];
    else if (key === 'properties') {
      const { properties = {} } = into;
      into.properties = {
        ...properties,
        ...mapValues(value as Schemas, (schema, property) => {
          const other = Object.hasOwn(properties, property) && properties[property];
          return other ? { allOf: [other, schema] } : schema;
        }),
      };
    } else if (JSON.stringify(into[key]) !== JSON.stringify(value)) {
      into.allOf = [...(into.allOf ?? []), { [key]: value }];
    }
  }
  for (const { $ref, ...member } of allOf ?? []) {
    if ($ref) merge(root, resolve(root, $ref), into);
    merge(root, member, into);
  }
  return into;
}

/**
 * A schema in the one form that is worked on here; the schemas within it stay as they are. Alternatives are `anyOf` with
 * nothing beside them, a constant is an `enum` of one, the places of a tuple are `prefixItems`, `allOf` is merged.
 */
export function normal(root: JsonSchema, given: unknown): JsonSchemaDraft {
  // `true` allows anything, `false` nothing.
  if (!isObject(given)) return given === false ? { not: {} } : {};
  const { $schema: _, ...schema } = merge(root, given, {});
  const { anyOf, items, propertyNames, additionalProperties } = schema;
  if (anyOf) {
    // What stands beside alternatives holds for each of them.
    const shared = Object.entries(schema).filter(([key]) => key !== 'anyOf' && !ANNOTATION.test(key));
    for (const [key] of shared) delete schema[key];
    if (shared[0]) schema.anyOf = anyOf.map((branch) => ({ allOf: [branch, Object.fromEntries(shared)] }));
  }
  const names = propertyNames === undefined ? undefined : branchesOf(root, propertyNames).map((branch) => branch.enum);
  if (names?.every(Boolean)) {
    // A record whose keys are known.
    schema.properties = Object.fromEntries(
      names.flat().map((name) => [name, additionalProperties]),
    ) as unknown as Schemas;
    delete schema.propertyNames;
    delete schema.additionalProperties;
  }
  if (Array.isArray(items)) {
    schema.prefixItems = items as JsonSchema[];
    schema.items = schema['additionalItems'] as JsonSchema | undefined;
    delete schema['additionalItems'];
  }
  if (schema.enum) {
    const [type, ...types] = new Set(schema.enum.map(typeOf));
    schema.type ??= types[0] && type ? [type, ...types] : type;
  }
  return schema;
}

/** The alternatives of a schema in their normal form, `$ref`s followed. */
export function branchesOf(root: JsonSchema, given: unknown, seen: readonly unknown[] = []): JsonSchema[] {
  // A schema may be nothing but itself.
  if (seen.includes(given)) return [];
  const schema = normal(root, given);
  const { $ref, anyOf = $ref && [resolve(root, $ref)] } = schema;
  return anyOf ? anyOf.flatMap((branch) => branchesOf(root, branch, [...seen, given])) : [schema];
}

export function allowsNull(root: JsonSchema, given: unknown): boolean {
  return branchesOf(root, given).some((branch) => hasType(branch, 'null') && (branch.enum?.includes(null) ?? true));
}

export function mapValues<A, B>(
  values: Readonly<Record<string, A>>,
  map: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}
