import {
  AuthenticationError,
  ContextLengthError,
  InsufficientQuotaError,
  InvalidRequestError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  type LLMError,
  type LLMErrorFields,
} from '../error.ts';
import { excerpt } from '../wire/excerpt.ts';
import { retryAfterInText, retryAfterMs } from './retry-after.ts';

/** Reasons that name the status of an error which came without one. */
const STATUS_BY_REASON: readonly (readonly [RegExp, number])[] = [
  [/rate_?limit|quota|exhausted|too_many/i, 429],
  [/overloaded_error/i, 529],
  [/overload|unavailable|capacity/i, 503],
  [/auth|api_key/i, 401],
  [/permission|forbidden/i, 403],
  [/not_found/i, 404],
  [/billing/i, 402],
  [/timeout|deadline/i, 504],
  [/invalid|context_length|bad_request|unsupported/i, 400],
];

const QUOTA = /insufficient_quota|billing|credit balance/i;
const CONTEXT_LENGTH =
  /context.(length|window)|(prompt|input) is too long|too many (input )?tokens|maximum number of tokens/i;

type Kind = readonly [error: new (message: string, fields: LLMErrorFields) => LLMError, says: string];

const INVALID: Kind = [InvalidRequestError, 'refused the request; change it'];
const QUOTA_SPENT: Kind = [InsufficientQuotaError, 'says the quota is spent; check your billing'];
const SERVER: Kind = [ServerError, 'failed; try again later'];
const OVERLOADED: Kind = [OverloadedError, 'is overloaded; try again later'];
const TOO_LONG: Kind = [ContextLengthError, 'says the messages are too long for the model; send less'];

const KINDS: Readonly<Record<number, Kind>> = {
  401: [AuthenticationError, 'refused the key; check apiKey'],
  402: QUOTA_SPENT,
  403: [PermissionDeniedError, 'does not allow this; check what the key may do'],
  404: [NotFoundError, 'does not know this address or model; check baseURL and model'],
  408: SERVER,
  409: SERVER,
  429: [RateLimitError, 'limits the rate of requests; wait before the next'],
  503: OVERLOADED,
  529: OVERLOADED,
};

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
 * @param status absent in band: then what the body says decides.
 */
export function toLLMError(provider: string, body: unknown, status?: number, headers?: Headers): LLMError {
  const outer = parse(body);
  const error = typeof outer.error === 'string' ? { message: outer.error } : (outer.error ?? outer);
  const said = error.message ?? error.detail ?? '';
  const message = typeof said === 'string' ? said : JSON.stringify(said);
  const reason = `${error.type} ${error.code} ${error.status}`;
  const known =
    status ??
    (Number(error.code) >= 400 ? Number(error.code) : STATUS_BY_REASON.find(([pattern]) => pattern.test(reason))?.[1]) ??
    (/overload/i.test(message) ? 503 : 500);
  let kind = KINDS[known] ?? (known < 500 ? INVALID : SERVER);
  if (known < 500 && QUOTA.test(reason + message)) kind = QUOTA_SPENT;
  else if (kind === INVALID && CONTEXT_LENGTH.test(reason + message)) kind = TOO_LONG;
  const [ErrorClass, says] = kind;
  return new ErrorClass(`${provider} ${says} (${known})${message && `: ${excerpt(message)}`}`, {
    provider,
    status: known,
    requestId: headers?.get('x-request-id') ?? headers?.get('request-id') ?? outer.request_id,
    retryAfterMs: (headers && retryAfterMs(headers)) ?? retryAfterInText(message),
  });
}
