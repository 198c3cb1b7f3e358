import { LLMError } from '../errors/error.ts';
import { isObject } from '../utils/merge-bodies.ts';
import { isUnwrittenSchema, type StandardSchema } from '../types/standard-schema.ts';
import { thrownMessage } from '../errors/thrown.ts';
import { checkSchema } from './check-schema.ts';
import { mapRefs, someSchema } from './child-schemas.ts';
import { defineTargets } from './define-targets.ts';
import { findRef, normal, type JsonSchema } from './json-schema.ts';

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
    return readJsonSchema(given ?? jsonSchema?.input({ target: 'draft-2020-12' }));
  } catch (cause) {
    const hint = given ? '' : '; take a text with a format and a transform, or pass jsonSchema';
    throw fail(thrownMessage(cause) + hint, cause);
  }
}

/**
 * A JSON Schema that comes from outside, as draft 2020-12 and in its normal form.
 * @throws {LLMError} with code `config` that names the place of what is malformed.
 */
export function readJsonSchema(source: unknown): JsonSchema {
  if (isUnwrittenSchema(source)) {
    throw new LLMError('it is a Standard Schema; write its JSON Schema', { code: 'config' });
  }
  try {
    return normalSchema(source);
  } catch (cause) {
    throw new LLMError(thrownMessage(cause), { code: 'config', cause });
  }
}

function normalSchema(source: unknown): JsonSchema {
  // JSON has no cycles, and leaves out what a server would not receive.
  const copy: unknown = JSON.parse(JSON.stringify(source) ?? 'null');
  checkSchema(copy);
  const { definitions, ...rest } = copy;
  if (!isObject(definitions) || copy.$defs) return withNormalRoot(copy);
  const root = mapRefs({ $defs: definitions, ...rest }, (ref) => ref.replace(/^#\/definitions\//, '#/$defs/'));
  return withNormalRoot(root as JsonSchema);
}

/** The normal form has other schemas in the places of some: `$ref`s to them would lead elsewhere. */
function withNormalRoot(root: JsonSchema): JsonSchema {
  const schema = normal(root, root);
  const isMoved = (ref: string): boolean => ref !== '#' && findRef(schema, ref) !== findRef(root, ref);
  if (!someSchema(root, ({ $ref }) => $ref !== undefined && isMoved($ref))) return schema;
  const defined = defineTargets(root, isMoved);
  return normal(defined, defined);
}
