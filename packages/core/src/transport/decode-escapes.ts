/**
 * An escaped character of JSON (also of JSON within JSON, whose backslashes are doubled), of a URL, or of HTML. The name of
 * an HTML entity is any word, because only those of `ENTITIES` are replaced.
 */
const ESCAPE =
  /\\+(?:u([\da-f]{4})|u\{([\da-f]{1,6})\}|x([\da-f]{2})|([^]))|%([\da-f]{2})|&(?:#x0{0,8}([\da-f]{1,6})|#0{0,8}(\d{1,7})|([a-z]{2,8}));/gi;

/** Characters of keys that have a name. https://html.spec.whatwg.org/multipage/named-characters.html */
const ENTITIES: ReadonlyMap<string | undefined, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['plus', '+'],
  ['sol', '/'],
  ['bsol', '\\'],
  ['equals', '='],
  ['hyphen', '-'],
  ['dash', '-'],
  ['lowbar', '_'],
  ['period', '.'],
  ['colon', ':'],
  ['semi', ';'],
  ['comma', ','],
  ['num', '#'],
  ['percnt', '%'],
  ['dollar', '$'],
  ['commat', '@'],
  ['excl', '!'],
  ['quest', '?'],
  ['ast', '*'],
  ['lpar', '('],
  ['rpar', ')'],
  ['vert', '|'],
  ['tilde', '~'],
]);

const MAX_CODE_POINT = 0x10ffff;

/** Whether `decodeEscapes` may change a text. */
export function mayHaveEscapes(text: string): boolean {
  return text.includes('\\') || text.includes('%') || text.includes('&');
}

/** Replaces escaped characters once. A backslash before any other character is dropped. */
export function decodeEscapes(text: string): string {
  return text.replace(ESCAPE, decodeEscape);
}

/** The index in `text` of each unit of `decodeEscapes(text)`, and of its end. */
export function escapeOffsets(text: string): number[] {
  const offsets: number[] = [];
  let end = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const [escape, ...groups] = match;
    for (; end < match.index; end += 1) offsets.push(end);
    for (const _ of decodeEscape(escape, ...groups).split('')) offsets.push(match.index);
    end = match.index + escape.length;
  }
  for (; end <= text.length; end += 1) offsets.push(end);
  return offsets;
}

function decodeEscape(escape: string, ...groups: readonly (string | undefined)[]): string {
  const [json, codePoint, hex, other, percent, entityHex, entityDecimal, entityName] = groups;
  if (other !== undefined) return other;
  const digits = json ?? codePoint ?? hex ?? percent ?? entityHex;
  if (digits === undefined && entityDecimal === undefined) return ENTITIES.get(entityName?.toLowerCase()) ?? escape;
  const code = digits === undefined ? Number(entityDecimal) : Number.parseInt(digits, 16);
  return code <= MAX_CODE_POINT ? String.fromCodePoint(code) : escape;
}
