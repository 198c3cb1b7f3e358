import type { JsonSchema } from './json-schema.ts';

/** Asks in words for JSON, of any model. */
export function instructions(jsonSchema: JsonSchema): string {
  return `Answer with JSON only: one value that holds to the JSON Schema below, with no text around it and no code fence.\n\n${JSON.stringify(jsonSchema)}`;
}
