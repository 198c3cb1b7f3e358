import { LLMError } from '../error.ts';
import type { InferOutput, StandardSchema } from '../object/standard-schema.ts';
import { IncrementalJsonParser } from './incremental-json-parser.ts';

/** What was found, and whether it had to be repaired: then it is a guess, and may well lack its end. */
export interface ExtractedJson<T = unknown> {
  readonly value: T;
  readonly repaired: boolean;
}

/** Reads JSON that is not quite JSON: `repairJson` of `@rivulet/core/repair`, or your own. `null`: it cannot. */
export type JsonRepair = (text: string) => ExtractedJson | null;

export interface ExtractJsonOptions<S extends StandardSchema | undefined = StandardSchema | undefined> {
  /** Passes over what it does not accept, and gives its output. It has to validate synchronously. */
  readonly schema?: S;
  /** Gives all that is found, in an array, instead of the first. Default: false. */
  readonly all?: boolean | undefined;
  /** Tried where nothing parses (and validates). With it, results are `{ value, repaired }`. Default: nothing is repaired. */
  readonly repair?: JsonRepair | undefined;
}

type Item<T, O> = O extends { readonly repair: JsonRepair } ? ExtractedJson<T> : T;
type Result<T, O> = O extends { readonly all: true } ? Item<T, O>[] : Item<T, O> | null;

const FENCE = /^[ \t]*(`{3,}|~{3,})(.*)$/gm;
/** A bracket, and what can follow it in JSON. */
const OPENING = /\{\s*["}]|\[\s*["{[\]\-\dtfn]/g;
/** How often, on average, a character is read again to look into the strings of what turned out to be prose. */
const READINGS = 8;

function parse(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

/** What stands between fences. One that is not closed goes to the end. */
function* fencedBlocks(text: string): Generator<string> {
  let open = '';
  let start = 0;
  for (const { 0: line, 1: marks = '', 2: info = '', index } of text.matchAll(FENCE)) {
    if (!open) {
      if (marks.startsWith('`') && info.includes('`')) continue;
      open = marks;
      start = index + line.length;
    } else if (marks.startsWith(open) && !info.trim()) {
      yield text.slice(start, index);
      open = '';
    }
  }
  if (open) yield text.slice(start);
}

/** The objects and arrays within prose, outer ones only, in time linear in the text. */
function* embeddedJson(text: string): Generator {
  let budget = READINGS * text.length;
  let start = 0;
  for (;;) {
    OPENING.lastIndex = start;
    const match = OPENING.exec(text);
    if (!match) return;
    start = match.index;
    const found: { depth: number; value: unknown }[] = [];
    const parser = new IncrementalJsonParser({
      onComplete({ length: depth }, value) {
        if (typeof value !== 'object' || !value) return;
        while ((found.at(-1)?.depth ?? 0) > depth) found.pop();
        found.push({ depth, value });
      },
    });
    try {
      parser.push(text.slice(start));
    } catch {
      // It ends where JSON ends: what was complete by then counts.
    }
    for (const { value } of found) yield value;
    budget -= parser.position;
    start += found.length > 0 || budget < 0 ? parser.position : 1;
  }
}

/** What may be JSON, as groups of one kind: the surest kind comes first. */
function* candidates(text: string): Generator<Iterable<unknown>> {
  yield parse(text.trim());
  yield (function* () {
    for (const block of fencedBlocks(text)) yield* parse(block);
  })();
  yield embeddedJson(text);
}

/** What may become JSON: blocks that begin as it does, else the text from its first bracket on. */
function* repaired(text: string, repair: JsonRepair): Generator<ExtractedJson> {
  let isFound = false;
  for (const block of [...fencedBlocks(text), text]) {
    const start = block.search(/[{[]/);
    if (start < 0 || isFound) continue;
    const end = Math.max(block.lastIndexOf('}'), block.lastIndexOf(']')) + 1;
    const result = repair(block.slice(start)) ?? (end > start ? repair(block.slice(start, end)) : null);
    isFound = !!result;
    if (result) yield result;
  }
}

function validate(schema: StandardSchema | undefined, value: unknown): unknown[] {
  if (!schema) return [value];
  const result = schema['~standard'].validate(value);
  if ('then' in result) {
    result.catch(() => undefined);
    throw new LLMError(
      'extractJson validates at once, but this schema is asynchronous: leave it out, and validate what extractJson gives',
      { code: 'config' },
    );
  }
  return result.issues ? [] : [result.value];
}

/**
 * The JSON in a reply: the whole of it, else what a fenced code block holds (``` or ~~~, with any language or none), else
 * the first object or array within prose. `null` if there is none; with `schema`, if none is accepted by it. A model that
 * answers `null` gives `null` too. Takes time linear in the text, whatever that is.
 *
 * ```ts
 * extractJson('Sure:\n```json\n{"a": 1}\n```'); // { a: 1 }
 * extractJson(text, { schema: z.object({ a: z.number() }) }); // { a: number } | null
 * ```
 *
 * Throws an `LLMError` of code `config` if the schema validates asynchronously.
 */
export function extractJson<S extends StandardSchema, O extends ExtractJsonOptions<S>>(
  text: string,
  options: O & { readonly schema: S },
): Result<InferOutput<S>, O>;
export function extractJson<O extends ExtractJsonOptions<undefined> = { readonly repair?: undefined }>(
  text: string,
  options?: O,
): Result<unknown, O>;
export function extractJson(text: string, options: ExtractJsonOptions = {}): unknown {
  const { schema, all, repair } = options;
  const results: unknown[] = [];
  for (const group of candidates(text)) {
    for (const candidate of group) {
      for (const value of validate(schema, candidate)) {
        const result = repair ? { value, repaired: false } : value;
        if (!all) return result;
        results.push(result);
      }
    }
    if (results.length > 0) return results;
  }
  if (repair) {
    for (const candidate of repaired(text, repair)) {
      for (const value of validate(schema, candidate.value)) {
        const result = { value, repaired: candidate.repaired };
        if (!all) return result;
        results.push(result);
      }
    }
  }
  return all ? results : null;
}
