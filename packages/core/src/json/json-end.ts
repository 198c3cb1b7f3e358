/** Finds the end of one JSON document in text that arrives in pieces. Each character is looked at once. */
export interface JsonEnd {
  push(text: string): void;
  /** The first list, object or string has closed. Numbers and literals have no end of their own. */
  readonly isClosed: boolean;
  /** The document has begun, and a value has to come next: behind a colon, or in a list behind its bracket or a comma. */
  readonly expectsValue: boolean;
}

/** Only brackets and quotes are followed: whether the document is JSON is for a parser to find out. */
export function createJsonEnd(): JsonEnd {
  const brackets: string[] = [];
  /** The last character outside of strings that is not white space. */
  let last = '';
  let isInString = false;
  let isEscaped = false;

  function read(character: string): void {
    if (isEscaped) isEscaped = false;
    else if (isInString && character === '\\') isEscaped = true;
    else if (character === '"') isInString = !isInString;
    else if (isInString) return;
    else if (character === '{' || character === '[') brackets.push(character);
    else if (character === '}' || character === ']') brackets.pop();
    else {
      if (character.trim()) last = character;
      return;
    }
    last = character;
    if (brackets.length === 0 && !isInString) end.isClosed = true;
  }

  const end = {
    isClosed: false,
    get expectsValue() {
      return !isInString && (last === ':' || last === '[' || (last === ',' && brackets.at(-1) === '['));
    },
    push(text: string) {
      for (const character of text) {
        if (end.isClosed) return;
        read(character);
      }
    },
  };
  return end;
}
