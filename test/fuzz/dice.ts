import { sample, type Arbitrary } from 'fast-check';
import { createRandom } from '../../packages/core/test/support/well-formed-answer.ts';

/** Random decisions that are the same for the same seed. */
export interface Dice {
  /** From 0 up to 1. */
  readonly random: () => number;
  /** An integer from 0 up to `end`, without it. */
  below(end: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A value of a fast-check arbitrary. */
  value<T>(arbitrary: Arbitrary<T>): T;
}

export function createDice(seed: number): Dice {
  const random = createRandom(seed);
  const below = (end: number): number => Math.floor(random() * end);
  return {
    random,
    below,
    chance: (probability) => random() < probability,
    pick: <T>(items: readonly T[]) => items[below(items.length)] as T,
    value: <T>(arbitrary: Arbitrary<T>) => sample(arbitrary, { seed: below(2 ** 31), numRuns: 1 })[0] as T,
  };
}

/** The items in pieces of random lengths, some of which are empty. */
export function cutAtRandom<T extends { readonly length: number; slice(start: number, end: number): T }>(
  whole: T,
  dice: Dice,
): T[] {
  // A hundred thousand pieces take long, and teach no more than a thousand.
  const least = Math.ceil(whole.length / 5000);
  const most = Math.max(least, dice.pick([1, 2, 7, 40, 300, whole.length]));
  const pieces: T[] = [];
  for (let at = 0; at < whole.length;) {
    const size = dice.chance(0.05) ? 0 : 1 + dice.below(most);
    pieces.push(whole.slice(at, at + size));
    at += size;
  }
  return pieces;
}
