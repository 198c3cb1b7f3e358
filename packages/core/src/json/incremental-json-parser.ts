import { kindOf } from '../utils/kind-of.ts';
import { LLMError, type LLMErrorOptions } from '../errors/error.ts';
import { LIMITS } from '../errors/limits.ts';
import { parsePath, type Path } from '../path/path.ts';
import { isInexact } from './inexact-number.ts';
import { sliceText, stringifyWellFormed } from '../utils/well-formed.ts';

export interface JsonParserOptions {
  /**
   * Which values appear only when they are complete, such as an enum or a date: half of one is a wrong one. `first` is the
   * character that the value begins with; numbers and literals are never asked for.
   */
  readonly atomic?: ((path: Path, first: '{' | '[' | '"') => boolean) | undefined;
  /** How many arrays and objects may be open within each other. More is an error of code `limit`. Default: 512. */
  readonly maxDepth?: number | undefined;
  /**
   * Finds the JSON within prose or a code fence: reads from the first `{` or `[` on (or from the first one of that kind)
   * and ignores what follows the closed document. A bracket of the prose is told by what comes after it: what stops being
   * JSON before its first `:` or `,` is passed over, and the search goes on from there; until then nothing of it shows.
   * After that `:` or `,`, what is wrong is an error. Default: false, the text has to be JSON and nothing else.
   */
  readonly skipProse?: boolean | '{' | '[' | undefined;
  /**
   * Gives the value for a number that JavaScript cannot represent: an integer that would be rounded, such as an id of 19
   * digits, or one beyond the range, such as `1e400`. `text` has it as it was written. It must not throw. Fractions are always
   * rounded to the nearest number.
   * @default what `JSON.parse` gives: the rounded number, or infinity
   */
  readonly inexactNumber?: ((path: Path, text: string) => unknown) | undefined;
  /** Called with each value when it closes, inner ones first. It must not throw. */
  readonly onComplete?: ((path: Path, value: unknown) => void) | undefined;
}

const CALLBACKS = ['atomic', 'inexactNumber', 'onComplete'] as const;
const OPTION_NAMES: readonly string[] = [...CALLBACKS, 'maxDepth', 'skipProse'];
const PROSE_OPTIONS: readonly unknown[] = [undefined, false, true, '{', '['];

/** Smaller than `checkOptions`, whose suggestions are half as large as the parser. */
function checkParserOptions(options: JsonParserOptions): void {
  const { maxDepth, skipProse } = options ?? {};
  expectOption(kindOf(options) === 'an object', 'the argument', 'an object', options);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || OPTION_NAMES.includes(name)) continue;
    throw optionError(`unknown option "${name}", the options are ${OPTION_NAMES.join(', ')}`);
  }
  for (const name of CALLBACKS) {
    const callback: unknown = options[name];
    expectOption(callback === undefined || typeof callback === 'function', name, 'a function', callback);
  }
  const isDepth = maxDepth === undefined || (typeof maxDepth === 'number' && maxDepth >= 0);
  expectOption(isDepth, 'maxDepth', 'a number from 0 or Infinity', maxDepth);
  expectOption(PROSE_OPTIONS.includes(skipProse), 'skipProse', "a boolean or '{' or '['", skipProse);
}

function expectOption(isValid: boolean, name: string, expected: string, value: unknown): void {
  if (!isValid) throw optionError(`${name} must be ${expected}, not ${kindOf(value)}`);
}

function optionError(message: string): LLMError {
  return new LLMError(`IncrementalJsonParser: ${message}`, { code: 'config' });
}

/** `absent`: nothing to show yet. `streaming`: more may come. `complete`: it will not change. */
export type PathStatus = 'absent' | 'streaming' | 'complete';

type Container = Record<string | number, unknown>;

/** An array or object that is not closed yet. */
interface Frame {
  value: Container;
  readonly closing: ']' | '}';
  /** Of the member that is being read. */
  key: string | number;
  /** What the value has there, if it has been put there. */
  member: unknown;
  /** How many members are before that one. */
  size: number;
  /** What snapshots have for the value; `undefined` once it is older than the value. */
  shown: Container | undefined;
}

const FIRST = 0;
const VALUE = 1;
const KEY = 2;
const COLON = 3;
const AFTER = 4;
const PROSE = 5;
const END = 6;
// From here on white space counts.
const STRING = 7;
const ESCAPE = 8;
const SCALAR = 9;

