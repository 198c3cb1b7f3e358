import { type HtmlTag, readHtmlBlock, readInlineHtml } from './html-tags.ts';

export interface OpenElement {
  readonly name: string;
  /** Whether the end of a block of Markdown is going to close it. */
  isMarkdown: boolean;
}

export interface OpenElements {
  /** An element that Markdown is rendered to begins. */
  open(name: string): OpenElement;
  /** Its end tag follows. What is open in it decides whether that closes it, as with any end tag. */
  close(element: OpenElement): void;
  /** An HTML block, in full. */
  addHtml(source: string): void;
  /** The text of a paragraph, a heading or a cell, in full: an element of this name. */
  addText(name: string, text: string): void;
  /** Whether an element of HTML is open. */
  readonly isOpen: boolean;
}

/** With more open elements than this, the rest of the document counts as their content, so that each tag has a bounded cost. */
const MAX_OPEN = 200;

// The lists of https://html.spec.whatwg.org/multipage/parsing.html#the-stack-of-open-elements, as far as they occur in a text.
const EMPTY =
  /^(?:area|base|basefont|bgsound|br|col|embed|frame|hr|image|img|input|keygen|link|meta|param|source|track|wbr|html|head|body|frameset)$/;
const FORMATTING = /^(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)$/;
const CLOSES_PARAGRAPH =
  /^(?:address|article|aside|blockquote|center|details|dialog|dir|div|dl|dd|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|li|listing|main|menu|nav|ol|p|plaintext|pre|search|section|summary|table|ul|xmp)$/;
const HAS_SCOPE = /^(?:applet|caption|marquee|object|table|td|template|th)$/;
const TABLE_PART = /^(?:caption|table|tbody|td|tfoot|th|thead|tr)$/;
const HEADING = /^h[1-6]$/;

const isSpecial = (name: string): boolean =>
  CLOSES_PARAGRAPH.test(name) ||
  HAS_SCOPE.test(name) ||
  TABLE_PART.test(name) ||
  /^(?:button|colgroup|iframe|noscript|script|select|style|textarea|title)$/.test(name);

/** Whether the end tag of an element does not reach beyond another element. */
function blocksEnd(name: string, other: string): boolean {
  if (TABLE_PART.test(name)) return other === 'table' || other === 'template';
  if (!isSpecial(name)) return isSpecial(other);
  if (HAS_SCOPE.test(other)) return true;
  return name === 'p' ? other === 'button' : name === 'li' && /^[ou]l$/.test(other);
}

/**
 * Follows which HTML elements are open, as an HTML parser does that gets the HTML of a document together with the elements
 * that Markdown is rendered to. In doubt an element counts as open.
 */
export function createOpenElements(): OpenElements {
  const stack: OpenElement[] = [];
  const counts = new Map<string, number>();
  /** These go on in what follows the block they are in. An empty name begins the content of a cell and the like. */
  const formatting: string[] = [];
  let isStuck = false;

  function push(name: string, isMarkdown: boolean): OpenElement {
    const element = { name, isMarkdown };
    if (stack.length + formatting.length > MAX_OPEN) isStuck = true;
    if (isStuck) return element;
    stack.push(element);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (HAS_SCOPE.test(name) && name !== 'table') formatting.push('');
    return element;
  }

  function popTo(size: number): void {
    while (stack.length > size) {
      const element = stack.pop();
      if (!element) return;
      counts.set(element.name, (counts.get(element.name) ?? 1) - 1);
      if (HAS_SCOPE.test(element.name) && element.name !== 'table')
        formatting.length = Math.max(0, formatting.lastIndexOf(''));
    }
  }

  function end(name: string): void {
    const isHeading = HEADING.test(name);
    if (!isHeading && !counts.get(name)) return;
    for (let at = stack.length - 1; at >= 0; at -= 1) {
      const other = stack[at]?.name ?? '';
      if (other === name || (isHeading && HEADING.test(other))) {
        popTo(at);
        return;
      }
      if (blocksEnd(name, other)) return;
    }
  }

  function endFormatting(name: string): void {
    const at = formatting.lastIndexOf(name);
    if (at > formatting.lastIndexOf('')) formatting.splice(at, 1);
  }

  function onTag({ name, isEnd, isSelfClosing }: HtmlTag): void {
    if (isStuck) return;
    if (FORMATTING.test(name)) {
      if (isEnd || name === 'a' || name === 'nobr') endFormatting(name);
      if (!isEnd) formatting.push(name);
      if (formatting.length > MAX_OPEN) isStuck = true;
      return;
    }
    if (isEnd) {
      end(name);
      return;
    }
    if (CLOSES_PARAGRAPH.test(name)) end('p');
    const isForeign = Boolean(counts.get('svg') || counts.get('math'));
    if (!EMPTY.test(name) && !(isSelfClosing && (isForeign || name === 'svg' || name === 'math'))) push(name, false);
  }

  function open(name: string): OpenElement {
    if (CLOSES_PARAGRAPH.test(name)) end('p');
    return push(name, true);
  }

  function close(element: OpenElement): void {
    element.isMarkdown = false;
    if (!isStuck) end(element.name);
  }

  return {
    open,
    close,
    addHtml(source) {
      readHtmlBlock(source, onTag);
    },
    addText(name, text) {
      const element = open(name);
      readInlineHtml(text, onTag);
      close(element);
    },
    get isOpen() {
      return isStuck || formatting.length > 0 || stack.some(({ isMarkdown }) => !isMarkdown);
    },
  };
}
