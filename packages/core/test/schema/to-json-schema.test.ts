import { toJsonSchema as ofValibot } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { LLMError } from '../../src/error.ts';
import { objectFormat } from '../../src/object/schema/object-format.ts';
import { toJsonSchema } from '../../src/object/schema/to-json-schema.ts';

it('the schema itself tells what it accepts', () => {
  expect(toJsonSchema(z.object({ a: z.string().transform(Number) }))).toEqual({
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
  });
});

it('what is given beside it comes first', () => {
  expect(toJsonSchema(z.string(), { type: 'number' })).toEqual({ type: 'number' });
  expect(toJsonSchema(v.string(), ofValibot(v.string()))).toEqual({ type: 'string' });
});

it.each([
  ['valibot', v.string()],
  ['zod', mini.string()],
])('a schema of %s that tells none is an error that says what to pass', (vendor, schema) => {
  const convert = (): unknown => toJsonSchema(schema);
  expect(convert).toThrow(LLMError);
  expect(convert).toThrow(new RegExp(`^${vendor}: .*jsonSchema.*@valibot/to-json-schema`));
});

it('what has no JSON Schema is an error that says why', () => {
  const convert = (): unknown => toJsonSchema(z.object({ when: z.date() }));
  expect(convert).toThrow(expect.objectContaining({ code: 'invalid_request', cause: expect.any(Error) as Error }));
  expect(convert).toThrow(/zod: Date/);
});

it('a reference to nothing is an error that names it', () => {
  const format = (): unknown => objectFormat('anthropic', { $ref: '#/$defs/Gone' });
  expect(format).toThrow('The JSON Schema has no #/$defs/Gone');
});