// oxlint-disable-next-line no-control-regex -- JSON has no bare control characters within strings
const PLAIN = /[^"\\\0-\x1f]+/y;
const SCALAR_CHARACTERS = /[-+.\w]+/y;
const ESCAPE_SO_FAR = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{0,4})$/;

/** What a snapshot may cost on average, in items of an array to copy; the first ones together may cost more. */
const ALLOWANCE = 512;
const FIRST_ALLOWANCE = 128 * ALLOWANCE;
/** Up to so many keys, engines copy an object at once, and fast. */
const FEW_KEYS = 18;
const MANY_KEYS = 64;

function createFrame(closing: ']' | '}'): Frame {
  const isArray = closing === ']';
  return {
    value: (isArray ? [] : {}) as Container,
    closing,
    key: isArray ? 0 : '',
    member: undefined,
    size: 0,
    shown: undefined,
  };
}

/** What a copy of the value counts for, in items of an array. */
function costOf({ closing, size }: Frame): number {
  // Beyond 16,000 items (128 kB), engines put an array where memory is slower to get.
  if (closing === ']') return size > 16_000 ? 4 * size : 32 + size;
  return 32 + size * (size > MANY_KEYS ? 32 : 6);
}

function set(container: Container, key: string | number, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(container, key, { value, configurable: true, enumerable: true, writable: true });
  } else container[key] = value;
}

function put(frame: Frame, value: unknown): void {
  if (frame.member === value) return;
  frame.member = value;
  frame.shown = undefined;
  set(frame.value, frame.key, value);
}

function copyOf(object: Container, size: number): Container {
  if (size <= FEW_KEYS) return { ...object };
  const copy: Container = {};
  for (const key of Object.keys(object)) set(copy, key, object[key]);
  return copy;
}

/** The value as it is now, for good. */
function show(frame: Frame): Container {
  if (frame.shown) return frame.shown;
  const { value } = frame;
  if (Array.isArray(value)) return (frame.shown = value.slice() as unknown as Container);
  // The copy goes on growing: a small one stays cheap to copy.
  frame.value = copyOf(value, frame.size);
  return (frame.shown = value);
}

/**
 * Reads JSON as it comes, in pieces of any size, in one pass. It accepts what `JSON.parse` accepts and ends with what
 * that gives. In between there are snapshots: strings as far as they came, numbers and literals when they are complete,
 * a key with the first of its value.
 */
export class IncrementalJsonParser {
  // Methods are made in the constructor: their state is then local, and minifies, which fields do not.

  /** How many characters were read, with `skipProse` none behind the document; after an error, where it is. */
  readonly position: number = 0;

  /** Where the document begins: -1 before it has begun. With `skipProse`, goes back to -1 at what was no JSON after all. */
  readonly start: number = -1;

  /** How many arrays and objects are open. After an error, how many were. */
  declare readonly depth: () => number;

  /**
   * Reads the next piece. Throws an `LLMError` of code `parse`, whose `place` is that of what is no JSON, or of code
   * `limit`; from then on, the same one again.
   */
  declare readonly push: (delta: string) => void;

  /**
   * What came so far, `undefined` before there is a value. A snapshot never changes, and what did not change since the
   * last one is identical in both. After an error it is all that came before.
   *
   * A new snapshot costs a copy of each array and object that is open. Where these are huge it is not made at every call,
   * and the one before is given again: up to 400 items or 64 keys it is new at every call, with 10,000 items at every
   * 20th, with 500 keys at every 32nd. When the document closes, or `end` was called, it is exact again.
   */
  declare readonly snapshot: () => unknown;

  /**
   * How far the value at a path (`['items', 0, 'name']` or `items.0.name`) has come in what `snapshot()` gives now. Never
   * goes back, unless the text has the same key twice: the last one counts.
   */
  declare readonly pathStatus: (path: Path | string) => PathStatus;

  /**
   * There is no more. Gives the document; throws an `LLMError` of code `truncated` if it is not closed, and with
   * `skipProse` one of code `parse` if none began.
   */
  declare readonly end: () => unknown;

