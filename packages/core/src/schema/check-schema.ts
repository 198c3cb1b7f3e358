import { isObject } from '../utils/merge-bodies.ts';
import { kindOfKeyword, mapChildSchemas } from './child-schemas.ts';
import { findRef, type JsonSchema } from './json-schema.ts';

/** How deep schemas may be within each other, and how many schemas may apply to one value, `$ref`s followed. */
const MAX_DEPTH = 256;
const MAX_APPLIED = 10_000;

/**
 * Checks a JSON Schema that comes from outside.
 * @throws {Error} that names the place of what is malformed.
 */
export function checkSchema(root: unknown): asserts root is JsonSchema {
  checkShape(root, root, '$', 0);
  checkLoops(root);
}

function checkShape(root: unknown, schema: unknown, place: string, depth: number): asserts schema is JsonSchema {
  if (typeof schema === 'boolean' && depth > 0) return;
  if (!isObject(schema)) throw new Error(`The JSON Schema has ${describe(schema)} at ${place} instead of a schema`);
  if (depth > MAX_DEPTH) throw new Error(`The JSON Schema is nested more than ${MAX_DEPTH} levels deep`);
  for (const [keyword, value] of Object.entries(schema)) checkKeyword(root, keyword, value, place);
  mapChildSchemas(schema, (child, steps) => {
    checkShape(root, child, [place, ...steps].join('.'), depth + 1);
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

/** Schemas that apply to the same value must not lead back to themselves, nor multiply. */
function checkLoops(root: JsonSchema): void {
  const counts = new Map<unknown, number>();
  const active = new Set<unknown>();

  /** How many schemas apply to a value of this schema. */
  function count(schema: unknown, place: string): number {
    if (!isObject(schema)) return 1;
    const known = counts.get(schema);
    if (known !== undefined) return known;
    if (active.has(schema)) throw new Error(`The JSON Schema refers, at ${place}, to itself in a circle`);
    active.add(schema);
    const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema as JsonSchema & { oneOf?: readonly unknown[] };
    let sum = 1;
    if ($ref !== undefined) sum += count(findRef(root, $ref), $ref);
    for (const member of [...allOf, ...anyOf, ...oneOf]) sum += count(member, place);
    if (sum > MAX_APPLIED) throw new Error(`The JSON Schema has more than ${MAX_APPLIED} alternatives at ${place}`);
    active.delete(schema);
    counts.set(schema, sum);
    return sum;
  }

  function visit(schema: unknown, place: string): void {
    if (!isObject(schema)) return;
    count(schema, place);
    mapChildSchemas(schema, (child, steps) => {
      visit(child, [place, ...steps].join('.'));
      return child;
    });
  }

  visit(root, '$');
}
