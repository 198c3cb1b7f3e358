import { LLMError } from '../errors/error.ts';

/** @throws {LLMError} with code `config` that names the option, unless it `isFit`. */
export function checkBatchOption(isFit: unknown, name: string, expected: string): asserts isFit {
  if (!isFit) throw new LLMError(`batch: ${name} must be ${expected}`, { code: 'config' });
}
