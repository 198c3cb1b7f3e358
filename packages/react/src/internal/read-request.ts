import { LLMError, type GenerateRequest } from '@rivulet/core';

/**
 * A prompt or a request as a request. Without types anything may come, such as the promise of an asynchronous function.
 * @param source is what it comes from, for the message.
 * @throws {LLMError} with code `invalid_request` for anything else.
 */
export function readRequest(asked: unknown, source: string): GenerateRequest {
  if (typeof asked === 'string') return { prompt: asked };
  if (typeof asked === 'object' && asked !== null && !Array.isArray(asked) && !('then' in asked)) return asked;
  throw new LLMError(`${source} must be a text or a request with \`prompt\` or \`messages\`, not ${describe(asked)}`, {
    code: 'invalid_request',
  });
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a promise' : `a ${typeof value}`;
}
