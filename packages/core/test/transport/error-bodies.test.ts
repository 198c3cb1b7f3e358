import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { failureOf } from '../support/client.ts';
import { clientFor, wires } from '../support/wires.ts';

const shapes: [string, unknown, string][] = [
  ['an error object', { error: { message: 'It broke' } }, 'server'],
  ['a text', { error: 'It broke' }, 'server'],
  ['a list', [{ error: { message: 'It broke' } }], 'server'],
  ['a name and a message', { statusCode: 429, error: 'Too Many Requests', message: 'It broke' }, 'rate_limit'],
  ['a detail', { detail: 'It broke' }, 'server'],
  ['a list of details', { detail: [{ loc: ['body'], msg: 'It broke', type: 'missing' }] }, 'server'],
  ['a message with a code', { message: 'It broke', code: 403 }, 'permission_denied'],
  ['a message with a status', { message: 'It broke', status: 'RESOURCE_EXHAUSTED' }, 'rate_limit'],
  ['a message alone', { message: 'It broke' }, 'server'],
  ['msg', { code: 50_001, msg: 'It broke' }, 'server'],
  ['vLLM', { object: 'error', message: 'It broke', type: 'BadRequestError', code: 400 }, 'invalid_request'],
  ['MiniMax', { base_resp: { status_code: 1008, status_msg: 'It broke' } }, 'insufficient_quota'],
  ['a rate limit of MiniMax', { base_resp: { status_code: 1002, status_msg: 'It broke' } }, 'rate_limit'],
  [
    'Cloudflare',
    { success: false, result: null, messages: [], errors: [{ code: 7003, message: 'It broke' }] },
    'server',
  ],
  ['GraphQL', { errors: [{ message: 'It broke' }] }, 'server'],
];

describe.each(wires.filter(({ frame }) => frame))('with status 200, $name', ({ name, provider, text, frame }) => {
  it.each(shapes)('answers an error: %s', async (_, body, code) => {
    await using server = await startHttpServer([
      { headers: { 'content-type': 'application/json' }, chunks: [{ text: JSON.stringify(body) }] },
      { headers: { 'content-type': 'application/json' }, chunks: [{ text: JSON.stringify(body, undefined, 2) }] },
      { chunks: [{ text }, { text: frame?.(body) }] },
    ]);
    const client = clientFor(provider(server.url));
    const expected = { code, message: expect.stringContaining('It broke') };

    expect(await failureOf(client.complete('hello'))).toMatchObject(expected);
    expect(await failureOf(client.complete('hello'))).toMatchObject(expected);
    expect(await failureOf(client.complete('hello'))).toMatchObject({ ...expected, partial: { text: 'Hello' } });
  });

  it.each([
    ['a heartbeat', { object: 'chat.completion.heartbeat', message: 'still here' }],
    ['a type', { type: 'ping', message: 'still here' }],
    ['a success', { base_resp: { status_code: 0, status_msg: '' } }],
    ['nulls', { error: null, errors: [], detail: '', message: null, success: true }],
  ])('ignores a frame that is not an error: %s', async (_, body) => {
    // The message of a frame of Ollama is an object of the answer.
    const { message, ...rest } = body as { message?: unknown };
    const json = name === 'ollama' ? { ...rest, note: message } : body;
    await using server = await startHttpServer({ chunks: [{ text }, { text: frame?.(json) }] });

    expect(await failureOf(clientFor(provider(server.url)).complete('hello'))).toMatchObject({ code: 'truncated' });
  });
});
