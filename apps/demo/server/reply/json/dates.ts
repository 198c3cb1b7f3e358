const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH = String.raw`(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?`;
const FORMS: readonly (readonly [RegExp, (...parts: string[]) => string | undefined])[] = [
  [/\b(\d{4})-(\d\d)-(\d\d)/g, (year, month, day) => toIso(year, Number(month), day)],
  [
    new RegExp(String.raw`\b(\d{1,2})(?:st|nd|rd|th)?\.? (?:of )?${MONTH},? (\d{4})\b`, 'gi'),
    (day, month, year) => toIso(year, monthOf(month), day),
  ],
  [
    new RegExp(String.raw`\b${MONTH} (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b`, 'gi'),
    (month, day, year) => toIso(year, monthOf(month), day),
  ],
  [/\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b/g, (day, month, year) => toIso(year, Number(month), day)],
  [
    /\b(\d{1,2})\/(\d{1,2})\/(\d{4})\b/g,
    // Day first, unless that cannot be.
    (first, second, year) => toIso(year, Number(second), first) ?? toIso(year, Number(first), second),
  ],
];

export interface FoundDate {
  iso: string;
  index: number;
  length: number;
}

/** All dates of a text, in their order, as `2026-03-12`. */
export function findDates(text: string): FoundDate[] {
  return FORMS.flatMap(([pattern, read]) =>
    [...text.matchAll(pattern)].flatMap(({ 0: written, index, ...parts }) => {
      const iso = read(parts[1] ?? '', parts[2] ?? '', parts[3] ?? '');
      return iso ? [{ iso, index, length: written.length }] : [];
    }),
  ).toSorted((one, other) => one.index - other.index);
}

function monthOf(name = ''): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

function toIso(year = '', month: number, day = ''): string | undefined {
  const iso = `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : undefined;
}
