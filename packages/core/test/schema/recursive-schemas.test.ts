import { describe, expect, it } from 'vitest';
import { objectFormat } from '../../src/schema/object-format.ts';
import { createRestore } from '../../src/schema/strip-placeholder-nulls.ts';
import { readJsonSchema } from '../../src/schema/to-json-schema.ts';
import { schemaIn } from './schema-in.ts';

const DIALECTS = ['openai', 'openai-responses', 'gemini', 'ollama'] as const;
const text = { type: 'string' };

function numbered(count: number, make: (index: number) => object): object[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function named(name: string, schemas: readonly object[]): Record<string, object> {
  return Object.fromEntries(schemas.map((schema, index) => [`${name}${index}`, schema]));
}

describe('a schema that refers to itself is sent', () => {
  it.each<[string, object]>([
    ['in the names of its properties', { type: 'object', propertyNames: { $ref: '#' } }],
    [
      'in the names of the names',
      { type: 'object', allOf: [{ propertyNames: { oneOf: [{ allOf: [{ $ref: '#' }] }, { enum: ['a'] }] } }] },
    ],
    [
      'in the names of a definition',
      { $ref: '#/$defs/a', $defs: { a: { type: 'object', propertyNames: { anyOf: [{ $ref: '#/$defs/a' }, {}] } } } },
    ],
    [
      'in a property that has two schemas',
      { type: 'object', properties: { a: text }, allOf: [{ properties: { a: { $ref: '#/properties/a' } } }] },
    ],
    ['in an alternative beside alternatives', { anyOf: [{ type: 'object' }], oneOf: [{ $ref: '#/anyOf/0' }] }],
  ])('%s', (_name, source) => {
    const schema = readJsonSchema(source);
    for (const dialect of DIALECTS) expect(objectFormat(dialect, schema).body).toBeInstanceOf(Object);
    expect(createRestore(schema)({ a: 'x' })).toEqual({ a: 'x' });
  });
});

describe('a reference leads to its target', () => {
  it('in a member of allOf', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/allOf/0/properties/node' } } };
    const schema = readJsonSchema({ type: 'object', allOf: [{ properties: { node } }] });
    expect(schemaIn(objectFormat('gemini', schema))).toEqual({
      type: 'object',
      properties: { node: { $ref: '#/$defs/node' } },
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    });
  });

  it('at a place of a tuple', () => {
    const schema = readJsonSchema({ type: 'array', items: [text, { $ref: '#/items/0' }], $defs: { '0': {} } });
    expect(schemaIn(objectFormat('gemini', schema))).toEqual({
      type: 'array',
      prefixItems: [{ $ref: '#/$defs/0_2' }, { $ref: '#/$defs/0_2' }],
      $defs: { '0': {}, '0_2': text },
    });
  });
});

it('sends an enum without values', () => {
  const schema = readJsonSchema({ type: 'object', properties: { a: { enum: [], pattern: '^a+$' } } });
  for (const dialect of DIALECTS) {
    expect(schemaIn(objectFormat(dialect, schema))).toHaveProperty('properties.a.enum', []);
  }
});

it('keeps a member of allOf that allows no value', () => {
  const schema = readJsonSchema({ type: 'object', properties: { a: { type: 'string', allOf: [false] } } });
  expect(schemaIn(objectFormat('gemini', schema))).toHaveProperty('properties.a.description', 'not: {}');
});

describe('a schema that would multiply is a config error', () => {
  const chain = named(
    'd',
    numbered(2000, (index) => (index === 1999 ? text : { $ref: `#/$defs/d${index + 1}` })),
  );
  const values = numbered(20_000, (index) => ({ index }));

  it.each<[string, object, RegExp]>([
    [
      'by alternatives of the members of allOf',
      { allOf: numbered(40, (index) => ({ anyOf: [{ required: [`a${index}`] }, { required: [`b${index}`] }] })) },
      /alternatives at \$$/,
    ],
    [
      'by anyOf beside oneOf',
      { properties: { a: { anyOf: numbered(200, () => text), oneOf: numbered(200, () => text) } } },
      /alternatives at \$\.properties\.a$/,
    ],
    [
      'by much beside alternatives',
      { enum: values, anyOf: numbered(2000, () => text) },
      /beside the 2000 alternatives/,
    ],
    ['by a chain of references', { $ref: '#/$defs/d0', $defs: chain }, /more than 256 schemas that refer/],
    [
      'by a chain of references, the last first',
      { $ref: '#/$defs/d0', $defs: Object.fromEntries(Object.entries(chain).toReversed()) },
      /more than 256 schemas that refer/,
    ],
    [
      'by the depth of a default',
      { default: JSON.parse('['.repeat(3000) + ']'.repeat(3000)) as object },
      /more than 2000 levels/,
    ],
    [
      'by a malformed schema outside of keywords',
      { properties: { a: { $ref: '#/components/a' } }, components: { a: { properties: { b: { type: 5 } } } } },
      /5 at #\/components\/a\.properties\.b\.type/,
    ],
  ])('%s', (_name, source, message) => {
    const read = (): unknown => readJsonSchema(source);
    expect(read).toThrow(expect.objectContaining({ code: 'config' }));
    expect(read).toThrow(message);
  });

  it('by an enum that is written out in many places', () => {
    const properties = named(
      'p',
      numbered(2000, () => ({ $ref: '#/$defs/e' })),
    );
    const e = { enum: Array.from({ length: 5000 }, (_, index) => `value ${index}`) };
    const required = Object.keys(properties);
    const schema = readJsonSchema({ type: 'object', properties, required, additionalProperties: false, $defs: { e } });
    expect(() => objectFormat('anthropic', schema)).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining('characters') as string }),
    );
  });
});

it('compares a value once with each alternative, however deep it is', () => {
  let reads = 0;
  const kinds = numbered(3, (kind) => ({
    type: 'object',
    properties: { next: { $ref: '#/$defs/node' }, label: text, [`kind${kind}`]: text },
    required: [`kind${kind}`],
  }));
  const restore = createRestore(readJsonSchema({ $ref: '#/$defs/node', $defs: { node: { anyOf: kinds } } }));

  function nested(depth: number): object {
    const inner = depth > 0 ? nested(depth - 1) : undefined;
    const node = Object.defineProperty({}, 'next', {
      enumerable: inner !== undefined,
      get() {
        reads += 1;
        return inner;
      },
    });
    return Object.assign(node, { label: null, kind2: 'x' });
  }

  function readsAt(depth: number): number {
    reads = 0;
    restore(nested(depth));
    return reads;
  }

  expect(readsAt(16)).toBeLessThan(2.5 * readsAt(8));
});
