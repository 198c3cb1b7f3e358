import Ajv2020 from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeValue, type JsonSchema } from '../server/reply/json/value.ts';

const ajv = new Ajv2020({
  strict: false,
  // Else a property named `constructor` would be there in each object.
  ownProperties: true,
  formats: { date: /^\d{4}-\d\d-\d\d$/, email: /^\S+@\S+$/, uri: /^https?:/ },
});

const name = fc.stringMatching(/^[a-z]{1,6}([A-Z][a-z]{1,6})?$/);
const words = fc.constantFrom(
  'title',
  'total',
  'quantity',
  'dueDate',
  'isPaid',
  'items',
  'currency',
  'unitPrice',
  'constructor',
  'steps',
);
const key = fc.oneof(words, name);
const scalar = fc.oneof(fc.string({ maxLength: 8 }), fc.integer({ min: -9, max: 9 }), fc.boolean(), fc.constant(null));

/** The subset that the generator promises. */
const { schema } = fc.letrec<{
  schema: JsonSchema;
  text: JsonSchema;
  number: JsonSchema;
  list: JsonSchema;
  object: JsonSchema;
}>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('text'),
    tie('number'),
    fc.constant({ type: 'boolean' }),
    fc.constant({ type: 'null' }),
    fc.constantFrom(['string', 'null'], ['integer', 'null']).map((type) => ({ type })),
    fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }).map((options) => ({ enum: options })),
    scalar.map((value) => ({ const: value })),
    fc.constant({ $ref: '#/$defs/node' }),
    tie('list'),
    tie('object'),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
  text: fc.oneof(
    fc
      .record({ minLength: fc.nat(4), maxLength: fc.integer({ min: 4, max: 30 }) }, { requiredKeys: [] })
      .map((bounds) => Object.assign({ type: 'string' }, bounds)),
    fc.constantFrom('date', 'email', 'uri').map((format) => ({ type: 'string', format })),
  ),
  number: fc
    .record({
      type: fc.constantFrom('integer', 'number'),
      minimum: fc.integer({ min: -50, max: 50 }),
      size: fc.integer({ min: 10, max: 100 }),
      isExclusive: fc.boolean(),
      multipleOf: fc.constantFrom(undefined, 1, 5),
    })
    .map(({ type, minimum, size, isExclusive, multipleOf }) =>
      Object.assign(
        { type },
        isExclusive
          ? { exclusiveMinimum: minimum, exclusiveMaximum: minimum + size }
          : { minimum, maximum: minimum + size },
        multipleOf && { multipleOf },
      ),
    ),
  list: fc
    .record({ items: tie('schema'), minItems: fc.nat(2), more: fc.nat(3) })
    .map(({ items, minItems, more }) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
  object: fc
    .uniqueArray(fc.tuple(key, tie('schema'), fc.boolean()), { maxLength: 5, selector: ([property]) => property })
    .map((properties) => ({
      type: 'object',
      properties: Object.fromEntries(properties),
      required: properties.filter(([, , isRequired]) => isRequired).map(([property]) => property),
      additionalProperties: false,
    })),
}));
const node = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    children: { type: 'array', items: { $ref: '#/$defs/node' } },
    next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
  },
  required: ['name', 'children', 'next'],
};
const prompt = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.lorem({ maxCount: 20 }),
  fc.constantFrom(
    'Total: 12,50 €\n3 x Nails at 4.50 EUR\nDue: 2026-02-30',
    '- a\n- b: 3\n- c',
    'title: x\nquantity: -7\nnot paid',
  ),
);

