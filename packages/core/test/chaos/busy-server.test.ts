import { batch } from '@rivulet/core';
import { expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { answer } from '../support/chat-completions.ts';
import { clientOf } from '../support/client.ts';

const SERVICE_MS = 300;

it('a batch gives no request up because the answer of another one takes longer than three refusals', async () => {
  let busyUntilMs = -Infinity;
  let refused = 0;
  await using server = await startHttpServer((): Answer => {
    const now = performance.now();
    if (now < busyUntilMs) {
      refused += 1;
      return { status: 429, headers: { 'retry-after-ms': '5' }, chunks: [{ text: '{}' }] };
    }
    busyUntilMs = now + SERVICE_MS;
    return { headersDelayMs: SERVICE_MS, chunks: [{ text: answer('Hi') }] };
  });
  const client = clientOf(server.url, { retry: {} });

  const results = await batch(
    client,
    Array.from({ length: 10 }, (_, index) => `q${index}`),
  ).result;

  expect(results.map(({ status }) => status)).toEqual(results.map(() => 'fulfilled'));
  expect(refused).toBeGreaterThan(results.length);
});
