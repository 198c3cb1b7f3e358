import type { StreamEvent } from '../event.ts';
import type { ObjectIssue } from '../issue.ts';
import { IncrementalJsonParser } from '../json/incremental-json-parser.ts';
import type { Path } from '../path.ts';
import { isClosed, toIssue, valueAt } from './field.ts';
import type { StandardSchema } from '../standard-schema.ts';

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
  /** What the model wrote for the object. */
  readonly rawText: string;
  /**
   * Gives whether there was something of the object in an event.
   * @throws {LLMError} with code `parse`, at what is no JSON, or `limit`.
   */
  take(event: StreamEvent): boolean;
  /** What there is now; `undefined` before there is a value. */
  look(): ObjectView | undefined;
  /** @throws {LLMError} with code `truncated` or `parse` where the JSON has not closed. */
  end(): void;
}

/** An answer of nothing, bare or in a fence. */
const NULL = /^[\s`]*(?:json\s+)?null[\s`]*$/;

/**
 * @param schema looks at the object while it is written; without it nobody does.
 * @param onElement is given each item of a list when it closes.
 */
export function readObject(
  { tool, inside, skipProse, atomic, read }: ObjectPlace,
  schema: StandardSchema | undefined,
  onElement: (index: number, element: unknown) => void,
): ObjectReading {
  let rawText = '';
  /** Whether the object is not inside of anything. Where it should be, some servers have it bare nevertheless. */
  let isBare: boolean | undefined = inside === undefined || undefined;
  let toolIndex: number | undefined;
  let open: Path | undefined = [];
  let shownOpen: Path | undefined = open;
  let issues: readonly ObjectIssue[] = [];
  /** What closed last: a snapshot without it is older. */
  let closed: { readonly path: Path; readonly value: unknown } | undefined;
  let isToCheck = false;
  let isAsync = false;

  let parser = new IncrementalJsonParser({
    skipProse,
    onComplete,
    atomic(path, first) {
      open = pathInside(path) ?? open;
      return first === '"' && atomic(isBare && inside ? [inside, ...path] : path);
    },
  });

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
    onElement(index, element);
  }

  /** What an event adds to what the model writes for the object. */
  function deltaOf(event: StreamEvent): string {
    if (!tool) return event.type === 'text' ? event.delta : '';
    if (event.type === 'tool-call-start' && event.name === tool) toolIndex ??= event.index;
    if (event.type === 'tool-call-delta' && event.index === toolIndex) return event.delta;
    // No arguments are `{}`.
    if (event.type === 'tool-call' && event.toolCall.name === tool && event.index === (toolIndex ??= event.index))
      return (event.toolCall.rawInput || '{}').slice(rawText.length);
    return '';
  }

  function check(object: unknown): void {
    if (!isToCheck || !schema || isAsync) return;
    isToCheck = false;
    try {
      const found = schema['~standard'].validate(object);
      isAsync = 'then' in found;
      if ('then' in found) found.catch(() => undefined);
      else
        issues = (found.issues ?? [])
          .map((issue) => toIssue(issue))
          .filter((issue) => isClosed(object, shownOpen, issue));
    } catch {
      // A transform may not be made for half an object. What it makes of the whole one counts.
    }
  }

  return {
    get rawText() {
      return rawText;
    },
    take(event) {
      const delta = deltaOf(event);
      rawText += delta;
      if (delta) parser.push(delta);
      return !!delta;
    },
    look() {
      const written = parser.snapshot();
      if (written === undefined) return undefined;
      const object = read(isBare || !inside ? written : valueAt(written, [inside]));
      if (!closed || Object.is(valueAt(written, closed.path), closed.value)) shownOpen = open;
      check(object);
      return { object, open: shownOpen, issues };
    },
    end() {
      if (!inside && NULL.test(rawText)) {
        parser = new IncrementalJsonParser({ onComplete });
        parser.push('null');
      }
      parser.end();
    },
  };
}
