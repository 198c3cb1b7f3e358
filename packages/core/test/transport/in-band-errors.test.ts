import type { LLMError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, delta, finish, frame, text } from '../support/chat-completions.ts';
import { clientOf, clientReading, failureOf, readAll } from '../support/client.ts';

/** What a caller switches on. */
function essence({ name, code, status, isRetryable, retryAfterMs, provider }: LLMError): object {
  return { name, code, status, isRetryable, retryAfterMs, provider };
}

const errors: [string, number, object][] = [
  ['RateLimitError', 429, { message: 'Slow down, try again in 2s', type: 'rate_limit_error' }],
  ['RateLimitError', 429, { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' }],
  ['InsufficientQuotaError', 429, { message: 'You exceeded your current quota', type: 'insufficient_quota' }],
  ['OverloadedError', 529, { message: 'Overloaded', type: 'overloaded_error' }],
  ['OverloadedError', 503, { message: 'The engine is currently overloaded', type: 'engine_overloaded' }],
  ['AuthenticationError', 401, { message: 'No such key', type: 'authentication_error' }],
  ['PermissionDeniedError', 403, { message: 'Not for you', type: 'permission_error' }],
  ['NotFoundError', 404, { message: 'No such model', code: 'model_not_found' }],
  ['InsufficientQuotaError', 402, { message: 'Pay first', type: 'billing_error' }],
  ['ServerError', 504, { message: 'Too slow', type: 'timeout_error' }],
  ['InvalidRequestError', 400, { message: 'Roles must alternate', type: 'invalid_request_error' }],
  ['ContextLengthError', 400, { message: 'Too long', type: 'invalid_request_error', code: 'context_length_exceeded' }],
  ['ServerError', 500, { message: 'It broke', type: 'server_error' }],
  ['ServerError', 500, { message: 'It broke', type: 'api_error', code: null }],
  ['ServerError', 502, { message: 'Provider returned error', code: 502 }],
  ['RateLimitError', 429, { message: 'Provider returned error', code: 429 }],
  ['RateLimitError', 429, { message: 'Provider returned error', code: '429' }],
];

describe('an error in band', () => {
  it.each(errors)('is a %s with status %d, the same as by HTTP: %j', async (name, status, error) => {
    await using server = await startHttpServer([
      { status, chunks: [{ text: JSON.stringify({ error }) }] },
      { chunks: [{ text: frame({ error }) }] },
      { chunks: [{ text: JSON.stringify({ error }) }] },
    ]);
    const client = clientOf(server.url);

    const byStatus = (await failureOf(client.complete('hello'))) as LLMError;
    const inBand = (await failureOf(client.complete('hello'))) as LLMError;
    const inWholeJson = (await failureOf(client.complete('hello'))) as LLMError;

    expect(byStatus).toMatchObject({ name, status });
    expect(essence(inBand)).toEqual(essence(byStatus));
    expect(essence(inWholeJson)).toEqual(essence(byStatus));
    // Only a status may be due to the address, which the message has then.
    expect(inBand.message).toBe(byStatus.message.replace(` (${server.url}/chat/completions)`, ''));
  });

  it('that comes after text keeps the text, and reaches every reader', async () => {
    const run = clientReading([
      text('Hello'),
      text(' wor') + frame({ error: { message: 'Overloaded', type: 'overloaded_error' } }) + answer('ld'),
    ]).stream('hello');

    const read = await readAll(run.textStream);
    const error = await failureOf(run.result);

    expect(read.items.join('')).toBe('Hello wor');
    expect(read.error).toBe(error);
    expect(error).toMatchObject({ name: 'OverloadedError', status: 529, partial: { text: 'Hello wor' } });
    expect(run.getSnapshot()).toMatchObject({ status: 'error', error, text: 'Hello wor' });
    expect(run.getSnapshot().finishReason).toBeUndefined();
  });

  it('may stand beside a choice that ends with it', async () => {
    const last = delta(
      { content: '' },
      { finish_reason: 'error' },
      { error: { code: 502, message: 'Provider disconnected' } },
    );

    const error = await failureOf(clientReading([text('Hello') + last]).complete('hello'));

    expect(error).toMatchObject({
      name: 'ServerError',
      status: 502,
      message: expect.stringContaining('Provider disconnected'),
      partial: { text: 'Hello' },
    });
  });

  it('may be named by its event', async () => {
    const error = await failureOf(
      clientReading([
        `${text('Hello')}event: error\n${frame({ message: 'Overloaded', type: 'overloaded_error' })}`,
      ]).complete('hello'),
    );

    expect(error).toMatchObject({ name: 'OverloadedError', partial: { text: 'Hello' } });
  });

  it.each([
    ['a text', { error: 'The model has crashed' }],
    ['a list', [{ error: { message: 'The model has crashed' } }]],
  ])('may be %s', async (_, json) => {
    const error = await failureOf(clientReading([text('Hello') + frame(json)]).complete('hello'));

    expect(error).toMatchObject({ name: 'ServerError', message: expect.stringContaining('The model has crashed') });
  });

  it.each([null, undefined, false])('is none where `error` is %s', async (error) => {
    const { text: said } = await clientReading([delta({ content: 'Hello' }, {}, { error }) + finish()]).complete(
      'hello',
    );

    expect(said).toBe('Hello');
  });
});

it.each([1302, '1302', 0, -1, 'E_BUSY', 399, 600])(
  'a code that is no status (%j) is not taken for one',
  async (code) => {
    const error = await failureOf(clientReading([frame({ error: { message: 'Too busy', code } })]).complete('hello'));

    expect(error).toMatchObject({ name: 'ServerError', status: 500 });
  },
);

describe('a finish reason that says error', () => {
  it.each(['error', 'insufficient_system_resource'])('rejects, and keeps all text: %s', async (reason) => {
    const stream = text('Hello') + delta({ content: ' world' }, { finish_reason: reason });

    const error = await failureOf(clientReading([stream]).complete('hello'));

    expect(error).toMatchObject({ name: 'ServerError', isRetryable: true, message: expect.stringContaining(reason) });
    expect((error as LLMError).partial?.text).toBe('Hello world');
  });
});
