import {
  AbortError,
  batchProcess,
  callWithRetry,
  completeObject,
  isAbortError,
  LLMClient,
  LLMError,
  observeRuns,
  RateLimitError,
  type RunEvent,
} from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { scripted } from '@rivulet/core/scripted';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answering, clientOf, failureOf, readAll } from '../support/client.ts';
import { answer, text } from '../support/chat-completions.ts';

function throwing(...names: readonly string[]): object {
  const target: object = {};
  for (const name of names) {
    Object.defineProperty(target, name, {
      enumerable: true,
      get() {
        throw new Error(`${name} was read`);
      },
    });
  }
  return target;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const values: readonly (readonly [string, () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a string', () => 'broken'],
  ['a symbol', () => Symbol('broken')],
  ['a BigInt', () => 1n],
  ['a function', () => () => 'broken'],
  ['an object without a prototype', () => Object.assign(Object.create(null) as object, { code: 1 })],
  ['a frozen error', () => Object.freeze(new Error('broken'))],
  ['getters that throw', () => throwing('name', 'message', 'toString', 'code', 'status', 'stack', 'cause')],
  [
    'a toString that throws',
    () => Object.defineProperties(new Error(''), Object.getOwnPropertyDescriptors(throwing('toString'))),
  ],
  ['a toString that returns an object', () => ({ toString: () => ({}) })],
  ['a revoked proxy', revoked],
  ['an error of another realm', () => runInNewContext('new TypeError("broken")') as unknown],
  ['a promise', () => Promise.resolve(1)],
  ['an aggregate', () => new AggregateError([new Error('one'), undefined], 'both failed')],
  [
    'an aggregate of itself',
    () => {
      const errors: unknown[] = [];
      const error = new AggregateError(errors);
      error.errors.push(error);
      return error;
    },
  ],
  ['a DOMException', () => new DOMException('broken', 'DataCloneError')],
];

/** Rejects or throws with a value that the linter does not know. */
function toss(value: unknown): never {
  throw value;
}

describe.each(values)('a run in which user code throws %s', (_, create) => {
  const hello = { prompt: 'hello' };

  function expectFailure(error: unknown, thrown: unknown): void {
    expect(error).toBeInstanceOf(LLMError);
    const { cause, code, partial, message } = error as LLMError;
    expect(Object.is(cause, thrown)).toBe(true);
    expect(code).toBe('unknown');
    expect(partial).toMatchObject({ text: '' });
    expect(message).toMatch(/./);
  }

  it('rejects with it as the cause, wherever it was thrown', async () => {
    const thrown = create();
    const clients: Record<string, LLMClient> = {
      model: new LLMClient({ provider: scripted(() => toss(thrown)), retry: false }),
      apiKey: clientOf('http://127.0.0.1', { fetch: answering(answer('Hi')) }, { apiKey: () => toss(thrown) }),
      headers: clientOf('http://127.0.0.1', { fetch: answering(answer('Hi')) }, { headers: () => toss(thrown) }),
      body: clientOf('http://127.0.0.1', { fetch: answering(answer('Hi')) }, { body: () => toss(thrown) }),
      observe: clientOf('http://127.0.0.1', { fetch: answering(answer('Hi')), observe: () => toss(thrown) }),
    };
    for (const client of Object.values(clients)) {
      const run = client.stream(hello);
      const read = readAll(run);
      const error = await failureOf(run.result);
      expectFailure(error, thrown);
      expect(run.getSnapshot()).toMatchObject({ status: 'error' });
      expect(run.getSnapshot().error).toBe(error);
      expect((await read).error).toBe(error);
    }
  });

  it('rejects with a network error for a fetch that throws it', async () => {
    const thrown = create();
    const error = await failureOf(clientOf('http://127.0.0.1', { fetch: () => toss(thrown) }).complete(hello));

    expect(error).toMatchObject({ code: 'network', partial: { text: '' } });
    expect(Object.is((error as LLMError).cause, thrown)).toBe(true);
  });

  it('rejects if the body breaks off with it', async () => {
    const thrown = create();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text('Hello'))),
      pull: (controller) => controller.error(thrown),
    });
    const error = await failureOf(
      clientOf('http://127.0.0.1', { fetch: () => Promise.resolve(new Response(body)) }).complete(hello),
    );

    expect(error).toMatchObject({ code: 'network', partial: { text: 'Hello' } });
  });

  it('is stopped with it as the reason', async () => {
    const reason = create();
    const controller = new AbortController();
    const client = new LLMClient({ provider: scripted('hello', { delayMs: 60_000 }) });
    const byMethod = client.stream(hello);
    const bySignal = client.stream(hello, { signal: controller.signal });
    byMethod.abort(reason);
    controller.abort(reason);

    const error = (await failureOf(byMethod.result)) as AbortError;
    expect(error).toBeInstanceOf(AbortError);
    expect(Object.is(error.cause, reason)).toBe(true);
    expect(await failureOf(bySignal.result)).toBeInstanceOf(AbortError);
  });

  it('observes it', async () => {
    const thrown = create();
    const events: RunEvent[] = [];
    const observe = observeRuns((event) => events.push(event), { content: true });
    await failureOf(new LLMClient({ provider: scripted(() => toss(thrown)), observe, retry: false }).complete(hello));

    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'unknown' });
  });

  it('rejects the object, the batch and the retried function', async () => {
    const thrown = create();
    const client = new LLMClient({ provider: scripted(() => toss(thrown)), retry: false });
    const schema = z.object({ n: z.number().transform(() => toss(thrown)) });
    const withSchema = new LLMClient({ provider: scripted('{"n":1}'), retry: false });

    expectFailure(await failureOf(completeObject(client, { ...hello, schema })), thrown);
    const refused = await failureOf(completeObject(withSchema, { ...hello, schema }));
    expect(refused).toMatchObject({ code: 'validation', partial: { text: '{"n":1}' } });
    expect(Object.is((refused as LLMError).cause, thrown)).toBe(true);
    expect(await failureOf(batchProcess([1], () => toss(thrown), { stopOnError: true }))).toMatchObject({
      name: 'BatchError',
    });
    let caught: unknown[] = [];
    // Not returned: a promise that returns a promise waits for it.
    await callWithRetry(() => toss(thrown)).catch((error: unknown) => void (caught = [error]));
    expect(Object.is(caught[0], thrown)).toBe(true);
    expect(isAbortError(thrown)).toBe(false);
  });
});

