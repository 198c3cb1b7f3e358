import { LLMError } from '../error.ts';

/** A shorter key is a stand-in such as "test", and would be found in ordinary words. */
const MIN_LENGTH = 8;

/** Takes keys, whole or cut short at the end, out of an error that may quote them: servers echo what they were sent. */
export function redact(error: unknown, secrets: readonly string[] = []): unknown {
  for (const secret of secrets) {
    for (let { length } = secret; length >= MIN_LENGTH && error instanceof LLMError; length -= 1) {
      const echo = length < secret.length ? `${secret.slice(0, length)}…` : secret;
      error.message = error.message.replaceAll(echo, '[redacted]');
    }
  }
  return error;
}
