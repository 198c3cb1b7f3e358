import type { LLMError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { clientOf, failureOf } from '../support/client.ts';
import { clientFor, wires } from '../support/wires.ts';

type Headers = Readonly<Record<string, string>>;

interface Case {
  name: string;
  headers?: Headers;
  body?: unknown;
  ms: number | undefined;
}

const plain = { error: { message: 'Slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded' } };

function words(message: string): object {
  return { error: { ...plain.error, message } };
}

function openRouter(headers: object): object {
  return { error: { code: 429, message: 'Rate limit exceeded: free-models-per-min', metadata: { headers } } };
}

function retryInfo(retryDelay: unknown): object {
  const details = [
    { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
  ];
  return { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota', details } };
}

function inMs(ms: number): number {
  return Date.now() + ms;
}

/** Delays that do not depend on the clock. */
const bodies: Case[] = [
  { name: 'seconds in words', body: words('Please retry after 26 seconds.'), ms: 26_000 },
  { name: 'a duration in words', body: words('Please try again in 7m12s. Visit …'), ms: 432_000 },
  { name: 'part of a second in words', body: words('Please try again in 6.5s'), ms: 6500 },
  { name: 'hours in words', body: words('Try again in 1h2m3s.'), ms: 3_723_000 },
  { name: 'days in words', body: words('try again in 1 day'), ms: 86_400_000 },
  { name: 'a long form in words', body: words('Retry in 1 minute and 5 seconds'), ms: 65_000 },
  { name: 'ms in words', body: words('retry in 250 milliseconds'), ms: 250 },
  { name: 'a wait in words', body: words('Wait 20 seconds, then send again'), ms: 20_000 },
  { name: 'a reset in words', body: words('Your quota will reset after 2h13m31s.'), ms: 8_011_000 },
  { name: 'a request in words', body: words('Please retry your request after 5 s'), ms: 5000 },
  { name: 'RetryInfo', body: retryInfo('34.074824224s'), ms: 34_075 },
  { name: 'RetryInfo in a list', body: [retryInfo('34.07s')], ms: 34_070 },
  { name: 'RetryInfo whose delay is an object', body: retryInfo({ seconds: '21', nanos: 500_000_000 }), ms: 21_500 },
  {
    name: 'RetryInfo within a message',
    body: words(`litellm.RateLimitError: geminiException - ${JSON.stringify(retryInfo('13s'))}`),
    ms: 13_000,
  },
  { name: 'retry_after', body: { error: { ...plain.error, retry_after: 3 } }, ms: 3000 },
  { name: 'retryAfterMs', body: { error: { ...plain.error, retryAfterMs: 1500 } }, ms: 1500 },
  { name: 'a header in the body', body: openRouter({ 'Retry-After': '8' }), ms: 8000 },
  { name: 'a duration of a header in the body', body: openRouter({ 'X-RateLimit-Reset': '1m30s' }), ms: 90_000 },
  { name: 'no delay', body: plain, ms: undefined },
  { name: 'a number of times', body: words('Please retry 3 times; then wait'), ms: undefined },
  { name: 'a negative delay', body: retryInfo('-5s'), ms: undefined },
  { name: 'another type', body: retryInfo(true), ms: undefined },
  { name: 'a name that is not a header', body: openRouter({ 'a b': '1', 'x-ratelimit-reset': 'soon' }), ms: undefined },
  { name: 'a reset in the past', body: openRouter({ 'X-RateLimit-Reset': '1700000000000' }), ms: undefined },
  { name: 'headers that are a list', body: openRouter([['retry-after', '1']]), ms: undefined },
];

const headers: Case[] = [
  { name: 'seconds', headers: { 'retry-after': '7' }, ms: 7000 },
  { name: 'a duration', headers: { 'retry-after': '1m2.5s' }, ms: 62_500 },
  { name: 'ms of Azure', headers: { 'x-ms-retry-after-ms': '1200' }, ms: 1200 },
  { name: 'ratelimit-reset', headers: { 'ratelimit-reset': '12' }, ms: 12_000 },
  { name: 'x-ratelimit-reset', headers: { 'x-ratelimit-reset': '12.5' }, ms: 12_500 },
  {
    name: 'the reset of requests',
    headers: {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '9h',
    },
    ms: 360_000,
  },
  {
    name: 'the reset of tokens',
    headers: {
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1h2m3s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '120ms',
    },
    ms: 120,
  },
  {
    name: 'the later reset of two',
    headers: {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1.2s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '2.5s',
    },
    ms: 2500,
  },
  {
    name: 'the reset of a day',
    headers: {
      'x-ratelimit-remaining-requests-day': '0',
      'x-ratelimit-reset-requests-day': '33.5',
      'x-ratelimit-remaining-tokens-minute': '10',
      'x-ratelimit-reset-tokens-minute': '5',
    },
    ms: 33_500,
  },
  { name: 'a policy', headers: { ratelimit: '"default";r=0;t=50' }, ms: 50_000 },
  { name: 'an older policy', headers: { ratelimit: 'limit=100, remaining=0, reset=7' }, ms: 7000 },
  { name: 'no policy that has some left', headers: { ratelimit: '"default";r=5;t=50' }, ms: undefined },
  {
    name: 'no reset of a limit that has some left',
    headers: { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '60' },
    ms: undefined,
  },
  { name: 'no reset of one limit alone', headers: { 'x-ratelimit-reset-tokens': '6m0s' }, ms: undefined },
  {
    name: 'no garbage',
    headers: { 'retry-after': 'hello 2099', 'x-ratelimit-reset': '-3', 'ratelimit-reset': '5x' },
    ms: undefined,
  },
  { name: 'no past time', headers: { 'retry-after': '1700000000', 'x-ratelimit-reset': '0' }, ms: undefined },
  { name: 'the other header, of two', headers: { 'retry-after': 'soon', 'retry-after-ms': '10' }, ms: 10 },
];

async function errorFor(answer: Answer): Promise<LLMError> {
  await using server = await startHttpServer(answer);
  return (await failureOf(clientOf(server.url).complete('hello'))) as LLMError;
}

function answerOf({ headers: sent, body = plain }: Case): Answer {
  return { status: 429, headers: { ...sent }, chunks: [{ text: JSON.stringify(body) }] };
}

describe.each(wires)('the delay that a server asks for, by $name', ({ provider, text, frame }) => {
  it.each([...bodies, ...headers])('is read from $name', async (each) => {
    await using server = await startHttpServer(answerOf(each));

    const error = await failureOf(clientFor(provider(server.url)).complete('hello'));

    expect(error).toMatchObject({ code: 'rate_limit', status: 429, retryAfterMs: each.ms });
  });

  it.runIf(frame).each(bodies)('is read in band from $name', async ({ body, ms }) => {
    const [error] = [body].flat();
    await using server = await startHttpServer({
      chunks: [{ text }, { text: frame?.({ type: 'error', ...(error as object) }) }],
    });

    expect(await failureOf(clientFor(provider(server.url)).complete('hello'))).toMatchObject({
      code: 'rate_limit',
      retryAfterMs: ms,
    });
  });
});

/** Points in time, in half a minute. */
const times: [string, () => Omit<Case, 'name' | 'ms'>][] = [
  ['epoch ms in a body', () => ({ body: openRouter({ 'X-RateLimit-Reset': String(inMs(30_000)) }) })],
  ['epoch ms as a number', () => ({ body: openRouter({ 'x-ratelimit-reset': inMs(30_000) }) })],
  ['epoch ms', () => ({ headers: { 'X-RateLimit-Reset': String(inMs(30_000)), 'X-RateLimit-Remaining': '0' } })],
  ['epoch seconds', () => ({ headers: { 'x-ratelimit-reset': String(inMs(30_000) / 1000) } })],
  ['an HTTP date', () => ({ headers: { 'retry-after': new Date(inMs(31_000)).toUTCString() } })],
  ['epoch seconds in Retry-After', () => ({ headers: { 'retry-after': String(inMs(30_000) / 1000) } })],
  [
    'RFC 3339 of a limit of Anthropic',
    () => ({
      headers: {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': new Date(inMs(30_000)).toISOString(),
        'anthropic-ratelimit-tokens-remaining': '5000',
        'anthropic-ratelimit-tokens-reset': new Date(inMs(900_000)).toISOString(),
      },
    }),
  ],
  [
    'RFC 3339 of output tokens of Anthropic',
    () => ({
      headers: {
        'anthropic-ratelimit-output-tokens-remaining': '0',
        'anthropic-ratelimit-output-tokens-reset': new Date(inMs(31_000)).toISOString().replace(/\.\d+/, ''),
      },
    }),
  ],
];

describe('a point in time', () => {
  it.each(times)('is read as %s', async (_, make) => {
    const { retryAfterMs } = await errorFor(answerOf({ name: '', ms: undefined, ...make() }));

    expect(retryAfterMs).toBeGreaterThan(20_000);
    expect(retryAfterMs).toBeLessThanOrEqual(31_000);
  });
});

it('a delay in a long message costs its length', async () => {
  const message = 'retry in 1 '.repeat(5000);

  const { retryAfterMs } = await errorFor(answerOf({ name: '', ms: undefined, body: words(message) }));

  expect(retryAfterMs).toBeUndefined();
});

describe('a value that is no delay', () => {
  const digits = '9'.repeat(400);
  const garbage = [
    'garbage 40',
    'a 3000',
    'Mon 40',
    'Sunday garbage 3000',
    'Fri, 31 Dec 9999',
    'Fri, 31 Foo 2099 23:59:59 GMT',
    'Fri, 31 Dec 2099 23:59:59 GMT 40',
    'Fri, 99 Dec 2099 23:59:59 GMT',
    'Friday, 31 Dec 2099 23:59:59 GMT',
    'Dec 31 2099',
    '2099-12-31',
    '31/12/2099',
    '1e3',
    '1E9',
    '0x10',
    '+5',
    '-5',
    '--5',
    '5,5',
    '5;',
    'NaN',
    'Infinity',
    'null',
    '',
    ' ',
    digits,
    `${digits}s`,
    `${digits}.5`,
  ];

  async function delayOf(init: ResponseInit, body: unknown = plain): Promise<number | undefined> {
    const fetch = (): Promise<Response> => Promise.resolve(Response.json(body, { status: 429, ...init }));
    return ((await failureOf(clientOf('http://127.0.0.1', { fetch }).complete('hello'))) as LLMError).retryAfterMs;
  }

  it.each(garbage)('is ignored in every header: %s', async (value) => {
    for (const name of [
      'retry-after',
      'retry-after-ms',
      'x-ms-retry-after-ms',
      'x-ratelimit-reset',
      'ratelimit-reset',
    ]) {
      expect(await delayOf({ headers: { [name]: value } })).toBeUndefined();
    }
    for (const name of ['x-ratelimit-reset-tokens', 'anthropic-ratelimit-requests-reset']) {
      const remaining = name.replace('reset', 'remaining');
      expect(await delayOf({ headers: { [name]: value, [remaining]: '0' } })).toBeUndefined();
    }
  });

  it.each([
    ...garbage,
    Number.MAX_VALUE,
    1e300,
    -1,
    {},
    [],
    true,
    { seconds: digits },
    { seconds: '-3' },
    { seconds: 1e300 },
  ])('is ignored in every field of a body: %s', async (value) => {
    for (const name of ['retry_after_ms', 'retryAfterMs', 'retryDelay', 'retry_after', 'retryAfterSeconds']) {
      expect(await delayOf({}, { error: { ...plain.error, [name]: value } })).toBeUndefined();
    }
    expect(await delayOf({}, openRouter({ 'Retry-After': value, 'X-RateLimit-Reset': value }))).toBeUndefined();
  });

  it.each([`try again in ${digits}s`, `retry after ${digits} days`])('is ignored in words', async (message) => {
    expect(await delayOf({}, words(message))).toBeUndefined();
  });

  it('hides no valid one', async () => {
    expect(await delayOf({ headers: { 'retry-after': 'a 3000', 'x-ratelimit-reset': '2' } })).toBe(2000);
  });

  const pad = (value: number): string => `${value}`.padStart(2, '0');
  const forms: readonly (readonly [string, (date: Date) => string])[] = [
    ['IMF-fixdate', (date) => date.toUTCString()],
    [
      'RFC 850',
      (date) => {
        const [, day, month, year = '', time] = date.toUTCString().split(' ');
        const name = date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
        return `${name}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
      },
    ],
    [
      'asctime',
      (date) => {
        const [name = '', , month, year, time] = date.toUTCString().split(' ');
        return `${name.slice(0, 3)} ${month} ${`${date.getUTCDate()}`.padStart(2, ' ')} ${time} ${year}`;
      },
    ],
    ['RFC 3339', (date) => date.toISOString()],
    ['RFC 3339 with an offset', (date) => date.toISOString().replace(/\.\d+Z/, '+00:00')],
    ['a numeric zone', (date) => date.toUTCString().replace('GMT', '+0000')],
    ['seconds', (date) => `${Math.round((date.getTime() - Date.now()) / 1000)}`],
    ['a duration', (date) => `0m${pad(Math.round((date.getTime() - Date.now()) / 1000))}s`],
  ];

  it.each(forms)('is not %s', async (_, format) => {
    const delay = await delayOf({ headers: { 'retry-after': format(new Date(Date.now() + 30_000)) } });

    expect(delay).toBeGreaterThan(20_000);
    expect(delay).toBeLessThanOrEqual(30_000);
  });
});
