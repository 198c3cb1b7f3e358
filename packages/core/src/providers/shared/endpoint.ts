import { checkOptions, type Fields } from '../../errors/check-options.ts';
import { kindOf } from '../../utils/kind-of.ts';
import type { Body } from '../../utils/merge-bodies.ts';
import { LLMError } from '../../errors/error.ts';
import { isLoopback, parseAddress } from '../../transport/address.ts';
import { SECRET_NAME } from '../../transport/secret-name.ts';
import { list } from '../../utils/read-value.ts';
import { excerpt } from '../../utils/excerpt.ts';

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
   * Lets a string `apiKey`, and keys in `headers` and in the query of `baseURL`, be used from a page on another origin.
   * Everybody who opens the page can read the key then.
   * @default false
   */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

interface EndpointDetails {
  /** For a backend of the app, whose address is the option `api`: its options. @default those of a model server, with `baseURL` */
  readonly backendFields?: Fields | undefined;
  /** Headers of the provider, which those of the options replace. */
  readonly headers?: HeadersInit | undefined;
}

/** Where a provider sends its requests, and with what. */
export interface Endpoint {
  readonly provider: string;
  /** Names the provider in errors. */
  readonly owner: string;
  readonly options: EndpointOptions;
  /** Headers of the provider, which those of the options replace. */
  readonly headers: HeadersInit | undefined;
  /** @throws {LLMError} with code `config` for an address that is wrong, if there was no page to resolve it before. */
  url(): string;
  /** The result of the function `apiKey`. Requests that need a key at the same time share one call. */
  calledKey(this: void): Promise<unknown>;
  keyHeader(this: void, key: string): readonly [name: string, value: string];
}

export const ENDPOINT_FIELDS: Fields = {
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
  { backendFields, headers }: EndpointDetails = {},
): Endpoint {
  const owner = typeof provider === 'string' && provider !== '' ? provider : 'provider';
  checkOptions(owner, options, backendFields ?? SERVER_FIELDS);
  const { apiKey } = options;
  if (apiKey !== undefined && typeof apiKey !== 'function') checkKey(owner, apiKey);
  const page = globalThis.location;
  let base = page || !address.startsWith('/') ? open() : '';
  let pending: Promise<unknown> | undefined;

  function open(): string {
    const url = readAddress(address, page?.href);
    if (typeof url === 'string') throw configError(owner, `${backendFields ? 'api' : 'baseURL'} ${url}`);
    if (isLoopback(url)) return url.href;
    if (apiKey && url.protocol !== 'https:') throw configError(owner, 'apiKey needs https');
    if (!page || page.origin === url.origin || options.dangerouslyAllowBrowser) return url.href;
    // A backend of the app may know its users by a token in a header.
    const found = typeof apiKey === 'string' ? 'apiKey' : !backendFields && keyName(options, url);
    if (!found) return url.href;
    throw configError(
      owner,
      `${found} would be public; use a backend (baseURL), a function, or dangerouslyAllowBrowser`,
    );
  }

  async function calledKey(): Promise<unknown> {
    pending ??= (async () => (typeof apiKey === 'function' ? apiKey() : apiKey))().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return { provider, owner, options, headers, url: () => (base ||= open()), calledKey, keyHeader };
}

/** The name of a key that everybody who opens the page can read. */
function keyName({ headers }: EndpointOptions, url: URL): string | undefined {
  const names = [...url.searchParams.keys(), ...(typeof headers === 'function' ? [] : headerNames(headers))];
  return names.find((name) => SECRET_NAME.test(name));
}

function headerNames(headers: HeadersInit = {}): string[] {
  return Symbol.iterator in headers ? Array.from(headers, (entry) => String(list(entry)[0])) : Object.keys(headers);
}

/** @throws {LLMError} with code `config` for a key that is not text. It is not quoted. */
export function checkKey(owner: string, key: unknown): asserts key is string {
  if (typeof key !== 'string')
    throw configError(owner, `apiKey must be a string or a function that returns one, not ${kindOf(key)}`);
  if (key.trim() === '') throw configError(owner, 'apiKey is an empty string; omit it for a server without keys');
}

export function configError(owner: string, message: string): LLMError {
  return new LLMError(`${owner}: ${message}`, { code: 'config' });
}

/** The address, or words for what is wrong with it, which do not quote credentials. */
function readAddress(address: string, page: string | undefined): URL | string {
  const example = 'write it as https://host/path';
  if (address.trim() === '') return `is empty; ${example}, or omit it`;
  if (/\s/.test(address)) return `has a space or a line break; ${example}`;
  const url = parseAddress(address, page);
  if (url?.username || url?.password) return 'has a user or a password; send them as headers: { authorization }';
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    return `is not an http address; ${example}${quoted(address)}`;
  }
  return address.includes('#') ? 'has a fragment (#), which is not sent; remove it' : url;
}

/** The start of an address, without its query, which may have a key, and only if it cannot have a password. */
function quoted(address: string): string {
  const [start = ''] = address.split(/[?#]/);
  return start.includes('@') ? '' : `: ${excerpt(start)}`;
}
