import { MARKDOWN_LIMITS } from '../errors/limits.ts';
import { cellsOf, followBlocks, type Line } from './block-structure.ts';
import { closeInline, type InlineOptions } from './close-inline.ts';
import { readHtmlBlock } from './html-tags.ts';

export interface CloseMarkdownOptions {
  /**
   * Whether the parser reads formulas, as remark-math does: a formula is hidden until it is complete.
   *
   * @default false
   */
  readonly math?: boolean | undefined;
  /**
   * Whether `$` alone encloses formulas: the option `singleDollarTextMath` of remark-math. Used with `math`.
   *
   * @default true
   */
  readonly singleDollarMath?: boolean | undefined;
  /**
   * Whether HTML in the text is rendered, as rehype-raw does: a tag is hidden until it is complete.
   *
   * @default false
   */
  readonly html?: boolean | undefined;
  /**
   * Whether the parser finds emphasis by the rules of remark-cjk-friendly, not by those of CommonMark.
   *
   * @default false
   */
  readonly cjkFriendly?: boolean | undefined;
  /**
   * The same for `~~`, as remark-cjk-friendly-gfm-strikethrough does.
   *
   * @default false
   */
  readonly cjkFriendlyStrikethrough?: boolean | undefined;
}

/** Marks of quotations and lists at the start of a line. */
const PREFIX = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)[ \t>]*)*/;
/** A line that is only the beginning of a block so far, or that would make a heading of the line before. */
const BARE = /^(?:[*_]+|[-=]+|#{1,6}|\d{1,9}[.)]?|`+|~+|\$+|\||[-*+]|\[[ xX]?\]?|\[\^[^\]]*\]:)?[ \t\r]*$/;
/** The last definition of a link in a paragraph that began with one, as far as it is there. */
const OPEN_DEFINITION =
  /\n[ \t>]*\[(?!\^)[^\]\n]+\]:[ \t]*(?:\n[ \t>]*(?![ \t>]))?(?:\S+(?:(?:[ \t]+|[ \t]*\n[ \t>]*)(?:["'(][^\n]*)?)?)?$/;
const DELIMITER_ROW = /^[ \t\r|:-]*$/;
/** Below a line that may be text. */
const ANY_DELIMITER_ROW = /^[ \t-]*[|:][ \t\r|:-]*$/;
const HALF_FENCE = /^(?:`+|~+)[ \t\r]*$/;

interface Row {
  readonly prefix: string;
  readonly own: string;
  /** Whether it may be the head of a table. Below another row of its kind, it is text. */
  readonly isHead: boolean;
}

/**
 * Completes or hides incomplete syntax at the end of Markdown that is still streaming: emphasis, code, links, images,
 * formulas, tags, the head of a table, a marker without its text. For display only. Costs the length of the text.
 *
 * @example closeOpenMarkdown('A **bold') // 'A **bold**'
 */
export function closeOpenMarkdown(
  text: string,
  {
    math = false,
    singleDollarMath = true,
    html = false,
    cjkFriendly = false,
    cjkFriendlyStrikethrough = false,
  }: CloseMarkdownOptions = {},
): string {
  const options: InlineOptions = { math, singleDollarMath, html, cjkFriendly, cjkFriendlyStrikethrough };
  const structure = followBlocks({ math });
  let previous: Line | undefined;
  /** Where the block of the previous line begins: its line, and its text. */
  let blockLine = 0;
  let blockStart = 0;
  /** The previous line, if it has cells and is in a paragraph. */
  let row: Row | undefined;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', lineStart)) {
    const source = text.slice(lineStart, text[end - 1] === '\r' ? end - 1 : end);
    previous = structure.add(source);
    if (previous.isFirst) {
      blockLine = lineStart;
      blockStart = lineStart + previous.column;
    }
    row = previous.kind === 'paragraph' ? rowOf(source, previous, row) : undefined;
    lineStart = end + 1;
  }
  const before = text.slice(0, lineStart);
  const source = text.slice(lineStart);
  const [prefix = ''] = PREFIX.exec(source) ?? [];
  const own = source.slice(prefix.length);

  if (previous?.isVerbatim) {
    const isBlank = /^[ \t>\r]*$/.test(source);
    const line = isBlank ? previous : structure.add(source);
    const isInside = isBlank || (line.kind === previous.kind && !line.isFirst);
    if (isInside && line.kind === 'fence')
      return HALF_FENCE.test(source.slice(line.column)) && !isBlank ? before : text;
    if (isInside && line.kind === 'html') return html ? withoutPartialTag(text, blockStart) : text;
    if (isInside) return line.isVerbatim ? withoutBareLine(text.slice(0, blockStart)) : text;
    return closeLine(line);
  }
  if (row?.isHead && (row.own.startsWith('|') ? DELIMITER_ROW : ANY_DELIMITER_ROW).test(own)) {
    return withTable(before.slice(0, -1), row, own);
  }
  if (BARE.test(own)) return previous?.kind === 'paragraph' ? closeParagraph(before, blockStart) : before;
  return closeLine(structure.add(source));

  /** Closes what the last line leaves open. */
  function closeLine(line: Line): string {
    const lineText = lineStart + line.column;
    if (line.isFirst) {
      blockLine = lineStart;
      blockStart = lineText;
    }
    const content = source.slice(line.column);
    if (line.kind === 'math') return withoutBareLine(text.slice(0, lineText));
    if (line.kind === 'html') return html ? withoutPartialTag(text, blockStart) : text;
    if (line.kind === 'row') return closeParagraph(text, lineText + lastCell(content));
    if (line.kind === 'heading') return closeParagraph(text, lineText);
    if (line.kind !== 'paragraph') return text;
    const last = rowOf(source, line, row);
    if (!last?.isHead || !last.own.startsWith('|')) return closeParagraph(text, blockStart);
    // This may be the head of a table. Its second line makes it one.
    const shown = closeParagraph(text, lineText + lastCell(content));
    if (shown.length <= lineText) return shown;
    return withTable(shown, { ...last, own: shown.slice(lineText) }, '');
  }

  function closeParagraph(all: string, start: number): string {
    if (all[start] === '[') {
      const definition = OPEN_DEFINITION.exec(`\n${all.slice(start)}`);
      if (definition) return all.slice(0, definition.index === 0 ? blockLine : start + definition.index);
    }
    let end = all.length;
    while (end > start && /\s/.test(all[end - 1] ?? '')) end -= 1;
    const space = all.slice(end);
    const shown = all.slice(0, start) + closeInline(all.slice(start, end), space, options);
    return endsBare(shown) ? withoutBareLine(shown) : shown + space;
  }
}

/** A line of a paragraph, if it has cells. */
function rowOf(source: string, { column, isFirst }: Line, above: Row | undefined): Row | undefined {
  const own = source.slice(column);
  if (!/(?:^|[^\\])\|/.test(own)) return undefined;
  const isBelow = !isFirst && above?.own.startsWith('|') === own.startsWith('|');
  const isHead = !isBelow && cellsOf(own).length <= MARKDOWN_LIMITS.columns;
  return { prefix: source.slice(0, column), own, isHead };
}

const endsBare = (text: string): boolean => BARE.test(text.slice(text.lastIndexOf('\n') + 1).replace(PREFIX, ''));

const withoutBareLine = (text: string): string => (endsBare(text) ? text.slice(0, text.lastIndexOf('\n') + 1) : text);

/** Without a tag in the HTML block at `start` that is not complete. */
function withoutPartialTag(text: string, start: number): string {
  const end = start + readHtmlBlock(text.slice(start), () => {});
  return end < text.length ? withoutBareLine(text.slice(0, end)) : text;
}

/** Where the last cell of a row begins. */
function lastCell(row: string): number {
  let start = 0;
  for (const { 0: sign, index } of row.matchAll(/\\[^]|\|/g)) if (sign === '|') start = index + 1;
  return start;
}

/** Puts the row that makes a table below its head, unless it is there. */
function withTable(text: string, { prefix, own }: Row, row: string): string {
  const size = cellsOf(own).length;
  const cells = row.split('|');
  const isComplete = cellsOf(row).length === size && cells.every((cell) => /^[ \t\r]*(?::?-+:?[ \t\r]*)?$/.test(cell));
  if (isComplete && row.includes('-')) return `${text}\n${prefix.replace(/[^>\t]/g, ' ')}${row}`;
  return `${text}${/\|\s*$/.test(own) ? '' : ' |'}\n${prefix.replace(/[^>\t]/g, ' ')}|${' - |'.repeat(size)}`;
}
