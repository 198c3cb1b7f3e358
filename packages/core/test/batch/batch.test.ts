import {
  batch,
  LLMClient,
  LLMError,
  OverloadedError,
  RateLimitError,
  ServerError,
  type BatchOptions,
  type Completion,
  type LLMConfig,
} from '@rivulet/core';
import { scripted, type ScriptedAnswer } from '@rivulet/core/scripted';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf, readAll, settled } from '../support/client.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Lets time pass, and what happens in it happen. */
async function pass(ms: number, stepMs = 10): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await settled();
    await vi.advanceTimersByTimeAsync(Math.min(stepMs, left));
  }
  await settled();
}

interface Sent {
  readonly prompt: string;
  readonly atMs: number;
}

/** A client whose model answers 100 ms after it was asked, by `reply`, and notes what it was asked and when. */
function clientBy(
  reply: (prompt: string, turn: number) => ScriptedAnswer | Error,
  config: Partial<LLMConfig> = {},
): { client: LLMClient; sent: Sent[]; most: () => number } {
  const sent: Sent[] = [];
  const startMs = performance.now();
  let active = 0;
  let most = 0;
  const provider = scripted(async ({ messages }) => {
    const prompt = JSON.stringify(messages).match(/q\d+/)?.[0] ?? '';
    const turn = sent.push({ prompt, atMs: performance.now() - startMs });
    active += 1;
    most = Math.max(most, active);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    active -= 1;
    const answer = reply(prompt, turn);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { client: new LLMClient({ provider, model: 'model-1', ...config }), sent, most: () => most };
}

function prompts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `q${index}`);
}

function echo(prompt: string): ScriptedAnswer {
  return { text: `to ${prompt}` };
}

function busy(retryAfterMs?: number): RateLimitError {
  return new RateLimitError('Too many', { retryAfterMs });
}

function textsOf(results: readonly { value?: Completion; error?: unknown }[]): unknown[] {
  return results.map(({ value, error }) => value?.text ?? error);
}

describe('batch', () => {
  it('gives a completion for each request, in order', async () => {
    const { client } = clientBy(echo);
    const run = batch(client, ['q0', { prompt: 'q1' }, { messages: [{ role: 'user', content: 'q2' }] }]);
    const { result } = run;
    await pass(200);

    expect(textsOf(await result)).toEqual(['to q0', 'to q1', 'to q2']);
    expect(run.getSnapshot()).toMatchObject({ done: 3, failed: 0, total: 3 });
  });

  it('gives them as they come', async () => {
    const { client } = clientBy(echo);
    const reading = readAll(batch(client, prompts(3), { concurrency: 1 }));
    await pass(400);

    expect(textsOf((await reading).items)).toEqual(['to q0', 'to q1', 'to q2']);
  });

  it('has ten requests out at most by default', async () => {
    const { client, sent, most } = clientBy(echo);
    const { result } = batch(client, prompts(35));
    await pass(600);

    await result;
    expect(sent).toHaveLength(35);
    expect(most()).toBe(10);
  });

  it('takes a request that fails as a result', async () => {
    const { client, sent } = clientBy((prompt) =>
      prompt === 'q1' ? new LLMError('No', { code: 'content' as never, isRetryable: false }) : echo(prompt),
    );
    const { result } = batch(client, prompts(3));
    await pass(200);

    expect(await result).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', error: { message: 'No' } },
      { status: 'fulfilled' },
    ]);
    expect(sent).toHaveLength(3);
  });

  it.each<[string, BatchOptions]>([
    ['requestsPerMinute', { requestsPerMinute: 0 }],
    ['tokensPerMinute', { tokensPerMinute: Number.NaN }],
    ['concurrency', { concurrency: 0 }],
    ['checkpoints', { checkpoints: {} as never }],
    ['onCheckpointError', { onCheckpointError: 'log' as never }],
    ['maxRetries', { retry: { maxRetries: -1 } }],
    ['idleMs', { timeout: { idleMs: -1 } }],
  ])('names %s when that is wrong', (name, options) => {
    const { client } = clientBy(echo);

    expect(() => batch(client, [], options)).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining(name) }),
    );
  });
});

