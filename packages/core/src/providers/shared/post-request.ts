import { kindOf } from '../../utils/kind-of.ts';
import { isLLMError, LLMError } from '../../errors/error.ts';
import { joinURL } from '../../transport/join-url.ts';
import { mergeHeaders } from '../../transport/merge-headers.ts';
import { secretsInBody } from '../../transport/secrets.ts';
import type { HttpRequest } from '../../transport/send.ts';
import { record } from '../../utils/read-value.ts';
import { thrownMessage } from '../../errors/thrown.ts';
import { stringifyWellFormed } from '../../utils/well-formed.ts';
import { checkKey, configError, type Endpoint } from './endpoint.ts';
import type { Body } from '../../utils/merge-bodies.ts';
import type { RequestContext, ResolvedRequest } from '../provider.ts';

/**
 * A POST of `body`, joined to the fields of the options, the request and the call. An empty path keeps the address.
 * @throws {LLMError} for a key, a header or a body that cannot be sent, and for a function of the options that throws.
 */
export async function postRequest(
  endpoint: Endpoint,
  path: string,
  body: Body,
  request: ResolvedRequest,
  context: RequestContext,
): Promise<HttpRequest> {
  const { owner, provider, options } = endpoint;
  const { body: own, headers: ownHeaders } = options;
  // A function spreads to nothing.
  const added = request.providerOptions?.[provider];
  const joined = { ...body, ...(own as Body), ...added };
  const headers = new Headers({ 'content-type': 'application/json' });
  const key = await keyOf(endpoint);
  // The engine's own error would quote the key.
  if (key && !isHeaderValue(key)) {
    throw configError(owner, 'apiKey has characters that a header cannot have, such as a line break');
  }
  if (key) headers.set(...(endpoint.keyHeader(key) as [string, string]));
  mergeHeaders(headers, endpoint.headers, `${owner}: headers`);
  const extra = typeof ownHeaders === 'function' ? await call(owner, 'headers', ownHeaders) : ownHeaders;
  mergeHeaders(headers, extra, `${owner}: headers`);
  mergeHeaders(headers, context.headers, `${owner}: headers of the call`);
  const sent = typeof own === 'function' ? await call(owner, 'body', () => own(joined)) : joined;
  if (!record(sent)) throw configError(owner, `the function body must return an object, not ${kindOf(sent)}`);
  return {
    url: joinURL(endpoint.url(), path),
    headers,
    body: stringify(sent, owner),
    credentials: options.credentials,
    secret: key,
    // What the caller added may be within what the provider wrote.
    secrets: [
      ...secretsInBody(sent, writtenIn(body)),
      ...[own, added].flatMap((fields) => secretsInBody(record(fields) ?? {})),
    ],
  };
}

/** The objects in a body, and in its lists, that the provider wrote. */
function writtenIn(body: Body): ReadonlySet<unknown> {
  const values = Object.values(body);
  return new Set([...values, ...values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))]);
}

async function keyOf({ owner, options: { apiKey }, calledKey }: Endpoint): Promise<string | undefined> {
  if (typeof apiKey !== 'function') return apiKey?.trim();
  const key = await call(owner, 'apiKey', calledKey);
  if (key === undefined || key === null || key === '') {
    throw new LLMError(`${owner}: the function apiKey returned no key`, { code: 'authentication' });
  }
  checkKey(owner, key);
  return key.trim();
}

/** Calls a function of the options. Its failure names it, unless it is an `LLMError`, which says what is wrong itself. */
async function call<T>(owner: string, option: 'apiKey' | 'headers' | 'body', run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (isLLMError(cause)) throw cause;
    throw new LLMError(`${owner}: the function ${option} failed: ${thrownMessage(cause)}`, { code: 'unknown', cause });
  }
}

function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

function stringify(body: Body, owner: string): string {
  try {
    return stringifyWellFormed(body);
  } catch (cause) {
    const message = `${owner}: the request cannot be written as JSON: ${thrownMessage(cause)}`;
    throw new LLMError(message, { code: 'invalid_request', cause });
  }
}
