import { batch, LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { answer } from '../support/chat-completions.ts';
import { readAll } from '../support/client.ts';

const SERVICE_MS = 30;

/** A bucket that holds `burst`, and gets `perSecond` more each second. */
function tokenBucket(perSecond: number, burst: number): { take: () => number; startMs: number } {
  const startMs = performance.now();
  let level = burst;
  let lastMs = startMs;
  return {
    startMs,
    /** 0, or how long to wait for the next one, in ms. */
    take() {
      const now = performance.now();
      level = Math.min(burst, level + ((now - lastMs) * perSecond) / 1000);
      lastMs = now;
      if (level < 1) return Math.ceil(((1 - level) * 1000) / perSecond);
      level -= 1;
      return 0;
    },
  };
}

it('gets every answer out of a server with a strict limit, which it is not told, and wastes little', async () => {
  const bucket = tokenBucket(200, 20);
  let refused = 0;
  let given = 0;
  await using server = await startHttpServer((): Answer => {
    const waitMs = bucket.take();
    if (waitMs > 0) {
      refused += 1;
      return { status: 429, headers: { 'retry-after-ms': String(waitMs) }, chunks: [{ text: '{}' }] };
    }
    given += 1;
    return { headersDelayMs: SERVICE_MS, chunks: [{ text: answer('Hi') }] };
  });
  const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'model-1' });

  const { items } = await readAll(
    batch(
      client,
      Array.from({ length: 400 }, (_, index) => `q${index}`),
    ),
  );
  const seconds = (performance.now() - bucket.startMs) / 1000;

  expect(items.filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(new Set(items.map(({ index }) => index)).size).toBe(400);
  expect(given).toBe(400);
  expect(given).toBeLessThanOrEqual(seconds * 200 + 20);
  expect(refused / server.requests.length).toBeLessThan(0.15);
});

it('keeps to a limit that it is told: nothing is refused', async () => {
  // What a busy machine sends late comes at once.
  const bucket = tokenBucket(100, 25);
  let refused = 0;
  await using server = await startHttpServer((): Answer => {
    if (bucket.take() === 0) return { headersDelayMs: SERVICE_MS, chunks: [{ text: answer('Hi') }] };
    refused += 1;
    return { status: 429, headers: { 'retry-after-ms': '20' } };
  });
  const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'model-1' });

  const requests = Array.from({ length: 100 }, (_, index) => `q${index}`);
  const { items } = await readAll(batch(client, requests, { requestsPerMinute: 5400 }));

  expect(items.filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(refused / server.requests.length).toBeLessThan(0.02);
});

it('sends nothing between a refusal and the end of the delay that it named', async () => {
  let untilMs = 0;
  let early = 0;
  let turn = 0;
  await using server = await startHttpServer((): Answer => {
    turn += 1;
    return turn % 7 === 0
      ? { status: 429, headers: { 'retry-after-ms': '25' }, chunks: [{ text: '{}' }] }
      : { headersDelayMs: 5, chunks: [{ text: answer('Hi') }] };
  });
  const client = new LLMClient({
    provider: openai({ baseURL: server.url }),
    model: 'model-1',
    fetch: async (...request) => {
      if (performance.now() < untilMs) early += 1;
      const response = await fetch(...request);
      if (response.status === 429) untilMs = Math.max(untilMs, performance.now() + 25);
      return response;
    },
  });

  const { items } = await readAll(
    batch(
      client,
      Array.from({ length: 100 }, (_, index) => `q${index}`),
    ),
  );

  expect(items.filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(early).toBe(0);
});

it('settles each request once, in order, through refusals, failures and cut connections', async () => {
  let turn = 0;
  const answered = new Map<string, number>();
  await using server = await startHttpServer(({ body }): Answer => {
    // Of 20 requests, four are refused, two fail and one is cut, spread by a stride.
    const fate = ((turn += 1) * 7) % 20;
    if (fate < 4) return { status: 429, headers: { 'retry-after-ms': '20' }, chunks: [{ text: '{}' }] };
    if (fate < 6) return { status: 500, chunks: [{ text: '{}' }] };
    if (fate < 7) return { end: 'destroy' };
    const asked = /q\d+/.exec(body)?.[0] ?? '';
    answered.set(asked, (answered.get(asked) ?? 0) + 1);
    return { headersDelayMs: 5, chunks: [{ text: answer(`to ${asked}`) }] };
  });
  const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'model-1' });
  const requests = Array.from({ length: 100 }, (_, index) => `q${index}`);

  const results = await batch(client, requests).result;

  expect(results.map(({ index }) => index)).toEqual(requests.map((_, index) => index));
  for (const result of results) {
    if (result.status === 'fulfilled') expect(result.value.text).toBe(`to q${result.index}`);
    else expect(result.error).toMatchObject({ isRetryable: true });
  }
  expect(results.filter(({ status }) => status === 'rejected').length).toBeLessThan(5);
  expect([...answered.values()].every((times) => times === 1)).toBe(true);
});
