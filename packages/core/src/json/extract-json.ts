import { checkOptions } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { LLMError } from '../errors/error.ts';
import { exactly } from './exact-numbers.ts';
import { validateSync } from '../schema/validate.ts';
import type { Path } from '../path/path.ts';
import {
  isStandardSchema,
  type InferOutput,
  type SchemaResult,
  type StandardSchema,
} from '../types/standard-schema.ts';
import { createThoughtSplitter } from './thought-tags.ts';
import { createAnswerReader } from './answer-reader.ts';
import { isCheckbox, isCitation } from './citation.ts';
import { findThoughtTags } from './find-thought-tags.ts';
import { mayBeInexact, type InexactNumber } from './inexact-number.ts';
import { IncrementalJsonParser } from './incremental-json-parser.ts';
import { createBracketSkipper } from './skip-brackets.ts';

/** A value of a reply, and whether it had to be repaired: then it is a guess, and may lack its end. */
export interface ExtractedJson<T = unknown> {
  readonly value: T;
  readonly repaired: boolean;
}

/**
 * Reads JSON that is not quite JSON: `repairJson` of `@rivulet/core/repair`, or your own. `null`: it cannot. `parse` reads
 * the repaired JSON: it keeps numbers that `JSON.parse` would round.
 */
export type JsonRepair = (text: string, parse: (json: string) => unknown) => ExtractedJson | null;

export interface ExtractJsonOptions<S extends StandardSchema | undefined = StandardSchema | undefined> {
  /** Selects the last value that it accepts, and returns its output. It has to validate synchronously. */
  readonly schema?: S;
  /**
   * Gives the value for a number that JavaScript cannot represent, such as an id of 19 digits or `1e400`; `text` has it as it
   * was written.
   * @default with `schema`, its text or a `bigint`, whichever the schema accepts; otherwise the number that `JSON.parse` gives
   */
  readonly inexactNumber?: ((path: Path, text: string) => unknown) | undefined;
  /** Gives all that is found, in an array, instead of the first. Default: false. */
  readonly all?: boolean | undefined;
  /** Tried where nothing parses (and validates). With it, results are `{ value, repaired }`. Default: nothing is repaired. */
  readonly repair?: JsonRepair | undefined;
}

type Option<O, K extends string> = K extends keyof O ? O[K] : undefined;
type Item<T, Repair> = Repair extends JsonRepair ? ExtractedJson<T> : T;
type Listed<T, All> = All extends true ? T[] : T | null;
type Result<T, O> = Listed<Item<T, Option<O, 'repair'>>, Option<O, 'all'>>;

