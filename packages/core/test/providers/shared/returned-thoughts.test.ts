import { LLMClient, type Message, type MessageInput } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../../../../test/support/http-server.ts';
import { failureOf } from '../../support/client.ts';
import { refused, WIRES, type WireName } from '../../support/refusing-server.ts';

const SEALED = 'c2VhbGVk';

/** The history of a chat whose answer has a sealed thought. */
function historyFor(wire: WireName): readonly MessageInput[] {
  const own =
    wire === 'anthropic' ? { signature: SEALED } : { type: 'reasoning', summary: [], encrypted_content: SEALED };
  const answer: Message = {
    id: 'answer-1',
    role: 'assistant',
    parts: [
      { type: 'reasoning', text: 'Hm', providerMetadata: { [wire]: own } },
      { type: 'text', text: 'It is noon.' },
    ],
  };
  return [{ role: 'user', content: 'What time is it?' }, answer, { role: 'user', content: 'And now?' }];
}

function startServer(wire: WireName, words: string): Promise<HttpServer> {
  return startHttpServer(({ body }) =>
    body.includes(SEALED)
      ? refused(WIRES[wire].refusal(words))
      : { chunks: [{ text: WIRES[wire].answer('One minute later') }] },
  );
}

describe('a sealed thought of an earlier answer', () => {
  it.each<[WireName, string, boolean]>([
    ['anthropic', 'messages.1.content.0: Invalid `signature` in `thinking` block', false],
    ['anthropic', '***.***.content.0: Invalid signature in thinking block', false],
    ['openaiResponses', 'The encrypted content gAAA...c90= could not be verified.', false],
    [
      'openaiResponses',
      'The encrypted content - **...** could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
      false,
    ],
    ['openaiResponses', 'Reasoning input items can only be provided to a reasoning or computer use model.', true],
    ['openaiResponses', "Unknown parameter: 'input[1].encrypted_content'.", true],
    ['openaiResponses', 'Reasoning items are not supported with this model.', true],
  ])('is left out where %s refuses it: %s', async (wire, words, isRemembered) => {
    await using server = await startServer(wire, words);
    const client = new LLMClient({ provider: WIRES[wire].provider(server.url), model: 'm', retry: false });
    const messages = historyFor(wire);

    expect(await client.complete({ messages })).toMatchObject({ text: 'One minute later' });
    expect(server.requests.map(({ body }) => body.includes(SEALED))).toEqual([true, false]);
    expect(server.requests[1]?.body).toContain('It is noon.');

    await client.complete({ messages });
    expect(server.requests[2]?.body.includes(SEALED)).toBe(!isRemembered);
  });

  it.each<[WireName, string]>([
    ['anthropic', 'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`'],
    ['openaiResponses', "Item 'rs_1' of type 'reasoning' was provided without its required following item."],
    ['openaiResponses', 'Reasoning summaries are not supported for this organization.'],
  ])('is not meant by another refusal of %s: %s', async (wire, words) => {
    await using server = await startServer(wire, words);
    const client = new LLMClient({ provider: WIRES[wire].provider(server.url), model: 'm', retry: false });

    expect(await failureOf(client.complete({ messages: historyFor(wire) }))).toMatchObject({ code: 'invalid_request' });
    expect(server.requests.every(({ body }) => body.includes(SEALED))).toBe(true);
  });
});
