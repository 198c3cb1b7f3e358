import { runFrom, type Completion, type Run, type StreamEvent } from '@rivulet/core';
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  nat,
  option,
  record,
  string,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf, readAll, settled, streamOf, writable } from '../support/client.ts';
import { fold } from '../support/fold.ts';

const hello: StreamEvent[] = [
  { type: 'start', id: 'answer-1', model: 'model-1' },
  { type: 'reasoning', index: 0, delta: 'Be ' },
  { type: 'reasoning', index: 0, delta: 'polite.' },
  { type: 'text', index: 1, delta: 'Hel' },
  { type: 'text', index: 1, delta: 'lo' },
  { type: 'tool-call-start', index: 2, id: 'call_1', name: 'clock' },
  { type: 'tool-call-delta', index: 2, delta: '{"zone":' },
  { type: 'tool-call-delta', index: 2, delta: '"UTC"}' },
  {
    type: 'tool-call',
    index: 2,
    toolCall: { id: 'call_1', name: 'clock', rawInput: '{"zone":"UTC"}', input: { zone: 'UTC' } },
  },
  { type: 'usage', usage: { inputTokens: 1, raw: {} } },
  { type: 'finish', reason: 'tool-calls', raw: 'tool_calls' },
];

/** A run, and the hand that writes its events. */
function runByHand(): { run: Run; write: (...events: StreamEvent[]) => Promise<void>; end: () => void } {
  const { stream, write, end } = writable<StreamEvent>();
  return {
    run: runFrom(stream),
    async write(...events) {
      events.forEach(write);
      await settled();
    },
    end,
  };
}

/** A completion without the id of its message, which is random, and without what is undefined. */
function essence({ message, ...rest }: Partial<Completion>): object {
  return JSON.parse(JSON.stringify({ ...rest, parts: message?.parts })) as object;
}

