import { batch, LLMClient, LLMError, observeRuns, type LLMConfig, type RunEvent } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { answer, delta, DONE, finish, text, usage } from '../support/chat-completions.ts';
import { clientOf, eventually, failureOf, settled } from '../support/client.ts';

const KEY = 'sk-0123456789abcdef';
const QUESTION = 'a question that nobody may read';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Observed {
  readonly events: readonly RunEvent[];
  readonly types: () => string[];
  readonly observe: NonNullable<LLMConfig['observe']>;
}

function observed(options?: { content: boolean }): Observed {
  const events: RunEvent[] = [];
  return { events, types: () => events.map(({ type }) => type), observe: observeRuns((e) => events.push(e), options) };
}

function busy(delayMs: number): Answer {
  return {
    status: 429,
    headers: { 'retry-after-ms': String(delayMs), 'x-request-id': 'req-1', 'content-type': 'application/json' },
    chunks: [{ text: JSON.stringify({ error: { message: `Slow down: ${QUESTION} ${KEY}` } }) }],
  };
}

describe('a run that is observed', () => {
  it('tells its request, its first content and its end, with ids, counts and no token', async () => {
    const { events, types, observe } = observed();
    const body = text('Hel') + text('lo') + delta({ reasoning_content: '…' }) + finish();
    const counts = usage({ prompt_tokens: 3, completion_tokens: 2 });
    await using server = await startHttpServer([{ chunks: [{ text: body + counts + DONE }] }]);
    const run = clientOf(server.url, { observe, model: 'alias' }).stream('hello');

    await run.result;

    expect(types()).toEqual(['request', 'first-content', 'finish']);
    expect(events[0]).toEqual({
      type: 'request',
      runId: run.id,
      provider: 'openai',
      model: 'alias',
      attempt: 1,
      elapsedMs: expect.any(Number),
    });
    expect(events[2]).toEqual({
      type: 'finish',
      runId: run.id,
      provider: 'openai',
      // As the server calls it.
      model: 'model-1',
      attempt: 1,
      elapsedMs: expect.any(Number),
      finishReason: 'stop',
      id: 'chatcmpl-1',
      length: 6,
      usage: { inputTokens: 3, outputTokens: 2 },
    });
  });

  it('tells each retry, with its delay and its cause, and the attempt that follows', async () => {
    const { events, observe } = observed();
    await using server = await startHttpServer([busy(7), { status: 503 }, { chunks: [{ text: answer('Hi') }] }]);
    vi.spyOn(Math, 'random').mockReturnValueOnce(0);

    await clientOf(server.url, { observe, retry: {} }).complete('hello');

    expect(events.map(({ type, attempt }) => [type, attempt])).toEqual([
      ['request', 1],
      ['retry', 1],
      ['request', 2],
      ['retry', 2],
      ['request', 3],
      ['first-content', 3],
      ['finish', 3],
    ]);
    expect(events[1]).toMatchObject({
      code: 'rate_limit',
      status: 429,
      delayMs: 7,
      retryAfterMs: 7,
      requestId: 'req-1',
    });
    expect(events[3]).toMatchObject({ code: 'overloaded', status: 503 });
  });

  it('tells when, in ms since its start, by a clock that only goes forward', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    const { events, observe } = observed();
    const busyOnce = scripted(() => {
      const isFirst = busyOnce.requests.length === 1;
      if (isFirst) return { delayMs: 1000, error: new LLMError('busy', { code: 'overloaded', retryAfterMs: 5000 }) };
      return { delayMs: 1000, tokensPerSecond: 10, text: ['a', 'b', 'c'] };
    });
    const client = new LLMClient({ provider: busyOnce, observe });

    const { result } = client.stream('hello');
    // The clock on the wall may be set back.
    vi.setSystemTime(0);
    await vi.runAllTimersAsync();
    await result;

    expect(events.map(({ type, elapsedMs }) => [type, Math.round(elapsedMs)])).toEqual([
      ['request', 0],
      ['retry', 1000],
      ['request', 6000],
      ['first-content', 7000],
      ['finish', 7200],
    ]);
  });

  it.each<[string, Answer, object]>([
    ['refuses', { status: 401 }, { code: 'authentication', status: 401, length: 0 }],
    ['breaks off in the middle', { chunks: [{ text: text('Hel') }] }, { code: 'truncated', length: 3 }],
  ])('tells its error when the server %s', async (_, script, expected) => {
    const { events, observe } = observed();
    await using server = await startHttpServer([script]);

    await failureOf(clientOf(server.url, { observe }).complete('hello'));

    expect(events.at(-1)).toMatchObject({ type: 'error', attempt: 1, ...expected });
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  it.each([
    ['it asks nothing', { messages: [] }, {}, 'invalid_request'],
    ['an option of the call is wrong', 'hello', { timeout: { idleMs: -1 } }, 'config'],
  ] as const)('tells an error before anything is sent: %s', async (_, request, options, code) => {
    const { events, observe } = observed();
    const run = clientOf('http://127.0.0.1', { observe }).stream(request, options);

    await failureOf(run.result);

    expect(events).toEqual([
      expect.objectContaining({ type: 'error', runId: run.id, attempt: 0, code, model: 'model-1' }),
    ]);
  });

  it('tells that a deadline ended it', async () => {
    const { events, observe } = observed();
    await using server = await startHttpServer([{ chunks: [{ text: text('Hel') }], end: 'hang' }]);

    await failureOf(clientOf(server.url, { observe, timeout: { totalMs: 100 } }).complete('hello'));

    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'timeout' });
  });

  it('tells that it was stopped: in the middle, in a wait, and after the end of the answer', async () => {
    const { types, observe, events } = observed();
    const streaming = { chunks: [{ text: text('Hel') }], end: 'hang' } as const;
    const ended = { chunks: [{ text: text('Hello') + finish() }], end: 'hang' } as const;
    await using server = await startHttpServer([streaming, busy(60_000), ended]);
    const client = clientOf(server.url, { observe, retry: {} });

    for (const isReached of [
      () => types().at(-1) === 'first-content',
      () => types().at(-1) === 'retry',
      () => types().at(-1) === 'first-content',
    ]) {
      const run = client.stream('hello');
      await eventually(isReached).toBe(true);
      await settled();
      run.abort();
      await failureOf(run.result);
    }

    expect(types()).toEqual([
      ...['request', 'first-content', 'abort'],
      ...['request', 'retry', 'abort'],
      ...['request', 'first-content', 'abort'],
    ]);
    expect(events.filter(({ type }) => type === 'abort').map((event) => 'length' in event && event.length)).toEqual([
      3, 0, 5,
    ]);
  });

  it('has nothing to tell if it was stopped before it began', async () => {
    const { events, observe } = observed();
    const signal = AbortSignal.abort();

    await failureOf(clientOf('http://127.0.0.1', { observe }).complete('hello', { signal }));

    expect(events).toEqual([]);
  });

  it('tells no first content of an answer that has none', async () => {
    const { types, observe } = observed();
    const provider = scripted([{ type: 'finish', reason: 'content-filter' }]);

    await new LLMClient({ provider, observe }).complete('hello');

    expect(types()).toEqual(['request', 'finish']);
  });

  it('is told from others by its id', async () => {
    const { events, observe } = observed();
    const client = new LLMClient({ provider: scripted('Hi', { delayMs: 5 }), observe });
    const runs = ['a', 'b', 'c'].map((prompt) => client.stream(prompt));

    await Promise.all(runs.map(({ result }) => result));

    for (const { id } of runs) {
      const own = events.filter(({ runId }) => runId === id);
      expect(own.map(({ type }) => type)).toEqual(['request', 'first-content', 'finish']);
    }
    expect(events).toHaveLength(9);
  });
});