const FENCE = /^[ \t]*(`{3,}|~{3,})(.*)$/gm;
/** A bracket, and what can follow it in JSON. */
const OPENING = /\{\s*["}]|\[\s*["{[\]\-\dtfn]/g;
/** How often, on average, a character is read again to look into the strings of what turned out to be prose. */
const READINGS = 8;

/** A value, and where it is in the text. */
interface Found extends ExtractedJson {
  /** Numbers that JavaScript cannot represent, which are text in the value. */
  readonly numbers: readonly InexactNumber[];
  readonly start: number;
  readonly end: number;
}

function parse(text: string, options: ExtractJsonOptions, start = 0): Found[] {
  try {
    return [{ ...parseNumbers(text, options), repaired: false, start, end: start + text.length }];
  } catch {
    return [];
  }
}

/** @throws {SyntaxError} for text that is not JSON. */
function parseNumbers(text: string, options: ExtractJsonOptions): Pick<Found, 'value' | 'numbers'> {
  const value: unknown = JSON.parse(text);
  const numbers: InexactNumber[] = [];
  const inexactNumber = numberReader(options, numbers);
  if (!inexactNumber || !mayBeInexact(text)) return { value, numbers };
  const parser = new IncrementalJsonParser({ maxDepth: Infinity, inexactNumber });
  parser.push(text);
  return { value: parser.end(), numbers };
}

/** How to read a number that JavaScript cannot represent. Before a schema decides, it is text. */
function numberReader(
  { schema, inexactNumber }: ExtractJsonOptions,
  numbers: InexactNumber[],
): ExtractJsonOptions['inexactNumber'] {
  if (inexactNumber || !schema) return inexactNumber;
  return (path, text) => {
    numbers.push({ path, text });
    return text;
  };
}

/** Whether there is a colon or comma outside of strings. A string that is not closed ends with its line. */
function hasSeparator(text: string, start: number, end: number): boolean {
  let isString = false;
  for (let index = start; index < end; index += 1) {
    const char = text[index];
    if (char === '\n') isString = false;
    else if (char === '"') isString = !isString;
    else if (isString && char === '\\') index += text[index + 1] === '\n' ? 0 : 1;
    else if (!isString && (char === ':' || char === ',')) return true;
  }
  return false;
}

/** The text of a reply without the thoughts of the model. */
function withoutThoughts(reply: string): string {
  let text = '';
  const splitter = createThoughtSplitter((type, piece) => {
    if (type === 'text') text += piece;
  });
  splitter.push(reply);
  splitter.flush();
  if (findThoughtTags(text).next().done) return text;

  let rest = '';
  let done = 0;
  const reader = createAnswerReader({
    isProse: true,
    create: () => ({ parser: new IncrementalJsonParser({ maxDepth: Infinity, skipProse: true }) }),
    onDocument: () => undefined,
    onThought(_count, from, to) {
      rest = from > 0 ? rest + text.slice(done, from) : '';
      done = to;
    },
  });
  reader.push(text);
  return rest + text.slice(done);
}

/** The text between fences, and where it begins. A fence that is not closed goes to the end. */
function* fencedBlocks(text: string): Generator<[string, number]> {
  let open = '';
  let start = 0;
  for (const { 0: line, 1: marks = '', 2: info = '', index } of text.matchAll(FENCE)) {
    if (!open) {
      if (marks.startsWith('`') && info.includes('`')) continue;
      open = marks;
      start = index + line.length;
    } else if (marks.startsWith(open) && !info.trim()) {
      yield [text.slice(start, index), start];
      open = '';
    }
  }
  if (open) yield [text.slice(start), start];
}

function* fencedJson(text: string, options: ExtractJsonOptions): Generator<Found> {
  for (const [block, start] of fencedBlocks(text)) yield* parse(block, options, start);
}

/** Where the brackets that open at `start` are closed, or the end of the text. */
function endOfBrackets(text: string, start: number): number {
  const length = createBracketSkipper()(text.slice(start));
  return length < 0 ? text.length : start + length;
}

/**
 * The objects and arrays within prose, outer ones only. What is JSON up to its first `:` or `,` and then breaks, or is cut,
 * is passed over as a whole, since a part of it is not what was meant. Returns whether the text ends within one that is
 * not closed. Takes time linear in the text.
 */
function* embeddedJson(text: string, options: ExtractJsonOptions): Generator<Found, boolean> {
  let isCut = false;
  let budget = READINGS * text.length;
  let start = 0;
  for (;;) {
    OPENING.lastIndex = start;
    const match = OPENING.exec(text);
    if (!match) return isCut;
    start = match.index;
    const numbers: InexactNumber[] = [];
    const parser = new IncrementalJsonParser({ maxDepth: Infinity, inexactNumber: numberReader(options, numbers) });
    let isOpen = true;
    try {
      parser.push(text.slice(start));
    } catch {
      // Prose follows the JSON, or this is none.
      isOpen = false;
    }
    const end = start + parser.position;
    budget -= parser.position;
    if (parser.pathStatus([]) === 'complete') {
      const { length } = text.slice(start, end).trimEnd();
      yield { value: parser.snapshot(), numbers, repaired: false, start, end: start + length };
      start = end;
      continue;
    }
    isCut ||= isOpen;
    if (hasSeparator(text, start, end)) start = endOfBrackets(text, start);
    else start = budget < 0 ? end : start + 1;
  }
}

type Guess = ExtractedJson & Pick<Found, 'numbers'>;

/** What can be repaired to an object or array: the text from its first bracket on, or else to its last one. */
function* repaired(texts: Iterable<string>, repair: JsonRepair, options: ExtractJsonOptions): Generator<Guess> {
  for (const text of texts) {
    const start = text.search(/[{[]/);
    if (start < 0) continue;
    const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
    const result =
      guess(text.slice(start), repair, options) ??
      (end > start ? guess(text.slice(start, end), repair, options) : null);
    if (result) yield result;
  }
}

/** JSON that is valid is not repaired. */
function guess(text: string, repair: JsonRepair, options: ExtractJsonOptions): Guess | null {
  const [valid] = parse(text, options);
  if (valid) return valid;
  let numbers: readonly InexactNumber[] = [];
  const result = repair(text, (json) => {
    const parsed = parseNumbers(json, options);
    numbers = parsed.numbers;
    return parsed.value;
  });
  return result && { ...result, numbers };
}

function* blocksOf(text: string): Generator<string> {
  for (const [block] of fencedBlocks(text)) yield block;
}

/** What may be JSON in the text of an answer, as groups of one kind: the surest kind comes first. */
function* candidates(text: string, options: ExtractJsonOptions): Generator<Iterable<Found>> {
  yield parse(text.trim(), options);
  yield fencedJson(text, options);
  yield embeddedJson(text, options);
}

function* guesses(text: string, options: ExtractJsonOptions): Generator<Iterable<Guess>> {
  const { repair } = options;
  if (!repair) return;
  yield repaired(blocksOf(text), repair, options);
  yield repaired([text], repair, options);
}

/** The value of a reply that no schema describes: the whole, else the first block, else the first one in prose. */
function firstOf(groups: Iterable<Iterable<Found>>): Found | undefined {
  for (const group of groups) {
    let citation: Found | undefined;
    for (const found of group) {
      if (!citation && !isCitation(found.value) && !isCheckboxIn(found)) return found;
      citation ??= found;
      if (outranks(found.value, citation.value)) return found;
    }
    if (citation) return citation;
  }
  return undefined;
}

/** Whether `[1]` or `[ ]` is no value beside an object, or any numbers in brackets beside a list of objects. */
function outranks(value: unknown, citation: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object' && item !== null);
  return Array.isArray(citation) && citation.length < 2;
}

function isCheckboxIn({ value, start, end }: Found): boolean {
  return isCheckbox(value, end - start);
}

/** What the schema makes of a value; empty if it refuses it. */
function accepted(schema: StandardSchema, value: unknown, numbers: readonly InexactNumber[]): unknown[] {
  const steps = exactly(value, numbers);
  let step = steps.next();
  while (!step.done) step = steps.next(validateAtOnce(schema, step.value));
  return step.value.issues ? [] : [step.value.value];
}

function validateAtOnce(schema: StandardSchema, value: unknown): SchemaResult<unknown> {
  const result = validateSync(schema, value);
  if (result) return result;
  throw new LLMError(
    'extractJson validates at once, but this schema is asynchronous: leave it out, and validate what extractJson gives',
    { code: 'config' },
  );
}

/**
 * Returns the JSON in a reply: the whole reply, else a fenced code block (``` or ~~~, with or without a language), else an
 * object or array in prose. Returns `null` if there is none, and also for a reply that is the JSON text `null`. Parts of JSON that is
 * broken or cut are never returned. Thoughts in tags, such as `<think>…</think>`, are not searched. Takes time linear in
 * the text.
 *
 * With `schema`, returns the last value that the schema accepts, and nothing if the reply ends within a document. Without
 * it, returns the first one; a citation in prose, such as `[1]`, comes after objects and lists of objects.
 *
 * ```ts
 * extractJson('Sure:\n```json\n{"a": 1}\n```'); // { a: 1 }
 * extractJson(text, { schema: z.object({ a: z.number() }) }); // { a: number } | null
 * ```
 *
 * @throws {LLMError} with code `config` if the reply is not text, an option is wrong, the schema validates asynchronously, or
 * it is passed in place of the options.
 */
