import { expect, it } from 'vitest';
import { attacksOn, findRegularExpressions, findUnlistedFiles, growthOn } from '../scripts/regular-expressions.ts';

const expressions = await findRegularExpressions();

it('finds the expressions of all packages', () => {
  expect(findUnlistedFiles()).toEqual([]);
  expect(expressions.some(({ at }) => at.startsWith('packages/core/src/json/thought-tags.ts'))).toBe(true);
  expect(expressions.some(({ at }) => at.startsWith('packages/react/src/'))).toBe(true);
});

it('recognizes slow expressions', () => {
  const quadratic = { at: '', source: ' +$', flags: '' };
  const exponential = { at: '', source: '^(?:a|a)+$', flags: '' };
  expect(growthOn(quadratic, { start: '', piece: ' ', end: '\0' })).toBeGreaterThan(3);
  expect(growthOn(exponential, { start: '', piece: 'a', end: '\0' })).toBeGreaterThan(3);
});

it.each(expressions)('searches long strings in linear time: $at /$source/$flags', (expression) => {
  for (const attack of attacksOn(expression)) {
    expect(growthOn(expression, attack), JSON.stringify(attack)).toBeLessThan(3);
  }
});
