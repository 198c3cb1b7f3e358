import { setImmediate as nextTask } from 'node:timers/promises';
import {
  AbortError,
  batch,
  callWithRetry,
  completeObject,
  LLMClient,
  LLMError,
  RateLimitError,
  type LLMConfig,
} from '@rivulet/core';
import { createChat, tool } from '@rivulet/core/chat';
import { openai } from '@rivulet/core/openai';
import { scripted } from '@rivulet/core/scripted';
import { z } from 'zod';
import { createDice, type Dice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

/** Code of the application throws anything, at any place that calls it. */
export const thrownValues: Fuzzer = {
  name: 'thrown-values',
  casesInTests: 300,
  async run(seed) {
    const dice = createDice(seed);
    const [valueName, create] = dice.pick(Object.entries(VALUES));
    const [placeName, play] = dice.pick(Object.entries(PLACES));
    const isAsync = dice.chance(0.5);
    const thrown = create(dice);
    const toss = (): never => {
      throw thrown;
    };
    const fail: Thrower = isAsync ? () => nextTask().then(toss) : toss;
    const problems = await play({ fail, toss, dice });
    return problems.map((problem) => `${valueName} at ${placeName}${isAsync ? ' (async)' : ''}: ${problem}`);
  },
};

/** Throws, or returns a promise that rejects. */
type Thrower = () => Promise<never>;

interface Scene {
  readonly fail: Thrower;
  /** Throws at once. */
  readonly toss: () => never;
  readonly dice: Dice;
}

function getters(...names: readonly string[]): object {
  const target: object = {};
  for (const name of names) {
    Object.defineProperty(target, name, {
      enumerable: true,
      get() {
        throw new Error(`${name} is read`);
      },
    });
  }
  return target;
}

/** The engine reads the name and the message when it prepares a stack. */
function withStack<E extends Error>(error: E): E {
  void error.stack;
  return error;
}

const FIELDS = [
  'name',
  'message',
  'code',
  'status',
  'stack',
  'cause',
  'partial',
  'isRetryable',
  'retryAfterMs',
  'then',
];

const VALUES: Readonly<Record<string, (dice: Dice) => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  'a string': () => 'broken',
  'an empty string': () => '',
  'a number': () => NaN,
  'a symbol': () => Symbol('broken'),
  'a BigInt': () => 1n,
  'a function': () => () => 'broken',
  'an object without a prototype': () => Object.create(null) as unknown,
  'a list': () => [1, [2]],
  'a frozen error': () => Object.freeze(new Error('broken')),
  'getters that throw': (dice) => getters(...FIELDS.filter(() => dice.chance(0.5))),
  'an error with getters that throw': (dice) =>
    Object.defineProperties(
      withStack(new Error('broken')),
      Object.getOwnPropertyDescriptors(getters(...FIELDS.filter(() => dice.chance(0.3)))),
    ),
  'an LLMError with getters that throw': (dice) =>
    Object.defineProperties(
      withStack(new LLMError('broken', { code: 'server' })),
      Object.getOwnPropertyDescriptors(getters(...FIELDS.filter(() => dice.chance(0.3)))),
    ),
  'a frozen LLMError': () => Object.freeze(new LLMError('broken', { code: 'parse' })),
  'an LLMError with strange fields': () =>
    Object.assign(new LLMError('broken', { code: 'rate_limit' }), { retryAfterMs: NaN, status: '429', partial: 7 }),
  'a code that nobody knows': () => Object.assign(new Error('broken'), { code: 'ECONNRESET', status: {} }),
  'a toString that throws': () => getters('toString'),
  'a toString that returns an object': () => ({ toString: () => ({}) }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a proxy that throws': () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('get');
        },
        getPrototypeOf: () => {
          throw new Error('getPrototypeOf');
        },
      },
    ),
  'an error whose cause is itself': () => {
    const error = new Error('broken');
    error.cause = error;
    return error;
  },
  'an aggregate of strange errors': () => new AggregateError([undefined, Object.create(null), 1n]),
  'a DOMException': () => new DOMException('broken', 'DataCloneError'),
  'a TypeError': () => new TypeError('Failed to fetch'),
  'a long message': () => new Error('x'.repeat(1_000_000)),
};

const ANSWER =
  'data: {"choices":[{"index":0,"delta":{"content":"{\\"n\\":1}"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

function answered(): Promise<Response> {
  return Promise.resolve(new Response(ANSWER));
}

function clientWith(config: Partial<LLMConfig>): LLMClient {
  return new LLMClient({ provider: openai({ baseURL: 'http://127.0.0.1' }), fetch: answered, model: 'm', ...config });
}

function clientFor(options: Parameters<typeof openai>[0]): LLMClient {
  return clientWith({ provider: openai({ baseURL: 'http://127.0.0.1', ...options }) });
}

