import type { Completion, ToolCall } from '@rivulet/core';
import { ParseError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { delta, DONE, finish, text } from '../../support/chat-completions.ts';
import { clientReading, readAll } from '../../support/client.ts';

interface WireCall {
  index?: number | null;
  id?: string | null;
  type?: string;
  function?: { name?: string | null; arguments?: unknown };
}

const calls = (...list: WireCall[]): string => delta({ content: null, tool_calls: list });

function decode(...frames: string[]): Promise<Completion> {
  return clientReading([frames.join('') + finish('tool_calls') + DONE]).complete('hello');
}

async function callsOf(...frames: string[]): Promise<Omit<ToolCall, 'error'>[]> {
  return (await decode(...frames)).toolCalls.map(({ id, name, rawInput, input }) => ({ id, name, rawInput, input }));
}

const weather = { id: 'call_1', name: 'weather', rawInput: '{"city":"Paris"}', input: { city: 'Paris' } };
const clock = { id: 'call_2', name: 'clock', rawInput: '{"zone":"UTC"}', input: { zone: 'UTC' } };

describe('a tool call', () => {
  it('is put together from its deltas', async () => {
    expect(
      await callsOf(
        calls({ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
        calls({ index: 0, function: { arguments: '{"city"' } }),
        calls({ index: 0, function: { arguments: ':"Paris"}' } }),
      ),
    ).toEqual([weather]);
  });

  it.each<[string, string[]]>([
    [
      'whole in one frame',
      [calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city":"Paris"}' } })],
    ],
    [
      'with a name that comes late',
      [
        calls({ index: 0, id: 'call_1', function: { arguments: '{"city"' } }),
        calls({ index: 0, function: { name: 'weather', arguments: ':"Paris"}' } }),
      ],
    ],
    [
      'with an id that is repeated empty',
      [
        calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city"' } }),
        calls({ index: 0, id: '', function: { name: '', arguments: ':"Paris"' } }),
        calls({ index: 0, id: null, function: { name: null, arguments: '}' } }),
      ],
    ],
    [
      'with id and name in each delta',
      [
        calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city"' } }),
        calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: ':"Paris"}' } }),
      ],
    ],
    [
      'without an index',
      [
        calls({ id: 'call_1', function: { name: 'weather', arguments: '{"city"' } }),
        calls({ id: 'call_1', function: { arguments: ':"Paris"' } }),
        calls({ function: { arguments: '}' } }),
      ],
    ],
    [
      'with an index that does not begin at 0',
      [calls({ index: 7, id: 'call_1', function: { name: 'weather', arguments: '{"city":"Paris"}' } })],
    ],
  ])('may come %s', async (_, frames) => {
    expect(await callsOf(...frames)).toEqual([weather]);
  });

  it('may come with its arguments as an object', async () => {
    const [call] = await callsOf(
      calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: { city: 'Paris' } } }),
    );

    expect(call).toEqual(weather);
  });

  it.each(['', ' ', undefined, null])('without arguments (%o) has an empty object as input', async (input) => {
    const [call] = await callsOf(calls({ index: 0, id: 'call_1', function: { name: 'clock', arguments: input } }));

    expect(call?.input).toEqual({});
  });

  it('without an id gets one', async () => {
    const [call] = await callsOf(calls({ index: 0, function: { name: 'clock', arguments: '{}' } }));

    expect(call?.id).toMatch(/^\d{20,}$/);
  });

  it('with arguments that are not JSON carries the error, and the run succeeds', async () => {
    const { toolCalls, finishReason } = await decode(
      calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city":' } }),
    );

    expect(finishReason).toBe('tool-calls');
    expect(toolCalls).toEqual([
      { type: 'tool-call', id: 'call_1', name: 'weather', rawInput: '{"city":', error: expect.any(ParseError) },
    ]);
    expect(toolCalls[0]?.error?.message).toContain('weather');
    expect(toolCalls[0]).not.toHaveProperty('input');
  });

  it('with arguments that name the prototype changes none', async () => {
    const [call] = await callsOf(
      calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"__proto__":{"isAdmin":true}}' } }),
    );

    expect(Object.keys(call?.input as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(call?.input)).toBe(Object.prototype);
    expect('isAdmin' in {}).toBe(false);
  });

  it('that the answer breaks off shows what came of its arguments, and no input', async () => {
    const run = clientReading([
      calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city":"Pa' } }),
    ]).stream('hello');

    await run.result.catch(() => undefined);

    expect(run.getSnapshot().message.parts).toEqual([
      { type: 'tool-call', id: 'call_1', name: 'weather', rawInput: '{"city":"Pa' },
    ]);
  });
});

