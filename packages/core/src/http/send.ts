import type { LLMError } from '../error.ts';
import { readErrorBody } from './error-body.ts';
import { redact } from './redact.ts';
import { cancelBody } from './release-body.ts';

/** What a provider wants sent. */
export interface HttpRequest {
  readonly url: string;
  /** Default `POST`. */
  readonly method?: string | undefined;
  readonly headers: Headers;
  readonly body?: string | undefined;
  readonly credentials?: RequestCredentials | undefined;
  /** The key among the headers: not sent on through a redirect, and redacted from all that comes back. */
  readonly secret?: string | undefined;
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Makes the error for a response that is none. */
interface Server {
  error(status: number, headers: Headers, body: string): LLMError | Promise<LLMError>;
}

/**
 * Sends one request. Gives the body of a response with status 2xx.
 * @throws {LLMError} that says what the server answered otherwise; what `fetch` throws when nothing was answered; the reason
 * of `signal` if it is aborted.
 */
export async function send(
  request: HttpRequest,
  server: Server,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { url, secret, ...init } = request;
  signal.throwIfAborted();
  // A redirect would carry the key along.
  const response = await fetch(url, {
    method: 'POST',
    ...init,
    redirect: secret ? 'error' : 'follow',
    signal,
  } as RequestInit);
  if (signal.aborted) {
    // This `fetch` ignores its signal.
    cancelBody(response.body, signal.reason);
    signal.throwIfAborted();
  }
  if (response.ok) return response.body ?? new Blob().stream();
  throw await server.error(response.status, response.headers, redact(await readErrorBody(response, signal), secret));
}
