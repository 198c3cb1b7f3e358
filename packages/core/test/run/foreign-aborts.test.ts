import {
  AbortError,
  callWithRetry,
  LLMClient,
  runFrom,
  streamObject,
  type LocalProvider,
  type Run,
  type StreamEvent,
} from '@rivulet/core';
import { openai, type OpenAIOptions } from '@rivulet/core/openai';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { answer } from '../support/chat-completions.ts';
import { answering, failureOf } from '../support/client.ts';

/** Caught here, so that it can be thrown at another place. */
const ofCall: unknown = await callWithRetry(() => 'never', { signal: AbortSignal.abort('late') }).catch(
  (error: unknown) => error,
);

const THROWN: [string, () => unknown][] = [
  ['a DOMException', () => new DOMException('The key service took too long', 'AbortError')],
  ['an AbortError of a retried call', () => ofCall],
  ['an AbortError of another run', () => new AbortError('The key service took too long')],
];

function overHTTP(options: OpenAIOptions): Run {
  const provider = openai({ baseURL: 'http://127.0.0.1/v1', ...options });
  return new LLMClient({ provider, model: 'm', fetch: answering(answer('Hi')) }).stream('hello');
}

describe.each(THROWN)('%s is a failure of a run that nobody stopped', (_, create) => {
  const fail = (): never => {
    throw create();
  };
  const local: LocalProvider = { name: 'local', supports: { tools: false }, generate: fail };

  it.each<[string, () => Run]>([
    ['apiKey', () => overHTTP({ apiKey: fail })],
    ['headers', () => overHTTP({ headers: fail })],
    ['body', () => overHTTP({ body: fail })],
    ['an apiKey that rejects', () => overHTTP({ apiKey: () => Promise.reject(create()) })],
    ['a local provider', () => new LLMClient({ provider: local }).stream('hello')],
    [
      'a local provider, after content',
      () => {
        async function* generate(): AsyncGenerator<StreamEvent> {
          yield { type: 'text', delta: 'Hi' };
          await Promise.reject(create());
        }
        return new LLMClient({ provider: { ...local, generate } }).stream('hello');
      },
    ],
    ['a script', () => new LLMClient({ provider: scripted(fail) }).stream('hello')],
  ])('if it is thrown by %s', async (__, start) => {
    const run = start();

    expect(await failureOf(run.result)).toMatchObject({ name: 'UnknownError', code: 'unknown' });
    expect(run.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'unknown' } });
    expect(run.getSnapshot().finishReason).toBeUndefined();
  });

  it('if it is thrown by a validator', async () => {
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: fail,
        jsonSchema: { input: () => ({ type: 'object' }), output: () => ({ type: 'object' }) },
      },
    } as const;
    const run = streamObject(new LLMClient({ provider: scripted('{}') }), { prompt: 'hello', schema });

    expect(await failureOf(run.result)).toMatchObject({ code: expect.any(String) as string });
    expect(run.getSnapshot()).toMatchObject({ status: 'error' });
  });

  it('if a source throws it', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(create()) }),
    };
    for (const run of [runFrom(source), runFrom(Promise.reject(create()))]) {
      expect(await failureOf(run.result)).toMatchObject({ code: 'unknown', cause: { name: 'AbortError' } });
      expect(run.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'unknown' } });
    }
  });
});

it('an object whose run is stopped is stopped', async () => {
  const schema = { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } } as const;
  const client = new LLMClient({ provider: scripted('{}', { delayMs: 10_000 }) });
  const object = streamObject(client, { prompt: 'hello', schema, jsonSchema: { type: 'object' } });
  await expect.poll(() => object.run).toBeDefined();

  object.run?.abort('Enough');

  expect(await failureOf(object.result)).toMatchObject({ name: 'AbortError', cause: 'Enough' });
  expect(object.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'aborted' });
});