describe('the error of a run', () => {
  it('is its own where two runs share the rejection of one key', async () => {
    let calls = 0;
    const shared = new LLMError('No session', { code: 'authentication', status: 401 });
    const apiKey = async (): Promise<string> => {
      calls += 1;
      await Promise.resolve();
      throw shared;
    };
    const fetch = answering(answer('Hi'));
    const provider = openai({ baseURL: 'http://127.0.0.1', apiKey });
    const client = new LLMClient({ provider, model: 'model-1', fetch });
    const [one, other] = await Promise.all([failureOf(client.complete('one')), failureOf(client.complete('other'))]);

    expect(calls).toBe(1);
    expect(one).not.toBe(other);
    expect(one).toMatchObject({ message: 'No session', code: 'authentication', status: 401, provider: 'openai' });
    expect((one as LLMError).partial).not.toBe((other as LLMError).partial);
    expect(shared.partial).toBeUndefined();
    expect(shared.provider).toBeUndefined();
  });

  it('has the class, fields and cause of the error that a model throws again and again', async () => {
    class QuotaError extends RateLimitError {
      readonly tenant = 'acme';
    }
    const cause = new Error('why');
    const shared = Object.freeze(new QuotaError('Enough', { retryAfterMs: 5, cause }));
    const client = new LLMClient({ provider: scripted({ text: 'Hi', error: shared }), retry: false });
    const one = await failureOf(client.complete('one'));
    const other = await failureOf(client.complete('other'));

    for (const error of [one, other]) {
      expect(error).toBeInstanceOf(QuotaError);
      expect(error).toMatchObject({ message: 'Enough', code: 'rate_limit', retryAfterMs: 5, tenant: 'acme', cause });
      expect((error as LLMError).partial?.text).toBe('Hi');
      expect((error as LLMError).stack).toContain('thrown-values.test.ts');
    }
    expect(one).not.toBe(other);
    expect((one as LLMError).partial?.message.id).not.toBe((other as LLMError).partial?.message.id);
  });

  it('exists if the fields of the thrown one cannot be read', async () => {
    const thrown = new LLMError('broken', { code: 'server' });
    Object.defineProperties(thrown, Object.getOwnPropertyDescriptors(throwing('message', 'requestId')));
    const error = await failureOf(
      new LLMClient({ provider: scripted(() => toss(thrown)), retry: false }).complete('hi'),
    );

    expect(error).toMatchObject({ code: 'unknown', partial: { text: '' } });
    expect((error as LLMError).cause).toBe(thrown);
  });

  it('is another one than that of the run within an object', async () => {
    const { streamObject } = await import('@rivulet/core');
    const client = new LLMClient({ provider: scripted({ text: '{"a":', error: new Error('broken') }), retry: false });
    const object = streamObject(client, { prompt: 'hi', schema: z.object({ a: z.number() }) });
    const error = (await failureOf(object.result)) as LLMError;
    const inner = (await failureOf(object.run!.result)) as LLMError;

    expect(error).not.toBe(inner);
    expect(error.partial).toHaveProperty('rawText', '{"a":');
    expect(inner.partial).not.toHaveProperty('rawText');
  });
});
