import { isObject } from '../utils/merge-bodies.ts';
import type { JsonSchema } from './json-schema.ts';

/** Keywords whose value is a schema. `items` is a list of them in draft 7. */
const SINGLE = new Set([
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);

/** Keywords whose value is a list of schemas. */
const LISTS = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);

/** Keywords whose value has schemas under names. The names are data, whatever they look like. */
const MAPS = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

/** What the value of a keyword consists of. */
export type KeywordKind = 'schema' | 'list' | 'map' | undefined;

/** https://json-schema.org/draft/2020-12/json-schema-core#section-10 */
export function kindOfKeyword(keyword: string, value: unknown): KeywordKind {
  if (MAPS.has(keyword)) return 'map';
  if (LISTS.has(keyword) && (Array.isArray(value) || !SINGLE.has(keyword))) return 'list';
  return SINGLE.has(keyword) ? 'schema' : undefined;
}

/** Maps the schemas directly within a schema. Other values of keywords, such as constants and defaults, are data. */
export function mapChildSchemas(
  schema: JsonSchema,
  map: (child: unknown, steps: readonly (string | number)[]) => unknown,
): JsonSchema {
  return mapEntries(schema, (value, keyword) => {
    const kind = kindOfKeyword(keyword, value);
    if (kind === 'schema') return map(value, [keyword]);
    if (kind === 'list' && Array.isArray(value)) {
      return value.map((child: unknown, index) => map(child, [keyword, index]));
    }
    if (kind === 'map' && isObject(value)) return mapEntries(value, (child, name) => map(child, [keyword, name]));
    return value;
  });
}

/** Maps every `$ref` of a schema. */
export function mapRefs(schema: unknown, map: (ref: string) => string): unknown {
  if (!isObject(schema)) return schema;
  const mapped = mapChildSchemas(schema, (child) => mapRefs(child, map));
  return mapped.$ref === undefined ? mapped : { ...mapped, $ref: map(mapped.$ref) };
}

/** Whether a schema, or one within it, meets a condition. */
export function someSchema(schema: unknown, isMet: (schema: JsonSchema) => boolean): boolean {
  if (!isObject(schema)) return false;
  let isFound = isMet(schema);
  mapChildSchemas(schema, (child) => {
    isFound ||= someSchema(child, isMet);
    return child;
  });
  return isFound;
}

function mapEntries(
  values: Readonly<Record<string, unknown>>,
  map: (value: unknown, name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}
