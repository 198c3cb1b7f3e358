import { LLMError, type LLMErrorCode } from '../error.ts';
import { excerpt } from '../wire/excerpt.ts';
import { retryAfterInText, retryAfterMs } from './retry-after.ts';

type Row = readonly [status: number, inBand: RegExp, code: LLMErrorCode, says: string];

const INVALID: Row = [400, /invalid|bad_request|unsupported/i, 'invalid_request', 'invalid request'];
const FAILED: Row = [500, /^/, 'server', 'server failure'];
const SPENT: Row = [402, /billing/i, 'insufficient_quota', 'quota spent, check billing'];
const TOO_LONG: Row = [
  400,
  /context.(length|window)|(prompt|input) is too long|many (input )?tokens|number of tokens/i,
  'context_length',
  'messages too long',
];

/** By status, or, where an error comes in band without one, by what the server calls it. */
const TABLE: readonly Row[] = [
  SPENT,
  [429, /rate_?limit|quota|exhausted|too_many/i, 'rate_limit', 'too many requests'],
  [529, /overloaded_error/i, 'overloaded', 'overloaded'],
  [503, /overload|unavailable/i, 'overloaded', 'overloaded'],
  [401, /auth|api_key/i, 'authentication', 'apiKey refused'],
  [403, /permission|forbidden/i, 'permission_denied', 'not allowed'],
  [404, /not_found/i, 'not_found', 'no such model or address'],
  [504, /timeout|deadline/i, 'server', 'timeout'],
  INVALID,
  TOO_LONG,
];

/** What errors look like on the wires: OpenAI, Anthropic, Gemini, Ollama (`{ error: text }`), FastAPI (`detail`). */
interface ErrorBody {
  readonly error?: ErrorBody | string;
  readonly message?: unknown;
  readonly detail?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly request_id?: string;
}

function parse(body: unknown): ErrorBody {
  let value = body;
  try {
    if (typeof body === 'string') value = JSON.parse(body);
  } catch {
    // A page of some proxy: its text is the message.
  }
  if (Array.isArray(value)) [value] = value;
  return typeof value === 'object' && value ? value : { message: value };
}

/**
 * The one table from what servers say to error classes, the same for a status and for an error in band.
 * @param body what the server sent, as JSON or as text.
 * @param httpStatus absent in band: then what the body says decides.
 */
export function toLLMError(provider: string, body: unknown, httpStatus?: number, headers?: Headers): LLMError {
  const outer = parse(body);
  const error = typeof outer.error === 'string' ? { message: outer.error } : (outer.error ?? outer);
  const said = error.message ?? error.detail ?? '';
  const message = typeof said === 'string' ? said : JSON.stringify(said);
  const reason = [error.type, error.code, error.status].join(' ');
  const known = httpStatus ?? (/^[45]\d\d$/.test(error.code as string) ? Number(error.code) : 0);
  const text = reason + message;
  const row =
    TABLE.find(([at, inBand]) => (known ? at === known : inBand.test(at === 503 ? text : reason))) ??
    (known < 400 || known > 499 || known === 408 || known === 409 ? FAILED : INVALID);
  const isSpent = row[0] < 500 && /insufficient_quota|billing(?! details)|credit balance/i.test(text);
  const isTooLong = row === INVALID && TOO_LONG[1].test(text);
  const [, , code, says] = isSpent ? SPENT : isTooLong ? TOO_LONG : row;
  const status = known || row[0];
  const shouldRetry = headers?.get('x-should-retry');
  return new LLMError(`${provider}: ${says} (${status})${message && `: ${excerpt(message)}`}`, {
    code,
    provider,
    status,
    requestId: headers?.get('x-request-id') ?? headers?.get('request-id') ?? outer.request_id,
    retryAfterMs: (headers && retryAfterMs(headers, status)) ?? retryAfterInText(message),
    isRetryable: shouldRetry ? shouldRetry === 'true' : undefined,
  });
}
