import { LLMError } from '../errors/error.ts';
import { MAX_TAG_LENGTH } from './thought-tags.ts';
import { findThoughtTags } from './find-thought-tags.ts';
import type { IncrementalJsonParser } from './incremental-json-parser.ts';
import { createBracketSkipper } from './skip-brackets.ts';

export interface AnswerReaderOptions<D extends { readonly parser: IncrementalJsonParser }> {
  /** Whether prose may stand around the documents; the parsers then have `skipProse`. */
  readonly isProse: boolean;
  /** Creates the state of the next document. */
  readonly create: () => D;
  /** Called when a document closes, or (with an error) when it stops being JSON and its brackets have ended. */
  readonly onDocument: (document: D, error?: LLMError) => void;
  /**
   * Called where a part of the text was a thought: its closing tag came, and no opening tag at the start of the answer.
   * Only the first `count` documents are not in it.
   */
  readonly onThought: (count: number, from: number, to: number) => void;
}

export interface AnswerReader {
  /** @throws {LLMError} with code `limit`. */
  push(delta: string): void;
  /**
   * There is no more.
   * @returns whether the last document stopped being JSON, and its brackets never ended.
   * @throws {LLMError} with code `truncated` if a document is open, or with code `parse` if there is none.
   */
  end(): boolean;
}

/**
 * Finds all JSON documents in an answer while it streams, one after another. A closing tag of a thought discards what is
 * before it, from the opening tag on or else from the start. Within a string of a document that closes, it is a part of
 * the string. Takes time linear in the text.
 */
export function createAnswerReader<D extends { readonly parser: IncrementalJsonParser }>({
  isProse,
  create,
  onDocument,
  onThought,
}: AnswerReaderOptions<D>): AnswerReader {
  let current = create();
  let error: LLMError | undefined;
  let skip: ((text: string) => number) | undefined;
  let count = 0;
  let position = 0;
  /** The end of the text, where a tag may have begun. */
  let recent = '';
  /** The last opening tag in prose. */
  let opening: { readonly count: number; readonly position: number } | undefined;
  /** The last closing tag within a string of the document that begins at `start`, and the text behind it. */
  let tagged: { readonly start: number; readonly position: number; text: string } | undefined;

  function next(): void {
    current = create();
    error = skip = tagged = undefined;
  }

  function finish(): void {
    count += 1;
    onDocument(current, error);
    next();
  }

  function discard(to: number): void {
    const from = opening?.position ?? 0;
    count = opening?.count ?? 0;
    opening = undefined;
    onThought(count, from, to);
    next();
  }

  /** Reads on behind a tag that turned out to be in no string. */
  function readAgain(): void {
    const { position: to, text } = tagged as { position: number; text: string };
    discard(to);
    read(text);
  }

  function read(text: string): void {
    let rest = text;
    while (rest) {
      if (error) {
        const end = skip ? skip(rest) : -1;
        if (end < 0) return;
        rest = rest.slice(end);
        finish();
        continue;
      }
      const { parser } = current;
      const before = parser.position;
      if (tagged) tagged.text += rest;
      try {
        parser.push(rest);
      } catch (thrown) {
        if (!(thrown instanceof LLMError) || thrown.code !== 'parse') throw thrown;
        if (tagged) return readAgain();
        error = thrown;
        if (!isProse) return;
        skip = createBracketSkipper(parser.depth());
        rest = rest.slice(Math.max(0, parser.position - before));
        continue;
      }
      if (tagged && tagged.start !== parser.start) return readAgain();
      if (!isProse || parser.start < 0 || parser.depth() > 0) return;
      rest = rest.slice(parser.position - before);
      finish();
    }
  }

  return {
    push(delta) {
      const text = recent + delta;
      let done = recent.length;
      for (const { index, end, isClosing } of findThoughtTags(text)) {
        if (end <= recent.length) continue;
        read(text.slice(done, end));
        const at = position + end - recent.length;
        done = end;
        const isOpen = !error && current.parser.start >= 0;
        if (!isClosing) {
          if (!isOpen && !error) opening ??= { count, position: position + index - recent.length };
        } else if (isOpen) tagged = { start: current.parser.start, position: at, text: '' };
        else discard(at);
      }
      read(text.slice(done));
      position += delta.length;
      recent = text.slice(-MAX_TAG_LENGTH);
    },
    end() {
      const { parser } = current;
      if (!isProse) {
        if (error) throw error;
        parser.end();
        finish();
        return false;
      }
      if (error) {
        finish();
        return true;
      }
      if (parser.start >= 0 || count === 0) parser.end();
      return false;
    },
  };
}
