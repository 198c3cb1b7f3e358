import { LLMError } from '../error.ts';
import { list, record, text } from '../read-value.ts';
import type { SchemaIssue, SchemaResult, StandardSchema } from '../standard-schema.ts';

type IssueKey = Exclude<SchemaIssue['path'], undefined>[number];

/**
 * Validates a value with a schema, whether it is synchronous or not. What a schema returns is not trusted: issues are read
 * into their shape.
 * @throws {LLMError} (as a rejection) with code `validation` if the schema throws, as a transform may, and with code `config`
 * for a schema that is malformed or returns neither a value nor issues.
 */
export async function validate(schema: StandardSchema, value: unknown): Promise<SchemaResult<unknown>> {
  try {
    return readResult(await call(schema, value));
  } catch (cause) {
    throw failureOf(cause);
  }
}

/**
 * The same at once; `undefined` for a schema that is asynchronous.
 * @throws {LLMError} like `validate`.
 */
export function validateSync(schema: StandardSchema, value: unknown): SchemaResult<unknown> | undefined {
  try {
    const result = call(schema, value);
    if (typeof record(result)?.['then'] === 'function') {
      // The rejection is nobody's.
      Promise.resolve(result).catch(() => undefined);
      return undefined;
    }
    return readResult(result);
  } catch (cause) {
    throw failureOf(cause);
  }
}

function call(schema: StandardSchema, value: unknown): unknown {
  const standard: unknown = schema['~standard'];
  if (typeof record(standard)?.['validate'] !== 'function') {
    throw new LLMError('schema must be a Standard Schema: its validate is not a function', { code: 'config' });
  }
  return schema['~standard'].validate(value);
}

function failureOf(cause: unknown): LLMError {
  if (cause instanceof LLMError && cause.code === 'config') return cause;
  const message = `The schema threw: ${describe(cause)}`;
  return new LLMError(message, { code: 'validation', cause, issues: [{ path: [], message }] });
}

/** What was thrown, as text. Anything may be thrown, and its methods may throw as well. */
function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return typeof thrown;
  }
}

function readResult(result: unknown): SchemaResult<unknown> {
  const fields = record(result);
  const issues = fields?.['issues'];
  if (fields && issues !== undefined && issues !== null && issues !== false) {
    const found = list(issues).map(readIssue);
    // Refused without a reason that can be read.
    return { issues: found.length > 0 ? found : [{ message: 'Invalid', path: [] }] };
  }
  if (!fields || !('value' in fields)) {
    throw new LLMError('The schema returned neither a value nor issues', { code: 'config' });
  }
  return { value: fields['value'] };
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
