import { LLMError } from '@rivulet/core';
import { mutate, type Json } from '../../packages/core/test/support/well-formed-answer.ts';
import { BASE_WIRES } from './base-answers.ts';
import { isSlow } from './is-slow.ts';
import { createDice, type Dice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

/** Error responses with random statuses, headers and bodies. */
export const errors: Fuzzer = {
  name: 'errors',
  casesInTests: 400,
  async run(seed) {
    const dice = createDice(seed);
    const { provider } = dice.pick(BASE_WIRES);
    const status = dice.pick(STATUSES);
    const headers = randomHeaders(dice);
    const body = randomBody(dice);
    const problems: string[] = [];
    const isTooSlow = await isSlow(async () => {
      const error: unknown = await provider.error(status, headers, body);
      problems.splice(0, problems.length, ...problemsOf(error, body));
    }, 200);
    if (isTooSlow) problems.push('takes more than 200 ms');
    const sent = JSON.stringify({ status, headers: [...headers], body }).slice(0, 600);
    return problems.map((problem) => `${provider.name}: ${problem}: ${sent}`);
  },
};

const OPTIONAL_TEXTS = ['serverCode', 'requestId', 'provider'] as const;

function problemsOf(error: unknown, body: string): string[] {
  if (!(error instanceof LLMError)) return [`is not an LLMError: ${described(error)}`];
  const { code, message, status, retryAfterMs, isRetryable } = error;
  const problems: string[] = [];
  if (code === 'unknown' || code === 'config') problems.push(`code is ${code}`);
  if (typeof message !== 'string' || message === '' || message.length > 2000) problems.push('message is empty or long');
  const [sign] = /\[object |undefined|NaN/.exec(message) ?? [];
  if (sign && !body.includes(sign)) problems.push(`message is ${message}`);
  if (!Number.isInteger(status)) problems.push(`status is ${status}`);
  if (typeof isRetryable !== 'boolean') problems.push(`isRetryable is ${described(isRetryable)}`);
  if (retryAfterMs !== undefined && !(Number.isFinite(retryAfterMs) && retryAfterMs >= 0)) {
    problems.push(`retryAfterMs is ${retryAfterMs}`);
  }
  for (const name of OPTIONAL_TEXTS) {
    const value = error[name];
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      problems.push(`${name} is ${described(value)}`);
  }
  return problems;
}

const STATUSES = [100, 300, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 418, 422, 425, 429, 451, 499].concat(
  [500, 501, 502, 503, 504, 520, 524, 529, 598, 999],
);

const DELAYS = [
  '',
  ' ',
  '0',
  '1',
  '20s',
  '1m30s',
  '6m0s',
  '-5',
  '1.5',
  '1e3',
  '1e400',
  '9'.repeat(400),
  'garbage 40',
  'a 3000',
  'soon',
  '0x10',
  '5, 6',
  'NaN',
  'Infinity',
  'Fri, 31 Dec 9999 23:59:59 GMT',
  'Sun Nov  6 08:49:37 1994',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  '2100-01-01T00:00:00Z',
  '1735689600',
  '1735689600000',
  '4102444800',
  '1 '.repeat(5000),
  '1m'.repeat(5000),
];

const HEADER_NAMES = [
  'retry-after',
  'retry-after-ms',
  'x-ms-retry-after-ms',
  'x-ratelimit-reset',
  'x-ratelimit-reset-requests',
  'x-ratelimit-reset-tokens',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-remaining-tokens',
  'ratelimit-reset',
  'ratelimit',
  'anthropic-ratelimit-requests-reset',
  'anthropic-ratelimit-tokens-remaining',
  'x-request-id',
  'request-id',
  'x-should-retry',
  'content-type',
];

function randomHeaders(dice: Dice): Headers {
  const headers = new Headers();
  for (const name of HEADER_NAMES) if (dice.chance(0.2)) headers.set(name, dice.pick(DELAYS));
  return headers;
}

const BODIES: readonly Json[] = [
  { error: { message: 'Rate limit reached, please try again in 20s.', type: 'requests', code: 'rate_limit_exceeded' } },
  { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' },
  [{ error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '34.07s' }] } }],
  { error: 'model not found' },
  { detail: [{ loc: ['body', 'messages'], msg: 'field required', type: 'value_error' }] },
  { message: 'Unauthorized', statusCode: 401, error: 'Unauthorized' },
  {
    error: {
      message: 'Provider',
      code: 429,
      metadata: { raw: '{"error":{"message":"x"}}', headers: { 'retry-after': 5 } },
    },
  },
  { base_resp: { status_code: 1002, status_msg: 'rate limit' } },
  {
    error: {
      innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { hate: { filtered: true } } },
    },
  },
  { errors: [{ code: 7003, message: 'No route' }], success: false },
  { error: { message: 'Bad', param: 'temperature', retry_after: 3, retryAfterMs: 5 } },
];

const TEXTS = [
  '',
  'upstream connect error',
  '<html><head><title>502 Bad Gateway</title></head></html>',
  'null',
  '[]',
  '"text"',
  '{"error":',
  '[object Object]',
  '\0\uD800',
  '['.repeat(20_000),
  `{"message":"${'try again in 1'.repeat(3000)}"}`,
  '{"error":'.repeat(2000) + '1' + '}'.repeat(2000),
  ' '.repeat(50_000),
];

function randomBody(dice: Dice): string {
  if (dice.chance(0.15)) return dice.pick(TEXTS);
  let body = dice.pick(BODIES);
  const count = dice.below(4);
  for (let done = 0; done < count; done += 1) body = mutate(body, dice.random);
  if (dice.chance(0.2)) body = { error: body };
  const text = JSON.stringify(body);
  return dice.chance(0.1) ? text.slice(0, dice.below(text.length)) : text.replace('34.07s', dice.pick(DELAYS));
}
