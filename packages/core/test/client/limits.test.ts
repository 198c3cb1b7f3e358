import type { LLMError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, delta, DONE, finish, text } from '../support/chat-completions.ts';
import { clientOf, eventually, failureOf } from '../support/client.ts';

const MIB = 2 ** 20;

describe('an answer that is too large', () => {
  it.each([
    ['a frame', 'data: '],
    ['a whole JSON document', '{"choices":"'],
    ['a comment', ': '],
  ])('is given up where %s has no end', async (_, start) => {
    await using server = await startHttpServer({
      chunks: [
        { text: text('Hello') },
        { text: start },
        ...Array.from({ length: 17 }, () => ({ text: 'x'.repeat(MIB) })),
      ].slice(start.startsWith('{') ? 1 : 0),
      end: 'hang',
    });

    const error = await failureOf(clientOf(server.url).complete('hello'));

    expect(error).toMatchObject({ name: 'LimitError', code: 'limit', limit: 'frame', isRetryable: false });
    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('is given up where it is no stream and has no end', async () => {
    const line = `${'x'.repeat(MIB - 1)}\n`;
    await using server = await startHttpServer({
      chunks: Array.from({ length: 17 }, () => ({ text: line })),
      end: 'hang',
    });

    expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({
      name: 'LimitError',
      limit: 'frame',
    });
    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('keeps what came before the frame', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: `${text('Hello')}data: ` }, ...Array.from({ length: 17 }, () => ({ text: 'x'.repeat(MIB) }))],
    });

    expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({
      limit: 'frame',
      partial: { text: 'Hello' },
    });
  });

  it('is given up where all of it is too much', async () => {
    const piece = text('x'.repeat(MIB));
    await using server = await startHttpServer({
      chunks: Array.from({ length: 65 }, () => ({ text: piece })),
      end: 'hang',
    });

    const error = await failureOf(clientOf(server.url).complete('hello'));

    expect(error).toMatchObject({ name: 'LimitError', limit: 'run' });
    expect((error as LLMError).partial?.text).toHaveLength(64 * MIB);
    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('is none where a large frame ends in time', async () => {
    const large = 'x'.repeat(8 * MIB);
    await using server = await startHttpServer({ chunks: [{ text: answer(large) }] });

    expect((await clientOf(server.url).complete('hello')).text).toBe(large);
  });
});

it.each([
  ['in one piece', (json: string) => [json]],
  ['in pieces', (json: string) => json.match(/.{1,1000}/gs) ?? []],
])('arguments that are nested too deeply exceed the depth, not the end of the answer, %s', async (_, piecesOf) => {
  const json = '{"a":'.repeat(600) + '1' + '}'.repeat(600);
  const calls = piecesOf(json).map((piece, at) =>
    delta({ tool_calls: [{ index: 0, ...(at === 0 && { id: 'c1' }), function: { name: 'f', arguments: piece } }] }),
  );
  await using server = await startHttpServer({ chunks: [{ text: [...calls, finish('tool_calls'), DONE].join('') }] });

  const error = await failureOf(clientOf(server.url).complete('hello'));

  expect(error).toMatchObject({ name: 'LimitError', code: 'limit', limit: 'depth' });
});
