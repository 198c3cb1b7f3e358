import {
  batch,
  batchProcess,
  callWithRetry,
  completeObject,
  extractJson,
  LLMClient,
  type ArrayRequest,
  type BatchOptions,
  type BatchProcessOptions,
  type CallOptions,
  type CallWithRetryOptions,
  type ExtractJsonOptions,
  type GenerateRequest,
  type LLMConfig,
  type ObjectRequest,
} from '@rivulet/core';
import { agui, type AGUIOptions } from '@rivulet/core/ag-ui';
import { anthropic, type AnthropicOptions } from '@rivulet/core/anthropic';
import { createChat, tool, type ChatOptions } from '@rivulet/core/chat';
import { gemini, type GeminiOptions } from '@rivulet/core/gemini';
import { ollama, type OllamaOptions } from '@rivulet/core/ollama';
import { openai, type OpenAIOptions } from '@rivulet/core/openai';
import { openaiResponses, type OpenAIResponsesOptions } from '@rivulet/core/openai-responses';
import { plainText, type PlainTextOptions } from '@rivulet/core/plain-text';
import { scripted } from '@rivulet/core/scripted';
import { uiMessageStream, type UIMessageStreamOptions } from '@rivulet/core/ui-message-stream';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

/** A value for every option of a type, so that the compiler refuses a test that lacks one. */
type Every<T> = { readonly [Name in keyof T]-?: Exclude<T[Name], undefined> };

const signal = new AbortController().signal;

const CALL: Every<Omit<CallOptions, 'signal'>> = {
  retry: {
    maxRetries: 1,
    maxDelayMs: 1,
    onRetry: () => undefined,
    shouldRetry: () => true,
    waitForOnline: async () => undefined,
  } satisfies Every<Exclude<CallOptions['retry'], undefined | false>>,
  timeout: { headersMs: 1000, firstTokenMs: 1000, idleMs: 1000, totalMs: false } satisfies Every<
    Exclude<CallOptions['timeout'], undefined>
  >,
  headers: { 'x-a': '1' },
};

const SETTINGS: Every<Omit<GenerateRequest, 'prompt' | 'messages' | 'tools' | 'conversation'>> = {
  system: 'Be brief',
  model: 'model-1',
  temperature: 0.5,
  maxTokens: 100,
  stop: ['end'],
  toolChoice: { name: 'look' },
  reasoning: { effort: 'low', budgetTokens: 10 } satisfies Every<
    Exclude<GenerateRequest['reasoning'], undefined | boolean>
  >,
  providerOptions: { openai: { seed: 1 } },
};

const REQUEST: Every<GenerateRequest> = {
  ...SETTINGS,
  prompt: 'hello',
  messages: [{ id: 'm', role: 'user', content: 'hi' }],
  tools: [{ name: 'look', description: 'Looks', inputSchema: { type: 'object' }, strict: true }] satisfies Every<
    Exclude<GenerateRequest['tools'], undefined>[number]
  >[],
  conversation: { id: 'c', replaces: 'm', resume: false } satisfies Every<
    Exclude<GenerateRequest['conversation'], undefined>
  >,
};

const CONFIG: Every<Omit<LLMConfig, 'provider'>> = {
  model: 'model-1',
  temperature: 0.5,
  maxTokens: 100,
  system: 'Be brief',
  retry: CALL.retry,
  timeout: CALL.timeout,
  fetch,
  observe: (run) => run,
};

function clientFor(reply: string): LLMClient {
  return new LLMClient({ ...CONFIG, provider: scripted(reply) });
}

