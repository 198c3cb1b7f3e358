export interface HtmlTag {
  /** In lower case. */
  readonly name: string;
  readonly isEnd: boolean;
  readonly isSelfClosing: boolean;
}

/** An inline tag. https://spec.commonmark.org/0.31.2/#raw-html */
const INLINE_TAG =
  /<(\/?)([a-z][a-z\d-]*)(?:\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*(\/?)>/iy;
/** The beginning of an inline tag up to the end of the text. */
const PARTIAL_TAG =
  /<(?:!-?|[!?][^<>]*|\/?(?:[a-z][a-z\d-]*(?:\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*(?:\s*=\s*(?:'[^']*|"[^"]*)?|\s*\/?))?)?$/iy;
const AUTOLINK = /<[a-z][a-z\d+.-]{1,31}:[^\s<>]*>/iy;
/** Where a tag, a comment or the like begins in an HTML block. */
const BLOCK_TAG = /<(?:(!--)|[!?]|\/(?![a-z])|(\/?)([a-z][^\s/>]*))/gi;
const QUOTE_OR_END = /=\s*(["'])|>/g;
/** The content of these is text. https://html.spec.whatwg.org/multipage/parsing.html#parsing-html-fragments */
const TEXT_ONLY = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes)$/;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The inline tag that starts at an offset, and the offset behind it. */
export function inlineTagAt(text: string, at: number): { readonly tag: HtmlTag; readonly end: number } | undefined {
  const match = matchAt(INLINE_TAG, text, at);
  if (!match) return undefined;
  const [source, slash = '', name = '', selfClosing = ''] = match;
  const tag = { name: name.toLowerCase(), isEnd: slash !== '', isSelfClosing: selfClosing !== '' };
  return { tag, end: at + source.length };
}

/** Whether the text ends within a tag that starts at an offset. */
export function isPartialTag(text: string, at: number): boolean {
  return matchAt(PARTIAL_TAG, text, at) !== null;
}

/** The offset behind the `>` that ends a tag, or -1. */
function tagEnd(source: string, from: number): number {
  for (let match = matchAt(QUOTE_OR_END, source, from); match; match = QUOTE_OR_END.exec(source)) {
    const quote = match[1];
    if (quote === undefined) return QUOTE_OR_END.lastIndex;
    const close = source.indexOf(quote, QUOTE_OR_END.lastIndex);
    if (close < 0) return -1;
    QUOTE_OR_END.lastIndex = close + 1;
  }
  return -1;
}

/** Reads the tags of an HTML block. Returns the offset of a tag or comment that is not complete, or the length. */
export function readHtmlBlock(source: string, onTag: (tag: HtmlTag) => void): number {
  let at = 0;
  for (let match = matchAt(BLOCK_TAG, source, at); match; match = matchAt(BLOCK_TAG, source, at)) {
    const [{ length }, comment, slash, rawName] = match;
    const { index } = match;
    if (comment !== undefined) {
      const close = source.indexOf('-->', index + 2);
      if (close < 0) return index;
      at = close + 3;
      continue;
    }
    at = rawName === undefined ? source.indexOf('>', index) + 1 : tagEnd(source, index + length);
    if (at <= 0) return index;
    if (rawName === undefined) continue;
    const name = rawName.toLowerCase();
    const isEnd = slash !== '';
    onTag({ name, isEnd, isSelfClosing: source[at - 2] === '/' });
    if (isEnd || !TEXT_ONLY.test(name)) continue;
    const close = source.slice(at).search(new RegExp(`</${name}[\\s/>]`, 'i'));
    if (close < 0) return source.length;
    at += close;
  }
  const last = source.lastIndexOf('<');
  return last >= at && last === source.length - 1 ? last : source.length;
}

/** Reads the HTML tags in the text of a paragraph, a heading or a cell. */
export function readInlineHtml(text: string, onTag: (tag: HtmlTag) => void): void {
  const lastTicks = lastRuns(text, /`+/g);
  const missing = new Set<string>();
  /** The offset behind the next occurrence, or -1. Each text that is absent is searched once. */
  const behind = (end: string, from: number): number => {
    if (missing.has(end)) return -1;
    const at = text.indexOf(end, from);
    if (at < 0) missing.add(end);
    return at < 0 ? -1 : at + end.length;
  };
  const signs = /\\[^]|`+|</g;
  for (let match = signs.exec(text); match; match = signs.exec(text)) {
    const [sign] = match;
    const { index } = match;
    if (sign.startsWith('`')) {
      if ((lastTicks.get(sign.length) ?? 0) > index) signs.lastIndex = behindRun(text, index, sign);
    } else if (sign === '<') {
      const found = inlineTagAt(text, index);
      if (found) {
        signs.lastIndex = found.end;
        // This may be the target of a link.
        if (!(found.tag.isEnd && text.startsWith('](', index - 2))) onTag(found.tag);
        continue;
      }
      const autolink = matchAt(AUTOLINK, text, index);
      const end = autolink ? index + autolink[0].length : endOfOther(text, index, behind);
      if (end > 0) signs.lastIndex = end;
    }
  }
}

/** The offset behind a comment, an instruction or a declaration, or -1. */
function endOfOther(text: string, at: number, behind: (end: string, from: number) => number): number {
  if (text.startsWith('<!--', at)) return behind('-->', at + 2);
  if (text.startsWith('<?', at)) return behind('?>', at + 2);
  if (text.startsWith('<![CDATA[', at)) return behind(']]>', at);
  return /^<![a-z]/i.test(text.slice(at, at + 3)) ? behind('>', at) : -1;
}

/** The offset of the last run of each length. */
export function lastRuns(text: string, runs: RegExp): Map<number, number> {
  const last = new Map<number, number>();
  for (const { 0: run, index } of text.matchAll(runs)) last.set(run.length, index);
  return last;
}

/** The offset behind the next run that equals the one at an offset. It must exist. */
export function behindRun(text: string, at: number, run: string): number {
  const runs = new RegExp(`\\${run[0]}+`, 'g');
  runs.lastIndex = at + run.length;
  for (let match = runs.exec(text); match; match = runs.exec(text)) {
    if (match[0].length === run.length) return runs.lastIndex;
  }
  return text.length;
}
