import { LLMClient, runFrom, type LLMError, type StreamEvent } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { failureOf, readAll } from '../support/client.ts';

const MIB = 2 ** 20;
/** Strings of their own, as JSON has them; 70 of them are above the limit of a run. */
const large = (turn: number): string => `${turn}`.padEnd(MIB, 'x');
const FINISH: StreamEvent = { type: 'finish', reason: 'stop' };
const HELLO: StreamEvent = { type: 'text', index: 0, delta: 'Hello' };

async function* events(count: number, create: (turn: number) => StreamEvent): AsyncGenerator<StreamEvent> {
  yield HELLO;
  for (let turn = 0; turn < count; turn += 1) yield create(turn);
  yield FINISH;
}

/** Events whose values are all kept. */
const kept: readonly (readonly [string, (turn: number) => StreamEvent])[] = [
  ['text', (turn) => ({ type: 'text', delta: large(turn) })],
  ['reasoning', (turn) => ({ type: 'reasoning', index: turn + 1, delta: large(turn) })],
  ['refusal', (turn) => ({ type: 'refusal', index: 1, delta: large(turn) })],
  [
    'provider metadata of deltas',
    (turn) => ({ type: 'text', index: turn, delta: '', providerMetadata: { a: large(turn) } }),
  ],
  [
    'provider metadata with names of their own',
    (turn) => ({ type: 'text', index: 0, delta: '', providerMetadata: { [large(turn)]: 1 } }),
  ],
  ['data', (turn) => ({ type: 'data', name: 'state', data: { rows: [{ text: large(turn) }] } })],
  ['the names of properties', (turn) => ({ type: 'data', name: 'state', data: { [large(turn)]: true } })],
  ['numbers', (turn) => ({ type: 'data', name: 'state', data: Array.from({ length: MIB / 8 }, (_, at) => at * turn) })],
  ['files', (turn) => ({ type: 'file', mediaType: 'image/png', data: large(turn) })],
  ['sources', (turn) => ({ type: 'source', url: `https://example.com/${large(turn)}` })],
  ['results of tools', (turn) => ({ type: 'tool-result', toolCallId: `${turn}`, output: [large(turn)] })],
  ['metadata', (turn) => ({ type: 'metadata', metadata: { [`name-${turn}`]: { deep: [large(turn)] } } })],
  [
    'arguments that come whole',
    (turn) => ({
      type: 'tool-call',
      index: turn + 1,
      toolCall: { id: 'a', name: 'f', rawInput: '', input: { text: large(turn) } },
    }),
  ],
  [
    'calls that wait for approval',
    (turn) => ({
      type: 'tool-approval-request',
      index: turn + 1,
      approvalId: 'a',
      toolCallId: 'a',
      toolCall: { id: 'a', name: 'f', rawInput: large(turn), approval: { id: 'a' } },
    }),
  ],
  ['names of tools', (turn) => ({ type: 'tool-call-start', index: turn + 1, id: 'a', name: large(turn) })],
  [
    'parts of a type that is not known yet',
    (turn) => ({ type: 'hologram', url: large(turn) }) as unknown as StreamEvent,
  ],
];

describe('an answer above 64 MiB', () => {
  it.each(kept)('is a LimitError if it is in %s', async (_, create) => {
    const error = await failureOf(runFrom(events(70, create)).result);

    expect(error).toMatchObject({ name: 'LimitError', code: 'limit', limit: 'run', isRetryable: false });
    expect((error as LLMError).message).toMatch(/The answer exceeds 64 MiB/);
    expect((error as LLMError).partial?.text).toContain('Hello');
  });

  it('is a LimitError if it is in the arguments of one call', async () => {
    async function* call(): AsyncGenerator<StreamEvent> {
      yield { type: 'tool-call-start', index: 0, id: 'a', name: 'f' };
      for (let turn = 0; turn < 70; turn += 1) yield { type: 'tool-call-delta', index: 0, delta: large(turn) };
    }

    expect(await failureOf(runFrom(call()).result)).toMatchObject({ limit: 'run' });
  });

  it.each([
    ['metadata', (turn: number): StreamEvent => ({ type: 'metadata', metadata: { [`name-${turn}`]: large(turn) } })],
    ['usage', (): StreamEvent => ({ type: 'usage', usage: { raw: Array.from({ length: 70 }, (_, at) => large(at)) } })],
  ])('is a LimitError if it is in %s before any content', async (_, create) => {
    async function* early(): AsyncGenerator<StreamEvent> {
      for (let turn = 0; turn < 70; turn += 1) yield create(turn);
    }
    const client = new LLMClient({ provider: scripted(() => early()) });

    expect(await failureOf(client.complete('hello'))).toMatchObject({ limit: 'run' });
  });
});

