/** What can be read of an object. */
export interface ObjectContents {
  readonly fields: readonly (readonly [name: PropertyKey, value: unknown])[];
  /** Of a collection, such as `Map` and `Headers`. The two parts of an entry of a set are the same. */
  readonly entries: readonly (readonly [unknown, unknown])[];
}

/** Longer chains of prototypes are not read. */
const MAX_PROTOTYPES = 20;

const COLLECTIONS: readonly string[] = ['Map', 'Set', 'Headers', 'URLSearchParams', 'FormData'];

/** Fields of every function that refer to the code, not to data. */
const FUNCTION_FIELDS: ReadonlySet<PropertyKey> = new Set(['length', 'prototype', 'arguments', 'caller']);

/** Lists and objects without a class. @default false for a revoked proxy */
export function isPlain(value: object): boolean {
  try {
    if (Array.isArray(value)) return true;
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  } catch {
    return false;
  }
}

/** The name of a built-in class, also of another realm, such as `Error` or `Headers`. */
export function classOf(value: object): string {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1);
  } catch {
    return '';
  }
}

/** A `Map`, a `Set` or a collection of the platform. */
export function isCollection(value: object): boolean {
  return COLLECTIONS.includes(classOf(value));
}

/** Reads an object of any class. Getters are called. What throws when it is read is left out. */
export function contentsOf(value: object): ObjectContents {
  const ownNames = attempt(() => Reflect.ownKeys(value)) ?? [];
  if (Array.isArray(value)) return { fields: fieldsOf(value, without(ownNames, 'length')), entries: [] };
  if (isPlain(value)) return { fields: fieldsOf(value, ownNames), entries: [] };
  if (typeof value === 'function') {
    return { fields: fieldsOf(value, new Set(ownNames.filter((name) => !FUNCTION_FIELDS.has(name)))), entries: [] };
  }
  if (isCollection(value)) return { fields: fieldsOf(value, ownNames), entries: entriesOf(value) };
  if (classOf(value) === 'String')
    return { fields: [['value', attempt(() => String.prototype.valueOf.call(value))]], entries: [] };
  const inherited = inheritedNames(value).filter((name) => typeof read(value, name) !== 'function');
  return { fields: fieldsOf(value, new Set([...ownNames, ...inherited])), entries: [] };
}

/** The bytes of an array buffer or a view of one as text, once for each encoding that they may have. */
export function bytesAsTexts(value: object): readonly string[] | undefined {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !/^(?:Shared)?ArrayBuffer$/.test(classOf(value))) return undefined;
  // A detached or shared buffer may not be readable.
  return attempt(() => {
    const bytes = isView
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value as ArrayBuffer);
    const copy = bytes.slice();
    return ['utf-8', 'utf-16le'].map((encoding) => new TextDecoder(encoding).decode(copy));
  });
}

function without(names: readonly PropertyKey[], excluded: PropertyKey): readonly PropertyKey[] {
  return names.filter((name) => name !== excluded);
}

function fieldsOf(value: object, names: Iterable<PropertyKey>): (readonly [PropertyKey, unknown])[] {
  return [...names].map((name) => [name, read(value, name)]);
}

/** Names that the classes of an object define, such as those of getters. */
function inheritedNames(value: object): PropertyKey[] {
  const names: PropertyKey[] = [];
  let prototype = prototypeOf(value);
  for (let depth = 0; depth < MAX_PROTOTYPES && prototype && !isRoot(prototype); depth += 1) {
    const level = prototype;
    names.push(...(attempt(() => Reflect.ownKeys(level)) ?? []).filter((name) => name !== 'constructor'));
    prototype = prototypeOf(level);
  }
  return names;
}

/** `Object.prototype`, also that of another realm. */
function isRoot(prototype: object): boolean {
  return attempt(() => Object.hasOwn(prototype, 'hasOwnProperty')) ?? true;
}

function prototypeOf(value: object): object | undefined {
  return attempt(() => Object.getPrototypeOf(value) as object | null) ?? undefined;
}

function entriesOf(value: object): (readonly [unknown, unknown])[] {
  const entries: [unknown, unknown][] = [];
  attempt(() => {
    (value as Map<unknown, unknown>).forEach((entry, key) => entries.push([key, entry]));
  });
  return entries;
}

function read(value: object, name: PropertyKey): unknown {
  return attempt(() => Reflect.get(value, name) as unknown);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
