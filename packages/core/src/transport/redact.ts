import { decodeEscapes, escapeOffsets, mayHaveEscapes } from './decode-escapes.ts';
import { bytesAsTexts, classOf, contentsOf, isCollection, isPlain } from './object-contents.ts';
import { isKey } from './secrets.ts';
import { isInstance } from '../errors/thrown.ts';

const REDACTED = '[redacted]';

/** How often a text can be escaped: JSON in a query in HTML in JSON. */
const MAX_DECODINGS = 4;

/** Values that are nested deeper are replaced as a whole, if anything in them has to be redacted. */
const MAX_DEPTH = 500;

/** For a thrown value, which may refer to a connection or to the whole page, and whose getters may return ever new objects. */
const MAX_COST = 100_000;
const FOREIGN_COST = 100;

/**
 * Removes secrets from data of a server, which may echo them. A secret is found as it is, with its characters escaped for
 * JSON, URLs or HTML, also several times, and as base64, also within a longer text such as `Bearer …`. A secret that is
 * divided over several fields or deltas is not found.
 */
export interface Redactor {
  text(text: string): string;
  /**
   * A copy whose strings, names of properties and errors have no secret; `value` itself if nothing in it has one. Of an
   * object of another class than `Error` that has one, such as `Headers` or `Request`, the copy is a plain object or a `Map`.
   */
  value<T>(value: T): T;
  /** The same for a value that was thrown. It is searched up to a bound, because it may refer to anything; the rest is replaced. */
  thrown<T>(thrown: T): T;
  headers(headers: Headers): Headers;
}

export function createRedactor(secrets: readonly string[]): Redactor {
  const longSecrets = secrets.filter((secret) => isKey(secret) && !REDACTED.includes(secret));
  const shortest = Math.min(...longSecrets.map((secret) => secret.length));
  /** Made for the first text that is long enough: most deltas are shorter than a key. */
  let needles: readonly string[] | undefined;

  function hasNeedle(decoded: string): boolean {
    needles ??= needlesFor(longSecrets);
    return needles.some((needle) => decoded.includes(needle));
  }

  /** Looks for secrets in a text and in its decoded forms, and replaces them as they are written. */
  function text(given: string): string {
    if (given.length < shortest) return given;
    const ranges: Range[] = [];
    let decoded = given;
    for (let count = 0; count <= MAX_DECODINGS; count += 1) {
      if (hasNeedle(decoded)) ranges.push(...rangesIn(given, count, needles ?? []));
      if (!mayHaveEscapes(decoded)) break;
      const next = decodeEscapes(decoded);
      if (next === decoded) break;
      decoded = next;
    }
    return ranges.length > 0 ? cut(given, ranges) : given;
  }

  /** Also true for a value that is too large to be searched. */
  function hasSecret(root: unknown, maxCost: number): boolean {
    const open: unknown[] = [root];
    const seen = new Set<object>();
    const budget = createBudget(maxCost);
    while (open.length > 0) {
      const value = open.pop();
      if (typeof value === 'string') {
        if (text(value) !== value) return true;
      } else if (isObject(value) && !seen.has(value)) {
        seen.add(value);
        if (!budget.allows(value)) return true;
        const texts = isPlain(value) ? undefined : bytesAsTexts(value);
        if (texts) {
          open.push(...texts);
          continue;
        }
        const { fields, entries } = contentsOf(value);
        for (const [name, field] of fields) open.push(name, field);
        for (const [key, entry] of entries) open.push(key, entry);
      }
    }
    return false;
  }

  function copyOf(root: unknown, maxCost: number): unknown {
    const copies = new Map<object, unknown>();
    const budget = createBudget(maxCost);

    function copy(value: unknown, depth: number): unknown {
      if (typeof value === 'string') return text(value);
      if (!isObject(value)) return value;
      if (copies.has(value)) return copies.get(value);
      if (depth > MAX_DEPTH || !budget.allows(value)) return REDACTED;
      const texts = isPlain(value) ? undefined : bytesAsTexts(value);
      if (texts) return texts.every((each) => text(each) === each) ? value : REDACTED;
      const { fields, entries } = contentsOf(value);
      if (typeof value === 'function') {
        const isClean = fields.every(([name, field]) => name === 'name' && text(String(field)) === field);
        return isClean ? value : REDACTED;
      }
      // Nothing can be read of it, such as a date or a promise.
      if (!isPlain(value) && !isError(value) && fields.length + entries.length === 0) return value;
      const copied = emptyCopy(value);
      copies.set(value, copied);
      for (const [name, field] of fields) {
        // A property such as `__proto__` is data here.
        Object.defineProperty(copied, typeof name === 'string' ? text(name) : name, {
          value: copy(field, depth + 1),
          enumerable: isVisible(value, name),
          writable: true,
          configurable: true,
        });
      }
      for (const [key, entry] of entries) addEntry(copied, copy(key, depth + 1), copy(entry, depth + 1));
      return copied;
    }

    return copy(root, 0);
  }

  function clean<T>(value: T, maxCost: number): T {
    // The copy has the shape of the value.
    return longSecrets.length > 0 && hasSecret(value, maxCost) ? (copyOf(value, maxCost) as T) : value;
  }

  return {
    text,
    // An event was decoded from a text of bounded size.
    value: (value) => clean(value, Infinity),
    thrown: (thrown) => clean(thrown, MAX_COST),
    headers(headers) {
      const entries = [...headers];
      if (entries.every(([, value]) => text(value) === value)) return headers;
      return new Headers(entries.map(([name, value]) => [name, text(value)]));
    },
  };
}

