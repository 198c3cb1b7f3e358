/** Finds the end of one JSON document in text that arrives in pieces. Each character is looked at once. */
export interface JsonEnd {
  push(text: string): void;
  /** The first list, object or string has closed. Numbers and literals have no end of their own. */
  readonly isClosed: boolean;
}

/** Only brackets and quotes are followed: whether the document is JSON is for a parser to find out. */
export function createJsonEnd(): JsonEnd {
  let depth = 0;
  let isInString = false;
  let isEscaped = false;

  function read(character: string): void {
    if (isEscaped) isEscaped = false;
    else if (isInString && character === '\\') isEscaped = true;
    else if (character === '"') isInString = !isInString;
    else if (isInString) return;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else return;
    if (depth <= 0 && !isInString) end.isClosed = true;
  }

  const end = {
    isClosed: false,
    push(text: string) {
      for (const character of text) {
        if (end.isClosed) return;
        read(character);
      }
    },
  };
  return end;
}
