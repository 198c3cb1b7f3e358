import {
  attacksOn,
  findRegularExpressions,
  growthOn,
  type RegularExpression,
} from '../../scripts/regular-expressions.ts';
import { createDice } from './dice.ts';
import type { Fuzzer } from './fuzzer.ts';

/** A search that takes this much longer in a string of doubled length is not linear. */
const MOST_GROWTH = 3;

let expressions: Promise<RegularExpression[]> | undefined;

/** Searches long strings of pieces that the expression itself contains. */
export const regularExpressions: Fuzzer = {
  name: 'regular-expressions',
  // test/regular-expressions.test.ts searches repetitions of each piece.
  casesInTests: 0,
  async run(seed) {
    expressions ??= findRegularExpressions();
    const dice = createDice(seed);
    const expression = dice.pick(await expressions);
    const attacks = attacksOn(expression);
    const join = (most: number): string =>
      Array.from({ length: dice.below(most + 1) }, () => dice.pick(attacks).piece.repeat(1 + dice.below(2))).join('');
    const attack = {
      start: dice.pick(attacks).start + join(2),
      piece: join(3) || ' ',
      end: dice.pick(attacks).end + join(1),
    };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (growthOn(expression, attack) < MOST_GROWTH) return [];
    }
    return [`${expression.at} /${expression.source}/${expression.flags} is slow in ${JSON.stringify(attack)}`];
  },
};
