import { extractJson, type ExtractedJson } from '@rivulet/core';
import { repairJson } from '@rivulet/core/repair';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const schema = z.object({ a: z.string().transform(Number) });

describe('extractJson', () => {
  it('gives what may be anything without a schema', () => {
    expectTypeOf(extractJson('')).toEqualTypeOf<unknown>();
    expectTypeOf(extractJson('', {})).toEqualTypeOf<unknown>();
    expectTypeOf(extractJson('', { all: true })).toEqualTypeOf<unknown[]>();
    expectTypeOf(extractJson('', { repair: repairJson })).toEqualTypeOf<ExtractedJson | null>();
    expectTypeOf(extractJson('', { all: true, repair: repairJson })).toEqualTypeOf<ExtractedJson[]>();
  });

  it('gives the output of the schema, whatever library it is of', () => {
    expectTypeOf(extractJson('', { schema })).toEqualTypeOf<{ a: number } | null>();
    expectTypeOf(extractJson('', { schema: v.object({ a: v.number() }) })).toEqualTypeOf<{ a: number } | null>();
    expectTypeOf(extractJson('', { schema: type({ a: 'number' }) })).toEqualTypeOf<{ a: number } | null>();
    expectTypeOf(extractJson('', { schema, all: true })).toEqualTypeOf<{ a: number }[]>();
    expectTypeOf(extractJson('', { schema, all: false })).toEqualTypeOf<{ a: number } | null>();
    expectTypeOf(extractJson('', { schema, repair: repairJson })).toEqualTypeOf<ExtractedJson<{ a: number }> | null>();
    expectTypeOf(extractJson('', { schema, all: true, repair: repairJson })).toEqualTypeOf<
      ExtractedJson<{ a: number }>[]
    >();
  });

  it('says both of what is decided at run time', () => {
    const all = Math.random() > 0.5;
    expectTypeOf(extractJson('', { schema, all })).toEqualTypeOf<{ a: number } | { a: number }[] | null>();
    const repair = all ? repairJson : undefined;
    expectTypeOf(extractJson('', { schema, repair })).toEqualTypeOf<
      { a: number } | ExtractedJson<{ a: number }> | null
    >();
  });

  it('takes nothing else for an option', () => {
    // @ts-expect-error -- a schema has to be a Standard Schema
    extractJson('', { schema: { type: 'object' } });
    // @ts-expect-error -- repair is a function
    extractJson('', { repair: true });
  });
});
