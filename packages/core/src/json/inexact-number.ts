import type { Path } from '../path/path.ts';

/** A number of a JSON document that a JavaScript number cannot represent, as it was written. */
export interface InexactNumber {
  readonly path: Path;
  readonly text: string;
}

/** Up to so many characters an integer is exact. */
const EXACT_LENGTH = 15;
const INTEGER = /^-?\d+$/;

/**
 * Whether `value`, which `JSON.parse` made of `text`, is another number: an integer that was rounded, or infinity. Fractions
 * are rounded by every parser and do not count.
 */
export function isInexact(text: string, value: unknown): boolean {
  if (typeof value !== 'number') return false;
  if (!Number.isFinite(value)) return true;
  if (text.length <= EXACT_LENGTH || Number.isSafeInteger(value) || !INTEGER.test(text)) return false;
  // JavaScript writes a number with the fewest digits that lead back to it: those are not lost.
  if (String(value) === text) return false;
  // A finite integer has at most 309 digits.
  return BigInt(text) !== BigInt(value);
}

/** Whether a text has digits that could be a number of this kind. They may also be within a string. */
export function mayBeInexact(text: string): boolean {
  return /\d{16}|[eE]\+?\d{3}/.test(text);
}

/** More digits than any key or amount has; reading them takes time that is not linear. */
const MAX_BIGINT_LENGTH = 1000;

/** The integer as a `bigint`; `undefined` for other numbers. */
export function toBigInt(text: string): bigint | undefined {
  return INTEGER.test(text) && text.length <= MAX_BIGINT_LENGTH ? BigInt(text) : undefined;
}
