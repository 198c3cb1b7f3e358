import { LLMError } from './error.ts';
import { kindOf } from '../utils/kind-of.ts';
import { suggestOption } from './suggest-option.ts';

/**
 * The kinds that a value may have, joined by ` or `: names of `KINDS`, or fixed values such as `'auto'`, `null` and `false`.
 * With fields, an object is checked as well, and so is each element of a list.
 */
export type Rule = string | readonly [kinds: string, fields: Fields];

/** Options by name. Each may be `undefined`. With the name `*`, there may be others. */
export interface Fields {
  readonly [name: string]: Rule;
}

export type CheckedCode = 'config' | 'invalid_request';

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  'a string': (value) => typeof value === 'string',
  'a string that is not empty': (value) => typeof value === 'string' && value !== '',
  'a number': (value) => typeof value === 'number' && !Number.isNaN(value),
  'a number from 0': (value) => typeof value === 'number' && value >= 0 && value < Infinity,
  'a number above 0': (value) => typeof value === 'number' && value > 0 && value < Infinity,
  'a whole number above 0': (value) => Number.isSafeInteger(value) && Number(value) > 0,
  'a boolean': (value) => typeof value === 'boolean',
  'a function': (value) => typeof value === 'function',
  'an object': (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a list': (value) => Array.isArray(value),
  'an AbortSignal': isAbortSignal,
  anything: () => true,
};

/**
 * Checks options against a table, in JavaScript as TypeScript would.
 * @param owner what the options are for, for the error: `LLMClient`.
 * @throws {LLMError} that names an unknown option, with the likely one, or an option with a wrong type.
 */
export function checkOptions(owner: string, options: unknown, fields: Fields, code: CheckedCode = 'config'): void {
  checkValue({ owner, fields, code }, options, ['an object', fields], '');
}

interface Check {
  readonly owner: string;
  /** All options, for suggestions. */
  readonly fields: Fields;
  readonly code: CheckedCode;
}

function checkValue(check: Check, value: unknown, rule: Rule, path: string): void {
  if (value === undefined && path) return;
  const [kinds, fields] = typeof rule === 'string' ? [rule] : rule;
  if (!kinds.split(' or ').some((kind) => isOfKind(value, kind))) {
    throw optionError(check, `${path || 'the argument'} must be ${kinds}, not ${kindOf(value)}`);
  }
  if (!fields || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((element: unknown, index) =>
      checkValue(check, element ?? null, ['an object', fields], `${path}[${index}]`),
    );
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    const fieldPath = path ? `${path}.${name}` : name;
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (known) checkValue(check, field, known, fieldPath);
    else if (field !== undefined && !fields['*']) throw unknownOption(check, name, fieldPath);
  }
}

function isOfKind(value: unknown, kind: string): boolean {
  const test = KINDS[kind];
  return test ? test(value) : kind === (typeof value === 'string' ? `'${value}'` : String(value));
}

function unknownOption(check: Check, name: string, path: string): LLMError {
  const suggestion = suggestOption(name, path, check.fields);
  return optionError(check, `unknown option "${path}"${suggestion && ` (${suggestion})`}`);
}

function optionError({ owner, code }: Check, message: string): LLMError {
  return new LLMError(`${owner}: ${message}`, { code });
}

/** By its shape: signals of frames and of polyfills are of other classes. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'aborted') === 'boolean';
}
