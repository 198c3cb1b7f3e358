import * as core from '@rivulet/core';
import { isAbortError, LLMError, type LLMErrorCode } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { clientOf, failureOf } from '../support/client.ts';

async function errorFor(response: Answer): Promise<LLMError> {
  await using server = await startHttpServer(response);
  return (await failureOf(clientOf(server.url).complete('hello'))) as LLMError;
}

function withBody(status: number, error: object): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    chunks: [{ text: JSON.stringify({ error }) }],
  };
}

const exported = core as unknown as Record<string, new (...parts: unknown[]) => Error>;

type ErrorName = Extract<keyof typeof core, `${string}Error`>;

const table: [number, object, ErrorName, LLMErrorCode, boolean][] = [
  [400, { message: 'Roles must alternate' }, 'InvalidRequestError', 'invalid_request', false],
  [400, { message: 'x', code: 'context_length_exceeded' }, 'ContextLengthError', 'context_length', false],
  [
    400,
    { message: "This model's maximum context length is 8192 tokens." },
    'ContextLengthError',
    'context_length',
    false,
  ],
  [
    400,
    { message: 'prompt is too long: 210000 tokens > 200000 maximum' },
    'ContextLengthError',
    'context_length',
    false,
  ],
  [413, { message: 'Request too large' }, 'InvalidRequestError', 'invalid_request', false],
  [422, { message: 'Input should be a valid string' }, 'InvalidRequestError', 'invalid_request', false],
  [401, { message: 'No such key' }, 'AuthenticationError', 'authentication', false],
  [402, { message: 'Insufficient credits' }, 'InsufficientQuotaError', 'insufficient_quota', false],
  [403, { message: 'Country not supported' }, 'PermissionDeniedError', 'permission_denied', false],
  [404, { message: 'The model `x` does not exist', code: 'model_not_found' }, 'NotFoundError', 'not_found', false],
  [405, { message: 'Use POST' }, 'InvalidRequestError', 'invalid_request', false],
  [408, { message: 'Too slow' }, 'ServerError', 'server', true],
  [409, { message: 'Busy' }, 'ServerError', 'server', true],
  [429, { message: 'Rate limit reached for requests', type: 'requests' }, 'RateLimitError', 'rate_limit', true],
  [
    429,
    { message: 'You exceeded your current quota', code: 'insufficient_quota' },
    'InsufficientQuotaError',
    'insufficient_quota',
    false,
  ],
  [
    429,
    { message: 'Check your billing', type: 'insufficient_quota' },
    'InsufficientQuotaError',
    'insufficient_quota',
    false,
  ],
  [429, { message: 'Too many tokens per minute' }, 'RateLimitError', 'rate_limit', true],
  [500, { message: 'The server had an error' }, 'ServerError', 'server', true],
  [500, { message: 'The billing service is down' }, 'ServerError', 'server', true],
  [502, { message: 'Bad gateway' }, 'ServerError', 'server', true],
  [503, { message: 'The engine is currently overloaded' }, 'OverloadedError', 'overloaded', true],
  [504, { message: 'Gateway timeout' }, 'ServerError', 'server', true],
  [529, { message: 'Overloaded', type: 'overloaded_error' }, 'OverloadedError', 'overloaded', true],
];

