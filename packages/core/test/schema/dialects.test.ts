import { toJsonSchema as ofValibot } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { objectFormat } from '../../src/schema/object-format.ts';
import { readJsonSchema, toJsonSchema } from '../../src/schema/to-json-schema.ts';
import type { StandardSchema } from '../../src/types/standard-schema.ts';
import { schemaIn, sortedRequired } from './schema-in.ts';

type Expected = object | { refused: string };

interface Case {
  readonly zod?: StandardSchema;
  /** With the JSON Schema of its converter beside it. */
  readonly valibot?: v.GenericSchema;
  readonly arktype?: StandardSchema;
  /** For that converter. */
  readonly definitions?: Record<string, v.GenericSchema>;
  /** Strict, unless `loose`. */
  readonly openai: Expected;
  readonly loose?: true;
  readonly anthropic: Expected;
  readonly gemini: object;
  /** Default: as for Gemini. */
  readonly ollama?: object;
}

const string = { type: 'string' };
const number = { type: 'number' };
const boolean = { type: 'boolean' };
const nil = { type: 'null' };
/** As those have it that let properties be absent. */
const open = (properties: object, required: readonly string[] = Object.keys(properties)): object => ({
  type: 'object',
  properties,
  ...(required.length && { required }),
});
const closed = (properties: object, required?: readonly string[]): object => ({
  ...open(properties, required),
  additionalProperties: false,
});
const one = (value: unknown): object => ({ type: value === null ? 'null' : typeof value, enum: [value] });

const tree: StandardSchema = z.object({
  name: z.string(),
  get children() {
    return z.array(tree as z.ZodType);
  },
});

const chain: StandardSchema = z.object({
  get next(): z.ZodType {
    return (chain as z.ZodType).nullable();
  },
  back: z.object({ chain: z.lazy(() => chain as z.ZodType).optional() }).optional(),
});

const anyJson = {
  anyOf: [
    string,
    number,
    boolean,
    nil,
    { type: 'array', items: { $ref: '#/$defs/__schema0' } },
    { type: 'object', additionalProperties: { $ref: '#/$defs/__schema0' } },
  ],
};

/** Its name has what a JSON Pointer escapes. */
const named = v.object({ s: v.string(), o: v.optional(v.number()) });

