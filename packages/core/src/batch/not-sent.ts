import { LLMError } from '../errors/error.ts';

/** Thrown by the work on an item whose request was not sent. Its result has `error`. */
export class NotSent extends Error {
  readonly error: LLMError;

  constructor(error: LLMError) {
    super(error.message);
    this.error = error;
  }
}

/** The error of a request that was not sent because of the failure of another one. */
export function unsentError({ message, code, status, serverCode, provider, ...failure }: LLMError): LLMError {
  const { isRetryable, retryAfterMs } = failure;
  return new LLMError(`Not sent, because another request failed. ${message}`, {
    code,
    isRetryable,
    ...(status !== undefined && { status }),
    ...(serverCode !== undefined && { serverCode }),
    ...(provider !== undefined && { provider }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
