/**
 * Replaces CRLF and CR by LF in a text that arrives in pieces. A CR ends its line at once: the next piece may take long
 * to arrive, and an LF at its start is dropped.
 */
export function createLineEndNormalizer(): (text: string) => string {
  let isAfterCR = false;
  return (text) => {
    if (!text) return text;
    const rest = isAfterCR && text.startsWith('\n') ? text.slice(1) : text;
    isAfterCR = text.endsWith('\r');
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest;
  };
}
