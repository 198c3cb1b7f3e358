import { isAbortError } from '../error.ts';
import type { ObjectIssue } from '../issue.ts';
import { createReaders } from '../run/readers.ts';
import { toIssue } from './field.ts';
import type { SchemaResult } from '../standard-schema.ts';

/** The elements of a list, each given once, in order, when it was accepted; also where the list is asked for again. */
export interface Elements {
  readonly stream: AsyncIterable<unknown>;
  /** The next element closed, and is being checked. */
  add(index: number, check: Promise<SchemaResult<unknown>>): void;
  /** What the checks of all elements came to. */
  results(): Promise<SchemaResult<unknown>[]>;
  /** The list begins anew. Resolves when nothing of the one before is under way. */
  restart(): Promise<void>;
  /** `error` is what loops over the stream throw, after what is being checked. */
  end(error?: Error): Promise<void>;
}

/** @param onRefused is told what is wrong with an element. */
export function createElements(onRefused: (issues: readonly ObjectIssue[]) => void): Elements {
  const accepted: unknown[] = [];
  const readers = createReaders(() => [...accepted]);
  let checks: Promise<SchemaResult<unknown>>[] = [];
  /** Elements are given one after the other, however long their checks take. */
  let given: Promise<void> = Promise.resolve();

  async function give(
    before: Promise<void>,
    check: Promise<SchemaResult<unknown> | undefined>,
    index: number,
  ): Promise<void> {
    await before;
    const result = await check;
    if (!result || index in accepted) return;
    if (result.issues) {
      onRefused(result.issues.map((issue) => toIssue(issue, [index])));
    } else {
      accepted[index] = result.value;
      readers.push(result.value);
    }
  }

  return {
    stream: readers.iterable((element) => element),
    add(index, check) {
      checks[index] = check;
      // A validator that throws fails the whole, in the end; nobody may be waiting for it until then.
      given = give(
        given,
        check.catch(() => undefined),
        index,
      );
    },
    async results() {
      await given;
      return Promise.all(checks);
    },
    async restart() {
      await given;
      checks = [];
    },
    async end(error) {
      // What closed is given, unless somebody wants no more.
      if (!isAbortError(error)) await given;
      readers.end(error);
    },
  };
}
