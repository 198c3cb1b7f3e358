import type { Path } from '../path/path.ts';
import { branchesOf, hasType, type JsonSchema } from './json-schema.ts';

/** Formats of text that is read by machines: half an address leads elsewhere, half a date is another date. */
const ATOMIC_FORMAT = /date|time|duration|uuid|ur[il]|iri|email|host|^ip|base64/;

/**
 * Tells at which paths of a value a string must not be shown before it is complete: where it can only be one of an
 * `enum` or of a machine-read format (dates, times, addresses, ids). Where free text is possible too, it streams.
 */
export function atomicPaths(jsonSchema: JsonSchema): (path: Path) => boolean {
  const schemasAt = schemasByPath(jsonSchema);
  return (path) => {
    const texts = schemasAt(path).filter((schema) => hasType(schema, 'string'));
    return texts.length > 0 && texts.every((text) => text.enum || ATOMIC_FORMAT.test(String(text['format'])));
  };
}

/** Tells at which paths a value may be text. What the schema says nothing about may. */
export function textPaths(jsonSchema: JsonSchema): (path: Path) => boolean {
  const schemasAt = schemasByPath(jsonSchema);
  return (path) => {
    const schemas = schemasAt(path);
    return schemas.length === 0 || schemas.some((schema) => hasType(schema, 'string'));
  };
}

/** Finds the schemas that may apply to the value at a path. */
function schemasByPath(jsonSchema: JsonSchema): (path: Path) => readonly JsonSchema[] {
  const childrenOf = (
    { properties = {}, additionalProperties, prefixItems, items }: JsonSchema,
    key: string | number,
  ): readonly JsonSchema[] => {
    const child =
      typeof key === 'number'
        ? (prefixItems?.[key] ?? items)
        : Object.hasOwn(properties, key)
          ? properties[key]
          : additionalProperties;
    return typeof child === 'object' ? branchesOf(jsonSchema, child) : [];
  };

  return (path) => {
    let schemas = branchesOf(jsonSchema, jsonSchema);
    for (const key of path) schemas = [...new Set(schemas.flatMap((schema) => childrenOf(schema, key)))];
    return schemas;
  };
}
