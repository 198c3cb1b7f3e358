import { LLMError, type LimitName, type LLMErrorCode, type LLMErrorFields, type TimeoutPhase } from './error.ts';
import type { ObjectIssue } from '../path/issue.ts';

/** An `LLMError` of one code; `instanceof` goes by the code, so it holds for whatever made the error. */
class CodedError extends LLMError {
  protected static readonly code: LLMErrorCode = 'unknown';

  static override [Symbol.hasInstance](error: unknown): boolean {
    const isOfCode = error instanceof LLMError && Object.hasOwn(this, 'code') && error.code === this.code;
    return isOfCode || super[Symbol.hasInstance](error);
  }
}

/** An option of the client or of a provider is wrong. */
export class ConfigError extends CodedError {
  protected static override readonly code = 'config';
  declare readonly code: 'config';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'config' });
  }
}

/** Too many requests for now (429). `retryAfterMs` has the delay where the server named one. */
export class RateLimitError extends CodedError {
  protected static override readonly code = 'rate_limit';
  declare readonly code: 'rate_limit';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'rate_limit' });
  }
}

/** The account has no credit or quota left (402, or 429 with that reason). Waiting does not help. */
export class InsufficientQuotaError extends CodedError {
  protected static override readonly code = 'insufficient_quota';
  declare readonly code: 'insufficient_quota';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'insufficient_quota' });
  }
}

/** The key is missing or wrong (401). */
export class AuthenticationError extends CodedError {
  protected static override readonly code = 'authentication';
  declare readonly code: 'authentication';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'authentication' });
  }
}

/** The key is valid and not allowed to do this (403). */
export class PermissionDeniedError extends CodedError {
  protected static override readonly code = 'permission_denied';
  declare readonly code: 'permission_denied';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'permission_denied' });
  }
}

/** No such address or model (404). */
export class NotFoundError extends CodedError {
  protected static override readonly code = 'not_found';
  declare readonly code: 'not_found';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'not_found' });
  }
}

/** The server, or Rivulet before sending, refused the request as it is (400 and other 4xx). */
export class InvalidRequestError extends CodedError {
  protected static override readonly code = 'invalid_request';
  declare readonly code: 'invalid_request';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'invalid_request' });
  }
}

/** The messages do not fit the context window of the model. */
export class ContextLengthError extends CodedError {
  protected static override readonly code = 'context_length';
  declare readonly code: 'context_length';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'context_length' });
  }
}

/** The server has no capacity at the moment (503, 529). */
export class OverloadedError extends CodedError {
  protected static override readonly code = 'overloaded';
  declare readonly code: 'overloaded';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'overloaded' });
  }
}

/** The server failed (5xx, 408, 409). */
export class ServerError extends CodedError {
  protected static override readonly code = 'server';
  declare readonly code: 'server';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'server' });
  }
}

/** The server was not reached, or the connection broke. */
export class NetworkError extends CodedError {
  protected static override readonly code = 'network';
  declare readonly code: 'network';
  /** Whether the browser knew that it was offline. */
  declare readonly isOffline: boolean | undefined;

  constructor(message: string, fields?: LLMErrorFields & { readonly isOffline?: boolean | undefined }) {
    super(message, { ...fields, code: 'network' });
  }
}

/** A deadline passed. Retryable, unless it was that of the whole call. */
export class TimeoutError extends CodedError {
  protected static override readonly code = 'timeout';
  declare readonly code: 'timeout';
  declare readonly phase: TimeoutPhase;

  constructor(message: string, fields: LLMErrorFields & { readonly phase: TimeoutPhase }) {
    super(message, { ...fields, code: 'timeout' });
  }
}

/** The answer stopped before its end mark. `partial` holds what came. */
export class TruncatedError extends CodedError {
  protected static override readonly code = 'truncated';
  declare readonly code: 'truncated';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'truncated' });
  }
}

/** Something received is not what its format says. */
export class ParseError extends CodedError {
  protected static override readonly code = 'parse';
  declare readonly code: 'parse';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'parse' });
  }
}

/** An object closed and does not fit its schema; `issues` say where. `partial.object` holds it. */
export class ValidationError extends CodedError {
  protected static override readonly code = 'validation';
  declare readonly code: 'validation';
  declare readonly issues: readonly ObjectIssue[];

  constructor(message: string, fields: LLMErrorFields & { readonly issues: readonly ObjectIssue[] }) {
    super(message, { ...fields, code: 'validation' });
  }
}

/** An object was asked for, and the model declined or a filter stopped it. */
export class RefusalError extends CodedError {
  protected static override readonly code = 'refusal';
  declare readonly code: 'refusal';

  constructor(message: string, fields?: LLMErrorFields) {
    super(message, { ...fields, code: 'refusal' });
  }
}

/** The answer is larger than Rivulet accepts. */
export class LimitError extends CodedError {
  protected static override readonly code = 'limit';
  declare readonly code: 'limit';
  declare readonly limit: LimitName;

  constructor(message: string, fields: LLMErrorFields & { readonly limit: LimitName }) {
    super(message, { ...fields, code: 'limit' });
  }
}
