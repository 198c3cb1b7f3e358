import { followBlocks } from './block-structure.ts';
import { isTooComplex } from './complexity.ts';
import { createDefinitions } from './definitions.ts';
import { createOpenElements } from './open-elements.ts';

export interface MarkdownBlock {
  /** Its place among the blocks, from 0: a stable key. */
  readonly id: number;
  /** Its source, with the blank lines around it. */
  readonly text: string;
  /**
   * What the document defines for the links and footnotes of this block: Markdown to be parsed before `text`, and not to
   * be shown. Empty for most blocks. Definitions that together are far longer than the document are left out.
   */
  readonly definitions: string;
  /**
   * Whether it is to be shown as plain text, without a parser: it is longer, or nested more deeply, than parsers can handle
   * in a reasonable time.
   */
  readonly isPlain: boolean;
}

export interface OpenMarkdownBlock extends MarkdownBlock {
  /** A fence of code that is not closed yet and is all that is open: its info string, and where its content begins in `text`. */
  readonly fence?: { readonly info: string; readonly start: number } | undefined;
}

export interface MarkdownSplitter {
  /** Takes what was added to the document. Costs what was added, however long the document is. */
  push(delta: string): void;
  /** The document ends here: the tail becomes a block. Nothing may be pushed after it. */
  end(): void;
  /**
   * The blocks that are complete. A block may hold more than one block of Markdown. The array grows in place; an element
   * is replaced, by one with the same `id` and `text`, only after a definition was added that the block was waiting for.
   */
  readonly blocks: readonly MarkdownBlock[];
  /** Counts the elements of `blocks` that were replaced. */
  readonly revision: number;
  /** What may still change. Its text is empty when there is nothing. Costs its length, and that of its definitions. */
  readonly tail: OpenMarkdownBlock;
  /** How much was pushed, in UTF-16 units. */
  readonly length: number;
}

export interface MarkdownSplitterOptions {
  /**
   * Whether the parser reads formulas, as remark-math does: what is between two lines of `$$` stays together.
   *
   * @default false
   */
  readonly math?: boolean | undefined;
  /**
   * Whether HTML in the document is rendered, as rehype-raw does: nothing is cut while an HTML element is open. An element
   * that is never closed keeps the rest of the document in one block.
   *
   * @default false
   */
  readonly html?: boolean | undefined;
}

/** So much of an unfinished line is looked at. */
const LINE_START = 16;

/**
 * Cuts a growing Markdown document into blocks that no longer change and a tail that may, so that only the tail has to be
 * rendered anew. Rendering the blocks one by one gives what rendering the whole gives (CommonMark 0.31 with GitHub's
 * extensions), and where the cuts are does not depend on how the text came.
 */
export function createMarkdownSplitter({ math = false, html = false }: MarkdownSplitterOptions = {}): MarkdownSplitter {
  const blocks: MarkdownBlock[] = [];
  let revision = 0;
  const definitions = createDefinitions((id, known) => {
    const block = blocks[id];
    if (!block || block.definitions === known) return;
    blocks[id] = { ...block, definitions: known };
    revision += 1;
  });
  const structure = followBlocks({
    math,
    elements: html ? createOpenElements() : undefined,
    onDefinitions: (paragraph, isFootnote) => definitions.add(blocks.length, paragraph, isFootnote),
  });
  let length = 0;
  /** Complete lines of the open block. */
  let open = '';
  /** How much of it comes before the blank lines at its end, which go with the next block. */
  let filled = 0;
  /** The line that is not complete. */
  let line = '';
  /** A carriage return that a line feed may follow. */
  let held = '';
  let fenceStart = 0;

  function settle(end: number): void {
    if (filled === 0) return;
    const id = blocks.length;
    const text = open.slice(0, end);
    open = open.slice(end);
    filled = 0;
    const isPlain = isTooComplex(text, { math, html });
    blocks.push({ id, text, definitions: definitions.follow(id, text), isPlain });
  }

  /** Nothing has to be known of the rest of a line that certainly starts a block. */
  function lookAhead(): void {
    if (!structure.startsBlock(line.slice(0, LINE_START))) return;
    structure.reset();
    settle(filled);
  }

  function addLine(end: string): void {
    lookAhead();
    const hadFence = structure.fence;
    structure.add(line);
    open += line + end;
    // Four blanks may be a line of code.
    if (/[^ ]| {4}/.test(line)) filled = open.length;
    if (structure.fence && structure.fence !== hadFence) fenceStart = open.length;
    line = '';
  }

  return {
    push(delta) {
      length += delta.length;
      const text = held + delta;
      held = text.endsWith('\r') ? '\r' : '';
      let start = 0;
      for (const { index, 0: end } of text.matchAll(/\r\n?|\n/g)) {
        const next = index + end.length;
        if (held && next === text.length) break;
        line += text.slice(start, index);
        addLine(end);
        start = next;
      }
      const before = line.length;
      line += text.slice(start, text.length - held.length);
      if (before < LINE_START) lookAhead();
    },
    end() {
      addLine(held);
      held = '';
      structure.reset();
      filled = open.length;
      settle(filled);
      definitions.end();
    },
    blocks,
    get tail() {
      const id = blocks.length;
      const text = open + line + held;
      const { fence } = structure;
      // Code refers to nothing, and may be long.
      const parsed = fence ? text.slice(0, fenceStart) : text;
      const known = definitions.of(id, parsed);
      const isPlain = isTooComplex(parsed, { math, html });
      return { id, text, definitions: known, isPlain, fence: fence && { info: fence.info, start: fenceStart } };
    },
    get revision() {
      return revision;
    },
    get length() {
      return length;
    },
  };
}
