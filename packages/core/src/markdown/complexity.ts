import { MARKDOWN_LIMITS } from '../errors/limits.ts';
import { cellsOf, followBlocks } from './block-structure.ts';
import { flanking } from './flanking.ts';
import { behindRun, lastRuns } from './html-tags.ts';

export interface ComplexityOptions {
  readonly math: boolean;
  readonly html: boolean;
}

interface OpenMark {
  readonly sign: string;
  count: number;
  /** The deepest nesting of the marks behind it. */
  inner: number;
}

const UNDERLINE = /^(?:=+|-+)[ \t\r]*$/;
const MARKS = /\\[^]|`+|\$+|\*+|_+|~+|!?\[|\]|<[!?]/g;
const TAG = /<(\/?)([a-z][a-z\d-]*)/gi;
/** Elements without content, and those that an element of the same kind closes. */
const NEVER_NESTED =
  /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|dt|dd|tr|td|th|tbody|thead|tfoot|option)$/;

/** Whether a parser may need more than linear time, or more than the stack, for a block of Markdown. Costs its length. */
export function isTooComplex(text: string, { math, html }: ComplexityOptions): boolean {
  if (html && elementDepth(text) > MARKDOWN_LIMITS.elements) return true;
  const structure = followBlocks({ math });
  let paragraph = '';
  let lastRow = '';
  let columns = 0;
  let cells = 0;
  let underlines = 0;
  let opened = 0;
  let lazyLines = 0;
  let marks = 0;
  let lines = 0;
  let length = 0;

  function areMarksTooMany(source: string): boolean {
    marks += marksIn(source, math);
    return marks > MARKDOWN_LIMITS.marksOfBlock;
  }

  for (const line of text.split(/\r\n?|\n/)) {
    const { kind, column, isFirst, isLazy, ...added } = structure.add(line);
    if (structure.isTooDeep) return true;
    opened += added.opened;
    if (isLazy) lazyLines += 1;
    if (opened > MARKDOWN_LIMITS.opened || lazyLines > MARKDOWN_LIMITS.lazyLines) return true;
    // Code costs little to parse.
    if (kind !== 'fence' && kind !== 'code') {
      length += line.length;
      lines += 1;
    }
    if (length > MARKDOWN_LIMITS.length || lines > MARKDOWN_LIMITS.lines) return true;
    const own = line.slice(column);
    const isParagraph = kind === 'paragraph';
    if (!isParagraph || isFirst) {
      if (areMarksTooMany(paragraph)) return true;
      paragraph = '';
    }
    if (isParagraph) {
      paragraph += `${own}\n`;
      lastRow = own;
      continue;
    }
    if (kind === 'row') {
      cells += columns;
      if (cells > MARKDOWN_LIMITS.cells) return true;
    } else {
      if (kind === 'other' && UNDERLINE.test(own)) underlines += 1;
      if (kind === 'other' && lastRow !== '' && /[|:]/.test(own)) {
        columns = cellsOf(lastRow).length;
        cells += columns;
        if (columns > MARKDOWN_LIMITS.columns) return true;
      }
      lastRow = '';
    }
    if (underlines > MARKDOWN_LIMITS.underlines || cells > MARKDOWN_LIMITS.cells) return true;
    if ((kind === 'row' || kind === 'heading') && areMarksTooMany(own)) return true;
  }
  return areMarksTooMany(paragraph);
}

/** The number of elements of HTML that may be open within each other. */
function elementDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, slash, name = ''] of text.matchAll(TAG)) {
    if (NEVER_NESTED.test(name.toLowerCase())) continue;
    depth = Math.max(0, depth + (slash === '' ? 1 : -1));
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/**
 * The number of marks in a paragraph, or infinity if it has too many or they are nested too deeply. Pairs marks as CommonMark
 * does.
 */
function marksIn(text: string, math: boolean): number {
  const lastTicks = lastRuns(text, /`+/g);
  const root: OpenMark = { sign: '', count: 0, inner: 0 };
  const open = [root];
  /** Where the openers of each sign are in `open`. */
  const placesOf = new Map<string, number[]>();
  let marks = 0;

  function openerOf(sign: string): number {
    const places = placesOf.get(sign) ?? [];
    while ((places.at(-1) ?? 0) >= open.length) places.pop();
    return places.at(-1) ?? 0;
  }

  function push(sign: string, count: number): void {
    const places = placesOf.get(sign) ?? [];
    placesOf.set(sign, places);
    while ((places.at(-1) ?? 0) >= open.length) places.pop();
    places.push(open.length);
    open.push({ sign, count, inner: 0 });
  }

  /** Closes the nearest opener. Returns how many marks of the run are left. */
  function close(sign: string, size: number): number {
    let left = size;
    while (left > 0) {
      const at = openerOf(sign);
      const opener = open[at];
      if (at === 0 || !opener) return left;
      let inner = 0;
      for (const one of open.splice(at)) inner = Math.max(inner, one.inner);
      const used = Math.min(left, opener.count);
      left -= used;
      const depth = inner + Math.ceil(used / 2);
      const parent = open.at(-1) ?? root;
      if (used === opener.count) parent.inner = Math.max(parent.inner, depth);
      else {
        push(sign, opener.count - used);
        (open.at(-1) ?? root).inner = depth;
      }
    }
    return 0;
  }

  MARKS.lastIndex = 0;
  for (let match = MARKS.exec(text); match; match = MARKS.exec(text)) {
    const [mark] = match;
    const { index } = match;
    const sign = mark[0] ?? '';
    if (sign === '\\') continue;
    if (sign !== '$' || math) marks += 1;
    if (marks > MARKDOWN_LIMITS.marks) return Infinity;
    if (sign === '`' && (lastTicks.get(mark.length) ?? 0) > index) MARKS.lastIndex = behindRun(text, index, mark);
    if ('`$<'.includes(sign)) continue;
    if (mark.endsWith('[')) push('[', 1);
    else if (sign === ']') close('[', 1);
    else {
      const { opens, closes } = flanking(text, index, index + mark.length, '', false);
      const left = closes ? close(sign, mark.length) : mark.length;
      if (opens && left > 0) push(sign, left);
    }
    if (root.inner > MARKDOWN_LIMITS.inlineDepth || (open.at(-1)?.inner ?? 0) > MARKDOWN_LIMITS.inlineDepth)
      return Infinity;
  }
  return open.some(({ inner }) => inner > MARKDOWN_LIMITS.inlineDepth) ? Infinity : marks;
}
