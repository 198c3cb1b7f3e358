import { LLMClient, type Completion, type LLMError, type StreamEvent } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answering, failureOf, readAll } from '../../support/client.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';
import { messages } from '../../support/sample-answers.ts';
import {
  createRandom,
  mutateSome,
  pollution,
  problemsOfCompletion,
  problemsOfEvents,
} from '../../support/well-formed-answer.ts';

function clientReading(body: string): LLMClient {
  return new LLMClient({
    provider: anthropic({ baseURL: 'http://127.0.0.1' }),
    model: 'claude-1',
    retry: false,
    fetch: answering(body),
  });
}

function toBody(frames: readonly unknown[]): string {
  return frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');
}

function complete(...frames: readonly unknown[]): Promise<Completion> {
  return clientReading(toBody(frames)).complete('hello');
}

const START = { type: 'message_start', message: { id: 'msg_1', role: 'assistant', model: 'claude-1', content: [] } };
const NO_TEXT = { type: 'text', text: '' };
const TOOL = { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} };

function blockStart(index: unknown, block: unknown): object {
  return { type: 'content_block_start', index, content_block: block };
}

function blockDelta(index: unknown, delta: unknown): object {
  return { type: 'content_block_delta', index, delta };
}

function blockStop(index: unknown): object {
  return { type: 'content_block_stop', index };
}

const HI = [blockStart(0, NO_TEXT), blockDelta(0, { type: 'text_delta', text: 'Hi' }), blockStop(0)];
const END = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }];

