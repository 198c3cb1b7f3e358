import { LLMClient, type LLMConfig, type Run } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { afterEach, describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { answer, DONE, finish, text } from '../support/chat-completions.ts';

let url: string | undefined;

afterEach(async () => {
  if (url) await commands.closeServer(url);
  url = undefined;
});

async function clientOf(script: Parameters<typeof commands.serve>[0]): Promise<LLMClient> {
  url = await commands.serve(script);
  return new LLMClient({ provider: openai({ baseURL: url }), model: 'model-1' });
}

/** A client whose answer has these events in one network chunk, or one event in each of as many chunks. */
function clientWithBurst(events: number, chunks: 'one' | 'many'): LLMClient {
  const frames = Array.from({ length: events }, (_, at) => text(`${at} `));
  const pieces = chunks === 'one' ? [frames.join('') + finish() + DONE] : [...frames, finish(), DONE];
  const fetch: LLMConfig['fetch'] = () =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          start(controller) {
            for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
            controller.close();
          },
        }),
      ),
    );
  return new LLMClient({ provider: openai({ baseURL: '/' }), model: 'model-1', fetch });
}

/** Counts the frames of the page until the work is done. */
async function framesDuring(work: Promise<unknown>): Promise<number> {
  let frames = 0;
  let isOver = false;
  requestAnimationFrame(function count() {
    frames += 1;
    if (!isOver) requestAnimationFrame(count);
  });
  await work;
  isOver = true;
  return frames;
}

/** The statuses and lengths of text that a listener sees. */
function watch(run: Run): { status: string; length: number }[] {
  const seen: { status: string; length: number }[] = [];
  run.subscribe(() => {
    const { status, text: said } = run.getSnapshot();
    seen.push({ status, length: said.length });
  });
  return seen;
}

describe('in a page', () => {
  it('an answer arrives over HTTP from another origin', async () => {
    const client = await clientOf({ chunks: [{ text: answer('Grüße ', '👋') }] });

    expect((await client.complete('hello')).text).toBe('Grüße 👋');
    expect(await commands.requests(url!)).toMatchObject([{ method: 'POST', path: '/chat/completions' }]);
  });

  it('the request has no headers that a server would have to allow, but for the content type', async () => {
    const client = await clientOf({ chunks: [{ text: answer('Hi') }] });
    await client.complete('hello');

    const [request] = await commands.requests(url!);

    expect(Object.keys(request!.headers).filter((name) => /^(x-|authorization)/.test(name))).toEqual([]);
  });

  it('the first content is told at once, and then at most one change a frame', async () => {
    const chunks = Array.from({ length: 60 }, (_, at) => ({ text: text(`${at} `), delayMs: 4 }));
    const client = await clientOf({ chunks: [...chunks, { text: finish() + DONE }] });
    const run = client.stream('hello');
    const seen = watch(run);

    const frames = await framesDuring(run.result);

    expect(seen[0]?.status).toBe('streaming');
    expect(seen.at(-1)?.status).toBe('ready');
    expect(seen.at(-1)?.length).toBe(Array.from({ length: 60 }, (_, at) => `${at} `).join('').length);
    // Besides one a frame: the first content, and the end.
    expect(seen.length).toBeLessThanOrEqual(frames + 2);
    expect(seen.length).toBeGreaterThan(3);
  });

  it('the end is told before the result resolves', async () => {
    const client = await clientOf({ chunks: [{ text: answer('Hi') }] });
    const run = client.stream('hello');
    const seen = watch(run);

    await run.result;

    expect(seen.at(-1)).toEqual({ status: 'ready', length: 2 });
  });

  it.each(['one', 'many'] as const)(
    'a burst of 30,000 events in %s chunk(s) lets the page work and paint',
    async (chunks) => {
      const run = clientWithBurst(30_000, chunks).stream('hello');
      const seen = watch(run);
      const turns: string[] = [];
      setTimeout(() => turns.push(run.getSnapshot().status));
      const frames = await framesDuring(run.result);

      expect(turns).toEqual(['streaming']);
      expect(frames).toBeGreaterThan(1);
      expect(seen.length).toBeLessThanOrEqual(frames + 2);
      expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'stop' });
      expect(run.getSnapshot().text.endsWith('29999 ')).toBe(true);
    },
  );

  it('a stop closes the connection', async () => {
    const client = await clientOf({ chunks: [{ text: text('Hello') }], end: 'hang' });
    const run = client.stream('hello');
    await expect.poll(() => run.getSnapshot().text).toBe('Hello');

    run.abort('Enough');

    await expect(run.result).rejects.toMatchObject({ name: 'AbortError', cause: 'Enough', partial: { text: 'Hello' } });
    await expect.poll(async () => (await commands.requests(url!))[0]?.closedEarly).toBe(true);
  });

  it('a server that pages may not read is a network error', async () => {
    const client = await clientOf({ chunks: [{ text: answer('Hi') }], cors: false });

    await expect(client.complete('hello', { retry: false })).rejects.toMatchObject({ name: 'NetworkError' });
  });

  it('a key that the server echoes is in no part of the error', async () => {
    const apiKey = 'sk-test-0123456789abcdef';
    url = await commands.serve({ status: 401, chunks: [{ text: `{"error":{"message":"Bad key ${apiKey}"}}` }] });
    const client = new LLMClient({ provider: openai({ baseURL: url, apiKey }), model: 'model-1' });

    const error = await client.complete('hello').then(
      () => undefined,
      (thrown: Error) => thrown,
    );

    expect(error?.message).toContain('[redacted]');
    expect(error?.stack).not.toContain(apiKey);
    expect(JSON.stringify(error)).not.toContain(apiKey);
  });
});
