/**
 * Finds the end of what is written in brackets, whether it is JSON or not. The function takes the text in pieces, and
 * returns the index in its piece behind the last bracket, or -1 if more are open. A string that is not closed ends with its
 * line.
 *
 * @param depth how many brackets are open before the text.
 */
export function createBracketSkipper(depth = 0): (text: string) => number {
  let open = depth;
  let isString = false;
  let isEscaped = false;
  return (text) => {
    for (let index = 0; index < text.length; index += 1) {
      const char = text[index] as string;
      if (isEscaped) isEscaped = false;
      else if (isString) {
        isEscaped = char === '\\';
        isString = char !== '"' && char !== '\n';
      } else if (char === '"') isString = true;
      else if (char === '{' || char === '[') open += 1;
      else if (char === '}' || char === ']') {
        open -= 1;
        if (open <= 0) return index + 1;
      }
    }
    return -1;
  };
}
