import { LLMError, type LLMErrorCode } from '../errors/error.ts';
import { excerpt } from '../utils/excerpt.ts';
import { contentFilterCode } from './content-filter.ts';
import { parseErrorBody, type ErrorBody } from './error-body.ts';
import { refusesInput } from './input-refusal.ts';
import { retryAfterMs } from './retry-after.ts';

type Row = readonly [status: number, inBand: RegExp, code: LLMErrorCode, summary: string];

const INVALID: Row = [400, /invalid|bad_request|unsupported/i, 'invalid_request', 'invalid request'];
const FAILED: Row = [500, /^/, 'server', 'server failure'];
const QUOTA_EXCEEDED: Row = [402, /billing/i, 'insufficient_quota', 'quota spent, check billing'];
const UNAUTHENTICATED: Row = [401, /auth|api_key/i, 'authentication', 'apiKey refused'];
const BLOCKED: Row = [400, /^$/, 'refusal', 'blocked by a content filter'];
const TOO_LONG: Row = [
  400,
  /context.(length|window)|(prompt|input) is too long|many (input )?tokens|number of tokens/i,
  'context_length',
  'messages too long',
];

/** By status, or, for an error in band without one, by the server's name for it. */
const TABLE: readonly Row[] = [
  QUOTA_EXCEEDED,
  [429, /rate_?limit|quota|exhausted|too_many/i, 'rate_limit', 'too many requests'],
  [529, /overloaded_error/i, 'overloaded', 'overloaded'],
  [503, /overload|unavailable/i, 'overloaded', 'overloaded'],
  UNAUTHENTICATED,
  [403, /permission|forbidden/i, 'permission_denied', 'not allowed'],
  [404, /not_found/i, 'not_found', 'no such model or address'],
  [504, /timeout|deadline/i, 'server', 'timeout'],
  INVALID,
  TOO_LONG,
];

const ACCOUNT_STATUSES: ReadonlySet<number | undefined> = new Set([401, 402, 429]);

/**
 * The one table from what servers send to error classes, the same for a status and for an error in band. A prompt or an
 * answer that a content filter has blocked is a `refusal`, which a run turns into the finish reason `content-filter`.
 * @param body what the server sent, as JSON or as text.
 * @param httpStatus absent in band: then the body decides.
 */
export function toLLMError(provider: string, body: unknown, httpStatus?: number, headers?: Headers): LLMError {
  const error = parseErrorBody(body);
  const { message, codes, objects, requestId } = error;
  const known = httpStatus ?? error.status;
  const filterCode = contentFilterCode(error);
  const [rowStatus, , code, summary] = filterCode ? BLOCKED : rowOf(error, known);
  const status = known ?? rowStatus;
  const shouldRetry = headers?.get('x-should-retry');
  return new LLMError(`${provider}: ${summary} (${status})${message && `: ${excerpt(message)}`}`, {
    code,
    provider,
    status,
    serverCode: filterCode ?? serverCodeOf(codes),
    requestId: headers?.get('x-request-id') || headers?.get('request-id') || requestId || undefined,
    retryAfterMs: retryAfterMs({ headers, message, objects, isRateLimit: code === 'rate_limit' }),
    isRetryable: shouldRetry ? shouldRetry === 'true' : undefined,
  });
}

function rowOf({ message, codes }: ErrorBody, known: number | undefined): Row {
  // Google refuses a key with 400. https://ai.google.dev/gemini-api/docs/troubleshooting
  if (codes.includes('API_KEY_INVALID')) return UNAUTHENTICATED;
  // The same request fails again, whatever the status. Keys, quotas and rates have statuses of their own.
  if (!ACCOUNT_STATUSES.has(known) && refusesInput(message)) return INVALID;
  const reason = codes.join(' ');
  const text = `${reason} ${message}`;
  const row = TABLE.find(([at, inBand]) => (known ? at === known : inBand.test(at === 503 ? text : reason)));
  const isClientError = !!known && known >= 400 && known < 500 && known !== 408 && known !== 409;
  const found = row ?? (isClientError ? INVALID : FAILED);
  if (found[0] < 500 && /insufficient_quota|billing(?! details)|credit balance/i.test(text)) {
    const [, inBand, code, summary] = QUOTA_EXCEEDED;
    return [found[0], inBand, code, summary];
  }
  if (found === INVALID && TOO_LONG[1].test(text)) return TOO_LONG;
  return found;
}

/** The most exact name: a word comes before numbers, which repeat the status. A sentence is not a name. */
function serverCodeOf(codes: readonly string[]): string | undefined {
  return codes.find((code) => /^(?!\d+$)[\w.:-]{1,64}$/.test(code)) ?? codes.find((code) => /^\d+$/.test(code));
}