  /** @throws {LLMError} with code `config` for an unknown option, or one with a wrong type. */
  constructor(options: JsonParserOptions = {}) {
    checkParserOptions(options);
    const { atomic, maxDepth = LIMITS.depth, skipProse, inexactNumber, onComplete } = options;
    const opening = skipProse === true ? '{[' : skipProse || '';
    // The document is the item of an array that is not there.
    let stack: [Frame, ...Frame[]];
    let state: number;
    /** Whether this is JSON for certain, and not a bracket of some prose. */
    let isCertain: boolean;
    let untold: [Path, unknown][];
    /** From which depth on nothing shows, since it is part of an atomic value. */
    let hiddenFrom: number;
    let isKey = false;
    let text = '';
    /** The first half of a surrogate pair, until the other one is there. */
    let held = '';
    let escape = '';

    let delta = '';
    let index = 0;
    let start = 0;
    let line = 1;
    let lineStart = 0;
    /** What was read before the delta, or the end of it, for a message. */
    let recent = '';
    let error: LLMError | undefined;
    /** Nothing more comes. */
    let isOver = false;
    let shown: unknown;
    let askedAt = 0;
    /** The keys along which `shown` is open, that of the document first. */
    let open: string[] = [];
    let allowance = FIRST_ALLOWANCE;

    const startOver = (): void => {
      stack = [createFrame(']')];
      state = opening ? PROSE : VALUE;
      isCertain = !opening;
      untold = [];
      hiddenFrom = Infinity;
      (this as { start: number }).start = -1;
    };
    startOver();

    const top = (): Frame => stack.at(-1) as Frame;
    const pathHere = (): Path => stack.slice(1).map(({ key }) => key);
    const isStringShown = (): boolean => (state === STRING || state === ESCAPE) && !isKey && hiddenFrom > stack.length;

    const stop = (what: string, at: number, fields: LLMErrorOptions): never => {
      isOver = true;
      (this as { position: number }).position = at;
      const column = at - lineStart + 1;
      const excerpt = sliceText(recent + delta.slice(0, index + 20), -60);
      throw (error = new LLMError(
        `${what} at position ${at} (line ${line}, column ${column}), near ${JSON.stringify(excerpt)}`,
        { ...fields, place: { position: at, line, column, excerpt } },
      ));
    };

    /** `what` cannot be there. */
    const fail = (what: string, at = index): void => {
      if (!isCertain) return startOver();
      stop(`Unexpected ${stringifyWellFormed(what.slice(0, 40))} in JSON`, start + at, { code: 'parse' });
    };

    const beCertain = (): void => {
      isCertain = true;
      for (const [path, value] of untold.splice(0)) onComplete?.(path, value);
    };

    const hideAtomic = (first: '{' | '[' | '"'): void => {
      if (atomic && hiddenFrom > stack.length && atomic(pathHere(), first)) hiddenFrom = stack.length;
    };

    const complete = (value: unknown): void => {
      if (hiddenFrom === stack.length) hiddenFrom = Infinity;
      put(top(), value);
      state = AFTER;
      if (stack.length < 2) {
        state = END;
        isOver = isCertain = true;
      }
      if (onComplete) {
        untold.push([pathHere(), value]);
        if (isCertain) beCertain();
      }
    };

    const completeScalar = (): void => {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        return fail(text, index - text.length);
      }
      complete(inexactNumber && isInexact(text, value) ? inexactNumber(pathHere(), text) : value);
    };

    const append = (piece: string): void => {
      const all = held + piece;
      const isHalf = (all.charCodeAt(all.length - 1) & 0xfc00) === 0xd800;
      held = isHalf ? all.slice(-1) : '';
      text += isHalf ? all.slice(0, -1) : all;
    };

    /** Reads all that `pattern` takes from here on. */
    const run = (pattern: RegExp): string => {
      pattern.lastIndex = index;
      return pattern.test(delta) ? delta.slice(index, (index = pattern.lastIndex)) : '';
    };

