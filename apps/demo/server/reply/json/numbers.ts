const FRACTIONS: Record<string, number> = { '½': 0.5, '¼': 0.25, '¾': 0.75, '⅓': 1 / 3, '⅔': 2 / 3 };
const WORDS: Record<string, number> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
};

/** A number as people write it, digits or words. Bounded, because it is tried on any text. */
export const NUMBER = String.raw`(?:\d{1,6} \d\/\d|\d{1,6}\/\d{1,6}|-?\d{1,3}(?:[,.' ]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|-?\d{1,12}(?:[.,]\d{1,6})?\s?[½¼¾⅓⅔]?|[½¼¾⅓⅔])`;
export const NUMBER_WORD = String.raw`(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve)`;

/** `1.234,50`, `1,234.50`, `1 1/2`, `2½`, `two`. */
export function parseNumber(written: string): number | undefined {
  const text = written.trim().toLowerCase();
  if (text in WORDS) return WORDS[text];
  const mixed = /^(?:(\d+) )?(\d+)\/(\d+)$/.exec(text);
  if (mixed) return round(Number(mixed[1] ?? 0) + Number(mixed[2]) / (Number(mixed[3]) || 1));
  const fraction = FRACTIONS[text.at(-1) ?? ''];
  if (fraction !== undefined) return round(Number(text.slice(0, -1).trim() || 0) + fraction);
  const digits = text.replace(/[' ]/g, '');
  const decimal = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  const decimals = decimal < 0 ? 0 : digits.length - decimal - 1;
  const separators = digits.match(/[.,]/g) ?? [];
  // Groups of three: of several separators all but a different last one, and a lone comma.
  const isGrouping =
    decimals === 3 && (digits[decimal] === ',' || separators.length > 1) && new Set(separators).size === 1;
  const whole = isGrouping || decimal < 0 ? digits : digits.slice(0, decimal);
  const value = Number(whole.replace(/[.,]/g, '') + (isGrouping || decimal < 0 ? '' : `.${digits.slice(decimal + 1)}`));
  return Number.isFinite(value) ? value : undefined;
}

/** To the digits that people write. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
