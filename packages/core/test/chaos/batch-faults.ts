import {
  AuthenticationError,
  batch,
  InsufficientQuotaError,
  InvalidRequestError,
  LLMClient,
  LLMError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  type BatchProgress,
  type BatchResult,
  type CheckpointStore,
  type Completion,
} from '@rivulet/core';
import { scripted, type ScriptedAnswer } from '@rivulet/core/scripted';
import { randomOf } from '../chat/model.ts';

/** Ends of a request, from the most frequent one on. */
const FATES: readonly (() => ScriptedAnswer | Error)[] = [
  () => new ServerError('Broke', { retryAfterMs: 1 }),
  () => new RateLimitError('Busy', { retryAfterMs: 2 }),
  () => new OverloadedError('Busy', { retryAfterMs: 0 }),
  () => new InvalidRequestError('No'),
  () => ({ text: 'Half', error: new LLMError('Cut', { code: 'network', retryAfterMs: 1 }) }),
  () => new NotFoundError('x: no such model or address (404): No such file'),
  () => new PermissionDeniedError('x: not allowed (403)'),
  () => new Error('Bug'),
];

/** Ends after which nothing is sent for a while, or ever. */
const FATAL: readonly (() => Error)[] = [
  () => new AuthenticationError('No'),
  () => new InsufficientQuotaError('No'),
  () => new RateLimitError('Busy', { retryAfterMs: 2 ** 33 }),
  () => new NotFoundError('x: (404): model gone'),
];

const RECORDS: readonly unknown[] = [{}, 5, 'text', [], { text: 'half' }, { version: 7 }, true, { message: null }];

/**
 * A batch with random faults of the model, the store and the caller. Returns the promises that do not hold: each item has one
 * result, in order; a fulfilled one is the whole answer to its request; the counts add up to the total in every snapshot; what
 * is unsent was never sent; nothing is sent after the end. A case depends only on its seed and on the clock.
 */
