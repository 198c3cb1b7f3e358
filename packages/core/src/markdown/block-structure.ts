/** What the leaf at the end of the open containers is. `code` is indented code, and only told apart at the top level. */
type Leaf = 'none' | 'paragraph' | 'table' | 'code' | 'raw';

interface Container {
  /** The marker of a list, `>` of a quotation, `^` of a footnote. */
  readonly marker: string;
  /** The columns by which its lines are indented; 0 for a quotation. */
  width: number;
  /** An item without text so far: a blank line ends it. */
  isEmpty: boolean;
}

/** What a line does to the blocks of the top level. */
export interface LineEffect {
  /** It starts a block: what came before is complete. */
  readonly startsBlock: boolean;
  /** Whatever follows starts a block. */
  readonly endsBlock: boolean;
}

export interface OpenFence {
  /** What follows the opening marks: usually the language. */
  readonly info: string;
  readonly mark: string;
}

export interface BlockStructure {
  /** Takes the next line, without its end. */
  add(line: string): LineEffect;
  /** Tells from the start of a line that it starts a block, whatever follows. Asked before `add` of that line. */
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
}

const LIST = /^([*+-]|(\d{1,9})[.)])( +|$)/;
const RULE = /^(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/;
const HEADING = /^#{1,6}(?: |$)/;
const UNDERLINE = /^(?:=+|-+) *$/;
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})(.*)/;
const MATH = /^(\${2,})[^$]*$/;
const FOOTNOTE = /^\[\^(?:[^\s\\[\]]|\\[\\[\]]?)+\]: */;
const DELIMITER_ROW = /^\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$/;
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

const NO_EFFECT: LineEffect = { startsBlock: false, endsBlock: false };

/** The column of the first character that is no space, or -1. */
const indentOf = (text: string): number => text.search(/[^ ]/);

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

function html(text: string, canBeAnyTag: boolean): Raw | undefined {
  const marked = MARKED_HTML.find(([start]) => start.test(text));
  if (marked) return { ends: (rest) => marked[1].test(rest) };
  if (BLOCK_TAG.test(text) || (canBeAnyTag && ANY_TAG.test(text))) return { ends: (rest) => indentOf(rest) < 0 };
  return undefined;
}