describe('the value for a schema', () => {
  it('holds to any schema of the supported subset, whatever the prompt, and is the same each time', () => {
    fc.assert(
      fc.property(schema, prompt, (given, text) => {
        const root = { ...given, $defs: { node } };
        const value = composeValue(root, text);
        expect(composeValue(root, text)).toEqual(value);
        const isValid = ajv.validate(root, value);
        if (!isValid) throw new Error(`${JSON.stringify(value)}: ${ajv.errorsText()}`);
      }),
      { numRuns: 150 },
    );
  });

  const object = (properties: Record<string, object>): JsonSchema => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
  });
  const text = { type: 'string' };
  const number = { type: 'number' };

  it('reads a recipe in plain sentences', () => {
    const recipe = object({
      title: text,
      servings: { type: 'integer' },
      totalMinutes: { type: 'integer' },
      difficulty: { enum: ['easy', 'medium', 'hard'] },
      vegetarian: { type: 'boolean' },
      ingredients: { type: 'array', items: object({ name: text, amount: number, unit: { type: ['string', 'null'] } }) },
      steps: { type: 'array', items: text },
    });
    const given = `Grandma's lentil soup. Serves 4 and takes 45 minutes. You need 250 g red lentils, 1 onion, 1 1/2 l stock and a pinch of salt. Chop the onion. Add the lentils and stock, and simmer for 25 minutes. It is easy and vegetarian.`;
    expect(composeValue(recipe, given)).toEqual({
      title: "Grandma's lentil soup",
      servings: 4,
      totalMinutes: 45,
      difficulty: 'easy',
      vegetarian: true,
      ingredients: [
        { name: 'red lentils', amount: 250, unit: 'g' },
        { name: 'onion', amount: 1, unit: null },
        { name: 'stock', amount: 1.5, unit: 'l' },
        { name: 'salt', amount: 1, unit: 'pinch' },
      ],
      steps: ['Chop the onion.', 'Add the lentils and stock, and simmer for 25 minutes.'],
    });
  });

  it('reads an invoice in a table, with commas for decimals', () => {
    const invoice = object({
      vendor: text,
      currency: { type: 'string', enum: ['USD', 'EUR'] },
      dueDate: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
      lines: { type: 'array', items: object({ product: text, qty: number, price: number, total: number }) },
      total: number,
    });
    const given = `Acme GmbH\nRechnung 1234\n| Item | Qty | Price | Total |\n|---|---|---|---|\n| Hammer | 2 | 12,50 € | 25,00 € |\n| Nails | 10 | 1.000,00 € | 10.000,00 € |\nTotal 10.025,00 €`;
    expect(composeValue(invoice, given)).toEqual({
      vendor: 'Acme GmbH',
      currency: 'EUR',
      dueDate: null,
      lines: [
        { product: 'Hammer', qty: 2, price: 12.5, total: 25 },
        { product: 'Nails', qty: 10, price: 1000, total: 10000 },
      ],
      total: 10025,
    });
  });

  it('leaves out an optional property that the prompt says nothing of, and finds the ones it does', () => {
    const person = {
      type: 'object',
      properties: {
        name: text,
        age: { type: 'integer' },
        email: { type: 'string', format: 'email' },
        phone: text,
        newsletter: { type: 'boolean' },
      },
      required: ['name'],
    };
    const given = 'My name is Ada Lovelace. Age: 36. Write to ada@example.com. No newsletter, please.';
    expect(composeValue(person, given)).toEqual({
      name: 'Ada Lovelace',
      age: 36,
      email: 'ada@example.com',
      newsletter: false,
    });
  });

  it('reads a list of records, a line each', () => {
    const contacts = object({ value: { type: 'array', items: object({ name: text, age: number, city: text }) } });
    const given = 'Extract the contacts:\n\n- Ada Byron; age: 36; city: Bristol\n- Mei Tanaka; age: 29; city: Osaka';
    expect(composeValue(contacts, given)).toEqual({
      value: [
        { name: 'Ada Byron', age: 36, city: 'Bristol' },
        { name: 'Mei Tanaka', age: 29, city: 'Osaka' },
      ],
    });
  });

  it('has something to say where the prompt only names the thing', () => {
    const recipe = object({
      title: text,
      servings: number,
      ingredients: { type: 'array', items: object({ name: text }) },
    });
    const value = composeValue(recipe, 'A recipe for pancakes for 2') as { ingredients: unknown[] };
    expect(value).toMatchObject({ title: 'Pancakes', servings: 2 });
    expect(value.ingredients.length).toBeGreaterThan(4);
  });
});
