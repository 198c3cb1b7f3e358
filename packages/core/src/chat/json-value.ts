import { LLMError } from '../errors/error.ts';
import { toWellFormed } from '../utils/well-formed.ts';
import { LIMITS } from '../errors/limits.ts';
import { invalidRequest } from './invalid-request.ts';
import { thrownMessage } from '../errors/thrown.ts';

/** Levels of nesting, as many as the JSON of an answer may have. */
const MAX_DEPTH = 512;

/** Objects that JSON writes as they are. Of others, such as a Map or a Response, it may write an empty object. */
const PLAIN = /^\[object (?:Object|Array|Number|String|Boolean|Arguments)\]$/;

const IDENTIFIER = /^[\p{L}_$][\p{L}\d_$]*$/u;

/** Where a value is within the value that is being written. */
interface Position {
  readonly holder: object;
  readonly key: string;
  readonly depth: number;
}

/**
 * The value that the JSON of `value` stands for, so that memory, storage and requests have the same one: a `Date` becomes
 * text, `NaN` becomes `null`, and an `undefined` property is left out. `undefined` itself becomes `null`.
 * @param path where the value is, for the error: `metadata`.
 * @throws {LLMError} with code `invalid_request` for a value that JSON rejects or loses (a BigInt, a cycle, a Map, a
 * function in place of a value), that is nested more than 512 levels deep, or whose JSON has more than 16 Mi characters.
 */
export function toJsonValue(value: unknown, path: string): unknown {
  /** By the objects that are open, and those that were. The value itself is in a holder without a position. */
  const positions = new Map<object, Position>();
  let size = 0;

  function refuse(position: Position, problem: string): LLMError {
    return invalidRequest(`${pathOf(position)} ${problem}, which JSON cannot represent`);
  }

  function pathOf({ holder, key }: Position): string {
    const above = positions.get(holder);
    if (!above) return path;
    if (Array.isArray(holder)) return `${pathOf(above)}[${key}]`;
    return IDENTIFIER.test(key) ? `${pathOf(above)}.${key}` : `${pathOf(above)}[${JSON.stringify(key)}]`;
  }

  function write(this: object, key: string, member: unknown): unknown {
    size += (Array.isArray(this) ? 1 : key.length + 4) + (typeof member === 'string' ? member.length : 2);
    if (size > LIMITS.frame)
      throw invalidRequest(`${path} has more than ${LIMITS.frame / 2 ** 20} Mi characters of JSON`);
    if (typeof member === 'string') return toWellFormed(member);
    if (member === null || typeof member === 'number' || typeof member === 'boolean') return member;
    const above = positions.get(this);
    const position: Position = { holder: this, key, depth: (above?.depth ?? 0) + 1 };
    if (typeof member === 'bigint') throw refuse(position, 'is a BigInt');
    if (typeof member === 'object') {
      checkObject(member, position);
      positions.set(member, position);
    } else if (!above && member !== undefined) {
      throw refuse(position, `is a ${typeof member}`);
    }
    return member;
  }

  function checkObject(member: object, position: Position): void {
    const type = Object.prototype.toString.call(member);
    if (member instanceof Error) throw refuse(position, `is an error (${thrownMessage(member)})`);
    if (!PLAIN.test(type) && (ArrayBuffer.isView(member) || Object.keys(member).length === 0)) {
      throw refuse(position, `is of type ${type.slice(8, -1)}`);
    }
    if (position.depth > MAX_DEPTH) throw invalidRequest(`${path} is nested more than ${MAX_DEPTH} levels deep`);
    for (let open: object | undefined = position.holder; open; open = positions.get(open)?.holder) {
      if (open === member) throw refuse(position, 'refers to an object that contains it');
    }
  }

  let json: string | undefined;
  try {
    json = JSON.stringify(value, write);
  } catch (thrown) {
    if (thrown instanceof LLMError) throw thrown;
    throw invalidRequest(`${path} cannot be written as JSON: ${thrownMessage(thrown)}`, thrown);
  }
  return json === undefined ? null : JSON.parse(json);
}
