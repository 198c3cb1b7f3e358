import {
  batchProcess,
  callWithRetry,
  completeObject,
  extractJson,
  IncrementalJsonParser,
  LLMClient,
  observeRuns,
  runFrom,
  storageCheckpoints,
  streamObject,
  type ExtractJsonOptions,
  type ObjectRequest,
} from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { failureOf } from '../support/client.ts';

/** A value as JavaScript may pass it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function untyped<T>(value: unknown): T {
  return value as T;
}

const client = new LLMClient({ provider: scripted('{"a":1}'), retry: false });

describe('a wrong argument is a config error that names it', () => {
  it.each<[string, () => unknown]>([
    ['observeRuns: the listener must be a function, not undefined', () => observeRuns(untyped(undefined))],
    [
      'unknown option "contents" (did you mean content?)',
      () => observeRuns(() => undefined, untyped({ contents: true })),
    ],
    [
      'observeRuns: content must be a boolean, not a string',
      () => observeRuns(() => undefined, untyped({ content: 'x' })),
    ],
    ['observeRuns: the argument must be an object, not null', () => observeRuns(() => undefined, untyped(null))],
    [
      'unknown option "tokenPerSecond" (did you mean tokensPerSecond?)',
      () => scripted('x', untyped({ tokenPerSecond: 1 })),
    ],
    ['scripted: tokensPerSecond must be a number above 0', () => scripted('x', { tokensPerSecond: 0 })],
    ['scripted: delayMs must be a number from 0, not NaN', () => scripted('x', { delayMs: Number.NaN })],
    ['scripted: unknown option "txt" (did you mean text?)', () => scripted(untyped({ txt: 'x' }))],
    ['scripted: toolCalls[0].name must be a string', () => scripted(untyped({ toolCalls: [{ name: 5 }] }))],
    ['scripted: the script must be text, a list', () => scripted(untyped(undefined))],
    [
      'unknown option "maxDept", the options are atomic, inexactNumber, onComplete, maxDepth, skipProse',
      () => new IncrementalJsonParser(untyped({ maxDept: 3 })),
    ],
    ['skipProse must be a boolean or', () => new IncrementalJsonParser(untyped({ skipProse: '"' }))],
    ['onComplete must be a function, not an object', () => new IncrementalJsonParser(untyped({ onComplete: {} }))],
    [
      'maxDepth must be a number from 0 or Infinity, not NaN',
      () => new IncrementalJsonParser({ maxDepth: Number.NaN }),
    ],
    ['the argument must be an object, not a list', () => new IncrementalJsonParser(untyped([]))],
    ['IncrementalJsonParser: maxDepth must be a number', () => new IncrementalJsonParser(untyped({ maxDepth: '3' }))],
    ['IncrementalJsonParser: the argument must be an object', () => new IncrementalJsonParser(untyped(null))],
    ['a piece must be a string, not null', () => new IncrementalJsonParser().push(untyped(null))],
    [
      'extractJson: the argument must be an object, not null',
      () => extractJson('{}', untyped<ExtractJsonOptions<undefined>>(null)),
    ],
    ['extractJson: the reply must be a string, not a number', () => extractJson(untyped(5))],
    ['the storage must be a Web Storage', () => storageCheckpoints(untyped(undefined))],
  ])('%s', (message, call) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining(message) as string }),
    );
  });

  it.each<[string, () => Promise<unknown>]>([
    ['callWithRetry: the first argument must be a function', () => callWithRetry(untyped(undefined))],
    ['batchProcess: the argument must be an object, not null', () => batchProcess([1], (item) => item, untyped(null))],
    ['runFrom: signal must be an AbortSignal', () => runFrom(new Response('x'), untyped({ signal: 1 })).result],
    [
      'scripted: the reply must be text',
      () => new LLMClient({ provider: scripted(untyped(() => undefined)) }).complete('x'),
    ],
    [
      'scripted: unknown option "txt"',
      () => new LLMClient({ provider: scripted(untyped(() => ({ txt: 'x' }))) }).complete('x'),
    ],
  ])('%s', async (message, call) => {
    expect(await failureOf(call())).toMatchObject({
      code: 'config',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([() => undefined, () => Promise.resolve(), () => 1])(
    'an observe that is a listener: %s',
    async (listener) => {
      const observed = new LLMClient({ provider: scripted('x'), observe: untyped(listener) });

      expect(await failureOf(observed.complete('x'))).toMatchObject({
        code: 'config',
        message: expect.stringContaining('Write observe: observeRuns(listener)') as string,
      });
    },
  );
});

describe('an object throws nothing', () => {
  const schema = z.object({ a: z.number() });

  it.each([null, undefined, 'A recipe', 5, []])('for the request %j', async (request) => {
    expect(await failureOf(streamObject(client, untyped<ObjectRequest>(request)).result)).toMatchObject({
      code: 'config',
      message: expect.stringContaining('schema must be a Standard Schema') as string,
    });
  });

  it.each<[string, unknown]>([
    ['signal must be an AbortSignal', { signal: {} }],
    ['unknown option "timeouts"', { timeouts: 5 }],
    ['the argument must be an object', 'x'],
  ])('for options of the call that are wrong: %s', async (message, options) => {
    const run = streamObject(client, { prompt: 'x', schema }, untyped(options));

    expect(await failureOf(run.result)).toMatchObject({
      code: 'config',
      message: expect.stringContaining(message) as string,
    });
  });

  it('for options that are null, as if there were none', async () => {
    expect((await completeObject(client, { prompt: 'x', schema }, untyped(null))).object).toEqual({ a: 1 });
  });

  it.each([Number.NaN, -1, '2', null])('for a maxRepairs of %j, which would ask without an end', async (maxRepairs) => {
    const provider = scripted('no JSON');
    const run = streamObject(new LLMClient({ provider }), { prompt: 'x', schema, maxRepairs: untyped(maxRepairs) });

    expect(await failureOf(run.result)).toMatchObject({
      code: 'config',
      message: expect.stringContaining('maxRepairs must be a number from 0') as string,
    });
    expect(provider.requests).toHaveLength(0);
  });
});
