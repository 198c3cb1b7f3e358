/** A shorter key is a stand-in such as "test", and would be found in ordinary words. */
const MIN_LENGTH = 8;

/** Takes the key out of what a server sent, which may echo it, before anything can quote it. */
export function redact(text: string, secret = ''): string {
  return secret.length < MIN_LENGTH ? text : text.replaceAll(secret, '[redacted]');
}