describe('several tool calls', () => {
  const expected = [weather, clock];

  it.each<[string, string[]]>([
    [
      'one after the other',
      [
        calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city":"Paris"}' } }),
        calls({ index: 1, id: 'call_2', function: { name: 'clock', arguments: '{"zone":"UTC"}' } }),
      ],
    ],
    [
      'interleaved',
      [
        calls(
          { index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"ci' } },
          { index: 1, id: 'call_2', function: { name: 'clock', arguments: '{"zo' } },
        ),
        calls({ index: 1, function: { arguments: 'ne":' } }),
        calls({ index: 0, function: { arguments: 'ty":"Paris"}' } }, { index: 1, function: { arguments: '"UTC"}' } }),
      ],
    ],
    [
      'whole, in one frame, without an index',
      [
        calls(
          { id: 'call_1', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
          { id: 'call_2', function: { name: 'clock', arguments: '{"zone":"UTC"}' } },
        ),
      ],
    ],
    [
      'with the same index',
      [
        calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city":"Paris"}' } }),
        calls({ index: 0, id: 'call_2', function: { name: 'clock', arguments: '{"zone":"UTC"}' } }),
      ],
    ],
    [
      'with text in between',
      [
        calls({ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city":"Paris"}' } }),
        text('And then'),
        calls({ index: 1, id: 'call_2', function: { name: 'clock', arguments: '{"zone":"UTC"}' } }),
      ],
    ],
  ])('come %s', async (_, frames) => {
    expect(await callsOf(...frames)).toEqual(expected);
  });

  it('without index and id are told apart by their names', async () => {
    const found = await callsOf(
      calls(
        { function: { name: 'weather', arguments: '{"city":"Paris"}' } },
        { function: { name: 'clock', arguments: '{"zone":"UTC"}' } },
      ),
    );

    expect(found.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'weather', input: { city: 'Paris' } },
      { name: 'clock', input: { zone: 'UTC' } },
    ]);
  });

  it('stand among the parts in the order in which they began', async () => {
    const { message } = await decode(
      text('Let me look.'),
      calls(
        { index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city"' } },
        { index: 1, id: 'call_2', function: { name: 'clock', arguments: '{"zone":"UTC"}' } },
      ),
      calls({ index: 0, function: { arguments: ':"Paris"}' } }),
    );

    expect(message.parts).toEqual([
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', ...weather },
      { type: 'tool-call', ...clock },
    ]);
  });
});

it('the events of a call are its start, its deltas, and the whole call at the finish', async () => {
  const { items } = await readAll(
    clientReading([
      calls({ index: 3, id: 'call_1', function: { arguments: '{"city"' } }) +
        calls({ index: 3, function: { name: 'weather', arguments: '' } }) +
        calls({ index: 3, function: { arguments: ':"Paris"}' } }) +
        finish('tool_calls'),
    ]).stream('hello'),
  );

  expect(items.slice(1)).toEqual([
    { type: 'tool-call-start', index: 0, id: 'call_1', name: 'weather' },
    { type: 'tool-call-delta', index: 0, delta: '{"city"' },
    { type: 'tool-call-delta', index: 0, delta: ':"Paris"}' },
    { type: 'tool-call', index: 0, toolCall: weather },
    { type: 'finish', reason: 'tool-calls', raw: 'tool_calls' },
  ]);
});
