import { sliceText } from './well-formed.ts';

const MAX_LENGTH = 200;

/** The start of `text` on one line, for a message to a person. */
export function excerpt(text: string): string {
  const start = sliceText(text, 0, MAX_LENGTH).replace(/\s+/g, ' ').trim();
  return text.length > MAX_LENGTH ? `${start}…` : start;
}
