/** Fields of one line drop line ends, those for numbers give text, and what is empty has many shapes. */
function comparable(value: unknown): string {
  if (isEmpty(value)) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(copyOf(value));
  return text.replaceAll(/[\r\n]/g, '');
}

/** Whether a form would show the same for both. */
export function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || comparable(a) === comparable(b);
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || Number.isNaN(value);
}

/** What has properties, and is no list and no date. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return !!value && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}

/** Forms change what they hold in place. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  // Empty inputs for numbers give NaN, and do not take it.
  if (!value || Object.getPrototypeOf(value) !== Object.prototype) return Number.isNaN(value) ? undefined : value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]));
}
