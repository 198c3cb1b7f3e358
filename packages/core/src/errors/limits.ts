import { LLMError, type LimitName } from './error.ts';

const MI = 2 ** 20;

/** Bounds on what is received. A `LimitError` has the name of the one that was exceeded. */
export const LIMITS: Readonly<Record<LimitName, number>> = {
  /** Characters of one frame: a server-sent event, or a line of JSON. */
  frame: 16 * MI,
  /** Size of everything that a run keeps: characters of its text, and about as much as JSON needs for the rest. */
  run: 64 * MI,
  /** Size of the events that one loop over a run has not read yet. */
  reader: 64 * MI,
  /** Arrays and objects that are open within each other. */
  depth: 512,
};

/** How many bytes of the body of a failed response are read. The rest is dropped without an error. */
export const MAX_ERROR_BODY: number = 64 * 1024;

/** Bounds on one block of Markdown. A parser takes more than linear time, or overflows the stack, far beyond them. */
export const MARKDOWN_LIMITS = {
  /** Lists, quotations and footnotes that are open within each other. */
  containers: 40,
  /** Items of lists, quotations and footnotes of a block. */
  opened: 3000,
  /** Lines that continue a paragraph in a list or quotation without its marks. */
  lazyLines: 2000,
  /** Emphasis, links and images that are open within each other. */
  inlineDepth: 40,
  /** Elements of HTML that are open within each other. */
  elements: 100,
  /** Marks of emphasis, links, code, formulas and HTML in one paragraph. */
  marks: 4000,
  /** The same in all paragraphs of a block. */
  marksOfBlock: 10_000,
  /** Columns of a table. */
  columns: 1000,
  /** Cells of a table, with those that a short row is filled up with. */
  cells: 10_000,
  /** Headings that are underlined. */
  underlines: 1000,
  /** Lines, except code. */
  lines: 10_000,
  /** Characters, except code. */
  length: 100_000,
  /**
   * Characters of the definitions in other blocks that a block refers to. The blocks of a document have so many together,
   * and as many as the document is long. Further definitions are left out.
   */
  definitions: 100_000,
} as const;

const NAMES: Readonly<Record<LimitName, string>> = {
  frame: 'A frame of the answer',
  run: 'The answer',
  reader: 'What a loop over the run has not read yet',
  depth: 'The nesting of a received value',
};

export function limitError(limit: LimitName): LLMError {
  const most = limit === 'depth' ? `${LIMITS.depth} levels` : `${LIMITS[limit] / MI} MiB`;
  return new LLMError(`${NAMES[limit]} exceeds ${most} (limit: ${limit})`, { code: 'limit', limit });
}

/** @throws {LLMError} with code `limit` unless `size` is a number up to that limit. */
export function checkSize(limit: LimitName, size: number): void {
  if (!(size <= LIMITS[limit])) throw limitError(limit);
}