describe('a reader that comes late', () => {
  it.each(hello.map((_, at) => at))(
    'after %i events gets what it missed as whole deltas, then the rest',
    async (at) => {
      const { run, write, end } = runByHand();
      const early = readAll(run);
      await write(...hello.slice(0, at));

      const late = readAll(run);
      const lateText = readAll(run.textStream);
      await write(...hello.slice(at));
      end();
      const completion = essence(await run.result);

      expect((await early).items).toEqual(hello);
      expect(essence(fold((await late).items))).toEqual(completion);
      expect((await lateText).items.join('')).toBe('Hello');
      expect((await late).items.length).toBeLessThanOrEqual(hello.length);
    },
  );

  it('after the end gets the whole answer, as often as it asks', async () => {
    const run = runFrom(streamOf(hello));
    const completion = essence(await run.result);

    const first = await readAll(run);
    const second = await readAll(run);

    expect(essence(fold(first.items))).toEqual(completion);
    expect(second).toEqual(first);
    expect(first.items.map(({ type }) => type)).toEqual([
      'start',
      'reasoning',
      'text',
      'tool-call-start',
      'tool-call-delta',
      'tool-call',
      'usage',
      'finish',
    ]);
    expect((await readAll(run.textStream)).items).toEqual(['Hello']);
  });

  it('after a failure gets what came, and then the error', async () => {
    const run = runFrom(streamOf(hello.slice(0, 5)));
    const error = await failureOf(run.result);

    expect(await readAll(run.textStream)).toEqual({ items: ['Hello'], error });
    expect((await readAll(run)).error).toBe(error);
    expect((await readAll(run)).items.map(({ type }) => type)).toEqual(['start', 'reasoning', 'text']);
  });

  it('that has only been made misses nothing before it is read', async () => {
    const { run, write, end } = runByHand();
    const iterator = run.textStream[Symbol.asyncIterator]();
    await write(...hello);
    end();
    await run.result;

    expect(await iterator.next()).toEqual({ done: false, value: 'Hello' });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});

describe('several readers', () => {
  it('go at their own speed, and slow neither each other nor the run', async () => {
    const { run, write, end } = runByHand();
    const slow = run.textStream[Symbol.asyncIterator]();
    const fast = readAll(run.textStream);
    const first = slow.next();
    await write(...hello);
    end();
    await run.result;

    expect((await fast).items).toEqual(['Hel', 'lo']);
    expect((await first).value).toBe('Hel');
    expect((await slow.next()).value).toBe('lo');
    expect((await slow.next()).done).toBe(true);
  });

  it('may leave their loop without stopping anything', async () => {
    const { run, write, end } = runByHand();
    const leaver = (async () => {
      for await (const piece of run.textStream) return piece;
      return undefined;
    })();
    const stayer = readAll(run.textStream);
    await write(...hello.slice(0, 4));

    expect(await leaver).toBe('Hel');
    await write(...hello.slice(4));
    end();

    expect((await stayer).items).toEqual(['Hel', 'lo']);
    expect((await run.result).text).toBe('Hello');
  });

  it('may throw in their loop without stopping anything', async () => {
    const run = runFrom(streamOf(hello));
    const thrower = (async () => {
      for await (const _ of run) throw new Error('In my loop');
    })();

    await expect(thrower).rejects.toThrow('In my loop');
    expect((await run.result).text).toBe('Hello');
  });

  it('may ask for several events at once', async () => {
    const { run, write, end } = runByHand();
    const iterator = run.textStream[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    await write(...hello);
    end();

    expect((await Promise.all(asked)).map(({ value }) => value as unknown)).toEqual(['Hel', 'lo', undefined]);
  });
});

describe('events', () => {
  it('end with the first finish, if there are two', async () => {
    const run = runFrom(
      streamOf<StreamEvent>([
        { type: 'text', delta: 'Hello' },
        { type: 'finish', reason: 'length', raw: 'max' },
        { type: 'finish', reason: 'stop', raw: 'end' },
      ]),
    );

    expect((await readAll(run)).items.at(-1)).toEqual({ type: 'finish', reason: 'length', raw: 'max' });
    expect(await run.result).toMatchObject({ finishReason: 'length', rawFinishReason: 'max' });
  });

  it('that are transient are shown to readers, and not kept', async () => {
    const shown: StreamEvent = { type: 'data', name: 'progress', data: 1, transient: true };
    const kept: StreamEvent = { type: 'data', name: 'chart', data: [1, 2], transient: false };
    const run = runFrom(streamOf<StreamEvent>([shown, kept, { type: 'finish', reason: 'stop' }]));

    expect((await readAll(run)).items).toEqual([shown, kept, { type: 'finish', reason: 'stop' }]);
    expect((await run.result).message.parts).toMatchObject([{ type: 'data', name: 'chart', data: [1, 2] }]);
    expect((await readAll(run)).items).toHaveLength(2);
  });

  it('of other kinds add to the message what they carry', async () => {
    const run = runFrom(
      streamOf<StreamEvent>([
        { type: 'metadata', metadata: { author: 'Ada' } },
        { type: 'step' },
        { type: 'file', mediaType: 'image/png', data: 'iVBORw0=' },
        { type: 'tool-result', toolCallId: 'call_1', output: 21 },
        { type: 'metadata', metadata: { chapter: 1 } },
        { type: 'finish', reason: 'stop' },
      ]),
    );

    const { message } = await run.result;

    expect(message).toMatchObject({
      metadata: { author: 'Ada', chapter: 1 },
      parts: [
        { type: 'file', mediaType: 'image/png' },
        { type: 'tool-result', output: 21 },
      ],
    });
    expect((await readAll(run)).items[0]).toEqual({ type: 'metadata', metadata: { author: 'Ada', chapter: 1 } });
  });
});

describe('text as it comes', () => {
  it('leaves out everything else, and empty pieces', async () => {
    const run = runFrom(
      streamOf<StreamEvent>([
        { type: 'reasoning', delta: 'Hm.' },
        { type: 'text', delta: '' },
        { type: 'text', delta: 'Hello' },
        { type: 'refusal', delta: 'No.' },
        { type: 'finish', reason: 'stop' },
      ]),
    );

    expect((await readAll(run.textStream)).items).toEqual(['Hello']);
  });
});

describe('a result that nobody asks for', () => {
  it('raises no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listeners = process.listeners('unhandledRejection');
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen);
    try {
      const failed = runFrom(streamOf(hello.slice(0, 5)));
      const stopped = runFrom(streamOf(hello));
      stopped.abort();
      void readAll(failed);
      await settled();

      expect(failed.getSnapshot().status).toBe('error');
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
      for (const listener of listeners) process.on('unhandledRejection', listener);
    }
  });
});

/** Events as a provider may send them: parts begin one after the other, and the last of each kind may grow. */
const events: Arbitrary<StreamEvent[]> = array(
  record({
    kind: constantFrom('text', 'reasoning', 'refusal', 'tool-call', 'source', 'data', 'usage', 'old', 'old'),
    place: nat(),
    words: string({ maxLength: 3 }),
    hasIndex: boolean(),
    metadata: option(record({ openai: record({ at: nat() }) }), { nil: undefined }),
  }),
  { maxLength: 12 },
).map((steps) => {
  const made: StreamEvent[] = [];
  const types: string[] = [];
  for (const { kind, place, words, hasIndex, metadata } of steps) {
    const extra = metadata && { providerMetadata: metadata };
    const isOld = kind === 'old' && types.length > 0;
    const index = isOld ? place % types.length : types.length;
    const type = isOld ? types[index]! : kind;
    if (isOld && types.lastIndexOf(type) !== index && type !== 'tool-call') continue;
    if (type === 'text' || type === 'reasoning' || type === 'refusal') {
      // Without an index, a delta goes on with the last part if that is of its type.
      const isPlain = !hasIndex && (isOld ? index === types.length - 1 : types.at(-1) !== type);
      made.push({ type, delta: words, ...(isPlain ? {} : { index }), ...extra });
    } else if (type === 'tool-call') {
      if (!isOld) made.push({ type: 'tool-call-start', index, id: 'call_1', name: 'clock', ...extra });
      else if (hasIndex) made.push({ type: 'tool-call-delta', index, delta: words });
      else made.push({ type, index, toolCall: { id: 'call_1', name: 'clock', rawInput: '{}', input: {} }, ...extra });
    } else if (type === 'usage') {
      made.push({ type, usage: { outputTokens: place, raw: words } });
    } else if (!isOld && type === 'source') {
      made.push({ type, url: words });
    } else if (!isOld && type === 'data') {
      made.push({ type, name: 'chart', data: words });
    }
    if (!isOld && kind !== 'usage' && kind !== 'old') types.push(kind);
  }
  return made;
});

it('folding the events of any reader gives the result, whenever it came', async () => {
  await assert(
    asyncProperty(events, integer({ min: 0, max: 12 }), async (list, at) => {
      const { run, write, end } = runByHand();
      await write(...list.slice(0, at));
      const reader = readAll(run);
      await write(...list.slice(at), { type: 'finish', reason: 'stop' });
      end();
      const completion = essence(await run.result);

      const { items } = await reader;
      // The run completes the calls that the events leave open.
      const last = items.slice(0, -1).findLastIndex(({ type }) => type !== 'tool-call');
      const completed = items.slice(last + 1, -1);
      expect(essence(fold([...list, ...completed]))).toMatchObject({ parts: (completion as { parts: unknown }).parts });
      expect(essence(fold(items))).toEqual(completion);
      expect(essence(fold((await readAll(run)).items))).toEqual(completion);
    }),
    { numRuns: 300 },
  );
});

describe('an emoji whose halves come in two deltas', () => {
  const HIGH = '\ud83d';
  const LOW = '\ude00';

  it.each<[string, StreamEvent[], string[]]>([
    ['of text', [delta(`a${HIGH}`), delta(`${LOW}b`)], ['a', `${HIGH}${LOW}b`]],
    ['of halves alone', [delta(HIGH), delta(LOW)], [`${HIGH}${LOW}`]],
    [
      'after token counts',
      [delta(`a${HIGH}`), { type: 'usage', usage: { raw: {} } }, delta(LOW)],
      ['a', `${HIGH}${LOW}`],
    ],
    ['twice', [delta(HIGH), delta(LOW + HIGH), delta(LOW)], [`${HIGH}${LOW}`, `${HIGH}${LOW}`]],
    ['that has no other half', [delta(`a${HIGH}`), delta('b')], ['a', `${HIGH}b`]],
    ['that ends the answer', [delta(`a${HIGH}`)], ['a', HIGH]],
    ['in another part', [delta(`a${HIGH}`), delta(LOW, 1)], ['a', HIGH, LOW]],
  ])('is read whole: %s', async (_, events, pieces) => {
    const { run, write, end } = runByHand();
    const reading = readAll(run.textStream);
    const shown: string[] = [];
    for (const event of events) {
      await write(event);
      await settled();
      shown.push(run.getSnapshot().text);
    }
    await write({ type: 'finish', reason: 'stop' });
    end();

    const { text } = await run.result;
    expect((await reading).items).toEqual(pieces);
    expect(text).toBe(events.map((event) => (event.type === 'text' ? event.delta : '')).join(''));
    for (const seen of shown) expect(seen.endsWith(HIGH)).toBe(false);
  });

  it('keeps a half that was received before a failure', async () => {
    const { run, write, end } = runByHand();
    await write(delta(`a${HIGH}`));
    end();

    expect(await failureOf(run.result)).toMatchObject({ code: 'truncated', partial: { text: `a${HIGH}` } });
  });

  function delta(text: string, index = 0): StreamEvent {
    return { type: 'text', index, delta: text };
  }
});