describe('a request of a batch that fails for now', () => {
  it('is tried three times in all by default, and waits by itself', async () => {
    const { client, sent } = clientBy((prompt) => (prompt === 'q0' ? new ServerError('Broke') : echo(prompt)));
    const { result } = batch(client, prompts(5), { concurrency: 1 + 1 });
    await pass(3000);

    expect(textsOf(await result)).toEqual([expect.any(ServerError), 'to q1', 'to q2', 'to q3', 'to q4']);
    expect(sent.filter(({ prompt }) => prompt === 'q0').map(({ atMs }) => atMs)).toEqual([0, 350, 950]);
    expect(sent.filter(({ prompt }) => prompt !== 'q0').map(({ atMs }) => atMs)).toEqual([0, 100, 200, 300]);
  });

  it.each<[number, Partial<LLMConfig>, BatchOptions]>([
    [1, {}, { retry: false }],
    [1, { retry: false }, {}],
    [2, { retry: { maxRetries: 1 } }, {}],
    [5, { retry: { maxRetries: 1 } }, { retry: { maxRetries: 4 } }],
    [3, { retry: false }, { retry: {} }],
  ])('is tried as often as its options say: %i times', async (times, config, options) => {
    for (const error of [new ServerError('Broke'), busy()]) {
      const { client, sent } = clientBy(() => error, config);
      const { result } = batch(client, ['q0'], options);
      await pass(30_000, 100);

      expect(await result).toMatchObject([{ status: 'rejected' }]);
      expect(sent).toHaveLength(times);
    }
  });

  it('is tried again when its answer broke off in the middle', async () => {
    const { client } = clientBy((_, turn) =>
      turn === 1 ? { text: 'Half an', error: new LLMError('Cut', { code: 'network' }) } : { text: 'Half an hour' },
    );
    const { result } = batch(client, ['q0']);
    await pass(1000);

    expect(textsOf(await result)).toEqual(['Half an hour']);
  });
});

describe('a server that is too busy', () => {
  it('holds all requests up for the delay that it names', async () => {
    const { client, sent } = clientBy((prompt, turn) => (turn === 1 ? busy(2000) : echo(prompt)));
    const run = batch(client, prompts(12), { concurrency: 4 });
    const { result } = run;
    await pass(150);
    expect(sent).toHaveLength(4);
    expect(run.getSnapshot().pausedUntilMs).toBe(Date.now() + 1950);

    await pass(5000);

    expect(textsOf(await result)).toEqual(prompts(12).map((prompt) => `to ${prompt}`));
    expect(sent.slice(4).every(({ atMs }) => atMs >= 2100)).toBe(true);
    expect(run.getSnapshot().pausedUntilMs).toBeUndefined();
  });

  it('gets the refused request again when it is over, and others meanwhile', async () => {
    const { client, sent } = clientBy((prompt, turn) => (turn === 2 ? busy(500) : echo(prompt)));
    const { result } = batch(client, prompts(8), { concurrency: 2 });
    await pass(3000);

    await result;
    expect(sent.slice(2, 5)).toMatchObject([
      { prompt: 'q2', atMs: 100 },
      { prompt: 'q1', atMs: 600 },
      { prompt: 'q3' },
    ]);
  });

  it('sees fewer requests at a time, and then more again', async () => {
    let refused = 0;
    const { client, sent } = clientBy((prompt, turn) => {
      if (turn > 8) return echo(prompt);
      refused += 1;
      return busy(1000);
    });
    const { result } = batch(client, prompts(100), { concurrency: 8, retry: { maxRetries: 3 } });
    await pass(6000);

    await result;
    expect(refused).toBe(8);
    const times = new Map<number, number>();
    for (const { atMs } of sent) times.set(atMs, (times.get(atMs) ?? 0) + 1);
    const waves = [...times.values()];
    // The eight were sent before the first refusal was known: together they narrow the window once.
    expect(waves.slice(0, 3)).toEqual([8, 5, 6]);
    expect(waves).toContain(8);
  });

  it('sees one request at a time in the end, however often it refuses', async () => {
    let isOpen = false;
    const { client, sent } = clientBy((prompt) => (isOpen ? echo(prompt) : busy(1000)));
    const { result } = batch(client, prompts(6), { concurrency: 4, retry: { maxRetries: 20 } });
    await pass(15_000, 50);
    const [before] = [sent.length];
    await pass(2200, 50);
    expect(sent.length - before).toBe(2);
    isOpen = true;
    await pass(20_000, 50);

    expect(textsOf(await result)).toEqual(prompts(6).map((prompt) => `to ${prompt}`));
  });

  it('is backed off from when it names no delay', async () => {
    const { client, sent } = clientBy((prompt, turn) => (turn <= 2 ? new OverloadedError('Busy') : echo(prompt)));
    const { result } = batch(client, prompts(4), { concurrency: 1 });
    await pass(3000);

    expect(textsOf(await result)).toEqual(prompts(4).map((prompt) => `to ${prompt}`));
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 350, 950, 1050, 1150, 1250]);
  });

  it('costs a request no attempt as long as others get through', async () => {
    const refusals = vi.fn();
    const { client } = clientBy((prompt, turn) => (prompt === 'q0' && turn < 12 ? busy(10) : echo(prompt)));
    const { result } = batch(client, prompts(40), { concurrency: 2, retry: { onRetry: refusals } });
    await pass(6000);

    expect((await result).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(refusals.mock.calls.length).toBeGreaterThan(2);
    expect(refusals).toHaveBeenCalledWith({ attempt: 1, delayMs: expect.any(Number), error: expect.any(LLMError) });
  });

  it('is given up on for a request that is refused again and again', async () => {
    const { client, sent } = clientBy((prompt) => (prompt === 'q0' ? busy(1) : echo(prompt)));
    const { result } = batch(client, prompts(200), { concurrency: 2 });
    await pass(40_000, 50);

    expect(await result).toMatchObject([
      { status: 'rejected' },
      ...Array.from({ length: 199 }, () => ({ status: 'fulfilled' })),
    ]);
    expect(sent.filter(({ prompt }) => prompt === 'q0').length).toBeLessThanOrEqual(23);
  });

  it('is not asked again before a delay above maxDelayMs is over: requests fail with it', async () => {
    const { client, sent } = clientBy((prompt, turn) => (turn === 1 ? busy(3_600_000) : echo(prompt)));
    const { result } = batch(client, prompts(6), { concurrency: 1 });
    await pass(300);

    expect(await result).toMatchObject(
      prompts(6).map(() => ({ status: 'rejected', error: { code: 'rate_limit', retryAfterMs: 3_600_000 } })),
    );
    expect(sent).toHaveLength(1);
  });
});

