import { batch, callWithRetry, LLMClient } from '@rivulet/core';
import { openai as rivuletOpenAI } from '@rivulet/core/openai';
import OpenAI from 'openai';
import pLimit from 'p-limit';

/** Asks for all prompts, so many at a time at most. Gives how many were answered. */
export type Contestant = (baseURL: string, prompts: readonly string[], concurrency: number) => Promise<number>;

const model = 'gpt-4o-mini';
const MANY_RETRIES = 10;

function client(baseURL: string): LLMClient {
  return new LLMClient({ provider: rivuletOpenAI({ baseURL }), model });
}

async function rivuletBatch(baseURL: string, prompts: readonly string[], concurrency: number): Promise<number> {
  let answered = 0;
  for await (const { status } of batch(client(baseURL), prompts, { concurrency })) {
    if (status === 'fulfilled') answered += 1;
  }
  return answered;
}

/** What one writes by hand: a chunk at a time, each request with its own retries. */
async function chunks(baseURL: string, prompts: readonly string[], concurrency: number): Promise<number> {
  const llm = client(baseURL);
  let answered = 0;
  for (let start = 0; start < prompts.length; start += concurrency) {
    const settled = await Promise.allSettled(
      prompts
        .slice(start, start + concurrency)
        .map((prompt) =>
          callWithRetry(({ signal }) => llm.complete(prompt, { signal, retry: false }), { maxRetries: MANY_RETRIES }),
        ),
    );
    answered += settled.filter(({ status }) => status === 'fulfilled').length;
  }
  return answered;
}

function limitedOpenAI(maxRetries: number): Contestant {
  return async (baseURL, prompts, concurrency) => {
    const peer = new OpenAI({ apiKey: 'none', baseURL, maxRetries });
    const limit = pLimit(concurrency);
    const settled = await Promise.allSettled(
      prompts.map((content) =>
        limit(() => peer.chat.completions.create({ model, messages: [{ role: 'user', content }] })),
      ),
    );
    return settled.filter(({ status }) => status === 'fulfilled').length;
  };
}

export const contestants: Readonly<Record<string, Contestant>> = {
  'rivulet batch': rivuletBatch,
  'chunks, 10 retries each': chunks,
  'p-limit + openai, 2 retries': limitedOpenAI(2),
  'p-limit + openai, 10 retries': limitedOpenAI(MANY_RETRIES),
};
