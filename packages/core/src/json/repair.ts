import { jsonrepair } from 'jsonrepair';
import type { ExtractedJson } from './extract-json.ts';

export type { ExtractedJson } from './extract-json.ts';

/**
 * Reads JSON that is not quite JSON, as models write it: single quotes, comments, trailing commas, `True`, a missing end.
 * `repaired` tells whether anything had to be changed: such a value is a guess, and what was cut off is not in it. `null`
 * if it cannot be read as JSON even so. For `extractJson(text, { repair: repairJson })`, or by itself.
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
    try {
      return { value: parse(jsonrepair(text)), repaired: true };
    } catch {
      return null;
    }
  }
}