describe('a value of another type than its place in an answer of the Messages API', () => {
  const typed = (delta: object): unknown[] => [blockStart(1, NO_TEXT), blockDelta(1, delta)];

  it.each<[path: string, ...frames: unknown[]]>([
    ['The frame', 7],
    ['The frame', 'text'],
    ['The frame', [blockDelta(0, {})]],
    ['The frame', []],
    ['type', { type: {}, delta: { type: 'text_delta', text: 'a' } }],
    ['message', { type: 'message_start', message: 'text' }],
    ['content_block', blockStart(1, 'text')],
    ['content_block', blockStart(1, [NO_TEXT])],
    ['content_block.type', blockStart(1, { type: ['text'], text: 'a' })],
    ['content_block.text', blockStart(1, { type: 'text', text: { a: 1 } })],
    ['content_block.thinking', blockStart(1, { type: 'thinking', thinking: ['a'] })],
    ['content_block.name', blockStart(1, { ...TOOL, name: { a: 1 } })],
    ['content_block.name', blockStart(1, { ...TOOL, name: '' })],
    ['content_block.name', blockStart(1, { ...TOOL, name: undefined })],
    ['content_block.input', blockStart(1, { ...TOOL, input: 7 })],
    ['content_block.input', blockStart(1, { ...TOOL, input: [7] })],
    ['delta', blockStart(1, NO_TEXT), blockDelta(1, 'text')],
    ['delta', blockStart(1, NO_TEXT), blockDelta(1, [{ type: 'text_delta', text: 'a' }])],
    ['delta.type', ...typed({ type: {}, text: 'a' })],
    ['delta.text', ...typed({ type: 'text_delta', text: { a: 1 } })],
    ['delta.text', ...typed({ text: ['a'] })],
    ['delta.thinking', ...typed({ type: 'thinking_delta', thinking: 7 })],
    ['delta.partial_json', blockStart(1, TOOL), blockDelta(1, { type: 'input_json_delta', partial_json: { a: 1 } })],
  ])('is a parse error that names %s (row %#)', async (path, ...frames) => {
    const error = (await failureOf(complete(START, ...HI, ...frames, ...END))) as LLMError;

    expect(error).toMatchObject({ code: 'parse', partial: { text: 'Hi' } });
    expect(error.message).toContain(`(${path} is `);
  });

  it.each([
    { content: 'text' },
    { content: { type: 'text', text: 'a' } },
    { content: null },
    { content: undefined },
    { content: ['text'] },
    { content: [{ type: 'text', text: ['a'] }] },
    { content: [{ type: 'tool_use', input: { a: 1 } }] },
  ])('is a parse error in a whole message: %j', async (fields) => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', stop_reason: 'end_turn', ...fields };

    expect(await failureOf(complete(message))).toMatchObject({ code: 'parse' });
  });

  const odd: readonly unknown[] = [{}, [], [1], true, { toString: 1 }, -1.5];

  it.each(odd.map((value) => [value] as const))(
    'is left out where the answer is complete without it: %j',
    async (value) => {
      const id = value === -1.5 ? {} : value;
      const completion = await complete(
        {
          type: 'message_start',
          message: {
            id,
            model: value,
            role: value,
            stop_reason: value,
            usage: { input_tokens: value, output_tokens: '7' },
          },
        },
        blockStart(0, { type: 'thinking', thinking: 'Hm', signature: value }),
        blockDelta(0, { type: 'signature_delta', signature: value }),
        blockStop(0),
        blockStart(1, { type: 'text', text: '', citations: value }),
        blockDelta(1, { type: 'text_delta', text: 'Hi' }),
        blockDelta(1, { type: 'citations_delta', citation: { url: 'https://a', title: value, document_title: value } }),
        blockDelta(1, { type: 'citations_delta', citation: { url: value, source: value, title: 'A' } }),
        blockDelta(1, { type: 'citations_delta', citation: [value] }),
        blockStop(1),
        blockStart(2, { type: 'redacted_thinking', data: value }),
        blockStart(3, { ...TOOL, id, caller: value === true ? value : [value], toolset_name: value }),
        {
          type: 'message_delta',
          delta: { stop_reason: value, stop_details: value },
          usage: { output_tokens: value, iterations: [value] },
        },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: value },
        { type: 'message_stop' },
      );

      expect(problemsOfCompletion(completion)).toEqual([]);
      expect(completion).toMatchObject({
        reasoning: 'Hm',
        text: 'Hi',
        rawFinishReason: 'tool_use',
        toolCalls: [{ name: 'now' }],
      });
      expect(completion.sources.map(({ url, title }) => ({ url, title }))).toEqual([
        { url: 'https://a', title: undefined },
        { url: undefined, title: 'A' },
      ]);
      for (const type of ['reasoning', 'tool-call']) {
        expect(completion.message.parts.filter((part) => part.type === type)).toHaveLength(1);
        expect(completion.message.parts.find((part) => part.type === type)).not.toHaveProperty('providerMetadata');
      }
      expect(completion.usage).toMatchObject({
        inputTokens: undefined,
        outputTokens: undefined,
        totalTokens: undefined,
      });
    },
  );

  it.each<[unknown]>([[{}], [[]], [true], [7]])(
    'does not end the answer as a stop reason before [DONE]: %j',
    async (reason) => {
      const body = toBody([START, ...HI, { type: 'message_delta', delta: { stop_reason: reason } }]);
      const error = await failureOf(clientReading(`${body}data: [DONE]\n\n`).complete('hello'));

      expect(error).toMatchObject({ code: 'truncated', partial: { text: 'Hi' } });
    },
  );

  const indexes: readonly unknown[] = [
    -1,
    0.5,
    2 ** 32,
    2 ** 53,
    1e300,
    '',
    'first',
    '4294967295',
    {},
    [],
    true,
    null,
    { toString: 1 },
  ];

  it.each(indexes.map((index) => [index] as const))('is any index of a block: %j', async (index) => {
    const completion = await complete(
      START,
      blockStart(index, NO_TEXT),
      blockDelta(index, { type: 'text_delta', text: 'Hi' }),
      blockStop(index),
      ...END,
    );

    expect(completion.message.parts).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('is an empty list of arguments, which PHP writes for an empty object', async () => {
    const { toolCalls } = await complete(START, blockStart(0, { ...TOOL, input: [] }), blockStop(0), ...END);

    expect(toolCalls).toMatchObject([{ name: 'now', input: {} }]);
  });

  it('is text where servers number their messages and calls', async () => {
    const completion = await complete(
      { type: 'message_start', message: { id: 7 } },
      blockStart(0, { ...TOOL, id: 8 }),
      ...END,
    );

    expect(completion).toMatchObject({ id: '7', toolCalls: [{ id: '8' }] });
  });

  it('is kept as data under any name in a block of another type', async () => {
    const wire = JSON.parse('{"type":"hologram","__proto__":{"polluted":true},"constructor":1}') as object;
    const piece = JSON.parse('{"type":"hologram_delta","__proto__":{"more":true},"toString":"a"}') as object;
    const { message } = await complete(START, blockStart(0, wire), blockDelta(0, piece), blockStop(0), ...END);

    expect(message.parts).toMatchObject([{ type: 'data' }]);
    const [part] = message.parts;
    expect(JSON.stringify(part?.type === 'data' && part.data)).toBe(
      '{"type":"hologram","__proto__":{"more":true},"constructor":1,"toString":"a"}',
    );
    expect(pollution()).toEqual([]);
  });

  it('keeps counts under any name', async () => {
    const usage = JSON.parse('{"__proto__":{"input_tokens":9},"output_tokens":5}') as object;
    const completion = await complete(START, ...HI, { type: 'message_delta', usage, delta: {} }, ...END);

    expect(completion.usage).toMatchObject({ inputTokens: undefined, outputTokens: 5 });
    expect(pollution()).toEqual([]);
  });
});

