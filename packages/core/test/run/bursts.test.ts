import { LLMClient, runFrom, type Run, type StreamEvent } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { DONE, finish, text } from '../support/chat-completions.ts';
import { clientReading, streamOf } from '../support/client.ts';

const count = 30_000;
const words = Array.from({ length: count }, (_, at) => `${at} `);

async function* generate(): AsyncGenerator<StreamEvent> {
  for (const delta of words) yield { type: 'text', delta };
  yield { type: 'finish', reason: 'stop' };
}

async function* generateText(): AsyncGenerator<string> {
  yield* words;
}

describe('a burst of events lets the page have its turn', () => {
  it.each<[string, () => Run]>([
    ['in one chunk', () => clientReading([words.map(text).join('') + finish() + DONE]).stream('hello')],
    ['in a chunk each', () => clientReading([...words.map(text), finish(), DONE]).stream('hello')],
    [
      'from a model in the page',
      () => new LLMClient({ provider: { name: 'page-model', supports: { tools: false }, generate } }).stream('hello'),
    ],
    ['from an async iterable of events', () => runFrom(generate())],
    ['from an async iterable of text', () => runFrom(generateText())],
    ['from a stream of text', () => runFrom(streamOf(words))],
  ])('%s', async (_, start) => {
    const turns: { status: string; length: number }[] = [];
    const run = start();
    const timer = setInterval(() => {
      const { status, text: said } = run.getSnapshot();
      turns.push({ status, length: said.length });
    });

    const completion = await run.result;
    clearInterval(timer);

    expect(completion.text).toBe(words.join(''));
    expect(turns.filter(({ status }) => status === 'streaming').length).toBeGreaterThan(1);
    expect(turns[0]?.length).toBeLessThan(completion.text.length);
  });
});
