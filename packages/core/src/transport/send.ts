import { LLMError } from '../errors/error.ts';
import { addressOf, isLoopback, parseAddress } from './address.ts';
import { readErrorBody } from './error-body.ts';
import { requirePlatform } from './platform.ts';
import { cancelBody } from './release-body.ts';
import { isKey, secretsOf } from './secrets.ts';

/** What a provider wants sent. */
export interface HttpRequest {
  readonly url: string;
  /** Default `POST`. */
  readonly method?: string | undefined;
  readonly headers: Headers;
  readonly body?: string | undefined;
  readonly credentials?: RequestCredentials | undefined;
  /**
   * The key among the headers. A request with a secret does not follow a redirect, and the secret is redacted from
   * everything that the server sends. Values of headers such as `authorization`, `x-api-key` and `cookie` count as secrets
   * as well, and so do those of query parameters such as `key`.
   */
  readonly secret?: string | undefined;
  /** Further secrets, such as those in the body. */
  readonly secrets?: readonly string[] | undefined;
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Creates the error for a response whose status is not 2xx. */
interface Server {
  error(status: number, headers: Headers, body: string): LLMError | Promise<LLMError>;
}

/** A response with status 2xx. */
interface Answered {
  readonly body: ReadableStream<Uint8Array>;
  readonly contentType: string | null | undefined;
}

/**
 * Sends one request. Returns the body of a response with status 2xx, and its type.
 * @throws {LLMError} for any other response, for a redirect of a request with a secret, and for a secret over plain http; what `fetch` throws if there is
 * no response; the reason of `signal` if it is aborted.
 */
export async function send(request: HttpRequest, server: Server, fetch: Fetch, signal: AbortSignal): Promise<Answered> {
  requirePlatform('TextDecoder');
  const { url, secret: _secret, secrets: _secrets, ...init } = request;
  // A redirect would send the key to another server.
  const redirect = secretsOf(request).length > 0 ? 'manual' : 'follow';
  checkTransport(request);
  signal.throwIfAborted();
  const response = await fetch(url, { method: 'POST', ...init, redirect, signal } as RequestInit);
  if (signal.aborted) {
    // This `fetch` ignores its signal.
    cancelBody(response.body, signal.reason);
    signal.throwIfAborted();
  }
  if (response.ok) {
    return { body: response.body ?? (await wholeBody(response)), contentType: response.headers?.get('content-type') };
  }
  if (redirect === 'manual' && isRedirect(response)) throw redirectError(response, url);
  const error = await server.error(response.status, response.headers, await readErrorBody(response, signal));
  throw error.code === 'not_found' ? withAddress(error, url) : error;
}

/** @throws {LLMError} with code `config` for a key that everyone on the way could read. It is not quoted. */
function checkTransport(request: HttpRequest): void {
  const page = globalThis.location;
  const url = parseAddress(request.url, page?.href);
  if (url?.protocol !== 'http:' || isLoopback(url)) return;
  // The cookies of the page go there as well.
  if (url.origin === page?.origin && request.secret === undefined) return;
  if (!secretsOf(request).some(isKey)) return;
  const message = `A key in the headers, the query or the body needs https: ${addressOf(request.url)} is not encrypted`;
  throw new LLMError(message, { code: 'config' });
}

/** A page sees only that there is a redirect. https://fetch.spec.whatwg.org/#concept-filtered-response-opaque-redirect */
function isRedirect({ type, status, headers }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status < 400 && headers.has('location'));
}

function redirectError(response: Response, url: string): LLMError {
  cancelBody(response.body);
  const location = response.headers.get('location');
  const found = location === null ? undefined : parseAddress(location, url);
  const target = found ? ` to ${addressOf(found.href)}` : '';
  const message = `${addressOf(url)} redirects${target}. A request with a key does not follow a redirect: set the address of the provider to its target`;
  return new LLMError(message, { code: 'network', isRetryable: false });
}

function withAddress(error: LLMError, url: string): LLMError {
  const { code, isRetryable, status, serverCode, provider, requestId, retryAfterMs, cause } = error;
  const message = `${error.message} (${addressOf(url)})`;
  return new LLMError(message, { code, isRetryable, status, serverCode, provider, requestId, retryAfterMs, cause });
}

/** The body of a response whose `fetch` has no streams, such as that of React Native. */
async function wholeBody(response: Response): Promise<ReadableStream<Uint8Array>> {
  requirePlatform('ReadableStream');
  if (typeof response.arrayBuffer !== 'function' && typeof response.text !== 'function') {
    throw new LLMError('The response of fetch has no body: pass a `fetch` with streams to the client', {
      code: 'config',
    });
  }
  const bytes =
    typeof response.arrayBuffer === 'function'
      ? new Uint8Array(await response.arrayBuffer())
      : new TextEncoder().encode(await response.text());
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
