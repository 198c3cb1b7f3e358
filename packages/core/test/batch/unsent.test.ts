import {
  AuthenticationError,
  batch,
  ConfigError,
  InsufficientQuotaError,
  InvalidRequestError,
  LLMClient,
  memoryCheckpoints,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  type BatchResult,
  type Completion,
  type LLMConfig,
  type LLMError,
} from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { scripted, type ScriptedAnswer } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { answer } from '../support/chat-completions.ts';

function prompts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `q${index}`);
}

/** A client whose model answers by `reply`, and the requests that reached it. */
function clientBy(
  reply: (prompt: string, model: string | undefined) => ScriptedAnswer | Error,
  config: Partial<LLMConfig> = {},
): { client: LLMClient; sent: string[] } {
  const sent: string[] = [];
  const provider = scripted(async ({ messages, model }) => {
    const prompt = /q\d+/.exec(JSON.stringify(messages))?.[0] ?? '';
    sent.push(prompt);
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    const replied = reply(prompt, model);
    if (replied instanceof Error) throw replied;
    return replied;
  });
  return { client: new LLMClient({ provider, model: 'model-1', ...config }), sent };
}

function errorsOf(results: readonly BatchResult<Completion>[]): LLMError[] {
  return results.flatMap((result) => (result.status === 'rejected' ? [result.error as LLMError] : []));
}

function unsentOf(results: readonly BatchResult<Completion>[]): number[] {
  return results.filter((result) => result.status === 'rejected' && result.isUnsent).map(({ index }) => index);
}

