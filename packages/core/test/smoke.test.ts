import { expect, inject, it } from 'vitest';
import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';

it('streams', async () => {
  const client = new LLMClient({ provider: openai({ baseURL: `${inject('modelServerUrl')}/v1`, apiKey: 'k' }), model: 'm' });
  const run = client.stream('hello there');
  const chunks: string[] = [];
  for await (const t of run.textStream) chunks.push(t);
  const c = await run.result;
  console.log(chunks, c, run.getSnapshot());
  expect(c.text).toBe(chunks.join(''));
  for (const p of ['cut', 'weather', 'think', 'rate limit', 'nope']) {
    try { console.log(p, JSON.stringify(await client.complete(p, { retry: false }))); } catch (e) { console.log(p, e); }
  }
});
