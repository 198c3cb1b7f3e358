import { LLMClient, type StreamEvent } from '@rivulet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { DONE, finish, text, usage } from '../support/chat-completions.ts';
import { clientOf, eventually, readAll, settled, toBytes, writable } from '../support/client.ts';

afterEach(() => vi.useRealTimers());

function byHand(): {
  client: LLMClient;
  write: (body: string) => Promise<void>;
  end: () => void;
  isCancelled: () => boolean;
} {
  const { stream, write, end, isCancelled } = writable<Uint8Array>();
  return {
    client: clientOf('http://127.0.0.1', { fetch: () => Promise.resolve(new Response(stream)) }),
    async write(body) {
      write(toBytes(body));
      await settled();
    },
    end,
    isCancelled,
  };
}

describe('a run whose finish has come', () => {
  it('waits two seconds for the counts, and then settles without them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, write } = byHand();
    const run = client.stream('hello');
    await write(text('Hello') + finish());

    await vi.advanceTimersByTimeAsync(1999);
    expect(run.getSnapshot()).toMatchObject({ status: 'streaming', text: 'Hello' });
    await vi.advanceTimersByTimeAsync(1);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'stop' });
    const completion = await run.result;
    expect(completion.text).toBe('Hello');
    expect(completion.usage).toBeUndefined();
  });

  it('lets go of the connection after those two seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = await startHttpServer({ chunks: [{ text: text('Hello') + finish() }], end: 'hang' });
    const run = clientOf(server.url).stream('hello');
    const reader = run.textStream[Symbol.asyncIterator]();
    await reader.next();
    await settled();

    await vi.advanceTimersByTimeAsync(2000);
    await run.result;

    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });

  it('has the counts that come in that time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, write, end } = byHand();
    const run = client.stream('hello');
    await write(text('Hello') + finish());
    await vi.advanceTimersByTimeAsync(1500);
    await write(usage({ prompt_tokens: 1, completion_tokens: 2 }));
    end();

    expect((await run.result).usage).toMatchObject({ inputTokens: 1, outputTokens: 2 });
  });

  it('settles at [DONE], though the server keeps the connection open', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, write, isCancelled } = byHand();
    const run = client.stream('hello');
    await write(text('Hello') + finish() + usage({ prompt_tokens: 1 }) + DONE);

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', usage: { inputTokens: 1 } });
    await run.result;
    await vi.advanceTimersByTimeAsync(1000);
    expect(isCancelled()).toBe(true);
  });

  it('settles at the end of the body', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, write, end } = byHand();
    const run = client.stream('hello');
    await write(text('Hello') + finish());
    end();
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'stop' });
  });

  it('tells its finish to readers only then', async () => {
    const { client, write, end } = byHand();
    const run = client.stream('hello');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of run) seen.push(event.type);
    })();
    await write(text('Hello') + finish());
    expect(seen).toEqual(['start', 'text']);

    await write(usage({ prompt_tokens: 1 }));
    end();
    await reading;

    expect(seen).toEqual(['start', 'text', 'usage', 'finish']);
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, write, end } = byHand();
    const run = client.stream('hello');
    run.subscribe(() => undefined);
    await write(text('Hello') + finish());
    end();
    await run.result;
    await settled();

    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets go of the connection at [DONE]', async () => {
    await using server = await startHttpServer({ chunks: [{ text: text('Hello') + finish() + DONE }], end: 'hang' });

    await clientOf(server.url).complete('hello');

    await eventually(() => server.requests[0]?.closedEarly).toBe(true);
  });
});

describe('a model in the page', () => {
  const events: StreamEvent[] = [
    { type: 'start', model: 'page-model' },
    { type: 'text', delta: 'Hello' },
    { type: 'finish', reason: 'stop' },
  ];

  it('runs like any other', async () => {
    let asked: unknown;
    const client = new LLMClient({
      provider: {
        name: 'page-model',
        supports: { tools: false },
        async *generate(request) {
          asked = request;
          yield* events;
        },
      },
      system: 'Be brief.',
    });
    const run = client.stream({ prompt: 'hello', maxTokens: 7 });

    expect((await readAll(run)).items).toEqual(events);
    expect(await run.result).toMatchObject({ text: 'Hello', finishReason: 'stop', model: 'page-model' });
    expect(asked).toMatchObject({
      messages: [{ role: 'user', content: 'hello' }],
      system: 'Be brief.',
      maxTokens: 7,
    });
  });

  it('is stopped by its signal, and its generator ended', async () => {
    let isEnded = false;
    const client = new LLMClient({
      provider: {
        name: 'page-model',
        supports: { tools: false },
        async *generate(_, { signal }) {
          try {
            yield { type: 'text', delta: 'Hello' };
            await new Promise((_resolve, reject) =>
              signal.addEventListener('abort', () => reject(signal.reason as Error)),
            );
          } finally {
            isEnded = true;
          }
        },
      },
    });
    const run = client.stream('hello');
    await settled();

    run.abort('Enough');
    await settled();

    await expect(run.result).rejects.toMatchObject({ name: 'AbortError', cause: 'Enough', partial: { text: 'Hello' } });
    expect(isEnded).toBe(true);
  });

  it('that just ends is truncated', async () => {
    const provider = {
      name: 'page-model',
      supports: { tools: false },
      async *generate(): AsyncGenerator<StreamEvent> {
        yield events[1]!;
      },
    };

    await expect(new LLMClient({ provider, retry: false }).complete('hello')).rejects.toMatchObject({
      code: 'truncated',
      partial: { text: 'Hello' },
    });
  });

  it('may take longer than a server may for its headers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const client = new LLMClient({
      provider: {
        name: 'page-model',
        supports: { tools: false },
        async *generate() {
          yield events[1]!;
          await new Promise((resolve) => setTimeout(resolve, 300_000));
          yield events[2]!;
        },
      },
      retry: false,
    });
    const run = client.stream('hello');
    await settled();

    await vi.advanceTimersByTimeAsync(300_000);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', text: 'Hello' });
  });
});
