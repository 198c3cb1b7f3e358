import { SECRET_NAME } from './secret-name.ts';
import type { HttpRequest } from './send.ts';

/** Further names in headers and queries. https://learn.microsoft.com/azure/azure-functions/function-keys-how-to */
const SIGNATURE_NAME = /^(?:sig|code|x-amz-signature)$|cookie|signature|session/i;

/** How deep secrets are searched for in a body. A body may refer to itself: then it cannot be sent. */
const MAX_DEPTH = 16;

/** The secrets of a request: the key, and those among the headers, in the body and in the address. */
export function secretsOf({ secret, secrets = [], headers, url }: HttpRequest): string[] {
  const fromHeaders = [...headers].flatMap(([name, value]) => (isSecret(name) ? secretsInHeader(name, value) : []));
  return [secret, ...secrets, ...fromHeaders, ...secretsInURL(url)].filter(isFilled);
}

/** A shorter secret is a placeholder such as "test", and would be found in ordinary words. */
export function isKey(secret: string): boolean {
  return secret.length >= 8;
}

/**
 * The values of fields with the name of a secret, also in nested objects and lists, and the secrets in addresses.
 * @param written what the provider wrote from the request, such as messages and schemas: they are not searched.
 */
export function secretsInBody(body: object, written: ReadonlySet<unknown> = new Set()): string[] {
  const secrets: string[] = [];

  function search(value: unknown, name: string, parent: string, depth: number): void {
    if (typeof value === 'string') {
      const isSecretField = SECRET_NAME.test(name) || (parent === 'headers' && SIGNATURE_NAME.test(name));
      if (isSecretField) secrets.push(...secretsInHeader(name, value));
      else if (value.startsWith('http')) secrets.push(...secretsInURL(value));
    } else if (typeof value === 'object' && value !== null && !written.has(value) && depth < MAX_DEPTH) {
      const isList = Array.isArray(value);
      for (const [key, field] of Object.entries(value)) {
        search(field, isList ? name : key, isList ? parent : name, depth + 1);
      }
    }
  }

  search(body, '', '', 0);
  return secrets;
}

/** A server may echo the credentials of `Bearer …` and `Basic …`, or one of several cookies, on their own. */
function secretsInHeader(name: string, value: string): string[] {
  if (name.toLowerCase().includes('cookie')) {
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
