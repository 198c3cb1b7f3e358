import { NetworkError, type LLMError } from '../error.ts';
import { readErrorBody } from './error-body.ts';

/** What a provider wants sent. */
export interface HttpRequest {
  readonly url: string;
  /** Default `POST`. */
  readonly method?: string | undefined;
  readonly headers: Headers;
  readonly body?: string | undefined;
  readonly credentials?: RequestCredentials | undefined;
  /** Keys among the headers: not followed through a redirect, and redacted from every error. */
  readonly secrets: readonly string[];
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Who answers, for errors. */
interface Server {
  readonly name: string;
  error(status: number, headers: Headers, body: string): LLMError;
}

/**
 * Sends one request. Gives the body of a response with status 2xx, or throws the `LLMError` that says why not.
 * @param signal aborts the request; whoever aborts it says why.
 */
export async function send(
  { url, secrets, ...init }: HttpRequest,
  { name, error }: Server,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  let response: Response;
  try {
    // A redirect would carry the key along.
    const redirect = secrets.length > 0 ? 'error' : 'follow';
    response = await fetch(url, { method: 'POST', ...init, redirect, signal } as RequestInit);
  } catch (cause) {
    // Engines word this differently, and none says which of these it was.
    const { origin } = new URL(url, globalThis.location?.href);
    throw new NetworkError(`${name} was not reached at ${origin}; check network, address and CORS`, {
      provider: name,
      cause,
    });
  }
  if (!response.ok) throw error(response.status, response.headers, await readErrorBody(response));
  return response.body ?? new Blob().stream();
}
