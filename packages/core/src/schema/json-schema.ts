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

/** Puts a schema and all members of its `allOf` into one. Keywords that cannot be joined stay in `allOf`. */
function merge(root: JsonSchema, given: JsonSchema): JsonSchemaDraft {
  const into: JsonSchemaDraft = {};
  const required = new Set<string>();
  const properties = new Map<string, JsonSchema[]>();
  const unjoined: JsonSchema[] = [];
  /** The JSON of values that others were compared with. */
  const texts = new Map<string, string>();
  /** A schema may refer to itself, and adds nothing the second time. */
  const merged = new Set<JsonSchema>();

  function isInto(key: string, value: unknown): boolean {
    const text = texts.get(key) ?? JSON.stringify(into[key]);
    texts.set(key, text);
    return text === JSON.stringify(value);
  }

  function addKeyword(keyword: string, value: unknown): void {
    if (keyword === 'const') return addKeyword('enum', [value]);
    if (keyword === 'oneOf') return addKeyword('anyOf', value);
    // A keyword that an object would inherit, or set as its prototype, means nothing in a schema.
    if (keyword in Object.prototype) return;
    if (keyword === 'required') for (const name of value as string[]) required.add(name);
    if (keyword === 'properties') {
      for (const [name, schema] of Object.entries(value as Schemas)) {
        const schemas = properties.get(name) ?? [];
        schemas.push(schema);
        properties.set(name, schemas);
      }
    }
    if (into[keyword] === undefined) into[keyword] = value;
    else if (keyword === 'required' || keyword === 'properties') return;
    else if (!isInto(keyword, value)) unjoined.push({ [keyword]: value });
  }

  function addKeywords({ allOf = [], ...own }: JsonSchema): void {
    for (const [keyword, value] of Object.entries(own)) addKeyword(keyword, value);
    for (const member of allOf) addMember(asObject(member));
  }

  function addMember(member: JsonSchema): void {
    if (merged.has(member)) return;
    merged.add(member);
    const { $ref, $defs: _, definitions: _also, ...own } = member;
    if ($ref !== undefined) addMember(resolve(root, $ref));
    addKeywords(own);
  }

  merged.add(given);
  addKeywords(given);
  if (into.required) into.required = [...required];
  if (into.properties) {
    into.properties = Object.fromEntries(
      [...properties].map(([name, schemas]) => [name, schemas[1] === undefined ? schemas[0] : { allOf: schemas }]),
    ) as Schemas;
  }
  if (unjoined.length > 0) into.allOf = unjoined;
  return into;
}

/** `true` allows anything, `false` nothing. */
function asObject(schema: unknown): JsonSchema {
  if (isObject(schema)) return schema;
  return schema === false ? { not: {} } : {};
}

/** A schema in its normal form, except that the keys of a record are still to be found. */
function withoutNames(root: JsonSchema, given: unknown): JsonSchemaDraft {
  const { $schema: _, ...schema } = merge(root, asObject(given));
  const { anyOf } = schema;
  if (anyOf) {
    // What stands beside alternatives holds for each of them.
    const shared = Object.entries(schema).filter(([key]) => key !== 'anyOf' && !ANNOTATION.test(key));
    for (const [key] of shared) delete schema[key];
    if (shared[0]) schema.anyOf = anyOf.map((branch) => ({ allOf: [branch, Object.fromEntries(shared)] }));
  }
  const { items } = schema;
  if (Array.isArray(items)) {
    schema.prefixItems = items as JsonSchema[];
    schema.items = schema['additionalItems'] as JsonSchema | undefined;
    delete schema['additionalItems'];
  }
  if (schema.enum?.length) {
    const [type, ...types] = new Set(schema.enum.map(typeOf));
    schema.type ??= types[0] && type ? [type, ...types] : type;
  }
  return schema;
}

/** Makes properties of the keys of a record, if they are known. Keys are text, which has no keys itself. */
function withNames(root: JsonSchema, schema: JsonSchemaDraft): JsonSchemaDraft {
  if (schema.propertyNames === undefined) return schema;
  const { propertyNames, additionalProperties, ...rest } = schema;
  const names = knownOf(root, propertyNames).alternatives.map((branch) => branch.enum);
  if (names.includes(undefined)) return schema;
  const texts = names.flat().filter((name) => typeof name === 'string');
  const properties = Object.fromEntries(texts.map((name) => [name, additionalProperties]));
  return { ...rest, properties: properties as unknown as Schemas };
}

/**
 * A schema in the one form that is worked on here; the schemas within it stay as they are. Alternatives are `anyOf` with
 * nothing beside them, a constant is an `enum` of one, the places of a tuple are `prefixItems`, `allOf` is merged.
 */
export function normal(root: JsonSchema, given: unknown): JsonSchemaDraft {
  return withNames(root, withoutNames(root, given));
}

/** What was found out about a schema: schemas do not change, and each value that arrives needs it. */
interface Known {
  readonly alternatives: readonly JsonSchemaDraft[];
  branches?: readonly JsonSchema[];
  allowsNull?: boolean;
}

const knownByRoot = new WeakMap<JsonSchema, WeakMap<object, Known>>();

function knownOf(root: JsonSchema, given: unknown): Known {
  const schema = asObject(given);
  const ofRoot = knownByRoot.get(root) ?? new WeakMap<object, Known>();
  knownByRoot.set(root, ofRoot);
  const found = ofRoot.get(schema);
  if (found) return found;
  // A schema may be nothing but itself.
  ofRoot.set(schema, { alternatives: [] });
  const known = findOut(root, schema);
  ofRoot.set(schema, known);
  return known;
}

function findOut(root: JsonSchema, given: JsonSchema): Known {
  const schema = withoutNames(root, given);
  if (schema.anyOf) return { alternatives: schema.anyOf.flatMap((branch) => knownOf(root, branch).alternatives) };
  return schema.$ref === undefined ? { alternatives: [schema] } : knownOf(root, resolve(root, schema.$ref));
}

/** The alternatives of a schema in their normal form, `$ref`s followed. */
export function branchesOf(root: JsonSchema, given: unknown): readonly JsonSchema[] {
  const known = knownOf(root, given);
  known.branches ??= known.alternatives.map((branch) => withNames(root, branch));
  return known.branches;
}

export function allowsNull(root: JsonSchema, given: unknown): boolean {
  const known = knownOf(root, given);
  known.allowsNull ??= known.alternatives.some(
    (branch) => hasType(branch, 'null') && (branch.enum?.includes(null) ?? true),
  );
  return known.allowsNull;
}

export function mapValues<A, B>(
  values: Readonly<Record<string, A>>,
  map: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}
