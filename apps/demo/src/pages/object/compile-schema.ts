import { IncrementalJsonParser, type StandardSchema } from '@rivulet/core';

export type CompiledSchema = { problem: null; schema: StandardSchema; jsonSchema: object } | { problem: string };

/** Reads the text of a JSON Schema. What checks values is loaded with the first one: only this page needs it. */
export async function compileSchema(text: string): Promise<CompiledSchema> {
  if (text.trim() === '') return { problem: 'There is no schema yet: write one, or take a sample.' };
  let jsonSchema: unknown;
  try {
    const parser = new IncrementalJsonParser();
    parser.push(text);
    jsonSchema = parser.end();
  } catch (error) {
    return { problem: `This is no JSON yet. ${messageOf(error)}` };
  }
  if (typeof jsonSchema !== 'object' || jsonSchema === null || Array.isArray(jsonSchema)) {
    return { problem: 'A JSON Schema is an object: { "type": "object", "properties": { … } }' };
  }
  const loaded = await import('./json-schema.ts').catch(() => null);
  if (!loaded) return { problem: 'What checks objects could not be loaded. See that you are online, then try again.' };
  try {
    return { problem: null, schema: loaded.validatorOf(jsonSchema), jsonSchema };
  } catch (error) {
    return { problem: `This schema cannot be used. ${messageOf(error)}` };
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
