import { anything, assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  count,
  filledText,
  flag,
  identifier,
  list,
  listOrThrow,
  ordinal,
  ownValue,
  record,
  recordOrThrow,
  records,
  text,
  textOrThrow,
  UnexpectedValueError,
} from '../../src/utils/read-value.ts';

describe('read-value', () => {
  it.each([
    [text, '', ''],
    [text, 1, undefined],
    [filledText, '', undefined],
    [filledText, 'a', 'a'],
    [identifier, 7, '7'],
    [identifier, Number.NaN, undefined],
    [identifier, {}, undefined],
    [identifier, '', undefined],
    [count, 0.5, 0.5],
    [count, -1, undefined],
    [count, Infinity, undefined],
    [count, '3', undefined],
    [ordinal, 2, 2],
    [ordinal, 0.5, undefined],
    [ordinal, 2 ** 60, undefined],
    [flag, false, false],
    [flag, 'false', undefined],
    [record, [], undefined],
    [record, null, undefined],
    [list, { length: 1 }, []],
    [records, [null, 'a', [], { a: 1 }], [{ a: 1 }]],
  ] as const)('%o of %o is %o', (read, value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it('reads own properties only', () => {
    expect(ownValue({}, 'constructor')).toBeUndefined();
    expect(ownValue(JSON.parse('{"__proto__":1}'), '__proto__')).toBe(1);
    expect(ownValue(['a'], '0')).toBeUndefined();
  });

  it('accepts absent content and names the path of a wrong type', () => {
    expect([textOrThrow(null, 'a'), recordOrThrow(undefined, 'a'), listOrThrow(null, 'a')]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(() => textOrThrow({}, 'delta.content')).toThrow('delta.content is an object instead of text');
    expect(() => recordOrThrow([], 'delta')).toThrow('delta is a list instead of an object');
    expect(() => listOrThrow('a', 'choices')).toThrow(UnexpectedValueError);
  });

  it('never throws for any value, except the readers of content', () => {
    assert(
      property(anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (value) => {
        for (const read of [text, filledText, identifier, count, ordinal, flag, record, list, records]) read(value);
        ownValue(value, 'toString');
        for (const read of [textOrThrow, recordOrThrow, listOrThrow]) {
          try {
            read(value, 'value');
          } catch (error) {
            expect(error).toBeInstanceOf(UnexpectedValueError);
          }
        }
      }),
    );
  });
});
