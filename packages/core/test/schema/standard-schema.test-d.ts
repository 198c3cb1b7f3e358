import { type } from 'arktype';
import * as v from 'valibot';
import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import type { InferInput, InferOutput, StandardSchema } from '../../src/types/standard-schema.ts';

declare function accept<S extends StandardSchema>(schema: S): S;

it('schemas of zod, with what goes in and what comes out', () => {
  const schema = accept(
    z.object({ a: z.string().transform(Number), b: z.number().default(2), c: z.string().optional() }),
  );
  expectTypeOf<InferInput<typeof schema>>().toEqualTypeOf<{
    a: string;
    b?: number | undefined;
    c?: string | undefined;
  }>();
  expectTypeOf<InferOutput<typeof schema>>().toEqualTypeOf<{ a: number; b: number; c?: string | undefined }>();
  expectTypeOf(accept(mini.array(mini.string()))).toExtend<StandardSchema<string[]>>();
});

it('schemas of valibot', () => {
  const schema = accept(v.object({ a: v.pipe(v.string(), v.transform(Number)), b: v.optional(v.number(), 2) }));
  expectTypeOf<InferInput<typeof schema>>().toEqualTypeOf<{ a: string; b?: number | undefined }>();
  expectTypeOf<InferOutput<typeof schema>>().toEqualTypeOf<{ a: number; b: number }>();
});

it('schemas of arktype', () => {
  const schema = accept(type({ a: 'string', 'b?': "'x'|'y'" }));
  expectTypeOf<InferOutput<typeof schema>>().toEqualTypeOf<{ a: string; b?: 'x' | 'y' }>();
  const morph = accept(type('string').pipe((text) => text.length));
  expectTypeOf<InferInput<typeof morph>>().toEqualTypeOf<string>();
  expectTypeOf<InferOutput<typeof morph>>().toEqualTypeOf<number>();
});

it('what a schema makes tells which schemas fit', () => {
  expectTypeOf(z.object({ a: z.string() })).toExtend<StandardSchema<unknown, { a: string }>>();
  expectTypeOf(z.object({ a: z.number() })).not.toExtend<StandardSchema<unknown, { a: string }>>();
});
