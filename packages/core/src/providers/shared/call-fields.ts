import { record, UnexpectedValueError, textOrThrow } from '../../utils/read-value.ts';

/**
 * The arguments of a call as text, and '' if they are absent. Some servers send them as an object in place of JSON.
 * @throws {UnexpectedValueError} for anything else, because a tool would run with arguments that the model did not write.
 */
export function argumentsText(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (record(value)) return JSON.stringify(value);
  throw new UnexpectedValueError(path, 'text or an object', value);
}

/**
 * The name of the tool that a call is for.
 * @throws {UnexpectedValueError} if it is absent or empty, because no tool could run.
 */
export function callNameOrThrow(value: unknown, path: string): string {
  const name = textOrThrow(value, path);
  if (name) return name;
  throw new UnexpectedValueError(path, 'the name of a tool', name === '' ? undefined : value);
}
