import { toJsonSchema as ofValibot } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { atomicPaths } from '../../src/schema/atomic-paths.ts';
import { objectFormat } from '../../src/schema/object-format.ts';
import { createRestore } from '../../src/schema/strip-placeholder-nulls.ts';
import { readJsonSchema, toJsonSchema } from '../../src/schema/to-json-schema.ts';
import { listOf, objectAtRoot } from '../../src/schema/wrap.ts';
import type { StandardSchema } from '../../src/types/standard-schema.ts';
import { HOSTILE_NAMES } from './samples.ts';

const NAMES = [...HOSTILE_NAMES, '__proto__', '~', 'a/b', '%25'];

/** An object schema with this property, which may be absent, and one that refers to it. */
function schemaWith(name: string): object {
  return JSON.parse(
    JSON.stringify({
      $defs: { part: { type: 'object', properties: { n: { type: 'string' } } } },
      type: 'object',
      properties: { NAME: { $ref: '#/$defs/part' }, other: { type: 'string' } },
    }).replace('"NAME"', JSON.stringify(name)),
  ) as object;
}

const named = (name: string, value: unknown): unknown =>
  JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}}`);

describe.each(NAMES)('a property called %j', (name) => {
  const schema = readJsonSchema(schemaWith(name));

  it('is asked for strictly', () => {
    const { strict, body } = objectFormat('openai', schema);
    expect(strict).toBe(true);
    expect(body).toMatchObject({
      response_format: { json_schema: { schema: { required: [name, 'other'], additionalProperties: false } } },
    });
  });

  it('is without placeholder nulls', () => {
    const restore = createRestore(schema);
    expect(Object.keys(restore(named(name, null)) as object)).toEqual([]);
    expect(JSON.stringify(restore(named(name, { n: null })))).toBe(JSON.stringify(named(name, {})));
  });

  it('keeps its schema within a list and within an object', () => {
    expect(Object.keys((listOf(schema).items as { properties: object }).properties)).toEqual([name, 'other']);
    expect(objectAtRoot(listOf(schema)).schema).toMatchObject({ $defs: { part: { type: 'object' } } });
  });

  it('has paths of its own', () => {
    expect(atomicPaths(schema)([name, 'n'])).toBe(false);
  });
});

it('leaves data alone that looks like a reference', () => {
  const data = { $ref: '#/definitions/a' };
  const schema = readJsonSchema({
    definitions: { a: { type: 'string' } },
    type: 'object',
    properties: { a: data, b: { const: data }, c: { default: data, type: 'object' } },
  });
  expect(schema).toMatchObject({
    $defs: { a: { type: 'string' } },
    properties: { a: { $ref: '#/$defs/a' }, b: { const: data }, c: { default: data } },
  });
  expect(listOf(schema).items).toMatchObject({ properties: { b: { const: data } } });
});

describe('a strict answer is what the schema accepts', () => {
  const tree = z.object({
    name: z.string().optional(),
    get children() {
      return z.array(tree).optional();
    },
  });

  const keys = z.enum(['a', 'b']);
  it.each<[string, StandardSchema, written: unknown, expected: unknown]>([
    ['a partial record', z.partialRecord(keys, z.number()), { a: 1, b: null }, { a: 1 }],
    ['a record of enum keys', z.record(keys, z.number().nullable()), { a: 1, b: null }, { a: 1, b: null }],
    [
      'a record within an object',
      z.object({ r: z.partialRecord(keys, z.string()) }),
      { r: { a: null, b: 'x' } },
      { r: { b: 'x' } },
    ],
    ['a loose object', z.looseObject({ a: z.string().optional() }), { a: null, b: null }, { b: null }],
    [
      'a discriminated union',
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('x'), enum: z.string().optional() }),
        z.object({ type: z.literal('y'), enum: z.string().nullable() }),
      ]),
      { type: 'x', enum: null },
      { type: 'x' },
    ],
    ['a tuple', z.tuple([z.object({ items: z.string().optional() }), z.number()]), [{ items: null }, 1], [{}, 1]],
    ['nullish', z.object({ a: z.string().nullish() }), { a: null }, { a: null }],
    ['nullable and optional', z.object({ a: z.string().nullable().optional() }), { a: null }, { a: null }],
    ['a default', z.object({ a: z.number().default(7) }), { a: null }, { a: 7 }],
    ['a prefault', z.object({ a: z.string().prefault('x') }), { a: null }, { a: 'x' }],
    ['a catch', z.object({ a: z.number().catch(3) }), { a: null }, { a: 3 }],
    [
      'an intersection',
      z.intersection(z.object({ a: z.string().optional() }), z.object({ b: z.string().optional() })),
      { a: null, b: 'x' },
      { b: 'x' },
    ],
    ['recursion', tree, { name: null, children: [{ name: 'x', children: null }] }, { children: [{ name: 'x' }] }],
    [
      'an object with names of keywords',
      z.object({ properties: z.string(), required: z.string().optional() }),
      { properties: 'x', required: null },
      { properties: 'x' },
    ],
    ['arktype', type({ 'items?': 'string', type: 'number' }), { items: null, type: 1 }, { type: 1 }],
    ['arktype, with a default', type({ enum: 'number = 5' }), { enum: null }, { enum: 5 }],
  ])('with %s', async (_name, schema, written, expected) => {
    const result = await schema['~standard'].validate(createRestore(toJsonSchema(schema))(written));
    expect(result).toEqual({ value: expected });
  });

  it('with valibot', () => {
    const schema = v.object({
      $ref: v.optional(v.string()),
      const: v.optional(v.number(), 4),
      anyOf: v.nullish(v.string()),
    });
    const restore = createRestore(toJsonSchema(schema, ofValibot(schema, { typeMode: 'input' })));
    expect(v.parse(schema, restore({ $ref: null, const: null, anyOf: null }))).toEqual({ const: 4, anyOf: null });
  });
});

describe('a malformed schema is a config error', () => {
  const circle: Record<string, unknown> = { type: 'object' };
  circle['properties'] = { self: circle };
  let deep: object = { type: 'string' };
  for (let depth = 0; depth < 20_000; depth += 1) deep = { type: 'array', items: deep };
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => {
      const next = { $ref: `#/$defs/d${index + 1}` };
      return [`d${index}`, index === 39 ? { type: 'string' } : { anyOf: [next, next] }];
    }),
  );

  it.each<[string, unknown, RegExp]>([
    ['text', 'text', /which is an object/],
    ['a list', [{}], /which is an object/],
    ['a circle of objects', circle, /circular/],
    ['too deep', deep, /./],
    ['a property that is text', { properties: { a: 'string' } }, /"string" at \$\.properties\.a/],
    ['properties that are a list', { properties: [] }, /\[\] at \$\.properties /],
    ['a required that is text', { properties: { a: { required: 'a' } } }, /"a" at \$\.properties\.a\.required/],
    ['a type that is a number', { type: 5 }, /5 at \$\.type/],
    ['an enum that is an object', { enum: {} }, /\{\} at \$\.enum/],
    ['alternatives that are an object', { anyOf: {} }, /\{\} at \$\.anyOf/],
    ['a reference that is a number', { $ref: 7 }, /7 at \$\.\$ref/],
    [
      'a reference to nowhere',
      { properties: { a: { $ref: '#/$defs/Gone' } } },
      /at \$\.properties\.a.*#\/\$defs\/Gone/,
    ],
    ['a reference to an inherited property', { $ref: '#/constructor' }, /#\/constructor/],
    ['a reference to a prototype', { $ref: '#/__proto__' }, /#\/__proto__/],
    ['a reference to text', { title: 'x', $ref: '#/title' }, /#\/title/],
    ['a reference to itself', { $ref: '#' }, /circle/],
    [
      'references in a circle',
      { $defs: { a: { $ref: '#/$defs/b' }, b: { allOf: [{ $ref: '#/$defs/a' }] } } },
      /circle/,
    ],
    ['an alternative that is itself', { $defs: { a: { type: 'string', anyOf: [{ $ref: '#/$defs/a' }] } } }, /circle/],
    ['references that multiply', { $defs: doubling, $ref: '#/$defs/d0' }, /alternatives/],
  ])('with %s', (_name, jsonSchema, message) => {
    const convert = (): unknown => toJsonSchema(z.any(), jsonSchema as object);
    expect(convert).toThrow(expect.objectContaining({ code: 'config' }));
    expect(convert).toThrow(message);
  });

  it('when its references are written out', () => {
    const properties = { a: { $ref: '#/$defs/d0' } };
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => {
        const next = { $ref: `#/$defs/d${index + 1}` };
        return [
          `d${index}`,
          index === 39
            ? { type: 'string' }
            : { type: 'object', properties: { l: next, r: next }, required: ['l', 'r'], additionalProperties: false },
        ];
      }),
    );
    const schema = readJsonSchema({ type: 'object', properties, $defs });
    expect(() => objectFormat('anthropic', schema)).toThrow(expect.objectContaining({ code: 'config' }));
  });
});

it.each([false, true, { type: 'string' }])('are any names for propertyNames: %j', (propertyNames) => {
  expect(createRestore(readJsonSchema({ type: 'object', propertyNames }))({ a: null })).toEqual({ a: null });
});
