import { runFrom, type RunSource, type StreamEvent } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, text } from '../support/chat-completions.ts';
import {
  clientReading,
  eventually,
  failureOf,
  readAll,
  settled,
  streamOf,
  toBytes,
  until,
  writable,
} from '../support/client.ts';

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const said = 'Grüße 👋';
const events: StreamEvent[] = [
  { type: 'start', id: 'answer-1' },
  { type: 'text', delta: 'Grüße ' },
  { type: 'text', delta: '👋' },
  { type: 'finish', reason: 'length', raw: 'max' },
];

describe('a run from', () => {
  it.each<[string, () => RunSource | Promise<RunSource>]>([
    ['an async iterable of text', () => iterate(['Grüße ', '', '👋'])],
    ['a promise of one', () => Promise.resolve(iterate(['Grüße ', '👋']))],
    ['a stream of text', () => streamOf(['Grüße ', '👋'])],
    ['a stream of bytes', () => streamOf(Array.from(toBytes(said), (byte) => Uint8Array.of(byte)))],
    ['a response', () => new Response(said)],
    ['a promise of a response', () => Promise.resolve(new Response(streamOf([toBytes(said)])))],
  ])('%s is complete when that ends', async (_, source) => {
    const run = runFrom(source());

    expect((await readAll(run.textStream)).items.join('')).toBe(said);
    const completion = await run.result;
    expect(completion).toMatchObject({ text: said, finishReason: 'stop' });
    expect(completion.message.parts).toEqual([{ type: 'text', text: said }]);
  });

  it.each<[string, () => RunSource]>([
    ['an async iterable of events', () => iterate(events)],
    ['a stream of events', () => streamOf(events)],
    ['another run', () => runFrom(iterate(events))],
  ])('%s is complete with its finish', async (_, source) => {
    expect(await runFrom(source()).result).toMatchObject({
      text: said,
      finishReason: 'length',
      rawFinishReason: 'max',
      id: 'answer-1',
    });
  });

  it.each<[string, () => RunSource]>([
    ['an async iterable of events', () => iterate(events.slice(0, 3))],
    ['a stream of events', () => streamOf(events.slice(0, 3))],
    ['a mixture of text and events', () => iterate<string | StreamEvent>(['Grüße ', { type: 'text', delta: '👋' }])],
  ])('%s without its finish is truncated', async (_, source) => {
    expect(await failureOf(runFrom(source()).result)).toMatchObject({
      name: 'TruncatedError',
      partial: { text: said },
    });
  });

  it('a mixture of text and events is complete with its finish', async () => {
    const source = iterate<string | StreamEvent>(['Grüße ', '👋', { type: 'finish', reason: 'stop' }]);

    expect((await runFrom(source).result).text).toBe(said);
  });

  it('bytes that end within a character shows that something is missing', async () => {
    const { text: shown } = await runFrom(streamOf([toBytes('Hi 👋').slice(0, -1)])).result;

    expect(shown).toBe('Hi \uFFFD');
  });

  it('an empty text is complete, and empty', async () => {
    expect(await runFrom(new Response('')).result).toMatchObject({ text: '', finishReason: 'stop' });
    expect(await runFrom(new Response(null)).result).toMatchObject({ text: '', finishReason: 'stop' });
  });

  it('a client is what the client gives, with its errors', async () => {
    const completion = await runFrom(clientReading([answer('Hello')]).stream('hello')).result;
    const source = clientReading([text('Hello')]).stream('hello');
    const error = await failureOf(runFrom(source).result);

    expect(completion).toMatchObject({ text: 'Hello', model: 'model-1' });
    expect(error).toMatchObject({ name: 'TruncatedError', partial: { text: 'Hello' } });
  });

  it('a response over HTTP comes as it is sent', async () => {
    const bytes = toBytes(said);
    await using server = await startHttpServer({
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      chunks: [{ bytes: [...bytes.slice(0, 3)] }, { gate: 'rest', bytes: [...bytes.slice(3)] }],
    });
    const run = runFrom(fetch(server.url));
    const reader = run.textStream[Symbol.asyncIterator]();

    expect((await reader.next()).value).toBe('Gr');
    server.release('rest');

    expect((await run.result).text).toBe(said);
  });

  it.each([
    [401, 'AuthenticationError'],
    [429, 'RateLimitError'],
    [500, 'ServerError'],
  ])('a response with status %d is the error that it says', async (status, name) => {
    await using server = await startHttpServer({
      status,
      headers: { 'retry-after': '7', 'content-type': 'text/plain' },
      chunks: [{ text: 'Not now' }],
    });

    expect(await failureOf(runFrom(fetch(server.url)).result)).toMatchObject({
      name,
      status,
      retryAfterMs: 7000,
      message: expect.stringContaining('Not now'),
    });
  });

  it('a response that is a stream of events is refused, and not shown as text', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hello') }] });

    expect(await failureOf(runFrom(fetch(server.url)).result)).toMatchObject({
      name: 'ParseError',
      partial: { text: '' },
    });
  });

  it('a connection that breaks is no complete text', async () => {
    await using server = await startHttpServer({
      headers: { 'content-type': 'text/plain' },
      chunks: [{ text: 'Hello' }],
      end: 'destroy',
    });

    expect(await failureOf(runFrom(fetch(server.url)).result)).toMatchObject({
      code: expect.stringMatching(/network|unknown/),
      partial: { text: 'Hello' },
    });
  });

  it('a source that throws fails with what it threw as cause, and keeps what came', async () => {
    const bug = new Error('A bug in the source');
    async function* source(): AsyncGenerator<string> {
      yield 'Hello';
      throw bug;
    }

    expect(await failureOf(runFrom(source()).result)).toMatchObject({
      code: 'unknown',
      cause: bug,
      message: expect.stringContaining('A bug in the source'),
      partial: { text: 'Hello' },
    });
    expect(await failureOf(runFrom(Promise.reject(bug)).result)).toMatchObject({ code: 'unknown', cause: bug });
  });

  it.each([undefined, null, 42, 'Hello', ['Hello'], {}, { [Symbol.iterator]: () => [][Symbol.iterator]() }])(
    'what is no source fails through the run: %o',
    async (source) => {
      const run = runFrom(source as unknown as RunSource);

      expect(await failureOf(run.result)).toHaveProperty('code');
      expect(run.getSnapshot().status).toBe('error');
    },
  );
});

