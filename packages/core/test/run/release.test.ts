import { LLMClient, type LLMConfig, type Provider } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, DONE, finish, frame, text } from '../support/chat-completions.ts';
import { clientOf, eventually, failureOf, settled, toBytes, until, writable } from '../support/client.ts';

afterEach(() => vi.useRealTimers());

type Fetch = NonNullable<LLMConfig['fetch']>;

/** A `fetch` that ignores its signal, and whose responses are written by hand. */
function deafFetch(): {
  fetch: Fetch;
  calls: () => number;
  respond: (status?: number) => void;
  write: (body: string) => void;
  isCancelled: () => boolean;
} {
  const body = writable<Uint8Array>();
  const waiting: ((response: Response) => void)[] = [];
  let calls = 0;
  return {
    fetch: () => {
      calls += 1;
      return new Promise((resolve) => waiting.push(resolve));
    },
    calls: () => calls,
    respond: (status = 200) => waiting.shift()?.(new Response(body.stream, { status })),
    write: (chunk) => body.write(toBytes(chunk)),
    isCancelled: body.isCancelled,
  };
}

describe('a run with a fetch that ignores its signal', () => {
  const fails = { retry: false } as const;

  it('cancels the body when it is stopped', async () => {
    const deaf = deafFetch();
    const run = clientOf('http://127.0.0.1', { fetch: deaf.fetch }).stream('hello');
    await until(() => deaf.calls() === 1);
    deaf.respond();
    deaf.write(text('Hello'));
    await until(() => run.getSnapshot().text === 'Hello');

    run.abort();
    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError', partial: { text: 'Hello' } });
    await settled();

    expect(deaf.isCancelled()).toBe(true);
  });

  it.each([200, 400, 503])(
    'cancels the body of a response with status %d that arrives after the stop',
    async (status) => {
      const deaf = deafFetch();
      const run = clientOf('http://127.0.0.1', { fetch: deaf.fetch }).stream('hello');
      await until(() => deaf.calls() === 1);
      run.abort();
      await failureOf(run.result);

      deaf.respond(status);
      await settled();

      expect(deaf.isCancelled()).toBe(true);
    },
  );

  it('cancels the body of an error that does not end', async () => {
    const deaf = deafFetch();
    const run = clientOf('http://127.0.0.1', { fetch: deaf.fetch, ...fails }).stream('hello');
    await until(() => deaf.calls() === 1);
    deaf.respond(500);
    deaf.write('{"error":');
    await settled();

    run.abort();
    await failureOf(run.result);
    await settled();

    expect(deaf.isCancelled()).toBe(true);
  });

  it.each(['headersMs', 'firstTokenMs', 'idleMs', 'totalMs'])('cancels the body when %s has passed', async (name) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const deaf = deafFetch();
    const run = clientOf('http://127.0.0.1', { fetch: deaf.fetch, ...fails, timeout: { [name]: 1000 } }).stream('hi');
    await until(() => deaf.calls() === 1);
    if (name !== 'headersMs') deaf.respond();
    await settled();
    await vi.advanceTimersByTimeAsync(1000);

    expect(await failureOf(run.result)).toMatchObject({ code: 'timeout' });
    deaf.respond();
    await settled();
    expect(deaf.isCancelled()).toBe(true);
  });
});

describe('a run that is stopped before anything was sent', () => {
  const waits: readonly (readonly [string, (wait: () => Promise<string>) => Provider])[] = [
    ['the key', (wait) => openai({ baseURL: 'http://127.0.0.1', apiKey: wait })],
    ['the headers', (wait) => openai({ baseURL: 'http://127.0.0.1', headers: async () => ({ 'x-a': await wait() }) })],
    ['the code of the provider', (wait) => ({ ...openai({ baseURL: 'http://127.0.0.1' }), load: wait })],
  ];

  it.each(waits)('does not call fetch after waiting for %s', async (_, createProvider) => {
    let isWaiting = false;
    let go!: (value: string) => void;
    const wait = (): Promise<string> => {
      isWaiting = true;
      return new Promise((resolve) => (go = resolve));
    };
    const fetch = vi.fn<Fetch>();
    const run = new LLMClient({ provider: createProvider(wait), model: 'model-1', fetch }).stream('hello');
    await until(() => isWaiting);
    run.abort();
    await failureOf(run.result);

    go('value');
    await settled();

    expect(fetch).not.toHaveBeenCalled();
  });

  it('does not call fetch after the body function has stopped it', async () => {
    const controller = new AbortController();
    const fetch = vi.fn<Fetch>();
    const client = clientOf(
      'http://127.0.0.1',
      { fetch },
      {
        body(body) {
          controller.abort();
          return body;
        },
      },
    );

    await failureOf(client.complete('hello', { signal: controller.signal }));
    await settled();

    expect(fetch).not.toHaveBeenCalled();
  });
});

