import { LLMClient, type Message, type MessageInput } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../../../../test/support/http-server.ts';
import { delta, DONE, finish, text } from '../../support/chat-completions.ts';
import { failureOf } from '../../support/client.ts';
import { bodyOf, refused, type Body } from '../../support/refusing-server.ts';

type Fields = Record<string, unknown>;

const CALL = { index: 0, id: 'call_1', type: 'function', function: { name: 'clock', arguments: '{}' } };

/** A message of an assistant in a body that was sent. */
function assistantIn(body: Body): Fields | undefined {
  return (body['messages'] as Fields[]).find(({ role }) => role === 'assistant');
}

/** A server whose first answer has these deltas, and which refuses the answer in the history if `refuse` has a body. */
function startServer(
  deltas: readonly object[],
  refuse: (assistant: Fields) => unknown,
  status: number,
): Promise<HttpServer> {
  return startHttpServer((request) => {
    const assistant = assistantIn(bodyOf(request));
    if (!assistant) return { chunks: [{ text: deltas.map((fields) => delta(fields)).join('') + finish() + DONE }] };
    const refusal = refuse(assistant);
    return refusal ? refused(refusal, status) : { chunks: [{ text: text('Again') + finish() + DONE }] };
  });
}

function clientFor(server: HttpServer): LLMClient {
  return new LLMClient({ provider: openai({ baseURL: server.url }), model: 'model-1', retry: false });
}

/** The history of a second request, as it is after storage. */
function historyOf(message: Message): MessageInput[] {
  const stored = JSON.parse(JSON.stringify(message)) as Message;
  const results: MessageInput[] = stored.parts.some(({ type }) => type === 'tool-call')
    ? [{ role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'call_1', output: '12:00' }] }]
    : [];
  return [{ role: 'user', content: 'Hello' }, stored, ...results, { role: 'user', content: 'And now?' }];
}

function groq(...fields: readonly string[]): (assistant: Fields) => unknown {
  return (assistant) => {
    const refusedField = fields.find((field) => assistant[field] !== undefined);
    return (
      refusedField && {
        error: {
          message: `'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property '${refusedField}' is unsupported)]`,
          type: 'invalid_request_error',
        },
      }
    );
  };
}

function fastApi(field: string): (assistant: Fields) => unknown {
  const loc = ['body', 'messages', 1, 'assistant', field];
  return (assistant) =>
    assistant[field] !== undefined && {
      detail: [
        { type: 'extra_forbidden', loc, msg: 'Extra inputs are not permitted', input: 'hm' },
        { type: 'missing', loc: ['body', 'messages', 1, 'tool', 'tool_call_id'], msg: 'Field required' },
      ],
    };
}

function worded(message: string, isRefused: (assistant: Fields) => boolean): (assistant: Fields) => unknown {
  return (assistant) => isRefused(assistant) && { error: { message, type: 'invalid_request_error' } };
}

const has =
  (field: string) =>
  (assistant: Fields): boolean =>
    JSON.stringify(assistant).includes(`"${field}"`);

const DETAILS = [{ type: 'reasoning.text', text: 'hm', signature: 'c2ln', index: 0 }];

