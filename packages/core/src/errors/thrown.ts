import { excerpt } from '../utils/excerpt.ts';

/**
 * Readers of thrown values. JavaScript code may throw anything: also objects whose properties throw when they are read, and
 * revoked proxies, on which even `instanceof` throws.
 */

/** `value instanceof type`. @default false if the check throws */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** A property of a thrown value. @default undefined if the value has no properties, or reading throws */
export function thrownProperty(thrown: unknown, name: string): unknown {
  if (thrown === undefined || thrown === null) return undefined;
  try {
    return (Object(thrown) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** The message of a thrown value, or a description of it. Never throws. */
export function thrownMessage(thrown: unknown): string {
  const message = isObjectOrFunction(thrown) ? thrownProperty(thrown, 'message') : undefined;
  return typeof message === 'string' && message !== '' ? message : describeThrown(thrown);
}

/** A thrown value as text, for a message to a person: `TypeError: not a function`. Never throws. */
export function describeThrown(thrown: unknown): string {
  const name = isObjectOrFunction(thrown) ? thrownProperty(thrown, 'name') : undefined;
  const message = isObjectOrFunction(thrown) ? thrownProperty(thrown, 'message') : undefined;
  if (typeof message === 'string' && message !== '') {
    return typeof name === 'string' && name !== '' ? `${name}: ${message}` : message;
  }
  try {
    const text = String(thrown);
    return text.startsWith('[object ') ? describeFields(thrown) : text;
  } catch {
    return 'a value that cannot be converted to text';
  }
}

/** A thrown value as an error: itself if it is one, otherwise the `cause` of a new one. Never throws. */
export function toError(thrown: unknown): Error {
  return isInstance(thrown, Error) ? thrown : new Error(describeThrown(thrown), { cause: thrown });
}

/** The fields of an object that is not an error, such as `{ code: 5 }`. */
function describeFields(thrown: unknown): string {
  try {
    const fields = JSON.stringify(thrown);
    if (fields !== undefined && fields !== '{}') return excerpt(fields);
  } catch {
    // Fields that JSON cannot represent.
  }
  return 'an object without a message';
}

function isObjectOrFunction(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
