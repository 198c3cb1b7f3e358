import { toJsonSchema as ofValibot } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { LLMError } from '../../src/errors/error.ts';
import { objectFormat } from '../../src/schema/object-format.ts';
import { toJsonSchema } from '../../src/schema/to-json-schema.ts';
import { toolFormat } from '../../src/schema/tool-format.ts';
import { listOf } from '../../src/schema/wrap.ts';
import { schemaIn } from './schema-in.ts';

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
  expect(convert).toThrow(expect.objectContaining({ code: 'config', cause: expect.any(Error) as Error }));
  expect(convert).toThrow(/zod: Date .* or pass jsonSchema/);
  for (const schema of [z.bigint(), z.map(z.string(), z.number()), z.set(z.string()), z.coerce.date(), z.undefined()])
    expect(() => toJsonSchema(z.object({ a: schema }))).toThrow(/zod: .* cannot be represented in JSON Schema/);
});

it('a reference to nothing is an error that names it', () => {
  const format = (): unknown => objectFormat('anthropic', { $ref: '#/$defs/Gone' });
  expect(format).toThrow('The JSON Schema has no #/$defs/Gone');
  for (const $ref of ['#/properties/a', '#a', 'https://example.org/a', '#/definitions/Gone'])
    expect(() => objectFormat('anthropic', toJsonSchema(z.any(), { $ref, $defs: { a: {} } }))).toThrow(/has no \S+$/);
});

it('references lead to where they say, in the words of any draft', () => {
  const leaf = z.object({ n: z.number() }).meta({ id: 'Leaf' });
  const schema = z.object({ a: leaf, b: leaf });
  const draft7 = toJsonSchema(schema, z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }));
  expect(draft7).toEqual(toJsonSchema(schema));
  // A tool and instructions take it as it is.
  const { schema: sent } = toolFormat(listOf(draft7));
  expect(sent).toMatchObject({
    properties: { value: { items: { properties: { a: { $ref: '#/$defs/Leaf' } } } } },
    $defs: { Leaf: { properties: { n: { type: 'number' } } } },
  });
});

it('a reference may lead anywhere in the schema; providers are sent those to definitions', () => {
  const again = { $ref: '#/properties/again' };
  const json = toJsonSchema(z.any(), {
    type: 'object',
    properties: {
      a: { type: 'object', properties: { n: { enum: [1, 2] } }, required: ['n'] },
      b: { $ref: '#/properties/a', description: 'Like a' },
      again: { type: 'object', properties: { more: again } },
    },
    required: ['a', 'b', 'again'],
    $defs: { a: { type: 'string' } },
  });
  const n = { type: 'number', enum: [1, 2] };
  const a = { type: 'object', properties: { n }, required: ['n'] };
  const b = { ...a, description: 'Like a' };
  expect(schemaIn(objectFormat('gemini', json))).toMatchObject({ properties: { a, b } });
  expect(schemaIn(objectFormat('openai', json))).toMatchObject({
    properties: { a: { ...a, additionalProperties: false }, b: { ...b, additionalProperties: false } },
  });
  expect(schemaIn(objectFormat('openai', listOf(json)))).toMatchObject({
    properties: { value: { items: { $ref: '#/$defs/_root' } } },
    $defs: { _root: { properties: { a, b } } },
  });
  // What contains itself cannot be written out, and says so where it must be.
  expect(() => objectFormat('anthropic', json)).toThrow('recursion at $.again.more');
  expect(objectFormat('openai', json).strict).toBe(true);
});
