import { LLMError, toFailure } from '../error.ts';
import { thrownMessage } from '../thrown.ts';

/** A thrown value as an error of the turn. The value may be anything, also one that throws when it is looked at. */
export function turnFailure(thrown: unknown): LLMError {
  try {
    return toFailure(thrown);
  } catch {
    return new LLMError(`Failed: ${thrownMessage(thrown)}`, { code: 'unknown', cause: thrown });
  }
}
