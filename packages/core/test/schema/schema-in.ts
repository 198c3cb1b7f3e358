import { isObject } from '../../src/utils/merge-bodies.ts';
import type { ObjectFormat } from '../../src/schema/object-format.ts';

/** The schema in a body, wherever its provider has it. */
export function schemaIn({ body }: Pick<ObjectFormat, 'body'>): unknown {
  let found: unknown;
  JSON.stringify(body, (key, value: unknown) => {
    if (/^(schema|responseJsonSchema|format)$/.test(key) && isObject(value) && value['type'] !== 'json_schema')
      found ??= value;
    return value;
  });
  return found;
}

/** As it goes over the wire, without the order of `required` and without an empty one, which mean nothing. */
export function sortedRequired(schema: unknown): unknown {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === 'required' && Array.isArray(value) ? (value.length ? (value as string[]).toSorted() : undefined) : value,
    ),
  );
}
