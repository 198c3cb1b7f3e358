import { LLMError } from '../errors/error.ts';

/** What a server sent in place of an answer, before it is read. Decoders throw it for a failure with status 200. */
export class ErrorFrame extends Error {
  readonly provider: string;
  /** JSON or text. */
  readonly body: unknown;
  /** The status that fits it. @default the one that the body names */
  readonly status: number | undefined;

  constructor(provider: string, body: unknown, status?: number) {
    super('A failure that was sent as part of an answer');
    this.provider = provider;
    this.body = body;
    this.status = status;
  }
}

/**
 * Reads the failure of a server by `toLLMError`. That function knows the words of many servers, so it is a chunk of its own
 * that is loaded with the first failure.
 */
export async function readError(
  provider: string,
  body: unknown,
  status?: number,
  headers?: Headers,
): Promise<LLMError> {
  try {
    const { toLLMError } = await import('./http-error.ts');
    return toLLMError(provider, body, status, headers);
  } catch (cause) {
    // A retry needs to know no more than this.
    const code = status === 429 ? 'rate_limit' : status && status < 500 ? 'invalid_request' : 'server';
    return new LLMError(`${provider}: status ${status ?? 200}`, { code, provider, status, cause });
  }
}
