/** The kind of a value, for a message. Values are not quoted, as they may be secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && (value < 0 || !Number.isFinite(value))) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
