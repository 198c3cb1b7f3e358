import { isObject, type JsonObject } from '../utils/json-object.ts';

/** What may name a delay. */
export interface DelaySource {
  readonly headers: Headers | undefined;
  readonly message: string;
  /** The objects of the error body. */
  readonly objects: readonly JsonObject[];
  /** Whether a rate limit is the failure: other responses have the same headers, and ask for nothing. */
  readonly isRateLimit: boolean;
}

/**
 * The delay that a server asks for, in ms: the most explicit one that is valid and in the future.
 * Other values mean ordinary back-off.
 */
export function retryAfterMs({ headers, message, objects, isRateLimit }: DelaySource): number | undefined {
  const bodyHeaders = headersIn(objects);
  return (
    inRetryAfter(headers) ??
    inBody(objects) ??
    inRetryAfter(bodyHeaders) ??
    inText(message) ??
    (isRateLimit ? (untilReset(headers) ?? untilReset(bodyHeaders)) : undefined)
  );
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after; `retry-after-ms` is from OpenAI and Azure. */
function inRetryAfter(headers: Headers | undefined): number | undefined {
  return (
    milliseconds(headers?.get('retry-after-ms')) ??
    milliseconds(headers?.get('x-ms-retry-after-ms')) ??
    delay(headers?.get('retry-after'))
  );
}

/**
 * Fields of an error. `RetryInfo` of Google has `retryDelay: "34.07s"`.
 * https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
function inBody(objects: readonly JsonObject[]): number | undefined {
  for (const object of objects) {
    const found =
      milliseconds(object['retry_after_ms'] ?? object['retryAfterMs']) ??
      delay(object['retryDelay'] ?? object['retry_delay']) ??
      delay(object['retry_after'] ?? object['retryAfter'] ?? object['retry-after']) ??
      delay(object['retry_after_seconds'] ?? object['retryAfterSeconds']);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** OpenRouter puts the headers into the body. https://openrouter.ai/docs/api-reference/limits */
function headersIn(objects: readonly JsonObject[]): Headers | undefined {
  const fields = objects.map((object) => object['headers']).find(isObject);
  if (!fields) return undefined;
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    try {
      headers.set(name, String(value));
    } catch {
      // Not a header: the server may send anything.
    }
  }
  return headers;
}

/**
 * When the limits that are used up are reset; the last of them counts. Each header of a reset has one beside it with what
 * remains: `x-ratelimit-reset-tokens: 6m0s` and `x-ratelimit-remaining-tokens: 0`. A reset of one of several limits
 * counts only with it.
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 * https://docs.claude.com/en/api/rate-limits#response-headers
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
function untilReset(headers: Headers | undefined): number | undefined {
  if (!headers) return undefined;
  const usedUp: number[] = [];
  const unknown: number[] = [];
  headers.forEach((value, name) => {
    const wait = /rate-?limit/.test(name) && name.includes('reset') ? until(value) : undefined;
    if (!wait) return;
    const remaining = headers.get(name.replace('reset', 'remaining'));
    if (remaining === null) {
      if (/^(?:x-)?rate-?limit-reset$/.test(name)) unknown.push(wait);
    } else if (Number(remaining) <= 0) {
      usedUp.push(wait);
    }
  });
  const policy = inPolicy(headers.get('ratelimit'));
  if (policy) usedUp.push(policy);
  const waits = usedUp.length > 0 ? usedUp : unknown;
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

/** `RateLimit: limit=10, remaining=0, reset=7`, or `RateLimit: "default";r=0;t=7`. */
function inPolicy(value: string | null): number | undefined {
  if (!value || !/\b(?:remaining|r)=0(?!\d)/.test(value)) return undefined;
  return until(/\b(?:reset|t)=(\d+)/.exec(value)?.[1]);
}

/** As `delay`; 0 is not a reset. */
function until(value: unknown): number | undefined {
  return delay(value) || undefined;
}