export async function playBatch(seed: number): Promise<readonly string[]> {
  const random = randomOf(seed);
  const chance = (share: number): boolean => random() < share;
  function pick<T>(list: readonly T[]): T {
    return list[Math.floor(random() * list.length)] as T;
  }
  const problems = new Set<string>();
  const prompts = Array.from({ length: Math.floor(random() * 40) }, (_, index) =>
    // Some requests are equal.
    chance(0.1) ? 'same' : `q${index}`,
  );
  const faultShare = pick([0, 0.1, 0.4, 0.8]);
  const fatalShare = pick([0, 0, 0.01, 0.1]);
  const storeShare = pick([0, 0.1, 0.5]);
  const sent = new Map<string, number>();
  let isOver = false;

  async function pause(): Promise<void> {
    if (chance(0.5)) return;
    await new Promise((resolve) => {
      setTimeout(resolve, Math.floor(random() * 3));
    });
  }

  const provider = scripted(async ({ messages }) => {
    const prompt = /q\d+|same/.exec(JSON.stringify(messages))?.[0] ?? '';
    sent.set(prompt, (sent.get(prompt) ?? 0) + 1);
    if (isOver) problems.add(`${prompt} was sent after the end`);
    await pause();
    if (chance(fatalShare)) throw pick(FATAL)();
    const fate = chance(faultShare) ? pick(FATES)() : { text: `to ${prompt}` };
    if (fate instanceof Error) throw fate;
    return fate;
  });

  const stored = new Map<string, unknown>();
  const store: CheckpointStore = {
    async get(key) {
      await pause();
      if (chance(storeShare)) throw pick([new Error('Down'), undefined, Object.create(null)]);
      return chance(storeShare) ? pick(RECORDS) : stored.get(key);
    },
    async set(key, value) {
      await pause();
      if (chance(storeShare)) throw new DOMException('Full', 'QuotaExceededError');
      stored.set(key, JSON.parse(JSON.stringify(value)));
    },
    clear: () => stored.clear(),
  };

  async function* asyncItems(): AsyncGenerator<string> {
    for (const prompt of prompts) {
      await pause();
      yield prompt;
    }
  }

  function checkProgress(progress: BatchProgress): void {
    const { done, failed, unsent, running, waiting, total } = progress;
    const isWhole = [done, failed, unsent, running, waiting ?? 0].every(
      (count) => Number.isInteger(count) && count >= 0,
    );
    const sum = done + unsent + running + (waiting ?? 0);
    if (!isWhole || failed > done || (total !== undefined && sum !== total)) {
      problems.add(`progress does not add up: ${JSON.stringify(progress)}`);
    }
  }

  function checkResult(result: BatchResult<Completion>): void {
    const prompt = prompts[result.index] ?? '';
    if (result.status === 'fulfilled') {
      const { text, finishReason, message } = result.value;
      if (text !== `to ${prompt}` || finishReason !== 'stop' || message.role !== 'assistant') {
        problems.add(`item ${result.index} is fulfilled with ${JSON.stringify(result.value)}`);
      }
    } else if (result.isUnsent && prompt !== 'same' && sent.has(prompt)) {
      problems.add(`item ${result.index} was sent, and counts as unsent`);
    } else if (!(result.error instanceof LLMError)) {
      problems.add(`item ${result.index} has the error ${String(result.error)}`);
    }
  }

  function checkErrors(results: readonly BatchResult<Completion>[]): void {
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.error] : []));
    if (new Set(errors).size < errors.length) problems.add('two items share an error');
  }

  async function play(): Promise<void> {
    sent.clear();
    isOver = false;
    const controller = new AbortController();
    const run = batch(
      new LLMClient({ provider, model: 'm', retry: { maxRetries: 1 } }),
      chance(0.3) ? asyncItems() : prompts,
      {
        concurrency: pick([1, 2, 5, 50]),
        checkpoints: chance(0.7) ? store : undefined,
        onCheckpointError: chance(0.7) ? () => undefined : undefined,
        stopOnError: chance(0.1),
        requestsPerMinute: chance(0.2) ? 1e6 : undefined,
        tokensPerMinute: chance(0.2) ? 1e9 : undefined,
        signal: controller.signal,
      },
    );
    if (chance(0.5)) run.subscribe(() => checkProgress(run.getSnapshot()));
    checkProgress(run.getSnapshot());
    const abortAfter = chance(0.3) ? Math.floor(random() * prompts.length) : undefined;
    let ended: readonly BatchResult<Completion>[];
    try {
      const all = chance(0.5) ? run.result : undefined;
      const seen: BatchResult<Completion>[] = [];
      for await (const result of run) {
        seen.push(result);
        checkProgress(run.getSnapshot());
        if (seen.length === abortAfter) controller.abort('Enough');
        if (chance(0.05)) await pause();
      }
      // oxlint-disable-next-line unicorn/no-array-sort
      ended = all ? await all : [...seen].sort((a, b) => a.index - b.index);
      if (ended.length !== prompts.length) problems.add(`${prompts.length} items have ${ended.length} results`);
    } catch (error) {
      const { name, results } = error as { name: string; results: readonly BatchResult<Completion>[] };
      if (name !== 'BatchError' && name !== 'AbortError') problems.add(`the batch ends with ${String(error)}`);
      ended = results;
    }
    isOver = true;
    checkProgress(run.getSnapshot());
    if (run.getSnapshot().running > 0) problems.add('items are at work after the end');
    for (const [at, result] of ended.entries()) {
      if (at > 0 && result.index <= (ended[at - 1]?.index ?? -1)) problems.add('results are out of order');
      checkResult(result);
    }
    checkErrors(ended);
  }

  // The second batch reads what the first one stored.
  await play();
  await play();
  await new Promise((resolve) => {
    setTimeout(resolve, 3);
  });
  return [...problems];
}
