/** A limit from outside. Anything but a number above 0 limits nothing: it would hide what is kept. */
export function wholeLimit(limit: unknown): number {
  return typeof limit === 'number' && limit > 0 ? Math.ceil(limit) : Infinity;
}
