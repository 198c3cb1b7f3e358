import type { StandardSchema } from '@rivulet/core';

const digests = new WeakMap<StandardSchema, string>();

/** What a schema tells of itself: what it accepts, and what it makes of that. Nothing for one that cannot tell it. */
export function schemaDigest(schema: StandardSchema): string {
  const digest = digests.get(schema) ?? JSON.stringify([tell(schema, 'input'), tell(schema, 'output')]);
  digests.set(schema, digest);
  return digest;
}

function tell(schema: StandardSchema, side: 'input' | 'output'): object | undefined {
  try {
    return schema['~standard'].jsonSchema?.[side]({ target: 'draft-2020-12' });
  } catch {
    // What a transform makes has no JSON Schema. That it has none is told apart too.
    return undefined;
  }
}
