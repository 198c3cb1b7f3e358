import type { InexactNumber } from './inexact-number.ts';
import { IncrementalJsonParser } from './incremental-json-parser.ts';

/** A JSON document in which numbers that JavaScript cannot represent are text. */
export interface ExactJson {
  readonly value: unknown;
  readonly numbers: readonly InexactNumber[];
}

/** @throws {LLMError} for text that is not JSON. */
export function parseExactly(text: string): ExactJson {
  const numbers: InexactNumber[] = [];
  const parser = new IncrementalJsonParser({
    maxDepth: Infinity,
    inexactNumber(path, digits) {
      numbers.push({ path, text: digits });
      return digits;
    },
  });
  parser.push(text);
  return { value: parser.end(), numbers };
}
