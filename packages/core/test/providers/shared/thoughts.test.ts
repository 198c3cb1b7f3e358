import { LLMClient, TruncatedError, type Completion, type MessageInput } from '@rivulet/core';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { pieces } from '../../json/pieces.ts';
import { DONE, delta, finish } from '../../support/chat-completions.ts';
import { clientOf, clientReading, cutAt, failureOf, readAll, toBytes } from '../../support/client.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

interface Piece {
  text?: string;
  reasoning?: string;
  call?: string;
}

interface Wire {
  readonly create: (url: string, thoughts?: boolean | 'open') => LLMClient;
  readonly piece: (piece: Piece) => string;
  readonly end: (reason?: string) => string;
}

const wires: Readonly<Record<string, Wire>> = {
  openai: {
    create: (baseURL, thoughts) => clientOf(baseURL, {}, { thoughts }),
    piece: ({ text, reasoning, call }) =>
      delta({
        ...(text !== undefined && { content: text }),
        ...(reasoning !== undefined && { reasoning_content: reasoning }),
        ...(call && { tool_calls: [{ index: 0, id: 'c1', function: { name: call, arguments: '{}' } }] }),
      }),
    end: (reason) => finish(reason) + DONE,
  },
  ollama: {
    create: (baseURL, thoughts) =>
      new LLMClient({ provider: ollama({ baseURL, thoughts }), model: 'model-1', retry: false }),
    piece: ({ text = '', reasoning, call }) =>
      `${JSON.stringify({
        model: 'model-1',
        message: {
          role: 'assistant',
          content: text,
          thinking: reasoning,
          ...(call && { tool_calls: [{ function: { name: call, arguments: {} } }] }),
        },
        done: false,
      })}\n`,
    end: (reason = 'stop') =>
      `${JSON.stringify({ model: 'model-1', message: { content: '' }, done: true, done_reason: reason })}\n`,
  },
};

