import { isObject } from '../utils/merge-bodies.ts';
import { kindOfKeyword, mapChildSchemas } from './child-schemas.ts';
import { findRef, type JsonSchema } from './json-schema.ts';

/** How deep schemas may be within each other, and how many may refer to the next one for the same value. */
const MAX_DEPTH = 256;
/** How deep JSON may be within a schema: constants and defaults are not schemas. */
const MAX_NESTING = 2000;
/** How many schemas may apply to one value, and how many alternatives it may have, `$ref`s followed. */
const MAX_APPLIED = 10_000;
/** How much JSON may apply to one value, once for each of its alternatives, in characters. */
const MAX_MERGED = 20_000_000;

/**
 * Checks a JSON Schema that comes from outside.
 * @throws {Error} that names the place of what is malformed.
 */
export function checkSchema(root: unknown): asserts root is JsonSchema {
  checkNesting(root);
  const checked = new Map<JsonSchema, string>();
  checkShape(root, root, '$', 0, checked);
  // A reference may lead to a place where no keyword has a schema. Each schema that is found is visited, too.
  for (const { $ref } of checked.keys())
    if ($ref !== undefined) checkShape(root, findRef(root, $ref), $ref, 1, checked);
  checkApplied(root, checked);
}

function checkNesting(root: unknown): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_NESTING)
      throw new Error(`The JSON Schema has values that are nested more than ${MAX_NESTING} levels deep`);
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
}

/** Puts the schema, and all within it, into `checked`, with their places. */
function checkShape(
  root: unknown,
  schema: unknown,
  place: string,
  depth: number,
  checked: Map<JsonSchema, string>,
): asserts schema is JsonSchema {
  if (typeof schema === 'boolean' && depth > 0) return;
  if (!isObject(schema)) throw new Error(`The JSON Schema has ${describe(schema)} at ${place} instead of a schema`);
  if (checked.has(schema)) return;
  checked.set(schema, place);
  if (depth > MAX_DEPTH) throw new Error(`The JSON Schema is nested more than ${MAX_DEPTH} levels deep`);
  for (const [keyword, value] of Object.entries(schema)) checkKeyword(root, keyword, value, place);
  mapChildSchemas(schema, (child, steps) => {
    checkShape(root, child, [place, ...steps].join('.'), depth + 1, checked);
    return child;
  });
}

function checkKeyword(root: unknown, keyword: string, value: unknown, place: string): void {
  const expected = expectedOf(keyword, value);
  if (expected) {
    throw new Error(`The JSON Schema has ${describe(value)} at ${place}.${keyword} instead of ${expected}`);
  }
  if (keyword === '$ref' && findRef(root, value as string) === undefined) {
    throw new Error(`The JSON Schema refers, at ${place}, to a schema that it has not: it has no ${String(value)}`);
  }
}

/** What the value of a keyword should be, if it is something else. */
function expectedOf(keyword: string, value: unknown): string | undefined {
  const kind = kindOfKeyword(keyword, value);
  if (kind === 'map') return isObject(value) ? undefined : 'schemas by their names';
  if (kind === 'list') return Array.isArray(value) ? undefined : 'a list of schemas';
  if (keyword === 'enum') return Array.isArray(value) ? undefined : 'a list';
  if (keyword === 'required') return isTextList(value) ? undefined : 'a list of names';
  if (keyword === 'type') return typeof value === 'string' || isTextList(value) ? undefined : 'the name of a type';
  if (keyword === '$ref' || keyword === 'description') return typeof value === 'string' ? undefined : 'text';
  return undefined;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** What applies to one value because of a schema, `$ref`s followed. */
interface Applied {
  readonly schemas: number;
  readonly alternatives: number;
  /** The most JSON that one alternative has, in characters. */
  readonly size: number;
  /** How many schemas refer to the next one. */
  readonly depth: number;
}

const ONE: Applied = { schemas: 1, alternatives: 1, size: 4, depth: 0 };

/** Schemas that apply to the same value must not lead back to themselves, nor multiply. */
function checkApplied(root: unknown, checked: ReadonlyMap<JsonSchema, string>): void {
  const known = new Map<unknown, Applied>();
  const active = new Set<unknown>();

  function appliedOf(schema: unknown, place: string): Applied {
    if (!isObject(schema)) return ONE;
    const found = known.get(schema);
    if (found) return found;
    if (active.has(schema)) throw new Error(`The JSON Schema refers, at ${place}, to itself in a circle`);
    if (active.size > MAX_DEPTH) throw tooDeep(place);
    active.add(schema);
    const { $ref, allOf = [], anyOf, oneOf, ...own } = schema as JsonSchema & { oneOf?: readonly unknown[] };
    const all = allOf.map((member) => appliedOf(member, place));
    if ($ref !== undefined) all.push(appliedOf(findRef(root, $ref), $ref));
    for (const branches of [anyOf, oneOf]) {
      if (branches) all.push(either(branches.map((branch) => appliedOf(branch, place))));
    }
    const applied = both([{ ...ONE, size: sizeOf(own) }, ...all]);
    active.delete(schema);
    known.set(schema, applied);
    const { schemas, alternatives, size, depth } = applied;
    if (depth > MAX_DEPTH) throw tooDeep(place);
    if (Math.max(schemas, alternatives) > MAX_APPLIED) {
      throw new Error(`The JSON Schema has more than ${MAX_APPLIED} alternatives at ${place}`);
    }
    if (alternatives > 1 && alternatives * size > MAX_MERGED) {
      throw new Error(`The JSON Schema has too much beside the ${alternatives} alternatives at ${place}`);
    }
    return applied;
  }

  for (const [schema, place] of checked) appliedOf(schema, place);
}

function both(all: readonly Applied[]): Applied {
  return all.reduce((one, other) => ({
    schemas: one.schemas + other.schemas,
    alternatives: one.alternatives * other.alternatives,
    size: one.size + other.size,
    depth: Math.max(one.depth, other.depth + 1),
  }));
}

function either(branches: readonly Applied[]): Applied {
  const start = { schemas: 0, alternatives: 0, size: 0, depth: 0 };
  const { alternatives, ...rest } = branches.reduce(
    (one, other) => ({
      schemas: one.schemas + other.schemas,
      alternatives: one.alternatives + other.alternatives,
      size: Math.max(one.size, other.size),
      depth: Math.max(one.depth, other.depth),
    }),
    start,
  );
  return { ...rest, alternatives: Math.max(alternatives, 1) };
}

/** How much JSON the keywords of a schema have, in characters. Properties are not merged, only listed. */
function sizeOf({ properties, $defs: _, definitions: _also, ...own }: JsonSchema): number {
  return JSON.stringify(own).length + JSON.stringify(Object.keys(properties ?? {})).length;
}

function tooDeep(place: string): Error {
  return new Error(`The JSON Schema has more than ${MAX_DEPTH} schemas that refer to each other at ${place}`);
}
