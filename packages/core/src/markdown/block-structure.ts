import { MARKDOWN_LIMITS } from '../errors/limits.ts';
import type { OpenElement, OpenElements } from './open-elements.ts';

/** The leaf block at the end of the open containers, except for verbatim blocks. `code` is indented. */
type Leaf = 'none' | 'paragraph' | 'table' | 'code';

/** `row` is a row of a table behind its head. Blank lines and lines that are not shown are `other`. */
export type LineKind = 'paragraph' | 'heading' | 'row' | 'code' | 'fence' | 'math' | 'html' | 'other';

export interface Line {
  readonly kind: LineKind;
  /** Where its text begins, behind the marks of lists and quotations. */
  readonly column: number;
  /** Whether its block begins with it. */
  readonly isFirst: boolean;
  /** Whether the next line may belong to the same block without a look at it: a fence, a formula or HTML. */
  readonly isVerbatim: boolean;
  /** How many items of lists, quotations and footnotes begin in it. */
  readonly opened: number;
  /** Whether it continues a paragraph without the marks of the list or quotation that the paragraph is in. */
  readonly isLazy: boolean;
}

interface Container {
  /** The marker of a list, `>` of a quotation, `^` of a footnote. */
  readonly marker: string;
  /** The columns by which its lines are indented; 0 for a quotation. */
  width: number;
  /** An item without text so far: a blank line ends it. */
  isEmpty: boolean;
  /** What it is rendered to, if that is followed. */
  readonly elements: readonly OpenElement[];
}

export interface OpenFence {
  /** What follows the opening marks: usually the language. */
  readonly info: string;
  readonly mark: string;
}

export interface BlockStructure {
  /** Adds the next line, without its end. */
  add(line: string): Line;
  /**
   * Tells from the start of a line that it starts a block, whatever follows: only of lines behind a blank one, since
   * other places are harder to tell and rarely needed. Asked before `add` of that line.
   */
  startsBlock(start: string): boolean;
  /** Forgets what is open. */
  reset(): void;
  /** Whether a line since the last reset opens more containers than are followed. */
  readonly isTooDeep: boolean;
  /** The fence of code that is open at the top level, if it is not indented. */
  readonly fence: OpenFence | undefined;
}

export interface BlockStructureOptions {
  readonly math: boolean;
  /** Follows the HTML of the document. Without it, HTML is text. */
  readonly elements?: OpenElements | undefined;
  /**
   * Called with each paragraph that may begin with definitions of links, and with the label of each footnote.
   */
  readonly onDefinitions?: ((paragraph: string, isFootnote: boolean) => void) | undefined;
}

interface Raw {
  readonly kind: 'fence' | 'math' | 'html';
  /** Whether this line, without what belongs to the containers, is the last one. */
  readonly ends: (rest: string) => boolean;
  readonly fence?: OpenFence | undefined;
  /** Whether its first line is its last. */
  readonly isOver: boolean;
}

const LIST = /^([*+-]|(\d{1,9})[.)])( +|$)/;
const RULE = /^(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/;
const HEADING = /^#{1,6}(?: |$)/;
const UNDERLINE = /^(?:=+|-+) *$/;
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})(.*)/;
const MATH = /^(\${2,})[^$]*$/;
const FOOTNOTE = /^\[\^(?:[^\s\\[\]]|\\[\\[\]]|\\(?![\\[\]]))+\]: */;
const DELIMITER_ROW = /^\|? *:?-+:? *(?:\| *:?-+:? *)*(?:\| *)?$/;
const AFTER_BLANK = /^\S/;
/** All of its start, or less. */
const END_TAG = /^ *<(?:\/|$)/;
/** micromark takes a list or quotation behind indented code otherwise than elsewhere. */
const AFTER_CODE = /^[^\s*+\-\d>[]/;
/** No list goes on here, whatever follows: not even a marker that is half there. */
const AFTER_CONTAINER = /^(?:[^\s*+\-\d]|[*+-]\S|\d+[^\d.)]|\d+[.)]\S)/;

