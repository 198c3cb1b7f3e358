import { isAbortError } from '../errors/error.ts';
import { type ObjectIssue, toIssue } from '../path/issue.ts';
import { createReaders } from '../store/broadcast.ts';
import type { SchemaResult } from '../types/standard-schema.ts';

/**
 * The elements of a list, each given once, in order, when it was accepted. Where the list is asked for again, those that
 * are as they were before are not given again.
 */
export interface Elements {
  readonly stream: AsyncIterable<unknown>;
  /** The next element closed, and is being checked. The first one begins another list. */
  add(index: number, element: unknown, check: Promise<SchemaResult<unknown>>): void;
  /** Resolves when nothing is being checked. */
  settled(): Promise<void>;
  /** `error` is what loops over the stream throw, after what is being checked. */
  end(error?: Error): Promise<void>;
}

/** An element as the schema has it, which may be `undefined`. */
interface Accepted {
  readonly value: unknown;
}

async function* valuesOf(elements: AsyncIterable<Accepted>): AsyncGenerator<unknown, void> {
  for await (const { value } of elements) yield value;
}

/** @param onRefused is told what is wrong with an element. */
export function createElements(onRefused: (issues: readonly ObjectIssue[]) => void): Elements {
  const accepted: Accepted[] = [];
  const readers = createReaders(() => [...accepted]);
  const iterable = readers.iterable((element) => element);
  /** How often an element was given as the model wrote it, and how often it has been in this answer. */
  const given = new Map<string, number>();
  const inThis = new Map<string, number>();
  /** Which list is being read. */
  let list = 0;
  /** Elements are given one after the other, however long their checks take. */
  let last: Promise<void> = Promise.resolve();

  async function give(
    before: Promise<void>,
    check: Promise<SchemaResult<unknown> | undefined>,
    index: number,
    element: unknown,
    ofList: number,
  ): Promise<void> {
    await before;
    if (index === 0) inThis.clear();
    const result = await check;
    if (!result) return;
    if (result.issues) {
      if (ofList === list) onRefused(result.issues.map((issue) => toIssue(issue, [index])));
      return;
    }
    const text = JSON.stringify(element);
    const count = (inThis.get(text) ?? 0) + 1;
    inThis.set(text, count);
    if (count <= (given.get(text) ?? 0)) return;
    given.set(text, count);
    const { value } = result;
    accepted.push({ value });
    readers.push({ value }, text.length);
  }

  return {
    stream: { [Symbol.asyncIterator]: () => valuesOf(iterable) },
    add(index, element, check) {
      if (index === 0) list += 1;
      // A validator that throws fails the whole, in the end; nobody may be waiting for it until then.
      const checked = check.catch(() => undefined);
      last = give(last, checked, index, element, list);
    },
    settled: () => last,
    async end(error) {
      // What closed is given, unless somebody wants no more.
      if (!isAbortError(error)) await last;
      readers.end(error);
    },
  };
}
