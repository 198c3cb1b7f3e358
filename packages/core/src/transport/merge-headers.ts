import { kindOf } from '../utils/kind-of.ts';
import { LLMError } from '../errors/error.ts';

/**
 * Sets headers, in any form that `fetch` accepts. Several values of one name in a list are joined.
 * @param where the option they are from, for the error.
 * @throws {LLMError} with code `config` that names the header. Its value is not quoted, as it may be a key.
 */
export function mergeHeaders(target: Headers, extra: unknown, where: string): void {
  if (extra === undefined || extra === null) return;
  const headers = new Headers();
  for (const [name, value] of entriesOf(extra, where)) {
    if (!isName(name)) throw new LLMError(`${where} has an invalid name of a header`, { code: 'config' });
    if (typeof value !== 'string') {
      throw new LLMError(`${where}["${name}"] must be a string, not ${kindOf(value)}`, { code: 'config' });
    }
    try {
      headers.append(name, value);
    } catch {
      // The engine's own error quotes the value.
      const message = `${where}["${name}"] has characters that a header cannot have, such as a line break`;
      throw new LLMError(message, { code: 'config' });
    }
  }
  headers.forEach((value, name) => target.set(name, value));
}

function entriesOf(headers: unknown, where: string): (readonly unknown[])[] {
  if (typeof headers !== 'object' || headers === null) {
    throw new LLMError(`${where} must be an object, not ${kindOf(headers)}`, { code: 'config' });
  }
  const entries: unknown[] = Symbol.iterator in headers ? [...(headers as Iterable<unknown>)] : Object.entries(headers);
  return entries.map((entry) => (Array.isArray(entry) ? (entry as readonly unknown[]) : []));
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}
