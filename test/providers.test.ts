import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient, messageText, type LLMError } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { openai as createOpenai } from '@rivulet/core/openai';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { client as agui } from '../docs/examples/providers/ag-ui.ts';
import { client as anthropic } from '../docs/examples/providers/anthropic.ts';
import { brook } from '../docs/examples/providers/custom.ts';
import { client as gemini } from '../docs/examples/providers/gemini.ts';
import { client as withToken } from '../docs/examples/providers/keys.ts';
import { client as ollama } from '../docs/examples/providers/ollama.ts';
import { client as openaiResponses } from '../docs/examples/providers/openai-responses.ts';
import { client as openai } from '../docs/examples/providers/openai.ts';
import { client as plainText } from '../docs/examples/providers/plain-text.ts';
import { client as turns, provider as turnsProvider } from '../docs/examples/providers/scripted-turns.ts';
import { client as scripted } from '../docs/examples/providers/scripted.ts';
import { describeSubagents } from '../docs/examples/providers/subagents.ts';
import { client as uiMessageStream } from '../docs/examples/providers/ui-message-stream.ts';
import { startHttpServer } from './support/http-server.ts';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
const page = readFileSync(`${docs}/providers.md`, 'utf8');
const examples = readdirSync(`${docs}/examples/providers`);

describe('the page on providers', () => {
  it.each(examples)('shows %s as it is', (name) => {
    const example = readFileSync(`${docs}/examples/providers/${name}`, 'utf8');
    expect(page).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
  });

  it('shows nothing else', () => {
    expect([...page.matchAll(/^```ts$/gm)]).toHaveLength(examples.length);
  });

  it('names every provider that there is', () => {
    const manifest = readFileSync(fileURLToPath(new URL('../packages/core/package.json', import.meta.url)), 'utf8');
    const { exports } = JSON.parse(manifest) as { exports: Record<string, { source: string }> };
    for (const [path, { source }] of Object.entries(exports)) {
      if (source.startsWith('./src/providers/')) expect(page).toContain(`| \`${path.slice(2)}\``);
    }
  });
});

describe('its examples of model servers', () => {
  const server = inject('modelServerUrl');

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** Sends what is meant for the example's server to the one of the tests. */
  function reroute(prefix: string, to: string): void {
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      expect(url).toContain(prefix);
      return fetch(url.replace(prefix, to), init);
    });
  }

  it.each([
    ['openai', openai, 'https://app.example/llm'],
    ['openaiResponses', openaiResponses, 'https://app.example/llm'],
    ['anthropic', anthropic, 'https://app.example/llm'],
    ['gemini', gemini, 'https://app.example/llm'],
    ['ollama', ollama, 'http://localhost:11434'],
  ])('%s answers', async (_, client, prefix) => {
    reroute(prefix, server);
    expect((await client.complete('hello')).text).toBe('Hello! How can I help you today?');
  });

  it('take an address of the page, and send nothing where there is none', async () => {
    const early = new LLMClient({ provider: createOpenai({ baseURL: '/llm/v1' }), model: 'gpt-4.1-mini' });
    await expect(early.complete('hello')).rejects.toThrow(
      'openai: baseURL is not an http address; write it as https://host/path: /llm/v1',
    );
    vi.stubGlobal('location', new URL('https://app.example/chat'));
    reroute('https://app.example/llm', server);
    const client = new LLMClient({ provider: createOpenai({ baseURL: '/llm/v1' }), model: 'gpt-4.1-mini' });
    expect((await client.complete('hello')).text).toBe('Hello! How can I help you today?');
  });

  it('asks the backend for a token', async () => {
    const urls: string[] = [];
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      urls.push(url);
      if (url.endsWith('/model-token')) return Promise.resolve(new Response('token-1'));
      expect(new Headers(init.headers).get('authorization')).toBe('Bearer token-1');
      return Promise.resolve(new Response('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'));
    });
    expect((await withToken.complete('hello')).text).toBe('Hi');
    expect(urls).toEqual(['https://app.example/api/model-token', 'https://api.openai.com/v1/chat/completions']);
  });
});

