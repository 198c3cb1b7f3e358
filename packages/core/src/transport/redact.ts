import { decodeEscapes, escapeOffsets, mayHaveEscapes } from './decode-escapes.ts';
import { isKey } from './secrets.ts';

const REDACTED = '[redacted]';

/** How often a text can be escaped: JSON in a query in HTML in JSON. */
const MAX_DECODINGS = 4;

/** Values that are nested deeper are replaced as a whole, if anything in them has to be redacted. */
const MAX_DEPTH = 500;

/**
 * Removes secrets from data of a server, which may echo them. A secret is found as it is, with its characters escaped for
 * JSON, URLs or HTML, also several times, and as base64, also within a longer text such as `Bearer …`. A secret that is
 * divided over several fields or deltas is not found.
 */
export interface Redactor {
  text(text: string): string;
  /**
   * A copy whose strings, names of properties and errors have no secret; `value` itself if nothing in it has one. Objects
   * of other classes than `Error` stay as they are.
   */
  value<T>(value: T): T;
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

  function hasSecret(root: unknown): boolean {
    const open: unknown[] = [root];
    const seen = new Set<unknown>();
    while (open.length > 0) {
      const value = open.pop();
      if (typeof value === 'string') {
        if (text(value) !== value) return true;
      } else if (isData(value) && !seen.has(value)) {
        seen.add(value);
        for (const name of namesOf(value)) open.push(name, read(value, name));
      }
    }
    return false;
  }

  function copy(value: unknown, copies: Map<object, unknown>, depth: number): unknown {
    if (typeof value === 'string') return text(value);
    if (!isData(value)) return value;
    if (copies.has(value)) return copies.get(value);
    if (depth > MAX_DEPTH) return REDACTED;
    const copied = emptyCopy(value);
    copies.set(value, copied);
    for (const name of namesOf(value)) {
      // A property such as `__proto__` is data here.
      Object.defineProperty(copied, text(name), {
        value: copy(read(value, name), copies, depth + 1),
        enumerable: Object.prototype.propertyIsEnumerable.call(value, name),
        writable: true,
        configurable: true,
      });
    }
    return copied;
  }

  return {
    text,
    value<T>(value: T): T {
      // The copy has the shape of the value.
      return longSecrets.length > 0 && hasSecret(value) ? (copy(value, new Map(), 0) as T) : value;
    },
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

/** Whether secrets in an object are replaced. Objects of other classes cannot be copied. */
function isData(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (Array.isArray(value) || value instanceof Error) return true;
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  } catch {
    // A revoked proxy.
    return false;
  }
}

/** Names of all own properties, and of those that every error has: they are not enumerable, and may be inherited. */
function namesOf(value: object): string[] {
  try {
    if (Array.isArray(value)) return Object.keys(value);
    const names = Object.getOwnPropertyNames(value);
    return value instanceof Error ? [...new Set([...names, 'name', 'message', 'stack'])] : names;
  } catch {
    return [];
  }
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

function emptyCopy(value: object): object {
  if (Array.isArray(value)) return [];
  if (!(value instanceof Error)) return {};
  const error = new Error();
  // A getter of another class, such as that of `DOMException`, throws for a copy.
  if (Object.prototype.toString.call(value) === '[object Error]') {
    Object.setPrototypeOf(error, Object.getPrototypeOf(value) as object);
  }
  return error;
}
