import { LLMError } from '../error.ts';
import type { InferOutput, StandardSchema } from '../standard-schema.ts';
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

type Option<O, K extends string> = K extends keyof O ? O[K] : undefined;
type Item<T, Repair> = Repair extends JsonRepair ? ExtractedJson<T> : T;
type Listed<T, All> = All extends true ? T[] : T | null;
type Result<T, O> = Listed<Item<T, Option<O, 'repair'>>, Option<O, 'all'>>;

const FENCE = /^[ \t]*(`{3,}|~{3,})(.*)$/gm;
/** A bracket, and what can follow it in JSON. */
const OPENING = /\{\s*["}]|\[\s*["{[\]\-\dtfn]/g;
/** A string, to the end of its line if it has no end; or a bracket. */
const STRING_OR_BRACKET = /"(?:[^"\\\n]|\\.)*"?|[{}[\]]/g;
/** How often, on average, a character is read again to look into the strings of what turned out to be prose. */
const READINGS = 8;

function parse(text: string): ExtractedJson[] {
  try {
    return [{ value: JSON.parse(text), repaired: false }];
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

/** Where the brackets that open at `start` are closed, or the end of the text. */
function endOfBrackets(text: string, start: number): number {
  STRING_OR_BRACKET.lastIndex = start;
  for (let depth = 0, match; (match = STRING_OR_BRACKET.exec(text));) {
    if ('{['.includes(match[0])) depth += 1;
    else if ('}]'.includes(match[0]) && (depth -= 1) === 0) return STRING_OR_BRACKET.lastIndex;
  }
  return text.length;
}

/**
 * The objects and arrays within prose, outer ones only. What is JSON up to its first `:` or `,` and then breaks, or is cut,
 * is passed over as a whole, since a part of it is not what was meant. Takes time linear in the text.
 */
function* embeddedJson(text: string): Generator<ExtractedJson> {
  let budget = READINGS * text.length;
  let start = 0;
  for (;;) {
    OPENING.lastIndex = start;
    const match = OPENING.exec(text);
    if (!match) return;
    start = match.index;
    const parser = new IncrementalJsonParser({ maxDepth: Infinity });
    try {
      parser.push(text.slice(start));
    } catch {
      // Prose follows the JSON, or this is none.
    }
    const end = start + parser.position;
    budget -= parser.position;
    if (parser.pathStatus([]) === 'complete') {
      yield { value: parser.snapshot(), repaired: false };
      start = end;
    } else if (/[:,]/.test(text.slice(start, end).replace(STRING_OR_BRACKET, ''))) start = endOfBrackets(text, start);
    else start = budget < 0 ? end : start + 1;
  }
}

/** What can be repaired to an object or array: the text from its first bracket on, or else to its last one. */
function* repaired(texts: Iterable<string>, repair: JsonRepair): Generator<ExtractedJson> {
  for (const text of texts) {
    const start = text.search(/[{[]/);
    if (start < 0) continue;
    const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
    const result = repair(text.slice(start)) ?? (end > start ? repair(text.slice(start, end)) : null);
    if (result) yield result;
  }
}

/** What may be JSON, as groups of one kind: the surest kind comes first. */
function* candidates(text: string, repair: JsonRepair | undefined): Generator<Iterable<ExtractedJson>> {
  yield parse(text.trim());
  yield (function* () {
    for (const block of fencedBlocks(text)) yield* parse(block);
  })();
  yield embeddedJson(text);
  if (repair) {
    yield repaired(fencedBlocks(text), repair);
    yield repaired([text], repair);
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
 * answers `null` gives `null` too. A part of JSON that is broken or cut is never given. Takes time linear in the text.
 *
 * ```ts
 * extractJson('Sure:\n```json\n{"a": 1}\n```'); // { a: 1 }
 * extractJson(text, { schema: z.object({ a: z.number() }) }); // { a: number } | null
 * ```
 *
 * Throws an `LLMError` of code `config` if the schema validates asynchronously, or is given without its name.
 */
export function extractJson<S extends StandardSchema, O extends ExtractJsonOptions<S>>(
  text: string,
  options: O & { readonly schema: S },
): Result<InferOutput<S>, O>;
export function extractJson<O extends ExtractJsonOptions<undefined>>(text: string, options: O): Result<unknown, O>;
export function extractJson(text: string): unknown;
export function extractJson(text: string, options: ExtractJsonOptions = {}): unknown {
  const { schema, all, repair } = options;
  if ('~standard' in options) throw new LLMError('extractJson takes its schema as { schema }', { code: 'config' });
  for (const group of candidates(text, repair)) {
    const results: unknown[] = [];
    for (const { value: candidate, repaired: isRepaired } of group) {
      for (const value of validate(schema, candidate)) {
        const result = repair ? { value, repaired: isRepaired } : value;
        if (!all) return result;
        results.push(result);
      }
    }
    if (results.length > 0) return results;
  }
  return all ? [] : null;
}
