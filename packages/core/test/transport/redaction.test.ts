import type { LLMError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { answer, frame, text } from '../support/chat-completions.ts';
import { clientOf, failureOf } from '../support/client.ts';
import { everythingIn } from '../support/everything-in.ts';

const key = 'sk-test-0123456789abcdefghijklmnopqrstuvwxyz';

/** The error that a server causes which echoes the key. */
async function errorFor(response: Answer, apiKey: string | (() => string) = key): Promise<LLMError> {
  await using server = await startHttpServer(response);
  return (await failureOf(clientOf(server.url, {}, { apiKey }).complete('hello'))) as LLMError;
}

describe('a key that a server echoes', () => {
  it.each<[string, string, Answer]>([
    [
      'in the body of an error',
      'AuthenticationError',
      { status: 401, chunks: [{ text: `{"error":{"message":"Incorrect API key provided: ${key}."}}` }] },
    ],
    [
      'in a body that is not JSON',
      'ServerError',
      { status: 500, chunks: [{ text: `<p>Bad header: Bearer ${key}</p>` }] },
    ],
    [
      'in an error in band, before any text',
      'AuthenticationError',
      { chunks: [{ text: frame({ error: { message: `Bad key ${key}`, type: 'authentication_error' } }) }] },
    ],
    [
      'in an error in band, after text',
      'ServerError',
      { chunks: [{ text: text('Hi') }, { text: frame({ error: { message: `The key ${key} has failed` } }) }] },
    ],
    [
      'in a frame that is not JSON',
      'ParseError',
      { chunks: [{ text: `${text('Hi')}data: key ${key}\n\n${answer('!')}` }] },
    ],
    ['in a page in place of a stream', 'ParseError', { chunks: [{ text: `<html>Welcome, ${key}</html>` }] }],
    ['in a whole JSON error with status 200', 'ServerError', { chunks: [{ text: `{"error":"Bad key ${key}"}` }] }],
  ])('%s is in no part of the error', async (_, name, response) => {
    const error = await errorFor(response);

    expect(error.name).toBe(name);
    expect(error.partial).toBeDefined();
    expect(everythingIn(error)).not.toContain(key);
    expect(error.message).toContain('[redacted]');
  });

  it('is redacted when it came from a function', async () => {
    const error = await errorFor({ status: 403, chunks: [{ text: `{"message":"${key} may not"}` }] }, () => key);

    expect(everythingIn(error)).not.toContain(key);
  });

  it('leaves no piece of it where the message is cut short', async () => {
    const lengths = Array.from({ length: key.length + 20 }, (_, at) => 200 - at);
    for (const length of lengths) {
      const error = await errorFor({ status: 400, chunks: [{ text: `{"message":"${'x'.repeat(length)}${key}"}` }] });

      expect(everythingIn(error)).not.toContain(key.slice(0, 12));
    }
  });
});

it('a key that no header can carry is not shown in the error about it', async () => {
  const error = await errorFor({ chunks: [{ text: answer('Hi') }] }, `${key}\n${key}`);

  expect(everythingIn(error)).not.toContain(key);
});