describe('a run whose end was seen', () => {
  const baseURL = 'http://127.0.0.1';
  const json = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
  const geminiAnswer = { candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] };
  const endings: readonly (readonly [string, Provider, string])[] = [
    ['[DONE]', openai({ baseURL }), answer('Hi')],
    ['the end of the body', openai({ baseURL }), text('Hi') + finish()],
    [
      'a whole document',
      openai({ baseURL }),
      JSON.stringify({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }),
    ],
    [
      'message_stop',
      anthropic({ baseURL }),
      [
        { type: 'message_start', message: { id: 'm', model: 'm', usage: {} } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: {} },
        { type: 'message_stop' },
      ]
        .map((event) => `event: ${event.type}\n${json(event)}`)
        .join(''),
    ],
    ['the end of Gemini', gemini({ baseURL }), json(geminiAnswer)],
    [
      'response.completed',
      openaiResponses({ baseURL }),
      json({ type: 'response.output_text.delta', output_index: 0, content_index: 0, item_id: 'i', delta: 'Hi' }) +
        json({ type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } }),
    ],
    [
      'done of Ollama',
      ollama({ baseURL }),
      `${JSON.stringify({ message: { content: 'Hi' }, done: true, done_reason: 'stop' })}\n`,
    ],
    ['the end of plain text', plainText({ api: baseURL }), 'Hi'],
  ];

  function recording(body: BodyInit): { fetch: Fetch; signals: AbortSignal[] } {
    const signals: AbortSignal[] = [];
    return {
      signals,
      fetch: (_, { signal }) => {
        if (signal) signals.push(signal);
        return Promise.resolve(new Response(body));
      },
    };
  }

  it.each(endings)('aborts nothing after %s', async (_, provider, body) => {
    const { fetch, signals } = recording(body);
    const caller = new AbortController();
    const completion = await new LLMClient({ provider, model: 'model-1', fetch }).complete('hello', {
      signal: caller.signal,
    });
    await settled();

    expect(completion.text).toBe('Hi');
    expect(signals).toHaveLength(1);
    expect(signals[0]?.aborted).toBe(false);
    expect(getEventListeners(signals[0]!, 'abort')).toHaveLength(0);
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  });

  it('aborts nothing two seconds after a finish reason, and cancels the body', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { stream, write, isCancelled } = writable<Uint8Array>();
    const { fetch, signals } = recording(stream);
    const run = clientOf(baseURL, { fetch }).stream('hello');
    write(toBytes(text('Hi') + finish()));
    await until(() => run.getSnapshot().text === 'Hi');
    await vi.advanceTimersByTimeAsync(2000);

    expect((await run.result).text).toBe('Hi');
    await settled();
    expect(signals[0]?.aborted).toBe(false);
    expect(isCancelled()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reads what is behind the end mark, so that the connection is used again', async () => {
    const { stream, write, end, isCancelled } = writable<Uint8Array>();
    const { fetch } = recording(stream);
    const run = clientOf(baseURL, { fetch }).stream('hello');
    write(toBytes(answer('Hi')));
    await run.result;
    write(toBytes(': bye\n\n'));
    end();
    await settled();

    expect(isCancelled()).toBe(false);
  });

  it('cancels a body with much behind the end mark', async () => {
    const { stream, write, isCancelled } = writable<Uint8Array>();
    const { fetch } = recording(stream);
    const run = clientOf(baseURL, { fetch }).stream('hello');
    write(toBytes(answer('Hi')));
    write(toBytes('x'.repeat(100_000)));
    await run.result;
    await settled();

    expect(isCancelled()).toBe(true);
  });

  it('sends two answers over one connection', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
    const client = clientOf(server.url);
    await client.complete('one');
    await eventually(() => server.requests[0]?.finished).toBe(true);
    await client.complete('other');

    expect(server.requests.map(({ closedEarly }) => closedEarly)).toEqual([false, false]);
  });

  it('aborts the signal of fetch after a failure in the middle', async () => {
    const { fetch, signals } = recording(text('Hi') + frame({ error: { message: 'broken' } }) + DONE);

    await failureOf(clientOf(baseURL, { fetch }).complete('hello'));
    await settled();

    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('a model in the page', () => {
  it('is closed when the run is stopped, and after a finish that it does not end with', async () => {
    const closed: string[] = [];
    const createProvider = (name: string): Provider => ({
      name,
      supports: { tools: false },
      generate: () => {
        const events = [
          { type: 'text', delta: 'Hi' },
          { type: 'finish', reason: 'stop' },
        ] as const;
        let at = name === 'stopped' ? 1 : 0;
        return {
          [Symbol.asyncIterator]: () => ({
            next: () => {
              const value = name === 'stopped' ? (at === 1 ? events[0] : undefined) : events[at];
              at += 1;
              return value ? Promise.resolve({ value, done: false }) : new Promise<never>(() => undefined);
            },
            return: () => {
              closed.push(name);
              return Promise.resolve({ value: undefined, done: true });
            },
          }),
        };
      },
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stopped = new LLMClient({ provider: createProvider('stopped') }).stream('hello');
    await until(() => stopped.getSnapshot().text === 'Hi');
    stopped.abort();
    await failureOf(stopped.result);
    expect(closed).toContain('stopped');

    const finished = new LLMClient({ provider: createProvider('finished') }).stream('hello');
    await until(() => finished.getSnapshot().text === 'Hi');
    await vi.advanceTimersByTimeAsync(2000);
    await finished.result;
    await settled();
    expect(closed).toContain('finished');
  });
});