describe.each(Object.entries(wires))('an answer of %s', (_name, { create, piece, end }) => {
  async function complete(texts: readonly (Piece | string)[], reason?: string, thoughts?: boolean | 'open') {
    await using server = await startHttpServer({
      chunks: [
        ...texts.map((text) => ({ text: piece(typeof text === 'string' ? { text } : text) })),
        { text: end(reason) },
      ],
    });
    return await create(server.url, thoughts).complete('x');
  }

  const parts = ({ message }: Completion): unknown[] =>
    message.parts.map((part) => [part.type, 'text' in part ? part.text : undefined]);

  it.each([
    ['<think>Hm, {"a":1}?</think>Hi', 'Hm, {"a":1}?', 'Hi'],
    ['<think>\nHm.\n</think>\n\nHi\n', 'Hm.', 'Hi\n'],
    ['\n<Thought>Hm.</Thought>Hi', 'Hm.', 'Hi'],
    ['[THINK]Hm.[/THINK]Hi', 'Hm.', 'Hi'],
    ['◁think▷Hm 🙂◁/think▷Hi', 'Hm 🙂', 'Hi'],
    ['<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>Hi', 'Hm', 'Hi'],
  ])('has the thought of %j as reasoning, however it is split', async (text, reasoning, rest) => {
    const expected = [
      ['reasoning', reasoning],
      ['text', rest],
    ];
    for (const sizes of [[1000], [1], [4, 3]]) {
      const completion = await complete(pieces(text, sizes));
      expect(completion).toMatchObject({ reasoning, text: rest, finishReason: 'stop' });
      expect(parts(completion)).toEqual(expected);
    }
  });

  it.each([
    ['<think>\n\n</think>\n\nHi', [['text', 'Hi']]],
    ['Hi <think>x</think>', [['text', 'Hi <think>x</think>']]],
    ['<b>Hi</b>', [['text', '<b>Hi</b>']]],
    ['Hm.</think>Hi', [['text', 'Hm.</think>Hi']]],
    ['<thi', [['text', '<thi']]],
    ['\n', [['text', '\n']]],
    ['<think>Hm, </thi', [['reasoning', 'Hm, </thi']]],
    ['<think>Hm.</think>', [['reasoning', 'Hm.']]],
    ['<think>', []],
  ] as const)('is %j with no part that is not in it', async (text, expected) => {
    for (const sizes of [[1000], [1]]) expect(parts(await complete(pieces(text, sizes)))).toEqual(expected);
  });

  it('keeps its finish reason where it ends within the thought', async () => {
    for (const reason of ['stop', 'length'])
      await expect(complete(['<think>Hm', ', hm'], reason)).resolves.toMatchObject({
        finishReason: reason,
        text: '',
        reasoning: 'Hm, hm',
      });
  });

  it('keeps the thought where it is cut', async () => {
    await using server = await startHttpServer({ chunks: [{ text: piece({ text: '<think>Hm, </th' }) }] });
    const error = await failureOf(create(server.url).complete('x'));
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ partial: { text: '', reasoning: 'Hm, </th' } });
  });

  it('has the tags in its text where thoughts are turned off', async () => {
    const text = '<think>Hm.</think>\n\nHi';
    expect(parts(await complete(pieces(text, [3]), undefined, false))).toEqual([['text', text]]);
  });

  it('begins within the thought where the option says so', async () => {
    for (const text of ['Hm.\n</think>\n\nHi', '<think>Hm.</think>Hi'])
      for (const sizes of [[1000], [1]])
        expect(parts(await complete(pieces(text, sizes), undefined, 'open'))).toEqual([
          ['reasoning', 'Hm.'],
          ['text', 'Hi'],
        ]);
  });

  it('begins with the text where the option says otherwise, but the thought came in its own field', async () => {
    expect(parts(await complete([{ reasoning: 'Hm.' }, 'Hi'], undefined, 'open'))).toEqual([
      ['reasoning', 'Hm.'],
      ['text', 'Hi'],
    ]);
  });

  it('holds back no text that cannot become a tag', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: piece({ text: '<b' }) }, { text: piece({ text: '>Hi' }) }, { text: end(), gate: 'rest' }],
    });
    const run = create(server.url).stream('x');
    await expect.poll(() => run.getSnapshot().text).toBe('<b>Hi');
    server.release('rest');
    await run.result;
  });

  it('releases held text before a tool call', async () => {
    const completion = await complete(['<think>Hm.</think>', '\n\n<', { call: 'clock' }]);
    expect(parts(completion)).toEqual([
      ['reasoning', 'Hm.'],
      ['text', '<'],
      ['tool-call', undefined],
    ]);
    expect(parts(await complete(['<think>Hm. ', { call: 'clock' }]))).toEqual([
      ['reasoning', 'Hm.'],
      ['tool-call', undefined],
    ]);
  });

  it.each<[string, Piece[]]>([
    ['first', [{ reasoning: 'Hm, ' }, { reasoning: 'ok.' }, { text: '<think>\nHm, ok.\n</think>\n\nHi' }]],
    [
      'beside the tags',
      [
        { reasoning: 'Hm, ', text: '<think>Hm,' },
        { reasoning: 'ok.', text: ' ok.</think>Hi' },
      ],
    ],
    ['later', [{ text: '<think>Hm, ok.</think>' }, { text: 'Hi', reasoning: 'Hm, ok.' }]],
    ['shorter', [{ reasoning: 'Hm,' }, { text: '<think>Hm, ok.</think>Hi' }]],
    ['longer', [{ reasoning: 'Hm, ok.' }, { text: '<think>Hm,</think>Hi' }]],
  ])('has a thought once that also comes in its own field, %s', async (_when, texts) => {
    const { reasoning, text } = await complete(texts);
    expect({ reasoning: reasoning.replaceAll(' ', ''), text }).toEqual({ reasoning: 'Hm,ok.', text: 'Hi' });
  });

  it('keeps both where the thought in its own field is another one', async () => {
    const { reasoning } = await complete([
      { reasoning: 'Hm. I plan.' },
      { text: '<thinking>Hm. The plan</thinking>Hi' },
    ]);
    expect(reasoning).toBe('Hm. I plan.Hm. The plan');
  });

  it('has a long thought in linear time, also where it comes twice', { timeout: 60_000 }, async () => {
    const growth = await growthOf(async (count) => {
      const words = Array.from({ length: count }, (_, index) => `word ${index}, `);
      const body = [
        ...words.map((word) => piece({ reasoning: word })),
        piece({ text: '<think>' }),
        ...words.map((word) => piece({ text: word })),
        piece({ text: '</think>Hi' }) + end(),
      ].join('');
      await using server = await startHttpServer({ chunks: [{ text: body }] });
      const { reasoning, text } = await create(server.url).complete('x');
      expect([reasoning.trim(), text]).toEqual([words.join('').trim(), 'Hi']);
    }, 1000);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('does not send the thought back in a field that the server never sent', async () => {
    const { message } = await complete(['<think>Hm.</think>\n\nHi']);
    await using server = await startHttpServer({ chunks: [{ text: end() }] });
    const messages: MessageInput[] = [{ role: 'user', content: 'x' }, message, { role: 'user', content: 'y' }];
    await create(server.url).complete({ messages });
    const body = JSON.parse(server.requests[0]?.body ?? '') as { messages: Record<string, unknown>[] };
    expect(body.messages[1]).toMatchObject({ role: 'assistant', content: 'Hi' });
    for (const field of ['reasoning_content', 'reasoning', 'reasoning_text']) {
      expect(body.messages[1]).not.toHaveProperty(field);
    }
  });
});

it('an answer that is cut into any bytes has the same parts', async () => {
  const bytes = toBytes(
    ['<th', 'ink>Hm 🙂', '</', 'think>\n', '\nHi'].map((text) => delta({ content: text })).join('') + finish() + DONE,
  );
  await assert(
    asyncProperty(integer({ min: 1, max: 300 }), integer({ min: 1, max: 900 }), async (one, two) => {
      const run = clientReading(cutAt(bytes, [one, two, one + two])).stream('x');
      const { items } = await readAll(run.textStream);
      expect([items.join(''), (await run.result).reasoning]).toEqual(['Hi', 'Hm 🙂']);
    }),
    { numRuns: 50 },
  );
});

it('a whole answer, and a list of pieces, have their thoughts in tags as reasoning', async () => {
  const whole = { id: '1', choices: [{ message: { content: '<think>Hm.</think>Hi' }, finish_reason: 'stop' }] };
  const list = delta({
    content: [
      { type: 'text', text: '<think>Hm.' },
      { type: 'text', text: '</think>Hi' },
    ],
  });
  for (const [text, type] of [
    [JSON.stringify(whole), 'application/json'],
    [list + finish() + DONE, 'text/event-stream'],
  ] as const) {
    await using server = await startHttpServer({ headers: { 'content-type': type }, chunks: [{ text }] });
    const provider = openai({ baseURL: server.url });
    const { reasoning, text: answer } = await new LLMClient({ provider, model: 'm' }).complete('x');
    expect([reasoning, answer]).toEqual(['Hm.', 'Hi']);
  }
});
