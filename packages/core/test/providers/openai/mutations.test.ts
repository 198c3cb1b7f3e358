import { LLMClient, type Completion, type StreamEvent } from '@rivulet/core';
import { assert as check, asyncProperty, constantFrom, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answering } from '../../support/client.ts';
import { completions, local, responses, type SampleWire } from '../../support/sample-answers.ts';
import {
  createRandom,
  mutateSome,
  pollution,
  problemsOfCompletion,
  problemsOfEvents,
  type Json,
} from '../../support/well-formed-answer.ts';

async function read(
  { provider, toBody }: SampleWire,
  frames: readonly Json[],
): Promise<{ problems: string[]; isDone: boolean }> {
  const client = new LLMClient({ provider, model: 'model-1', retry: false, fetch: answering(toBody(frames)) });
  const run = client.stream('hello');
  const events: StreamEvent[] = [];
  const outcome: unknown = await (async () => {
    for await (const event of run) events.push(event);
    return run.result;
  })().catch((error: unknown) => error);
  const problems = problemsOfEvents(events);
  if (!(outcome instanceof Error)) return { problems: [...problems, ...problemsOfCompletion(outcome)], isDone: true };
  const { code, partial, stack } = outcome as Error & { code?: string; partial?: Completion };
  // A connection that failed would be an error that no decoder meant.
  if (!['parse', 'truncated', 'server', 'invalid_request'].includes(code ?? '')) problems.push(`${code} ${stack}`);
  if (partial) problems.push(...problemsOfCompletion(partial, true));
  return { problems, isDone: false };
}

describe.each([
  ['Chat Completions', completions],
  ['Responses', responses],
  ['Ollama', local],
])('an answer of %s', (_, sample) => {
  it('is complete as it is', async () => {
    for (const frames of sample.answers) {
      expect(await read(sample, frames)).toEqual({ problems: [], isDone: true });
    }
  });

  it('with values of other types is well formed, or an error', async () => {
    await check(
      asyncProperty(constantFrom(...sample.answers), integer(), async (frames, seed) => {
        const mutated = mutateSome(frames, createRandom(seed));

        expect((await read(sample, mutated)).problems, JSON.stringify(mutated)).toEqual([]);
        expect(pollution()).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
