import type { ToolCall } from '@rivulet/core';
import { createChat, tool } from '@rivulet/core/chat';
import { array, assert as check, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { answer, delta, DONE, finish, frame } from '../../support/chat-completions.ts';
import { clientOf, clientReading, settled } from '../../support/client.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

interface Piece {
  index?: number | string | null;
  id?: string | number | null;
  name?: string | null;
  input?: unknown;
}

/** One frame for each list of pieces. */
type Frames = readonly (readonly Piece[])[];

function bodyOf(frames: Frames): string {
  const calls = frames.map((pieces) =>
    delta({
      tool_calls: pieces.map(({ name, input, ...rest }) => ({
        ...rest,
        type: 'function',
        function: { ...(name !== undefined && { name }), ...(input !== undefined && { arguments: input }) },
      })),
    }),
  );
  return calls.join('') + finish('tool_calls') + DONE;
}

async function callsOf(body: string): Promise<readonly ToolCall[]> {
  return (await clientReading([body]).complete('hello')).toolCalls;
}

const valuesOf = (calls: readonly ToolCall[]): unknown[] => calls.map(({ name, input }) => [name, input]);

const OSLO = ['weather', { city: 'Oslo' }];
const ROME = ['weather', { city: 'Rome' }];
const UTC = ['clock', { zone: 'UTC' }];

const oslo = '{"city":"Oslo"}';
const rome = '{"city":"Rome"}';

const SHAPES: readonly [name: string, frames: Frames, expected: unknown[]][] = [
  [
    'the second call has the index of the first, and its arguments an index of their own',
    [
      [{ index: 0, id: 'a', name: 'weather' }],
      [{ index: 0, input: oslo }],
      [{ index: 0, id: 'b', name: 'weather' }],
      [{ index: 1, input: rome }],
    ],
    [OSLO, ROME],
  ],
  [
    'the same with arguments in pieces',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '' }],
      [{ index: 0, input: '{"city":' }],
      [{ index: 0, input: '"Oslo"}' }],
      [{ index: 0, id: 'b', name: 'weather', input: '' }],
      [{ index: 1, input: '{"city":' }],
      [{ index: 1, input: '"Rome"}' }],
    ],
    [OSLO, ROME],
  ],
  [
    'a known id has another index',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"city":' }],
      [{ index: 1, id: 'b', name: 'clock', input: '{"zone":' }],
      [{ index: 1, id: 'a', input: '"Oslo"}' }],
      [{ index: 0, id: 'b', input: '"UTC"}' }],
    ],
    [OSLO, UTC],
  ],
  [
    'all pieces have index 0 and their ids',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"ci' }],
      [{ index: 0, id: 'b', name: 'weather', input: '' }],
      [{ index: 0, id: 'b', input: '{"city":"Ro' }],
      [{ index: 0, id: 'a', input: 'ty":"Oslo"}' }],
      [{ index: 0, id: 'b', input: 'me"}' }],
    ],
    [OSLO, ROME],
  ],
  [
    'there is no index',
    [
      [{ id: 'a', name: 'weather', input: '{"city"' }],
      [{ input: ':"Oslo"}' }],
      [{ id: 'b', name: 'clock' }],
      [{ input: '{"zone":"UTC"}' }],
    ],
    [OSLO, UTC],
  ],
  [
    'the index is null',
    [[{ index: null, id: 'a', name: 'weather', input: '{"city"' }], [{ index: null, input: ':"Oslo"}' }]],
    [OSLO],
  ],
  [
    'the index is a string',
    [
      [{ index: '0', name: 'weather' }],
      [{ index: '1', name: 'clock' }],
      [{ index: '0', input: oslo }],
      [{ index: '1', input: '{"zone":"UTC"}' }],
    ],
    [OSLO, UTC],
  ],
  [
    'the index counts pieces',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"ci' }],
      [{ index: 1, id: 'a', input: 'ty":' }],
      [{ index: 2, input: '"Oslo"}' }],
    ],
    [OSLO],
  ],
  [
    'the ids are numbers',
    [
      [{ id: 1, name: 'weather', input: '{"city"' }],
      [{ id: 2, name: 'clock', input: '{"zone":"UTC"}' }],
      [{ id: 1, input: ':"Oslo"}' }],
    ],
    [OSLO, UTC],
  ],
  [
    'id and name are in each piece',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"city"' }],
      [{ index: 0, id: 'a', name: 'weather', input: ':' }],
      [{ index: 0, id: 'a', name: 'weather', input: '"Oslo"}' }],
      [{ index: 0, id: 'a', name: 'weather', input: '' }],
    ],
    [OSLO],
  ],
  [
    'the name is in each piece, without index and id',
    [[{ name: 'weather', input: '{"city"' }], [{ name: 'weather', input: ':"Oslo"}' }]],
    [OSLO],
  ],
  [
    'the name is in each piece, by index',
    [
      [{ index: 0, name: 'weather', input: '' }],
      [{ index: 0, name: 'weather', input: '{"city"' }],
      [{ index: 0, name: 'weather', input: ':"Oslo"}' }],
    ],
    [OSLO],
  ],
  [
    'each piece has another id',
    [
      [{ index: 0, id: 'x1', name: 'weather', input: '{"city"' }],
      [{ index: 0, id: 'x2', name: 'weather', input: ':"Os' }],
      [{ index: 0, id: 'x3', input: 'lo"}' }],
    ],
    [OSLO],
  ],
  [
    'each piece has another id and there is no index',
    [
      [{ id: 'x1', name: 'weather', input: '{"city"' }],
      [{ id: 'x2', name: 'weather', input: ':"Os' }],
      [{ id: 'x3', input: 'lo"}' }],
    ],
    [OSLO],
  ],
  [
    'the same id and name follow complete arguments',
    [
      [{ index: 0, id: 'weather', name: 'weather', input: oslo }],
      [{ index: 0, id: 'weather', name: 'weather', input: rome }],
    ],
    [OSLO, ROME],
  ],
  [
    'the same id and name follow complete arguments, in pieces',
    [
      [{ id: 'x', name: 'weather', input: '' }],
      [{ input: '{"city":' }],
      [{ input: '"Oslo"}' }],
      [{ id: 'x', name: 'weather', input: '' }],
      [{ input: '{"city":' }],
      [{ input: '"Rome"}' }],
    ],
    [OSLO, ROME],
  ],
  [
    'the same index and name follow complete arguments',
    [[{ index: 0, name: 'weather', input: oslo }], [{ index: 0, name: 'weather', input: rome }]],
    [OSLO, ROME],
  ],
  [
    'calls differ by their names only',
    [
      [
        { name: 'weather', input: oslo },
        { name: 'weather', input: rome },
      ],
      [{ name: 'clock', input: '{"zone":"UTC"}' }],
    ],
    [OSLO, ROME, UTC],
  ],
  [
    'another name has the same index and no id',
    [[{ index: 0, name: 'weather', input: oslo }], [{ index: 0, name: 'clock', input: '{"zone":"UTC"}' }]],
    [OSLO, UTC],
  ],
  [
    'the same id has another name and index',
    [
      [{ index: 0, id: 'x', name: 'weather', input: oslo }],
      [{ index: 1, id: 'x', name: 'clock', input: '{"zone":"UTC"}' }],
    ],
    [OSLO, UTC],
  ],
  [
    'the same id has another name and index, and no arguments',
    [
      [{ index: 0, id: 'x', name: 'now', input: '' }],
      [{ index: 1, id: 'x', name: 'clock', input: '' }],
      [{ index: 1, input: '{"zone":"UTC"}' }],
    ],
    [['now', {}], UTC],
  ],
  [
    'the index counts the pieces of all calls',
    [
      [{ index: 0, id: 'a', name: 'weather' }],
      [{ index: 1, input: oslo }],
      [{ index: 2, id: 'b', name: 'weather' }],
      [{ index: 3, input: rome }],
    ],
    [OSLO, ROME],
  ],
  [
    'the arguments of a call have the index of the next one',
    [
      [{ index: 0, id: 'a', name: 'weather' }],
      [{ index: 1, input: oslo }],
      [{ index: 1, id: 'b', name: 'clock' }],
      [{ index: 2, input: '{"zone":"UTC"}' }],
    ],
    [OSLO, UTC],
  ],
  ['a name is split by its id', [[{ id: 'a', name: 'wea' }], [{ id: 'a', name: 'ther', input: oslo }]], [OSLO]],
  [
    'a name is split',
    [[{ index: 0, id: 'a', name: 'wea' }], [{ index: 0, name: 'ther' }], [{ index: 0, input: oslo }]],
    [OSLO],
  ],
  [
    'arguments come before the name',
    [[{ index: 0, id: 'a', input: '{"city"' }], [{ index: 0, input: ':"Oslo"}' }], [{ index: 0, name: 'weather' }]],
    [OSLO],
  ],
  [
    'arguments come before the name, for two calls',
    [
      [{ index: 0, input: oslo }],
      [{ index: 0, name: 'weather' }],
      [{ index: 1, input: rome }],
      [{ index: 1, name: 'weather' }],
    ],
    [OSLO, ROME],
  ],
  ['the first piece is empty', [[{}], [{ id: 'a', name: 'weather' }], [{ input: oslo }]], [OSLO]],
  [
    'the first piece is empty but for its index',
    [[{ index: 0, id: '' }], [{ index: 0, id: 'a', name: 'weather', input: oslo }]],
    [OSLO],
  ],
  [
    'the id comes late',
    [
      [{ index: 0, name: 'weather', input: '{"city"' }],
      [{ index: 0, id: 'a', input: ':"Oslo"}' }],
      [{ id: 'a', input: ' ' }],
    ],
    [OSLO],
  ],
  [
    'arguments are an object',
    [
      [
        { index: 0, id: 'a', name: 'weather', input: { city: 'Oslo' } },
        { index: 0, id: 'b', name: 'weather', input: { city: 'Rome' } },
      ],
    ],
    [OSLO, ROME],
  ],
  [
    'each piece has all arguments so far',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"ci' }],
      [{ index: 0, input: '{"city":"Os' }],
      [{ index: 0, input: oslo }],
    ],
    [OSLO],
  ],
  [
    'an empty object stands in for the arguments',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{}' }],
      [{ index: 0, input: '{"city"' }],
      [{ index: 0, input: ':"Oslo"}' }],
    ],
    [OSLO],
  ],
  [
    'the last piece has the whole arguments again',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"city"' }],
      [{ index: 0, input: ':"Oslo"}' }],
      [{ index: 0, id: 'a', name: 'weather', input: oslo }],
    ],
    [OSLO],
  ],
  [
    'calls without arguments have the same index',
    [[{ index: 0, id: 'a', name: 'now' }], [{ index: 0, id: 'b', name: 'now', input: '' }]],
    [
      ['now', {}],
      ['now', {}],
    ],
  ],
  [
    'calls without arguments have no index and no id',
    [[{ name: 'now' }], [{ name: 'now', input: '' }]],
    [
      ['now', {}],
      ['now', {}],
    ],
  ],
  [
    'brackets are in strings',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"city":"}\\"' }],
      [{ index: 0, id: 'a', name: 'weather', input: '{Oslo"}' }],
    ],
    [['weather', { city: '}"{Oslo' }]],
  ],
  [
    'a nested object begins in a piece with another id',
    [
      [{ index: 0, id: 'x', name: 'weather', input: '{"at":' }],
      [{ index: 0, id: 'y', name: 'weather', input: '{"city":"Oslo"}}' }],
    ],
    [['weather', { at: { city: 'Oslo' } }]],
  ],
  [
    'a nested object begins in a piece with the name alone',
    [[{ name: 'weather', input: '{"all":[1,' }], [{ name: 'weather', input: '{"city":"Oslo"}]}' }]],
    [['weather', { all: [1, { city: 'Oslo' }] }]],
  ],
  [
    'a call that is cut is followed by one with another id',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{"city":"Os' }],
      [{ index: 0, id: 'b', name: 'weather', input: rome }],
    ],
    [['weather', undefined], ROME],
  ],
  [
    'an empty object stands in for arguments of an unknown index',
    [
      [{ index: 0, id: 'a', name: 'weather', input: '{}' }],
      [{ index: 1, input: '{"city":' }],
      [{ index: 2, input: '"Oslo"}' }],
    ],
    [OSLO],
  ],
  [
    'the index counts pieces that all have the name',
    [[{ index: 0, name: 'weather', input: '{"city":' }], [{ index: 1, name: 'weather', input: '"Oslo"}' }]],
    [OSLO],
  ],
  [
    'one list has equal calls without ids',
    [
      [
        { index: 0, name: 'weather', input: oslo },
        { index: 0, name: 'weather', input: oslo },
      ],
    ],
    [OSLO, OSLO],
  ],
  [
    'one list has equal calls with one id',
    [
      [
        { index: 0, id: 'x', name: 'weather', input: oslo },
        { index: 1, id: 'x', name: 'weather', input: oslo },
      ],
    ],
    [OSLO, OSLO],
  ],
  [
    'one list has a call without arguments before one of the same name',
    [
      [
        { name: 'weather', input: '' },
        { name: 'weather', input: oslo },
      ],
    ],
    [['weather', {}], OSLO],
  ],
  [
    'one list has the pieces of one call',
    [
      [
        { index: 0, id: 'a', name: 'weather', input: '' },
        { index: 0, id: 'a', name: 'weather', input: '{"city":' },
        { index: 0, id: 'a', name: 'weather', input: '"Oslo"}' },
      ],
    ],
    [OSLO],
  ],
];