/** Seconds, a point in time, a duration such as `1m2.5s` or a date. */
function delay(value: unknown): number | undefined {
  const number = decimal(value);
  if (number !== undefined) {
    // Servers send seconds, and times since 1970 in seconds or in ms; only the size differs.
    if (number >= 1e11) return future(number);
    if (number >= 1e9) return future(number * 1000);
    return Math.ceil(number * 1000);
  }
  if (isObject(value)) return protobufDuration(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const { ms, length } = readDuration(text);
  return length === text.length ? ms : inDate(text);
}

/** https://protobuf.dev/reference/protobuf/google.protobuf/#duration */
function protobufDuration({ seconds, nanos }: JsonObject): number | undefined {
  const whole = decimal(seconds);
  if (whole === undefined) return undefined;
  const ms = Math.ceil(whole * 1000 + (decimal(nanos) ?? 0) / 1e6);
  return ms <= MAX_MS ? ms : undefined;
}

function milliseconds(value: unknown): number | undefined {
  const number = decimal(value);
  return number === undefined ? undefined : Math.ceil(number);
}

/** The largest number that can be a delay or a point in time, in ms: the range of `Date`. */
const MAX_MS = 8.64e15;

/** Digits, with a fraction or without. Other notations, such as `1e3`, are not in any of the formats. */
function decimal(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d+(?:\.\d+)?$/.test(text.trim())) return undefined;
  const number = Number(text);
  return number <= MAX_MS ? number : undefined;
}

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = String.raw`\d\d:\d\d:\d\d`;

/**
 * The forms of a date in HTTP, also with a numeric zone or the short name of a day as servers send them, and RFC 3339. `Date.parse` reads more:
 * `garbage 40` is a year.
 * https://www.rfc-editor.org/rfc/rfc9110#http.date
 * https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
const DATES: readonly RegExp[] = [
  new RegExp(String.raw`^${DAY}, \d\d? ${MONTH} \d{4} ${TIME} (?:GMT|UTC|[+-]\d{4})$`, 'i'),
  new RegExp(
    String.raw`^(?:${DAY}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day), \d\d-${MONTH}-\d\d(?:\d\d)? ${TIME} (?:GMT|UTC)$`,
    'i',
  ),
  new RegExp(String.raw`^${DAY} ${MONTH} [ \d]\d ${TIME} \d{4}$`, 'i'),
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?$/i,
];

function inDate(text: string): number | undefined {
  if (!DATES.some((form) => form.test(text))) return undefined;
  // The form of asctime leaves out that it is GMT.
  const hasZone = /(?:GMT|UTC|Z|[+-]\d\d:?\d\d)$/i.test(text);
  return future(Date.parse(hasZone ? text : `${text}${/^\d/.test(text) ? 'Z' : ' GMT'}`));
}

function future(time: number): number | undefined {
  const wait = Math.ceil(time - Date.now());
  return wait > 0 ? wait : undefined;
}

/**
 * The delay in a message: "Please try again in 1m2.5s", "Please retry after 26 seconds", or the JSON of the server behind
 * a gateway. OpenAI does not let web pages
 * read its headers.
 */
function inText(text: string): number | undefined {
  const phrase =
    /\b(?:(?:again|retry(?:ing| your request)?|wait|resets?|available)(?: (?:in|after|for|at least|about))*:? |retry_?delay['"\\]*: ?['"\\]*)(?=\d)/gi;
  for (const { index, 0: start } of text.matchAll(phrase)) {
    const { ms } = readDuration(text.slice(index + start.length, index + start.length + MAX_DURATION));
    if (ms) return ms;
  }
  return undefined;
}

/** More than any duration in words is long. */
const MAX_DURATION = 100;

const UNITS: readonly (readonly [name: RegExp, ms: number])[] = [
  [/^(?:ms|msecs?|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hrs?|hours?)$/i, 3_600_000],
  [/^(?:d|days?)$/i, 86_400_000],
];

/** Reads a duration at the start of a text: `7m12s`, `120ms`, `1 minute and 5 seconds`. */
function readDuration(text: string): { readonly ms: number | undefined; readonly length: number } {
  const part = /(?:,? ?(?:and )?)(\d+(?:\.\d+)?) ?([a-z]+)/iy;
  let ms: number | undefined;
  let length = 0;
  for (let found = part.exec(text); found; found = part.exec(text)) {
    const [, number, name = ''] = found;
    const unit = UNITS.find(([known]) => known.test(name))?.[1];
    if (unit === undefined) break;
    ms = (ms ?? 0) + Number(number) * unit;
    length = part.lastIndex;
  }
  return { ms: ms === undefined || !(ms <= MAX_MS) ? undefined : Math.ceil(ms), length };
}