/** The kinds of HTML blocks that end with a mark. https://spec.commonmark.org/0.31.2/#html-blocks */
const MARKED_HTML: readonly (readonly [RegExp, RegExp])[] = [
  [/^<(?:script|pre|style|textarea)(?:[ >]|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<![a-z]/i, />/],
  [/^<!\[CDATA\[/, /\]\]>/],
];
const BLOCK_TAG =
  /^<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?: |\/?>|$)/i;
const ANY_TAG =
  /^<(?:[a-z][a-z\d-]*(?: +[a-z_:][\w.:-]*(?: *= *(?:[^ "'=<>`]+|'[^']*'|"[^"]*"))?)* *\/?|\/[a-z][a-z\d-]* *)> *$/i;

/** The column of the first character that is no space, or -1. */
const indentOf = (text: string): number => text.search(/[^ ]/);
const isBlank = (text: string): boolean => indentOf(text) < 0;

/** The length of the end of a line that has one of the marks of a rule alone. */
function ruleLength(line: string): number {
  const trimmed = line.trimEnd();
  const mark = trimmed.at(-1) ?? '';
  if (!'*-_'.includes(mark)) return 0;
  let start = trimmed.length;
  while (start > 0 && (trimmed[start - 1] === mark || trimmed[start - 1] === ' ')) start -= 1;
  return line.length - start;
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let expanded = '';
  for (const piece of line.split(/(?<=\t)/)) {
    expanded += piece.endsWith('\t') ? piece.slice(0, -1) : piece;
    if (piece.endsWith('\t')) expanded += ' '.repeat(4 - (expanded.length % 4));
  }
  return expanded;
}

/** The offset in a line of a column in the line with its tabs expanded. */
function offsetOf(line: string, column: number): number {
  if (!line.includes('\t')) return column;
  let at = 0;
  for (let width = 0; at < line.length && width < column; at += 1) width += line[at] === '\t' ? 4 - (width % 4) : 1;
  return at;
}

/** The sources of the cells of a row. */
export function cellsOf(row: string): string[] {
  const cells: string[] = [];
  let start = 0;
  const trimmed = row.trim();
  for (const { 0: sign, index } of trimmed.matchAll(/\\[\\|]|\|/g)) {
    if (sign !== '|') continue;
    if (index > 0) cells.push(trimmed.slice(start, index));
    start = index + 1;
  }
  if (start < trimmed.length || cells.length === 0) cells.push(trimmed.slice(start));
  return cells;
}

/** Whether a line is the row below the head of a table. */
function isDelimiterRow(head: string, row: string): boolean {
  return head !== '' && /[|:]/.test(row) && DELIMITER_ROW.test(row) && cellsOf(head).length === cellsOf(row).length;
}

/** What begins a block that is taken as it stands. */
function rawBlock(text: string, isIndented: boolean, math: boolean, isInParagraph: boolean): Raw | undefined {
  const fence = FENCE.exec(text) ?? (math ? MATH.exec(text) : null);
  if (fence) {
    const [, mark = '', info = ''] = fence;
    const close = new RegExp(`^ {0,3}\\${mark[0]}{${mark.length},} *$`);
    const kind = mark[0] === '$' ? 'math' : 'fence';
    const isShown = kind === 'fence' && !isIndented;
    return {
      kind,
      ends: (rest) => close.test(rest),
      fence: isShown ? { info: info.trim(), mark } : undefined,
      isOver: false,
    };
  }
  const marked = MARKED_HTML.find(([start]) => start.test(text))?.[1];
  if (marked) return { kind: 'html', ends: (rest) => marked.test(rest), isOver: marked.test(text) };
  if (BLOCK_TAG.test(text) || (!isInParagraph && ANY_TAG.test(text)))
    return { kind: 'html', ends: isBlank, isOver: false };
  return undefined;
}

/**
 * Follows the block structure of Markdown line by line (CommonMark 0.31, GitHub's tables and footnotes), as far as it
 * decides what is open at the top level.
 */
export function followBlocks({ math, elements, onDefinitions }: BlockStructureOptions): BlockStructure {
  const containers: Container[] = [];
  let leaf: Leaf = 'none';
  let raw: Raw | undefined;
  /** The lines of `raw`, if its elements are followed. */
  let rawSource = '';
  let lastRow = '';
  /** The lines of the open paragraph: joined only once, since reading a string that grows costs its length each time. */
  let paragraph: string[] = [];
  let wasBlank = false;
  /** Whether the open block has lists, quotations or footnotes, open or closed. */
  let hasContainers = false;
  let isTooDeep = false;

  const mayDefine = (): boolean => paragraph[0]?.startsWith('[') ?? false;

  function setLeaf(next: Leaf): void {
    if (leaf === 'paragraph' && next !== 'paragraph') {
      if (mayDefine()) onDefinitions?.(paragraph.join('\n'), false);
      elements?.addText('p', paragraph.join('\n'));
      paragraph = [];
    }
    leaf = next;
  }

  function addRow(row: string): void {
    if (!elements) return;
    const table = elements.open('table');
    for (const cell of cellsOf(row)) elements.addText('td', cell);
    elements.close(table);
  }

  function closeRaw(): void {
    if (raw?.kind === 'html') elements?.addHtml(rawSource);
    raw = undefined;
    rawSource = '';
  }

  function closeContainers(depth: number): void {
    if (depth >= containers.length) return;
    setLeaf('none');
    for (const container of containers.splice(depth).toReversed()) {
      for (const element of container.elements) elements?.close(element);
    }
  }

  function openElements(marker: string): OpenElement[] {
    if (!elements) return [];
    if (marker === '>') return [elements.open('blockquote')];
    if (marker === '^') return [elements.open('div')];
    const list = elements.open(/[.)]/.test(marker) ? 'ol' : 'ul');
    return [elements.open('li'), list];
  }

  function add(line: string): Line {
    const expanded = expandTabs(line);
    let rest = expanded;
    wasBlank = isBlank(rest);
    let depth = 0;
    for (; depth < containers.length; depth += 1) {
      const container = containers[depth] as Container;
      const indent = indentOf(rest);
      if (container.marker === '>') {
        if (indent < 0 || indent > 3 || rest[indent] !== '>') break;
        rest = rest.slice(indent + (rest[indent + 1] === ' ' ? 2 : 1));
      } else if (indent < 0) {
        if (container.isEmpty) container.width = Infinity;
      } else if (indent >= container.width) {
        container.isEmpty = false;
        rest = rest.slice(container.width);
      } else break;
    }
    const matched = depth;
    const isMatched = depth === containers.length;
    const describe = (kind: LineKind, isFirst: boolean): Line => {
      const start = Math.max(indentOf(rest), 0);
      const column = offsetOf(line, expanded.length - rest.length + start);
      const isLazy = kind === 'paragraph' && !isFirst && matched < containers.length;
      return { kind, column, isFirst, isVerbatim: raw !== undefined, opened: depth - matched, isLazy };
    };
    if (raw) {
      const { kind, ends } = raw;
      const isOver = !isMatched || ends(rest);
      if (elements && isMatched && kind === 'html') rawSource += `${rest}\n`;
      if (isOver) closeRaw();
      if (isMatched) return describe(kind, false);
    }

    /** Whether the paragraph before may go on here. */
    let goesOn = leaf === 'paragraph';
    /** Whether a list may not start with an empty item, or with another number than 1: micromark says so for the whole line. */
    let interrupts = isMatched && (leaf === 'paragraph' || leaf === 'code');
    const open = (marker: string, width: number, isEmpty: boolean): void => {
      setLeaf('none');
      closeContainers(depth);
      containers.push({ marker, width, isEmpty, elements: openElements(marker) });
      hasContainers = true;
      depth += 1;
      goesOn = false;
    };
    const maxRule = ruleLength(rest);
    // Tested for each container of a line, so it must not read all of the line each time.
    const isRule = (text: string): boolean => text.length <= maxRule && RULE.test(text);
    let indent = indentOf(rest);
    for (; indent >= 0 && indent < 4; indent = indentOf(rest)) {
      const text = rest.slice(indent);
      // The rest of the line is text, so that each line has a bounded number of containers.
      if (depth >= MARKDOWN_LIMITS.containers) {
        isTooDeep ||= text[0] === '>' || FOOTNOTE.test(text) || (LIST.test(text) && !isRule(text));
        break;
      }
      if (text[0] === '>') {
        open('>', 0, false);
        rest = text.slice(text[1] === ' ' ? 2 : 1);
        continue;
      }
      const footnote = FOOTNOTE.exec(text)?.[0];
      if (footnote) {
        open('^', 4, false);
        onDefinitions?.(footnote, true);
        rest = text.slice(footnote.length);
        continue;
      }
      if ((goesOn && isMatched && UNDERLINE.test(text)) || isRule(text)) break;
      const item = LIST.exec(text);
      if (!item) break;
      const [{ length }, sign = '', number, space = ''] = item;
      const marker = sign.slice(-1);
      const isEmpty = text.length === length;
      const continues = containers[depth]?.marker === marker && depth === matched;
      if (interrupts && !continues && (isEmpty || (number !== undefined && number !== '1'))) break;
      if (continues) interrupts = false;
      const gap = isEmpty || space.length > 4 ? 1 : space.length;
      open(marker, indent + sign.length + gap, isEmpty);
      rest = text.slice(sign.length + gap);
    }

    const text = rest.slice(Math.max(indent, 0));
    const isNew = depth > matched;
    if (goesOn && indent > 3) {
      lastRow = '';
      paragraph.push(text);
      return describe('paragraph', false);
    }
    if (goesOn && isMatched && isDelimiterRow(lastRow, text)) {
      // The last line is the head of the table.
      paragraph.pop();
      setLeaf('table');
      addRow(lastRow);
      return describe('other', false);
    }
    if (indent < 0) {
      if (!isNew) closeContainers(depth);
      if (isNew || !isMatched || leaf !== 'code') setLeaf('none');
      return describe('other', false);
    }
    if (indent > 3) {
      const isFirst = leaf !== 'code';
      closeContainers(depth);
      // micromark ends indented code behind a line that leaves containers.
      setLeaf(isMatched || isNew ? 'code' : 'none');
      return describe('code', isFirst);
    }
    const next = rawBlock(text, indent > 0, math, goesOn);
    if (next) {
      setLeaf('none');
      closeContainers(depth);
      raw = next;
      if (elements && next.kind === 'html') rawSource = `${text}\n`;
      if (next.isOver) closeRaw();
      return describe(next.kind, true);
    }
    if (goesOn && isMatched && UNDERLINE.test(text)) {
      // Below nothing but definitions, a line of `=` is text.
      const isText = text[0] === '=' && mayDefine();
      if (!isText) setLeaf('none');
      return describe(isText ? 'paragraph' : 'other', false);
    }
    if (HEADING.test(text) || isRule(text)) {
      setLeaf('none');
      closeContainers(depth);
      elements?.addText('h1', text);
      const isHeading = HEADING.test(text);
      rest = isHeading ? text.replace(/^#+ */, '') : text;
      return describe(isHeading ? 'heading' : 'other', true);
    }
    if (goesOn) {
      lastRow = isMatched ? text : '';
      // micromark takes a tag on such a line for HTML, and then starts again.
      if (isMatched || !ANY_TAG.test(text)) paragraph.push(text);
      else {
        setLeaf('none');
        elements?.addHtml(text);
      }
      return describe('paragraph', false);
    }
    if (leaf === 'table' && isMatched && !isNew) {
      addRow(text);
      return describe('row', false);
    }
    setLeaf('none');
    closeContainers(depth);
    setLeaf('paragraph');
    lastRow = text;
    paragraph = [text];
    return describe('paragraph', true);
  }

  return {
    add,
    startsBlock(start) {
      const isCovered = raw !== undefined && containers.length === 0;
      if (!wasBlank || isCovered || containers.some(({ isEmpty }) => isEmpty)) return false;
      // At the start of a document, an HTML parser ignores end tags that it does not ignore later.
      if (elements && (elements.isOpen || raw?.kind === 'html' || END_TAG.test(start))) return false;
      return (leaf === 'code' ? AFTER_CODE : hasContainers ? AFTER_CONTAINER : AFTER_BLANK).test(start);
    },
    reset() {
      closeRaw();
      setLeaf('none');
      closeContainers(0);
      hasContainers = false;
      isTooDeep = false;
    },
    get isTooDeep() {
      return isTooDeep;
    },
    get fence() {
      return containers.length === 0 ? raw?.fence : undefined;
    },
  };
}