const busy = scripted(() => {
  throw new RateLimitError('busy', { retryAfterMs: 1 });
});

/** Rejects with an error of the library, and all readers of the run see that one. */
async function settles(client: LLMClient): Promise<string[]> {
  const run = client.stream('hello', { retry: { maxRetries: 1, maxDelayMs: 5 } });
  const problems: string[] = [];
  const reading = (async () => {
    for await (const event of run) void event;
  })().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const error: unknown = await run.result.then(
    () => undefined,
    (rejection: unknown) => rejection,
  );
  const read = await reading;
  if (!(error instanceof LLMError) && !(error instanceof AbortError)) return [`rejects with ${described(error)}`];
  const { status, error: shown } = run.getSnapshot();
  if (error instanceof LLMError && (status !== 'error' || shown !== error)) problems.push(`the snapshot is ${status}`);
  if (read?.error !== error) problems.push('a reader sees another error');
  if (error.partial?.text !== '' || !Array.isArray(error.partial.message.parts)) problems.push('partial is malformed');
  if (typeof error.message !== 'string' || error.message === '' || error.message.length > 1_100_000) {
    problems.push('the message is malformed');
  }
  return problems;
}

async function rejects(work: Promise<unknown>): Promise<string[]> {
  const error: unknown = await work.then(
    () => undefined,
    (rejection: unknown) => rejection,
  );
  return error instanceof LLMError || error instanceof AbortError ? [] : [`rejects with ${described(error)}`];
}

const PLACES: Readonly<Record<string, (scene: Scene) => Promise<string[]>>> = {
  fetch: ({ fail }) => settles(clientWith({ fetch: fail })),
  body: ({ fail }) =>
    settles(clientWith({ fetch: () => Promise.resolve(new Response(new ReadableStream({ pull: () => fail() }))) })),
  apiKey: ({ fail }) => settles(clientFor({ apiKey: fail })),
  headers: ({ fail }) => settles(clientFor({ headers: fail })),
  'body of the provider': ({ toss }) => settles(clientFor({ body: toss })),
  observe: ({ toss }) => settles(clientWith({ observe: toss })),
  'a scripted model': ({ fail }) => settles(clientWith({ provider: scripted(fail) })),
  'a model in the page': ({ fail }) =>
    settles(
      clientWith({
        provider: {
          ...busy,
          generate: () => ({ [Symbol.asyncIterator]: () => ({ next: fail, return: fail }) }),
        },
      }),
    ),
  'the schema of an object': ({ toss }) =>
    rejects(completeObject(clientWith({}), { prompt: 'x', schema: z.object({ n: z.number().transform(toss) }) })),
  'a schema that is checked': ({ fail }) =>
    rejects(
      completeObject(clientWith({}), {
        prompt: 'x',
        schema: { '~standard': { version: 1, vendor: 'own', validate: fail } },
        jsonSchema: { type: 'object', properties: { n: { type: 'number' } } },
      }),
    ),
  'a batch': async ({ fail }) => {
    const results = await batch(clientWith({ fetch: fail, retry: false }), ['a', 'b']).result;
    return results.every(({ status }) => status === 'rejected') ? [] : ['a request is fulfilled'];
  },
  callWithRetry: async ({ fail }) => {
    let isRejected = false;
    await callWithRetry(fail, { maxRetries: 1, maxDelayMs: 1 }).catch(() => {
      isRejected = true;
    });
    return isRejected ? [] : ['does not reject'];
  },
  'the reason of a stop': async ({ toss }) => {
    const run = clientWith({ fetch: () => new Promise<never>(() => undefined) }).stream('hello');
    try {
      toss();
    } catch (reason) {
      run.abort(reason);
    }
    return rejects(run.result);
  },
  'a tool of a chat': async ({ fail, dice }) => {
    const pay = tool({
      inputSchema: z.object({}),
      execute: dice.chance(0.5) ? fail : () => 'paid',
      ...(dice.chance(0.5) && { needsApproval: fail }),
    });
    let requests = 0;
    const provider = scripted(() => {
      requests += 1;
      return requests > 1 ? 'Done.' : { toolCalls: [{ name: 'pay', id: 'c', input: {} }] };
    });
    const chat = createChat({ client: clientWith({ provider }), tools: { pay } });
    await chat.sendMessage('hello').catch(() => undefined);
    const { status } = chat.getSnapshot();
    return status === 'ready' || status === 'error' ? [] : [`the chat is ${status}`];
  },
  'messages of a chat': async ({ fail }) => {
    const chat = createChat({ client: clientWith({}), prepareMessages: fail });
    await chat.sendMessage('hello').catch(() => undefined);
    const { status, error } = chat.getSnapshot();
    return status === 'error' && error instanceof LLMError ? [] : [`the chat is ${status}`];
  },
};