describe('a pace', () => {
  it('keeps requests to so many a minute, evenly', async () => {
    const { client, sent } = clientBy(echo);
    const { result } = batch(client, prompts(10), { requestsPerMinute: 120 });
    await pass(6000);

    await result;
    const gaps = sent.slice(1).map(({ atMs }, index) => atMs - sent[index]!.atMs);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(400);
    expect(sent.at(-1)!.atMs).toBeGreaterThanOrEqual(4400);
    expect(sent.at(-1)!.atMs).toBeLessThanOrEqual(4600);
  });

  it('keeps tokens to so many a minute, and is corrected by what answers cost', async () => {
    // 600 tokens each in truth, 100 a second: one request each 6 s once the first answers are there.
    const { client, sent } = clientBy((prompt) => ({
      ...echo(prompt),
      usage: { inputTokens: 100, outputTokens: 500, totalTokens: 600 },
    }));
    const { result } = batch(client, prompts(10), { tokensPerMinute: 6000 });
    await pass(70_000, 100);

    await result;
    const spent = sent.length * 600;
    const lastMs = sent.at(-1)!.atMs;
    expect(lastMs).toBeGreaterThan(((spent - 600) / 6000) * 60_000 - 2000);
    expect(lastMs).toBeLessThan((spent / 6000) * 60_000 + 2000);
  });

  it('takes what maxTokens says as the cost of the first answers', async () => {
    const { client, sent } = clientBy(echo, { maxTokens: 1000 });
    batch(client, prompts(3), { tokensPerMinute: 60_000 });
    await pass(4000);

    expect(sent).toHaveLength(3);
    expect(sent[1]!.atMs).toBeGreaterThanOrEqual(900);
    expect(sent[1]!.atMs).toBeLessThan(1100);
  });
});

describe('a batch of requests that is stopped', () => {
  it('ends at once while requests are out, with what is done', async () => {
    const { client } = clientBy(echo);
    const run = batch(client, prompts(9), { concurrency: 2 });
    const failure = failureOf(run.result);
    await pass(150);
    run.abort('Enough');

    expect(await failure).toMatchObject({
      name: 'AbortError',
      cause: 'Enough',
      results: [{ value: { text: 'to q0' } }, { value: { text: 'to q1' } }],
    });
  });

  it.each<[string, BatchOptions, Error | undefined]>([
    ['a shared delay', {}, busy(30_000)],
    ['a back-off', {}, new ServerError('Broke')],
    ['its pace', { requestsPerMinute: 1 }, undefined],
  ])('ends at once while it waits for %s, and leaves nothing behind', async (_, options, error) => {
    const controller = new AbortController();
    const { client, sent } = clientBy((prompt) => error ?? echo(prompt));
    const run = batch(client, prompts(9), { ...options, signal: controller.signal });
    const failure = failureOf(run.result);
    await pass(120);
    const before = sent.length;
    controller.abort('Enough');

    expect(await failure).toMatchObject({ cause: 'Enough' });
    await pass(100);
    expect(vi.getTimerCount()).toBe(0);
    expect(sent).toHaveLength(before);
  });
});
