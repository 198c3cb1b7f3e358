import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { describe, expect, inject, it, vi } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, DONE, finish, text, usage } from '../support/chat-completions.ts';
import { clientOf, failureOf, readAll } from '../support/client.ts';

const client = (): LLMClient => clientOf(`${inject('modelServerUrl')}/v1`);

describe('a client of a model server', () => {
  it('completes a prompt', async () => {
    const completion = await client().complete('hello there');

    expect(completion).toMatchObject({
      text: 'Hello! How can I help you today?',
      reasoning: '',
      toolCalls: [],
      sources: [],
      finishReason: 'stop',
      rawFinishReason: 'stop',
      model: 'model-1',
    });
    expect(completion.id).toMatch(/^chatcmpl-/);
    expect(completion.message).toEqual({
      id: expect.stringMatching(/^\d{20,}$/),
      role: 'assistant',
      parts: [{ type: 'text', text: 'Hello! How can I help you today?' }],
    });
  });

  it('streams the text piece by piece, and then has the same answer', async () => {
    const run = client().stream('hello there');

    const { items } = await readAll(run.textStream);

    expect(items.length).toBeGreaterThan(1);
    expect(items.join('')).toBe('Hello! How can I help you today?');
    expect((await run.result).text).toBe('Hello! How can I help you today?');
  });

  it('gives every event, from the start to the finish', async () => {
    const { items } = await readAll(client().stream('hello there'));

    expect(items[0]).toMatchObject({ type: 'start', model: 'model-1' });
    expect(items.slice(1, -2).every((event) => event.type === 'text')).toBe(true);
    expect(items.at(-2)?.type).toBe('usage');
    expect(items.at(-1)).toEqual({ type: 'finish', reason: 'stop', raw: 'stop' });
  });

  it('keeps reasoning apart from text', async () => {
    const completion = await client().complete('think about it');

    expect(completion.reasoning).toBe('Six times seven is forty-two.');
    expect(completion.text).toBe('The answer is 42.');
    expect(completion.message.parts.map((part) => part.type)).toEqual(['reasoning', 'text']);
  });

  it('gives tool calls with their parsed arguments', async () => {
    const completion = await client().complete('weather in Paris');

    expect(completion.finishReason).toBe('tool-calls');
    expect(completion.toolCalls).toEqual([
      {
        type: 'tool-call',
        id: expect.stringMatching(/^call_/),
        name: 'weather',
        rawInput: '{"city":"Paris"}',
        input: { city: 'Paris' },
      },
    ]);
  });

  it('counts tokens, with the counts of the provider beside them', async () => {
    const { usage: counts } = await client().complete('hello there');

    expect(counts).toEqual({
      inputTokens: expect.any(Number),
      outputTokens: expect.any(Number),
      totalTokens: (counts?.inputTokens ?? 0) + (counts?.outputTokens ?? 0),
      raw: {
        prompt_tokens: counts?.inputTokens,
        completion_tokens: counts?.outputTokens,
        total_tokens: counts?.totalTokens,
      },
    });
  });

  it('rejects with the error class that fits', async () => {
    const error = await failureOf(client().complete('rate limit'));

    expect(error).toMatchObject({ name: 'RateLimitError', status: 429, provider: 'openai', isRetryable: true });
  });

  it('does not take a connection that breaks for an answer', async () => {
    const error = await failureOf(client().complete('cut'));

    expect(error).toMatchObject({ name: 'NetworkError', partial: { text: expect.stringMatching(/^This an/) } });
  });

  it('asks the model of the request, once it has answered the one of the client', async () => {
    const asked = client();

    expect((await asked.complete('hello')).model).toBe('model-1');
    expect((await asked.complete({ prompt: 'hello', model: 'model-2' })).model).toBe('model-2');
  });
});

describe('the events of one answer', () => {
  it('keep start back until there is content', async () => {
    await using server = await startHttpServer({
      chunks: [
        {
          text: 'data: {"id":"chatcmpl-1","model":"model-1","choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
        },
        { gate: 'content', text: answer('Hi') },
      ],
    });
    const run = clientOf(server.url).stream('hello');
    const first = run[Symbol.asyncIterator]().next();

    const early = await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 20, 'nothing'))]);
    server.release('content');

    expect(early).toBe('nothing');
    expect(run.getSnapshot().status).toBe('submitted');
    expect((await first).value).toEqual({ type: 'start', id: 'chatcmpl-1', model: 'model-1' });
    await run.result;
  });

  it('end with finish, although the counts come after it on the wire', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: text('Hi') + finish() + usage({ prompt_tokens: 1, completion_tokens: 2 }) + DONE }],
    });

    const { items } = await readAll(clientOf(server.url).stream('hello'));

    expect(items.map((event) => event.type)).toEqual(['start', 'text', 'usage', 'finish']);
  });
});

describe('a request that cannot be sent', () => {
  it.each([
    ['without prompt and messages', {}],
    ['with no messages', { messages: [] }],
  ])('%s fails through the run', async (_, request) => {
    await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });

    const run = clientOf(server.url).stream(request);

    expect(await failureOf(run.result)).toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringMatching(/prompt.*messages/),
    });
    expect(run.getSnapshot().status).toBe('error');
    expect(server.requests).toHaveLength(0);
  });

  it('is one without a model', async () => {
    const asked = new LLMClient({ provider: openai({ baseURL: 'http://127.0.0.1' }) });

    expect(await failureOf(asked.complete('hello'))).toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringContaining('model'),
    });
  });

  it('is one with tools for a provider that has none', async () => {
    const generate = vi.fn();
    const asked = new LLMClient({ provider: { name: 'page-model', supports: { tools: false }, generate } });

    const error = await failureOf(asked.complete({ prompt: 'hello', tools: [{ name: 'clock', inputSchema: {} }] }));

    expect(error).toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringMatching(/page-model.*tools/),
    });
    expect(generate).not.toHaveBeenCalled();
  });
});
