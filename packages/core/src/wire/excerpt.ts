const MAX_LENGTH = 200;

/** The start of `text` on one line, for a message to a person. */
export function excerpt(text: string): string {
  const start = text
    .slice(0, MAX_LENGTH * 2)
    .replace(/\s+/g, ' ')
    .trim();
  return start.length > MAX_LENGTH || text.length > MAX_LENGTH * 2 ? `${start.slice(0, MAX_LENGTH)}…` : start;
}