it.each([
  ['streamed', messages.answers[0]!],
  ['whole', messages.answers[1]!],
])('a mutated %s answer is a well-formed completion or a typed error', async (_, answer) => {
  await assert(
    asyncProperty(nat(), async (seed) => {
      const body = toBody(mutateSome(answer, createRandom(seed)));
      const run = clientReading(body).stream('hello');
      const { items, error } = await readAll<StreamEvent>(run);
      expect(problemsOfEvents(items), body).toEqual([]);
      if (error === undefined) {
        expect(problemsOfCompletion(await run.result), body).toEqual([]);
      } else {
        expect(error, body).toMatchObject({ code: expect.not.stringMatching(/^(unknown|network)$/) as unknown });
        expect(problemsOfCompletion((error as LLMError).partial, true), body).toEqual([]);
      }
      expect(pollution(), body).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

describe('an answer of the Messages API is decoded in linear time', () => {
  const many = (count: number, frame: (at: number) => unknown): unknown[] =>
    Array.from({ length: count }, (_, at) => frame(at));
  const inBlock = (block: unknown, count: number, delta: (at: number) => unknown): unknown[] => [
    blockStart(1, block),
    ...many(count, (at) => blockDelta(1, delta(at))),
    blockStop(1),
  ];
  const answers: Readonly<Record<string, (count: number) => unknown[]>> = {
    text: (count) => inBlock(NO_TEXT, count, (at) => ({ type: 'text_delta', text: `${at} ` })),
    thinking: (count) => inBlock({ type: 'thinking' }, count, (at) => ({ type: 'thinking_delta', thinking: `${at} ` })),
    'text and thinking by turns': (count) =>
      inBlock(NO_TEXT, count, (at) =>
        at % 2 ? { type: 'text_delta', text: 'a' } : { type: 'thinking_delta', thinking: 'a' },
      ),
    'arguments of one call': (count) => inBlock(TOOL, count, () => ({ type: 'input_json_delta', partial_json: ' ' })),
    blocks: (count) => many(count, (at) => blockStart(at, { type: 'text', text: `${at} ` })),
    calls: (count) => many(count, (at) => blockStart(at, { ...TOOL, id: `toolu_${at}` })),
    'starts of one block': (count) => many(count, (at) => blockStart(1, { ...TOOL, id: `toolu_${at}` })),
    'stops between the arguments of one call': (count) => [
      blockStart(1, TOOL),
      ...many(count, (at) => [
        blockDelta(1, { type: 'input_json_delta', partial_json: at ? ' ' : '{}' }),
        blockStop(1),
      ]).flat(),
    ],
    citations: (count) =>
      inBlock(NO_TEXT, count, (at) => ({ type: 'citations_delta', citation: { url: `https://a/${at}` } })),
    'a string of a block of another type': (count) =>
      inBlock({ type: 'hologram', beams: '' }, count, () => ({ type: 'hologram_delta', beams: 'a' })),
    'fields of a block of another type': (count) =>
      inBlock({ type: 'hologram' }, count, (at) => ({ type: 'hologram_delta', [`beam${at}`]: at })),
    'stops between fields of a block of another type': (count) => [
      blockStart(1, { type: 'hologram' }),
      ...many(count, (at) => [blockDelta(1, { type: 'hologram_delta', [`beam${at}`]: at }), blockStop(1)]).flat(),
    ],
    counts: (count) => many(count, (at) => ({ type: 'message_delta', delta: {}, usage: { output_tokens: at } })),
    'counts with other names': (count) =>
      many(count, (at) => ({ type: 'message_delta', delta: {}, usage: { [`tokens${at}`]: at } })),
    'starts of the message': (count) =>
      many(count, (at) => ({ type: 'message_start', message: { id: `msg_${at}`, usage: { input_tokens: at } } })),
  };

  it.each(Object.entries(answers))('%s', { timeout: 60_000 }, async (_, answer) => {
    const growth = await growthOf((count) => complete(START, ...HI, ...answer(count), ...END), 700);

    expect(growth).toBeLessThan(LINEAR);
  });

  it('counts that are added up for each pass', { timeout: 60_000 }, async () => {
    const growth = await growthOf((count) => {
      const iterations = many(count, () => ({ type: 'compaction', input_tokens: 1 }));
      return complete(
        START,
        ...HI,
        { type: 'message_delta', delta: {}, usage: { iterations } },
        ...answers['counts']!(count),
        ...END,
      );
    }, 700);

    expect(growth).toBeLessThan(LINEAR);
  });
});
