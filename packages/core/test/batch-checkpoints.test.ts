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
import { hash } from '../src/hash.ts';
import { failureOf, readAll } from './support/client.ts';

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

  it('is told to who wants to know, and the batch goes on', async () => {
    const onCheckpointError = vi.fn<(error: CheckpointError) => void>();
    const checkpoints = storageCheckpoints(storageOf(20));
    const { items } = await readAll(batch(clientOf(model()), ['a', 'b'], { checkpoints, onCheckpointError }));

    expect(items.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(onCheckpointError.mock.calls.map(([{ operation, index }]) => [operation, index])).toEqual([
      ['set', 0],
      ['set', 1],
    ]);
  });
});

describe('a checkpoint that cannot be read', () => {
  const broken: CheckpointStore = { ...memoryCheckpoints(), get: () => JSON.parse('{"half') as Completion };

  it('ends the batch before anything is paid for', async () => {
    const provider = model();
    const error = await failureOf(batch(clientOf(provider), ['a'], { checkpoints: broken }).result);

    expect(error).toMatchObject({ name: 'BatchError', cause: { name: 'CheckpointError', operation: 'get' } });
    expect(provider.requests).toHaveLength(0);
  });

  it('is asked for again where that is wanted', async () => {
    const options = { checkpoints: broken, onCheckpointError: vi.fn() };

    expect(await batch(clientOf(model()), ['a'], options).result).toMatchObject([{ status: 'fulfilled' }]);
  });
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
