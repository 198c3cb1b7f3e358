import type { LLMError } from '../errors/error.ts';
import type { StreamEvent } from '../types/event.ts';
import { type ObjectIssue, toIssue } from '../path/issue.ts';
import { createAnswerReader } from '../json/answer-reader.ts';
import { isCheckbox, isCitation } from '../json/citation.ts';
import { IncrementalJsonParser } from '../json/incremental-json-parser.ts';
import type { InexactNumber } from '../json/inexact-number.ts';
import type { Path } from '../path/path.ts';
import type { SchemaResult, StandardSchema } from '../types/standard-schema.ts';
import { createThoughtSplitter } from '../json/thought-tags.ts';
import type { WrittenDocument } from './choose-document.ts';
import { validateExactly } from '../json/exact-numbers.ts';
import { isClosed, isWithin, valueAt } from '../path/status.ts';
import { validate, validateSync } from '../schema/validate.ts';

/** What there is of an object at one moment. */
export interface ObjectView {
  readonly object: unknown;
  /** The innermost value that has begun and not closed, `undefined` when all is. */
  readonly open: Path | undefined;
  /** What does not fit within what has closed. */
  readonly issues: readonly ObjectIssue[];
}

/** Where the object is in an answer, and how it is written there. */
export interface ObjectPlace {
  /** The tool whose input is the answer; otherwise its text is. */
  readonly tool: string | undefined;
  /** The property that holds the object in what the model writes, where that is no object itself. */
  readonly inside: string | undefined;
  /** Where the JSON begins: at a bracket, whatever stands before it, or (`false`) at once. */
  readonly skipProse: '{' | '[' | boolean | undefined;
  /** Whether a string comes whole, by its path in what the model writes. */
  readonly atomic: (path: Path) => boolean;
  /** The object as it was written, whole or so far, without the nulls that stand for absent properties. */
  readonly read: (written: unknown) => unknown;
}

/** Reads the object out of one answer. */
export interface ObjectReading {
  /** What the model wrote for the object, without its thoughts. */
  readonly rawText: string;
  /**
   * Returns whether an event has a part of the object.
   * @throws {LLMError} with code `parse`, where the input of a tool is not JSON, or `limit`.
   */
  take(event: StreamEvent): boolean;
  /** The document that is written now, or the last one; `undefined` before there is a value. */
  look(): ObjectView | undefined;
  /**
   * Returns the documents that may be the object, at least one, in their order.
   * @throws {LLMError} with code `truncated` or `parse` if the last document has not closed, or there is none.
   */
  end(): readonly WrittenDocument[];
}

/** An answer of nothing, bare or in a fence. */
const NULL = /^[\s`]*(?:json\s+)?null[\s`]*$/;

/** One document of an answer, while it is written. */
interface OpenDocument {
  readonly parser: IncrementalJsonParser;
  readonly checks: Promise<SchemaResult<unknown>>[];
  validate(schema: StandardSchema, object: unknown): Promise<SchemaResult<unknown>>;
  look(): ObjectView | undefined;
}

/** Checks an element of a list when it closes. */
export type CheckElement = (
  index: number,
  element: unknown,
  validateBy: (schema: StandardSchema) => Promise<SchemaResult<unknown>>,
) => Promise<SchemaResult<unknown>> | undefined;

/** The numbers of an element, by their paths in it. They are the last ones that came. */
function numbersWithin(numbers: readonly InexactNumber[], index: number): InexactNumber[] {
  const within: InexactNumber[] = [];
  for (let at = numbers.length - 1; at >= 0 && numbers[at]?.path[0] === index; at -= 1) {
    const { path, text } = numbers[at] as InexactNumber;
    within.push({ path: path.slice(1), text });
  }
  return within;
}

/** Whether an issue is about such a number: what becomes of it is decided when the object is whole. */
function isOfNumber(numbers: readonly InexactNumber[], { path }: ObjectIssue): boolean {
  return numbers.some((number) => number.path.length === path.length && isWithin(number.path, path));
}

