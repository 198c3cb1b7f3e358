import { record, text } from '../read-value.ts';
import { stringifyWellFormed } from '../well-formed.ts';
import { excerpt } from '../wire/excerpt.ts';

/** The message of a thrown value, which may be anything: an error, text, or an object whose properties throw. */
export function thrownText(thrown: unknown): string {
  try {
    const message = text(record(thrown)?.['message']);
    if (message !== undefined) return message;
    if (typeof thrown === 'string') return thrown;
    return thrown === undefined ? 'undefined' : excerpt(stringifyWellFormed(thrown));
  } catch {
    return 'unknown error';
  }
}
