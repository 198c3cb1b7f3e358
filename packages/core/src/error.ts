import type { PartialCompletion } from './completion.ts';

/** What went wrong, for a `switch`. New codes may come in a minor version: give it a default. */
export type LLMErrorCode =
  | 'config'
  | 'rate_limit'
  | 'insufficient_quota'
  | 'authentication'
  | 'permission_denied'
  | 'not_found'
  | 'invalid_request'
  | 'context_length'
  | 'overloaded'
  | 'server'
  | 'network'
  | 'timeout'
  | 'truncated'
  | 'parse'
  | 'validation'
  | 'refusal'
  | 'limit'
  | 'unknown';

export interface LLMErrorFields {
  /** Whether the same request may succeed later. Default: what the class says. */
  readonly isRetryable?: boolean | undefined;
  /** HTTP status; for an error inside a stream, the status that fits it. */
  readonly status?: number | undefined;
  /** Name of the provider that was asked. */
  readonly provider?: string | undefined;
  /** The provider's id of the request, for its support. */
  readonly requestId?: string | undefined;
  /** How long the server asked to wait, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** What had been received before the error. */
  readonly partial?: PartialCompletion | undefined;
  readonly cause?: unknown;
}

export interface LLMErrorOptions extends LLMErrorFields {
  readonly code: LLMErrorCode;
}

/** Base of all failures of a request. `message` says what happened, with whom, and what to do. */
export class LLMError extends Error {
  declare readonly code: LLMErrorCode;
  declare readonly isRetryable: boolean;
  declare readonly status: number | undefined;
  declare readonly provider: string | undefined;
  declare readonly requestId: string | undefined;
  declare readonly retryAfterMs: number | undefined;
  /** What had been received; set on every error that a run ends with. */
  declare partial: PartialCompletion | undefined;

  constructor(message: string, options: LLMErrorOptions) {
    super(message, options);
    // Minifiers rename classes, so the name is made of the code: rate_limit, RateLimitError.
    const name = new.target === LLMError ? 'LLM' : options.code.replace(/(?:^|_)./g, (start) => start.slice(-1).toUpperCase());
    Object.assign(this, { isRetryable: false, name: `${name}Error` }, options);
  }
}

/** Too many requests for now (429). `retryAfterMs` has the delay where the server named one. */
export class RateLimitError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { isRetryable: true, ...fields, code: 'rate_limit' });
  }
}

/** The account has no credit or quota left (402, or 429 with that reason). Waiting does not help. */
export class InsufficientQuotaError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'insufficient_quota' });
  }
}

/** The key is missing or wrong (401). */
export class AuthenticationError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'authentication' });
  }
}

/** The key is valid and not allowed to do this (403). */
export class PermissionDeniedError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'permission_denied' });
  }
}

/** No such address or model (404). */
export class NotFoundError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'not_found' });
  }
}

/** The server, or Rivulet before sending, refused the request as it is (400 and other 4xx). */
export class InvalidRequestError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'invalid_request' });
  }
}

/** The messages do not fit the context window of the model. */
export class ContextLengthError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'context_length' });
  }
}

/** The server has no capacity at the moment (503, 529). */
export class OverloadedError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { isRetryable: true, ...fields, code: 'overloaded' });
  }
}

/** The server failed (5xx, 408, 409). */
export class ServerError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { isRetryable: true, ...fields, code: 'server' });
  }
}

/** The server was not reached, or the connection broke. */
export class NetworkError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { isRetryable: true, ...fields, code: 'network' });
  }
}

/** Which deadline passed; each is an option of `TimeoutOptions`. */
export type TimeoutPhase = 'headers' | 'first-token' | 'idle' | 'total';

/** A deadline passed. */
export class TimeoutError extends LLMError {
  declare readonly phase: TimeoutPhase;
  constructor(message: string, fields: LLMErrorFields & { readonly phase: TimeoutPhase }) {
    super(message, { isRetryable: fields.phase !== 'total', ...fields, code: 'timeout' });
  }
}

/** The answer stopped before its end mark. `partial` holds what came. */
export class TruncatedError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { isRetryable: true, ...fields, code: 'truncated' });
  }
}

/** Something received is not what its format says. */
export class ParseError extends LLMError {
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'parse' });
  }
}

/** Which bound was hit. */
export type LimitName = 'frame' | 'run';

/** The answer is larger than Rivulet accepts. */
export class LimitError extends LLMError {
  declare readonly limit: LimitName;
  constructor(message: string, fields: LLMErrorFields & { readonly limit: LimitName }) {
    super(message, { ...fields, code: 'limit' });
  }
}

/** The caller stopped the run. Not an `LLMError`: nothing failed. `cause` is the reason given. */
export class AbortError extends Error {
  /** What had been received before the stop. */
  partial: PartialCompletion | undefined;

  constructor(reason?: unknown, partial?: PartialCompletion) {
    super('The run was stopped by its caller.', reason === undefined ? undefined : { cause: reason });
    this.name = 'AbortError';
    this.partial = partial;
  }
}

/** Whether `error` says that the caller stopped: an `AbortError` of Rivulet or of the platform. */
export function isAbortError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
