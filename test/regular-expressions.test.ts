import { expect, it } from 'vitest';
import { attacksOn, findRegularExpressions, findUnlistedFiles, growthOn } from '../scripts/regular-expressions.ts';

const expressions = await findRegularExpressions();

/** A quadratic search takes four times as long in a string of doubled length, a linear one twice as long. */
const MOST_GROWTH = 3;

it('finds the expressions of all packages', () => {
  expect(findUnlistedFiles()).toEqual([]);
  expect(expressions.some(({ at }) => at.startsWith('packages/core/src/json/thought-tags.ts'))).toBe(true);
  expect(expressions.some(({ at }) => at.startsWith('packages/react/src/'))).toBe(true);
});

it('recognizes slow expressions', () => {
  const quadratic = { at: '', source: ' +$', flags: '' };
  const exponential = { at: '', source: '^(?:a|a)+$', flags: '' };
  expect(growthOn(quadratic, { start: '', piece: ' ', end: '\0' })).toBeGreaterThan(MOST_GROWTH);
  expect(growthOn(exponential, { start: '', piece: 'a', end: '\0' })).toBeGreaterThan(MOST_GROWTH);
});

const distinct = [...new Map(expressions.map((one) => [`${one.source}/${one.flags}`, one])).values()];

it.each(distinct)('searches long strings in linear time: $at /$source/$flags', (expression) => {
  const isSlow = (attack: Parameters<typeof growthOn>[1]): boolean =>
    [1, 2, 3].every(() => growthOn(expression, attack) >= MOST_GROWTH);

  expect(attacksOn(expression).filter(isSlow)).toEqual([]);
});
