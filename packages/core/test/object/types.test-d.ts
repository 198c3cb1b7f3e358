import {
  completeObject,
  streamObject,
  type DeepPartial,
  type LLMClient,
  type LLMError,
  type ObjectCompletion,
  type ObjectIssue,
  type ObjectRun,
  type ObjectRunOf,
  type Run,
  type Store,
  type ValidationError,
  type ValueAt,
} from '@rivulet/core';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

declare const client: LLMClient;

const ofZod = z.object({
  name: z.string(),
  count: z.string().transform(Number),
  tags: z.array(z.object({ label: z.string() })).default([]),
});

describe('streamObject', () => {
  it('shows what goes into the schema, and gives what comes out', () => {
    const run = streamObject(client, { prompt: 'x', schema: ofZod });
    expectTypeOf(run.result).resolves.toExtend<
      ObjectCompletion<{ name: string; count: number; tags: { label: string }[] }>
    >();
    expectTypeOf(run.getSnapshot().final).toEqualTypeOf<
      { name: string; count: number; tags: { label: string }[] } | undefined
    >();
    expectTypeOf(run.getSnapshot().object).toEqualTypeOf<
      | {
          readonly name?: string;
          readonly count?: string;
          readonly tags?: readonly { readonly label?: string }[] | undefined;
        }
      | undefined
    >();
    expectTypeOf(run).toExtend<Store<unknown>>();
    expectTypeOf(run.elementStream).toEqualTypeOf<AsyncIterable<never>>();
    expectTypeOf(run.run).toEqualTypeOf<Run | undefined>();
  });

  it('takes schemas of valibot and arktype', () => {
    const ofValibot = v.object({ count: v.pipe(v.string(), v.transform(Number)), kind: v.picklist(['a', 'b']) });
    const valibot = streamObject(client, { prompt: 'x', schema: ofValibot, jsonSchema: {} });
    expectTypeOf(valibot.getSnapshot().final).toEqualTypeOf<{ count: number; kind: 'a' | 'b' } | undefined>();
    expectTypeOf(valibot.getSnapshot().object?.count).toEqualTypeOf<string | undefined>();
    const ofArktype = type({ count: type('string').pipe((text) => text.length), 'kind?': "'a'|'b'" });
    const arktype = streamObject(client, { prompt: 'x', schema: ofArktype });
    expectTypeOf(arktype.getSnapshot().final).toEqualTypeOf<{ count: number; kind?: 'a' | 'b' } | undefined>();
    expectTypeOf(arktype.getSnapshot().object?.count).toEqualTypeOf<string | undefined>();
  });

  it('gives the elements of a list', () => {
    const run = streamObject(client, { prompt: 'x', array: ofZod });
    expectTypeOf(run.elementStream).toEqualTypeOf<
      AsyncIterable<{ name: string; count: number; tags: { label: string }[] }>
    >();
    expectTypeOf(run.getSnapshot().object?.[0]?.count).toEqualTypeOf<string | undefined>();
    expectTypeOf(
      completeObject(client, { prompt: 'x', array: ofZod }).then(({ object }) => object[0]?.count),
    ).resolves.toEqualTypeOf<number | undefined>();
  });

  it('needs a schema, and one only', () => {
    // @ts-expect-error -- neither
    streamObject(client, { prompt: 'x' });
    // @ts-expect-error -- both
    streamObject(client, { prompt: 'x', schema: ofZod, array: ofZod });
    // @ts-expect-error -- no schema at all
    streamObject(client, { prompt: 'x', schema: { type: 'object' } });
    streamObject(client, { messages: [], schema: ofZod, mode: undefined, name: undefined, maxRepairs: undefined });
  });
});

it('errors tell of issues and of what came', () => {
  expectTypeOf<ValidationError['issues']>().toEqualTypeOf<readonly ObjectIssue[]>();
  expectTypeOf<NonNullable<LLMError['partial']>['object']>().toBeUnknown();
  expectTypeOf<NonNullable<LLMError['partial']>['rawText']>().toEqualTypeOf<string | undefined>();
});

it('of what is being written, anything may be missing', () => {
  expectTypeOf<DeepPartial<{ a: { b: string | null }; c: [number, string]; d: Date | undefined }>>().toEqualTypeOf<{
    readonly a?: { readonly b?: string | null };
    readonly c?: readonly [number?, string?];
    readonly d?: DeepPartial<Date> | undefined;
  }>();
  expectTypeOf<DeepPartial<unknown>>().toBeUnknown();
  expectTypeOf<DeepPartial<string>>().toEqualTypeOf<string>();
  expectTypeOf<ObjectRun<{ a: string }>>().toExtend<ObjectRun<unknown, unknown, unknown>>();
});

it('a run can be named after its schema', () => {
  const schema = z.object({ a: z.string().transform(Number) });
  const run = streamObject(client, { prompt: 'x', schema });
  expectTypeOf(run).toEqualTypeOf<ObjectRunOf<typeof schema>>();
});

it('a path tells what is there', () => {
  interface Invoice {
    readonly items?: readonly { readonly name?: string; readonly price?: number }[];
    readonly to?: { readonly city?: string };
  }
  expectTypeOf<ValueAt<Invoice, 'to.city'>>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ValueAt<Invoice, 'items.0.price'>>().toEqualTypeOf<number | undefined>();
  expectTypeOf<ValueAt<Invoice, 'items[12].name'>>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ValueAt<Invoice, readonly ['items', 0, 'name']>>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ValueAt<Invoice, ''>>().toEqualTypeOf<Invoice>();
  expectTypeOf<ValueAt<Invoice, 'nowhere.0'>>().toEqualTypeOf<undefined>();
  expectTypeOf<ValueAt<Invoice, 'items.length'>>().toEqualTypeOf<undefined>();
  expectTypeOf<ValueAt<Invoice, `items.${number}.name`>>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ValueAt<Invoice, string>>().toBeUnknown();
  expectTypeOf<ValueAt<Invoice, readonly [string, 'name']>>().toBeUnknown();
  expectTypeOf<ValueAt<unknown, 'a.b'>>().toBeUnknown();
});
