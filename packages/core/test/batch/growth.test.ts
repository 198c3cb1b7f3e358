import { batch, batchProcess, batchRun, LLMClient, memoryCheckpoints } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { expect, it } from 'vitest';
import { createLane } from '../../src/batch/rate-limiter.ts';
import { createTokenEstimate } from '../../src/batch/token-estimate.ts';
import { failureOf } from '../support/client.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

it('processes a long list in order at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const results = await batchProcess(numbers(count), (item) => item * 2);
    expect(results).toHaveLength(count);
    expect(results.every((result, index) => result.index === index)).toBe(true);
  }, 1400);

  expect(growth).toBeLessThan(LINEAR);
});

it('reads snapshots of its progress at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const run = batchRun(numbers(count), (item) => item);
    void run.result;
    for await (const { index } of run) expect(run.getSnapshot().done).toBeGreaterThanOrEqual(index);
  }, 1400);

  expect(growth).toBeLessThan(LINEAR);
});

it('keeps results for a slow loop at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const run = batchRun(numbers(count), (item) => item, { concurrency: count });
    await run.result;
    let seen = 0;
    for await (const result of run) seen += result.status === 'fulfilled' ? 1 : 0;
    expect(seen).toBe(count);
    const slow = batchRun(numbers(count), (item) => item, { concurrency: count });
    for await (const result of slow) {
      if (result.index % 400 === 0) {
        await new Promise((resolve) => {
          setTimeout(resolve);
        });
      }
    }
  }, 1100);

  expect(growth).toBeLessThan(LINEAR);
});

it('aborts a large batch at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const run = batchRun(numbers(count), (_, { signal }) => (signal.aborted ? 0 : never()), { concurrency: count });
    const failure = failureOf(run.result);
    while (run.getSnapshot().running + run.getSnapshot().done < count) {
      await new Promise((resolve) => {
        setTimeout(resolve);
      });
    }
    run.abort();
    await failure;
  }, 900);

  expect(growth).toBeLessThan(LINEAR);
});

it('asks for many answers with checkpoints, and reads them again, at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const checkpoints = memoryCheckpoints();
    const client = new LLMClient({ provider: scripted('Hi'), model: 'm' });
    const prompts = numbers(count).map(String);
    await batch(client, prompts, { checkpoints }).result;
    const results = await batch(client, prompts, { checkpoints }).result;
    expect(results).toHaveLength(count);
  }, 140);

  expect(growth).toBeLessThan(LINEAR);
});

it('stops many requests that wait for their turn at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const client = new LLMClient({ provider: scripted('Hi'), model: 'm', retry: false });
    const run = batch(client, numbers(count).map(String), { concurrency: count, requestsPerMinute: 1e-6 });
    const failure = failureOf(run.result);
    while (run.getSnapshot().running + run.getSnapshot().done < count) {
      await new Promise((resolve) => {
        setTimeout(resolve);
      });
    }
    run.abort();
    await failure;
  }, 350);

  expect(growth).toBeLessThan(LINEAR);
});

it('lets thousands of waiting requests enter the lane at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const lane = createLane({ limit: 1, onPause: () => undefined });
    async function pass(): Promise<void> {
      // Each request of a batch has a signal of its own.
      const { signal } = new AbortController();
      const ticket = await lane.enter({ tokens: 1, model: undefined }, signal);
      await Promise.resolve();
      ticket?.succeed(1);
      ticket?.leave();
    }
    await Promise.all(numbers(count).map(async () => pass()));
  }, 350);

  expect(growth).toBeLessThan(LINEAR);
});

it('dismisses thousands of waiting requests at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const lane = createLane({ limit: 1, onPause: () => undefined });
    const first = await lane.enter({ tokens: 1, model: 'a' }, new AbortController().signal);
    const waiting = numbers(count).map((at) =>
      lane.enter({ tokens: 1, model: at % 2 ? 'a' : 'b' }, new AbortController().signal),
    );
    lane.dismiss(({ model }) => model === 'a');
    lane.dismiss(({ model }) => model === 'b');
    expect((await Promise.all(waiting)).every((ticket) => ticket === undefined)).toBe(true);
    first?.leave();
  }, 3000);

  expect(growth).toBeLessThan(LINEAR);
});

it('estimates the tokens of long messages at a linear cost', async () => {
  const growth = await growthOf(async (count) => {
    const estimate = createTokenEstimate(undefined);
    const messages = numbers(count).map((at) => ({ role: 'user' as const, content: `${at} ${'word '.repeat(40)}` }));
    expect(estimate.of({ messages })).toBeGreaterThan(count * 50);
  }, 1400);

  expect(growth).toBeLessThan(LINEAR);
});

it('waits for a pace of less than one request in 25 days without sending early', async () => {
  const provider = scripted('Hi');
  const run = batch(new LLMClient({ provider, model: 'm' }), ['a', 'b', 'c'], { requestsPerMinute: 1e-9 });
  const failure = failureOf(run.result);
  while (run.getSnapshot().done === 0) {
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
  }
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  expect(provider.requests).toHaveLength(1);
  run.abort();
  await failure;
});
