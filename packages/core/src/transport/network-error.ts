import { LLMError } from '../errors/error.ts';
import { excerpt } from '../utils/excerpt.ts';
import { addressOf, isCrossOrigin } from './address.ts';

/** The error for a request without a response, or for a connection that broke. */
export function networkError(provider: string, url: string, hasResponse: boolean, cause: unknown): LLMError {
  const isOffline = !(globalThis.navigator?.onLine ?? true);
  // A page cannot tell a refusal of its origin from a server that is down.
  const hint = !hasResponse && !isOffline && isCrossOrigin(url) ? ' (CORS?)' : '';
  return new LLMError(`Connection to ${provider} failed${hint}: ${addressOf(url)}`, {
    code: 'network',
    isOffline,
    cause,
  });
}

/** The error for a frame that cannot be read. */
export function brokenDataError(provider: string, url: string, data: string, details: string): LLMError {
  const address = addressOf(url);
  const message = isPage(data)
    ? `${provider} answered with a web page instead of a stream, check the address ${address} (baseURL or api)`
    : `${provider} sent broken data${details} (${address})`;
  return new LLMError(`${message}: ${excerpt(data)}`, { code: 'parse' });
}

/** Whether a text is the start of an HTML document, such as that of a login or of an app without this path. */
export function isPage(text: string): boolean {
  return /^\s*(?:<!--[^>]{0,1000}-->\s*)?<(?:!doctype html|html|head|body|title|meta|script)\b/i.test(
    text.slice(0, 2000),
  );
}
