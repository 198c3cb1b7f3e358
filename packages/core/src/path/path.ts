/** The keys that lead to a value: names of properties and indexes of arrays. `[]` is the document itself. */
export type Path = readonly (string | number)[];

/** Up to where every number has its own text. */
const INDEX = /^(?:0|[1-9]\d{0,14})$/;

/**
 * The keys of a path that is written `items.0.price` or `items[0].price`; an array is given back as it is, an empty text
 * is the document itself. A key that has a dot or a bracket in it can only be given in an array.
 */
export function parsePath(path: Path | string): Path {
  if (typeof path !== 'string') return path;
  return (path.match(/[^.[\]]+/g) ?? []).map((key) => (INDEX.test(key) ? Number(key) : key));
}
