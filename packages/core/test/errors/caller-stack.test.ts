import { batch, batchProcess, completeObject, LLMClient, runFrom, streamObject } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answering, clientOf, failureOf } from '../support/client.ts';

const failing = new LLMClient({ provider: scripted({ error: new Error('broken') }), retry: false });
const broken = clientOf('http://127.0.0.1', { fetch: answering('data: {"error":{"message":"broken"}}\n\n') });
const hanging = new LLMClient({ provider: scripted('hello', { delayMs: 60_000 }) });
const schema = z.object({ a: z.number() });

const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  complete: async function callerOfComplete() {
    return failing.complete('hello');
  },
  'complete over HTTP': async function callerOfHttp() {
    return broken.complete('hello');
  },
  'an invalid request': async function callerOfInvalid() {
    return failing.complete({ messages: [] });
  },
  stream: async function callerOfStream() {
    return failing.stream('hello').result;
  },
  abort: async function callerOfAbort() {
    const run = hanging.stream('hello');
    run.abort();
    return run.result;
  },
  runFrom: async function callerOfRunFrom() {
    return runFrom(Promise.reject(new Error('broken'))).result;
  },
  completeObject: async function callerOfObject() {
    return completeObject(failing, { prompt: 'hello', schema });
  },
  streamObject: async function callerOfObjectStream() {
    return streamObject(failing, { prompt: 'hello', schema }).result;
  },
  batch: async function callerOfBatch() {
    return batch(failing, ['hello'], { stopOnError: true }).result;
  },
  batchProcess: async function callerOfBatchProcess() {
    return batchProcess([1], () => Promise.reject(new Error('broken')), { stopOnError: true });
  },
};

describe('the stack of an error', () => {
  it.each(Object.entries(calls))('has a line of the caller of %s', async (_, call) => {
    const { stack, message } = (await failureOf(call())) as Error;

    expect(stack).toContain(call.name);
    expect(stack).toContain('caller-stack.test.ts');
    expect(stack?.split('\n')[0]).toContain(message.slice(0, 20));
  });

  it('is not among its enumerable properties', async () => {
    expect(Object.keys((await failureOf(failing.complete('hello'))) as object)).not.toContain('stack');
  });
});
