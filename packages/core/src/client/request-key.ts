import type { LLMClient } from './client.ts';
import { LLMError } from '../errors/error.ts';
import { hash } from '../utils/hash.ts';
import { mergeDefined } from '../utils/merge-defined.ts';
import type { GenerateRequest } from '../types/request.ts';

/** Levels of nesting: more than a request can have that is sent. */
const MAX_DEPTH = 600;

/** How much of the path of a field an error quotes. */
const MAX_PATH = 200;

/**
 * The key of a request: the same for the same provider, model, settings and messages, in whatever order their fields
 * are written and whether the client or the request has them.
 * @throws {LLMError} with code `config` for a request that JSON cannot represent (a BigInt, a function, a cycle, an instance of
 * a class without `toJSON`, such as a `Map`). It names the field.
 */
export function requestKey({ config }: LLMClient, request: GenerateRequest): string {
  const { provider, retry: _retry, timeout: _timeout, fetch: _fetch, observe: _observe, ...defaults } = config;
  const whole = mergeDefined<GenerateRequest>(defaults, request);
  return hash(JSON.stringify([provider.name, canonical(whole, '', new Set())]));
}

/**
 * A copy that JSON writes in the same way for equal values.
 * @param open the objects that contain the value.
 */
function canonical(value: unknown, path: string, open: Set<object>): unknown {
  if (typeof value === 'bigint') throw keyError(path, 'is a BigInt');
  if (typeof value === 'function' || typeof value === 'symbol') throw keyError(path, `is a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return value;
  if (open.has(value)) throw keyError(path, 'refers to an object that contains it');
  if (open.size > MAX_DEPTH) throw keyError(path, `is nested more than ${MAX_DEPTH} levels deep`);
  open.add(value);
  const copied = copyOf(representationOf(value, path), value, path, open);
  open.delete(value);
  return copied;
}

function copyOf(represented: unknown, value: object, path: string, open: Set<object>): unknown {
  if (represented !== value) return canonical(represented, path, open);
  if (Array.isArray(value))
    return value.map((element: unknown, index) => canonical(element, `${path}[${index}]`, open));
  // `toSorted` is newer than ES2022.
  // oxlint-disable-next-line unicorn/no-array-sort
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    fields.map(([name, field]) => [name, canonical(field, path ? `${path}.${name}` : name, open)]),
  );
}

/** What JSON writes in place of an object. */
function representationOf(value: object, path: string): unknown {
  let type: string;
  try {
    // The error of a call of a tool.
    if (value instanceof Error) return { name: value.name, message: value.message };
    if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON();
    if (Array.isArray(value) || isPlain(value)) return value;
    type = value.constructor.name;
  } catch (thrown) {
    throw keyError(path, 'cannot be read', thrown);
  }
  throw keyError(path, `is of type ${type}`);
}

/** Also an object of another frame. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function keyError(path: string, problem: string, cause?: unknown): LLMError {
  const field = path ? path.slice(0, MAX_PATH) : 'the request';
  return new LLMError(`requestKey: ${field} ${problem}, which a key cannot represent. Use JSON values, or set an id`, {
    code: 'config',
    cause,
  });
}
