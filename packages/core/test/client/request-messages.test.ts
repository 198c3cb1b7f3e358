import type { LLMClient, MessageInput } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer } from '../support/chat-completions.ts';
import { clientOf, failureOf } from '../support/client.ts';

const CYCLE: { self?: unknown } = {};
CYCLE.self = CYCLE;

const CALL: MessageInput = {
  role: 'assistant',
  parts: [{ type: 'tool-call', id: 'c1', name: 'clock', rawInput: '{}' }],
};

const resultOf = (part: object): unknown => ({
  messages: [
    { role: 'user', content: 'hi' },
    CALL,
    { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c1', ...part }] },
  ],
});

/** As JavaScript may call it. */
function complete(client: LLMClient, request: unknown): Promise<unknown> {
  return Reflect.apply(client.complete.bind(client), client, [request]) as Promise<unknown>;
}

describe('a request that cannot be sent', () => {
  it.each<[string, unknown, string]>([
    [
      'the result of a tool as content',
      { messages: [CALL, { role: 'tool', content: '21' }] },
      'messages[1] is the result',
    ],
    [
      'a result without its call',
      resultOf({ toolCallId: undefined }),
      'messages[2].parts[0].toolCallId must be a string',
    ],
    [
      'a result whose call is a number',
      resultOf({ toolCallId: 5 }),
      'messages[2].parts[0].toolCallId must be a string',
    ],
    [
      'a result in content without its call',
      { messages: [CALL, { role: 'tool', content: [{ type: 'tool-result', output: 1 }] }] },
      'messages[1].content[0].toolCallId must be a string',
    ],
    [
      'content beside empty parts',
      { messages: [{ role: 'user', content: 'x', parts: [] }] },
      'messages[0] has content',
    ],
    ['a stop text that is a number', { prompt: 'x', stop: ['a', 5] }, 'stop[1] must be a string, not a number'],
    ['a stop text that is null', { prompt: 'x', stop: [null] }, 'stop[0] must be a string, not null'],
    ['a bigint of a tool', resultOf({ output: { id: 1n } }), 'The output of a tool cannot be written as JSON'],
    ['a cycle of a tool', resultOf({ output: CYCLE }), 'The output of a tool cannot be written as JSON'],
  ])('is refused for %s', async (_, request, message) => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });

    expect(await failureOf(complete(clientOf(server.url), request))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(message) as string,
    });
    expect(server.requests).toEqual([]);
  });

  it('is not one with results of tools in content', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
    const content = [{ type: 'tool-result', toolCallId: 'c1', output: 1 }];

    await complete(clientOf(server.url), { messages: [CALL, { role: 'tool', content }], stop: ['a'] });

    expect(server.requests).toHaveLength(1);
  });
});
