import {
  LLMClient,
  ParseError,
  type Completion,
  type Message,
  type MessageInput,
  type StreamEvent,
} from '@rivulet/core';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import {
  convertToModelMessages,
  readUIMessageStream,
  uiMessageChunkSchema,
  validateUIMessages,
  type ModelMessage,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
import { array, assert, asyncProperty, constantFrom, nat, shuffledSubarray } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../../../../test/support/http-server.ts';
import { cutAt, failureOf, readAll, streamOf, toBytes } from '../../support/client.ts';
import { fold } from '../../support/fold.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

let server: HttpServer;
let client: LLMClient;

beforeAll(async () => {
  server = await startHttpServer({ chunks: [] });
  client = new LLMClient({ provider: uiMessageStream({ api: `${server.url}/api/chat` }), retry: false });
});
afterAll(() => server.close());

const done: UIMessageChunk = { type: 'finish', finishReason: 'stop' };
const text = (id: string, ...deltas: string[]): UIMessageChunk[] => [
  { type: 'text-start', id },
  ...deltas.map((delta): UIMessageChunk => ({ type: 'text-delta', id, delta })),
  { type: 'text-end', id },
];
const call = (toolCallId: string, fields: object = {}): UIMessageChunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'pay',
  input: { euro: 5 },
  ...fields,
});
const ask = (toolCallId: string, fields: object = {}): UIMessageChunk => ({
  type: 'tool-approval-request',
  approvalId: `approval-${toolCallId}`,
  toolCallId,
  ...fields,
});
const decide = (toolCallId: string, approved: boolean, fields: object = {}): UIMessageChunk => ({
  type: 'tool-approval-response',
  approvalId: `approval-${toolCallId}`,
  approved,
  ...fields,
});
const output = (toolCallId: string, value: unknown): UIMessageChunk => ({
  type: 'tool-output-available',
  toolCallId,
  output: value,
});
const denied = (toolCallId: string): UIMessageChunk => ({ type: 'tool-output-denied', toolCallId });
const steering = (id: string, content: string): UIMessageChunk => ({
  type: 'steering-message',
  id,
  parts: [
    { type: 'text', text: content },
    { type: 'file', mediaType: 'text/plain', url: 'https://example.com/a.txt', filename: 'a.txt' },
  ],
});

