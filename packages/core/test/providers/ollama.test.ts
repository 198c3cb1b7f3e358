import { LLMClient, type GenerateRequest, type LLMConfig } from '@rivulet/core';
import { ollama, type OllamaOptions } from '@rivulet/core/ollama';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answering, cutAt, failureOf, type Sent, sentBy, toBytes } from '../support/client.ts';

function line(json: unknown): string {
  return `${JSON.stringify(json)}\n`;
}

function say(message: object, fields: object = {}): string {
  return line({ model: 'llama3.2', message: { role: 'assistant', ...message }, done: false, ...fields });
}

function finish(fields: object = { done_reason: 'stop' }): string {
  return say({ content: '' }, { done: true, ...fields });
}

const DONE = say({ content: 'Done.' }) + finish();

function clientOf(config: Partial<LLMConfig> = {}, options: OllamaOptions = {}): LLMClient {
  return new LLMClient({ provider: ollama(options), model: 'llama3.2', retry: false, ...config });
}

/** A client whose answers have exactly these pieces as network chunks. */
function clientReading(...pieces: readonly (string | Uint8Array)[]): LLMClient {
  return clientOf({ fetch: answering(...pieces) });
}

/** What is sent for a request. */
function sentFor(request: GenerateRequest, options: OllamaOptions = {}): Promise<Sent> {
  return sentBy((config) => clientOf(config, options), request, DONE);
}

async function bodyFor(request: GenerateRequest, options: OllamaOptions = {}): Promise<Sent['body']> {
  return (await sentFor({ prompt: 'hello', ...request }, options)).body;
}

describe('a request to Ollama', () => {
  it('goes to the server on this machine, without a key', async () => {
    expect(await sentFor({ prompt: 'hello' })).toEqual({
      url: 'http://localhost:11434/api/chat',
      headers: { 'content-type': 'application/json' },
      body: {
        model: 'llama3.2',
        messages: [{ role: 'user', content: 'hello' }],
        stream: true,
        options: { temperature: 0.7, num_predict: 2000 },
      },
    });
  });

  it('may go elsewhere, with a key', async () => {
    const { url, headers } = await sentFor({ prompt: 'hello' }, { baseURL: 'https://ollama.com/', apiKey: 'key-1' });

    expect(url).toBe('https://ollama.com/api/chat');
    expect(headers).toEqual({ authorization: 'Bearer key-1', 'content-type': 'application/json' });
  });

  it('needs a model', async () => {
    const error = await failureOf(clientOf({ model: undefined }).complete('hello'));

    expect(error).toMatchObject({ code: 'invalid_request', message: 'ollama needs a model' });
  });

  it('says everything in its own words', async () => {
    const body = await bodyFor({
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'What is ' },
            { type: 'file', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
            { type: 'file', mediaType: 'image/gif', url: 'data:image/gif;base64,R0lGODlh' },
            { type: 'text', text: 'this?' },
          ],
        },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'Hm.' },
            { type: 'tool-call', id: 'call_1', name: 'look', rawInput: '{"at":1}' },
            { type: 'tool-call', id: 'call_2', name: 'now', rawInput: '', input: {} },
          ],
        },
        {
          role: 'tool',
          parts: [
            { type: 'tool-result', toolCallId: 'call_1', output: { seen: 'a dot' } },
            { type: 'tool-result', toolCallId: 'call_2', output: 'noon' },
          ],
        },
      ],
      temperature: 0.2,
      maxTokens: 100,
      stop: ['END', 'STOP'],
      tools: [{ name: 'look', description: 'Looks', inputSchema: { type: 'object' }, strict: true }],
    });

    expect(body).toEqual({
      model: 'llama3.2',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What is this?', images: ['iVBORw0KGgo=', 'R0lGODlh'] },
        {
          role: 'assistant',
          content: '',
          thinking: 'Hm.',
          tool_calls: [
            { id: 'call_1', function: { name: 'look', arguments: { at: 1 } } },
            { id: 'call_2', function: { name: 'now', arguments: {} } },
          ],
        },
        { role: 'tool', content: '{"seen":"a dot"}', tool_name: 'look', tool_call_id: 'call_1' },
        { role: 'tool', content: 'noon', tool_name: 'now', tool_call_id: 'call_2' },
        { role: 'user', content: 'hello' },
      ],
      stream: true,
      tools: [{ type: 'function', function: { name: 'look', description: 'Looks', parameters: { type: 'object' } } }],
      options: { temperature: 0.2, num_predict: 100, stop: ['END', 'STOP'] },
    });
  });

  it('may have results within the answer', async () => {
    const { messages } = await bodyFor({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'tool-call', id: 'call_1', name: 'now', rawInput: '{}' },
            { type: 'tool-result', toolCallId: 'call_1', output: 'noon' },
            { type: 'text', text: 'It is noon.' },
          ],
        },
      ],
    });

    expect(messages).toMatchObject([
      { role: 'assistant', content: '', tool_calls: [{ id: 'call_1' }] },
      { role: 'tool', content: 'noon', tool_name: 'now' },
      { role: 'assistant', content: 'It is noon.' },
      { role: 'user', content: 'hello' },
    ]);
  });

  it.each([
    { type: 'file', mediaType: 'image/png', url: 'https://files.example/dot.png' } as const,
    { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=' } as const,
  ])('is refused with a file that Ollama does not take: %j', async (file) => {
    const error = await failureOf(clientOf().complete({ messages: [{ role: 'user', parts: [file] }] }));

    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(file.mediaType) });
  });

  it.each([
    [undefined, undefined],
    [true, true],
    [false, false],
    [{}, true],
    [{ budgetTokens: 512 }, true],
    [{ effort: 'none' }, false],
    [{ effort: 'minimal' }, 'low'],
    [{ effort: 'medium' }, 'medium'],
    [{ effort: 'xhigh' }, 'high'],
    [{ effort: 'max' }, 'max'],
  ] as const)('asks to think: %j is %j', async (reasoning, think) => {
    expect((await bodyFor({ reasoning }))['think']).toBe(think);
  });

  it.each([
    [{ model: 'llama3.2' }, { temperature: 0.7, num_predict: 2000 }],
    [{ model: 'qwen3:8b' }, {}],
    [{ model: 'gpt-oss:20b' }, {}],
    [{ model: 'llama3.2', reasoning: true }, {}],
    [{ model: 'llama3.2', temperature: null, maxTokens: null }, {}],
  ])('has defaults only for models that do not think: %j', async (request, options) => {
    expect((await bodyFor(request))['options']).toEqual(options);
  });

  it.each([
    ['auto', ['a', 'b']],
    ['required', ['a', 'b']],
    ['none', undefined],
    [{ name: 'b' }, ['b']],
  ] as const)('offers the tools that may be called: %j', async (toolChoice, names) => {
    const inputSchema = { type: 'object' };
    const { tools } = await bodyFor({
      tools: [
        { name: 'a', inputSchema },
        { name: 'b', inputSchema },
      ],
      toolChoice,
    });

    expect((tools as { function: { name: string } }[] | undefined)?.map((tool) => tool.function.name)).toEqual(names);
  });

  it('joins what is put in to the fields that are there', async () => {
    const body = await bodyFor(
      { providerOptions: { ollama: { options: { num_ctx: 8192 }, format: 'json' } } },
      { body: { options: { seed: 7 }, keep_alive: '5m' } },
    );

    expect(body).toMatchObject({
      options: { temperature: 0.7, num_predict: 2000, num_ctx: 8192, seed: 7 },
      format: 'json',
      keep_alive: '5m',
    });
  });
});

