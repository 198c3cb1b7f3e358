/** Replaces each lone half of a surrogate pair by U+FFFD: servers refuse such text, and UTF-8 cannot have it. */
export function toWellFormed(text: string): string {
  // With the flag `u` a pair is one character, so only lone halves match.
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** `text.slice(start, end)` without the halves of the characters that it would cut. */
export function sliceText(text: string, start: number, end?: number): string {
  return text.slice(start, end).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}

/** `JSON.stringify` whose strings are well formed: see `toWellFormed`. */
export function stringifyWellFormed(value: unknown): string {
  const json = (JSON.stringify(value) as string | undefined) ?? 'null';
  // Only lone halves are escaped as `\ud…`. https://tc39.es/ecma262/#sec-quotejsonstring
  if (!json.includes('\\ud')) return json;
  // Every escape is matched, so the `ud83d` behind an escaped backslash is text.
  return json.replace(/\\(?:ud[89a-f][0-9a-f]{2}|[^])/g, (escape) => (escape.length > 2 ? '\ufffd' : escape));
}
