import { ParseError, type LLMError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { answer, delta, DONE, finish, frame, text } from '../support/chat-completions.ts';
import { clientOf, clientReading, eventually, failureOf, toBytes } from '../support/client.ts';

async function errorFor(response: Answer): Promise<LLMError> {
  await using server = await startHttpServer(response);
  return (await failureOf(clientOf(server.url).complete('hello'))) as LLMError;
}

describe('a body that is not a stream', () => {
  const page = '<!doctype html>\n<html>\n  <title>Sign in to continue</title>\n</html>';

  it('is an error that quotes its start', async () => {
    const error = await errorFor({ headers: { 'content-type': 'text/html' }, chunks: [{ text: page }] });

    expect(error).toBeInstanceOf(ParseError);
    expect(error.message).toContain('<!doctype html> <html> <title>Sign in to continue</title>');
    expect(error.isRetryable).toBe(false);
  });

  it('is quoted however it is split', async () => {
    const bytes = toBytes(page);
    for (let at = 1; at < bytes.length; at += 1) {
      const error = await failureOf(clientReading([bytes.slice(0, at), bytes.slice(at)]).complete('hello'));

      expect(error).toMatchObject({ name: 'ParseError', message: expect.stringContaining('<!doctype html> <html>') });
    }
  });

  it('is quoted in part when it is long', async () => {
    const error = await errorFor({ chunks: [{ text: `Not for you. ${'Go away. '.repeat(10_000)}` }] });

    expect(error).toMatchObject({ name: 'ParseError', message: expect.stringContaining('Not for you.') });
    expect(error.message.length).toBeLessThan(500);
  });

  it.each([
    'upstream connect error',
    'error: no healthy upstream',
    'rejected by the proxy',
    'database unavailable\n\nplease wait',
    'idle',
  ])('is quoted when it is plain text: %j', async (body) => {
    const error = await errorFor({ chunks: [{ text: body }] });

    expect(error).toMatchObject({ name: 'ParseError', message: expect.stringContaining(body.split('\n')[0]!) });
  });
});

describe('an error that is not JSON', () => {
  it('has the class of its status, and quotes its start', async () => {
    const error = await errorFor({
      status: 500,
      headers: { 'content-type': 'text/html' },
      chunks: [{ text: '<html>\n<h1>Internal Server Error</h1>' }],
    });

    expect(error).toMatchObject({
      name: 'ServerError',
      status: 500,
      message: expect.stringContaining('<h1>Internal Server Error</h1>'),
    });
  });

  it('may have no body', async () => {
    expect(await errorFor({ status: 502 })).toMatchObject({ name: 'ServerError', status: 502 });
  });

  it('may break off', async () => {
    const error = await errorFor({ status: 503, chunks: [{ text: '{"error":{"mess' }], end: 'destroy' });

    expect(error).toMatchObject({ name: 'OverloadedError', status: 503 });
  });

  it('is not read to its end when it has none', async () => {
    await using server = await startHttpServer({
      status: 500,
      chunks: Array.from({ length: 20 }, () => ({ text: 'x'.repeat(8192) })),
      end: 'hang',
    });

    const error = await failureOf(clientOf(server.url).complete('hello'));

    expect(error).toMatchObject({ name: 'ServerError', status: 500 });
    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });
});

describe('a server that ignores `stream` and answers whole JSON', () => {
  const whole = {
    id: 'a',
    choices: [
      {
        message: {
          content: 'Ü👋',
          reasoning: 'Hm.',
          tool_calls: [{ id: 'c', function: { name: 'clock', arguments: '{"a":1}' } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage: { total_tokens: 7 },
  };
  const said = {
    id: 'a',
    text: 'Ü👋',
    reasoning: 'Hm.',
    toolCalls: [{ id: 'c', name: 'clock', rawInput: '{"a":1}', input: { a: 1 } }],
    finishReason: 'tool-calls',
    usage: { totalTokens: 7 },
  };

  it.each([
    ['in one line', JSON.stringify(whole)],
    ['pretty-printed', JSON.stringify(whole, undefined, 1)],
    ['after white space', `\r\n  ${JSON.stringify(whole)}\n`],
    ['after a byte order mark', `\uFEFF${JSON.stringify(whole)}`],
  ])('is understood %s, for every split of the bytes in two', async (_, json) => {
    const bytes = toBytes(json);
    for (let at = 0; at < bytes.length; at += 1) {
      const completion = await clientReading([bytes.slice(0, at), bytes.slice(at)]).complete('hello');

      expect(completion, `split after ${at} bytes`).toMatchObject(said);
    }
  });

  it('is understood over a socket', async () => {
    await using server = await startHttpServer({
      headers: { 'content-type': 'application/json' },
      chunks: [{ text: JSON.stringify(whole) }],
    });

    expect(await clientOf(server.url).complete('hello')).toMatchObject(said);
  });

  it('is not believed when it is cut at any byte', async () => {
    const bytes = toBytes(JSON.stringify(whole, undefined, 1));
    for (let length = 1; length < bytes.length; length += 1) {
      const error = await failureOf(clientReading([bytes.slice(0, length)]).complete('hello'));

      expect(error, `cut after ${length} bytes`).toMatchObject({ name: 'TruncatedError' });
    }
  });

  it('is an error where it says so, in spite of status 200', async () => {
    const error = await errorFor({
      headers: { 'content-type': 'application/json' },
      chunks: [{ text: '{\n  "error": { "message": "Slow down", "type": "rate_limit_error" }\n}' }],
    });

    expect(error).toMatchObject({
      name: 'RateLimitError',
      status: 429,
      isRetryable: true,
      message: expect.stringContaining('Slow down'),
    });
  });
});

describe('a frame', () => {
  it('that is no JSON is a parse error with an excerpt, and keeps what came before it', async () => {
    const error = await errorFor({ chunks: [{ text: `${text('Hello')}data: {"choices":[oops\n\n${answer('!')}` }] });

    expect(error).toMatchObject({
      name: 'ParseError',
      code: 'parse',
      provider: 'openai',
      message: expect.stringContaining('{"choices":[oops'),
      partial: { text: 'Hello' },
    });
  });

  it('that is no JSON keeps what came before it in the same chunk', async () => {
    const error = await failureOf(
      clientReading([text('Hello') + text(' world'), `${text(', again')}data: oops\n\n`]).complete('hello'),
    );

    expect(error).toMatchObject({ name: 'ParseError', partial: { text: 'Hello world, again' } });
  });

  it.each([
    ['an unknown event', 'event: ping\ndata: {"type":"ping"}\n\n'],
    ['an unknown object', frame({ object: 'chat.completion.heartbeat', at: 3 })],
    ['no choices', frame({ id: 'chatcmpl-1', choices: [] })],
    ['null choices', frame({ id: 'chatcmpl-1', choices: null })],
    ['no data', 'event: ping\n\n'],
    ['empty data', 'data:\n\n'],
    ['another choice', delta({ content: 'no' }, { index: 1 })],
    ['padding', delta({}, {}, { obfuscation: 'aXJvbg' })],
    ['a null delta', frame({ choices: [{ index: 0, delta: null }] })],
    ['nulls everywhere', delta({ content: null, refusal: null, tool_calls: null, annotations: null })],
    ['unknown fields', delta({ content: '', thoughts: 'none', audio: { id: 'a' } }, { logprobs: { content: [] } })],
  ])('with %s changes nothing', async (_, odd) => {
    const { message, finishReason } = await clientReading([
      odd + text('Hel') + odd + text('lo') + odd + finish() + odd + DONE,
    ]).complete('hello');

    expect(message.parts).toEqual([{ type: 'text', text: 'Hello' }]);
    expect(finishReason).toBe('stop');
  });

  it.each([
    ['a list', frame({ choices: { index: 0 } })],
    ['an object', frame({ choices: ['Hello'] })],
    ['null in a list', frame({ choices: [null] })],
    ['a text', delta({ tool_calls: [null] })],
    ['a call', delta({ tool_calls: 'weather' })],
    ['counts', frame({ choices: [], usage: 'many' })],
    ['a whole', 'data: 42\n\n'],
    ['all of it', 'data: null\n\n'],
    ['a text as a whole', 'data: "Hello"\n\n'],
    ['a list as a whole', 'data: []\n\n'],
  ])('with something else in place of %s is ignored or a parse error', async (_, odd) => {
    const run = clientReading([text('Hello') + odd + finish() + DONE]).stream('hello');

    const outcome = await run.result.catch((error: LLMError) => error);

    expect(run.getSnapshot().text).toBe('Hello');
    if (outcome instanceof Error) expect(['parse', 'server']).toContain(outcome.code);
    else expect(outcome.finishReason).toBe('stop');
  });
});
