import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { someSchema } from '../../src/schema/child-schemas.ts';
import { objectFormat } from '../../src/schema/object-format.ts';
import { createRestore } from '../../src/schema/strip-placeholder-nulls.ts';
import { toJsonSchema } from '../../src/schema/to-json-schema.ts';
import type { StandardSchema } from '../../src/types/standard-schema.ts';
import { asWritten, sample, samples, type Wire } from './samples.ts';
import { schemaIn } from './schema-in.ts';

const restoreFor = (schema: StandardSchema): ((value: unknown) => unknown) => createRestore(toJsonSchema(schema));

describe('a null', () => {
  it('goes where it stands for an absent property, and stays where it is a value', () => {
    const restore = restoreFor(
      z.object({ a: z.string().optional(), b: z.string().nullable(), c: z.string().nullish() }),
    );
    expect(restore({ a: null, b: null, c: null })).toEqual({ b: null, c: null });
    expect(restore({ a: 'x', b: null, c: 'y' })).toEqual({ a: 'x', b: null, c: 'y' });
  });

  it('goes within records, tuples and what is open', () => {
    const part = z.object({ a: z.string().optional() });
    const restore = restoreFor(
      z.looseObject({ r: z.record(z.string(), part), t: z.tuple([z.number(), part]), u: z.union([z.string(), part]) }),
    );
    const absent = { a: null };
    expect(restore({ r: { x: absent }, t: [1, absent], u: absent, more: absent })).toEqual({
      r: { x: {} },
      t: [1, {}],
      u: {},
      more: absent,
    });
  });

  it('stays where it is missing something that has to be there', () => {
    expect(restoreFor(z.object({ a: z.string(), b: z.string().optional() }))({ a: null, b: null })).toEqual({
      a: null,
    });
  });

  it('goes in lists, in what refers to itself, and within what was wrapped', () => {
    const node = z.object({
      label: z.string().optional(),
      get children() {
        return z.array(node).optional();
      },
    });
    const value = [{ label: null, children: [{ label: 'x', children: null }] }];
    expect(restoreFor(z.array(node))(value)).toEqual([{ children: [{ label: 'x' }] }]);
    expect(restoreFor(node)(value[0])).toEqual({ children: [{ label: 'x' }] });
  });

  it('goes by the branch that the discriminator tells', () => {
    const restore = restoreFor(
      z.array(
        z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('a'), v: z.string().nullable() }),
          z.object({ kind: z.literal('b'), v: z.string().optional() }),
        ]),
      ),
    );
    expect(
      restore([
        { kind: 'a', v: null },
        { kind: 'b', v: null },
      ]),
    ).toEqual([{ kind: 'a', v: null }, { kind: 'b' }]);
  });

  it('goes by the branch that shows last, also within what was seen before', () => {
    const restore = restoreFor(
      z.array(
        z.union([
          z.object({ x: z.object({ n: z.string().nullable() }), kind: z.literal('a') }),
          z.object({ x: z.object({ n: z.string().optional() }), kind: z.literal('b') }),
        ]),
      ),
    );
    const x = { n: null };
    restore([{ x }]);
    expect(restore([{ x, kind: 'b' }])).toEqual([{ x: {}, kind: 'b' }]);
    const last = restore([{ x, kind: 'a' }]) as { x: unknown }[];
    expect(last).toEqual([{ x, kind: 'a' }]);
    expect(last[0]?.x).toBe(x);
  });

  it('goes by the branch that the discriminator tells, also where something else is not of its type', () => {
    const schema = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), n: z.number(), v: z.string().nullable(), in: z.object({ m: z.int() }) }),
      z.object({ kind: z.literal('b'), n: z.coerce.number(), v: z.string().optional(), in: z.object({ m: z.int() }) }),
    ]);
    const restored = restoreFor(schema)({ kind: 'b', n: '3', v: null, in: { m: '1' } });
    expect(restored).toEqual({ kind: 'b', n: '3', in: { m: '1' } });
    // A type that tells branches apart still does.
    const byType = restoreFor(
      z.array(
        z.union([
          z.object({ n: z.number(), v: z.string().optional() }),
          z.object({ n: z.string(), v: z.string().nullable() }),
        ]),
      ),
    );
    expect(
      byType([
        { n: 'x', v: null },
        { n: 1, v: null },
      ]),
    ).toEqual([{ n: 'x', v: null }, { n: 1 }]);
  });

  it('goes by the branch whose properties are there', () => {
    const restore = restoreFor(
      z.object({
        u: z.union([
          z.object({ a: z.string(), x: z.number().nullable() }),
          z.object({ b: z.string(), x: z.number().optional() }),
          z.array(z.string()),
          z.array(z.object({ c: z.string().optional() })),
        ]),
      }),
    );
    expect(restore({ u: { a: 's', x: null } })).toEqual({ u: { a: 's', x: null } });
    expect(restore({ u: { b: 's', x: null } })).toEqual({ u: { b: 's' } });
    expect(restore({ u: [{ c: null }, { c: 's' }] })).toEqual({ u: [{}, { c: 's' }] });
  });
});

