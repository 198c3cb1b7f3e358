import { LLMClient, LLMError, type CallOptions, type LLMConfig } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/client.ts';

const provider = openai({ baseURL: 'http://127.0.0.1:9' });

/** What the constructor throws. */
function refusalOf(config: unknown): unknown {
  try {
    return new LLMClient(config as LLMConfig);
  } catch (error) {
    return error;
  }
}

describe('a client', () => {
  it('accepts a provider alone', () => {
    expect(new LLMClient({ provider }).config).toEqual({ provider });
  });

  it('accepts every option, and undefined for what is optional', () => {
    const config: LLMConfig = {
      provider,
      model: 'model-1',
      temperature: 0,
      maxTokens: 1,
      system: '',
      retry: { maxRetries: 0, maxDelayMs: 0, onRetry: () => undefined },
      timeout: { headersMs: 1, firstTokenMs: false, idleMs: 1, totalMs: false },
      fetch: (...request) => fetch(...request),
    };

    expect(new LLMClient(config).config).toEqual(config);
    expect(() => new LLMClient({ provider, temperature: null, maxTokens: null, retry: false })).not.toThrow();
    expect(() => new LLMClient({ provider, model: undefined, retry: undefined, timeout: undefined })).not.toThrow();
  });

  it.each<[string, object]>([
    ['provider', {}],
    ['provider', { provider: undefined }],
    ['provider', { provider: 'openai' }],
    ['provider', { provider: {} }],
    ['provider', { provider: openai }],
    ['model', { provider, model: 4 }],
    ['temperature', { provider, temperature: '0.7' }],
    ['temperature', { provider, temperature: Number.NaN }],
    ['temperature', { provider, temperature: -1 }],
    ['temperature', { provider, temperature: Infinity }],
    ['maxTokens', { provider, maxTokens: '2000' }],
    ['maxTokens', { provider, maxTokens: -1 }],
    ['system', { provider, system: ['Be brief.'] }],
    ['retry', { provider, retry: 3 }],
    ['retry', { provider, retry: true }],
    ['retry', { provider, retry: null }],
    ['maxRetries', { provider, retry: { maxRetries: -1 } }],
    ['maxDelayMs', { provider, retry: { maxDelayMs: '1s' } }],
    ['onRetry', { provider, retry: { onRetry: 'log' } }],
    ['timeout', { provider, timeout: 1000 }],
    ['timeout', { provider, timeout: null }],
    ['headersMs', { provider, timeout: { headersMs: -1 } }],
    ['firstTokenMs', { provider, timeout: { firstTokenMs: '1s' } }],
    ['idleMs', { provider, timeout: { idleMs: true } }],
    ['totalMs', { provider, timeout: { totalMs: Number.NaN } }],
    ['fetch', { provider, fetch: {} }],
  ])('throws at once for a bad %s: %j', (field, config) => {
    const error = refusalOf(config);

    expect(error).toBeInstanceOf(LLMError);
    expect(error).toMatchObject({ code: 'config', isRetryable: false });
    expect((error as Error).message).toMatch(new RegExp(String.raw`\b${field}\b`));
  });

  it.each(['modle', 'apiKey', 'constructor', '__proto__x'])('throws for the unknown option %s', (name) => {
    expect(refusalOf({ provider, [name]: 'x' })).toMatchObject({
      code: 'config',
      message: expect.stringContaining(name),
    });
  });

  it.each([
    ['retries', { provider, retry: { retries: 3 } }],
    ['total', { provider, timeout: { total: 3 } }],
  ])('throws for the option %s where it has no place', (name, config) => {
    expect(refusalOf(config)).toMatchObject({ code: 'config', message: expect.stringContaining(name) });
  });

  it.each([undefined, null])('throws for %s in place of its config', (config) => {
    expect(refusalOf(config)).toMatchObject({ code: 'config', message: expect.stringContaining('provider') });
  });
});

describe('bad options of a call', () => {
  it.each<[string, unknown]>([
    ['maxRetries', { retry: { maxRetries: 'twice' } }],
    ['idleMs', { timeout: { idleMs: 'long' } }],
  ])('fail through the run: %s', async (field, options) => {
    const client = new LLMClient({ provider, model: 'model-1' });

    const run = client.stream('hello', options as CallOptions);

    expect(await failureOf(run.result)).toMatchObject({ code: 'config', message: expect.stringContaining(field) });
    expect(run.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'config' } });
  });
});

describe('the address of a provider', () => {
  it.each(['not a url', '', 'ftp://a.example'])('has to be one: %o', (baseURL) => {
    expect(() => openai({ baseURL })).toThrow(expect.objectContaining({ code: 'config' }));
  });

  it('may be that of a page where there is none yet, until something is sent', async () => {
    const client = new LLMClient({ provider: openai({ baseURL: '/v1' }), model: 'model-1' });

    await expect(client.complete('hello')).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('/v1'),
    });
  });
});
