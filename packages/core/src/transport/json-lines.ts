import { checkSize } from '../errors/limits.ts';
import type { Frame } from './frame.ts';

/** The first line of a document that is not on one line. */
const OPENING = /^[ \t]*[[{][ \t]*$/;

/**
 * Parses JSON documents, one a line, whose lines end with LF. Returns a function that accepts the next piece of the text.
 * A body that is one document over several lines has no frame here.
 * @throws {LLMError} (from the returned function) with code `limit` for a line above 16 Mi characters.
 */
export function createJsonLineParser(onFrame: (frame: Frame) => void): (text: string) => void {
  let line = '';
  let isFirst = true;
  let isDocument = false;
  return (text) => {
    if (isDocument) return;
    const [first = '', ...lines] = text.split('\n');
    line += first;
    for (const next of lines) {
      checkSize('frame', line.length);
      if (line.trim()) {
        isDocument = isFirst && OPENING.test(line);
        if (isDocument) return;
        isFirst = false;
        onFrame({ data: line });
      }
      line = next;
    }
    checkSize('frame', line.length);
  };
}