/** @param schema checks the object while it is written; without it nothing does. */
export function readObject(
  { tool, inside, skipProse, atomic, read }: ObjectPlace,
  schema: StandardSchema | undefined,
  checkElement: CheckElement,
): ObjectReading {
  let rawText = '';
  /** Where `rawText` begins in the text of the answer. */
  let rawStart = 0;
  let toolIndex: number | undefined;
  let isAsync = false;
  const documents: WrittenDocument[] = [];
  let current: OpenDocument;
  let last: OpenDocument | undefined;

  function createDocument(): OpenDocument {
    /** Whether the object is not inside of anything. Where it should be, some servers have it bare nevertheless. */
    let isBare: boolean | undefined = inside === undefined || undefined;
    let open: Path | undefined = [];
    let shownOpen: Path | undefined = open;
    let issues: readonly ObjectIssue[] = [];
    /** What closed last: a snapshot without it is older. */
    let closed: { readonly path: Path; readonly value: unknown } | undefined;
    let isToCheck = false;
    const checks: Promise<SchemaResult<unknown>>[] = [];
    const numbers: InexactNumber[] = [];

    /** A path in what the model writes, as one in the object. */
    function pathInside(path: Path): Path | undefined {
      if (path.length > 0) isBare ??= path[0] !== inside;
      if (isBare) return path;
      return path[0] === inside ? path.slice(1) : undefined;
    }

    function onComplete(path: Path, value: unknown): void {
      closed = { path, value };
      isToCheck = true;
      if (path.length === 0) isBare ??= true;
      const own = pathInside(path);
      if (!own) return;
      open = own.length > 0 ? own.slice(0, -1) : undefined;
      const [index] = own;
      if (own.length > 1 || typeof index !== 'number') return;
      const [element] = read([value]) as unknown[];
      const within = numbersWithin(numbers, index);
      const elementCheck = checkElement(index, element, (one) => validateExactly(one, element, within));
      if (elementCheck) checks[index] = elementCheck;
    }

    function check(object: unknown): void {
      if (!isToCheck || !schema || isAsync) return;
      isToCheck = false;
      try {
        const found = validateSync(schema, object);
        isAsync = !found;
        if (!found) return;
        issues = (found.issues ?? [])
          .map((issue) => toIssue(issue))
          .filter((issue) => isClosed(object, shownOpen, issue) && !isOfNumber(numbers, issue));
      } catch {
        // A transform may not be made for half an object. What it makes of the whole one counts.
      }
    }

    const parser = new IncrementalJsonParser({
      skipProse,
      onComplete,
      inexactNumber(path, text) {
        const own = pathInside(path);
        if (own) numbers.push({ path: own, text });
        return text;
      },
      atomic(path, first) {
        open = pathInside(path) ?? open;
        return first === '"' && atomic(isBare && inside ? [inside, ...path] : path);
      },
    });
    return {
      parser,
      checks,
      validate: (one, object) => validateExactly(one, object, numbers),
      look() {
        const written = parser.snapshot();
        if (written === undefined) return undefined;
        const object = read(isBare || !inside ? written : valueAt(written, [inside]));
        if (!closed || Object.is(valueAt(written, closed.path), closed.value)) shownOpen = open;
        check(object);
        return { object, open: shownOpen, issues };
      },
    };
  }

  function keep(document: OpenDocument, error?: LLMError): void {
    last = document;
    const { object, open } = document.look() ?? { object: undefined, open: undefined };
    const { checks, parser } = document;
    documents.push({
      object,
      checks,
      validate: (one) => document.validate(one, object),
      error,
      open,
      isCheckbox: isCheckbox(object, parser.position - parser.start),
    });
  }

  const answer = createAnswerReader({
    isProse: !!skipProse && !tool,
    create: () => (current = createDocument()),
    onDocument: keep,
    onThought(count, from, to) {
      documents.length = count;
      last = undefined;
      if (from > 0) return;
      rawText = rawText.slice(to - rawStart);
      rawStart = to;
    },
  });
  const splitter = createThoughtSplitter((type, text) => {
    if (type !== 'text') return;
    rawText += text;
    answer.push(text);
  });

  /** What an event adds to the input of the tool. */
  function inputOf(event: StreamEvent): string {
    if (event.type === 'tool-call-start' && event.name === tool) toolIndex ??= event.index;
    if (event.type === 'tool-call-delta' && event.index === toolIndex) return event.delta;
    // No arguments are `{}`.
    if (event.type === 'tool-call' && event.toolCall.name === tool && event.index === (toolIndex ??= event.index))
      return (event.toolCall.rawInput || '{}').slice(rawText.length);
    return '';
  }

  return {
    get rawText() {
      return rawText;
    },
    take(event) {
      const before = rawText.length;
      if (tool) {
        const input = inputOf(event);
        rawText += input;
        if (input) current.parser.push(input);
      } else if (event.type === 'text') splitter.push(event.delta);
      else if (event.type === 'finish') splitter.flush();
      return rawText.length !== before;
    },
    look: () => current.look() ?? last?.look(),
    end() {
      if (tool) {
        current.parser.end();
        keep(current);
      } else if (!inside && documents.length === 0 && NULL.test(rawText)) {
        documents.push({ object: null, checks: [], validate: (one) => validate(one, null) });
      } else if (answer.end()) {
        const broken = documents.at(-1) as WrittenDocument;
        // What is cut is not the object, and nor is an example before it. An interval as `[0, 1)` may stand in prose.
        if (!isCitation(broken.object)) return [broken];
      }
      const written = documents.filter((document) => !document.isCheckbox);
      return written.length > 0 ? written : documents;
    },
  };
}