describe('stopping a run from', () => {
  it('an async iterable ends that too', async () => {
    let isEnded = false;
    let goOn!: () => void;
    async function* source(): AsyncGenerator<string> {
      try {
        yield 'Hello';
        await new Promise<void>((resolve) => (goOn = resolve));
        yield ' world';
      } finally {
        isEnded = true;
      }
    }
    const run = runFrom(source());
    await settled();

    run.abort('Enough');
    expect(await failureOf(run.result)).toMatchObject({
      name: 'AbortError',
      cause: 'Enough',
      partial: { text: 'Hello' },
    });
    goOn();
    await settled();

    expect(isEnded).toBe(true);
    expect(run.getSnapshot().text).toBe('Hello');
  });

  it('an iterable that cannot be ended asks it for nothing more', async () => {
    let asked = 0;
    const run = runFrom({
      [Symbol.asyncIterator]: () => ({
        async next() {
          asked += 1;
          await settled();
          return { done: false, value: 'word ' };
        },
      }),
    });
    await until(() => asked > 3);

    run.abort('Enough');
    const before = asked;
    await settled();
    await settled();

    expect(asked).toBe(before);
  });

  it('a stream cancels it', async () => {
    const { stream, write, isCancelled } = writable<string>();
    const controller = new AbortController();
    const run = runFrom(stream, controller.signal);
    write('Hello');
    await settled();

    controller.abort('Enough');
    await settled();

    expect(await failureOf(run.result)).toMatchObject({
      name: 'AbortError',
      cause: 'Enough',
      partial: { text: 'Hello' },
    });
    expect(isCancelled()).toBe(true);
  });

  it('a response closes the connection', async () => {
    await using server = await startHttpServer({
      headers: { 'content-type': 'text/plain' },
      chunks: [{ text: 'Hello' }],
      end: 'hang',
    });
    const run = runFrom(fetch(server.url));
    await eventually(() => run.getSnapshot().text).toBe('Hello');

    run.abort();

    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('another run leaves that one alone', async () => {
    const { stream, write, end } = writable<string>();
    const source = runFrom(stream);
    const run = runFrom(source);
    write('Hello');
    await settled();

    run.abort();
    write(' world');
    end();

    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError' });
    expect((await source.result).text).toBe('Hello world');
  });

  it('a run that was stopped itself is a stop, and no error', async () => {
    const source = runFrom(writable<string>().stream);
    const run = runFrom(source);
    await settled();

    source.abort('Enough');

    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError' });
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'aborted' });
  });

  it.each<[string, boolean]>([
    ['while its promise is pending', false],
    ['before it began', true],
  ])('a stream cancels it, %s', async (_, isEarly) => {
    const reasons: unknown[] = [];
    const stream = new ReadableStream<string>({ cancel: (reason) => void reasons.push(reason) });
    let resolve!: (stream: ReadableStream<string>) => void;
    const source = new Promise<ReadableStream<string>>((onResolve) => {
      resolve = onResolve;
    });
    const controller = new AbortController();
    if (isEarly) controller.abort();
    const run = runFrom(source, controller.signal);
    run.abort();
    resolve(stream);

    await failureOf(run.result);
    await eventually(() => reasons.length).toBe(1);
  });

  it('a promise that fails late raises nothing', async () => {
    const controller = new AbortController();
    controller.abort();
    const run = runFrom(Promise.reject(new Error('too late')), controller.signal);

    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError' });
    await settled();
  });
});
