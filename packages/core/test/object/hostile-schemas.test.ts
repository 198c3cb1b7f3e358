import { completeObject, extractJson, LLMClient, ValidationError } from '@rivulet/core';
import { tool } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { chatThat, turns } from '../chat/support.ts';
import type { StandardSchema } from '../../src/types/standard-schema.ts';
import { failureOf } from '../support/client.ts';

const jsonSchema = { type: 'object', properties: { a: { type: 'number' } } };

/** A schema that validates by this function, which need not keep to its type. */
function schemaOf(validate: unknown): StandardSchema {
  const schema: unknown = { '~standard': { version: 1, vendor: 'hostile', validate } };
  return schema as StandardSchema;
}

function ask(schema: StandardSchema): Promise<unknown> {
  const client = new LLMClient({ provider: scripted('{"a":1}') });
  return failureOf(completeObject(client, { prompt: 'An object', schema, jsonSchema }));
}

function askForList(array: StandardSchema): Promise<unknown> {
  const client = new LLMClient({ provider: scripted('[{"a":1}]') });
  return failureOf(completeObject(client, { prompt: 'A list', array, jsonSchema }));
}

const unnamed: unknown = Object.create(null);
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const throwing = {
  get message() {
    throw new Error('No message');
  },
  toString() {
    throw new Error('No text');
  },
};

/** Values that may be thrown, and rejected with. */
const thrown: [string, unknown][] = [
  ['an error', new Error('broken')],
  ['undefined', undefined],
  ['null', null],
  ['text', 'broken'],
  ['a symbol', Symbol('broken')],
  ['an object without a prototype', unnamed],
  ['an object that cannot be read', throwing],
  ['a revoked proxy', revoked.proxy],
  ['a frozen error', Object.freeze(new TypeError('broken'))],
];

describe.each(thrown)('a schema that throws %s', (_name, value) => {
  function fail(): never {
    throw value;
  }

  it.each<[string, () => unknown]>([
    ['at once', fail],
    ['as a rejection', async () => fail()],
  ])('%s is a validation error', async (_how, validate) => {
    const error = (await ask(schemaOf(validate))) as ValidationError;
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.code).toBe('validation');
    expect(error.issues).toHaveLength(1);
    expect(error.cause === value || error.cause === undefined).toBe(true);
    expect(error.partial).toHaveProperty('object', { a: 1 });
    expect(await askForList(schemaOf(validate))).toHaveProperty('code', 'validation');
  });

  it('is an error result of a tool', async () => {
    const { chat } = chatThat(turns({ toolCalls: [{ id: 'c', name: 'go', input: { a: 1 } }] }, 'Done.'), {
      tools: { go: tool({ inputSchema: schemaOf(fail), jsonSchema, execute: () => 'gone' }) },
    });
    await chat.sendMessage('Go');
    const result = chat.getSnapshot().messages[1]?.parts.find((part) => part.type === 'tool-result');
    expect(result).toMatchObject({ isError: true, output: expect.stringContaining('The schema threw') as string });
  });
});

it.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['text', 'fine'],
  ['a list', []],
  ['an object without value and issues', {}],
  ['a promise of undefined', Promise.resolve()],
])('a schema that returns %s is a config error', async (_name, result) => {
  expect(await ask(schemaOf(() => result))).toMatchObject({ code: 'config' });
  expect(await askForList(schemaOf(() => result))).toMatchObject({ code: 'config' });
});

it.each<[string, unknown]>([
  ['no function', 'validate'],
  ['nothing', undefined],
])('a schema whose validate is %s is a config error', async (_name, validate) => {
  expect(await ask(schemaOf(validate))).toMatchObject({ code: 'config' });
  expect(() => extractJson('{"a":1}', { schema: schemaOf(validate) })).toThrow(
    expect.objectContaining({ code: 'config' }),
  );
});

it.each<[string, unknown, object[]]>([
  ['a list of nothing', [], [{ path: [], message: 'Invalid' }]],
  ['text', 'wrong', [{ path: [], message: 'Invalid' }]],
  ['true', true, [{ path: [], message: 'Invalid' }]],
  ['null in a list', [null], [{ path: [], message: 'Invalid' }]],
  ['a message that is an object', [{ message: {}, path: ['a'] }], [{ path: ['a'], message: 'Invalid' }]],
  ['a path that is text', [{ message: 'No', path: 'a' }], [{ path: [], message: 'No' }]],
  [
    'a path of anything',
    [{ message: 'No', path: [Symbol('s'), { key: 'a' }, { key: {} }, null, 0, { key: Symbol('k') }] }],
    [{ path: ['Symbol(s)', 'a', 0, 'Symbol(k)'], message: 'No' }],
  ],
])('issues that are %s are read into their shape', async (_name, issues, expected) => {
  expect(await ask(schemaOf(() => ({ issues })))).toMatchObject({ code: 'validation', issues: expected });
  expect(await ask(schemaOf(async () => ({ issues })))).toMatchObject({ code: 'validation', issues: expected });
});
