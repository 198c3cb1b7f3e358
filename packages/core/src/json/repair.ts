import { jsonrepair } from 'jsonrepair';
import type { ExtractedJson } from './extract-json.ts';

export type { ExtractedJson } from './extract-json.ts';

/** How many brackets may be open at once in text that is repaired: the cost of a repair grows with the square of it. */
const MAX_OPEN = 1000;

/** Whether too many brackets are open at once. Those in strings count: where a string ends is part of the repair. */
function isTooDeep(text: string): boolean {
  let open = 0;
  for (const char of text) {
    if (char === '{' || char === '[') open += 1;
    else if ((char === '}' || char === ']') && open > 0) open -= 1;
    if (open > MAX_OPEN) return true;
  }
  return false;
}

/**
 * Reads JSON that is not quite JSON, as models write it: single quotes, comments, trailing commas, `True`, a missing end.
 * `repaired` tells whether anything had to be changed: such a value is a guess, and what was cut off is not in it. `null`
 * if it cannot be read as JSON even so, or if more than 1000 brackets are open at once. For `extractJson(text, { repair: repairJson })`, or by itself.
 * @param parse reads the repaired JSON. `extractJson` passes one that keeps numbers that JavaScript cannot represent.
 * @default JSON.parse
 */
export function repairJson(
  text: string,
  parse: (json: string) => unknown = (json) => JSON.parse(json),
): ExtractedJson | null {
  try {
    return { value: parse(text), repaired: false };
  } catch {
    if (isTooDeep(text)) return null;
    try {
      return { value: parse(jsonrepair(text)), repaired: true };
    } catch {
      return null;
    }
  }
}
