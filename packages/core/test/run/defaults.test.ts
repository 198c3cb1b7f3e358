import type { GenerateRequest, LLMConfig } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer, type ReceivedRequest } from '../../../../test/support/http-server.ts';
import { answer } from '../support/chat-completions.ts';
import { clientOf, failureOf } from '../support/client.ts';

type Body = Record<string, unknown>;

function bodyOf(request: ReceivedRequest): Body {
  return JSON.parse(request.body) as Body;
}

/** The fields with a default that a request was sent with. */
function limitsIn(body: Body): Body {
  const names = ['temperature', 'max_tokens', 'max_completion_tokens'];
  return Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));
}

/** A server that refuses requests with one of these fields, as OpenAI does. */
function serverRefusing(...fields: string[]): Promise<HttpServer> {
  return startHttpServer((request) => {
    const body = bodyOf(request);
    const refused = fields.find((name) => name in body);
    if (refused === undefined) return { chunks: [{ text: answer('Hi') }] };
    const message = `Unsupported parameter: '${refused}' is not supported with this model.`;
    const error = { message, type: 'invalid_request_error', param: refused, code: 'unsupported_parameter' };
    return {
      status: 400,
      headers: { 'content-type': 'application/json' },
      chunks: [{ text: JSON.stringify({ error }) }],
    };
  });
}

async function sentBy(request: GenerateRequest, config?: Partial<LLMConfig>): Promise<Body> {
  await using server = await startHttpServer({ chunks: [{ text: answer('Hi') }] });
  await clientOf(server.url, config).complete({ prompt: 'hello', ...request });
  return limitsIn(bodyOf(server.requests[0]!));
}

describe('temperature and maxTokens', () => {
  it('are 0.7 and 2000 by default', async () => {
    expect(await sentBy({ model: 'gpt-4.1' })).toEqual({ temperature: 0.7, max_tokens: 2000 });
  });

  it('are not sent where they are null, in the request or in the client', async () => {
    expect(await sentBy({ temperature: null, maxTokens: null })).toEqual({});
    expect(await sentBy({}, { temperature: null, maxTokens: null })).toEqual({});
    expect(await sentBy({ temperature: null }, { temperature: 1 })).toEqual({ max_tokens: 2000 });
    expect(await sentBy({ maxTokens: 5 }, { maxTokens: null })).toEqual({ temperature: 0.7, max_tokens: 5 });
  });

  it.each(['o1', 'o3-mini', 'o4-mini-2025-04-16', 'gpt-5', 'gpt-5.1-mini', 'openai/gpt-5'])(
    'have no default for the reasoning model %s',
    async (model) => {
      expect(await sentBy({ model })).toEqual({});
    },
  );

  it.each([
    'deepseek-reasoner',
    'qwen3-30b-a3b-thinking-2507',
    'openai/gpt-oss-120b',
    'grok-4',
    'deepseek-r1',
    'qwq-32b',
    'magistral-medium',
    'anthropic/claude-opus-5-5',
    'google/gemini-3-pro',
    'grok-5',
    'us.anthropic.claude-sonnet-5-5-20261001-v1:0',
    'anthropic/claude-fable-5.2',
    'claude-opus-latest',
  ])('have no default for %s, which thinks before it answers', async (model) => {
    expect(await sentBy({ model })).toEqual({});
  });

  it.each(['gpt-4o', 'gpt-4.1-mini', 'gpt-5-chat-latest', 'llama-3.3-70b-versatile', 'mistral-small-latest', 'omni-1'])(
    'have their defaults for %s',
    async (model) => {
      expect(await sentBy({ model })).toEqual({ temperature: 0.7, max_tokens: 2000 });
    },
  );

  it('are sent to a reasoning model if they are asked for, in the field that it knows', async () => {
    expect(await sentBy({ model: 'o3-mini', maxTokens: 500 })).toEqual({ max_completion_tokens: 500 });
    expect(await sentBy({ model: 'gpt-5', temperature: 1, maxTokens: 500 })).toEqual({
      temperature: 1,
      max_completion_tokens: 500,
    });
    expect(await sentBy({ model: 'deepseek-reasoner', maxTokens: 500 })).toEqual({ max_tokens: 500 });
  });

  it('have no default where reasoning is asked for', async () => {
    expect(await sentBy({ reasoning: true })).toEqual({});
    expect(await sentBy({ reasoning: { effort: 'low' }, temperature: 0.3 })).toEqual({ temperature: 0.3 });
    expect(await sentBy({ reasoning: false })).toEqual({ temperature: 0.7, max_tokens: 2000 });
  });
});

