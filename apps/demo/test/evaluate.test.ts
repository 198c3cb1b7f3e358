import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/pages/chat/tools/evaluate.ts';

describe('the calculator', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['2^3^2', 512],
    ['-2^2', -4],
    ['2 * -3', -6],
    ['2^-1', 0.5],
    ['7 % 4', 3],
    ['20 / 100 * 80', 16],
    ['0.1 + 0.2', 0.3],
    ['.5 * 4', 2],
    ['17×23 − 1', 390],
    ['sqrt(2) ^ 2', 2],
    ['ABS(-3) + floor(2.7)', 5],
    ['cos(pi)', -1],
    ['  42  ', 42],
  ])('works out %s', (expression, value) => {
    expect(evaluate(expression)).toBe(value);
  });

  it.each([
    ['', 'ends too early'],
    ['2 +', 'ends too early'],
    ['(2', 'not closed'],
    ['2 3', '“3” is not expected'],
    ['2)', '“)” is not expected'],
    ['2 $ 3', '“$” is not expected'],
    ['alert(1)', '“alert” is not known'],
    ['constructor', '“constructor” is not known'],
    ['sqrt 2', 'needs its number in brackets'],
    ['1/0', 'divided by zero'],
    ['9^9999', 'not a finite number'],
    ['sqrt(-1)', 'not a finite number'],
    ['1+'.repeat(300), '500 characters at most'],
  ])('says what is wrong with “%s”', (expression, message) => {
    expect(() => evaluate(expression)).toThrow(message);
  });

  it('agrees with JavaScript on whatever both can read', () => {
    const leaf = fc.integer({ min: 0, max: 99 }).map(String);
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc
          .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '%'), tie('expression'))
          .map((parts) => parts.join(' ')),
        tie('expression').map((inner) => `(${inner})`),
        tie('expression').map((inner) => `-(${inner})`),
      ),
    }));
    fc.assert(
      fc.property(expression, (text) => {
        // oxlint-disable-next-line no-implied-eval
        const value = new Function(`return ${text}`)() as number;
        if (text.length > 500) return;
        if (Number.isFinite(value)) expect(evaluate(text) + 0).toBe(Number(value.toPrecision(12)) + 0);
        else expect(() => evaluate(text)).toThrow('not a finite number');
      }),
    );
  });
});
