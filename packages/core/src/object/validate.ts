import { LLMError } from '../error.ts';
import { describeThrown } from '../thrown.ts';
import type { SchemaResult, StandardSchema } from '../standard-schema.ts';

/**
 * What a schema says of a value, be it synchronous or not.
 * @throws {LLMError} (as a rejection) with code `unknown` where the schema itself throws, as a transform may.
 */
export async function validate(schema: StandardSchema, value: unknown): Promise<SchemaResult<unknown>> {
  try {
    return await schema['~standard'].validate(value);
  } catch (cause) {
    throw new LLMError(`The schema threw: ${describeThrown(cause)}`, { code: 'unknown', cause });
  }
}