describe('an answer of Ollama', () => {
  it('thinks, speaks and calls', async () => {
    const { message, finishReason, rawFinishReason, model, usage } = await clientReading(
      say({ content: '', thinking: 'Let me ' }),
      say({ content: '', thinking: 'see.' }),
      say({ content: 'I will look.' }),
      say({ content: '', tool_calls: [{ id: 'c1', function: { index: 0, name: 'look', arguments: { at: 1 } } }] }),
      say({ content: '', tool_calls: [{ function: { name: 'now' } }, { function: { name: 'x', arguments: '{"a"' } }] }),
      finish({ done_reason: 'stop', total_duration: 5, prompt_eval_count: 26, eval_count: 298 }),
    ).complete('hello');

    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Let me see.' },
      { type: 'text', text: 'I will look.' },
      { type: 'tool-call', id: 'c1', name: 'look', rawInput: '{"at":1}', input: { at: 1 } },
      { type: 'tool-call', id: expect.stringMatching(/./), name: 'now', rawInput: '{}', input: {} },
      expect.objectContaining({ name: 'x', rawInput: '{"a"', error: expect.objectContaining({ code: 'parse' }) }),
    ]);
    expect({ finishReason, rawFinishReason, model }).toEqual({
      finishReason: 'tool-calls',
      rawFinishReason: 'stop',
      model: 'llama3.2',
    });
    expect(usage).toEqual({
      inputTokens: 26,
      outputTokens: 298,
      totalTokens: 324,
      raw: { total_duration: 5, prompt_eval_count: 26, eval_count: 298 },
    });
  });

  it.each([
    [{}, {}],
    [{ eval_count: 3 }, { outputTokens: 3 }],
    [
      { prompt_eval_count: 0, eval_count: 0 },
      { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
    ],
  ])('counts only what was counted: %j', async (raw, counts) => {
    const { usage } = await clientReading(say({ content: 'Hi' }), finish({ done_reason: 'stop', ...raw })).complete(
      'hi',
    );

    expect(usage).toEqual({ ...counts, raw });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'other'],
    ['unload', 'other'],
    [undefined, 'stop'],
  ])('that ends with %s has the finish reason %s', async (done_reason, reason) => {
    const { finishReason, rawFinishReason } = await clientReading(finish({ done_reason })).complete('hello');

    expect({ finishReason, rawFinishReason }).toEqual({ finishReason: reason, rawFinishReason: done_reason });
  });

  it('with calls that is cut by its length says so', async () => {
    const { finishReason } = await clientReading(
      say({ tool_calls: [{ function: { name: 'now', arguments: {} } }] }),
      finish({ done_reason: 'length' }),
    ).complete('hello');

    expect(finishReason).toBe('length');
  });

  it('ends with its last line, whatever the connection does', async () => {
    await using server = await startHttpServer({ chunks: [{ text: DONE }], end: 'hang' });

    const started = performance.now();
    expect((await clientOf({}, { baseURL: server.url }).complete('hello')).text).toBe('Done.');
    expect(performance.now() - started).toBeLessThan(1900);
  });

  it('may have fields that are null', async () => {
    const { text } = await clientReading(
      line({ model: null, message: null, done: null, done_reason: null, error: null }),
      say({ content: null, thinking: null, tool_calls: null, images: null }),
      DONE,
    ).complete('hello');

    expect(text).toBe('Done.');
  });

  it('is the same for any split, and for any line end', async () => {
    const text = 'Grüße 👋🏽 日本語';
    const body = say({ content: 'Grüße ' }) + say({ content: '👋🏽 ' }) + say({ content: '日本語' }) + finish();
    const bytes = toBytes(body);

    expect((await clientReading(body.replaceAll('\n', '\r\n\n')).complete('hello')).text).toBe(text);
    expect((await clientReading(body.trimEnd()).complete('hello')).text).toBe(text);
    await assert(
      asyncProperty(array(nat(), { maxLength: 30 }), async (cuts) => {
        expect((await clientReading(...cutAt(bytes, cuts)).complete('hello')).text).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a failure of Ollama', () => {
  it.each([
    [400, 'InvalidRequestError', '"llama3.2" does not support tools'],
    [400, 'ContextLengthError', 'the input length exceeds the context length'],
    [401, 'AuthenticationError', 'unauthorized'],
    [404, 'NotFoundError', "model 'llama3.2' not found"],
    [503, 'OverloadedError', 'server busy, please try again.  maximum pending requests exceeded'],
    [500, 'ServerError', 'llama runner process has terminated'],
  ])('with status %d is a %s: %s', async (status, name, message) => {
    await using server = await startHttpServer({ status, chunks: [{ text: JSON.stringify({ error: message }) }] });

    const error = await failureOf(clientOf({}, { baseURL: server.url }).complete('hello'));

    expect(error).toMatchObject({ name, status, message: expect.stringContaining(message.replace(/\s+/g, ' ')) });
  });

  it('in a line keeps the text before it', async () => {
    const error = await failureOf(
      clientReading(
        say({ content: 'Hello' }),
        line({ error: 'an error was encountered while running the model' }),
        DONE,
      ).complete('hello'),
    );

    expect(error).toMatchObject({
      name: 'ServerError',
      status: 500,
      message: expect.stringContaining('while running the model'),
      partial: { text: 'Hello' },
    });
  });

  it('that is a page in place of an answer quotes its first line', async () => {
    const error = await failureOf(clientReading('<!doctype html>\n<title>Log in</title>').complete('hello'));

    expect(error).toMatchObject({ code: 'parse', message: expect.stringContaining('<!doctype html>') });
  });

  it('is a cut, where its last line is missing or not whole', async () => {
    for (let length = 0; length < DONE.length - 1; length += 1) {
      const error = await failureOf(clientReading(DONE.slice(0, length)).complete('hello'));
      expect(error, `cut after ${length}`).toMatchObject({ code: 'truncated' });
    }
  });
});

describe('the model server', () => {
  const client = (): LLMClient => clientOf({}, { baseURL: inject('modelServerUrl') });

  it('answers', async () => {
    expect(await client().complete('hello')).toMatchObject({
      text: 'Hello! How can I help you today?',
      finishReason: 'stop',
      usage: { inputTokens: 0, outputTokens: 0 },
    });
  });

  it('thinks', async () => {
    expect(await client().complete({ prompt: 'think', reasoning: true })).toMatchObject({
      text: 'The answer is 42.',
      reasoning: 'Six times seven is forty-two.',
    });
  });

  it('calls a tool, and takes its result', async () => {
    const tools = [{ name: 'weather', inputSchema: { type: 'object' } }];
    const { message, toolCalls, finishReason } = await client().complete({ prompt: 'weather', tools });

    expect(finishReason).toBe('tool-calls');
    expect(toolCalls).toMatchObject([{ name: 'weather', input: { city: 'Paris' } }]);
    const { text } = await client().complete({
      messages: [
        { role: 'user', content: 'weather' },
        message,
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: toolCalls[0]!.id, output: { celsius: 21 } }] },
      ],
      prompt: 'hello',
      tools,
    });
    expect(text).toBe('Hello! How can I help you today?');
  });

  it('limits the rate', async () => {
    expect(await failureOf(client().complete('rate limit'))).toMatchObject({ name: 'RateLimitError', status: 429 });
  });

  it('cuts an answer', async () => {
    expect(await failureOf(client().complete('cut'))).toMatchObject({ code: 'network' });
  });
});
