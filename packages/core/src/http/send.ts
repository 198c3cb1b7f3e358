import type { LLMError } from '../error.ts';
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

/** Makes the error for a response that is none. */
interface Server {
  error(status: number, headers: Headers, body: string): LLMError;
}

/**
 * Sends one request. Gives the body of a response with status 2xx.
 * @throws {LLMError} that says what the server answered otherwise; what `fetch` throws when nothing was answered.
 */
export async function send(
  { url, secrets, ...init }: HttpRequest,
  server: Server,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  // A redirect would carry the key along.
  const redirect = secrets[0] ? 'error' : 'follow';
  const response = await fetch(url, { method: 'POST', ...init, redirect, signal } as RequestInit);
  if (!response.ok) throw server.error(response.status, response.headers, await readErrorBody(response));
  return response.body ?? new Blob().stream();
}