describe('a default that a model refuses', () => {
  it('is left out of one more request, which is no attempt of its own', async () => {
    await using server = await serverRefusing('temperature');

    const { text } = await clientOf(server.url).complete('hello');

    expect(text).toBe('Hi');
    expect(server.requests.map((request) => limitsIn(bodyOf(request)))).toEqual([
      { temperature: 0.7, max_tokens: 2000 },
      { max_tokens: 2000 },
    ]);
  });

  it('is not sent to that model again, but to others', async () => {
    await using server = await serverRefusing('temperature');
    const client = clientOf(server.url);
    await client.complete('hello');

    await client.complete('hello');
    server.answer({ chunks: [{ text: answer('Hi') }] });
    await client.complete({ prompt: 'hello', model: 'model-2' });

    expect(server.requests.slice(2).map((request) => limitsIn(bodyOf(request)))).toEqual([
      { max_tokens: 2000 },
      { temperature: 0.7, max_tokens: 2000 },
    ]);
  });

  it('may be each of the two', async () => {
    await using server = await serverRefusing('temperature', 'max_tokens');

    const { text } = await clientOf(server.url).complete('hello');

    expect(text).toBe('Hi');
    expect(limitsIn(bodyOf(server.requests.at(-1)!))).toEqual({});
    expect(server.requests).toHaveLength(3);
  });

  it('is cured for each of several requests that were refused at the same time', async () => {
    await using server = await serverRefusing('temperature');
    const client = clientOf(server.url);

    const answers = await Promise.all(['one', 'two', 'three'].map((prompt) => client.complete(prompt)));

    expect(answers.map(({ text }) => text)).toEqual(['Hi', 'Hi', 'Hi']);
  });

  it('ends the run if the server goes on refusing', async () => {
    await using server = await startHttpServer({
      status: 400,
      chunks: [{ text: '{"error":{"message":"temperature and max_tokens are not for you"}}' }],
    });

    const error = await failureOf(clientOf(server.url).complete('hello'));

    expect(error).toMatchObject({ name: 'InvalidRequestError', status: 400 });
    expect(server.requests.length).toBeLessThanOrEqual(3);
  });
});

describe('a value that was asked for and is refused', () => {
  it.each<[string, GenerateRequest, string]>([
    ['temperature', { temperature: 1.5 }, 'temperature'],
    ['maxTokens', { maxTokens: 99_999 }, 'max_tokens'],
  ])('is not taken back: %s', async (_, request, field) => {
    await using server = await serverRefusing(field);
    const client = clientOf(server.url);

    const error = await failureOf(client.complete({ prompt: 'hello', ...request }));

    expect(error).toMatchObject({
      name: 'InvalidRequestError',
      status: 400,
      message: expect.stringContaining(field),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('says nothing about the default', async () => {
    await using server = await startHttpServer((request) =>
      bodyOf(request)['temperature'] === 1.5
        ? { status: 400, chunks: [{ text: '{"error":{"message":"temperature must be at most 1"}}' }] }
        : { chunks: [{ text: answer('Hi') }] },
    );
    const client = clientOf(server.url);
    await failureOf(client.complete({ prompt: 'hello', temperature: 1.5 }));

    await client.complete('hello');

    expect(limitsIn(bodyOf(server.requests.at(-1)!))).toEqual({ temperature: 0.7, max_tokens: 2000 });
  });

  it('stays when another default is refused', async () => {
    await using server = await serverRefusing('max_tokens');

    await clientOf(server.url).complete({ prompt: 'hello', temperature: 1.5 });

    expect(server.requests.map((request) => limitsIn(bodyOf(request)))).toEqual([
      { temperature: 1.5, max_tokens: 2000 },
      { temperature: 1.5 },
    ]);
  });

  it('other 400s are not sent again', async () => {
    await using server = await startHttpServer({
      status: 400,
      chunks: [{ text: '{"error":{"message":"messages: roles must alternate"}}' }],
    });

    await failureOf(clientOf(server.url).complete('hello'));

    expect(server.requests).toHaveLength(1);
  });
});
