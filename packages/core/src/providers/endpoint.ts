import { LLMError } from '../error.ts';
import { joinURL } from '../http/join-url.ts';
import type { HttpRequest } from '../http/send.ts';
import { stringifyWellFormed } from '../well-formed.ts';
import type { RequestContext, ResolvedRequest } from './provider.ts';

/** What is sent, as JSON: a field that is `undefined` is left out. */
export type Body = Readonly<Record<string, unknown>>;

/** What every HTTP provider takes. */
export interface EndpointOptions {
  /**
   * The key, or a function that gives one: called for each request, and again after a 401. A function is how a page
   * gets short-lived keys from its own backend.
   */
  readonly apiKey?: string | (() => string | Promise<string>) | undefined;
  /**
   * Sent besides the provider's own headers, and instead of them where the names are the same. A key belongs into
   * `apiKey`: what stands here is neither kept from redirects nor taken out of errors.
   */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Cookies: as in `fetch`. Default: what `fetch` does, `'same-origin'`. */
  readonly credentials?: RequestCredentials | undefined;
  /** Fields put into each body; or a function that gives the body to send in place of the one it gets. */
  readonly body?: Body | ((body: Body) => Body) | undefined;
  /**
   * Lets a string `apiKey` be used from a page on another origin. Everybody who opens the page can read the key then.
   * Default false.
   */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

export interface Endpoint {
  /** A POST of `body`, joined to what the options, the request and the call put in. An empty path keeps the address. */
  post(path: string, body: Body, request: ResolvedRequest, context: RequestContext): Promise<HttpRequest>;
}

function isLoopback(url: URL): boolean {
  return /^((.*\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function configError(provider: string, message: string): LLMError {
  return new LLMError(`${provider}: ${message}`, { code: 'config' });
}

/**
 * The address of a provider with its key and headers. Where a page is rendered on a server, an address without an origin
 * means nothing yet: there it is an error to send a request, not to make the provider.
 * @throws {LLMError} with code `config` when a key would be exposed or the address is none.
 */
export function createEndpoint(
  provider: string,
  baseURL: string,
  options: EndpointOptions,
  keyHeader: (key: string) => readonly [name: string, value: string],
): Endpoint {
  const { apiKey } = options;
  const page = globalThis.location;
  let base = page || !baseURL.startsWith('/') ? open() : '';
  let pending: Promise<string> | undefined;

  function open(): string {
    let url: URL;
    try {
      url = new URL(baseURL, page?.href);
      if (!url.protocol.startsWith('http')) throw url;
    } catch {
      throw configError(provider, `no http address: ${baseURL}`);
    }
    if (apiKey && !isLoopback(url)) {
      if (url.protocol !== 'https:') {
        throw configError(provider, 'apiKey needs https');
      }
      if (page && page.origin !== url.origin && typeof apiKey === 'string' && !options.dangerouslyAllowBrowser) {
        throw configError(
          provider,
          'apiKey would be public; use a backend (baseURL), a function, or dangerouslyAllowBrowser',
        );
      }
    }
    return url.href;
  }

  /** Requests that need a key at the same time share one call of the function. */
  function getKey(): string | undefined | Promise<string> {
    if (typeof apiKey !== 'function') return apiKey;
    pending ??= (async () => apiKey())().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    async post(path, body, request, context) {
      const { body: own, headers: ownHeaders } = options;
      // A function spreads to nothing.
      const joined = { ...body, ...(own as Body), ...request.providerOptions?.[provider] };
      const headers = new Headers({ 'content-type': 'application/json' });
      const key = await getKey();
      if (!key && apiKey) throw new LLMError(`${provider}: apiKey gave none`, { code: 'authentication' });
      try {
        if (key) headers.set(...(keyHeader(key) as [string, string]));
      } catch {
        // The engine's own error quotes the key.
        throw configError(provider, 'apiKey does not fit a header');
      }
      for (const extra of [typeof ownHeaders === 'function' ? await ownHeaders() : ownHeaders, context.headers])
        new Headers(extra).forEach((value, name) => headers.set(name, value));
      return {
        url: joinURL((base ||= open()), path),
        headers,
        body: stringifyWellFormed(typeof own === 'function' ? own(joined) : joined),
        credentials: options.credentials,
        secret: key,
      };
    },
  };
}