const cases: Record<string, Case> = {
  'a plain object': {
    zod: z.object({ a: z.string(), b: z.number() }),
    valibot: v.object({ a: v.string(), b: v.number() }),
    arktype: type({ a: 'string', b: 'number' }),
    openai: closed({ a: string, b: number }),
    anthropic: closed({ a: string, b: number }),
    gemini: open({ a: string, b: number }),
  },
  'an optional property': {
    zod: z.object({ a: z.string(), b: z.number().optional() }),
    valibot: v.object({ a: v.string(), b: v.optional(v.number()) }),
    arktype: type({ a: 'string', 'b?': 'number' }),
    openai: closed({ a: string, b: { type: ['number', 'null'] } }),
    anthropic: closed({ a: string, b: number }, ['a']),
    gemini: open({ a: string, b: number }, ['a']),
  },
  'a nullable property': {
    zod: z.object({ a: z.union([z.literal('x'), z.null()]) }),
    valibot: v.object({ a: v.nullable(v.literal('x')) }),
    openai: closed({ a: { anyOf: [one('x'), nil] } }),
    anthropic: closed({ a: { anyOf: [one('x'), nil] } }),
    gemini: open({ a: { anyOf: [one('x'), nil] } }),
  },
  'an optional and nullable property': {
    zod: z.object({ a: z.string().nullish() }),
    openai: closed({ a: { type: ['string', 'null'] } }),
    anthropic: { type: 'object', properties: { a: { type: ['string', 'null'] } }, additionalProperties: false },
    gemini: { type: 'object', properties: { a: { type: ['string', 'null'] } } },
  },
  'a default': {
    zod: z.object({ a: z.number().default(2) }),
    valibot: v.object({ a: v.optional(v.number(), 2) }),
    openai: closed({ a: { type: ['number', 'null'], description: 'default: 2' } }),
    anthropic: closed({ a: { ...number, description: 'default: 2' } }, []),
    gemini: open({ a: { ...number, description: 'default: 2' } }, []),
  },
  'an enum, one of them optional': {
    zod: z.object({ a: z.enum(['x', 'y']), b: z.enum(['x', 'y']).optional() }),
    valibot: v.object({ a: v.picklist(['x', 'y']), b: v.optional(v.picklist(['x', 'y'])) }),
    arktype: type({ a: "'x'|'y'", 'b?': "'x'|'y'" }),
    openai: closed({
      a: { ...string, enum: ['x', 'y'] },
      b: { anyOf: [{ ...string, enum: ['x', 'y'] }, nil] },
    }),
    anthropic: closed({ a: { ...string, enum: ['x', 'y'] }, b: { ...string, enum: ['x', 'y'] } }, ['a']),
    gemini: open({ a: { ...string, enum: ['x', 'y'] }, b: { ...string, enum: ['x', 'y'] } }, ['a']),
  },
  literals: {
    zod: z.object({ a: z.literal('x'), b: z.literal(true), c: z.literal(7) }),
    valibot: v.object({ a: v.literal('x'), b: v.literal(true), c: v.literal(7) }),
    arktype: type({ a: "'x'", b: 'true', c: '7' }),
    openai: closed({ a: one('x'), b: one(true), c: one(7) }),
    anthropic: closed({ a: one('x'), b: one(true), c: one(7) }),
    gemini: open({ a: one('x'), b: one(true), c: one(7) }),
  },
  'a literal of many types': {
    zod: z.object({ a: z.literal(['x', 1, null]) }),
    openai: closed({ a: { type: ['string', 'number', 'null'], enum: ['x', 1, null] } }),
    anthropic: closed({ a: { type: ['string', 'number', 'null'], enum: ['x', 1, null] } }),
    gemini: open({ a: { type: ['string', 'number', 'null'], enum: ['x', 1, null] } }),
  },
  'a discriminated union within': {
    zod: z.object({
      u: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), v: z.string() }),
        z.object({ kind: z.literal('b'), w: z.number().optional() }),
      ]),
    }),
    valibot: v.object({
      u: v.variant('kind', [
        v.object({ kind: v.literal('a'), v: v.string() }),
        v.object({ kind: v.literal('b'), w: v.optional(v.number()) }),
      ]),
    }),
    arktype: type({ u: type({ kind: "'a'", v: 'string' }).or({ kind: "'b'", 'w?': 'number' }) }),
    openai: closed({
      u: {
        anyOf: [closed({ kind: one('a'), v: string }), closed({ kind: one('b'), w: { type: ['number', 'null'] } })],
      },
    }),
    anthropic: closed({
      u: { anyOf: [closed({ kind: one('a'), v: string }), closed({ kind: one('b'), w: number }, ['kind'])] },
    }),
    gemini: open({
      u: { anyOf: [open({ kind: one('a'), v: string }), open({ kind: one('b'), w: number }, ['kind'])] },
    }),
  },
  'a record': {
    zod: z.object({ r: z.record(z.string(), z.number()) }),
    valibot: v.object({ r: v.record(v.string(), v.number()) }),
    arktype: type({ r: { '[string]': 'number' } }),
    openai: open({ r: { type: 'object', additionalProperties: number } }),
    loose: true,
    anthropic: { refused: 'an open object at $.r' },
    gemini: open({ r: { type: 'object', additionalProperties: number } }),
  },
  'a record of known keys': {
    zod: z.record(z.enum(['a', 'b']), z.number()),
    openai: closed({ a: number, b: number }),
    anthropic: closed({ a: number, b: number }),
    gemini: open({ a: number, b: number }),
  },
  'a record of names that are given one by one': {
    zod: z.record(z.union([z.literal('a'), z.enum(['b', 'c'])]), z.number()),
    openai: closed({ a: number, b: number, c: number }),
    anthropic: closed({ a: number, b: number, c: number }),
    gemini: open({ a: number, b: number, c: number }),
  },
  'a record of one name': {
    zod: z.record(z.literal('a'), z.number()),
    openai: closed({ a: number }),
    anthropic: closed({ a: number }),
    gemini: open({ a: number }),
  },
  'an object with whatever has names of a pattern': {
    arktype: type({ a: 'string', '[/^x-/]': 'number' } as never),
    openai: { ...open({ a: string }), description: 'pattern properties: {"^x-":{"type":"number"}}' },
    loose: true,
    anthropic: { refused: 'an open object at $' },
    gemini: { ...open({ a: string }), description: 'pattern properties: {"^x-":{"type":"number"}}' },
  },
  'an object with whatever else': {
    zod: z.looseObject({ a: z.string() }),
    arktype: type({ a: 'string', '[string]': 'unknown' }),
    openai: { ...open({ a: string }), additionalProperties: {} },
    loose: true,
    anthropic: { refused: 'an open object at $' },
    gemini: { ...open({ a: string }), additionalProperties: {} },
  },
  'a tuple that goes on': {
    zod: z.object({ t: z.array(z.tuple([z.string(), z.number()], z.number())) }),
    openai: open({
      t: { type: 'array', items: { type: 'array', prefixItems: [string, number], items: number, minItems: 2 } },
    }),
    loose: true,
    anthropic: { refused: 'a tuple at $.t[]' },
    gemini: open({
      t: { type: 'array', items: { type: 'array', prefixItems: [string, number], items: number, minItems: 2 } },
    }),
  },
  'a tuple': {
    zod: z.tuple([z.string(), z.number()]),
    openai: open({
      value: { type: 'array', prefixItems: [string, number], items: false, minItems: 2, maxItems: 2 },
    }),
    loose: true,
    anthropic: { refused: 'a tuple at $' },
    gemini: { type: 'array', prefixItems: [string, number], items: false, minItems: 2, maxItems: 2 },
  },
  'a tuple, also as draft 7 has it': {
    arktype: type(['string', 'number']),
    valibot: v.strictTuple([v.string(), v.number()]),
    openai: open({
      value: { type: 'array', prefixItems: [string, number], items: false, minItems: 2 },
    }),
    loose: true,
    anthropic: { refused: 'a tuple at $' },
    gemini: { type: 'array', prefixItems: [string, number], items: false, minItems: 2 },
  },
  anything: {
    zod: z.object({ a: z.any(), b: z.array(z.unknown()) }),
    valibot: v.object({ a: v.any(), b: v.array(v.unknown()) }),
    openai: open({ a: {}, b: { type: 'array', items: {} } }),
    loose: true,
    anthropic: { refused: 'a value of any type at $.a' },
    gemini: open({ a: {}, b: { type: 'array', items: {} } }),
  },
  bounds: {
    zod: z.object({
      n: z.number().min(1).max(5).describe('Stars'),
      i: z.int().positive(),
      s: z.string().min(2).max(4),
      a: z.array(z.string()).min(2).max(3),
    }),
    openai: closed({
      n: { ...number, minimum: 1, maximum: 5, description: 'Stars' },
      i: { type: 'integer', exclusiveMinimum: 0 },
      s: { ...string, description: 'min length: 2\nmax length: 4' },
      a: { type: 'array', items: string, minItems: 2, maxItems: 3 },
    }),
    anthropic: closed({
      n: { ...number, description: 'Stars\nminimum: 1\nmaximum: 5' },
      i: { type: 'integer', description: 'exclusive minimum: 0' },
      s: { ...string, description: 'min length: 2\nmax length: 4' },
      a: { type: 'array', items: string, description: 'min items: 2\nmax items: 3' },
    }),
    gemini: open({
      n: { ...number, minimum: 1, maximum: 5, description: 'Stars' },
      i: { type: 'integer', description: 'exclusive minimum: 0' },
      s: { ...string, description: 'min length: 2\nmax length: 4' },
      a: { type: 'array', items: string, minItems: 2, maxItems: 3 },
    }),
  },
  'a list that is not empty': {
    zod: z.object({ a: z.array(z.string()).min(1) }),
    arktype: type({ a: 'string[]>=1' }),
    openai: closed({ a: { type: 'array', items: string, minItems: 1 } }),
    anthropic: closed({ a: { type: 'array', items: string, minItems: 1 } }),
    gemini: open({ a: { type: 'array', items: string, minItems: 1 } }),
  },
  'formats of strings': {
    zod: z.object({ mail: z.email(), link: z.url(), day: z.iso.date(), at: z.iso.datetime(), id: z.uuid() }),
    openai: closed({
      mail: { ...string, format: 'email' },
      link: { ...string, description: 'format: uri' },
      day: { ...string, format: 'date' },
      at: { ...string, format: 'date-time' },
      id: { ...string, format: 'uuid' },
    }),
    anthropic: closed({
      mail: { ...string, format: 'email' },
      link: { ...string, format: 'uri' },
      day: { ...string, format: 'date' },
      at: { ...string, format: 'date-time' },
      id: { ...string, format: 'uuid' },
    }),
    gemini: open({
      mail: { ...string, description: 'format: email' },
      link: { ...string, description: 'format: uri' },
      day: { ...string, format: 'date' },
      at: { ...string, format: 'date-time' },
      id: { ...string, description: 'format: uuid' },
    }),
  },
  patterns: {
    zod: z.object({
      a: z.string().regex(/^a+$/),
      b: z.string().regex(/^(?!x)\w$/),
      c: z.string().regex(/^a/).regex(/b$/),
    }),
    openai: closed({
      a: { ...string, pattern: '^a+$' },
      b: { ...string, description: 'pattern: ^(?!x)\\w$' },
      c: { ...string, pattern: '^a', description: 'all of: [{"pattern":"b$"}]' },
    }),
    anthropic: closed({
      a: { ...string, description: 'pattern: ^a+$' },
      b: { ...string, description: 'pattern: ^(?!x)\\w$' },
      c: { ...string, description: 'pattern: ^a\nall of: [{"pattern":"b$"}]' },
    }),
    gemini: open({
      a: { ...string, description: 'pattern: ^a+$' },
      b: { ...string, description: 'pattern: ^(?!x)\\w$' },
      c: { ...string, description: 'pattern: ^a\nall of: [{"pattern":"b$"}]' },
    }),
  },
  'a transform, by what goes in': {
    zod: z.object({ a: z.string().transform(Number) }),
    arktype: type({ a: type('string').pipe(Number) }),
    openai: closed({ a: string }),
    anthropic: closed({ a: string }),
    gemini: open({ a: string }),
  },
  'a date, by the text that it is made of': {
    zod: z.object({
      day: z.iso.date().transform((text) => new Date(text)),
      at: z.codec(z.iso.datetime(), z.date(), {
        decode: (text) => new Date(text),
        encode: (date) => date.toISOString(),
      }),
    }),
    openai: closed({ day: { ...string, format: 'date' }, at: { ...string, format: 'date-time' } }),
    anthropic: closed({ day: { ...string, format: 'date' }, at: { ...string, format: 'date-time' } }),
    gemini: open({ day: { ...string, format: 'date' }, at: { ...string, format: 'date-time' } }),
  },
  'a union at the root': {
    valibot: v.union([v.string(), v.number()]),
    openai: closed({ value: { anyOf: [string, number] } }),
    anthropic: { anyOf: [string, number] },
    gemini: { anyOf: [string, number] },
  },
  'a list at the root, of objects with optionals': {
    zod: z.array(z.object({ a: z.array(z.object({ b: z.string().optional() })).optional() })),
    valibot: v.array(v.object({ a: v.optional(v.array(v.object({ b: v.optional(v.string()) }))) })),
    openai: closed({
      value: {
        type: 'array',
        items: closed({ a: { type: ['array', 'null'], items: closed({ b: { type: ['string', 'null'] } }) } }),
      },
    }),
    anthropic: {
      type: 'array',
      items: closed({ a: { type: 'array', items: closed({ b: string }, []) } }, []),
    },
    gemini: { type: 'array', items: open({ a: { type: 'array', items: open({ b: string }, []) } }, []) },
  },
  'an optional object': {
    zod: z.object({ a: z.object({ b: z.string() }).optional().describe('Maybe') }),
    openai: closed({ a: { anyOf: [{ ...closed({ b: string }), description: 'Maybe' }, nil] } }),
    anthropic: closed({ a: { ...closed({ b: string }), description: 'Maybe' } }, []),
    gemini: open({ a: { ...open({ b: string }), description: 'Maybe' } }, []),
  },
  recursion: {
    zod: tree,
    openai: closed({ name: string, children: { type: 'array', items: { $ref: '#' } } }),
    anthropic: { refused: 'recursion at $.children[]' },
    gemini: open({ name: string, children: { type: 'array', items: { $ref: '#' } } }),
  },
  'recursion through null, and through another one': {
    zod: chain,
    openai: closed({
      next: { anyOf: [{ $ref: '#' }, nil] },
      back: { anyOf: [closed({ chain: { anyOf: [{ $ref: '#' }, nil] } }), nil] },
    }),
    anthropic: { refused: 'recursion at $.next' },
    gemini: open({ next: { anyOf: [{ $ref: '#' }, nil] }, back: open({ chain: { $ref: '#' } }, []) }, ['next']),
  },
  'what is coerced, caught, branded, piped or read only, by what goes in': {
    zod: z.object({
      a: z.coerce.number(),
      b: z.string().catch('x'),
      c: z
        .string()
        .brand('c')
        .pipe(z.transform((text) => text.length)),
      d: z.preprocess((value) => value, z.boolean()),
      e: z.stringbool(),
      f: z.string().optional().nonoptional(),
    }),
    openai: closed({
      a: number,
      b: { ...string, description: 'default: x' },
      c: string,
      d: boolean,
      e: string,
      f: string,
    }),
    anthropic: closed({
      a: number,
      b: { ...string, description: 'default: x' },
      c: string,
      d: boolean,
      e: string,
      f: string,
    }),
    gemini: open({
      a: number,
      b: { ...string, description: 'default: x' },
      c: string,
      d: boolean,
      e: string,
      f: string,
    }),
  },
  'numbers of a kind, and texts of a template': {
    zod: z.object({
      a: z.uint32(),
      b: z.int(),
      c: z.number().multipleOf(5),
      d: z.templateLiteral(['v', z.number(), z.enum(['a', 'b'])]),
    }),
    openai: closed({
      a: { type: 'integer', minimum: 0, maximum: 4294967295 },
      b: { type: 'integer' },
      c: { ...number, multipleOf: 5 },
      d: { ...string, pattern: '^v-?\\d+(?:\\.\\d+)?(a|b)$' },
    }),
    anthropic: closed({
      a: { type: 'integer', description: 'minimum: 0\nmaximum: 4294967295' },
      b: { type: 'integer' },
      c: { ...number, description: 'multiple of: 5' },
      d: { ...string, description: 'pattern: ^v-?\\d+(?:\\.\\d+)?(a|b)$' },
    }),
    gemini: open({
      a: { type: 'integer', minimum: 0, maximum: 4294967295 },
      b: { type: 'integer' },
      c: { ...number, description: 'multiple of: 5' },
      d: { ...string, description: 'pattern: ^v-?\\d+(?:\\.\\d+)?(a|b)$' },
    }),
  },
  'a record of known keys, each of which may be absent': {
    zod: z.partialRecord(z.enum(['a', 'b']), z.object({ n: z.string().optional() })),
    openai: closed({
      a: { anyOf: [closed({ n: { type: ['string', 'null'] } }), nil] },
      b: { anyOf: [closed({ n: { type: ['string', 'null'] } }), nil] },
    }),
    anthropic: closed({ a: closed({ n: string }, []), b: closed({ n: string }, []) }, []),
    gemini: open({ a: open({ n: string }, []), b: open({ n: string }, []) }, []),
  },
  'nothing but objects without properties': {
    zod: z.object({ a: z.strictObject({}), b: z.object({}) }),
    openai: closed({ a: closed({}), b: closed({}) }),
    anthropic: closed({ a: closed({}), b: closed({}) }),
    gemini: open({ a: closed({}), b: open({}) }),
  },
  'properties with the names of what every object has': {
    zod: z.object({ ['__proto__']: z.string(), constructor: z.number().optional(), 'a.b/c~d': z.string() }),
    openai: closed({ ['__proto__']: string, constructor: { type: ['number', 'null'] }, 'a.b/c~d': string }),
    anthropic: closed({ ['__proto__']: string, constructor: number, 'a.b/c~d': string }, ['__proto__', 'a.b/c~d']),
    gemini: open({ ['__proto__']: string, constructor: number, 'a.b/c~d': string }, ['__proto__', 'a.b/c~d']),
  },
  'any JSON': {
    zod: z.object({ a: z.json() }),
    openai: { ...open({ a: { $ref: '#/$defs/__schema0' } }), $defs: { __schema0: anyJson } },
    loose: true,
    anthropic: { refused: 'recursion at $.a[]' },
    gemini: { ...open({ a: { $ref: '#/$defs/__schema0' } }), $defs: { __schema0: anyJson } },
  },
  'an intersection of unions': {
    zod: z
      .union([z.object({ a: z.string() }), z.object({ b: z.string() })])
      .and(z.union([z.object({ c: z.string() }), z.object({ d: z.string().optional() })])),
    openai: closed({
      value: {
        anyOf: [
          { anyOf: [closed({ c: string, a: string }), closed({ d: { type: ['string', 'null'] }, a: string })] },
          { anyOf: [closed({ c: string, b: string }), closed({ d: { type: ['string', 'null'] }, b: string })] },
        ],
      },
    }),
    anthropic: {
      anyOf: [
        { anyOf: [closed({ c: string, a: string }), closed({ d: string, a: string }, ['a'])] },
        { anyOf: [closed({ c: string, b: string }), closed({ d: string, b: string }, ['b'])] },
      ],
    },
    gemini: {
      anyOf: [
        { anyOf: [open({ c: string, a: string }), open({ d: string, a: string }, ['a'])] },
        { anyOf: [open({ c: string, b: string }), open({ d: string, b: string }, ['b'])] },
      ],
    },
  },
  'an intersection': {
    zod: z.object({ a: z.string() }).and(z.object({ b: z.number().optional() })),
    valibot: v.intersect([v.object({ a: v.string() }), v.object({ b: v.optional(v.number()) })]),
    arktype: type({ a: 'string' }).and({ 'b?': 'number' }),
    openai: closed({ a: string, b: { type: ['number', 'null'] } }),
    anthropic: closed({ a: string, b: number }, ['a']),
    gemini: open({ a: string, b: number }, ['a']),
  },
  'an intersection that says a thing twice': {
    valibot: v.intersect([
      v.object({ a: v.string(), b: v.number() }),
      v.object({ a: v.string(), toString: v.optional(v.string()), constructor: v.string() }),
    ]),
    openai: closed({ a: string, b: number, toString: { type: ['string', 'null'] }, constructor: string }),
    anthropic: closed({ a: string, b: number, toString: string, constructor: string }, ['a', 'b', 'constructor']),
    gemini: open({ a: string, b: number, toString: string, constructor: string }, ['a', 'b', 'constructor']),
  },
  'definitions whose names have to be escaped': {
    definitions: { 'a/b~c d': named },
    valibot: v.object({ x: named, y: v.optional(named) }),
    openai: {
      ...closed({ x: { $ref: '#/$defs/a~1b~0c d' }, y: { anyOf: [{ $ref: '#/$defs/a~1b~0c d' }, nil] } }),
      $defs: { 'a/b~c d': closed({ s: string, o: { type: ['number', 'null'] } }) },
    },
    anthropic: closed({ x: closed({ s: string, o: number }, ['s']), y: closed({ s: string, o: number }, ['s']) }, [
      'x',
    ]),
    gemini: {
      ...open({ x: { $ref: '#/$defs/a~1b~0c d' }, y: { $ref: '#/$defs/a~1b~0c d' } }, ['x']),
      $defs: { 'a/b~c d': open({ s: string, o: number }, ['s']) },
    },
  },
  'an intersection with a union': {
    valibot: v.intersect([
      v.object({ a: v.string() }),
      v.union([v.object({ b: v.string() }), v.object({ c: v.number() })]),
    ]),
    openai: closed({ value: { anyOf: [closed({ b: string, a: string }), closed({ c: number, a: string })] } }),
    anthropic: { anyOf: [closed({ b: string, a: string }), closed({ c: number, a: string })] },
    gemini: { anyOf: [open({ b: string, a: string }), open({ c: number, a: string })] },
  },
  descriptions: {
    zod: z.object({ a: z.string().describe('An a') }).describe('All'),
    valibot: v.pipe(v.object({ a: v.pipe(v.string(), v.description('An a')) }), v.description('All')),
    openai: { ...closed({ a: { ...string, description: 'An a' } }), description: 'All' },
    anthropic: { ...closed({ a: { ...string, description: 'An a' } }), description: 'All' },
    gemini: { ...open({ a: { ...string, description: 'An a' } }), description: 'All' },
  },
};