describe('its examples of own backends', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each<[string, LLMClient, string, string]>([
    [
      'uiMessageStream',
      uiMessageStream,
      'https://app.example/api/chat',
      'data: {"type":"start"}\n\ndata: {"type":"text-start","id":"1"}\n\ndata: {"type":"text-delta","id":"1","delta":"Hi"}\n\n' +
        'data: {"type":"finish","finishReason":"stop"}\n\n',
    ],
    [
      'agui',
      agui,
      'https://app.example/agent',
      'data: {"type":"RUN_STARTED","threadId":"t","runId":"r"}\n\n' +
        'data: {"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"}\n\n' +
        'data: {"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"Hi"}\n\n' +
        'data: {"type":"RUN_FINISHED","threadId":"t","runId":"r"}\n\n',
    ],
    ['plainText', plainText, 'https://app.example/api/completion', 'Hi'],
  ])('%s answers', async (_, client, api, body) => {
    vi.stubGlobal('fetch', (url: string, { credentials }: RequestInit) => {
      expect({ url, credentials }).toEqual({ url: api, credentials: 'include' });
      return Promise.resolve(new Response(body));
    });
    expect(await client.complete('hello')).toMatchObject({ text: 'Hi', finishReason: 'stop' });
  });

  it('describe the subagents of an answer', async () => {
    const events = [
      { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
      { type: 'SUBAGENT_STARTED', subagentRunId: 's', name: 'researcher' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'i', delta: 'Found three papers.', subagentRunId: 's' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 's' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a', delta: 'Three.' },
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
    ];
    await using server = await startHttpServer({
      chunks: events.map((event) => ({ text: `data: ${JSON.stringify(event)}\n\n` })),
    });
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => fetch(server.url, init));

    const { text, message } = await agui.complete('hello');

    expect(text).toBe('Three.');
    expect(describeSubagents(message)).toEqual(['researcher (finished): Found three papers.']);
  });
});

describe('its scripted examples', () => {
  it('answer', async () => {
    expect((await scripted.complete('hello')).text).toBe('You said “hello”.');
    const chat = createChat({ client: scripted });
    await chat.sendMessage('hello');
    expect(messageText(chat.getSnapshot().messages.at(-1))).toBe('You said “hello”.');
  });

  it('take their turns', async () => {
    const question = { role: 'user' as const, content: 'How warm is it?' };
    const { message, toolCalls } = await turns.complete({ messages: [question] });
    expect(toolCalls).toMatchObject([{ name: 'weather', input: { city: 'Paris' } }]);
    const result = { type: 'tool-result' as const, toolCallId: toolCalls[0]?.id ?? '', output: 21 };
    const messages = [question, message, { role: 'tool' as const, parts: [result] }];
    expect(await turns.complete({ messages })).toMatchObject({ text: 'It is 21 °C.', usage: { outputTokens: 9 } });
    expect(turnsProvider.requests).toHaveLength(3);
  });
});

describe('its provider in one file', () => {
  const lines = [{ think: 'Well. ' }, { say: 'Wasser ' }, { say: '💧' }, { tokens: { read: 4, written: 7 } }].map(
    (line) => `${JSON.stringify(line)}\n`,
  );

  function clientOf(baseURL: string): LLMClient {
    const provider = brook({ baseURL, token: () => Promise.resolve('secret-1') });
    return new LLMClient({ provider, model: 'brook-1', system: 'Flow.', retry: false });
  }

  async function failureOf(baseURL: string): Promise<LLMError> {
    return clientOf(baseURL)
      .complete('hello')
      .then(
        () => expect.fail('It did not fail'),
        (error: LLMError) => error,
      );
  }

  it('sends what was asked, and reads the answer however it is cut', async () => {
    const bytes = [...Buffer.from(`${lines.join('')}{"end":"done"}\n`)];
    await using server = await startHttpServer({ chunks: bytes.map((byte) => ({ bytes: [byte] })) });
    expect(await clientOf(server.url).complete({ prompt: 'hello', maxTokens: 50 })).toMatchObject({
      text: 'Wasser 💧',
      reasoning: 'Well. ',
      usage: { inputTokens: 4, outputTokens: 7 },
      finishReason: 'stop',
    });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/say', headers: { authorization: 'Bearer secret-1' } });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      model: 'brook-1',
      system: 'Flow.',
      lines: [{ role: 'user', text: 'hello' }],
      limit: 50,
    });
  });

  it('ends with the reason of the server', async () => {
    await using server = await startHttpServer({ chunks: [{ text: `${lines.join('')}{"end":"limit"}` }] });
    expect(await clientOf(server.url).complete('hello')).toMatchObject({
      finishReason: 'length',
      rawFinishReason: 'limit',
    });
  });

  it('takes no end of the body for the end of the answer', async () => {
    await using server = await startHttpServer({ chunks: [{ text: lines.join('') }] });
    expect(await failureOf(server.url)).toMatchObject({ code: 'truncated', partial: { text: 'Wasser 💧' } });
  });

  it('fails with the class that fits, by status and within the stream', async () => {
    await using server = await startHttpServer([
      { status: 429, headers: { 'retry-after': '7' }, chunks: [{ text: 'slow down, secret-1' }] },
      { chunks: [{ text: `${lines.join('')}{"failed":"busy"}\n` }] },
      { chunks: [{ text: '<html>' }] },
    ]);
    const refused = await failureOf(server.url);
    expect(refused).toMatchObject({ code: 'rate_limit', retryAfterMs: 7000, provider: 'brook' });
    expect(refused.message).not.toContain('secret-1');
    expect(await failureOf(server.url)).toMatchObject({ code: 'overloaded', partial: { text: 'Wasser 💧' } });
    expect(await failureOf(server.url)).toMatchObject({ code: expect.stringMatching(/parse|truncated/) });
  });
});