describe('every option of the types is accepted', () => {
  it('by a client and a call', async () => {
    expect((await clientFor('Hi').complete(REQUEST, { ...CALL, signal })).text).toBe('Hi');
  });

  it('by a request for an object and for a list', async () => {
    const schema = z.object({ n: z.number() });
    const options = { jsonSchema: z.toJSONSchema(schema), name: 'answer', mode: 'prompt', maxRepairs: 1 } as const;
    const { tools: _, toolChoice: __, ...request } = REQUEST;
    const forObject: Every<Omit<ObjectRequest, 'array' | 'tools' | 'toolChoice'>> = { ...request, ...options, schema };
    const forList: Every<Omit<ArrayRequest, 'schema' | 'tools' | 'toolChoice'>> = {
      ...request,
      ...options,
      array: schema,
    };

    expect((await completeObject(clientFor('{"n":1}'), forObject)).object).toEqual({ n: 1 });
    expect((await completeObject(clientFor('[{"n":1}]'), forList)).object).toEqual([{ n: 1 }]);
  });

  it('by a chat and its sends', async () => {
    const ignore = (): undefined => undefined;
    const options: Every<ChatOptions> = {
      ...SETTINGS,
      ...CALL,
      client: clientFor('Hi'),
      id: 'chat-1',
      generateId: () => crypto.randomUUID(),
      messages: [],
      tools: { look: tool({ inputSchema: z.object({}) }) },
      maxSteps: 1,
      whenBusy: 'queue',
      prepareMessages: (messages) => messages,
      onContextLength: ignore,
      continuePrompt: 'Go on',
      persistence: () => ({
        ready: Promise.resolve(),
        retry: async () => undefined,
        clear: ignore,
        discardUnreadable: async () => undefined,
        loadEarlier: async () => false,
      }),
      onFinish: ignore,
      onError: ignore,
      onData: ignore,
      onPersistenceError: ignore,
    };
    const chat = createChat(options);
    await chat.sendMessage('hello', { ...SETTINGS, ...CALL });

    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, messages: [{}, {}] });
  });

  it('by batches', async () => {
    const processing: Every<BatchProcessOptions> = { concurrency: 1, stopOnError: true, signal };
    const options: Every<BatchOptions> = {
      ...CALL,
      ...processing,
      requestsPerMinute: 1000,
      tokensPerMinute: 100_000,
      checkpoints: { get: () => undefined, set: () => undefined, clear: () => undefined },
      onCheckpointError: () => undefined,
      checkpointFinishReasons: ['stop'],
    };

    expect(await batch(clientFor('Hi'), [REQUEST], options).result).toMatchObject([{ value: { text: 'Hi' } }]);
    expect(await batchProcess([1], (item) => item, processing)).toMatchObject([{ value: 1 }]);
  });

  it('by functions', async () => {
    const retrying: Every<CallWithRetryOptions> = { ...(CALL.retry as Every<CallWithRetryOptions>), signal };
    const reading: Every<ExtractJsonOptions> = {
      schema: z.number(),
      inexactNumber: (_path, text) => text,
      all: true,
      repair: () => null,
    };

    expect(await callWithRetry(() => 1, retrying)).toBe(1);
    expect(extractJson('1', reading)).toEqual([{ value: 1, repaired: false }]);
  });

  it('by providers', () => {
    const common = {
      apiKey: 'key-12345678',
      headers: { 'x-a': '1' },
      credentials: 'omit' as const,
      body: { a: 1 },
      dangerouslyAllowBrowser: true,
    };
    const server = { ...common, baseURL: 'https://api.example/v1' };
    const backend = { ...common, api: 'https://api.example/chat', name: 'mine' };
    const options = {
      openai: { ...server, name: 'mine', thoughts: true } satisfies Every<OpenAIOptions>,
      responses: { ...server, name: 'mine' } satisfies Every<OpenAIResponsesOptions>,
      anthropic: { ...server, beta: ['a'], version: '2023-06-01' } satisfies Every<AnthropicOptions>,
      gemini: server satisfies Every<GeminiOptions>,
      ollama: { ...server, thoughts: true } satisfies Every<OllamaOptions>,
      ui: { ...backend, id: 'c' } satisfies Every<UIMessageStreamOptions>,
      agui: { ...backend, threadId: 'c' } satisfies Every<AGUIOptions>,
      text: backend satisfies Every<PlainTextOptions>,
    };

    expect(openai(options.openai).name).toBe('mine');
    expect(openaiResponses(options.responses).name).toBe('mine');
    expect(anthropic(options.anthropic).name).toBe('anthropic');
    expect(gemini(options.gemini).name).toBe('gemini');
    expect(ollama(options.ollama).name).toBe('ollama');
    expect(uiMessageStream(options.ui).name).toBe('mine');
    expect(agui(options.agui).name).toBe('mine');
    expect(plainText(options.text).name).toBe('mine');
  });
});
