import type { SchemaResult, StandardSchema } from '../standard-schema.ts';

/** What a schema says of a value, be it synchronous or not. A validator that throws rejects. */
export async function validate(schema: StandardSchema, value: unknown): Promise<SchemaResult<unknown>> {
  return schema['~standard'].validate(value);
}