describe('an answer whose later values replace earlier ones', () => {
  it.each<readonly [string, (turn: number) => StreamEvent]>([
    ['usage', (turn) => ({ type: 'usage', usage: { raw: large(turn) } })],
    ['metadata of one name', (turn) => ({ type: 'metadata', metadata: { state: large(turn) } })],
    ['a data part', (turn) => ({ type: 'data', index: 1, name: 'state', data: large(turn) })],
    ['a preliminary result', (turn) => ({ type: 'tool-result', index: 1, toolCallId: 'a', output: large(turn) })],
    [
      'the signature of a part',
      (turn) => ({ type: 'text', index: 0, delta: '', providerMetadata: { a: large(turn) } }),
    ],
    ['transient data', (turn) => ({ type: 'data', name: 'log', data: large(turn), transient: true })],
    ['the id', (turn) => ({ type: 'start', id: large(turn) })],
  ])('counts only the last of %s', async (_, create) => {
    expect((await runFrom(events(70, create)).result).text).toBe('Hello');
  });

  it('counts a part of a state that snapshots share once', async () => {
    const shared = Array.from({ length: 30 }, (_, at) => large(at));
    const work = events(70, (turn) => ({ type: 'data', index: 1, name: 'state', data: { turn, shared } }));

    expect((await runFrom(work).result).text).toBe('Hello');
  });

  it('has room for arguments that come as deltas and whole', async () => {
    const raw = JSON.stringify('x'.repeat(24 * MIB));
    async function* call(): AsyncGenerator<StreamEvent> {
      yield { type: 'tool-call-start', index: 0, id: 'a', name: 'f' };
      yield { type: 'tool-call-delta', index: 0, delta: raw };
      const toolCall = { id: 'a', name: 'f', rawInput: raw, input: JSON.parse(raw) as unknown };
      yield { type: 'tool-call', index: 0, toolCall };
      yield FINISH;
    }

    expect((await runFrom(call()).result).toolCalls).toHaveLength(1);
  });
});

describe('values that cannot be counted', () => {
  it('is a LimitError above 512 levels', async () => {
    let data: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) data = [data];

    expect(await failureOf(runFrom(events(1, () => ({ type: 'data', name: 'state', data }))).result)).toMatchObject({
      limit: 'depth',
      partial: { text: 'Hello' },
    });
  });

  const cycle: Record<string, unknown> = { text: 'a' };
  cycle['self'] = [cycle, cycle];

  const invalid: readonly (readonly [string, object])[] = [
    ['text.delta is a list instead of text', { type: 'text', delta: ['a'] }],
    ['text.delta is undefined instead of text', { type: 'text' }],
    ['reasoning.delta is an object instead of text', { type: 'reasoning', delta: { length: 1 } }],
    ['tool-call-delta.delta is a number instead of text', { type: 'tool-call-delta', index: 0, delta: 1 }],
    ['text.index is -1 instead of an integer from 0', { type: 'text', index: -1, delta: 'a' }],
    ['text.index is NaN instead of an integer from 0', { type: 'text', index: Number.NaN, delta: 'a' }],
    ['data.index is a text instead of an integer from 0', { type: 'data', index: '__proto__', name: 'a', data: 1 }],
    ['tool-call.toolCall is null instead of an object', { type: 'tool-call', index: 0, toolCall: null }],
    ['data.data is an object instead of plain JSON', { type: 'data', name: 'a', data: cycle }],
    ['data.data is an object instead of plain JSON', { type: 'data', name: 'a', data: new Uint8Array(8) }],
    ['the index of a started tool call', { type: 'tool-call-delta', index: 7, delta: '{' }],
  ];
  it.each(invalid)('is a ParseError: %s', async (message, event) => {
    const error = await failureOf(runFrom(events(1, () => event as StreamEvent)).result);

    expect(error).toMatchObject({ name: 'ParseError', partial: { text: 'Hello' } });
    expect((error as LLMError).message.replace('a string', 'a text')).toContain(message);
  });

  it('keeps a large index without the parts before it', async () => {
    const work = events(1, () => ({ type: 'text', index: 2 ** 40, delta: '!' }));

    expect((await runFrom(work).result).text).toBe('Hello!');
  });

  it('keeps names like those of the prototype', async () => {
    const metadata = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as Record<string, unknown>;
    async function* work(): AsyncGenerator<StreamEvent> {
      yield { type: 'text', index: 0, delta: 'Hello', providerMetadata: metadata };
      yield { type: 'text', index: 0, delta: '!', providerMetadata: metadata };
      yield { type: 'metadata', metadata };
      yield { type: 'metadata', metadata };
      yield FINISH;
    }
    const { message } = await runFrom(work()).result;

    expect(Object.keys(message.metadata ?? {})).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(message.parts[0]?.providerMetadata ?? {})).toEqual(['__proto__', 'constructor']);
    expect(message.metadata).not.toHaveProperty('polluted', true);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a loop that does not read', () => {
  it('ends with a LimitError, and the run goes on', async () => {
    const run = runFrom(events(140, (turn) => ({ type: 'data', index: 1, name: 'state', data: large(turn) })));
    const loop = run[Symbol.asyncIterator]();
    await loop.next();
    const read = readAll(run.textStream);

    expect((await run.result).text).toBe('Hello');
    const rest = await readAll({ [Symbol.asyncIterator]: () => loop });
    expect(rest.error).toMatchObject({ name: 'LimitError', limit: 'reader' });
    expect(await read).toEqual({ items: ['Hello'] });
  });
});