describe('a failure that concerns all requests', () => {
  it.each<[string, number, LLMError]>([
    ['a refused key', 1, new AuthenticationError('No')],
    ['a wrong configuration', 1, new ConfigError('No')],
    ['no quota', 1, new InsufficientQuotaError('No')],
    ['a model that does not exist', 1, new NotFoundError('No', { serverCode: 'model_not_found' })],
    ['a model that is not allowed', 1, new PermissionDeniedError('x: not allowed (403): no access to model m')],
    ['an address that does not exist', 3, new NotFoundError('x: no such model or address (404)')],
    ['an account without permission', 3, new PermissionDeniedError('x: not allowed (403): Forbidden')],
  ])('leaves the rest unsent: %s', async (_, times, error) => {
    const { client, sent } = clientBy(() => error);
    const run = batch(client, prompts(500), { concurrency: 1 });
    const results = await run.result;

    expect(sent).toHaveLength(times);
    expect(unsentOf(results)).toHaveLength(500 - times);
    expect(errorsOf(results).every(({ code }) => code === error.code)).toBe(true);
    expect(run.getSnapshot()).toMatchObject({
      done: times,
      failed: times,
      unsent: 500 - times,
      running: 0,
      waiting: 0,
      total: 500,
    });
  });

  it('is sent no more often than the window is wide', async () => {
    const { client, sent } = clientBy(() => new AuthenticationError('No'));
    const results = await batch(client, prompts(500)).result;

    expect(sent).toHaveLength(10);
    expect(unsentOf(results)).toHaveLength(490);
  });

  it('ends the waiting for a rate limit', async () => {
    const { client, sent } = clientBy(() => new AuthenticationError('No'));
    const results = await batch(client, prompts(50), { requestsPerMinute: 1 }).result;

    expect(sent).toHaveLength(1);
    expect(unsentOf(results)).toHaveLength(49);
  });

  it('ends the batch after the refresh of the key was refused too', async () => {
    await using server = await startHttpServer((): Answer => ({ status: 401, chunks: [{ text: '{}' }] }));
    let keys = 0;
    const provider = openai({ baseURL: server.url, apiKey: () => `key-${(keys += 1)}` });
    const results = await batch(new LLMClient({ provider, model: 'm' }), prompts(50), { concurrency: 1 }).result;

    expect(keys).toBe(2);
    expect(server.requests).toHaveLength(2);
    expect(unsentOf(results)).toHaveLength(49);
  });

  it('is not taken from a failure of one request', async () => {
    const errors = [
      new NotFoundError('x: no such model or address (404): No such File object: file-1'),
      new PermissionDeniedError(
        'x: not allowed (403): Your chosen model requires moderation, and the input was flagged',
      ),
      new InvalidRequestError('No'),
    ];
    const { client, sent } = clientBy((prompt) => errors[Number(prompt.slice(1)) % 4] ?? { text: 'Hi' });
    const results = await batch(client, prompts(40), { concurrency: 1 }).result;

    expect(sent).toHaveLength(40);
    expect(unsentOf(results)).toEqual([]);
    expect(errorsOf(results)).toHaveLength(30);
  });

  it.each<[string, LLMError]>([
    ['a quota', new InsufficientQuotaError('No')],
    ['a missing model', new NotFoundError('x: (404): The model `a` does not exist')],
  ])('leaves requests to other models alone: %s', async (_, error) => {
    const { client } = clientBy((_prompt, model) => (model === 'a' ? error : { text: 'Hi' }));
    const requests = prompts(20).map((prompt, index) => ({ prompt, model: index % 2 ? 'a' : 'b' }));
    const results = await batch(client, requests, { concurrency: 1 }).result;

    expect(unsentOf(results)).toEqual([3, 5, 7, 9, 11, 13, 15, 17, 19]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  it('gives each item an error of its own, without what another one received', async () => {
    const { client } = clientBy(() => new AuthenticationError('No', { requestId: 'r1' }));
    const errors = errorsOf(await batch(client, prompts(30)).result);

    expect(new Set(errors).size).toBe(30);
    expect(errors.at(-1)).toMatchObject({ code: 'authentication', message: expect.stringContaining('Not sent') });
    expect(errors.at(-1)).toBeInstanceOf(AuthenticationError);
    expect(errors.at(-1)?.partial).toBeUndefined();
    expect(errors.at(-1)?.requestId).toBeUndefined();
  });
});

describe('a delay that is longer than the batch waits', () => {
  it('leaves the rest unsent, and the next batch asks for the rest alone', async () => {
    let isBusy = true;
    const { client, sent } = clientBy((prompt) =>
      prompt === 'q2' && isBusy ? new RateLimitError('Busy', { retryAfterMs: 3_600_000 }) : { text: `to ${prompt}` },
    );
    const checkpoints = memoryCheckpoints();
    const run = batch(client, prompts(8), { concurrency: 1, checkpoints });
    const results = await run.result;

    expect(sent).toEqual(['q0', 'q1', 'q2']);
    expect(unsentOf(results)).toEqual([3, 4, 5, 6, 7]);
    expect(run.getSnapshot()).toMatchObject({ done: 3, failed: 1, unsent: 5, total: 8 });
    expect(errorsOf(results)[1]).toMatchObject({ code: 'rate_limit', retryAfterMs: 3_600_000 });

    isBusy = false;
    const again = await batch(client, prompts(8), { concurrency: 1, checkpoints }).result;
    expect(again.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(sent.slice(3)).toEqual(['q2', 'q3', 'q4', 'q5', 'q6', 'q7']);
  });

  it('holds for a delay that no timer can wait for', async () => {
    await using server = await startHttpServer((): Answer => ({
      status: 429,
      headers: { 'retry-after': '99999999' },
      chunks: [{ text: '{}' }],
    }));
    const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' });
    const results = await batch(client, prompts(30), { concurrency: 1 }).result;

    expect(server.requests).toHaveLength(1);
    expect(unsentOf(results)).toHaveLength(29);
  });

  it('leaves a request that was sent before with its own failure', async () => {
    let turn = 0;
    await using server = await startHttpServer((): Answer => {
      turn += 1;
      if (turn === 1) return { status: 500, headers: { 'retry-after-ms': '50' }, chunks: [{ text: '{}' }] };
      if (turn === 2) return { status: 401, chunks: [{ text: '{}' }] };
      return { chunks: [{ text: answer('Hi') }] };
    });
    const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' });
    const results = await batch(client, prompts(4), { concurrency: 2 }).result;

    expect(server.requests).toHaveLength(2);
    expect(errorsOf(results).map(({ code }) => code)).toEqual([
      'server',
      'authentication',
      'authentication',
      'authentication',
    ]);
    expect(unsentOf(results)).toEqual([2, 3]);
  });
});