describe('what events hold', () => {
  /** A server that says whatever it knows in every place. */
  const secret = 'an answer that nobody may read';
  const script: Answer[] = [
    busy(0),
    {
      chunks: [
        { text: text(secret) + finish() + usage({ prompt_tokens: 1, echo: `${QUESTION} ${secret} ${KEY}` }) + DONE },
      ],
    },
    { status: 400, chunks: [{ text: JSON.stringify({ error: { message: `${QUESTION} ${KEY}` } }) }] },
    { chunks: [{ text: text(secret) }] },
  ];

  async function askAll(observe: LLMConfig['observe']): Promise<void> {
    await using server = await startHttpServer(script);
    const client = clientOf(server.url, { observe, retry: {}, system: QUESTION }, { apiKey: KEY });
    for (let time = 0; time < 3; time += 1) await client.complete(QUESTION).catch(() => undefined);
  }

  it('is no text and no key, whatever the server says', async () => {
    const { events, types, observe } = observed();

    await askAll(observe);

    expect(types()).toEqual(
      'request retry request first-content finish request error request first-content error'.split(' '),
    );
    const told = JSON.stringify(events);
    for (const part of [QUESTION, secret, KEY]) expect(told).not.toContain(part);
  });

  it('is what was asked and answered where that is asked for, and never a key', async () => {
    const { events, observe } = observed({ content: true });

    await askAll(observe);

    expect(events[0]).toMatchObject({ request: { system: QUESTION, messages: [{ role: 'user', content: QUESTION }] } });
    expect(events[1]).toMatchObject({ error: expect.objectContaining({ code: 'rate_limit' }) });
    expect(events[4]).toMatchObject({ text: secret, usage: { inputTokens: 1, raw: { prompt_tokens: 1 } } });
    expect(events[6]).toMatchObject({ error: expect.any(LLMError), text: '' });
    expect(events[9]).toMatchObject({ error: expect.objectContaining({ code: 'truncated' }), text: secret });
    const messages = events.map((event) => ('error' in event ? event.error?.message : undefined));
    const told = JSON.stringify([events, messages]);
    expect(told).toContain(QUESTION);
    expect(told).not.toContain(KEY);
  });
});

