/**
 * A piece of the arguments of a call, which Vertex AI can stream.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/PartialArg
 */
export interface PartialArgument {
  /** RFC 9535: `$.recipe.steps[0].name`. */
  jsonPath: string;
  stringValue?: string;
  numberValue?: number;
  boolValue?: boolean;
}

/**
 * Puts a piece at its place in `root`; strings grow. Objects have no prototype, so every name is data.
 * @throws for a path that goes through a value or leaves a hole in a list.
 */
export function putArgument(root: object, piece: PartialArgument): void {
  const { jsonPath, stringValue, numberValue, boolValue } = piece;
  const path = Array.from(
    jsonPath.matchAll(/\.([^.[]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g),
    ([, name, index, quoted, doubly]) => (index === undefined ? (name ?? quoted ?? doubly ?? '') : Number(index)),
  );
  let at: unknown = root;
  path.forEach((key, depth) => {
    if (Array.isArray(at) ? !(Number(key) <= at.length) : typeof at !== 'object') throw new Error(jsonPath);
    const place = at as Record<string | number, unknown>;
    const next = path[depth + 1];
    if (next === undefined) {
      const known = place[key];
      place[key] =
        stringValue !== undefined && typeof known === 'string'
          ? known + stringValue
          : (stringValue ?? numberValue ?? boolValue ?? null);
    } else {
      place[key] ??= typeof next === 'number' ? [] : Object.create(null);
    }
    at = place[key];
  });
}
