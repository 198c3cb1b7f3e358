import { assert, json, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonValue } from '../../src/chat/json-value.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

class Money {
  readonly amount = 2;
  readonly currency = 'EUR';
}

function cycle(): unknown {
  const value: Record<string, unknown> = { list: [] };
  (value['list'] as unknown[]).push(value);
  return value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

/** Copies of copies: small in memory, and two to the power of its levels in JSON. */
function shared(levels: number, pad = ''): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level += 1) value = { [`a${pad}`]: value, b: value };
  return value;
}

describe('toJsonValue', () => {
  it.each<[string, unknown, RegExp]>([
    ['a BigInt', 1n, /^output is a BigInt/],
    ['a BigInt within', { ids: [1, 2n] }, /^output\.ids\[1\] is a BigInt/],
    ['a key that is not a name', { 'a b': 2n }, /^output\["a b"\] is a BigInt/],
    ['a cycle', cycle(), /^output\.list\[0\] refers to an object that contains it/],
    [
      'a toJSON that throws',
      {
        toJSON() {
          throw new Error('no JSON today');
        },
      },
      /^output cannot be written as JSON: no JSON today/,
    ],
    [
      'a getter that throws a null-prototype object',
      {
        get a() {
          throw Object.create(null);
        },
      },
      /^output cannot be written as JSON/,
    ],
    [
      'a toJSON without an end',
      {
        toJSON() {
          return { next: this };
        },
      },
      /^output is nested more than 512 levels deep|contains it/,
    ],
    ['a function', () => 1, /^output is a function/],
    ['a symbol', Symbol('a'), /^output is a symbol/],
    ['a Map', { byId: new Map([[1, 2]]) }, /^output\.byId is of type Map/],
    ['a Set', new Set([1]), /^output is of type Set/],
    ['a Response', new Response('x'), /^output is of type Response/],
    ['a stream', new ReadableStream(), /^output is of type ReadableStream/],
    ['a Blob', new Blob(['x']), /^output is of type Blob/],
    ['a Promise', { later: Promise.resolve(1) }, /^output\.later is of type Promise/],
    ['a regular expression', /a/, /^output is of type RegExp/],
    ['bytes', new Uint8Array([1, 2]), /^output is of type Uint8Array/],
    ['an iterator', [1].values(), /^output is of type Array Iterator/],
    ['an async generator', (async function* () {})(), /^output is of type AsyncGenerator/],
    ['an error', { reason: new Error('lost') }, /^output\.reason is an error \(lost\)/],
    ['a revoked proxy', revoked(), /^output cannot be written as JSON/],
    ['deep lists', nested(100_000), /^output is nested more than 512 levels deep/],
    ['64 Mi characters', 'x'.repeat(2 ** 26), /^output has more than 16 Mi characters/],
    ['text that grows when it is written', shared(60, '-'.repeat(1000)), /^output has more than 16 Mi characters/],
  ])('rejects %s', (_, value, message) => {
    expect(() => toJsonValue(value, 'output')).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }),
    );
  });

  it.each<[string, unknown, unknown]>([
    ['undefined', undefined, null],
    ['NaN', { ratio: NaN, rest: [Infinity, undefined] }, { ratio: null, rest: [null, null] }],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(NaN), null],
    ['a URL', { at: new URL('https://a.example/') }, { at: 'https://a.example/' }],
    ['an instance of a class', new Money(), { amount: 2, currency: 'EUR' }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['methods and undefined properties', { a: 1, b: undefined, c: () => 1 }, { a: 1 }],
    ['boxed values', [Object(1), Object('a'), Object(true)], [1, 'a', true]],
    ['half a surrogate pair', 'a\ud83d', 'a\ufffd'],
    ['one object twice', [nested(2), shared(2)], [[[1]], { a: { a: 'x', b: 'x' }, b: { a: 'x', b: 'x' } }]],
    ['nothing', {}, {}],
  ])('converts %s', (_, value, expected) => {
    expect(toJsonValue(value, 'output')).toEqual(expected);
  });

  it('returns every JSON value as it is, and a copy of it', () => {
    assert(
      property(json({ maxDepth: 6 }), (source) => {
        const value: unknown = JSON.parse(source);
        const copy = toJsonValue(value, 'output');
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it('costs the size of the value', async () => {
    const growth = await growthOf(async (count) => {
      toJsonValue({ rows: Array.from({ length: count }, (_, id) => ({ id, name: `row ${id}` })) }, 'output');
    }, 700);
    expect(growth).toBeLessThan(LINEAR);
  });
});