export function extractJson<S extends StandardSchema, O extends ExtractJsonOptions<S>>(
  reply: string,
  options: O & { readonly schema: S },
): Result<InferOutput<S>, O>;
export function extractJson<O extends ExtractJsonOptions<undefined>>(reply: string, options: O): Result<unknown, O>;
export function extractJson(reply: string): unknown;
export function extractJson(reply: string, options: ExtractJsonOptions = {}): unknown {
  if (typeof reply !== 'string') {
    throw new LLMError(`extractJson: the reply must be a string, not ${kindOf(reply)}`, { code: 'config' });
  }
  if (isStandardSchema(options)) throw new LLMError('extractJson takes its schema as { schema }', { code: 'config' });
  checkOptions('extractJson', options, {
    schema: 'anything',
    inexactNumber: 'a function',
    all: 'a boolean',
    repair: 'a function',
  });
  const { schema, all, repair } = options;

  /** What the schema makes of a value, as the result; empty where it does not accept it. */
  function accept({ value: found, repaired: isRepaired, numbers }: Guess): unknown[] {
    return (schema ? accepted(schema, found, numbers) : [found]).map((value) =>
      repair ? { value, repaired: isRepaired } : value,
    );
  }

  /** The last one that the schema accepts. */
  function lastAccepted(group: readonly Found[]): { readonly result: unknown; readonly end: number } | undefined {
    for (let index = group.length - 1; index >= 0; index -= 1) {
      const found = group[index] as Found;
      for (const result of accept(found)) return { result, end: found.end };
    }
    return undefined;
  }

  /** What the schema accepts in the text of the answer. Where its last document is cut, no other one stands for it. */
  function acceptedIn(text: string): unknown[] {
    const whole = parse(text.trim(), options).flatMap(accept);
    if (whole.length > 0) return whole;
    const embedded: Found[] = [];
    const documents = embeddedJson(text, options);
    let next = documents.next();
    for (; !next.done; next = documents.next()) embedded.push(next.value);
    if (next.value) return [];
    const block = lastAccepted([...fencedJson(text, options)]);
    const written = embedded.filter((found) => !isCheckboxIn(found));
    const last =
      lastAccepted((written.length > 0 ? written : embedded).filter(({ end }) => !block || end > block.end)) ?? block;
    return last ? [last.result] : [];
  }

  const isJson = parse(reply.trim(), {}).length > 0;
  const text = isJson ? reply : withoutThoughts(reply);
  if (all) {
    for (const groups of [candidates(text, options), guesses(text, options)]) {
      for (const group of groups) {
        const results = [...group].flatMap(accept);
        if (results.length > 0) return results;
      }
    }
    return [];
  }
  if (schema) {
    for (const result of acceptedIn(text)) return result;
  } else {
    const found = firstOf(candidates(text, options));
    if (found) return accept(found)[0];
  }
  for (const group of guesses(text, options)) {
    for (const found of group) for (const result of accept(found)) return result;
  }
  return null;
}
