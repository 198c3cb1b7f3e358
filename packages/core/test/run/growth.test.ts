import { LLMClient, runFrom, type StreamEvent } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { createFold } from '../../src/run/fold.ts';
import { createReaders } from '../../src/store/broadcast.ts';
import { createPacedStore } from '../../src/store/store.ts';
import { splitFrames } from '../../src/transport/frame-parser.ts';
import { clientOf, readAll } from '../support/client.ts';
import { answer, frame, text } from '../support/chat-completions.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

const each: readonly (readonly [string, (at: number) => StreamEvent])[] = [
  ['text', () => ({ type: 'text', delta: 'a' })],
  ['text parts', (at) => ({ type: 'text', index: at, delta: 'a' })],
  ['parts in falling order', (at) => ({ type: 'text', index: 1_000_000 - at, delta: 'a' })],
  ['reasoning and text in turn', (at) => ({ type: at % 2 ? 'text' : 'reasoning', delta: 'a' })],
  ['signatures', (at) => ({ type: 'text', index: 0, delta: 'a', providerMetadata: { [`name-${at}`]: at } })],
  ['calls', (at) => ({ type: 'tool-call-start', index: at, id: `${at}`, name: 'f' })],
  [
    'arguments',
    (at) =>
      at
        ? { type: 'tool-call-delta', index: 0, delta: 'a' }
        : { type: 'tool-call-start', index: 0, id: 'a', name: 'f' },
  ],
  [
    'whole calls',
    (at) => ({ type: 'tool-call', index: at, toolCall: { id: `${at}`, name: 'f', rawInput: '{}', input: {} } }),
  ],
  ['results', (at) => ({ type: 'tool-result', toolCallId: `${at}`, output: [at] })],
  ['sources', (at) => ({ type: 'source', url: `https://example.com/${at}` })],
  ['files', (at) => ({ type: 'file', mediaType: 'image/png', url: `https://example.com/${at}` })],
  ['data', (at) => ({ type: 'data', name: 'state', data: { at } })],
  ['data at one place', (at) => ({ type: 'data', index: 0, name: 'state', data: { at } })],
  ['metadata', (at) => ({ type: 'metadata', metadata: { [`name-${at}`]: at } })],
  ['usage', (at) => ({ type: 'usage', usage: { raw: { at } } })],
  ['starts', (at) => ({ type: 'start', id: `${at}` })],
];

async function* eventsOf(count: number, create: (at: number) => StreamEvent): AsyncGenerator<StreamEvent> {
  for (let at = 0; at < count; at += 1) yield create(at);
  yield { type: 'text', delta: 'end' };
  yield { type: 'finish', reason: 'stop' };
}

describe('the cost of an answer grows with its length', () => {
  it.each(each)('in the fold of %s', async (_, create) => {
    const growth = await growthOf(async (count) => {
      const fold = createFold('m');
      for (let at = 0; at < count; at += 1) fold.apply(create(at));
      fold.message();
      fold.replay();
    }, 2800);

    expect(growth).toBeLessThan(LINEAR);
  });

  it.each(each)('in a run of %s', async (_, create) => {
    const growth = await growthOf((count) => runFrom(eventsOf(count, create)).result, 700);

    expect(growth).toBeLessThan(LINEAR);
  });

  it.each(each)('in an attempt with %s before the content', async (_, create) => {
    const provider = scripted(({ messages: [message] }) => eventsOf(Number(message?.content), create));
    const client = new LLMClient({ provider });
    const growth = await growthOf((count) => client.complete(`${count}`), 700);

    expect(growth).toBeLessThan(LINEAR);
  });

  it.each([
    ['roles', () => frame({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })],
    ['comments', () => ': wait\n\n'],
    ['usage', () => frame({ choices: [], usage: { prompt_tokens: 1 } })],
  ])('with %s before the first content over HTTP', async (_, create) => {
    const growth = await growthOf(async (count) => {
      const body = create().repeat(count) + answer('Hi');
      await clientOf('http://127.0.0.1', { fetch: () => Promise.resolve(new Response(body)) }).complete('hello');
    }, 700);

    expect(growth).toBeLessThan(LINEAR);
  });

  it.each([
    ['sse', 'text', text('a')],
    ['sse', 'one long event', 'data: a\n'],
    ['sse', 'one long line', 'aaaaaaaa'],
    ['sse', 'line ends', '\r\n'],
    ['sse', 'comments', ': a\n'],
    ['ndjson', 'lines', '{"a":1}\n'],
    ['ndjson', 'one long line', 'aaaaaaaa'],
    ['ndjson', 'a document on several lines', '{\n"a":\n'],
    ['text', 'text', 'aaaaaaaä'],
  ] as const)('for bytes that arrive one by one: %s, %s', async (framing, _, piece) => {
    const growth = await growthOf(
      async (count) => {
        const split = splitFrames(framing);
        const bytes = new TextEncoder().encode((framing === 'sse' ? 'data: ' : '') + piece.repeat(count));
        for (let at = 0; at < bytes.length; at += 1) split(bytes.subarray(at, at + 1));
        split(undefined);
      },
      Math.ceil(9_000 / piece.length),
    );

    expect(growth).toBeLessThan(LINEAR);
  });

  it('with snapshots that are read now and then', async () => {
    const growth = await growthOf(async (count) => {
      const run = runFrom(eventsOf(count, (at) => ({ type: 'text', index: at % 3, delta: 'some words' })));
      const unsubscribe = run.subscribe(() => void run.getSnapshot());
      let read = 0;
      for await (const _ of run) {
        read += 1;
        if (read % 50 === 0) run.getSnapshot();
      }
      unsubscribe();
    }, 1400);

    expect(growth).toBeLessThan(LINEAR);
  });

  it('with ten loops, and with one that comes late', async () => {
    const growth = await growthOf(async (count) => {
      const run = runFrom(eventsOf(count, () => ({ type: 'text', delta: 'word ' })));
      await Promise.all(Array.from({ length: 10 }, () => readAll(run.textStream)));
      await readAll(run);
    }, 350);

    expect(growth).toBeLessThan(LINEAR);
  });

  it('in loops that are begun and left by thousands', async () => {
    const growth = await growthOf(async (count) => {
      const readers = createReaders<number>(() => [1]);
      const loops = Array.from({ length: count }, () => readers.iterable((value) => value)[Symbol.asyncIterator]());
      for (const loop of loops) await loop.next();
      readers.push(2, 1);
      for (const loop of loops) await loop.return?.();
      readers.end();
    }, 700);

    expect(growth).toBeLessThan(LINEAR);
  });

  it('in a store with thousands of listeners that come and go', async () => {
    const growth = await growthOf(async (count) => {
      let state = 0;
      const store = createPacedStore(() => state);
      const stops = Array.from({ length: count }, () => store.subscribe(() => undefined));
      for (state = 0; state < 10; state += 1) store.flush();
      for (const stop of stops) stop();
      for (let at = 0; at < count; at += 1) {
        const stop = store.subscribe(() => undefined);
        store.invalidate();
        stop();
      }
    }, 1400);

    expect(growth).toBeLessThan(LINEAR);
  });
});

