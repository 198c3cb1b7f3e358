import type { ParseError } from '../../errors/error-classes.ts';
import { LLMError } from '../../errors/error.ts';
import type { ToolCall } from '../../types/message.ts';
import { excerpt } from '../../utils/excerpt.ts';

/** A call whose arguments are complete. No arguments are `{}`; broken ones are an error of the call, not of the run. */
export function completeToolCall(id: string, name: string, rawInput: string): ToolCall {
  if (rawInput.trim() === '') return { id, name, rawInput, input: {} };
  try {
    return { id, name, rawInput, input: JSON.parse(rawInput) as unknown };
  } catch {
    const message = `The arguments of ${name} are not JSON: ${excerpt(rawInput)}`;
    return { id, name, rawInput, error: new LLMError(message, { code: 'parse' }) as ParseError };
  }
}
