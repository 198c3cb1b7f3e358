import { kindOf } from './kind-of.ts';

/**
 * Readers for values from outside: a wire, storage, a schema, or something thrown. Nothing guarantees the shape of such a
 * value, so each reader returns it as what its name says, or `undefined`. Decoders and storages assert no types.
 */

export type UnknownRecord = Readonly<Record<string, unknown>>;

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A string that is not empty. */
export function filledText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An id as text. Some servers number their calls. */
export function identifier(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : filledText(value);
}

/** A finite number from 0. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** An integer from 0, for a position in a list. */
export function ordinal(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** An object that is not a list. Read only names that are written in the code, and others through `ownValue`. */
export function record(value: unknown): UnknownRecord | undefined {
  return isRecord(value) ? value : undefined;
}

/** The elements of a list; empty for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The elements of a list that are objects. */
export function records(value: unknown): readonly UnknownRecord[] {
  return list(value).filter(isRecord);
}

/** The value of a property whose name comes from outside. Inherited properties do not count. */
export function ownValue(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A value that an answer cannot do without, with another type than its place requires. A run rejects with a `ParseError`. */
export class UnexpectedValueError extends Error {
  constructor(path: string, expected: string, value: unknown) {
    super(`${path} is ${kindOf(value)} instead of ${expected}`);
    this.name = 'UnexpectedValueError';
  }
}

/**
 * Text that is part of an answer: `undefined` if it is absent or `null`.
 * @param path where the value is, for the error: `choices[0].delta.content`.
 * @throws {UnexpectedValueError} for anything else than a string, which would be lost or shown as `[object Object]`.
 */
export function textOrThrow(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new UnexpectedValueError(path, 'text', value);
}

/**
 * An object that is part of an answer: `undefined` if it is absent or `null`.
 * @throws {UnexpectedValueError} for anything else than an object.
 */
export function recordOrThrow(value: unknown, path: string): UnknownRecord | undefined {
  if (value === undefined || value === null) return undefined;
  if (isRecord(value)) return value;
  throw new UnexpectedValueError(path, 'an object', value);
}

/**
 * A list that is part of an answer: empty if it is absent or `null`.
 * @throws {UnexpectedValueError} for anything else than a list.
 */
export function listOrThrow(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new UnexpectedValueError(path, 'a list', value);
}

function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