describe('an error by status', () => {
  it.each(table)('%d %j is a %s', async (status, error, name, code, isRetryable) => {
    const thrown = await errorFor(withBody(status, error));

    expect(thrown).toBeInstanceOf(exported[name]);
    expect(thrown).toBeInstanceOf(LLMError);
    expect(thrown).toMatchObject({ name, code, isRetryable, status, provider: 'openai' });
    expect(thrown.message).toContain('openai');
    expect(thrown.message).toContain(String(status));
    expect(thrown.partial).toMatchObject({ text: '', toolCalls: [], message: { role: 'assistant', parts: [] } });
  });

  it.each([
    ["OpenAI's form", '{"error":{"message":"It broke","type":"server_error"}}'],
    ['a text', '{"error":"It broke"}'],
    ['a list', '[{"error":{"message":"It broke"}}]'],
    ['a message alone', '{"message":"It broke"}'],
    ["FastAPI's detail", '{"detail":"It broke"}'],
    ["FastAPI's list of details", '{"detail":[{"loc":["body","messages"],"msg":"It broke"}]}'],
    ['plain text', 'It broke'],
  ])('says what the server says: %s', async (_, body) => {
    expect((await errorFor({ status: 500, chunks: [{ text: body }] })).message).toContain('It broke');
  });

  it.each(['null', '""', '[]', '42', '{}', '{"error":null}', '{"error":{}}', '{"error":{"message":null}}', 'true'])(
    'has its class though the body says nothing: %s',
    async (body) => {
      expect(await errorFor({ status: 503, chunks: [{ text: body }] })).toMatchObject({
        name: 'OverloadedError',
        status: 503,
      });
    },
  );

  it('names the provider as it was named', async () => {
    await using server = await startHttpServer({ status: 500 });

    const error = (await failureOf(clientOf(server.url, {}, { name: 'my-vllm' }).complete('hello'))) as LLMError;

    expect(error.provider).toBe('my-vllm');
    expect(error.message).toContain('my-vllm');
  });

  it('has the id of the request, for the support of the provider', async () => {
    expect((await errorFor({ status: 500, headers: { 'x-request-id': 'req_1' } })).requestId).toBe('req_1');
    expect((await errorFor({ status: 500, headers: { 'request-id': 'req_2' } })).requestId).toBe('req_2');
    expect((await errorFor({ status: 500 })).requestId).toBeUndefined();
    expect((await errorFor({ status: 500, headers: { 'x-request-id': '' } })).requestId).toBeUndefined();
    expect((await errorFor({ status: 500, headers: { 'x-request-id': '', 'request-id': 'req_2' } })).requestId).toBe(
      'req_2',
    );
  });
});

describe('a server that cannot be reached', () => {
  it('is a network error with its address and the cause', async () => {
    const server = await startHttpServer({});
    await server.close();

    const error = await failureOf(clientOf(`${server.url}/v1`).complete('hello'));

    expect(error).toMatchObject({
      name: 'NetworkError',
      code: 'network',
      isRetryable: true,
      provider: 'openai',
      message: expect.stringContaining(server.url),
      cause: expect.any(TypeError),
    });
  });
});