    /** Reads one character. `false`: it cannot be there. */
    const step = (char: string): boolean => {
      const frame = top();
      const isFirst = state === FIRST;
      if (isFirst || state === AFTER) {
        if (char === frame.closing) {
          stack.pop();
          complete(frame.shown ?? frame.value);
        } else {
          const isArray = frame.closing === ']';
          if (!isFirst && char !== ',') return false;
          state = isArray ? VALUE : KEY;
          if (isFirst) return step(char);
          if (!isCertain) beCertain();
          frame.size += 1;
          frame.member = undefined;
          if (isArray) frame.key = frame.size;
        }
        return true;
      }
      if (state === VALUE) {
        if (stack.length < 2) (this as { start: number }).start = start + index;
        text = held = '';
        isKey = false;
        if (char === '{' || char === '[') {
          if (stack.length > maxDepth) {
            const what = `JSON may not be nested more than ${maxDepth} levels deep: it is`;
            stop(what, start + index, { code: 'limit', limit: 'depth' });
          }
          hideAtomic(char);
          stack.push(createFrame(char === '[' ? ']' : '}'));
          state = FIRST;
        } else if (char === '"') {
          hideAtomic(char);
          state = STRING;
        } else {
          text = char;
          state = SCALAR;
          return /[-+.\w]/.test(char);
        }
      } else if (state === KEY) {
        text = held = '';
        isKey = true;
        state = STRING;
        return char === '"';
      } else if (state === COLON) {
        if (char !== ':') return false;
        if (!isCertain) beCertain();
        state = VALUE;
      } else if (state === PROSE) {
        if (opening.includes(char)) {
          state = VALUE;
          step(char);
        }
      } else if (state === STRING) {
        if (char === '"') {
          text += held;
          if (isKey) {
            frame.key = text;
            state = COLON;
          } else complete(text);
        } else {
          escape = char;
          state = ESCAPE;
          return char === '\\';
        }
      } else if (state === ESCAPE) {
        escape += char;
        if (!ESCAPE_SO_FAR.test(escape)) return false;
        if (escape[1] !== 'u' || escape.length === 6) {
          append(JSON.parse(`"${escape}"`) as string);
          state = STRING;
        }
      } else return false;
      return true;
    };

    this.push = (piece) => {
      if (typeof piece !== 'string') {
        const message = `IncrementalJsonParser: a piece must be a string, not ${kindOf(piece)}`;
        throw new LLMError(message, { code: 'config' });
      }
      if (error) throw error;
      start = this.position;
      delta = piece;
      index = 0;
      while (index < delta.length) {
        // Prose behind the document is not read.
        if (isOver && opening) break;
        const char = delta[index] as string;
        if (state === SCALAR) {
          text += run(SCALAR_CHARACTERS);
          if (index < delta.length) completeScalar();
        } else if (state <= END && (char === ' ' || char === '\n' || char === '\r' || char === '\t')) {
          index += 1;
          if (char === '\n') {
            line += 1;
            lineStart = start + index;
          }
        } else {
          const plain = state === STRING && run(PLAIN);
          if (plain) append(plain);
          else if (step(char)) index += 1;
          else fail(String.fromCodePoint(delta.codePointAt(index) ?? 0));
        }
      }
      (this as { position: number }).position = start + index;
      recent = recent.length > 500 ? delta : recent + delta;
      delta = '';
    };

    this.depth = () => stack.length - 1;

    this.snapshot = () => {
      if (!isCertain || (askedAt === this.position && !isOver)) return shown;
      askedAt = this.position;
      const depth = Math.min(stack.length, hiddenFrom);
      allowance += ALLOWANCE;
      const cost = stack.reduce((sum, frame) => sum + costOf(frame), 0);
      if (cost > allowance && !isOver) return shown;
      allowance -= cost;
      if (isStringShown()) put(top(), text);
      for (let i = depth - 1; i > 0; i -= 1) put(stack[i - 1] as Frame, show(stack[i] as Frame));
      open = stack.slice(0, isStringShown() ? depth : depth - 1).map(({ key }) => String(key));
      return (shown = stack[0].value[0]);
    };

    this.pathStatus = (path) => {
      let value = this.snapshot();
      let isOpen = open.length > 0;
      for (const [depth, key] of parsePath(path).entries()) {
        // The length of an array is its own, and no item.
        if (!value || typeof value !== 'object' || !{}.propertyIsEnumerable.call(value, key)) return 'absent';
        value = (value as Container)[key];
        isOpen &&= open[depth + 1] === String(key);
      }
      return value === undefined ? 'absent' : isOpen ? 'streaming' : 'complete';
    };

    this.end = () => {
      if (error) throw error;
      if (state === SCALAR && stack.length < 2) completeScalar();
      if (state === PROSE) stop('There is no JSON in the text, which ends', this.position, { code: 'parse' });
      if (!isOver) stop('The JSON is not complete: it ends', this.position, { code: 'truncated' });
      return this.snapshot();
    };
  }
}
