/** What the leaf at the end of the open containers is, besides what is taken as it stands. `code` is indented. */
type Leaf = 'none' | 'paragraph' | 'table' | 'code';

interface Container {
  /** The marker of a list, `>` of a quotation, `^` of a footnote. */
  readonly marker: string;
  /** The columns by which its lines are indented; 0 for a quotation. */
  width: number;
  /** An item without text so far: a blank line ends it. */
  isEmpty: boolean;
}

export interface OpenFence {
  /** What follows the opening marks: usually the language. */
  readonly info: string;
  readonly mark: string;
}

export interface BlockStructure {
  /** Takes the next line, without its end. */
  add(line: string): void;
  /**
   * Tells from the start of a line that it starts a block, whatever follows: only of lines behind a blank one, since
   * other places are harder to tell and rarely needed. Asked before `add` of that line.
   */
  startsBlock(start: string): boolean;
  /** Forgets what is open. */
  reset(): void;
  /** The fence of code that is open at the top level, if it is not indented. */
  readonly fence: OpenFence | undefined;
}

interface Raw {
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
const FOOTNOTE = /^\[\^(?:[^\s\\[\]]|\\[\\[\]]?)+\]: */;
const DELIMITER_ROW = /^\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$/;
const AFTER_BLANK = /^\S/;
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

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let expanded = '';
  for (const piece of line.split(/(?<=\t)/)) {
    expanded += piece.endsWith('\t') ? piece.slice(0, -1) : piece;
    if (piece.endsWith('\t')) expanded += ' '.repeat(4 - (expanded.length % 4));
  }
  return expanded;
}

function cells(row: string): number {
  return row
    .replace(/\\[\\|]/g, '')
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|').length;
}

/** Whether a line is the row below the head of a table. */
function isDelimiterRow(head: string, row: string): boolean {
  return head !== '' && /[|:]/.test(row) && DELIMITER_ROW.test(row) && cells(head) === cells(row);
}

/** What begins a block that is taken as it stands. */
function rawBlock(text: string, isIndented: boolean, math: boolean, isInParagraph: boolean): Raw | undefined {
  const fence = FENCE.exec(text) ?? (math ? MATH.exec(text) : null);
  if (fence) {
    const [, mark = '', info = ''] = fence;
    const close = new RegExp(`^ {0,3}\\${mark[0]}{${mark.length},} *$`);
    const isShown = mark[0] !== '$' && !isIndented;
    return {
      ends: (rest) => close.test(rest),
      fence: isShown ? { info: info.trim(), mark } : undefined,
      isOver: false,
    };
  }
  const marked = MARKED_HTML.find(([start]) => start.test(text))?.[1];
  if (marked) return { ends: (rest) => marked.test(rest), isOver: marked.test(text) };
  if (BLOCK_TAG.test(text) || (!isInParagraph && ANY_TAG.test(text))) return { ends: isBlank, isOver: false };
  return undefined;
}

/**
 * Follows the block structure of Markdown line by line (CommonMark 0.31, GitHub's tables and footnotes), as far as it
 * decides what is open at the top level. `onDefinitions` gets each paragraph that may begin with definitions of links,
 * and the label of each footnote.
 */
export function followBlocks(
  math: boolean,
  onDefinitions: (paragraph: string, isFootnote: boolean) => void,
): BlockStructure {
  let containers: Container[] = [];
  let leaf: Leaf = 'none';
  let raw: Raw | undefined;
  let lastRow = '';
  let paragraph: string | undefined;
  let wasBlank = false;
  /** Whether the open block has lists, quotations or footnotes, be they over or not. */
  let hasContainers = false;

  function setLeaf(next: Leaf): void {
    if (paragraph !== undefined && next !== 'paragraph') {
      onDefinitions(paragraph, false);
      paragraph = undefined;
    }
    leaf = next;
  }

  function add(line: string): void {
    let rest = expandTabs(line);
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
    if (raw) {
      if (!isMatched || raw.ends(rest)) raw = undefined;
      if (isMatched) return;
    }

    /** Whether the paragraph before may go on here. */
    let goesOn = leaf === 'paragraph';
    /** Whether a list may not start with an empty item, or with another number than 1: micromark says so for the whole line. */
    let interrupts = isMatched && (leaf === 'paragraph' || leaf === 'code');
    const open = (marker: string, width: number, isEmpty: boolean): void => {
      containers.length = depth;
      containers.push({ marker, width, isEmpty });
      hasContainers = true;
      depth += 1;
      goesOn = false;
      setLeaf('none');
    };
    let indent = indentOf(rest);
    for (; indent >= 0 && indent < 4; indent = indentOf(rest)) {
      const text = rest.slice(indent);
      if (text[0] === '>') {
        open('>', 0, false);
        rest = text.slice(text[1] === ' ' ? 2 : 1);
        continue;
      }
      const footnote = FOOTNOTE.exec(text)?.[0];
      if (footnote) {
        open('^', 4, false);
        onDefinitions(footnote, true);
        rest = text.slice(footnote.length);
        continue;
      }
      if ((goesOn && isMatched && UNDERLINE.test(text)) || RULE.test(text)) break;
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
    let next: Raw | undefined;
    if (goesOn && indent > 3) {
      lastRow = '';
      if (paragraph !== undefined) paragraph += `\n${text}`;
    } else if (goesOn && isMatched && isDelimiterRow(lastRow, text)) {
      paragraph = paragraph?.slice(0, -lastRow.length);
      setLeaf('table');
    } else if (indent < 0) {
      if (!isNew) containers.length = depth;
      if (isNew || !isMatched || leaf !== 'code') setLeaf('none');
    } else if (indent > 3) {
      containers.length = depth;
      // micromark ends indented code behind a line that leaves containers.
      setLeaf(isMatched || isNew ? 'code' : 'none');
    } else if ((next = rawBlock(text, indent > 0, math, goesOn))) {
      containers.length = depth;
      raw = next.isOver ? undefined : next;
      setLeaf('none');
    } else if (goesOn && isMatched && UNDERLINE.test(text)) {
      // Below nothing but definitions, a line of `=` is text.
      if (!paragraph || text[0] === '-') setLeaf('none');
    } else if (HEADING.test(text) || RULE.test(text)) {
      containers.length = depth;
      setLeaf('none');
    } else if (goesOn) {
      lastRow = isMatched ? text : '';
      // micromark takes a tag on such a line for HTML, and then begins anew.
      if (!isMatched && ANY_TAG.test(text)) setLeaf('none');
      else if (paragraph !== undefined) paragraph += `\n${text}`;
    } else if (leaf !== 'table' || !isMatched || isNew) {
      containers.length = depth;
      setLeaf('paragraph');
      lastRow = text;
      paragraph = text[0] === '[' ? text : undefined;
    }
  }

  return {
    add,
    startsBlock(start) {
      const isCovered = raw !== undefined && containers.length === 0;
      if (!wasBlank || isCovered || containers.some(({ isEmpty }) => isEmpty)) return false;
      return (leaf === 'code' ? AFTER_CODE : hasContainers ? AFTER_CONTAINER : AFTER_BLANK).test(start);
    },
    reset() {
      containers = [];
      hasContainers = false;
      raw = undefined;
      setLeaf('none');
    },
    get fence() {
      return containers.length === 0 ? raw?.fence : undefined;
    },
  };
}
