import { LLMClient, ParseError, runFrom, type Run, type StreamEvent } from '@rivulet/core';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { describe, expect, it } from 'vitest';
import { answering, readAll } from '../support/client.ts';

async function* iterate(events: readonly StreamEvent[]): AsyncGenerator<StreamEvent> {
  yield* events;
}

function overUIStream(deltas: readonly string[]): Run {
  const chunks = [
    { type: 'start' },
    { type: 'tool-input-start', toolCallId: 'c', toolName: 'clock' },
    ...deltas.map((inputTextDelta) => ({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta })),
    { type: 'finish' },
  ];
  const fetch = answering(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
  const provider = uiMessageStream({ api: 'http://127.0.0.1/api/chat' });
  return new LLMClient({ provider, retry: false, fetch }).stream('hello');
}

function eventsOf(deltas: readonly string[]): readonly StreamEvent[] {
  return [
    { type: 'tool-call-start', index: 0, id: 'c', name: 'clock' },
    ...deltas.map((delta): StreamEvent => ({ type: 'tool-call-delta', index: 0, delta })),
    { type: 'finish', reason: 'tool-calls' },
  ];
}

function overLocalProvider(deltas: readonly string[]): Run {
  const provider = { name: 'local', supports: { tools: true }, generate: () => iterate(eventsOf(deltas)) };
  return new LLMClient({ provider, retry: false }).stream('hello');
}

const SOURCES: [string, (deltas: readonly string[]) => Run][] = [
  ['a UI message stream', overUIStream],
  ['a local provider', overLocalProvider],
  ['a source of events', (deltas) => runFrom(iterate(eventsOf(deltas)))],
];

describe.each(SOURCES)('a call that %s never completes', (_, runOf) => {
  it.each([['{"zone":'], ['{"zone":"UT', 'C"'], ['UTC']])('is an error of the call after %j', async (...deltas) => {
    const run = runOf(deltas);
    const { items } = await readAll(run);
    const { toolCalls, finishReason } = await run.result;

    expect(finishReason).toBe('tool-calls');
    expect(toolCalls).toMatchObject([{ id: 'c', name: 'clock', rawInput: deltas.join('') }]);
    expect(toolCalls[0]).not.toHaveProperty('input');
    expect(toolCalls[0]?.error).toBeInstanceOf(ParseError);
    expect(toolCalls[0]?.error?.message).toContain('The arguments of clock are not JSON');
    expect(items.slice(-2)).toMatchObject([{ type: 'tool-call', toolCall: { id: 'c' } }, { type: 'finish' }]);
  });

  it.each<[readonly string[], unknown]>([
    [['{"zone":', '"UTC"}'], { zone: 'UTC' }],
    [[], {}],
    [[' '], {}],
  ])('has its arguments after the complete deltas %j', async (deltas, input) => {
    const { toolCalls } = await runOf(deltas).result;

    expect(toolCalls).toMatchObject([{ id: 'c', rawInput: deltas.join(''), input }]);
    expect(toolCalls[0]).not.toHaveProperty('error');
  });
});

it('completes a call that a local provider repeats without its arguments', async () => {
  const toolCall = { id: 'c', name: 'clock', rawInput: '{"zone":"UTC"}', approval: { id: 'a' } };
  const events: StreamEvent[] = [
    { type: 'tool-call', index: 1, toolCall },
    { type: 'text', index: 0, delta: 'One moment' },
    { type: 'finish', reason: 'tool-calls' },
  ];

  expect((await runFrom(iterate(events)).result).toolCalls).toMatchObject([{ ...toolCall, input: { zone: 'UTC' } }]);
});

it('leaves another part at the index of an open call', async () => {
  const events: StreamEvent[] = [
    { type: 'tool-call-start', index: 0, id: 'c', name: 'clock' },
    { type: 'text', index: 0, delta: 'Hello' },
    { type: 'finish', reason: 'stop' },
  ];
  const { message } = await runFrom(iterate(events)).result;

  expect(message.parts).toEqual([{ type: 'text', text: 'Hello' }]);
});

it('leaves the arguments of a call open in an answer that breaks off', async () => {
  const run = runFrom(iterate(eventsOf(['{"zone":"UTC"}']).slice(0, -1)));
  const [settled] = await Promise.allSettled([run.result]);

  expect(settled.status).toBe('rejected');
  expect(run.getSnapshot().message.parts).toEqual([
    { type: 'tool-call', id: 'c', name: 'clock', rawInput: '{"zone":"UTC"}' },
  ]);
});