it('tells of a batch each attempt as a run of its own, since the batch does the waiting', async () => {
  const { events, observe } = observed();
  await using server = await startHttpServer([busy(1), { chunks: [{ text: answer('Hi') }] }]);
  const client = clientOf(server.url, { observe, retry: {} });

  const results = await batch(client, ['a', 'b'], { concurrency: 1, retry: { maxRetries: 1 } }).result;

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  expect(events.map(({ type, attempt }) => [type, attempt])).toEqual([
    ['request', 1],
    ['error', 1],
    ['request', 1],
    ['first-content', 1],
    ['finish', 1],
    ['request', 1],
    ['first-content', 1],
    ['finish', 1],
  ]);
  expect(events[1]).toMatchObject({ code: 'rate_limit', retryAfterMs: 1, requestId: 'req-1' });
  expect(new Set(events.map(({ runId }) => runId)).size).toBe(3);
});

describe('a listener that throws', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => failWith('of the listener')],
    ['rejects', () => Promise.reject(new Error('of the listener'))],
  ])('when it %s harms no run, and its error is reported', async (_, listener) => {
    const reported: unknown[] = [];
    const report = (reason: unknown): void => void reported.push(reason);
    // Else the test itself would fail, as it should.
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', report);
    try {
      await using server = await startHttpServer([{ chunks: [{ text: answer('Hi') }] }]);
      const client = clientOf(server.url, { observe: observeRuns(listener) });

      expect((await client.complete('hello')).text).toBe('Hi');

      await settled();
      expect(reported.map(String)).toEqual(Array(3).fill('Error: of the listener'));
    } finally {
      process.off('unhandledRejection', report);
      for (const other of others) process.on('unhandledRejection', other);
    }
  });
});

function failWith(message: string): never {
  throw new Error(message);
}
