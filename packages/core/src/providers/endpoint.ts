import { checkOptions, kindOf, type Fields } from '../check-options.ts';
import { isAbortError, LLMError } from '../error.ts';
import { mergeHeaders } from '../http/merge-headers.ts';
import { joinURL } from '../http/join-url.ts';
import { secretsInBody } from '../http/secrets.ts';
import type { HttpRequest } from '../http/send.ts';
import { record } from '../read-value.ts';
import { stringifyWellFormed } from '../well-formed.ts';
import { excerpt } from '../wire/excerpt.ts';
import type { RequestContext, ResolvedRequest } from './provider.ts';

/** What is sent, as JSON: a field that is `undefined` is left out. */
export type Body = Readonly<Record<string, unknown>>;

/** What every HTTP provider takes. */
export interface EndpointOptions {
  /**
   * The key, or a function that returns one: called for each request, and again after a 401. A function is how a page
   * gets short-lived keys from its own backend. Keys are redacted from everything that a server sends, if they have at
   * least 8 characters and are not divided over several fields or deltas.
   */
  readonly apiKey?: string | (() => string | Promise<string>) | undefined;
  /**
   * Sent in addition to the provider's own headers, and instead of them where the names are the same. Values of headers such
   * as `authorization`, `x-api-key` and `cookie` are redacted like an `apiKey`, and are not sent to the target of a redirect.
   */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Cookies: as in `fetch`. Default: what `fetch` does, `'same-origin'`. */
  readonly credentials?: RequestCredentials | undefined;
  /** Fields added to each body; or a function that returns the body to send in place of its argument. */
  readonly body?: Body | ((body: Body) => Body) | undefined;
  /**
   * Lets a string `apiKey` be used from a page on another origin. Everybody who opens the page can read the key then.
   * Default false.
   */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

interface EndpointDetails {
  /** The option that has the address. @default 'baseURL' */
  readonly addressOption?: 'baseURL' | 'api' | undefined;
  /** Headers of the provider, which those of the options replace. */
  readonly headers?: HeadersInit | undefined;
}

export interface Endpoint {
  /** A POST of `body`, joined to the fields of the options, the request and the call. An empty path keeps the address. */
  post(path: string, body: Body, request: ResolvedRequest, context: RequestContext): Promise<HttpRequest>;
}

const ENDPOINT_FIELDS: Fields = {
  // Checked on its own, because its errors must not quote it.
  apiKey: 'anything',
  headers: 'an object or a list or a function',
  credentials: "'omit' or 'same-origin' or 'include'",
  body: 'an object or a function',
  dangerouslyAllowBrowser: 'a boolean',
  name: 'a string that is not empty',
};

const SERVER_FIELDS: Fields = {
  ...ENDPOINT_FIELDS,
  baseURL: 'a string',
  thoughts: "a boolean or 'open'",
  beta: 'a list',
  version: 'a string',
};

const BACKEND_FIELDS: Fields = {
  ...ENDPOINT_FIELDS,
  api: 'a string',
  id: 'a string or a function',
  threadId: 'a string or a function',
};

/**
 * The address of a provider with its key and headers. A path without an origin is that of the page; on a server that renders
 * a page it is an error to send a request, not to create the provider.
 * @throws {LLMError} with code `config` if an option is unknown or wrong, or if a key would be exposed.
 */
export function createEndpoint(
  provider: string,
  address: string,
  options: EndpointOptions,
  keyHeader: (key: string) => readonly [name: string, value: string],
  { addressOption = 'baseURL', headers: providerHeaders }: EndpointDetails = {},
): Endpoint {
  const owner = typeof provider === 'string' && provider !== '' ? provider : 'provider';
  checkOptions(owner, options, addressOption === 'api' ? BACKEND_FIELDS : SERVER_FIELDS);
  const { apiKey } = options;
  if (apiKey !== undefined && typeof apiKey !== 'function') checkKey(apiKey);
  const page = globalThis.location;
  let base = page || !address.startsWith('/') ? open() : '';
  let pending: Promise<unknown> | undefined;

  function fail(message: string): LLMError {
    return new LLMError(`${owner}: ${message}`, { code: 'config' });
  }

  function open(): string {
    const url = parseAddress(address, page?.href);
    if (typeof url === 'string') throw fail(`${addressOption} ${url}`);
    if (!apiKey || isLoopback(url)) return url.href;
    if (url.protocol !== 'https:') throw fail('apiKey needs https');
    if (page && page.origin !== url.origin && typeof apiKey === 'string' && !options.dangerouslyAllowBrowser) {
      throw fail('apiKey would be public; use a backend (baseURL), a function, or dangerouslyAllowBrowser');
    }
    return url.href;
  }

  function checkKey(key: unknown): asserts key is string {
    if (typeof key !== 'string')
      throw fail(`apiKey must be a string or a function that returns one, not ${kindOf(key)}`);
    if (key.trim() === '') throw fail('apiKey is an empty string; omit it for a server without keys');
  }

  /** Calls a function of the options. Its failure is an error of its own for each request. */
  async function call<T>(option: 'apiKey' | 'headers' | 'body', run: () => T | Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      if (isAbortError(cause)) throw cause;
      const { code = 'unknown', isRetryable = false } = cause instanceof LLMError ? cause : {};
      throw new LLMError(`${owner}: the function ${option} failed: ${messageOf(cause)}`, { code, isRetryable, cause });
    }
  }