/**
 * Follows the block structure of Markdown line by line (CommonMark 0.31, GitHub's tables and footnotes), as far as it
 * decides where blocks of the top level begin and end. `onDefinitions` gets
 * each paragraph that may begin with definitions of links, and the label of each footnote.
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
  /** Whether micromark may see other blocks here. Until that is over nothing is cut. */
  let doubt: 'none' | 'some' | 'lasting' = 'none';

  const hasEmptyItem = (): boolean => containers.some(({ isEmpty }) => isEmpty);

  function setLeaf(next: Leaf): void {
    if (paragraph !== undefined && next !== 'paragraph') {
      onDefinitions(paragraph, false);
      paragraph = undefined;
    }
    leaf = next;
  }

  function startRaw(next: Raw, isOver: boolean): void {
    raw = isOver ? undefined : next;
    if (!isOver && doubt === 'some') doubt = 'lasting';
    setLeaf(isOver ? 'none' : 'raw');
  }

  function add(line: string): LineEffect {
    let rest = expandTabs(line);
    const outer = containers[0];
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
      if (isMatched) {
        const isOver = raw.ends(rest);
        if (isOver) {
          raw = undefined;
          leaf = 'none';
        }
        wasBlank = !/[^ \t]/.test(line);
        return { startsBlock: false, endsBlock: isOver && depth === 0 && doubt === 'none' };
      }
      raw = undefined;
      leaf = 'none';
    }

    let isSibling = false;
    // What follows an empty item may become its check box.
    let isHeld = !isMatched && hasEmptyItem();
    /** Whether the paragraph before may go on here. */
    let goesOn = leaf === 'paragraph';
    /** Whether a list may not start with an empty item, or with another number than 1: micromark says so for the whole line. */
    let interrupts = isMatched && (leaf === 'paragraph' || leaf === 'code');
    const open = (marker: string, width: number, isEmpty: boolean): void => {
      containers.length = depth;
      containers.push({ marker, width, isEmpty });
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
      const sibling = containers[depth];
      const continues = sibling?.marker === marker && depth === matched;
      if (interrupts && !continues && (isEmpty || (number !== undefined && number !== '1'))) {
        // It would be a list by itself: not to be parsed apart from what keeps it from that.
        isHeld ||= depth > matched || leaf === 'code';
        break;
      }
      if (continues) interrupts = false;
      if (continues && depth === 0) isSibling = true;
      const gap = isEmpty || space.length > 4 ? 1 : space.length;
      open(marker, indent + sign.length + gap, isEmpty);
      rest = text.slice(sign.length + gap);
    }

    const text = rest.slice(Math.max(indent, 0));
    const isNew = depth > matched;
    const isTop = !outer && !isNew;
    let isPart = matched > 0 || isSibling || isHeld;
    let isOver = false;
    let marked: RegExpExecArray | null = null;
    let next: Raw | undefined;
    const isBlank = indent < 0 && !isNew;
    wasBlank = isBlank && !line.includes('>');
    if (goesOn && indent > 3) {
      isPart = true;
      lastRow = '';
      if (paragraph !== undefined) paragraph += `\n${text}`;
    } else if (goesOn && isMatched && isDelimiterRow(lastRow, text)) {
      isPart = true;
      paragraph = paragraph?.slice(0, -lastRow.length);
      setLeaf('table');
    } else if (isBlank) {
      isPart = true;
      containers.length = depth;
      isOver = depth === 0 && (outer !== undefined || (leaf !== 'code' && leaf !== 'none'));
      if (!isMatched || leaf !== 'code') setLeaf('none');
    } else if (indent < 0) {
      setLeaf('none');
    } else if (indent > 3) {
      isPart ||= isTop && leaf === 'code';
      // Right behind a container, micromark takes what follows such code otherwise than elsewhere.
      if (!isMatched && doubt === 'none') doubt = 'some';
      containers.length = depth;
      setLeaf('code');
    } else if ((marked = FENCE.exec(text) ?? (math ? MATH.exec(text) : null))) {
      const [, mark = '', info = ''] = marked;
      const close = new RegExp(`^ {0,3}\\${mark[0]}{${mark.length},} *$`);
      containers.length = depth;
      startRaw(
        {
          ends: (end) => close.test(end),
          fence: mark[0] === '$' || indent > 0 ? undefined : { info: info.trim(), mark },
        },
        false,
      );
    } else if ((next = html(text, !goesOn))) {
      containers.length = depth;
      startRaw(next, next.ends(text));
      isOver = !raw && depth === 0;
    } else if (goesOn && isMatched && UNDERLINE.test(text)) {
      isPart = true;
      // Below nothing but definitions, a line of `=` is text.
      if (!paragraph || text[0] === '-') {
        setLeaf('none');
        isOver = depth === 0;
      }
    } else if (HEADING.test(text) || RULE.test(text)) {
      containers.length = depth;
      setLeaf('none');
      isOver = depth === 0;
    } else if (goesOn) {
      isPart = true;
      lastRow = isMatched ? text : '';
      if (!isMatched && ANY_TAG.test(text)) {
        // A tag on a lazy line is a block of HTML to it, within the container or behind it.
        if (doubt === 'none') doubt = 'some';
        if (paragraph !== undefined) onDefinitions(paragraph, false);
        paragraph = undefined;
      }
      if (paragraph !== undefined) paragraph += `\n${text}`;
    } else if (leaf === 'table' && isMatched && !isNew) {
      isPart = true;
    } else {
      containers.length = depth;
      setLeaf('paragraph');
      lastRow = text;
      paragraph = text[0] === '[' ? text : undefined;
    }
    return doubt === 'none' ? { startsBlock: !isPart, endsBlock: isOver } : NO_EFFECT;
  }

  return {
    add,
    startsBlock: (start) =>
      wasBlank &&
      !hasEmptyItem() &&
      (doubt === 'some' || (doubt === 'none' && containers.length > 0)) &&
      AFTER_CONTAINER.test(start),
    reset() {
      containers = [];
      raw = undefined;
      doubt = 'none';
      setLeaf('none');
    },
    get fence() {
      return containers.length === 0 ? raw?.fence : undefined;
    },
  };
}
