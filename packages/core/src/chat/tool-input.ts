import { IncrementalJsonParser, type PathStatus } from '../json/incremental-json-parser.ts';
import { valueAt } from '../path/status.ts';
import type { Path } from '../path/path.ts';
import type { Tool } from './tool.ts';

/** The arguments of a call as far as they came, not checked by any schema. */
export interface ToolInput {
  /** Strings grow, numbers and literals appear when they are complete. What did not change stays the same object. */
  readonly value: unknown;
  /** How far the value at a path has come: `['items', 0]` or `items.0`. */
  pathStatus(path: Path | string): PathStatus;
}

/**
 * Makes a function that reads the arguments of one call while they come: give it the part whenever that has changed. What was
 * read is not read again. Where they stop being JSON, the value stays what it was.
 *
 * @param tool takes out the nulls that models write for absent arguments. Without it they stay in the value.
 */
export function createToolInput(
  tool?: Pick<Tool, 'readInput'>,
): (call: { readonly id: string; readonly rawInput: string }) => ToolInput {
  let parser = createParser();
  let readId: string | undefined;
  let length = 0;
  let isBroken = false;
  return ({ id, rawInput }) => {
    if (id !== readId || rawInput.length < length) {
      parser = createParser();
      readId = id;
      length = 0;
      isBroken = false;
    }
    try {
      if (!isBroken) parser.push(rawInput.slice(length));
    } catch {
      isBroken = true;
    }
    length = rawInput.length;
    const value = parser.snapshot();
    if (!tool) return { value, pathStatus: parser.pathStatus };
    const input = tool.readInput(value);
    return {
      value: input,
      pathStatus: (path) => (valueAt(input, path) === undefined ? 'absent' : parser.pathStatus(path)),
    };
  };
}

/** Numbers that JavaScript cannot represent are text, as in the input of the call. */
function createParser(): IncrementalJsonParser {
  return new IncrementalJsonParser({ inexactNumber: (_path, text) => text });
}
