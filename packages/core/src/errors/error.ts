import type { PartialCompletion } from '../types/completion.ts';
import type { ObjectIssue } from '../path/issue.ts';
import { UnexpectedValueError } from '../utils/read-value.ts';
import { describeThrown, isInstance, thrownProperty } from './thrown.ts';

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
  /** Whether the same request may succeed later. Default: what the code says. */
  readonly isRetryable?: boolean | undefined;
  /** HTTP status; for an error inside a stream, the status that fits it. */
  readonly status?: number | undefined;
  /** The server's own name for the failure, such as `rate_limit_exceeded` or `1301`. */
  readonly serverCode?: string | undefined;
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

/** Which deadline passed: that of `headersMs`, `firstTokenMs`, `idleMs` or `totalMs`. */
export type TimeoutPhase = 'headers' | 'firstToken' | 'idle' | 'total';

/**
 * Which bound was exceeded: the size of a frame, of everything that a run keeps, of the events that a loop over a run has not
 * read yet, or the depth of nested values.
 */
export type LimitName = 'frame' | 'run' | 'reader' | 'depth';

/** Where in a text something is. */
export interface TextPlace {
  /** In UTF-16 code units from the start of the text, from 0. */
  readonly position: number;
  /** From 1. */
  readonly line: number;
  /** In UTF-16 code units from the start of the line, from 1. */
  readonly column: number;
  /** What stands around it, at most 60 characters. */
  readonly excerpt: string;
}

export interface LLMErrorOptions extends LLMErrorFields {
  readonly code: LLMErrorCode;
  readonly phase?: TimeoutPhase | undefined;
  readonly limit?: LimitName | undefined;
  readonly place?: TextPlace | undefined;
  readonly isOffline?: boolean | undefined;
  readonly issues?: readonly ObjectIssue[] | undefined;
}

/** Failures that may pass by themselves. */
const RETRYABLE = /^(rate_limit|overloaded|server|network|timeout|truncated)$/;

/**
 * Base of all failures of a request. `message` says what happened, with whom, and what to do; `code` says which kind.
 * The classes of the kinds (`RateLimitError` and so on) are made for `instanceof`: whoever imports none downloads none.
 */
export class LLMError extends Error {
  declare readonly code: LLMErrorCode;
  readonly isRetryable: boolean;
  declare readonly status: number | undefined;
  declare readonly serverCode: string | undefined;
  /** Set on every error that a run ends with. */
  declare provider: string | undefined;
  declare readonly requestId: string | undefined;
  declare readonly retryAfterMs: number | undefined;
  /** Where reading failed; set on errors of JSON that is read as it comes. */
  declare readonly place: TextPlace | undefined;
  /** What had been received; set on every error that a run ends with. */
  declare partial: PartialCompletion | undefined;

  constructor(message: string, fields: LLMErrorOptions) {
    super(message, fields);
    Object.assign(this, fields);
    this.isRetryable = fields.isRetryable ?? (RETRYABLE.test(fields.code) && fields.phase !== 'total');
    // rate_limit: RateLimitError
    this.name = `${fields.code.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}Error`;
  }
}

export function truncatedError(): LLMError {
  return new LLMError('The answer ended before its end mark', { code: 'truncated' });
}

/** The caller stopped the run. Not an `LLMError`: nothing failed. `cause` is the reason given. */
export class AbortError extends Error {
  override name = 'AbortError';
  /** What had been received before the stop. */
  declare partial: PartialCompletion | undefined;

  constructor(reason?: unknown) {
    super('Stopped', { cause: reason });
  }
}

/** Whether `error` says that the caller stopped: an `AbortError` of Rivulet or of the platform. */
export function isAbortError(error: unknown): boolean {
  return thrownProperty(error, 'name') === 'AbortError';
}

/** Whether `thrown` is an error of ours. */
export function isLLMError(thrown: unknown): thrown is LLMError {
  return isInstance(thrown, LLMError);
}

/**
 * The error that a run ends with. It is an object of that run alone, because runs may share what is thrown: the rejection of
 * one `apiKey()`, or an error that an application throws again. An `LLMError` is copied, with its class, fields and stack;
 * anything else is the `cause` of a new one.
 */
export function toFailure(thrown: unknown): LLMError {
  if (isInstance(thrown, UnexpectedValueError)) {
    return new LLMError(`The answer has broken data (${thrown.message})`, { code: 'parse', cause: thrown });
  }
  if (isLLMError(thrown)) {
    try {
      return copyOf(thrown);
    } catch {
      // A property that cannot be read. The error is still the cause.
    }
  }
  return new LLMError(`Failed: ${describeThrown(thrown)}`, { code: 'unknown', cause: thrown });
}

function copyOf(error: LLMError): LLMError {
  const { message, code, stack } = error;
  const cause = 'cause' in error ? { cause: error.cause } : {};
  const copy = new LLMError(message, { code, ...cause });
  Object.assign(copy, error);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  setStack(copy, stack);
  return copy;
}

/**
 * Adds where a run was started to the stack of its error. The rest of the stack begins in a task of the network, and has no
 * line of the application.
 * @param start an error that was created when the run started.
 */
export function addStart(error: Error, start: Error): void {
  const lines = start.stack?.replace(/^Error\n/, '');
  if (lines) setStack(error, `${error.stack ?? String(error)}\nStarted by:\n${lines}`);
}

function setStack(error: Error, value: string | undefined): void {
  Object.defineProperty(error, 'stack', { value, writable: true, configurable: true, enumerable: false });
}
