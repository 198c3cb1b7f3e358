import {
  batch,
  CheckpointError,
  LLMClient,
  memoryCheckpoints,
  storageCheckpoints,
  type CheckpointStore,
  type Completion,
  type LLMConfig,
} from '@rivulet/core';
import { scripted, type ScriptedProvider } from '@rivulet/core/scripted';
import { describe, expect, it, vi } from 'vitest';
import { hash } from '../../src/utils/hash.ts';
import { failureOf, readAll } from '../support/client.ts';

function model(): ScriptedProvider {
  let turn = 0;
  return scripted(() => ({ text: `answer ${(turn += 1)}`, usage: { totalTokens: 3 } }));
}

function clientOf(provider: ScriptedProvider, config: Partial<LLMConfig> = {}): LLMClient {
  return new LLMClient({ provider, model: 'model-1', ...config });
}

async function textsOf(work: Promise<readonly { value?: Completion }[]>): Promise<unknown[]> {
  return (await work).map(({ value }) => value?.text);
}

/** A Web Storage that holds so many characters. */
function storageOf(room = Infinity): Storage {
  const kept = new Map<string, string>();
  const used = (): number => [...kept].flat().join('').length;
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem(key, value) {
      if (used() + key.length + value.length > room) throw new DOMException('Full', 'QuotaExceededError');
      kept.set(key, value);
    },
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

describe.each<[string, () => CheckpointStore]>([
  ['memory', memoryCheckpoints],
  ['Web Storage', () => storageCheckpoints(storageOf())],
])('checkpoints in %s', (_, create) => {
  it('give the answers of a batch that was done before, and nothing is paid for twice', async () => {
    const checkpoints = create();
    const provider = model();
    const first = await batch(clientOf(provider), ['a', 'b', 'c'], { checkpoints }).result;
    const second = await batch(clientOf(provider), ['a', 'b', 'c'], { checkpoints }).result;

    expect(second).toEqual(first);
    expect(provider.requests).toHaveLength(3);
  });

  it('let a batch that was stopped go on where it stopped', async () => {
    const checkpoints = create();
    const provider = model();
    const prompts = ['a', 'b', 'c', 'd', 'e'];
    const before: (number | undefined)[] = [];
    for await (const { index } of batch(clientOf(provider), prompts, { checkpoints, concurrency: 1 })) {
      before.push(index);
      if (index === 2) break;
    }
    const asked = provider.requests.length;

    const results = await batch(clientOf(provider), prompts, { checkpoints, concurrency: 1 }).result;

    expect(results).toHaveLength(5);
    expect(asked).toBeLessThanOrEqual(4);
    expect(await textsOf(Promise.resolve(results.slice(0, 3) as { value?: Completion }[]))).toEqual([
      'answer 1',
      'answer 2',
      'answer 3',
    ]);
    expect(provider.requests.length - asked).toBeLessThanOrEqual(2);
  });

  it('forget all when they are cleared', async () => {
    const checkpoints = create();
    const provider = model();
    await batch(clientOf(provider), ['a'], { checkpoints }).result;
    await checkpoints.clear();
    await batch(clientOf(provider), ['a'], { checkpoints }).result;

    expect(provider.requests).toHaveLength(2);
  });
});

describe('a checkpoint', () => {
  it('is for the same request of the same client only', async () => {
    const checkpoints = memoryCheckpoints();
    const provider = model();
    const ask = (config: Partial<LLMConfig>, prompt: string) =>
      textsOf(batch(clientOf(provider, config), [prompt], { checkpoints }).result as Promise<{ value?: Completion }[]>);

    expect(await ask({}, 'a')).toEqual(['answer 1']);
    expect(await ask({ temperature: 0 }, 'a')).toEqual(['answer 2']);
    expect(await ask({ model: 'model-2' }, 'a')).toEqual(['answer 3']);
    expect(await ask({ system: 'Be brief' }, 'a')).toEqual(['answer 4']);
    expect(await ask({}, 'b')).toEqual(['answer 5']);
    expect(await ask({ retry: false, timeout: { idleMs: 1000 } }, 'a')).toEqual(['answer 1']);
  });

  it('does not depend on how a request is written', async () => {
    const checkpoints = memoryCheckpoints();
    const provider = model();
    const requests = [
      [{ prompt: 'a', temperature: 0, model: 'model-1' }],
      [{ temperature: 0, prompt: 'a', system: undefined }],
      ['a'],
    ];
    for (const [index, list] of requests.entries()) {
      await batch(clientOf(provider, index === 2 ? { temperature: 0 } : {}), list, { checkpoints }).result;
    }

    expect(provider.requests).toHaveLength(1);
  });

  it('is kept for each of several equal requests', async () => {
    const checkpoints = memoryCheckpoints();
    const provider = model();
    const ask = () =>
      textsOf(batch(clientOf(provider), ['a', 'a', 'a'], { checkpoints, concurrency: 1 }).result as never);

    expect(await ask()).toEqual(['answer 1', 'answer 2', 'answer 3']);
    expect(await ask()).toEqual(['answer 1', 'answer 2', 'answer 3']);
  });

  it('is not kept for a failure', async () => {
    const checkpoints = memoryCheckpoints();
    let calls = 0;
    const provider = scripted(() => {
      calls += 1;
      if (calls === 1) throw new Error('Oops');
      return 'Hi';
    });
    const [first] = await batch(clientOf(provider), ['a'], { checkpoints }).result;
    const [second] = await batch(clientOf(provider), ['a'], { checkpoints }).result;

    expect([first?.status, second?.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('may be kept anywhere that takes its time', async () => {
    const kept = new Map<string, Completion>();
    const checkpoints: CheckpointStore = {
      get: (key) => Promise.resolve(kept.get(key) ?? null),
      set: async (key, value) => void kept.set(key, value),
      clear: async () => kept.clear(),
    };
    const provider = model();
    await batch(clientOf(provider), ['a'], { checkpoints }).result;
    await batch(clientOf(provider), ['a'], { checkpoints }).result;

    expect(provider.requests).toHaveLength(1);
  });
});

describe('a storage that is full', () => {
  it('ends the batch, and loses no answer that was paid for', async () => {
    const provider = model();
    const checkpoints = storageCheckpoints(storageOf(20));
    const error = await failureOf(batch(clientOf(provider), ['a', 'b', 'c'], { checkpoints, concurrency: 1 }).result);

    expect(error).toMatchObject({
      name: 'BatchError',
      cause: { name: 'CheckpointError', operation: 'set', index: 0, cause: { name: 'QuotaExceededError' } },
      results: [{ index: 0, value: { text: 'answer 1' } }],
    });
    expect((error as Error).cause).toBeInstanceOf(CheckpointError);
  });

  it('is reported to the listener, and the batch goes on', async () => {
    const onCheckpointError = vi.fn<(error: CheckpointError) => void>();
    const checkpoints = storageCheckpoints(storageOf(20));
    const run = batch(clientOf(model()), ['a', 'b'], { checkpoints, onCheckpointError, concurrency: 1 });
    const { items } = await readAll(run);

    expect(items.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(onCheckpointError.mock.calls.map(([{ operation, index }]) => [operation, index])).toEqual([
      ['set', 0],
      ['set', 1],
    ]);
  });
});

describe('a checkpoint that cannot be read', () => {
  /** A store whose records are JSON that a test can change. */
  function jsonStore(): { checkpoints: CheckpointStore; kept: Map<string, string> } {
    const kept = new Map<string, string>();
    const checkpoints: CheckpointStore = {
      get: (key): unknown => JSON.parse(kept.get(key) ?? 'null'),
      set: (key, value) => void kept.set(key, JSON.stringify(value)),
      clear: () => kept.clear(),
    };
    return { checkpoints, kept };
  }

  type Change = (json: string) => string;

  function edited(edit: (record: Record<string, unknown>) => unknown): Change {
    return (json) => JSON.stringify(edit(JSON.parse(json) as Record<string, unknown>));
  }

  function withMessage(message: Record<string, unknown>): Change {
    return edited((record) => ({ ...record, message: { ...(record['message'] as object), ...message } }));
  }

  it.each<[string, Change]>([
    ['an empty object', () => '{}'],
    ['a number', () => '5'],
    ['a boolean', () => 'false'],
    ['text', () => '"answer"'],
    ['a list', (json) => `[${json}]`],
    ['half an answer', () => '{"text":"half"}'],
    ['JSON cut short', (json) => json.slice(0, -4)],
    ['nothing but blanks', () => '  '],
    ['a version that no version of Rivulet has', edited((record) => ({ ...record, version: 0.5 }))],
    ['a version that is text', edited((record) => ({ ...record, version: '1' }))],
    ['the answer to another request', edited((record) => ({ ...record, key: '0'.repeat(32) }))],
    ['no message', edited(({ message: _, ...record }) => record)],
    ['a message of a user', withMessage({ role: 'user' })],
    ['a message without an id', withMessage({ id: 5 })],
    ['a message whose parts are text', withMessage({ parts: 'answer 1' })],
    ['a message with a part that is null', withMessage({ parts: [null] })],
    ['a message with text that is an object', withMessage({ parts: [{ type: 'text', text: {} }] })],
    ['a message with an unknown part', withMessage({ parts: [{ type: 'hologram' }] })],
    ['a message with another text', withMessage({ parts: [{ type: 'text', text: 'other' }] })],
    ['no finish reason', edited(({ finishReason: _, ...record }) => record)],
    ['an answer that was stopped', edited((record) => ({ ...record, finishReason: 'aborted' }))],
    ['text that is a number', edited((record) => ({ ...record, text: 1 }))],
  ])('is asked for again, alone, and reported: %s', async (_, change) => {
    const { checkpoints, kept } = jsonStore();
    const provider = model();
    const onCheckpointError = vi.fn<(error: CheckpointError) => void>();
    const ask = () =>
      batch(clientOf(provider), ['a', 'b', 'c'], { checkpoints, onCheckpointError, concurrency: 1 }).result;
    await ask();
    const broken = [...kept.keys()][1]!;
    kept.set(broken, change(kept.get(broken)!));

    const results = await ask();

    expect(await textsOf(Promise.resolve(results as { value?: Completion }[]))).toEqual([
      'answer 1',
      'answer 4',
      'answer 3',
    ]);
    expect(onCheckpointError.mock.calls.map(([{ operation, index }]) => [operation, index])).toEqual([['get', 1]]);
    expect(await ask()).toEqual(results);
    expect(provider.requests).toHaveLength(4);
  });

  it('is asked for and reported, but not overwritten, if a newer version wrote it', async () => {
    const { checkpoints, kept } = jsonStore();
    const onCheckpointError = vi.fn<(error: CheckpointError) => void>();
    const ask = () => batch(clientOf(model()), ['a'], { checkpoints, onCheckpointError }).result;
    await ask();
    const [key = '', json = ''] = [...kept][0] ?? [];
    const newer = edited((record) => ({ ...record, version: 2, answer: 'in another form' }))(json);
    kept.set(key, newer);

    expect(await textsOf(ask() as Promise<readonly { value?: Completion }[]>)).toEqual(['answer 1']);
    expect(onCheckpointError.mock.calls.map(([{ message }]) => message)).toEqual([
      expect.stringContaining('a newer version of Rivulet wrote it'),
    ]);
    expect(kept.get(key)).toBe(newer);
  });

  it.each<[string, Change]>([
    ['usage', edited((record) => ({ ...record, usage: 'much' }))],
    ['model', edited((record) => ({ ...record, model: {} }))],
    ['metadata of the message', withMessage({ metadata: [] })],
    ['no version, as in records written before there was one', edited(({ version: _, key: __, ...record }) => record)],
  ])('is not one with wrong secondary values: %s', async (_, change) => {
    const { checkpoints, kept } = jsonStore();
    const provider = model();
    await batch(clientOf(provider), ['a'], { checkpoints }).result;
    for (const [key, json] of kept) kept.set(key, change(json));

    expect(await textsOf(batch(clientOf(provider), ['a'], { checkpoints }).result as never)).toEqual(['answer 1']);
    expect(provider.requests).toHaveLength(1);
  });

  it('is kept until its replacement is written', async () => {
    const { checkpoints, kept } = jsonStore();
    await batch(clientOf(model()), ['a'], { checkpoints }).result;
    const [key] = kept.keys();
    kept.set(key!, '{"text":"half"}');
    const seen: unknown[] = [];
    const failing = scripted(() => {
      seen.push(kept.get(key!));
      throw new Error('Down');
    });
    await batch(clientOf(failing), ['a'], { checkpoints }).result;

    expect(seen).toEqual(['{"text":"half"}']);
    expect(kept.get(key!)).toBe('{"text":"half"}');
  });

  it('fails no item without a listener, with one that throws, or with a store that is down', async () => {
    const provider = model();
    const checkpoints: CheckpointStore = {
      ...memoryCheckpoints(),
      get() {
        throw Object.create(null);
      },
    };
    const results = await batch(clientOf(provider), ['a', 'b'], { checkpoints }).result;

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(provider.requests).toHaveLength(2);
  });

  it('is given up on after 30 s in a store that never answers', async () => {
    vi.useFakeTimers();
    const onCheckpointError = vi.fn<(error: CheckpointError) => void>();
    const never = new Promise<never>(() => undefined);
    const checkpoints: CheckpointStore = { get: () => never, set: () => never, clear: () => undefined };
    const { result } = batch(clientOf(model()), ['a'], { checkpoints, onCheckpointError });
    await vi.advanceTimersByTimeAsync(60_100);
    vi.useRealTimers();

    expect(await result).toMatchObject([{ status: 'fulfilled' }]);
    expect(onCheckpointError.mock.calls.map(([{ operation }]) => operation)).toEqual(['get', 'set']);
  });
});

describe('two batches with one store at the same time', () => {
  it.each<[string, () => () => CheckpointStore]>([
    [
      'one store object',
      () => {
        const store = memoryCheckpoints();
        return () => store;
      },
    ],
    [
      'one Web Storage and prefix',
      () => {
        const storage = storageOf();
        return () => storageCheckpoints(storage);
      },
    ],
  ])('send each request once: %s', async (_, create) => {
    const store = create();
    const provider = model();
    const prompts = Array.from({ length: 40 }, (_, index) => `q${index}`);
    const [first, second] = await Promise.all([
      batch(clientOf(provider), prompts, { checkpoints: store() }).result,
      batch(clientOf(provider), prompts.toReversed(), { checkpoints: store() }).result,
    ]);

    expect(provider.requests).toHaveLength(40);
    expect(second.map((result) => result.status === 'fulfilled' && result.value.text)).toEqual(
      first.map((result) => result.status === 'fulfilled' && result.value.text).toReversed(),
    );
  });

  it('let the second one ask when the first one is stopped', async () => {
    const checkpoints = memoryCheckpoints();
    const hanging = clientOf(scripted(() => new Promise<string>(() => undefined)));
    const first = batch(hanging, ['a'], { checkpoints });
    const failure = failureOf(first.result);
    const provider = model();
    const { result } = batch(clientOf(provider), ['a'], { checkpoints });
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    expect(provider.requests).toHaveLength(0);
    first.abort();

    expect(await result).toMatchObject([{ status: 'fulfilled' }]);
    await failure;
  });
});

describe('checkpointFinishReasons', () => {
  function cutOnce(): ScriptedProvider {
    let turn = 0;
    return scripted(() => ({ text: `answer ${(turn += 1)}`, finishReason: turn === 1 ? 'length' : 'stop' }));
  }

  it('asks again for an answer that ended for another reason', async () => {
    const checkpoints = memoryCheckpoints();
    const provider = cutOnce();
    const ask = () =>
      textsOf(batch(clientOf(provider), ['a'], { checkpoints, checkpointFinishReasons: ['stop'] }).result as never);

    expect(await ask()).toEqual(['answer 1']);
    expect(await ask()).toEqual(['answer 2']);
    expect(await ask()).toEqual(['answer 2']);
  });

  it('holds for answers that were stored without it', async () => {
    const checkpoints = memoryCheckpoints();
    const provider = cutOnce();
    await batch(clientOf(provider), ['a'], { checkpoints }).result;
    await batch(clientOf(provider), ['a'], { checkpoints }).result;
    expect(provider.requests).toHaveLength(1);
    await batch(clientOf(provider), ['a'], { checkpoints, checkpointFinishReasons: ['stop'] }).result;

    expect(provider.requests).toHaveLength(2);
  });
});

it('stores the error of a tool call with invalid arguments as data', async () => {
  const storage = storageOf();
  const provider = scripted({
    toolCalls: [{ id: 'c1', name: 'find', rawInput: '{"half' }],
    finishReason: 'tool-calls',
  });
  const ask = () => batch(clientOf(provider), ['a'], { checkpoints: storageCheckpoints(storage) }).result;
  const [first] = await ask();
  const [second] = await ask();

  expect(provider.requests).toHaveLength(1);
  const [before, after] = [first, second].map((result) => result?.status === 'fulfilled' && result.value.toolCalls[0]);
  expect(before).toMatchObject({ error: { code: 'parse' } });
  expect(after).toMatchObject({ error: { code: 'parse', message: (before as { error: Error }).error.message } });
});

it('clears no more of a Web Storage than what it put there', async () => {
  const storage = storageOf();
  storage.setItem('theme', 'dark');
  await batch(clientOf(model()), ['a', 'b'], { checkpoints: storageCheckpoints(storage, 'mine:') }).result;
  expect(storage.length).toBe(3);
  await storageCheckpoints(storage, 'other:').clear();
  expect(storage.length).toBe(3);
  await storageCheckpoints(storage, 'mine:').clear();

  expect(storage.key(0)).toBe('theme');
  expect(storage.length).toBe(1);
});

describe('the hash of a request', () => {
  // Published test vectors of MurmurHash3 (x86, 128 bits), and its lengths around a block.
  it.each([
    ['', '00000000000000000000000000000000'],
    ['The quick brown fox jumps over the lazy dog', '2f1583c3ecee2c675d7bf66ce5e91d2c'],
    ['I will not buy this record, it is scratched.', 'a0a9683b25ac5e40d9af2895890dddf5'],
  ])('of %j', (text, expected) => {
    expect(hash(text)).toBe(expected);
  });

  it('tells a hundred thousand similar texts apart', () => {
    const hashes = new Set(Array.from({ length: 100_000 }, (_, index) => hash(`Translate line ${index} é`)));

    expect(hashes.size).toBe(100_000);
  });
});