it('a property may have the name of something that every object has', () => {
  const schema = toJsonSchema(z.object({ toString: z.string().optional(), constructor: z.number().optional() }));
  expect(createRestore(schema)({ toString: null, constructor: 1 })).toEqual({ constructor: 1 });
});

describe('identity', () => {
  const restore = (): ((value: unknown) => unknown) =>
    restoreFor(z.object({ list: z.array(z.object({ a: z.string().optional(), b: z.array(z.number()).optional() })) }));

  it('stays where nothing goes', () => {
    const value = { list: [{ a: 'x', b: [1] }] };
    expect(restore()(value)).toBe(value);
    const mixed = {
      list: [
        { a: 'x', b: [1] },
        { a: null, b: [1] },
      ],
    };
    const restored = restore()(mixed) as typeof mixed;
    expect(restored.list[0]).toBe(mixed.list[0]);
    expect(restored.list[1]?.b).toBe(mixed.list[1]?.b);
  });

  it('of what has settled is the same in the next snapshot', () => {
    const step = restore();
    const settled = { a: null, b: [1] };
    const first = step({ list: [settled, {}] }) as { list: unknown[] };
    const second = step({ list: [settled, { a: 'x' }] }) as { list: unknown[] };
    expect(first.list[0]).toEqual({ b: [1] });
    expect(second.list[0]).toBe(first.list[0]);
  });

  it('data named __proto__ is data', () => {
    const value = JSON.parse('{"list":[{"a":null,"b":null}],"__proto__":{"x":1}}') as object;
    const restored = restore()(value) as object;
    expect(Object.hasOwn(restored, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(restored)).toBe(Object.prototype);
  });
});

it('what a strict model writes becomes what the schema says', () => {
  fc.assert(
    fc.property(samples, ([schema, value]) => {
      const format = objectFormat('openai', toJsonSchema(schema));
      expect(format.strict).toBe(true);
      const wire = schemaIn(format) as Wire;
      const written = asWritten(value, (format.wrapped && wire.properties?.[format.wrapped]) || wire);
      const restore = restoreFor(schema);
      const restored = restore(written);
      expect(restored).toEqual(value);
      expect(schema.parse(restored)).toEqual(value);
      // Seen before, or nothing to take out: the same again.
      expect(restore(written)).toBe(restored);
      expect(restore(restored)).toEqual(restored);
    }),
    { numRuns: 300 },
  );
});

function enumsIn(schema: unknown): string[] {
  const found: string[] = [];
  someSchema(schema, (one) => {
    if (one.enum) found.push(JSON.stringify(one.enum));
    if ('const' in one) found.push(JSON.stringify([one['const']]));
    return false;
  });
  return found.toSorted();
}

it('no enum and no constant is lost on the way to any provider', () => {
  fc.assert(
    fc.property(sample, ({ schema }) => {
      const json = toJsonSchema(schema);
      for (const dialect of ['openai', 'openai-responses', 'anthropic', 'gemini', 'ollama'] as const)
        expect(enumsIn(schemaIn(objectFormat(dialect, json))), dialect).toEqual(enumsIn(json));
    }),
    { numRuns: 200 },
  );
});
