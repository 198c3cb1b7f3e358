import { batch, storageCheckpoints, type LLMClient } from '@rivulet/core';

export async function summarise(client: LLMClient, texts: readonly string[], storage: Storage): Promise<string[]> {
  const run = batch(
    client,
    texts.map((text) => ({ prompt: `Summarise in one sentence: ${text}`, maxTokens: 200 })),
    { concurrency: 5, requestsPerMinute: 300, checkpoints: storageCheckpoints(storage) },
  );
  const results = await run.result; // in the order of the texts
  return results.map((result) =>
    result.status === 'fulfilled' ? result.value.text : `failed: ${String(result.error)}`,
  );
}