describe('a snapshot', () => {
  it('keeps the identity of parts and metadata that did not change', () => {
    const fold = createFold('m');
    fold.apply({ type: 'text', index: 0, delta: 'a', providerMetadata: { one: { a: 1 } } });
    fold.apply({ type: 'reasoning', index: 1, delta: 'b' });
    fold.apply({ type: 'metadata', metadata: { a: 1 } });
    const before = fold.message();
    fold.apply({ type: 'reasoning', index: 1, delta: 'c', providerMetadata: { two: 2 } });
    const after = fold.message();

    expect(fold.message()).toBe(after);
    expect(after.parts[0]).toBe(before.parts[0]);
    expect(after.parts[1]).not.toBe(before.parts[1]);
    expect(after.metadata).toBe(before.metadata);
    expect(before).toMatchObject({ parts: [{ text: 'a' }, { text: 'b' }], metadata: { a: 1 } });
  });

  it('never changes afterwards, nor do events of a replay', () => {
    const fold = createFold('m');
    fold.apply({ type: 'text', index: 0, delta: 'a', providerMetadata: { one: 1 } });
    fold.apply({ type: 'metadata', metadata: { a: 1 } });
    fold.apply({ type: 'data', index: 1, name: 'state', data: 1, providerMetadata: { one: 1 } });
    const message = fold.message();
    const events = fold.replay();
    const copies = structuredClone([message, events]);
    fold.apply({ type: 'text', index: 0, delta: 'b', providerMetadata: { two: 2 } });
    fold.apply({ type: 'metadata', metadata: { b: 2 } });
    fold.apply({ type: 'data', index: 1, name: 'state', data: 2, providerMetadata: { two: 2 } });

    expect([message, events]).toEqual(copies);
    expect(fold.message()).toMatchObject({ parts: [{ text: 'ab' }, { data: 2 }], metadata: { a: 1, b: 2 } });
  });

  it('never changes what an event has', () => {
    const providerMetadata = Object.freeze({ one: 1 });
    const metadata = Object.freeze({ a: 1 });
    const fold = createFold('m');
    for (const name of ['one', 'two']) {
      fold.apply({ type: 'text', index: 0, delta: 'a', providerMetadata });
      fold.apply({ type: 'metadata', metadata });
      fold.apply({ type: 'text', index: 0, delta: 'a', providerMetadata: { [name]: 2 } });
      fold.apply({ type: 'metadata', metadata: { [name]: 2 } });
    }

    expect(providerMetadata).toEqual({ one: 1 });
    expect(fold.message().parts[0]?.providerMetadata).toEqual({ one: 1, two: 2 });
  });

  it('replays parts at their places, so that a late reader has the same message', () => {
    const fold = createFold('m');
    fold.apply({ type: 'source', index: 4, url: 'https://example.com' });
    fold.apply({ type: 'text', index: 2, delta: 'a' });
    const late = createFold('m');
    for (const event of fold.replay()) late.apply(event);
    for (const one of [fold, late]) {
      one.apply({ type: 'text', index: 0, delta: 'first' });
      one.apply({ type: 'source', index: 4, url: 'https://example.com/2' });
    }

    expect(late.message()).toEqual(fold.message());
  });
});
