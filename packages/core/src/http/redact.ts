import { LLMError } from '../error.ts';

/** A shorter key is a stand-in such as "test", and would be found in ordinary words. */
const MIN_LENGTH = 8;

/** Takes keys out of an error that may quote them, since servers echo what they were sent. */
export function redact(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof LLMError)) return error;
  for (const secret of secrets) {
    if (secret.length >= MIN_LENGTH) error.message = error.message.replaceAll(secret, '[redacted]');
  }
  return error;
}