/** What to look for: each secret, its decoded form, and its base64 at each of the three positions in a longer text. */
function needlesFor(secrets: readonly string[]): string[] {
  const forms = secrets.flatMap((secret) => {
    let decoded = secret;
    for (let count = 0; count < MAX_DECODINGS; count += 1) decoded = decodeEscapes(decoded);
    return [secret, decoded, ...base64Forms(secret)];
  });
  return [...new Set(forms)].filter(isKey);
}

function base64Forms(secret: string): string[] {
  // Absent in some engines outside of browsers.
  if (!globalThis.btoa) return [];
  const bytes = String.fromCharCode(...new TextEncoder().encode(secret));
  return [0, 1, 2].flatMap((offset) => {
    // Characters that depend on the secret alone.
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const form = btoa('\0'.repeat(offset) + bytes).slice(start, end);
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

type Range = readonly [start: number, end: number];

/** Where needles are in `text` once it is decoded `count` times. */
function rangesIn(text: string, count: number, needles: readonly string[]): Range[] {
  let decoded = text;
  /** The index in `text` of a unit of the decoded text. */
  let indexOf = (at: number): number => at;
  for (let done = 0; done < count; done += 1) {
    const outer = indexOf;
    const offsets = escapeOffsets(decoded);
    indexOf = (at) => outer(offsets[at] ?? 0);
    decoded = decodeEscapes(decoded);
  }
  const ranges: Range[] = [];
  for (const needle of needles) {
    for (let at = decoded.indexOf(needle); at >= 0; at = decoded.indexOf(needle, at + needle.length)) {
      ranges.push([indexOf(at), indexOf(at + needle.length)]);
    }
  }
  return ranges;
}

/** Replaces ranges, which may overlap. */
function cut(text: string, ranges: readonly Range[]): string {
  let rest = '';
  let at = 0;
  // oxlint-disable-next-line unicorn/no-array-sort
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    if (start >= at) rest += text.slice(at, start) + REDACTED;
    at = Math.max(at, end);
  }
  return rest + text.slice(at);
}

interface Budget {
  /** Spends the cost of reading an object. */
  allows(value: object): boolean;
}

function createBudget(maxCost: number): Budget {
  let rest = maxCost;
  return {
    allows(value) {
      rest -= isPlain(value) || typeof value === 'function' ? 1 : FOREIGN_COST;
      return rest >= 0;
    },
  };
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isError(value: object): boolean {
  return isInstance(value, Error) || classOf(value) === 'Error';
}

/** Whether a copy shows a field: those that a class defines are shown if the copy is a plain object. */
function isVisible(value: object, name: PropertyKey): boolean {
  try {
    const own = Object.getOwnPropertyDescriptor(value, name);
    return own?.enumerable ?? !isError(value);
  } catch {
    return true;
  }
}

function addEntry(copied: object, key: unknown, value: unknown): void {
  if (copied instanceof Map) copied.set(key, value);
  else if (copied instanceof Set) copied.add(key);
}

function emptyCopy(value: object): object {
  if (Array.isArray(value)) return [];
  if (isPlain(value)) return {};
  if (isError(value)) return emptyError(value);
  if (!isCollection(value)) return {};
  return classOf(value) === 'Set' ? new Set() : new Map();
}

function emptyError(value: object): Error {
  const error = new Error();
  // A getter of another class, such as that of `DOMException`, throws for a copy.
  if (classOf(value) === 'Error') Object.setPrototypeOf(error, Object.getPrototypeOf(value) as object);
  return error;
}
