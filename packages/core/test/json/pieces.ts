/** The text in pieces: `sizes` are the lengths of the pieces, taken in turn. */
export function pieces(text: string, sizes: readonly number[]): string[] {
  const parts: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? text.length);
    parts.push(text.slice(at, at + size));
    at += size;
  }
  return parts;
}
