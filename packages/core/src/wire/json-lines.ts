import { checkSize, MAX_FRAME, type Frame } from './frame.ts';

/**
 * Parses JSON documents, one a line, whose lines end with LF. Returns a function that takes the next piece of the text.
 * @throws {LLMError} (from the returned function) with code `limit` for a line above 16 Mi characters.
 */
export function createJsonLineParser(onFrame: (frame: Frame) => void): (text: string) => void {
  let line = '';
  return (text) => {
    const [first = '', ...lines] = text.split('\n');
    line += first;
    for (const next of lines) {
      checkSize('frame', line.length, MAX_FRAME);
      if (line.trim()) onFrame({ data: line });
      line = next;
    }
    checkSize('frame', line.length, MAX_FRAME);
  };
}
