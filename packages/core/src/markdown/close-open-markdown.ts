import { closeInline } from './close-inline.ts';

/** Marks of quotations and lists at the start of a line. */
const PREFIX = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)[ \t>]*)*/;
const ITEM = /[-*+.)][ \t>]+$/;
const FENCE = /^(?:`{3,}(?=[^`]*$)|~{3,})/;
const HEADING = /^#{1,6}(?:[ \t]|$)/;
/** A line that is only the beginning of a block so far, or that would make a heading of the line before. */
const BARE = /^(?:[*_]+|[-=]+|#{1,6}|\d{1,9}[.)]?|`+|~+|\$+|\||[-*+]|\[[ xX]?\]?|\[\^[^\]]*\]:)?[ \t]*$/;
const DEFINITION = /^\[[^\]^][^\]]*\]:/;
const DELIMITER_ROW = /^[ \t|:-]*$/;
/** Below what may be text. */
const ANY_DELIMITER_ROW = /^[ \t-]*[|:][ \t|:-]*$/;

interface Ending {
  /** Where the line is that opens a fence of code which is open, or -1. */
  readonly fenceLine: number;
  /** Where the text begins that the end belongs to: a paragraph, a heading, a cell. */
  readonly start: number;
  /** Where the last line begins, and its text behind the marks of quotations and lists. */
  readonly line: number;
  readonly rest: number;
  /** The line before, if it may be the head of a table: it is no row of one. */
  readonly head: { readonly prefix: string; readonly own: string } | undefined;
}

function findEnding(text: string): Ending {
  let fence = '';
  let fenceLine = -1;
  let start = 0;
  let line = 0;
  let rest = 0;
  let head: Ending['head'];
  let rows = 0;
  for (let next = 0; next >= 0;) {
    line = next;
    const end = text.indexOf('\n', line);
    const content = text.slice(line, end < 0 ? text.length : end);
    const [prefix = ''] = PREFIX.exec(content) ?? [];
    rest = line + prefix.length;
    const own = content.slice(prefix.length);
    const mark = FENCE.exec(own)?.[0] ?? '';
    const isEnd = fence !== '' && mark.startsWith(fence) && own.trim() === mark;
    const isBoundary = fence !== '' || mark !== '' || own.trim() === '' || ITEM.test(prefix) || HEADING.test(own);
    if (isBoundary) {
      start = rest;
      rows = 0;
    }
    if (isEnd) fence = '';
    else if (fence === '' && mark !== '') {
      fence = mark;
      fenceLine = line;
    }
    next = end < 0 ? -1 : end + 1;
    if (next < 0) break;
    if (isEnd || HEADING.test(own) || own.trim() === '') start = next;
    head = own.includes('|') && rows === 0 ? { prefix, own } : undefined;
    rows = own.includes('|') ? rows + 1 : 0;
  }
  return { fenceLine: fence === '' ? -1 : fenceLine, start, line, rest, head };
}

function cellsOf(row: string): number {
  return row
    .trim()
    .replace(/\\[\\|]/g, '')
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split('|').length;
}

/** Where the last cell of a row begins. */
function lastCell(row: string): number {
  let start = 0;
  for (const { 0: sign, index } of row.matchAll(/\\[^]|\|/g)) if (sign === '|') start = index + 1;
  return start;
}

/**
 * Completes or hides what is not finished at the end of Markdown that is still coming: emphasis, code, links, images,
 * the head of a table, a marker without its text. For showing only. Costs the length of the text.
 *
 * @example closeOpenMarkdown('A **bold') // 'A **bold**'
 */
export function closeOpenMarkdown(text: string): string {
  const { fenceLine, start, line, rest, head } = findEnding(text);
  const own = text.slice(rest);
  if (fenceLine >= 0) return line > fenceLine && /^(?:`+|~+)[ \t\r]*$/.test(own) ? text.slice(0, line) : text;
  if (DEFINITION.test(own)) return text.slice(0, line);
  if (head && (head.own.startsWith('|') ? DELIMITER_ROW : ANY_DELIMITER_ROW).test(own)) {
    return withTable(text.slice(0, line - 1), head.prefix, head.own, own);
  }
  if (BARE.test(own)) return text.slice(0, line);
  const isRow = own.startsWith('|');
  const from = isRow ? rest + lastCell(own) : start;
  const shown = text.slice(0, from) + closeInline(text.slice(from));
  const lastLine = shown.lastIndexOf('\n') + 1;
  if (BARE.test(shown.slice(lastLine).replace(PREFIX, ''))) return shown.slice(0, lastLine);
  // A first row is the head of a table, whose second line says so.
  return isRow && head === undefined && start >= line
    ? withTable(shown, text.slice(line, rest), shown.slice(rest), '')
    : shown;
}

/** Puts below the head of a table what makes it one, unless it is there. */
function withTable(text: string, prefix: string, head: string, row: string): string {
  const cells = cellsOf(head);
  const isComplete = cellsOf(row) === cells && row.split('|').every((cell) => /^[ \t]*(?::?-+:?)?[ \t]*$/.test(cell));
  if (isComplete && row.includes('-')) return `${text}\n${prefix}${row}`;
  return `${text}${/\|\s*$/.test(head) ? '' : ' |'}\n${prefix.replace(/[^>]/g, ' ')}|${' - |'.repeat(cells)}`;
}