describe.each(Object.entries(cases))(
  '%s',
  (_name, { openai, loose, anthropic, gemini, ollama = gemini, definitions, ...schemas }) => {
    const given = Object.entries(schemas).map(([vendor, schema]) => ({
      vendor,
      json: toJsonSchema(
        schema,
        vendor === 'valibot' ? ofValibot(schema as v.GenericSchema, definitions && { definitions }) : undefined,
      ),
    }));
    it.each(given)('goes to every provider as it takes it, from $vendor', ({ json }) => {
      for (const [dialect, expected] of Object.entries({ openai, anthropic, gemini, ollama })) {
        const format = (): unknown => sortedRequired(schemaIn(objectFormat(dialect as 'openai', json)));
        if ('refused' in expected) expect(format).toThrow(`${expected.refused}, which ${dialect} does not take`);
        else expect(format(), dialect).toEqual(sortedRequired(expected));
      }
      expect(objectFormat('openai', json).strict).toBe(!loose);
      expect(schemaIn(objectFormat('openai-responses', json))).toEqual(schemaIn(objectFormat('openai', json)));
    });
  },
);

it.each(['openai', 'openai-responses', 'anthropic', 'gemini', 'ollama', 'backend'] as const)(
  'rejects a schema for %s that refers to itself in alternatives without an end',
  (dialect) => {
    const jsonSchema = readJsonSchema({
      oneOf: [{ type: 'object', properties: { next: { anyOf: [{ $ref: '#' }], minProperties: 1 } } }],
    });
    expect(() => objectFormat(dialect, jsonSchema)).toThrow(
      expect.objectContaining({
        code: 'config',
        message: expect.stringContaining('nested more than 512 levels deep') as unknown,
      }),
    );
  },
);
