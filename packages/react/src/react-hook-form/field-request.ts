import {
  LLMError,
  parsePath,
  validateWithSchema,
  valueAt,
  type GenerateRequest,
  type StandardSchema,
} from '@rivulet/core';
import { isRequired, rootOf, schemaAt } from './field-schema.ts';
import { readRequest } from '../internal/read-request.ts';
import type { RefillContext } from './form-request.ts';

/** A copy of `value` in which the value at `keys` is another one. */
function withValueAt(value: unknown, [key, ...rest]: readonly (string | number)[], next: unknown): unknown {
  if (key === undefined) return next;
  const copy: Record<string | number, unknown> = (
    Array.isArray(value) ? [...value] : { ...(value as object) }
  ) as never;
  Object.defineProperty(copy, key, {
    value: withValueAt(Object.hasOwn(copy, key) ? copy[key] : undefined, rest, next),
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return copy;
}

/**
 * The schema of one field: an object that has nothing but the field, by the last of its names. It is checked where it
 * belongs, within `values`, and gives what the model wrote.
 * @throws {LLMError} with code `invalid_request` where the schema has no such field, or does not tell its JSON Schema.
 */
export function fieldSchema(
  schema: StandardSchema,
  jsonSchema: object | undefined,
  name: string,
  values: unknown,
): { readonly schema: StandardSchema; readonly jsonSchema: object; readonly key: string } {
  const { vendor } = schema['~standard'];
  const root = rootOf(schema, jsonSchema);
  const keys = parsePath(name);
  const last = keys.at(-1);
  const key = typeof last === 'string' ? last : 'item';
  const own = root && schemaAt(root, keys);
  if (!root || !own) {
    const message = root ? `the schema has no field ${name}` : 'no JSON Schema; pass jsonSchema';
    throw new LLMError(`${vendor}: ${message}`, { code: 'invalid_request' });
  }
  const { $defs, definitions } = root;
  const field = {
    type: 'object',
    properties: { [key]: own },
    // A field that may be left out may be found to be nothing.
    required: typeof last !== 'string' || isRequired(root, keys) ? [key] : [],
    additionalProperties: false,
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
  // A schema that is part of itself refers to the root, which is another one here.
  const text = JSON.stringify(field);
  const moved = text.replaceAll('"$ref":"#"', '"$ref":"#/$defs/whole"');
  const asked = JSON.parse(moved) as { $defs?: object };
  if (moved !== text)
    asked.$defs = {
      ...asked.$defs,
      whole: JSON.parse(JSON.stringify(root).replaceAll('"$ref":"#"', '"$ref":"#/$defs/whole"')),
    };
  return {
    key,
    jsonSchema: asked,
    schema: {
      '~standard': {
        version: 1,
        vendor,
        async validate(written) {
          const value = valueAt(written, [key]);
          if (value === undefined) return { issues: [{ message: 'Missing', path: [key] }] };
          const { issues = [] } = await validateWithSchema(schema, withValueAt(values, keys, value));
          const within = issues.flatMap((issue) => {
            const path = (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step));
            const isHere = keys.every((step, index) => String(path[index]) === String(step));
            return isHere ? [{ ...issue, path: [key, ...path.slice(keys.length)] }] : [];
          });
          return within.length > 0 ? { issues: within } : { value: written };
        },
      },
    },
  };
}

/** The question for one field, if nobody words another one. */
export function refillQuestion<Input>(
  { name, values, instruction, input }: RefillContext<string, Input>,
  request: ((input: Input) => string | GenerateRequest) | undefined,
): GenerateRequest {
  const asked =
    input === undefined ? {} : readRequest(request ? request(input) : input, 'What the form was filled with');
  const prompt = [
    asked.prompt,
    `These are the values of the form so far:\n${JSON.stringify(values)}`,
    `Give the value of \`${name}\` anew, and nothing else.`,
    instruction,
  ];
  return { ...asked, prompt: prompt.filter(Boolean).join('\n\n') };
}
