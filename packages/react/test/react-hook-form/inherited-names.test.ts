import type { StandardSchema } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { fieldSchema } from '../../src/react-hook-form/field-request.ts';
import { schemaAt } from '../../src/react-hook-form/field-schema.ts';

const accepting: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

describe.each(['constructor', 'toString', '__proto__'])('the field name %s, which every object inherits', (name) => {
  it('is no field of a schema that does not define it', () => {
    expect(schemaAt({ type: 'object', properties: {} }, [name])).toBeUndefined();
    expect(schemaAt({ anyOf: [{ $ref: `#/${name}` }], properties: {} }, ['name'])).toBeUndefined();
  });

  it('is missing in an answer without it', async () => {
    const properties = Object.fromEntries([[name, { type: 'object' }]]);
    const { schema } = fieldSchema(accepting, { type: 'object', properties }, name, {});

    expect(await schema['~standard'].validate({})).toEqual({ issues: [{ message: 'Missing', path: [name] }] });
  });

  it('is written as an own property', async () => {
    let checked: unknown;
    const recording: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          checked = value;
          return { value };
        },
      },
    };
    const inner = { type: 'object', properties: { a: { type: 'string' } } };
    const properties = Object.fromEntries([[name, inner]]);
    const { schema } = fieldSchema(recording, { type: 'object', properties }, `${name}.a`, {});
    await schema['~standard'].validate({ a: 'b' });

    expect(JSON.stringify(checked)).toBe(`{"${name}":{"a":"b"}}`);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});
