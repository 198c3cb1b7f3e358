import { LLMClient, type HttpProvider } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../support/client.ts';

/** Where a request goes. */
async function addressOf(provider: HttpProvider, resume = false): Promise<string> {
  let address = '';
  const client = new LLMClient({
    provider,
    model: 'm',
    retry: false,
    fetch: (url) => {
      address = url;
      return Promise.resolve(new Response('', { status: 400 }));
    },
  });
  const conversation = { id: 'c 1', resume };
  await failureOf(client.complete(resume ? { prompt: 'hello', conversation } : 'hello'));
  return address;
}

const providers: [string, (address: string) => HttpProvider, string, string][] = [
  ['openai', (baseURL) => openai({ baseURL }), '/chat/completions', ''],
  ['openaiResponses', (baseURL) => openaiResponses({ baseURL }), '/responses', ''],
  ['anthropic', (baseURL) => anthropic({ baseURL }), '/v1/messages', ''],
  ['gemini', (baseURL) => gemini({ baseURL }), '/v1beta/models/m:streamGenerateContent', 'alt=sse'],
  ['ollama', (baseURL) => ollama({ baseURL }), '/api/chat', ''],
  ['agui', (api) => agui({ api }), '', ''],
  ['uiMessageStream', (api) => uiMessageStream({ api }), '', ''],
  ['plainText', (api) => plainText({ api }), '', ''],
];

describe.each(providers)('the address of %s', (_, provider, path, query) => {
  const isBackend = path === '';

  it.each([
    ['https://host.test/d?api-version=2024-10-21', '/d', '', 'api-version=2024-10-21'],
    ['https://host.test/d/?api-version=2024-10-21', '/d', '/', 'api-version=2024-10-21'],
    ['https://host.test/d?a=b%20c&sig=x%2By', '/d', '', 'a=b%20c&sig=x%2By'],
    ['https://host.test/d?flag', '/d', '', 'flag'],
    ['https://host.test/d/?q=1', '/d', '/', 'q=1'],
    ['https://host.test?q=/v1', '', '/', 'q=/v1'],
    ['https://host.test/d', '/d', '', ''],
    ['https://host.test/d/', '/d', '/', ''],
  ])('keeps the query behind the path: %s', async (address, base, slash, own) => {
    const queries = [own, query].filter(Boolean).join('&');
    const expected = `https://host.test${base}${isBackend ? slash : path}`;

    expect(await addressOf(provider(address))).toBe(queries ? `${expected}?${queries}` : expected);
  });
});

describe('the address', () => {
  it('of gemini has `alt=sse` once, and its version once', async () => {
    expect(await addressOf(gemini({ baseURL: 'https://host.test/v1?alt=json&q=1' }))).toBe(
      'https://host.test/v1/models/m:streamGenerateContent?alt=sse&q=1',
    );
  });

  it('of anthropic has its version once', async () => {
    expect(await addressOf(anthropic({ baseURL: 'https://host.test/v1/?q=1' }))).toBe(
      'https://host.test/v1/messages?q=1',
    );
  });

  it.each(['https://host.test/chat?q=1', 'https://host.test/chat/?q=1'])(
    'of a resumed answer keeps it: %s',
    async (api) => {
      expect(await addressOf(uiMessageStream({ api }), true)).toBe('https://host.test/chat/c%201/stream?q=1');
    },
  );

  it('is quoted without its query, which may have a key', async () => {
    const fetch = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));
    const provider = openai({ baseURL: 'https://host.test/d?key=secret-key' });

    const error = await failureOf(new LLMClient({ provider, model: 'm', retry: false, fetch }).complete('hello'));

    expect(error).toMatchObject({ code: 'network', message: expect.stringContaining('https://host.test/d/chat') });
    expect(String(error)).not.toContain('secret-key');
  });
});
