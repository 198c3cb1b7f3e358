import type { StandardSchema } from '@rivulet/core';
import { config, fromJSONSchema } from 'zod';

// The page's policy forbids code that is made at run time.
config({ jitless: true });

/** The validator of a JSON Schema. Throws on what cannot be checked. */
export function validatorOf(jsonSchema: object): StandardSchema {
  return fromJSONSchema(jsonSchema as Parameters<typeof fromJSONSchema>[0]);
}