describe('the pieces of calls', () => {
  it.each(SHAPES)('are joined if %s', async (_, frames, expected) => {
    const calls = await callsOf(bodyOf(frames));

    expect(valuesOf(calls)).toEqual(expected);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  });

  it.each([
    ['no ids', [{}, {}]],
    ['empty ids', [{ id: '' }, { id: '' }]],
    ['one id', [{ id: 'x' }, { id: 'x' }]],
    [
      'one index',
      [
        { index: 0, id: 'x' },
        { index: 0, id: 'x' },
      ],
    ],
  ])('of a whole message are a call each, with %s', async (_, heads) => {
    for (const [first, second] of [
      [oslo, oslo],
      ['', rome],
      ['{"city":', rome],
    ]) {
      const list = heads.map((head, at) => ({
        ...head,
        function: { name: 'weather', arguments: at ? second : first },
      }));
      const calls = await callsOf(
        JSON.stringify({ choices: [{ message: { tool_calls: list }, finish_reason: 'stop' }] }),
      );

      expect(calls.map(({ rawInput }) => rawInput)).toEqual([first, second]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    }
  });

  it('are all carried out if the calls have one id', async () => {
    const call = (input: string): Piece[] => [{ index: 0, id: 'x', name: 'weather', input }];
    await using server = await startHttpServer([
      { chunks: [{ text: bodyOf([call(oslo), call(rome)]) }] },
      { chunks: [{ text: answer('Done') }] },
    ]);
    const weather = tool({
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => {
        await settled();
        return city;
      },
    });
    const chat = createChat({ client: clientOf(server.url), tools: { weather } });

    await chat.sendMessage('hello');

    const { messages } = JSON.parse(server.requests[1]!.body) as { messages: Record<string, unknown>[] };
    expect(messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual(['Oslo', 'Rome']);
  });

  it('have an id for each call', async () => {
    const calls = await callsOf(bodyOf([[{ name: 'now' }], [{ name: 'now' }], [{ id: 'a', name: 'now' }]]));

    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
    expect(calls[2]?.id).toBe('a');
  });

  it.each([
    [
      'in deltas',
      delta({ function_call: { name: 'weather', arguments: '' } }) +
        delta({ function_call: { arguments: '{"city"' } }) +
        delta({ function_call: { arguments: ':"Oslo"}' } }),
    ],
    [
      'in a message',
      frame({ choices: [{ message: { content: null, function_call: { name: 'weather', arguments: oslo } } }] }),
    ],
  ])('may be a function_call, %s', async (_, frames) => {
    const { toolCalls, finishReason } = await clientReading([frames + finish('function_call')]).complete('hello');

    expect(valuesOf(toolCalls)).toEqual([OSLO]);
    expect(finishReason).toBe('tool-calls');
  });

  it.each([
    [null],
    [[]],
    [[null]],
    [{ id: 'a' }],
    [[{ function: null }]],
    [[{ function: { name: '', arguments: '' } }]],
  ])('are skipped if they are empty: %j', async (list) => {
    const { text, toolCalls } = await clientReading([
      delta({ content: 'Hi', tool_calls: list }) + finish() + DONE,
    ]).complete('hello');

    expect(text).toBe('Hi');
    expect(toolCalls).toEqual([]);
  });

  it('of parallel calls with an index may be interleaved in any order', async () => {
    const piece = record({
      call: integer({ min: 0, max: 3 }),
      hasId: constantFrom(true, false),
      size: integer({ min: 1, max: 5 }),
    });
    await check(
      asyncProperty(array(piece, { minLength: 1, maxLength: 40 }), async (order) => {
        const inputs = [0, 1, 2, 3].map((n) => JSON.stringify({ n, text: '{"a":[}' }));
        const left = [...inputs];
        const frames: Piece[][] = inputs.map((_, index) => [{ index, id: `call_${index}`, name: 'tool' }]);
        for (const { call, hasId, size } of order) {
          frames.push([{ index: call, ...(hasId && { id: `call_${call}` }), input: left[call]!.slice(0, size) }]);
          left[call] = left[call]!.slice(size);
        }
        left.forEach((input, index) => frames.push([{ index, input }]));

        expect((await callsOf(bodyOf(frames))).map(({ rawInput }) => rawInput)).toEqual(inputs);
      }),
      { numRuns: 50 },
    );
  });

  it.each<[string, (count: number) => { readonly frames: readonly Piece[][]; readonly calls: number }]>([
    [
      'of one call that repeat its id',
      (count) => ({
        frames: [
          [{ index: 0, id: 'a', name: 'write', input: '{"text":"' }],
          ...Array.from({ length: count }, () => [{ index: 0, id: 'a', name: 'write', input: 'abcdefgh' }]),
          [{ index: 0, input: '"}' }],
        ],
        calls: 1,
      }),
    ],
    [
      'of one call that repeat its name',
      (count) => ({
        frames: [
          [{ name: 'write', input: '{"text":"' }],
          ...Array.from({ length: count }, () => [{ name: 'write', input: 'abcdefgh' }]),
          [{ input: '"}' }],
        ],
        calls: 1,
      }),
    ],
    [
      'of calls with one index',
      (count) => ({
        frames: Array.from({ length: count }, (_, index) => [{ index: 0, id: `c${index}`, name: 'now', input: '{}' }]),
        calls: count,
      }),
    ],
  ])('%s cost time in proportion to their number', async (_, write) => {
    const growth = await growthOf(async (count) => {
      const { frames, calls } = write(count);
      expect(await callsOf(bodyOf(frames))).toHaveLength(calls);
    }, 500);

    expect(growth).toBeLessThan(LINEAR);
  });
});
