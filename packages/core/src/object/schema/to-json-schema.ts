import { LLMError } from '../../error.ts';
import { isObject } from '../../providers/merge-bodies.ts';
import type { StandardSchema } from '../../standard-schema.ts';
import { normal, type JsonSchema } from './json-schema.ts';

/**
 * The JSON Schema of what `schema` accepts: `given`, or what the schema itself tells (zod from 4.2 on, arktype).
 * @throws {LLMError} with code `config` where neither gives one.
 */
export function toJsonSchema(schema: StandardSchema, given?: object): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'];
  const fail = (message: string, cause?: unknown): LLMError =>
    new LLMError(`${vendor}: ${message}`, { code: 'config', cause });
  if (!given && !jsonSchema) {
    throw fail(
      "no JSON Schema; pass jsonSchema, from z.toJSONSchema(schema, { io: 'input' }) or toJsonSchema(schema, { typeMode: 'input' }) of @valibot/to-json-schema",
    );
  }
  if (given && !isObject(given)) throw fail('jsonSchema is no JSON Schema, which is an object');
  try {
    const source = given ?? jsonSchema?.input({ target: 'draft-2020-12' });
    // As draft 7 has it. Text within JSON has its quotes escaped, so this is a keyword.
    const text = JSON.stringify(source).replaceAll('"$ref":"#/definitions/', '"$ref":"#/$defs/');
    const { definitions, ...rest } = JSON.parse(text) as JsonSchema;
    const root: JsonSchema = { $defs: definitions as JsonSchema['$defs'], ...rest };
    return normal(root, root);
  } catch (cause) {
    const hint = given ? '' : '; take a text with a format and a transform, or pass jsonSchema';
    throw fail((cause as Error).message + hint, cause);
  }
}
