import type { HttpRequest } from './send.ts';

/** Names of headers, query parameters and fields of a body whose value is a secret. */
const SECRET_NAME =
  /(?:^|[-_])(?:auth|jwt|pwd)(?:$|[-_])|authorization|access_?token|^token$|[-_]token$|auth_?token|(?<!idempotency[-_]?)key$|secret|passw|credential/i;

/** Further names in headers and queries. https://learn.microsoft.com/azure/azure-functions/function-keys-how-to */
const SIGNATURE_NAME = /^(?:sig|code|x-amz-signature)$|cookie|signature|session/i;

/** Secrets that a redirect would send to another server: the key, and those among the headers and in the body. */
export function sentSecrets({ secret, secrets = [], headers }: HttpRequest): string[] {
  const fromHeaders = [...headers].flatMap(([name, value]) => (isSecret(name) ? secretsInHeader(name, value) : []));
  return [secret, ...secrets, ...fromHeaders].filter(isFilled);
}

/** All secrets of a request, also those in its address. */
export function secretsOf(request: HttpRequest): string[] {
  return [...sentSecrets(request), ...secretsInURL(request.url)];
}

/** The values of fields with the name of a secret, also in nested objects. Lists, such as messages, are not searched. */
export function secretsInBody(body: unknown, depth = 0): string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || depth > 4) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    if (typeof value === 'string') return SECRET_NAME.test(name) ? [value] : [];
    return secretsInBody(value, depth + 1);
  });
}

/** A server may echo the credentials of `Bearer …` and `Basic …`, or one of several cookies, on their own. */
function secretsInHeader(name: string, value: string): string[] {
  if (name.includes('cookie')) {
    return value.split(';').map((cookie) => cookie.slice(cookie.indexOf('=') + 1).trim());
  }
  const [, scheme = '', credentials = value] = /^(\w+) +(\S+)$/.exec(value) ?? [];
  return scheme.toLowerCase() === 'basic' ? [credentials, ...passwordsIn(credentials)] : [credentials];
}

/** https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function passwordsIn(credentials: string): string[] {
  try {
    const pair = atob(credentials);
    return [pair, pair.slice(pair.indexOf(':') + 1)];
  } catch {
    return [];
  }
}

function secretsInURL(address: string): string[] {
  if (!address.includes('?')) return [];
  const [, query = ''] = address.split('?');
  return [...new URLSearchParams(query)].flatMap(([name, value]) => (isSecret(name) ? [value] : []));
}

function isSecret(name: string): boolean {
  return SECRET_NAME.test(name) || SIGNATURE_NAME.test(name);
}

function isFilled(value: string | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
