import {
  LLMClient,
  streamObject,
  ValidationError,
  valueAt,
  type FieldStatus,
  type ObjectSnapshot,
  type Path,
  type Provider,
  type StandardSchema,
} from '@rivulet/core';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type } from 'arktype';
import * as v from 'valibot';
import { toJsonSchema as ofValibot } from '@valibot/to-json-schema';
import { z } from 'zod';
import { pieces } from '../json/pieces.ts';
import type { JsonDialect } from '../../src/schema/to-provider-schema.ts';
import { objectFormat } from '../../src/schema/object-format.ts';
import { toJsonSchema } from '../../src/schema/to-json-schema.ts';
import { asWritten, samples, type Wire } from '../schema/samples.ts';
import { schemaIn } from '../schema/schema-in.ts';

type Shown = ObjectSnapshot<unknown, unknown>;

const ORDER: readonly FieldStatus[] = ['absent', 'streaming', 'complete', 'invalid'];

/** What a model of this dialect writes for a value. */
function written(schema: z.ZodType, value: unknown, dialect: JsonDialect): string {
  const format = objectFormat(dialect, toJsonSchema(schema));
  if (!dialect.startsWith('openai')) return JSON.stringify(value);
  const wire = schemaIn(format) as Wire;
  return JSON.stringify(
    format.wrapped
      ? { [format.wrapped]: asWritten(value, wire.properties?.[format.wrapped] ?? {}) }
      : asWritten(value, wire),
  );
}

/** Asks for an object, and looks at what is shown after each piece of the answer. */
async function ask(
  schema: StandardSchema,
  parts: readonly string[],
  json: JsonDialect,
  look: (shown: Shown) => void,
  jsonSchema?: object,
): Promise<{ error?: unknown; shown: Shown }> {
  let lookNow = (): void => undefined;
  const provider: Provider = {
    name: 'own',
    supports: { tools: false, json },
    async *generate() {
      for (const delta of parts) {
        yield { type: 'text', delta };
        // What came has been read by then.
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        lookNow();
      }
      yield { type: 'finish', reason: 'stop' };
    },
  };
  const run = streamObject(new LLMClient({ provider }), { prompt: 'x', schema, jsonSchema });
  lookNow = () => look(run.getSnapshot());
  const error = await run.result.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { error, shown: run.getSnapshot() };
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || !value) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

/** Holds that no status goes back, and that no issue is shown of what is not closed. */
function watch(paths: readonly Path[]): (shown: Shown) => void {
  const reached = new Map<Path, number>();
  return ({ fieldStatus, issues, object }) => {
    for (const path of paths) {
      const status = ORDER.indexOf(fieldStatus(path));
      expect(status).toBeGreaterThanOrEqual(reached.get(path) ?? 0);
      reached.set(path, status);
    }
    for (const { path } of issues) {
      const last = path.findLastIndex((_, index) => valueAt(object, path.slice(0, index + 1)) !== undefined);
      expect(fieldStatus(path.slice(0, last + 1))).not.toBe('streaming');
    }
  };
}

const dialects = fc.constantFrom<JsonDialect>('openai', 'openai-responses', 'anthropic', 'gemini', 'ollama', 'backend');
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });

it('whatever the schema, its values come through every provider, and no status goes back on the way', async () => {
  await fc.assert(
    fc.asyncProperty(samples, sizes, dialects, async ([schema, value], lengths, dialect) => {
      const text = written(schema, value, dialect);
      const { error, shown } = await ask(schema, pieces(text, lengths), dialect, watch(pathsOf(value)));
      expect(error).toBeUndefined();
      expect(shown.final).toEqual(value);
      expect(shown.object).toEqual(value);
      expect(shown.issues).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

it('what does not fit is found, and no status goes back before it is', async () => {
  await fc.assert(
    fc.asyncProperty(samples, sizes, dialects, fc.nat(), async ([schema, value], lengths, dialect, where) => {
      // In place of a list, an object would be prose.
      const [, ...paths] = pathsOf(value);
      fc.pre(paths.length > 0);
      const wrong = paths[where % paths.length] as Path;
      const broken = (held: unknown, [key, ...rest]: Path): unknown =>
        key === undefined
          ? { not: 'of any schema' }
          : Array.isArray(held)
            ? held.with(key as number, broken(held[key as number], rest))
            : { ...(held as object), [key]: broken((held as Record<string, unknown>)[key], rest) };
      const whole = broken(value, wrong);
      fc.pre(!schema.safeParse(whole).success);
      const text = JSON.stringify(dialect.startsWith('openai') && schema.type !== 'object' ? { value: whole } : whole);
      const { error, shown } = await ask(schema, pieces(text, lengths), dialect, watch(pathsOf(whole)));
      expect(error).toBeInstanceOf(ValidationError);
      expect(shown.final).toBeUndefined();
      expect(shown.issues).not.toEqual([]);
      expect((error as ValidationError).issues).toEqual(shown.issues);
      expect(shown.fieldStatus([])).toBe('invalid');
    }),
    { numRuns: 60 },
  );
});

const node: z.ZodType = z.object({
  label: z.string().optional(),
  get next() {
    return node.nullable();
  },
  children: z.lazy(() => z.array(node)).optional(),
});

/** What a strict model writes, all of it, and what that is. */
const real: Record<string, [schema: StandardSchema, written: string, final: unknown, jsonSchema?: object]> = {
  'what refers to itself, whose real nulls stay': [
    node,
    '{"label":null,"next":{"label":"x","next":null,"children":null},"children":[{"label":null,"next":null,"children":[]}]}',
    { next: { label: 'x', next: null }, children: [{ next: null, children: [] }] },
  ],
  'unions whose branches leave other things out': [
    z.array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), v: z.string().nullable(), more: z.object({ n: z.int().optional() }) }),
        z.object({ kind: z.enum(['b', 'c']), v: z.string().optional(), more: z.object({ n: z.int().nullable() }) }),
      ]),
    ),
    '{"value":[{"kind":"a","v":null,"more":{"n":null}},{"kind":"c","v":null,"more":{"n":null}}]}',
    [
      { kind: 'a', v: null, more: {} },
      { kind: 'c', more: { n: null } },
    ],
  ],
  'a union whose branch shows last': [
    z.object({
      u: z.union([
        z.object({ in: z.object({ n: z.string().nullable() }), is: z.literal(true) }),
        z.object({ in: z.object({ n: z.string().optional() }), is: z.literal(false) }),
      ]),
    }),
    '{"u":{"in":{"n":null},"is":false}}',
    { u: { in: {}, is: false } },
  ],
  'defaults, codecs, pipes and what is coerced and caught': [
    z.object({
      servings: z.number().default(4),
      day: z.codec(z.iso.date(), z.date(), {
        decode: (text) => new Date(text),
        encode: (date) => date.toISOString().slice(0, 10),
      }),
      n: z.coerce.number().pipe(z.int()),
      color: z.enum(['red', 'blue']).catch('red'),
      tags: z
        .string()
        .optional()
        .transform((text) => text?.split(',') ?? []),
      list: z.array(z.string()).readonly(),
    }),
    '{"servings":null,"day":"2026-02-01","n":3,"color":"red","tags":null,"list":["a"]}',
    { servings: 4, day: new Date('2026-02-01'), n: 3, color: 'red', tags: [], list: ['a'] },
  ],
  'an intersection': [
    z.object({ a: z.string(), b: z.number().optional() }).and(z.object({ a: z.string(), x: z.string().optional() })),
    '{"a":"p","b":null,"x":null}',
    { a: 'p' },
  ],
  'properties with the names of what every object has': [
    z.object({ constructor: z.string(), toString: z.string().optional(), 'a.b/c~d': z.number().optional() }),
    '{"constructor":"p","toString":"t","a.b/c~d":null}',
    { constructor: 'p', toString: 't' },
  ],
  'definitions with names to escape, by way of valibot': [
    v.object({ a: v.object({ s: v.optional(v.string(), 'x') }), b: v.nullish(v.number()), c: v.optional(v.boolean()) }),
    '{"a":{"s":null},"b":null,"c":null}',
    { a: { s: 'x' }, b: null },
    (() => {
      const inner = v.object({ s: v.optional(v.string(), 'x') });
      const schema = v.object({ a: inner, b: v.nullish(v.number()), c: v.optional(v.boolean()) });
      return ofValibot(schema, { typeMode: 'input', definitions: { 'a/b~c': inner } });
    })(),
  ],
  'a union at the root, by way of arktype': [
    type({ kind: "'a'", v: 'string|null' }).or({ kind: "'b'", 'v?': 'string', 'w?': "'x'|'y'" }),
    '{"value":{"kind":"b","v":null,"w":null}}',
    { kind: 'b' },
  ],
};

it.each(Object.entries(real))('a strict model may write %s', async (_name, [schema, text, final, jsonSchema]) => {
  for (const parts of [[text], pieces(text, [3]), pieces(text, [1])]) {
    const { error, shown } = await ask(schema, parts, 'openai', () => undefined, jsonSchema);
    expect(error).toBeUndefined();
    expect(shown.final).toStrictEqual(final);
    expect(shown.fieldStatus([])).toBe('complete');
  }
});