function answerWith(chunks: readonly object[], cuts: readonly number[] = []): void {
  const body = `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
  server.answer({ chunks: cutAt(toBytes(body), cuts).map((bytes) => ({ bytes: [...bytes] })) });
}

async function read(chunks: readonly object[], cuts: readonly number[] = []): Promise<Completion> {
  answerWith(chunks, cuts);
  return client.complete('hello');
}

/** The messages that a backend gets for this history, checked by the AI SDK. */
async function sentFor(messages: readonly MessageInput[]): Promise<UIMessage[]> {
  answerWith([done]);
  await client.complete({ messages });
  const body = JSON.parse(server.requests.at(-1)!.body) as { messages: UIMessage[] };
  return validateUIMessages({ messages: body.messages });
}

/** The prompt that the AI SDK makes of an answer that its own client read. */
async function expectedPrompt(chunks: readonly UIMessageChunk[]): Promise<ModelMessage[]> {
  let message: UIMessage | undefined;
  for await (const next of readUIMessageStream({ stream: streamOf(chunks) })) message = next;
  const parts = message!.parts.map((part) => part);
  return convertToModelMessages([{ role: 'assistant', parts }]);
}

/** Without the fields that are absent, and the metadata that is empty. */
function plain(messages: readonly ModelMessage[]): unknown {
  return JSON.parse(
    JSON.stringify(messages, (key, value: unknown) =>
      key === 'providerOptions' && JSON.stringify(value) === '{}' ? undefined : value,
    ),
  );
}

describe('a chunk', () => {
  it.each<[string, UIMessageChunk[], object]>([
    [
      'steering-message is a data part in its place',
      [...text('a', 'One'), steering('s-1', 'Shorter, please'), ...text('b', 'Two')],
      {
        text: 'OneTwo',
        message: {
          parts: [
            { type: 'text', text: 'One' },
            {
              type: 'data',
              name: 'steering-message',
              id: 's-1',
              data: [
                { type: 'text', text: 'Shorter, please' },
                { type: 'file', mediaType: 'text/plain', url: 'https://example.com/a.txt', filename: 'a.txt' },
              ],
            },
            { type: 'text', text: 'Two' },
          ],
        },
      },
    ],
    [
      'tool-approval-response is the decision on the call',
      [call('c'), ask('c'), decide('c', true, { reason: 'Fine' })],
      { toolCalls: [{ id: 'c', approval: { id: 'approval-c', approved: true, reason: 'Fine' } }] },
    ],
    [
      'tool-output-denied is a failed result with the reason of the decision',
      [call('c'), ask('c'), decide('c', false, { reason: 'Too much' }), denied('c')],
      {
        message: {
          parts: [
            { type: 'tool-call', approval: { approved: false, reason: 'Too much' } },
            { type: 'tool-result', output: 'Too much', isError: true },
          ],
        },
      },
    ],
    [
      'tool-output-denied without a decision is a failed result',
      [call('c'), denied('c')],
      { message: { parts: [{ type: 'tool-call' }, { type: 'tool-result', output: 'denied', isError: true }] } },
    ],
    [
      'tool-output-denied has the reason of an automatic decision',
      [call('c'), ask('c', { isAutomatic: true }), decide('c', false, { reason: 'Policy' }), denied('c')],
      { message: { parts: [{ type: 'tool-call' }, { type: 'tool-result', output: 'Policy', isError: true }] } },
    ],
    [
      'tool-input-error is an error of the call',
      [
        {
          type: 'tool-input-error',
          toolCallId: 'c',
          toolName: 'pay',
          input: '{"euro":',
          errorText: 'Not JSON',
        },
      ],
      { toolCalls: [{ rawInput: '{"euro":', error: { code: 'parse', message: 'Not JSON' } }] },
    ],
    [
      'tool-input-start with text as its encoding has the text as the input',
      [
        { type: 'tool-input-start', toolCallId: 'c', toolName: 'patch', inputEncoding: 'text' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '*** Begin' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: ' Patch' },
        { type: 'tool-input-available', toolCallId: 'c', toolName: 'patch', input: '*** Begin Patch' },
      ],
      { toolCalls: [{ rawInput: '*** Begin Patch', input: '*** Begin Patch' }] },
    ],
    [
      'message-metadata is merged into the objects that are there',
      [
        { type: 'start', messageMetadata: { usage: { input: 1 }, tags: ['a'], user: 'Ann' } },
        { type: 'message-metadata', messageMetadata: { usage: { output: 2 }, tags: ['b'] } },
        { type: 'finish', finishReason: 'stop', messageMetadata: { usage: { input: 3 } } },
      ],
      { message: { metadata: { usage: { input: 3, output: 2 }, tags: ['b'], user: 'Ann' } } },
    ],
    ['message-metadata that is no object is ignored', [{ type: 'message-metadata', messageMetadata: 'x' }], {}],
    [
      'source-document, file and reasoning-file are parts',
      [
        { type: 'source-document', sourceId: 'd', mediaType: 'application/pdf', title: 'Doc', filename: 'd.pdf' },
        { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
        { type: 'reasoning-file', url: 'https://example.com/b.png', mediaType: 'image/png' },
      ],
      {
        message: {
          parts: [
            { type: 'source', id: 'd', mediaType: 'application/pdf', title: 'Doc', filename: 'd.pdf' },
            { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
            { type: 'file', providerMetadata: { uiMessageStream: { type: 'reasoning-file' } } },
          ],
        },
      },
    ],
  ])('%s', async (_, chunks, expected) => {
    for (const chunk of chunks) {
      expect(await uiMessageChunkSchema().validate?.(chunk)).toMatchObject({ success: true });
    }
    const all = chunks.at(-1)?.type === 'finish' ? chunks : [...chunks, done];
    answerWith(all);
    const run = client.stream('hello');
    const { items } = await readAll<StreamEvent>(run);

    const completion = await run.result;
    expect(completion).toMatchObject(expected);
    expect(fold(items).message?.parts).toEqual(completion.message.parts);
    await assert(
      asyncProperty(array(nat(), { maxLength: 8 }), async (cuts) => {
        expect((await read(all, cuts)).message.parts).toEqual(completion.message.parts);
      }),
      { numRuns: 3 },
    );
  });

  it.each<[string, object[]]>([
    ['that this version does not know', [{ type: 'news', text: 'none' }]],
    ['without a type', [{}]],
    ['that answers an unknown approval', [{ type: 'tool-approval-response', approvalId: 'x', approved: true }]],
    ['that asks about an unknown call', [{ type: 'tool-approval-request', approvalId: 'x', toolCallId: 'y' }]],
    ['of arguments for an unknown call', [{ type: 'tool-input-delta', toolCallId: 'y', inputTextDelta: '{}' }]],
    ['that only ends a step', [{ type: 'start-step' }, { type: 'finish-step' }]],
  ])('%s changes nothing', async (_, chunks) => {
    expect((await read([...text('a', 'Hi'), ...chunks, done])).message.parts).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('abort is not retried, even before the first text', async () => {
    answerWith([{ type: 'start' }, { type: 'abort', reason: 'stopped' }]);
    const before = server.requests.length;
    const retrying = new LLMClient({
      provider: uiMessageStream({ api: `${server.url}/api/chat` }),
      retry: { maxRetries: 2 },
    });

    expect(await failureOf(retrying.complete('hello'))).toMatchObject({ code: 'server', isRetryable: false });
    expect(server.requests).toHaveLength(before + 1);
  });
});

describe('an answer goes back', () => {
  const blocks: Record<string, UIMessageChunk[]> = {
    text: text('t', 'Hello', ' world'),
    'text with citations': [
      { type: 'text-start', id: 'q' },
      { type: 'text-delta', id: 'q', delta: 'So' },
      {
        type: 'text-end',
        id: 'q',
        citations: [{ source: { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' } }],
      },
    ],
    reasoning: [
      { type: 'reasoning-start', id: 'r', providerMetadata: { anthropic: { signature: 'sig' } } },
      { type: 'reasoning-delta', id: 'r', delta: 'Hm' },
      { type: 'reasoning-end', id: 'r' },
    ],
    custom: [{ type: 'custom', kind: 'openai.compaction', providerMetadata: { openai: { itemId: 'i' } } }],
    steering: [steering('s', 'Shorter')],
    file: [{ type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' }],
    'reasoning file': [{ type: 'reasoning-file', url: 'https://example.com/a.png', mediaType: 'image/png' }],
    source: [{ type: 'source-url', sourceId: 'u', url: 'https://example.com' }],
    document: [{ type: 'source-document', sourceId: 'd', mediaType: 'application/pdf', title: 'Doc' }],
    data: [{ type: 'data-note', id: 'n', data: { x: 1 } }],
    'call with a result': [call('c1'), output('c1', { paid: true })],
    'call with metadata': [
      call('c2', { providerMetadata: { openai: { itemId: 'call' } } }),
      {
        type: 'tool-output-available',
        toolCallId: 'c2',
        output: 'ok',
        providerExecuted: true,
        providerMetadata: { openai: { itemId: 'result' } },
      },
    ],
    'free-form call': [call('c0', { input: '*** Begin Patch' }), output('c0', 'ok')],
    'failed call': [call('c3'), { type: 'tool-output-error', toolCallId: 'c3', errorText: 'No money' }],
    'dynamic call': [call('c4', { dynamic: true }), output('c4', 'ok')],
    'approved call': [call('c5'), ask('c5', { signature: 'sig' }), decide('c5', true), output('c5', 'paid')],
    'denied call': [call('c6'), ask('c6'), decide('c6', false, { reason: 'No' }), denied('c6')],
    'automatically approved call': [
      call('c7'),
      ask('c7', { isAutomatic: true }),
      decide('c7', true),
      output('c7', 'paid'),
    ],
    'automatically denied call': [
      call('c8'),
      ask('c8', { isAutomatic: true, reason: 'Policy' }),
      decide('c8', false, { reason: 'Policy 7' }),
      denied('c8'),
    ],
    'open question': [call('c9'), ask('c9', { reason: 'Costly', inputSchemaInput: null, signature: 'sig' })],
    'decided question': [call('c10'), ask('c10'), decide('c10', true, { reason: 'Fine' })],
    'automatic decision that is not carried out yet': [
      call('c11'),
      ask('c11', { isAutomatic: true }),
      decide('c11', true),
    ],
  };

  it.each(Object.entries(blocks))('as the AI SDK sends it: %s', async (_, chunks) => {
    const { message } = await read([...chunks, done]);

    const prompt = await convertToModelMessages(await sentFor([message]));
    expect(plain(prompt)).toEqual(plain(await expectedPrompt(chunks)));
  });

  it('as the AI SDK sends it, for any of these one after the other', async () => {
    await assert(
      asyncProperty(shuffledSubarray(Object.values(blocks), { minLength: 1 }), async (list) => {
        // A step after each, as a result begins one in what we send.
        const chunks = list.flatMap((block): UIMessageChunk[] => [{ type: 'start-step' }, ...block]);
        const { message } = await read([...chunks, done]);
        const messages = await sentFor([message]);

        const contents = (all: readonly ModelMessage[]): unknown[] =>
          (plain(all) as { role: string; content: object[] }[])
            .flatMap(({ role, content }) => content.map((part) => JSON.stringify({ role, part })))
            .toSorted();
        expect(contents(await convertToModelMessages(messages))).toEqual(contents(await expectedPrompt(chunks)));
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, MessageInput[], object]>([
    [
      'a question that was not answered, with the result that it was not carried out',
      [
        {
          role: 'assistant',
          parts: [
            { type: 'tool-call', id: 'c', name: 'pay', rawInput: '{}', input: {}, approval: { id: 'a' } },
            { type: 'tool-result', toolCallId: 'c', output: 'The call was not carried out.', isError: true },
          ],
        },
      ],
      { type: 'tool-pay', state: 'output-error', errorText: 'The call was not carried out.' },
    ],
    [
      'a call that was not allowed and has a result',
      [
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool-call',
              id: 'c',
              name: 'pay',
              rawInput: '{}',
              input: {},
              approval: { id: 'a', approved: false },
            },
            { type: 'tool-result', toolCallId: 'c', output: 'x' },
          ],
        },
      ],
      { state: 'output-available', output: 'x' },
    ],
    [
      'arguments that are no JSON',
      [
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool-call',
              id: 'c',
              name: 'pay',
              rawInput: '{"euro":',
              error: new ParseError('Not JSON'),
            },
          ],
        },
      ],
      { state: 'output-error', input: {}, errorText: 'Not JSON' },
    ],
    [
      'a result that is undefined',
      [
        {
          role: 'assistant',
          parts: [
            { type: 'tool-call', id: 'c', name: 'pay', rawInput: '{}', input: {} },
            { type: 'tool-result', toolCallId: 'c', output: undefined },
          ],
        },
      ],
      { state: 'output-available', output: null },
    ],
    [
      'a document without a title',
      [{ role: 'assistant', parts: [{ type: 'source', mediaType: 'text/plain', filename: 'a.txt' }] }],
      { type: 'source-document', sourceId: '', title: 'a.txt', mediaType: 'text/plain' },
    ],
    [
      'a source with an address and a type, of another provider',
      [
        {
          role: 'assistant',
          parts: [{ type: 'source', url: 'https://example.com/a.pdf', mediaType: 'application/pdf' }],
        },
      ],
      { type: 'source-document', sourceId: 'https://example.com/a.pdf', title: 'https://example.com/a.pdf' },
    ],
    [
      'data that is undefined',
      [{ role: 'assistant', parts: [{ type: 'data', name: 'note', data: undefined }] }],
      { type: 'data-note', data: null },
    ],
  ])('valid: %s', async (_, messages, expected) => {
    const [sent] = await sentFor(messages);

    expect(sent?.parts[0]).toMatchObject(expected);
    await convertToModelMessages([sent!]);
  });

  it('costs as much as was received', async () => {
    const growth = await growthOf((count) => {
      const chunks = Array.from({ length: count }, (_, at) => [
        { type: 'message-metadata', messageMetadata: { last: at } },
        call(`c-${at}`),
        ask(`c-${at}`),
        decide(`c-${at}`, true),
        output(`c-${at}`, 'paid'),
        steering(`s-${at}`, 'More'),
      ]).flat();
      return read([...chunks, done]);
    });

    expect(growth).toBeLessThan(LINEAR);
  });
});

it('the reason of an answer is one of ours, whatever the backend sends', async () => {
  await assert(
    asyncProperty(
      constantFrom('stop', 'length', 'tool-calls', 'content-filter', 'other', 'unknown', 'news'),
      async (raw) => {
        const { finishReason, rawFinishReason } = await read([{ type: 'finish', finishReason: raw }]);
        expect({ finishReason, rawFinishReason }).toEqual({
          finishReason: ['unknown', 'news'].includes(raw) ? 'other' : raw,
          rawFinishReason: raw,
        });
      },
    ),
    { numRuns: 7 },
  );
});

it('keeps the message of an answer as one that a later request can have', async () => {
  const { message } = await read([...text('a', 'Hi'), steering('s', 'Shorter'), done]);
  const copy = JSON.parse(JSON.stringify(message)) as Message;

  expect(await sentFor([copy])).toMatchObject([{ parts: [{ type: 'text' }, { type: 'steering-message', id: 's' }] }]);
});
