export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'item'; marker: string; text: string }
  | { kind: 'code'; language: string; text: string };

const HEADING = /^(#{1,6}) +([^]*)$/;
const ITEM = /^ {0,3}([-*+]|\d{1,4}[.)]) +([^]*)$/;
const FENCE = /^ {0,3}```+([^`]*)$/;
const UNDECIDED = /^ {0,3}(?:`{1,3}[^`]*|(?:#{1,6}|[-*+]|\d{1,4}[.)]?) *)$/;
const BARE_MARK = /^ {0,3}([-*+]|#{1,6}|\d{1,4}[.)]) *$/;
const UNDECIDED_FENCE = /^ {0,3}`{1,2}$/;

/**
 * Splits a growing text into blocks, reading each character once. A settled block is never touched again, so that it need
 * not be rendered again. Only blocks are told apart; what is inside of a line stays as it is.
 */
export class BlockReader {
  /** Blocks that will not change any more; only ever appended to. */
  readonly settled: Block[] = [];
  #length = 0;
  #line = '';
  #open: Block | null = null;

  /** Reads on to the end of `text`, which must begin with what was read before. */
  read(text: string): void {
    if (text.length === this.#length) return;
    const lines = text.slice(this.#length).split('\n');
    this.#length = text.length;
    lines[0] = this.#line + (lines[0] ?? '');
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line);
  }

  /** The blocks at the end that may still change: none, one, or one and the start of the next. */
  tail(isComplete: boolean): Block[] {
    const open = this.#open;
    const line = this.#line;
    const settledOpen = open === null ? [] : [open];
    if (open?.kind === 'code') {
      return line === '' || isClosing(line) || (!isComplete && UNDECIDED_FENCE.test(line))
        ? settledOpen
        : [append(open, line)];
    }
    // What the line will be shows with its first word; until then it would flash as plain text.
    if (line.trim() === '' || (!isComplete && UNDECIDED.test(line))) return settledOpen;
    // Where it was stopped, a mark may have no text; unless it is all there is.
    if (BARE_MARK.test(line) && (open !== null || this.settled.length > 0)) return settledOpen;
    const started = startBlock(line);
    if (started) return [...settledOpen, started];
    return [open === null ? { kind: 'paragraph', text: line } : append(open, line)];
  }

  #readLine(line: string): void {
    if (this.#open?.kind === 'code') {
      if (isClosing(line)) this.#settle();
      else this.#open = append(this.#open, line);
      return;
    }
    if (line.trim() === '') {
      this.#settle();
      return;
    }
    const started = startBlock(line);
    if (started) {
      this.#settle();
      this.#open = started;
      if (started.kind === 'heading') this.#settle();
      return;
    }
    this.#open = this.#open ? append(this.#open, line) : { kind: 'paragraph', text: line };
  }

  #settle(): void {
    if (this.#open) this.settled.push(this.#open);
    this.#open = null;
  }
}

function startBlock(line: string): Block | null {
  const heading = HEADING.exec(line);
  if (heading) return { kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' };
  const fence = FENCE.exec(line);
  if (fence) return { kind: 'code', language: (fence[1] ?? '').trim(), text: '' };
  const item = ITEM.exec(line);
  if (item) return { kind: 'item', marker: item[1] ?? '-', text: item[2] ?? '' };
  return null;
}

function isClosing(line: string): boolean {
  return /^ {0,3}```+ *$/.test(line);
}

function append(block: Block, line: string): Block {
  return { ...block, text: block.text === '' ? line : `${block.text}\n${line}` };
}
