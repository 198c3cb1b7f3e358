import { getEventListeners } from 'node:events';
import { AbortError, completeObject, LLMClient, LLMError, runFrom, type Run } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, finish, text } from '../support/chat-completions.ts';
import {
  clientOf,
  clientReading,
  eventually,
  failureOf,
  readAll,
  settled,
  streamOf,
  writable,
} from '../support/client.ts';

const pieces = 100_000;
/** One chunk with more frames than are decoded at a time. */
const backlog = text('all work and no play ').repeat(pieces) + finish();

async function expectStopped(run: Run, reason: unknown): Promise<AbortError> {
  const error = await failureOf(run.result);
  expect(error).toBeInstanceOf(AbortError);
  expect(error).not.toBeInstanceOf(LLMError);
  expect(error).toMatchObject({ name: 'AbortError', cause: reason });
  expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'aborted' });
  expect(run.getSnapshot().error).toBeUndefined();
  return error as AbortError;
}

describe('stopping a run', () => {
  it('rejects with the reason as cause, and keeps what came', async () => {
    await using server = await startHttpServer({ chunks: [{ text: text('Hello') }], end: 'hang' });
    const run = clientOf(server.url).stream('hello');
    const read = readAll(run.textStream);
    await eventually(() => run.getSnapshot().text).toBe('Hello');
    const reason = new Error('Enough');

    run.abort(reason);

    const error = await expectStopped(run, reason);
    expect(error.partial).toMatchObject({ text: 'Hello', model: 'model-1', message: { parts: [{ text: 'Hello' }] } });
    expect(await read).toEqual({ items: ['Hello'], error });
    expect(run.getSnapshot()).toMatchObject({ text: 'Hello' });
  });

  it('closes the connection', async () => {
    await using server = await startHttpServer({ chunks: [{ text: text('Hello') }], end: 'hang' });
    const run = clientOf(server.url).stream('hello');
    await eventually(() => run.getSnapshot().text).toBe('Hello');

    run.abort();

    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('before the headers have come closes the connection too', async () => {
    await using server = await startHttpServer({ headersDelayMs: 60_000 });
    const run = clientOf(server.url).stream('hello');
    await eventually(() => server.requests.length).toBe(1);

    run.abort('Enough');

    await expectStopped(run, 'Enough');
    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('before it has a key sends nothing', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
    let giveKey!: (key: string) => void;
    const apiKey = (): Promise<string> => new Promise((resolve) => (giveKey = resolve));
    const run = clientOf(server.url, {}, { apiKey }).stream('hello');
    await settled();

    run.abort('Enough');
    await expectStopped(run, 'Enough');
    giveKey('key-1');
    await settled();

    expect(server.requests).toHaveLength(0);
  });

  it('without a reason has no cause', async () => {
    const run = runFrom(writable<string>().stream);

    run.abort();

    expect(((await failureOf(run.result)) as AbortError).cause).toBeUndefined();
  });

  it('after the end does nothing', async () => {
    const run = clientReading([answer('Hello')]).stream('hello');
    const completion = await run.result;
    const snapshot = run.getSnapshot();

    run.abort('Too late');

    expect(run.getSnapshot()).toBe(snapshot);
    expect(snapshot).toMatchObject({ status: 'ready', finishReason: 'stop' });
    expect(await run.result).toBe(completion);
  });

  it('after a failure does nothing', async () => {
    const run = clientReading([text('Hello')]).stream('hello');
    const error = await failureOf(run.result);

    run.abort('Too late');

    expect(run.getSnapshot()).toMatchObject({ status: 'error', error });
  });

  it('twice keeps the first reason', async () => {
    const run = runFrom(writable<string>().stream);

    run.abort('First');
    run.abort('Second');

    await expectStopped(run, 'First');
  });

  it('between the finish and the counts is a stop', async () => {
    const { stream, write } = writable<Uint8Array>();
    const run = clientOf('http://127.0.0.1', { fetch: () => Promise.resolve(new Response(stream)) }).stream('hello');
    write(new TextEncoder().encode(text('Hello') + finish()));
    await settled();

    run.abort('Enough');

    expect((await expectStopped(run, 'Enough')).partial).toMatchObject({ text: 'Hello', finishReason: 'stop' });
  });
});

describe('stopping in the middle of a backlog', () => {
  it('from a listener drops what is not decoded yet', async () => {
    const run = clientReading([backlog]).stream('hello');
    const seen: number[] = [];
    run.subscribe(() => {
      seen.push(run.getSnapshot().text.length);
      run.abort('Enough');
    });

    const { partial } = await expectStopped(run, 'Enough');
    await settled();

    expect(partial?.text.length).toBeGreaterThan(0);
    expect(partial?.text.length).toBeLessThan(backlog.length / 100);
    expect(run.getSnapshot().text).toBe(partial?.text);
    expect(seen.length).toBeLessThanOrEqual(2);
  });

  it('decodes nothing more', async () => {
    let decoded = 0;
    const provider = openai({ baseURL: 'http://127.0.0.1' });
    const run = new LLMClient({
      provider: {
        ...provider,
        decoder() {
          const decoder = provider.decoder();
          return {
            push(frame) {
              decoded += 1;
              return decoder.push(frame);
            },
            end: () => decoder.end(),
          };
        },
      },
      model: 'model-1',
      fetch: () => Promise.resolve(new Response(backlog)),
    }).stream('hello');
    run.subscribe(() => run.abort('Enough'));

    await expectStopped(run, 'Enough');
    const before = decoded;
    await settled();

    expect(decoded).toBe(before);
    expect(decoded).toBeLessThan(pieces);
  });

  it('from a reader drops what is not decoded yet, and ends the other readers after what was', async () => {
    const run = clientReading([backlog]).stream('hello');
    const other = readAll(run.textStream);
    for await (const _ of run.textStream) {
      run.abort('Enough');
      break;
    }

    const { partial } = await expectStopped(run, 'Enough');
    await settled();

    expect(partial?.text.length).toBeLessThan('all work and no play '.length * pieces);
    expect(run.getSnapshot().text).toBe(partial?.text);
    expect((await other).items.join('')).toBe(partial?.text);
  });

  it('by a timer gets its turn before the backlog is done', async () => {
    const run = clientReading([backlog]).stream('hello');
    setTimeout(() => run.abort('Enough'));

    const { partial } = await expectStopped(run, 'Enough');

    expect(partial?.text.length).toBeLessThan('all work and no play '.length * pieces);
  });
});

describe("the caller's signal", () => {
  it('stops the run', async () => {
    await using server = await startHttpServer({ chunks: [{ text: text('Hello') }], end: 'hang' });
    const controller = new AbortController();
    const run = clientOf(server.url).stream('hello', { signal: controller.signal });
    await eventually(() => run.getSnapshot().text).toBe('Hello');

    controller.abort('Enough');

    expect((await expectStopped(run, 'Enough')).partial?.text).toBe('Hello');
    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('that has fired already sends nothing', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hello') }] });

    const run = clientOf(server.url).stream('hello', { signal: AbortSignal.abort('Enough') });

    expect((await expectStopped(run, 'Enough')).partial).toMatchObject({ text: '' });
    await settled();
    expect(server.requests).toHaveLength(0);
  });

  it('stops `complete` as well', async () => {
    await using server = await startHttpServer({ end: 'hang' });
    const controller = new AbortController();
    const completion = clientOf(server.url).complete('hello', { signal: controller.signal });
    await eventually(() => server.requests.length).toBe(1);

    controller.abort();

    expect(await failureOf(completion)).toMatchObject({ name: 'AbortError', cause: controller.signal.reason });
  });

  function watched(): { controller: AbortController; listeners: () => number } {
    const controller = new AbortController();
    return { controller, listeners: () => getEventListeners(controller.signal, 'abort').length };
  }

  it.each<[string, (signal: AbortSignal) => Run]>([
    ['succeeded', (signal) => clientReading([answer('Hello')]).stream('hello', { signal })],
    ['failed', (signal) => clientReading([text('Hello')]).stream('hello', { signal })],
    ['was not even sent', (signal) => clientReading([]).stream({}, { signal })],
    ['came from elsewhere', (signal) => runFrom(streamOf(['Hello']), signal)],
  ])('has no listener left after a run that %s', async (_, start) => {
    const { controller, listeners } = watched();
    const run = start(controller.signal);
    expect(listeners()).toBe(1);

    await run.result.catch(() => undefined);
    await settled();

    expect(listeners()).toBe(0);
    const snapshot = run.getSnapshot();
    controller.abort();
    expect(run.getSnapshot()).toBe(snapshot);
  });

  it('has one listener for all runs, objects and waits that it stops', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const client = new LLMClient({ provider: scripted('hello', { delayMs: 60_000 }) });
    const schema = z.object({});
    const results = [
      ...Array.from({ length: 20 }, () => client.complete('hello', { signal })),
      ...Array.from({ length: 20 }, () => completeObject(client, { prompt: 'hello', schema }, { signal })),
      ...Array.from({ length: 20 }, () => runFrom(new ReadableStream<string>(), signal).result),
    ];
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort('enough');

    for (const result of results)
      expect(await failureOf(result)).toMatchObject({ name: 'AbortError', cause: 'enough' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('has no listener left after a run that it stopped', async () => {
    const { controller, listeners } = watched();
    const run = clientReading([backlog]).stream('hello', { signal: controller.signal });

    controller.abort('Enough');

    await expectStopped(run, 'Enough');
    await settled();
    expect(listeners()).toBe(0);
  });

  it('counts as the reason where another listener of it rejects first', async () => {
    const signal = AbortSignal.timeout(1);
    const source = new ReadableStream<string>({
      start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
    });
    const run = runFrom(source, signal);

    const error = await failureOf(run.result);
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ cause: { name: 'TimeoutError' } });
  });
});
