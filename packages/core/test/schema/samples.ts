import * as fc from 'fast-check';
import { z } from 'zod';

/** A schema, with values of it. */
export interface Sample {
  readonly schema: z.ZodType;
  readonly value: fc.Arbitrary<unknown>;
  /** Optional too, nothing would tell whether its `null` is one. */
  readonly isNullable?: true;
}

/** Names that are keywords of JSON Schema, or that every object inherits. */
export const HOSTILE_NAMES: readonly string[] = [
  '',
  '$defs',
  '$ref',
  'additionalProperties',
  'allOf',
  'anyOf',
  'const',
  'constructor',
  'default',
  'definitions',
  'enum',
  'hasOwnProperty',
  'items',
  'oneOf',
  'prefixItems',
  'properties',
  'propertyNames',
  'required',
  'toString',
  'type',
];

// zod itself reads an absent property that every object inherits as that one.
const names = HOSTILE_NAMES.filter((one) => !(one in Object.prototype));
const name = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e.f'), fc.constantFrom(...names));
export const { sample } = fc.letrec<{ sample: Sample; leaf: Sample; object: Sample; union: Sample }>((tie) => ({
  leaf: fc.constantFrom<Sample>(
    { schema: z.string(), value: fc.string() },
    { schema: z.number(), value: fc.integer() },
    { schema: z.boolean(), value: fc.boolean() },
    { schema: z.enum(['x', 'y']), value: fc.constantFrom('x', 'y') },
    { schema: z.literal(7), value: fc.constant(7) },
    { schema: z.string().nullable(), value: fc.option(fc.string()), isNullable: true },
  ),
  object: fc
    .uniqueArray(fc.record({ name, inner: tie('sample'), isOptional: fc.boolean() }), {
      selector: (property) => property.name,
      maxLength: 4,
    })
    .map((all) => all.map((one) => ({ ...one, isOptional: one.isOptional && !one.inner.isNullable })))
    .map((properties) => ({
      schema: z.object(
        Object.fromEntries(
          properties.map(({ name: key, inner, isOptional }) => [
            key,
            isOptional ? inner.schema.optional() : inner.schema,
          ]),
        ),
      ),
      value: fc
        .record(Object.fromEntries(properties.map(({ name: key, inner }) => [key, inner.value])), {
          requiredKeys: properties.flatMap((property) => (property.isOptional ? [] : [property.name])),
        })
        .map((value) => Object.fromEntries(Object.entries(value))),
    })),
  union: fc.tuple(tie('object'), tie('object')).map((members) => {
    const tagged = members.map(({ schema, value }, index) => ({
      schema: (schema as z.ZodObject).extend({ kind: z.literal(index) }),
      value: value.map((held) => ({ ...(held as object), kind: index })),
    }));
    return {
      schema: z.union(tagged.map(({ schema }) => schema)),
      value: fc.oneof(...tagged.map(({ value }) => value)),
    };
  }),
  sample: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('leaf'),
    tie('object'),
    tie('union'),
    tie('sample').map(({ schema, value }) => ({ schema: z.array(schema), value: fc.array(value, { maxLength: 3 }) })),
  ),
}));
/** A schema, and a value of it. */
export const samples = sample.chain(({ schema, value }) => fc.tuple(fc.constant(schema), value));

/** A JSON Schema, as far as it is looked at here. */
export interface Wire {
  properties?: Record<string, Wire>;
  required?: string[];
  items?: Wire;
  anyOf?: Wire[];
  type?: string | string[];
  enum?: unknown[];
}

/** The value as a strict model writes it: all properties, `null` for those that are absent. */
export function asWritten(value: unknown, schema: Wire): unknown {
  const branches = (schema.anyOf ?? [schema]).flatMap((branch) => branch.anyOf ?? [branch]);
  if (Array.isArray(value)) {
    const list = branches.find(({ items }) => items);
    return value.map((item) => asWritten(item, list?.items ?? {}));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { kind } = value as { kind?: number };
  const branch = branches.find(
    ({ properties }) => properties && (kind === undefined || properties['kind']?.enum?.[0] === kind),
  );
  return Object.fromEntries(
    Object.entries(branch?.properties ?? {}).map(([key, property]) => [
      key,
      Object.hasOwn(value, key) ? asWritten((value as Record<string, unknown>)[key], property) : null,
    ]),
  );
}