/** Delays that servers ask for, in their headers and in their words. */
describe('the delay that a server asks for', () => {
  const inHalfAMinute = new Date(Date.now() + 30_000).toUTCString();

  it.each<[string, Record<string, string>, string, number | undefined]>([
    ['in seconds', { 'retry-after': '7' }, '', 7000],
    ['in part of a second', { 'retry-after': '0.5' }, '', 500],
    ['of no time', { 'retry-after': '0' }, '', 0],
    ['in ms', { 'retry-after-ms': '1500' }, '', 1500],
    ['in ms, before that in seconds', { 'retry-after-ms': '1500', 'retry-after': '2' }, '', 1500],
    ['in its words', {}, 'Rate limit reached. Please try again in 1.2s.', 1200],
    ['in ms in its words', {}, 'Please try again in 320ms.', 320],
    ['in minutes in its words', {}, 'Please try again in 1m2.5s.', 62_500],
    ['in hours in its words', {}, 'Please try again in 2h30m0s', 9_000_000],
    ['in its headers, before its words', { 'retry-after': '3' }, 'Please try again in 20s.', 3000],
    ['nowhere', {}, 'Please try again later.', undefined],
    ['in no known form', { 'retry-after': 'soon' }, '', undefined],
    ['as a negative number', { 'retry-after': '-5' }, '', undefined],
    ['as nothing', { 'retry-after': '' }, '', undefined],
    ['in the past', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, '', undefined],
    ['in no number', { 'retry-after-ms': 'NaN', 'retry-after': 'Infinity' }, '', undefined],
    ['by the reset of its limit', { 'ratelimit-reset': '12' }, '', 12_000],
    ['before the reset of its limit', { 'retry-after': '3', 'ratelimit-reset': '12' }, '', 3000],
    ['by a reset in no known form', { 'ratelimit-reset': '2026-01-01T00:00:00Z' }, '', undefined],
  ])('is understood %s', async (_, headers, message, expected) => {
    const error = await errorFor({ ...withBody(429, { message }), headers });

    expect(error.retryAfterMs).toBe(expected);
  });

  it('is not the reset of a limit, where the limit was not the reason', async () => {
    expect((await errorFor({ status: 500, headers: { 'ratelimit-reset': '3600' } })).retryAfterMs).toBeUndefined();
  });

  it.each([
    ['as the standard says', inHalfAMinute],
    ['as RFC 850 said', inHalfAMinute.replace(/^(\w+), (\d+) (\w+) \d\d(\d\d)/, '$1, $2-$3-$4')],
    ['as C says', inHalfAMinute.replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT/, '$1 $3 $2 $5 $4')],
  ])('is understood as a date %s, in every time zone', async (_, date) => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Tokyo';
    try {
      const error = await errorFor({ status: 503, headers: { 'retry-after': date } });

      expect(error.retryAfterMs).toBeGreaterThan(0);
      expect(error.retryAfterMs).toBeLessThanOrEqual(30_000);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('is understood in band', async () => {
    const error = await errorFor({
      chunks: [{ text: 'data: {"error":{"message":"Please try again in 2s","type":"rate_limit_error"}}\n\n' }],
    });

    expect(error).toMatchObject({ name: 'RateLimitError', retryAfterMs: 2000 });
  });
});

describe('an error class', () => {
  const names = Object.keys(exported).filter((name) => /^(?!LLM|Batch|Checkpoint)[A-Z].*Error$/.test(name));

  it.each(names)('%s is an Error with its own name', (name) => {
    const ErrorClass = exported[name]!;
    const error = new ErrorClass('It failed', { code: 'unknown', phase: 'idle', limit: 'run' });

    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(ErrorClass);
    expect(error.name).toBe(name);
    expect(String(error)).toMatch(new RegExp(`^${name}: `));
    expect(error instanceof LLMError).toBe(name !== 'AbortError');
  });

  it('keeps its cause out of JSON, and its fields in it', () => {
    const cause = new Error('below');
    const error = new core.RateLimitError('Slow down', { status: 429, retryAfterMs: 1000, cause });

    expect(error.cause).toBe(cause);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      code: 'rate_limit',
      isRetryable: true,
      status: 429,
      retryAfterMs: 1000,
    });
    expect(JSON.stringify(error)).not.toContain('cause');
  });

  it('may be told that it is retryable, or not', () => {
    expect(new core.ServerError('x').isRetryable).toBe(true);
    expect(new core.ServerError('x', { isRetryable: false }).isRetryable).toBe(false);
    expect(new core.ServerError('x', { isRetryable: undefined }).isRetryable).toBe(true);
    expect(new core.ParseError('x', { isRetryable: true }).isRetryable).toBe(true);
  });

  it('of a deadline is retryable, unless it was that of the whole call', () => {
    expect(new core.TimeoutError('x', { phase: 'idle' })).toMatchObject({ phase: 'idle', isRetryable: true });
    expect(new core.TimeoutError('x', { phase: 'total' })).toMatchObject({ phase: 'total', isRetryable: false });
  });
});

describe('isAbortError', () => {
  it('knows the abort of a run and of the platform', () => {
    expect(isAbortError(new core.AbortError())).toBe(true);
    expect(isAbortError(new DOMException('Stopped', 'AbortError'))).toBe(true);
    expect(isAbortError(AbortSignal.abort().reason)).toBe(true);
  });

  it.each([new Error('AbortError'), new core.TimeoutError('x', { phase: 'idle' }), 'AbortError', null, undefined, {}])(
    'takes nothing else for one: %s',
    (value) => {
      expect(isAbortError(value)).toBe(false);
    },
  );
});