describe('a field of an answer that the server refuses to get back', () => {
  it.each<[string, readonly object[], (assistant: Fields) => unknown, number, readonly string[], number]>([
    ['Groq', [{ reasoning: 'hm' }, { content: 'Hi' }], groq('reasoning'), 400, ['reasoning'], 2],
    [
      'Groq, with two fields',
      [{ reasoning: 'hm', reasoning_details: DETAILS }, { content: 'Hi' }],
      groq('reasoning', 'reasoning_details'),
      400,
      ['reasoning', 'reasoning_details'],
      3,
    ],
    [
      'FastAPI',
      [{ reasoning_content: 'hm' }, { content: 'Hi' }],
      fastApi('reasoning_content'),
      422,
      ['reasoning_content'],
      2,
    ],
    ['FastAPI, a plain word', [{ reasoning: 'hm' }, { content: 'Hi' }], fastApi('reasoning'), 422, ['reasoning'], 2],
    [
      'a path in the message',
      [{ thinking_blocks: [{ type: 'thinking', thinking: 'hm', signature: 'c2ln' }] }, { content: 'Hi' }],
      worded('messages.1.thinking_blocks: Extra inputs are not permitted', has('thinking_blocks')),
      400,
      ['thinking_blocks'],
      2,
    ],
    [
      'a path with brackets',
      [{ reasoning_content: 'hm' }, { content: 'Hi' }],
      worded("Unknown parameter: 'messages[1].reasoning_content'.", has('reasoning_content')),
      400,
      ['reasoning_content'],
      2,
    ],
    [
      'a field of a call',
      [{ tool_calls: [{ ...CALL, extra_content: { google: { thought_signature: 'c2ln' } } }] }],
      worded("property 'extra_content' is unsupported in messages.1.tool_calls.0", has('extra_content')),
      400,
      ['extra_content'],
      2,
    ],
    [
      'pieces of the content',
      [{ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }, { content: 'Hi' }],
      (assistant) =>
        has('thinking')(assistant) && {
          detail: [
            {
              type: 'union_tag_invalid',
              loc: ['body', 'messages', 1, 'assistant', 'content', 0],
              msg: "Input tag 'thinking' found using 'type' does not match any of the expected tags: 'text', 'image_url'",
            },
          ],
        },
      422,
      ['thinking'],
      2,
    ],
    [
      'words of a refusal',
      [{ refusal: 'No.' }],
      worded("'messages.1' : property 'refusal' is unsupported", has('refusal')),
      400,
      ['refusal'],
      2,
    ],
  ])('is left out, also of later requests: %s', async (_, deltas, refuse, status, fields, requests) => {
    await using server = await startServer(deltas, refuse, status);
    const client = clientFor(server);
    const { message } = await client.complete('Hello');
    const messages = historyOf(message);

    expect(await client.complete({ messages })).toMatchObject({ text: 'Again' });
    expect(server.requests).toHaveLength(1 + requests);
    await client.complete({ messages });
    expect(server.requests).toHaveLength(2 + requests);

    const [first, last] = [server.requests[1]!, server.requests.at(-1)!].map((sent) => assistantIn(bodyOf(sent))!);
    for (const field of fields) {
      expect(has(field)(first!)).toBe(true);
      expect(has(field)(last!)).toBe(false);
    }
    expect(last).toMatchObject(JSON.stringify(deltas).includes('tool_calls') ? { tool_calls: [{}] } : {});
  });

  it('is left out of one conversation if its signature is invalid', async () => {
    const isBad = (assistant: Fields): boolean => JSON.stringify(assistant).includes('c2ln');
    await using server = await startServer(
      [{ reasoning_details: DETAILS }, { content: 'Hi' }],
      worded('messages.1.content.0: Invalid `signature` in `thinking` block', isBad),
      400,
    );
    const client = clientFor(server);
    const { message } = await client.complete('Hello');

    expect(await client.complete({ messages: historyOf(message) })).toMatchObject({ text: 'Again' });
    await client.complete({ messages: JSON.parse(JSON.stringify(historyOf(message)).replace('c2ln', 'b2s=')) as [] });

    expect(has('reasoning_details')(assistantIn(bodyOf(server.requests.at(-1)!))!)).toBe(true);
    expect(server.requests).toHaveLength(4);
  });

  it.each([
    'The reasoning_content in the thinking mode must be passed back to the API.',
    "thinking is enabled but 'reasoning_content' is missing in assistant tool call message at index 1",
    "messages.1: field 'reasoning_content' is required",
    'messages.1.content: this text is not allowed',
    "messages.1.content: the word 'reasoning' is not allowed",
  ])('is not meant by a refusal for another reason: %s', async (words) => {
    await using server = await startServer(
      [{ reasoning_content: 'hm' }, { content: 'Hi' }],
      worded(words, () => true),
      400,
    );
    const client = clientFor(server);
    const { message } = await client.complete('Hello');

    expect(await failureOf(client.complete({ messages: historyOf(message) }))).toMatchObject({
      code: 'invalid_request',
    });
    expect(server.requests).toHaveLength(2);
  });
});
