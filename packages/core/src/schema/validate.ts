import { LLMError } from '../errors/error.ts';
import { list, record, text } from '../utils/read-value.ts';
import type { SchemaIssue, SchemaResult, StandardSchema } from '../types/standard-schema.ts';
import { describeThrown } from '../errors/thrown.ts';

type IssueKey = Exclude<SchemaIssue['path'], undefined>[number];

/**
 * Validates a value with a schema, whether it is synchronous or not. What a schema returns is not trusted: issues are read
 * into their shape.
 * @throws {LLMError} (as a rejection) with code `validation` if the schema throws, as a transform may, and with code `config`
 * for a schema that is malformed or returns neither a value nor issues.
 */
export async function validate(schema: StandardSchema, value: unknown): Promise<SchemaResult<unknown>> {
  const check = validatorOf(schema);
  let result: SchemaResult<unknown> | undefined;
  try {
    result = readResult(await check(value));
  } catch (cause) {
    throw thrownError(cause);
  }
  return result ?? fail('The schema returned neither a value nor issues');
}

/**
 * The same at once; `undefined` for a schema that is asynchronous.
 * @throws {LLMError} like `validate`.
 */
export function validateSync(schema: StandardSchema, value: unknown): SchemaResult<unknown> | undefined {
  const check = validatorOf(schema);
  let result: SchemaResult<unknown> | undefined;
  try {
    const returned = check(value);
    if (typeof record(returned)?.['then'] === 'function') {
      // Nobody waits for it.
      Promise.resolve(returned).catch(() => undefined);
      return undefined;
    }
    result = readResult(returned);
  } catch (cause) {
    throw thrownError(cause);
  }
  return result ?? fail('The schema returned neither a value nor issues');
}

function validatorOf(schema: StandardSchema): (value: unknown) => unknown {
  const standard = schema['~standard'];
  // Without types anything may come.
  const given: unknown = standard;
  if (typeof record(given)?.['validate'] !== 'function') fail('schema must be a Standard Schema: it has no validate');
  return (value) => standard.validate(value);
}

function fail(message: string): never {
  throw new LLMError(message, { code: 'config' });
}

function thrownError(cause: unknown): LLMError {
  const message = `The schema threw: ${describeThrown(cause)}`;
  return new LLMError(message, { code: 'validation', cause, issues: [{ path: [], message }] });
}

/** `undefined` for what has neither a value nor issues. */
function readResult(result: unknown): SchemaResult<unknown> | undefined {
  const fields = record(result);
  const issues = fields?.['issues'];
  if (fields && issues !== undefined && issues !== null && issues !== false) {
    const found = list(issues).map(readIssue);
    // Refused without a reason that can be read.
    return { issues: found.length > 0 ? found : [{ message: 'Invalid', path: [] }] };
  }
  return fields && 'value' in fields ? { value: fields['value'] } : undefined;
}

function readIssue(issue: unknown): SchemaIssue {
  const { message, path } = record(issue) ?? {};
  return { message: text(message) ?? 'Invalid', path: list(path).flatMap(readKey) };
}

function readKey(step: unknown): IssueKey[] {
  const key = record(step)?.['key'] ?? step;
  if (typeof key === 'symbol') return [String(key)];
  return typeof key === 'string' || typeof key === 'number' ? [key] : [];
}
