import { toBigInt, type InexactNumber } from './inexact-number.ts';
import type { Path } from '../path/path.ts';
import type { SchemaIssue, SchemaResult, StandardSchema } from '../types/standard-schema.ts';
import { toIssue } from '../path/issue.ts';
import { valueAt } from '../path/status.ts';
import { validate } from '../schema/validate.ts';

/**
 * Validates a value in which numbers that JavaScript cannot represent are text. A schema that refuses the text of an integer
 * gets a `bigint`. If it accepts only a number, that is an issue, because the number would be another one.
 *
 * Yields what to validate, and is resumed with the result.
 */
export function* exactly(
  value: unknown,
  numbers: readonly InexactNumber[],
): Generator<unknown, SchemaResult<unknown>, SchemaResult<unknown>> {
  const result = yield value;
  // A key that was written twice has its last value.
  const present = numbers.filter(({ path, text }) => valueAt(value, path) === text);
  const refused = refusedBy(result.issues ?? [], present);
  if (refused.length === 0) return withoutRounding(result, present);
  const again = yield withBigInts(value, refused);
  return withoutRounding(again.issues ? explain(result, present) : again, present);
}

/** @throws {LLMError} (as a rejection) like `validate`. */
export async function validateExactly(
  schema: StandardSchema,
  value: unknown,
  numbers: readonly InexactNumber[],
): Promise<SchemaResult<unknown>> {
  if (numbers.length === 0) return validate(schema, value);
  const steps = exactly(value, numbers);
  let step = steps.next();
  while (!step.done) step = steps.next(await validate(schema, step.value));
  return step.value;
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

/** The numbers that issues are about; for issues of alternatives, which have no path of their own, those within. */
function refusedBy(issues: readonly SchemaIssue[], numbers: readonly InexactNumber[]): readonly InexactNumber[] {
  const places = new Set(issues.map((issue) => keyOf(toIssue(issue).path)));
  if (places.size === 0) return [];
  const exact = numbers.filter(({ path }) => places.has(keyOf(path)));
  if (exact.length > 0) return exact;
  return numbers.filter(({ path }) => path.some((_, depth) => places.has(keyOf(path.slice(0, depth)))));
}

/** A copy with these numbers as `bigint`. Each array and object around one is copied once. */
function withBigInts(value: unknown, numbers: readonly InexactNumber[]): unknown {
  const copies = new Map<unknown, unknown>();

  function copyOf(container: unknown): unknown {
    const known = copies.get(container);
    if (known !== undefined) return known;
    const copy: unknown = Array.isArray(container) ? [...(container as unknown[])] : { ...(container as object) };
    copies.set(container, copy);
    return copy;
  }

  const root = { value };
  for (const { path, text } of numbers) {
    const number = toBigInt(text);
    if (number === undefined) continue;
    let from: unknown = root;
    let to = copyOf(root);
    const keys = ['value', ...path];
    for (const key of keys.slice(0, -1)) {
      from = valueAt(from, [key]);
      const copy = copyOf(from);
      define(to, key, copy);
      to = copy;
    }
    define(to, keys.at(-1) as string | number, number);
  }
  return valueAt(copies.get(root) ?? root, ['value']);
}

function define(container: unknown, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, configurable: true, enumerable: true, writable: true });
}

/** Adds to the issues of these numbers what the model wrote. */
function explain(result: SchemaResult<unknown>, numbers: readonly InexactNumber[]): SchemaResult<unknown> {
  const texts = new Map(numbers.map(({ path, text }) => [keyOf(path), text]));
  const issues = (result.issues ?? []).map((issue): SchemaIssue => {
    const { path, message } = toIssue(issue);
    const text = texts.get(keyOf(path));
    return text === undefined ? issue : { path, message: `${message} (${roundingOf(text)})` };
  });
  return { issues };
}

/** Refuses an output that has the rounded number: a schema may convert text and `bigint`. */
function withoutRounding(result: SchemaResult<unknown>, numbers: readonly InexactNumber[]): SchemaResult<unknown> {
  if (result.issues) return result;
  const rounded = numbers.filter(({ path, text }) => valueAt(result.value, path) === Number(text));
  if (rounded.length === 0) return result;
  return { issues: rounded.map(({ path, text }) => ({ path, message: roundingOf(text) })) };
}

/** Says what happens to a number, and what to do. */
export function roundingOf(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return `the number ${shown} would be rounded to ${Number(text)}: let the schema accept text or a bigint`;
}
