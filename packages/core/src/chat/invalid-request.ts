import { LLMError } from '../errors/error.ts';

/** What was asked of a chat cannot be done. */
export function invalidRequest(message: string, cause?: unknown): LLMError {
  return new LLMError(message, { code: 'invalid_request', cause });
}
