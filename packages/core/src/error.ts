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
  /** Default: that of the class. */
  readonly code?: LLMErrorCode | undefined;
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

/** Base of all failures of a request. `message` says what happened, with whom, and what to do. */
export class LLMError extends Error {
  override name = 'LLMError';
  readonly code: LLMErrorCode;
  readonly isRetryable: boolean;
  declare readonly status: number | undefined;
  /** Set on every error that a run ends with. */
  declare provider: string | undefined;
  declare readonly requestId: string | undefined;
  declare readonly retryAfterMs: number | undefined;
  /** What had been received; set on every error that a run ends with. */
  declare partial: PartialCompletion | undefined;

  constructor(message: string, fields: LLMErrorFields = {}, code: LLMErrorCode = 'unknown', isRetryable = false) {
    super(message, fields);
    Object.assign(this, fields);
    this.code = fields.code ?? code;
    this.isRetryable = fields.isRetryable ?? isRetryable;
  }
}

/** Too many requests for now (429). `retryAfterMs` has the delay where the server named one. */
export class RateLimitError extends LLMError {
  override name = 'RateLimitError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'rate_limit', true);
  }
}

/** The account has no credit or quota left (402, or 429 with that reason). Waiting does not help. */
export class InsufficientQuotaError extends LLMError {
  override name = 'InsufficientQuotaError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'insufficient_quota');
  }
}

/** The key is missing or wrong (401). */
export class AuthenticationError extends LLMError {
  override name = 'AuthenticationError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'authentication');
  }
}

/** The key is valid and not allowed to do this (403). */
export class PermissionDeniedError extends LLMError {
  override name = 'PermissionDeniedError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'permission_denied');
  }
}

/** No such address or model (404). */
export class NotFoundError extends LLMError {
  override name = 'NotFoundError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'not_found');
  }
}

/** The messages do not fit the context window of the model. */
export class ContextLengthError extends LLMError {
  override name = 'ContextLengthError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'context_length');
  }
}

/** The server, or Rivulet before sending, refused the request as it is (400 and other 4xx). */
export class InvalidRequestError extends LLMError {
  override name = 'InvalidRequestError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'invalid_request');
  }
}

/** The server has no capacity at the moment (503, 529). */
export class OverloadedError extends LLMError {
  override name = 'OverloadedError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'overloaded', true);
  }
}

/** The server failed (5xx, 408, 409). */
export class ServerError extends LLMError {
  override name = 'ServerError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'server', true);
  }
}

/** The server was not reached, or the connection broke. */
export class NetworkError extends LLMError {
  override name = 'NetworkError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'network', true);
  }
}

/** Which deadline passed: that of `headersMs`, `firstTokenMs`, `idleMs` or `totalMs`. */
export type TimeoutPhase = 'headers' | 'firstToken' | 'idle' | 'total';

/** A deadline passed. Retryable, unless it was that of the whole call. */
export class TimeoutError extends LLMError {
  override name = 'TimeoutError';
  declare readonly phase: TimeoutPhase;
  constructor(message: string, fields: LLMErrorFields & { readonly phase: TimeoutPhase }) {
    super(message, fields, 'timeout', fields.phase !== 'total');
  }
}

/** The answer stopped before its end mark. `partial` holds what came. */
export class TruncatedError extends LLMError {
  override name = 'TruncatedError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'truncated', true);
  }
}

export function truncatedError(): TruncatedError {
  return new TruncatedError('The answer ended before its end mark');
}

/** Something received is not what its format says. */
export class ParseError extends LLMError {
  override name = 'ParseError';
  constructor(message: string, fields?: LLMErrorFields) {
    super(message, fields, 'parse');
  }
}

/** Which bound was hit. */
export type LimitName = 'frame' | 'run';

/** The answer is larger than Rivulet accepts. */
export class LimitError extends LLMError {
  override name = 'LimitError';
  declare readonly limit: LimitName;
  constructor(message: string, fields: LLMErrorFields & { readonly limit: LimitName }) {
    super(message, fields, 'limit');
  }
}

/** The caller stopped the run. Not an `LLMError`: nothing failed. `cause` is the reason given. */
export class AbortError extends Error {
  override name = 'AbortError';
  /** What had been received before the stop. */
  partial: PartialCompletion | undefined;

  constructor(reason?: unknown, partial?: PartialCompletion) {
    super('Stopped by the caller', { cause: reason });
    this.partial = partial;
  }
}

/** Whether `error` says that the caller stopped: an `AbortError` of Rivulet or of the platform. */
export function isAbortError(error: unknown): boolean {
  return (error as Error | null | undefined)?.name === 'AbortError';
}
