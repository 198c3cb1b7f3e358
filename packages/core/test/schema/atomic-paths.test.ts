import { describe, expect, it } from 'vitest';
import { type } from 'arktype';
import { z } from 'zod';
import { atomicPaths } from '../../src/schema/atomic-paths.ts';
import { toJsonSchema } from '../../src/schema/to-json-schema.ts';
import type { StandardSchema } from '../../src/types/standard-schema.ts';

const isAtomic = (schema: StandardSchema, ...path: (string | number)[]): boolean =>
  atomicPaths(toJsonSchema(schema))(path);

describe('a string is atomic', () => {
  it.each<[string, z.ZodType]>([
    ['an enum', z.enum(['x', 'y'])],
    ['a constant', z.literal('x')],
    ['an enum or null', z.enum(['x', 'y']).nullable()],
    ['constants of a union', z.union([z.literal('x'), z.literal('y'), z.number()])],
    ['a date', z.iso.date()],
    ['a time stamp', z.iso.datetime()],
    ['a duration', z.iso.duration()],
    ['a mail address', z.email()],
    ['a URL', z.url()],
    ['an id', z.uuid()],
  ])('that is %s', (_name, schema) => {
    expect(isAtomic(schema)).toBe(true);
    expect(isAtomic(z.object({ a: schema }), 'a')).toBe(true);
    expect(isAtomic(z.array(schema), 7)).toBe(true);
    expect(isAtomic(z.record(z.string(), schema), 'any')).toBe(true);
    expect(isAtomic(z.tuple([z.string(), schema]), 1)).toBe(true);
    expect(isAtomic(z.tuple([z.string()], schema), 5)).toBe(true);
    expect(isAtomic(z.object({ a: z.string() }).and(z.object({ b: schema })), 'b')).toBe(true);
  });
});

it('a constant without a type is atomic too', () => {
  expect(isAtomic(type("'x'"))).toBe(true);
  expect(isAtomic(type({ a: "'x'|'y'" }), 'a')).toBe(true);
});

describe('a string streams', () => {
  it.each<[string, z.ZodType]>([
    ['is plain', z.string()],
    ['has bounds', z.string().min(2).max(9)],
    ['has a pattern', z.string().regex(/^a/)],
    ['may be anything', z.union([z.literal('x'), z.string()])],
    ['is of no known type', z.unknown()],
  ])('that %s', (_name, schema) => {
    expect(isAtomic(schema)).toBe(false);
    expect(isAtomic(z.object({ a: schema }), 'a')).toBe(false);
  });
});

it('paths lead through what refers to itself', () => {
  const node = z.object({
    kind: z.enum(['x', 'y']),
    text: z.string(),
    get children() {
      return z.array(node).optional();
    },
  });
  const atomic = atomicPaths(toJsonSchema(node));
  expect(atomic(['children', 0, 'children', 3, 'kind'])).toBe(true);
  expect(atomic(['children', 0, 'children', 3, 'text'])).toBe(false);
});

it('a path that the schema does not have streams', () => {
  const schema = z.object({ a: z.enum(['x']) });
  expect(isAtomic(schema, 'b')).toBe(false);
  expect(isAtomic(schema, 'constructor')).toBe(false);
  expect(isAtomic(schema, 'a', 'b', 1)).toBe(false);
  expect(isAtomic(schema, 0)).toBe(false);
});

it('a schema that is nothing but itself ends', () => {
  const atomic = atomicPaths({ $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' });
  expect(atomic([])).toBe(false);
});
