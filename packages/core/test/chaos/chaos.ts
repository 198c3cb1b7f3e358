import { LLMock } from '@copilotkit/aimock';
import { batch, LLMClient, LLMError } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { startFaultServer, type Fate } from './fault-server.ts';

/** One request is tried three times. */
const ATTEMPTS = 3;

export interface ChaosReport {
  readonly seed: number;
  /** What is wrong, in words; nothing if all is well. */
  readonly problems: readonly string[];
  readonly fulfilled: number;
  readonly rejected: number;
  /** How many requests met which fate. */
  readonly fates: Readonly<Partial<Record<Fate, number>>>;
  readonly seconds: number;
}

/** The seed in `CHAOS_SEED`, or a new one. */
export function chaosSeed(): number {
  return Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1e9));
}

/** Asks for many answers through a server that has faults, and says what went wrong with the batch. */
export async function chaos(items: number, seed: number, concurrency = 10): Promise<ChaosReport> {
  const model = new LLMock({ host: '127.0.0.1', port: 0, chunkSize: 6, journalMaxEntries: 1 });
  model.onMessage(/./, ({ messages }) => ({ content: answerTo(messages.at(-1)?.content as string) }));
  const modelURL = await model.start();
  try {
    await using server = await startFaultServer(modelURL, seed);
    const problems: string[] = [];
    let quietUntilMs = -Infinity;
    let out = 0;

    /** The batch calls `complete` for each request that it lets through. */
    class WatchedClient extends LLMClient {
      override async complete(...request: Parameters<LLMClient['complete']>): ReturnType<LLMClient['complete']> {
        const earlyMs = quietUntilMs - performance.now();
        if (earlyMs > 0) problems.push(`A request was sent ${earlyMs.toFixed(2)} ms before the end of a delay`);
        try {
          return await super.complete(...request);
        } catch (error) {
          const delayMs = error instanceof LLMError ? error.retryAfterMs : undefined;
          if (delayMs !== undefined) startQuiet(performance.now() + delayMs);
          throw error;
        }
      }
    }

    /** Requests that the batch has let through in the same task, before it has the error, are still sent. */
    function startQuiet(untilMs: number): void {
      setImmediate(() => {
        quietUntilMs = Math.max(quietUntilMs, untilMs);
      });
    }

    const client = new WatchedClient({
      provider: openai({ baseURL: `${server.url}/v1` }),
      model: 'model-1',
      async fetch(...request) {
        if ((out += 1) > concurrency) problems.push(`${out} requests were out at once`);
        try {
          return await fetch(...request);
        } finally {
          out -= 1;
        }
      },
    });
    const prompts = Array.from({ length: items }, (_, index) => `Question ${index}`);
    const startMs = performance.now();

    const results = await batch(client, prompts, { concurrency }).result;

    const seconds = (performance.now() - startMs) / 1000;
    if (results.length !== items) problems.push(`${results.length} of ${items} items have a result`);
    let rejected = 0;
    for (const [place, result] of results.entries()) {
      const prompt = prompts[place] ?? '';
      const fates = server.fates.get(prompt) ?? [];
      const told = `${prompt} (${fates.join(', ')})`;
      if (result.index !== place) problems.push(`The result at ${place} is that of item ${result.index}`);
      if (fates.indexOf('answered') < fates.length - 1 && fates.includes('answered')) {
        problems.push(`${told} was asked again after its answer`);
      }
      if (result.status === 'fulfilled') {
        if (fates.at(-1) !== 'answered') problems.push(`${told} has an answer that nobody gave`);
        if (result.value.text !== answerTo(prompt)) problems.push(`${told} has the wrong answer: ${result.value.text}`);
        continue;
      }
      rejected += 1;
      const { error } = result;
      if (!(error instanceof LLMError) || !error.isRetryable) problems.push(`${told} failed with ${String(error)}`);
      else if (!answerTo(prompt).startsWith(error.partial?.text ?? '?')) problems.push(`${told} has a false partial`);
      if (fates.includes('answered') || fates.length < ATTEMPTS) problems.push(`${told} was given up too early`);
    }
    const counts: Partial<Record<Fate, number>> = {};
    for (const fate of [...server.fates.values()].flat()) counts[fate] = (counts[fate] ?? 0) + 1;
    return { seed, problems, fulfilled: results.length - rejected, rejected, fates: counts, seconds };
  } finally {
    await model.stop();
  }
}

function answerTo(prompt: string): string {
  return `This is the answer to "${prompt}", and to nothing else: ${prompt.toUpperCase()}.`;
}
