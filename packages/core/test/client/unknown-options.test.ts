import {
  batch,
  batchProcess,
  callWithRetry,
  extractJson,
  LLMClient,
  type CallOptions,
  type GenerateRequest,
  type LLMConfig,
  type MessageInput,
} from '@rivulet/core';
import { createChat, tool } from '@rivulet/core/chat';
import { openai } from '@rivulet/core/openai';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { failureOf } from '../support/client.ts';

const provider = scripted('Hi');
const client = new LLMClient({ provider, model: 'm' });

/** What JavaScript gets for options that TypeScript refuses. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail');
}

const createClient = (config: unknown): LLMClient => new LLMClient(config as LLMConfig);
const complete = (request: unknown, options?: unknown): Promise<unknown> =>
  failureOf(client.complete(request as GenerateRequest, options as CallOptions));

describe('LLMClient', () => {
  it.each<[object, string]>([
    [{ maxRetries: 3 }, 'unknown option "maxRetries" (did you mean retry.maxRetries?)'],
    [{ retries: 3 }, '(did you mean retry.maxRetries?)'],
    [{ totalMs: 3 }, '(did you mean timeout.totalMs?)'],
    [{ timeoutMs: 3 }, '(did you mean timeout.totalMs?)'],
    [{ max_tokens: 3 }, '(did you mean maxTokens?)'],
    [{ maxOutputTokens: 3 }, '(did you mean maxTokens?)'],
    [{ max_completion_tokens: 3 }, '(did you mean maxTokens?)'],
    [{ modle: 'm' }, '(did you mean model?)'],
    [{ tempreature: 1 }, '(did you mean temperature?)'],
    [{ systemPrompt: '' }, '(did you mean system?)'],
    [{ apiKey: 'k' }, '(it is an option of the provider: openai({ apiKey }))'],
    [{ baseURL: 'u' }, '(it is an option of the provider: openai({ baseURL }))'],
    [{ headers: {} }, '(it is an option of the provider: openai({ headers }))'],
    [{ top_p: 1 }, 'openai({ body: { top_p } })'],
    [{ retry: { model: 'm' } }, 'unknown option "retry.model" (did you mean model?)'],
    [{ retry: { retries: 3 } }, 'unknown option "retry.retries" (did you mean retry.maxRetries?)'],
    [{ retry: { maxRetrys: 3 } }, 'unknown option "retry.maxRetrys" (did you mean retry.maxRetries?)'],
    [{ timeout: { total: 3 } }, 'unknown option "timeout.total" (did you mean timeout.totalMs?)'],
    [{ timeout: { temperature: 3 } }, 'unknown option "timeout.temperature" (did you mean temperature?)'],
    [{ xyzzy: 1 }, 'unknown option "xyzzy"'],
    [{ toString: 1 }, 'unknown option "toString"'],
    [{ retry: 3 }, 'retry must be an object or false, not a number'],
    [{ retry: { maxRetries: '3' } }, 'retry.maxRetries must be a number from 0 or Infinity, not a string'],
    [{ retry: { maxRetries: Number.NaN } }, 'retry.maxRetries must be a number from 0 or Infinity, not NaN'],
    [{ timeout: 1000 }, 'timeout must be an object, not a number'],
    [{ timeout: [] }, 'timeout must be an object, not a list'],
    [{ temperature: -1 }, 'temperature must be a number from 0 or null, not -1'],
    [{ fetch: null }, 'fetch must be a function, not null'],
  ])('names the option of %j', (options, message) => {
    const error = thrownBy(() => createClient({ provider, ...options })) as Error;

    expect(error).toMatchObject({ code: 'config', message: expect.stringMatching(/^LLMClient: /) });
    expect(error.message).toContain(message);
  });

  it.each<[unknown, string]>([
    [{ provider: openai }, 'provider is a function: call it'],
    [{ provider: 'openai' }, 'not a string'],
    [{ provider: { name: '' } }, 'provider must be'],
    [{ provider: { name: 'x' } }, 'provider must be'],
    [{ model: 'm' }, 'not undefined'],
    [undefined, 'needs a provider'],
    [openai(), 'unknown option'],
    ['sk-secret-key', 'must be an object, not a string'],
  ])('names what to write in place of %o', (config, message) => {
    const error = thrownBy(() => createClient(config)) as Error;

    expect(error).toMatchObject({ code: 'config', message: expect.stringContaining(message) });
    expect(error.message).not.toContain('sk-secret-key');
  });
});

describe('a request', () => {
  it.each<[unknown, string]>([
    [undefined, 'must be a text or { prompt } or { messages }, not undefined'],
    [null, 'not null'],
    [5, 'not a number'],
    [[], 'not a list'],
    [() => 'x', 'not a function'],
    [{}, 'prompt or messages is missing'],
    [{ messages: [] }, 'prompt or messages is missing'],
    [{ prompt: 5 }, 'prompt must be a string, not a number'],
    [{ prompt: ['a'] }, 'prompt must be a string, not a list'],
    [{ messages: 'hello' }, 'messages must be a list, not a string'],
    [{ messages: ['hello'] }, 'messages[0] must be an object, not a string'],
    [{ messages: [null] }, 'messages[0] must be an object, not null'],
    [{ messages: [{ role: 'human', content: 'x' }] }, "messages[0].role must be 'system' or 'user'"],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role is missing'],
    [{ messages: [{ role: 'user' }] }, 'messages[0] has no content'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content must be a string or a list, not a number'],
    [{ messages: [{ role: 'user', parts: 'x' }] }, 'messages[0].parts must be a list, not a string'],
    [
      { messages: [{ role: 'user', parts: [{ type: 'text', text: 5 }] }] },
      'messages[0].parts[0].text must be a string',
    ],
    [{ prompt: 'x', max_tokens: 5 }, 'unknown option "max_tokens" (did you mean maxTokens?)'],
    [{ prompt: 'x', top_p: 5 }, 'providerOptions: { openai: { top_p } }'],
    [{ prompt: 'x', response_format: {} }, 'providerOptions: { openai: { response_format } }'],
    [{ prompt: 'x', schema: {} }, 'use completeObject or streamObject'],
    [{ prompt: 'x', signal: new AbortController().signal }, 'it is an option of the call, the second argument'],
    [{ prompt: 'x', apiKey: 'k' }, 'it is an option of the provider: openai({ apiKey })'],
    [{ promt: 'x' }, '(did you mean prompt?)'],
    [{ prompt: 'x', tool_choice: 'auto' }, '(did you mean toolChoice?)'],
    [{ prompt: 'x', toolChoice: 'any' }, "toolChoice must be 'auto' or 'required' or 'none' or an object"],
    [{ prompt: 'x', reasoning: 'high' }, 'reasoning must be a boolean or an object, not a string'],
    [{ prompt: 'x', reasoning: { efort: 'high' } }, '(did you mean reasoning.effort?)'],
    [{ prompt: 'x', reasoning_effort: 'high' }, '(did you mean reasoning.effort?)'],
    [
      { prompt: 'x', tools: [{ name: 'a', parameters: {} }] },
      'unknown option "tools[0].parameters" (did you mean tools.inputSchema?)',
    ],
    [{ prompt: 'x', tools: [{ name: '' }] }, 'tools[0].name must be a string that is not empty'],
    [{ prompt: 'x', tools: { look: {} } }, 'a record of tool() is for createChat and useChat'],
    [{ prompt: 'x', temperature: '1' }, 'temperature must be a number from 0 or null, not a string'],
    [{ prompt: 'x', stop: 5 }, 'stop must be a string or a list, not a number'],
    [{ prompt: 'x', conversation: 'c' }, 'conversation must be an object, not a string'],
  ])('fails through the run for %j', async (request, message) => {
    const observed: string[] = [];
    const own = new LLMClient({
      provider,
      observe: (run) => ({ ...run, fail: (error) => (observed.push(String(error)), run.fail(error)) }),
    });
    const error = await failureOf(own.complete(request as GenerateRequest));

    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(/^Request: /) });
    expect((error as Error).message).toContain(message);
  });

  it.each<[unknown, string]>([
    [{ maxRetries: 3 }, 'unknown option "maxRetries" (did you mean retry.maxRetries?)'],
    [{ abortSignal: 1 }, '(did you mean signal?)'],
    [{ signal: new AbortController() }, 'signal must be an AbortSignal, not an object'],
    [{ retry: { maxDelay: 3 } }, '(did you mean retry.maxDelayMs?)'],
    [5, 'must be an object, not a number'],
  ])('fails through the run for the options %o', async (options, message) => {
    expect(await complete('hello', options)).toMatchObject({
      code: 'config',
      message: expect.stringContaining(message),
    });
  });

  it('accepts null in place of options', async () => {
    expect(await client.complete('hello', null as unknown as CallOptions)).toMatchObject({ text: 'Hi' });
  });
});

describe('parts of a message from JavaScript', () => {
  async function partsSentFor(message: object): Promise<unknown> {
    const own = scripted('Hi');
    await new LLMClient({ provider: own }).complete({ messages: [message as MessageInput] });
    return own.requests[0]?.messages[0]?.parts;
  }

  it.each<[unknown, unknown]>([
    [
      { type: 'text', text: 'Hi' },
      { type: 'text', text: 'Hi' },
    ],
    ['Hi', { type: 'text', text: 'Hi' }],
    [
      { type: 'input_text', text: 'Hi' },
      { type: 'text', text: 'Hi' },
    ],
    [
      { type: 'image_url', image_url: { url: 'https://a.example/b.png?x=1' } },
      { type: 'file', mediaType: 'image/png', url: 'https://a.example/b.png?x=1' },
    ],
    [
      { type: 'image_url', image_url: { url: 'data:image/webp;base64,AAAA' } },
      { type: 'file', mediaType: 'image/webp', url: 'data:image/webp;base64,AAAA' },
    ],
    [
      { type: 'input_image', image_url: 'https://a.example/b' },
      { type: 'file', mediaType: 'image/jpeg', url: 'https://a.example/b' },
    ],
    [
      { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'AAAA' } },
      { type: 'file', mediaType: 'image/gif', data: 'AAAA' },
    ],
    [
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
      { type: 'file', mediaType: 'application/pdf', url: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' },
    ],
    [
      { type: 'file', mimeType: 'text/plain', data: 'AAAA' },
      { type: 'file', mediaType: 'text/plain', data: 'AAAA' },
    ],
    [
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { type: 'file', mediaType: 'audio/mp3', data: 'AAAA' },
    ],
  ])('are read: %j', async (given, expected) => {
    expect(await partsSentFor({ role: 'user', content: [given] })).toEqual([expected]);
    if (typeof given === 'object') expect(await partsSentFor({ role: 'user', parts: [given] })).toEqual([expected]);
  });

  it.each<[unknown, string]>([
    [{ type: 'video_url', video_url: 'x' }, 'messages[0].content[0] has the unknown type "video_url"'],
    [{ text: 'x' }, 'messages[0].content[0] is not a part'],
    [5, 'messages[0].content[0] is not a part'],
    [null, 'messages[0].content[0] is not a part'],
    [{ type: 'text', text: { value: 'x' } }, 'messages[0].content[0].text must be a string'],
    [{ type: 'image_url' }, 'messages[0].content[0] has the unknown type "image_url"'],
  ])('are named if they are unknown: %j', async (part, message) => {
    expect(await complete({ messages: [{ role: 'user', content: [part] }] })).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(message),
    });
  });

  it('are read by batches and chats', async () => {
    const own = scripted('Hi');
    const ownClient = new LLMClient({ provider: own });
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] as unknown as MessageInput[];
    await batch(ownClient, [{ messages }]).result;
    await createChat({ client: ownClient, messages }).sendMessage('more');

    expect(own.requests.map(({ messages: [first] }) => first?.parts)).toEqual([
      [{ type: 'text', text: 'Hello' }],
      [{ type: 'text', text: 'Hello' }],
    ]);
  });
});

describe('createChat', () => {
  const look = tool({ inputSchema: z.object({}), execute: () => 1 });

  it.each<[unknown, string]>([
    [{}, 'client is missing'],
    [{ client, signal: new AbortController().signal }, 'unknown option "signal"'],
    [{ client, maxStep: 3 }, 'unknown option "maxStep" (did you mean maxSteps?)'],
    [{ client, maxSteps: '3' }, 'maxSteps must be a number from 0 or Infinity, not a string'],
    [{ client, whenBusy: 'wait' }, "whenBusy must be 'queue' or 'replace' or 'reject'"],
    [{ client, max_tokens: 3 }, '(did you mean maxTokens?)'],
    [
      { client, tools: [{ name: 'look', inputSchema: {} }] },
      'a list of tools with JSON Schemas is for client.complete',
    ],
    [{ client, tools: { look: { inputSchema: {} } } }, 'tools.look must be made by tool()'],
    [undefined, 'must be an object, not undefined'],
  ])('names what is wrong with %j', (options, message) => {
    expect(thrownBy(() => createChat(options as Parameters<typeof createChat>[0]))).toMatchObject({
      code: 'config',
      message: expect.stringContaining(message),
    });
  });

  it('accepts a record of tools', () => {
    expect(() => createChat({ client, tools: { look } })).not.toThrow();
  });
});

describe('the options of a send', () => {
  const ways: readonly (readonly [string, (options: object) => Promise<unknown>])[] = [
    ['sendMessage', (options) => createChat({ client }).sendMessage('x', options)],
    ['regenerate', (options) => createChat({ client }).regenerate(undefined, options)],
    ['continueAnswer', (options) => createChat({ client }).continueAnswer(options)],
    ['resumeStream', (options) => createChat({ client }).resumeStream(options)],
  ];

  it.each(ways)('are checked by %s', async (_name, send) => {
    expect(await failureOf(send({ temprature: 1 }))).toMatchObject({
      code: 'invalid_request',
      message: 'Options of the send: unknown option "temprature" (did you mean temperature?)',
    });
    expect(await failureOf(send({ signal: AbortSignal.abort() }))).toMatchObject({
      message: expect.stringContaining('unknown option "signal"'),
    });
    expect(await failureOf(send({ maxTokens: '5' }))).toMatchObject({
      message: expect.stringContaining('maxTokens must be a number'),
    });
  });

  it.each<[string, object]>([
    ['a click in the page', Object.assign(new Event('click'), { detail: 1 })],
    ['a click in React', { type: 'click', target: {}, nativeEvent: {}, isTrusted: true }],
    ['a press in React Aria', { type: 'press', target: {}, pointerType: 'mouse', shiftKey: false }],
  ])('are not those of %s', async (_name, event) => {
    const chat = createChat({ client, messages: [{ role: 'user', content: 'Say hi' }] });
    await chat.continueAnswer(event);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { role: 'assistant' }] });
  });
});

describe('tool', () => {
  const inputSchema = z.object({});

  it.each<[unknown, string]>([
    [{}, 'inputSchema must be a Standard Schema (zod, valibot, arktype), not undefined'],
    [{ inputSchema: null }, 'not null'],
    [{ inputSchema: 'x' }, 'not a string'],
    [{ inputSchema: { type: 'object' } }, 'z.fromJSONSchema makes one of a JSON Schema'],
    [{ inputSchema: { '~standard': null } }, 'inputSchema must be a Standard Schema'],
    [{ parameters: inputSchema }, 'unknown option "parameters" (did you mean inputSchema?)'],
    [{ inputSchema, excute: () => 1 }, 'unknown option "excute" (did you mean execute?)'],
    [{ inputSchema, needApproval: true }, 'unknown option "needApproval" (did you mean needsApproval?)'],
    [{ inputSchema, execute: 'x' }, 'execute must be a function, not a string'],
    [{ inputSchema, hasEffects: 'no' }, 'hasEffects must be a boolean, not a string'],
    [{ inputSchema, jsonSchema: 'x' }, 'jsonSchema must be an object, not a string'],
    [undefined, 'must be an object, not undefined'],
    [null, 'must be an object, not null'],
  ])('names what is wrong with %j', (options, message) => {
    expect(thrownBy(() => tool(options as Parameters<typeof tool>[0]))).toMatchObject({
      code: 'config',
      message: expect.stringContaining(message),
    });
  });

  it('accepts a schema that is a function', () => {
    const schema = Object.assign(() => undefined, { '~standard': inputSchema['~standard'] });

    expect(() => tool({ inputSchema: schema })).not.toThrow();
  });
});

describe('other functions', () => {
  it('name an unknown option', async () => {
    const message = expect.stringContaining('(did you mean concurrency?)');

    expect(thrownBy(() => batch(client, ['a'], { concurency: 2 } as object))).toMatchObject({
      code: 'config',
      message,
    });
    expect(await failureOf(batchProcess([1], (item) => item, { concurency: 2 } as object))).toMatchObject({ message });
    expect(thrownBy(() => extractJson('{}', { schemas: 1 } as object))).toMatchObject({ code: 'config' });
    expect(await failureOf(callWithRetry(() => 1, { retries: 2 } as object))).toMatchObject({ code: 'config' });
  });
});