  /** Requests that need a key at the same time share one call of the function. */
  async function getKey(): Promise<string | undefined> {
    if (typeof apiKey !== 'function') return apiKey?.trim();
    pending ??= (async () => apiKey())().finally(() => {
      pending = undefined;
    });
    const shared = pending;
    const key = await call('apiKey', () => shared);
    if (key === undefined || key === null || key === '') {
      throw new LLMError(`${owner}: the function apiKey returned no key`, { code: 'authentication' });
    }
    checkKey(key);
    return key.trim();
  }

  return {
    async post(path, body, request, context) {
      const { body: own, headers: ownHeaders } = options;
      // A function spreads to nothing.
      const joined = { ...body, ...(own as Body), ...request.providerOptions?.[provider] };
      const headers = new Headers({ 'content-type': 'application/json' });
      const key = await getKey();
      // The engine's own error would quote the key.
      if (key && !isHeaderValue(key))
        throw fail('apiKey has characters that a header cannot have, such as a line break');
      if (key) headers.set(...(keyHeader(key) as [string, string]));
      mergeHeaders(headers, providerHeaders, `${owner}: headers`);
      const extra = typeof ownHeaders === 'function' ? await call('headers', ownHeaders) : ownHeaders;
      mergeHeaders(headers, extra, `${owner}: headers`);
      mergeHeaders(headers, context.headers, `${owner}: headers of the call`);
      const sent = typeof own === 'function' ? await call('body', () => own(joined)) : joined;
      if (!record(sent)) throw fail(`the function body must return an object, not ${kindOf(sent)}`);
      return {
        url: joinURL((base ||= open()), path),
        headers,
        body: stringify(sent, owner),
        credentials: options.credentials,
        secret: key,
        secrets: secretsInBody(sent),
      };
    },
  };
}

function isLoopback(url: URL): boolean {
  return /^((.*\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

/** The address, or words for what is wrong with it, which do not quote credentials. */
function parseAddress(address: string, page: string | undefined): URL | string {
  const example = 'write it as https://host/path';
  if (address.trim() === '') return `is empty; ${example}, or omit it`;
  if (/\s/.test(address)) return `has a space or a line break; ${example}`;
  let url: URL;
  try {
    url = new URL(address, page);
  } catch {
    return `is not an http address; ${example}${quoted(address)}`;
  }
  if (url.username || url.password) {
    return 'has a user or a password; send them as headers: { authorization: `Basic ${btoa("user:password")}` }';
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `is not an http address; ${example}${quoted(address)}`;
  }
  return address.includes('#') ? 'has a fragment (#), which is not sent; remove it' : url;
}

/** The start of an address, without its query, which may have a key, and only if it cannot have a password. */
function quoted(address: string): string {
  const [start = ''] = address.split(/[?#]/);
  return start.includes('@') ? '' : `: ${excerpt(start)}`;
}

function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'it threw a value without a message';
  }
}

function stringify(body: Body, owner: string): string {
  try {
    return stringifyWellFormed(body);
  } catch (cause) {
    const message = `${owner}: the request cannot be written as JSON: ${messageOf(cause)}`;
    throw new LLMError(message, { code: 'invalid_request', cause });
  }
}
