import type { StandardSchema } from '@rivulet/core';

const digests = new WeakMap<StandardSchema, string>();

/** A text that differs for schemas with different JSON Schemas of their input or output. */
export function schemaDigest(schema: StandardSchema): string {
  const known = digests.get(schema);
  if (known !== undefined) return known;
  const digest = `${describe(schema, 'input')} ${describe(schema, 'output')}`;
  // Without types anything may come. The run fails with an error that names a schema that is none.
  if (Object(schema) === schema) digests.set(schema, digest);
  return digest;
}

/** The JSON Schema of one side as text. @default undefined if there is none, or JSON cannot represent it */
function describe(schema: StandardSchema, side: 'input' | 'output'): string | undefined {
  try {
    return JSON.stringify(schema['~standard'].jsonSchema?.[side]({ target: 'draft-2020-12' }));
  } catch {
    // The output of a transform has no JSON Schema.
    return undefined;
  }
}
