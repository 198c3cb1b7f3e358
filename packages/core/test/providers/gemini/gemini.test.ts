import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  LLMClient,
  ParseError,
  type Completion,
  type GenerateRequest,
  type LLMConfig,
  type LLMError,
} from '@rivulet/core';
import { gemini, type GeminiOptions } from '@rivulet/core/gemini';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { answering, cutAt, failureOf, readAll, type Sent, sentBy, toBytes } from '../../support/client.ts';

function frame(json: unknown): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

function say(...parts: readonly object[]): string {
  return frame({ candidates: [{ content: { role: 'model', parts }, index: 0 }] });
}

function finish(finishReason = 'STOP', fields: object = {}): string {
  return frame({ candidates: [{ content: { parts: [{ text: '' }] }, finishReason, ...fields }] });
}

const DONE = say({ text: 'Done.' }) + finish();

function clientOf(config: Partial<LLMConfig> = {}, options: GeminiOptions = {}): LLMClient {
  const provider = gemini({ baseURL: 'http://127.0.0.1', ...options });
  return new LLMClient({ provider, model: 'gemini-2.0-flash', retry: false, ...config });
}

/** A client whose answers have exactly these pieces as network chunks. */
function clientReading(...pieces: readonly (string | Uint8Array)[]): LLMClient {
  return clientOf({ fetch: answering(...pieces) });
}

/** What is sent for a request. */
function sentFor(request: GenerateRequest, options: GeminiOptions = {}): Promise<Sent> {
  return sentBy((config) => clientOf(config, options), request, DONE);
}

async function bodyFor(request: GenerateRequest, options: GeminiOptions = {}): Promise<Sent['body']> {
  return (await sentFor({ prompt: 'hello', ...request }, options)).body;
}

describe('a request to Gemini', () => {
  it('goes to the model, with its key in a header', async () => {
    const { url, headers } = await sentFor({ prompt: 'hello' }, { apiKey: 'key-1' });

    expect(url).toBe('http://127.0.0.1/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse');
    expect(headers).toEqual({ 'content-type': 'application/json', 'x-goog-api-key': 'key-1' });
  });

  it.each([
    ['http://127.0.0.1/v1beta/', 'http://127.0.0.1/v1beta/'],
    ['http://127.0.0.1/proxy/v1', 'http://127.0.0.1/proxy/v1/'],
    ['http://127.0.0.1/proxy', 'http://127.0.0.1/proxy/v1beta/'],
  ])('takes an address with or without a version: %s', async (baseURL, start) => {
    const { url } = await sentFor({ prompt: 'hello', model: 'tunedModels/mine' }, { baseURL });

    expect(url).toBe(`${start}tunedModels/mine:streamGenerateContent?alt=sse`);
  });

  it.each([
    ['models/gemini-2.0-flash', 'models/gemini-2.0-flash'],
    ['publishers/google/models/gemini-2.5-pro', 'publishers/google/models/gemini-2.5-pro'],
    ['projects/p/locations/l/endpoints/123', 'projects/p/locations/l/endpoints/123'],
    ['deepseek-r1:free', 'models/deepseek-r1:free'],
    ['claude-x@20250101', 'models/claude-x@20250101'],
    ['ünï', 'models/%C3%BCn%C3%AF'],
  ])('sends the model %s in the path', async (model, path) => {
    const { url } = await sentFor({ prompt: 'hello', model });

    expect(url).toBe(`http://127.0.0.1/v1beta/${path}:streamGenerateContent?alt=sse`);
  });

  it.each([
    '../../v1/other',
    'models/../x',
    'a/b?x=y#z',
    'a#b',
    'a\\..\\b',
    '%2e%2e/%2e%2e/v1/other',
    '..',
    '.',
    '/models/x',
    'models/',
    'models//x',
    'a b',
    'a\nb',
    '\t../x',
    'a\ud800b',
  ])('rejects the model %j, which would change the address', async (model) => {
    expect(await failureOf(sentFor({ prompt: 'hello', model }))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(JSON.stringify(model)),
    });
  });

  it('needs a model', async () => {
    const error = await failureOf(clientOf({ model: undefined }).complete('hello'));

    expect(error).toMatchObject({ code: 'invalid_request', message: 'gemini needs a model' });
  });

  it('says everything in its own words', async () => {
    const body = await bodyFor({
      system: 'Be brief.',
      messages: [
        { role: 'system', content: 'Be kind.' },
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'What is this?' },
            { type: 'file', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
            { type: 'file', mediaType: 'image/gif', url: 'data:image/gif;base64,R0lGODlh' },
            { type: 'file', mediaType: 'application/pdf', url: 'https://files.example/paper.pdf' },
          ],
        },
        { role: 'assistant', content: 'A dot.' },
      ],
      prompt: 'And this?',
      temperature: 0.2,
      maxTokens: 100,
      stop: 'END',
      tools: [{ name: 'weather', description: 'Tells the weather', inputSchema: { type: 'object', properties: {} } }],
      toolChoice: { name: 'weather' },
    });

    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'What is this?' },
            { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
            { inlineData: { mimeType: 'image/gif', data: 'R0lGODlh' } },
            { fileData: { mimeType: 'application/pdf', fileUri: 'https://files.example/paper.pdf' } },
          ],
        },
        { role: 'model', parts: [{ text: 'A dot.' }] },
        { role: 'user', parts: [{ text: 'And this?' }] },
      ],
      tools: [
        {
          functionDeclarations: [
            {
              name: 'weather',
              description: 'Tells the weather',
              parametersJsonSchema: { type: 'object', properties: {} },
            },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } },
      generationConfig: { temperature: 0.2, maxOutputTokens: 100, stopSequences: ['END'] },
    });
  });

  const inputSchema = { type: 'object' };

  it.each([
    ['auto', false, 'AUTO'],
    ['required', false, 'ANY'],
    ['none', false, 'NONE'],
    [undefined, true, 'VALIDATED'],
    ['auto', true, 'VALIDATED'],
    ['required', true, 'ANY'],
  ] as const)('chooses tools by %s, strict %s, with mode %s', async (toolChoice, strict, mode) => {
    const { toolConfig } = await bodyFor({ tools: [{ name: 'now', inputSchema, strict }], toolChoice });

    expect(toolConfig).toEqual({ functionCallingConfig: { mode } });
  });

  it('says nothing of tools where there are none', async () => {
    const body = await bodyFor({ tools: [], toolChoice: 'auto' });

    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('toolConfig');
  });

  it.each([
    ['gemini-3-pro-preview', true, { includeThoughts: true }],
    ['gemini-3-pro-preview', { effort: 'medium' }, { includeThoughts: true, thinkingLevel: 'medium' }],
    ['gemini-3-pro-preview', { effort: 'max' }, { includeThoughts: true, thinkingLevel: 'high' }],
    ['gemini-3-flash', { effort: 'none' }, { includeThoughts: false, thinkingLevel: 'minimal' }],
    ['gemini-3-flash', { effort: 'low', budgetTokens: 512 }, { includeThoughts: true, thinkingBudget: 512 }],
    ['gemini-2.5-flash', { effort: 'low' }, { includeThoughts: true, thinkingBudget: 1024 }],
    ['gemini-2.5-flash', { effort: 'high' }, { includeThoughts: true, thinkingBudget: 24_576 }],
    ['gemini-2.5-flash', { effort: 'none' }, { includeThoughts: false, thinkingBudget: 0 }],
  ] as const)('asks %s to think: %j', async (model, reasoning, thinkingConfig) => {
    const { generationConfig } = await bodyFor({ model, reasoning });

    expect(generationConfig).toEqual({ thinkingConfig });
  });

  it.each([
    ['gemini-2.0-flash', { temperature: 0.7, maxOutputTokens: 2000 }],
    ['gemini-1.5-pro', { temperature: 0.7, maxOutputTokens: 2000 }],
    ['gemini-2.5-flash', {}],
    ['gemini-3.1-pro-preview', {}],
    ['gemini-flash-latest', {}],
  ])('has defaults only for models that do not think: %s', async (model, generationConfig) => {
    expect(await bodyFor({ model })).toMatchObject({ generationConfig });
    expect((await bodyFor({ model }))['generationConfig']).toEqual(generationConfig);
  });

  it('joins what is put in to the fields that are there', async () => {
    const body = await bodyFor(
      {
        maxTokens: 50,
        providerOptions: {
          gemini: {
            generationConfig: { responseMimeType: 'application/json', topK: 3 },
            safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
          },
        },
      },
      { body: { generationConfig: { seed: 7, topK: 1 }, cachedContent: 'cachedContents/1' } },
    );

    expect(body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
      generationConfig: {
        temperature: 0.7,
        maxOutputTokens: 50,
        seed: 7,
        topK: 3,
        responseMimeType: 'application/json',
      },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/1',
    });
  });

  it('gives the whole body to a function', async () => {
    const body = await bodyFor(
      { providerOptions: { gemini: { generationConfig: { seed: 7 } } } },
      { body: ({ generationConfig }) => ({ generationConfig, labels: { team: 'a' } }) },
    );

    expect(body).toEqual({
      generationConfig: { temperature: 0.7, maxOutputTokens: 2000, seed: 7 },
      labels: { team: 'a' },
    });
  });
});

describe('the history of a conversation with Gemini', () => {
  const call = { type: 'tool-call', id: 'call_1', name: 'weather', rawInput: '{"city":"Paris"}' } as const;

  it('has the results of parallel calls in one turn, by the names of their tools', async () => {
    const { contents } = await bodyFor({
      messages: [
        { role: 'assistant', parts: [call, { ...call, id: 'call_2', name: 'clock', rawInput: '', input: { a: 1 } }] },
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'call_1', output: 'warm' }] },
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'call_2', output: 'broken', isError: true }] },
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'call_3', name: 'list', output: [1, 2] }] },
      ],
    });

    expect(contents).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'call_1', name: 'weather', args: { city: 'Paris' } } },
          { functionCall: { id: 'call_2', name: 'clock', args: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'call_1', name: 'weather', response: { output: 'warm' } } },
          { functionResponse: { id: 'call_2', name: 'clock', response: { error: 'broken' } } },
          { functionResponse: { id: 'call_3', name: 'list', response: { output: [1, 2] } } },
        ],
      },
      { role: 'user', parts: [{ text: 'hello' }] },
    ]);
  });

  it('may have results within the answer', async () => {
    const { contents } = await bodyFor({
      messages: [
        {
          role: 'assistant',
          parts: [
            call,
            { type: 'tool-result', toolCallId: 'call_1', output: { celsius: 21 } },
            { type: 'text', text: 'Warm.' },
          ],
        },
      ],
    });

    expect(contents).toMatchObject([
      { role: 'model', parts: [{ functionCall: { id: 'call_1' } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'call_1', response: { celsius: 21 } } }] },
      { role: 'model', parts: [{ text: 'Warm.' }] },
      { role: 'user' },
    ]);
  });

  it('leaves out what says nothing', async () => {
    const { contents } = await bodyFor({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'text', text: '' },
            { type: 'source', url: 'https://example.com' },
            { type: 'data', name: 'chart', data: {} },
          ],
        },
        { role: 'user', content: '' },
      ],
    });

    expect(contents).toEqual([{ role: 'user', parts: [{ text: 'hello' }] }]);
  });

  it('comes back with every signature where it was, also on empty text', async () => {
    const parts = [
      { text: 'Hm. ', thought: true },
      { text: 'Right.', thought: true, thoughtSignature: 'sig-1' },
      { text: 'Well', thoughtSignature: 'sig-2' },
      { text: ', ' },
      { text: 'look.' },
      { inlineData: { mimeType: 'image/png', data: 'AA==' }, thoughtSignature: 'sig-3' },
      { inlineData: { mimeType: 'image/png', data: 'AB==' }, thought: true },
      { functionCall: { id: 'c1', name: 'weather', args: { city: 'Paris' } }, thoughtSignature: 'sig-4' },
      { functionCall: { id: 'c2', name: 'weather', args: { city: 'Rome' } } },
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' }, thoughtSignature: 'sig-5' },
      { text: '', thoughtSignature: 'sig-6' },
    ];
    const { message, text, reasoning } = await clientReading(...parts.map((part) => say(part)), finish()).complete(
      'hi',
    );

    expect(text).toBe('Well, look.');
    expect(reasoning).toBe('Hm. Right.');
    const { contents } = await bodyFor({ messages: [JSON.parse(JSON.stringify(message)) as typeof message] });
    // What was not signed is joined.
    const joined = [...parts.slice(0, 3), { text: ', look.' }, ...parts.slice(5)];
    expect(contents).toEqual([
      { role: 'model', parts: joined },
      { role: 'user', parts: [{ text: 'hello' }] },
    ]);
  });

  it('has the word that Gemini 3 takes for calls that nobody signed', async () => {
    const messages = [{ role: 'assistant', parts: [call, { ...call, id: 'call_2' }] }] as const;
    const partsFor = async (model: string): Promise<object[]> => {
      const { contents } = await bodyFor({ model, messages });
      return (contents as { parts: object[] }[])[0]!.parts;
    };

    expect(await partsFor('gemini-3-pro-preview')).toMatchObject([
      { thoughtSignature: 'skip_thought_signature_validator' },
      {},
    ]);
    expect((await partsFor('gemini-3-pro-preview'))[1]).not.toHaveProperty('thoughtSignature');
    expect(JSON.stringify(await partsFor('gemini-2.5-pro'))).not.toContain('thoughtSignature');
  });
});

describe('an answer of Gemini', () => {
  it('has the id and the model of the response, and the last counts', async () => {
    const { id, model, usage } = await clientReading(
      frame({ responseId: 'r1', modelVersion: 'gemini-x', candidates: [], usageMetadata: { promptTokenCount: 9 } }),
      DONE,
      frame({ usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2, totalTokenCount: 11 } }),
    ).complete('hello');

    expect({ id, model }).toEqual({ id: 'r1', model: 'gemini-x' });
    expect(usage).toEqual({
      inputTokens: 9,
      outputTokens: 2,
      totalTokens: 11,
      raw: { promptTokenCount: 9, candidatesTokenCount: 2, totalTokenCount: 11 },
    });
  });

  it.each([
    [{ trafficType: 'ON_DEMAND' }, {}],
    [
      { promptTokenCount: 6, thoughtsTokenCount: 14 },
      { inputTokens: 6, outputTokens: 14, reasoningTokens: 14 },
    ],
    [
      { promptTokenCount: 6, candidatesTokenCount: 0, cachedContentTokenCount: 4 },
      { inputTokens: 6, outputTokens: 0, cachedInputTokens: 4 },
    ],
    [{ promptTokenCount: null, candidatesTokenCount: null }, {}],
  ])('counts only what was counted: %j', async (raw, counts) => {
    const { usage } = await clientReading(DONE, frame({ usageMetadata: raw })).complete('hello');

    expect(usage).toEqual({ ...counts, raw });
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['LANGUAGE', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
    ['OTHER', 'other'],
    ['FINISH_REASON_UNSPECIFIED', 'other'],
    ['UNEXPECTED_TOOL_CALL', 'other'],
  ])('that ends with %s has the finish reason %s', async (raw, reason) => {
    const { finishReason, rawFinishReason } = await clientReading(say({ text: 'Hi' }), finish(raw)).complete('hello');

    expect({ finishReason, rawFinishReason }).toEqual({ finishReason: reason, rawFinishReason: raw });
  });

  it.each([
    ['STOP', 'tool-calls'],
    ['FUNCTION_CALL', 'tool-calls'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
  ])('with calls that ends with %s has the finish reason %s', async (raw, reason) => {
    const { finishReason, toolCalls } = await clientReading(
      say({ functionCall: { name: 'now' } }),
      finish(raw),
    ).complete('hello');

    expect(finishReason).toBe(reason);
    expect(toolCalls).toEqual([
      expect.objectContaining({ id: expect.stringMatching(/./), name: 'now', rawInput: '{}', input: {} }),
    ]);
  });

  it('to a prompt that is blocked is a filter, and is not asked for again', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: frame({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: {} }) }],
    });
    const client = clientOf({ retry: { maxDelayMs: 1 } }, { baseURL: server.url });

    const { text, finishReason, rawFinishReason } = await client.complete('hello');

    expect({ text, finishReason, rawFinishReason }).toEqual({
      text: '',
      finishReason: 'content-filter',
      rawFinishReason: 'PROHIBITED_CONTENT',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('with a call that came out malformed is an error', async () => {
    const error = await failureOf(
      clientReading(
        say({ text: 'Let me see' }),
        finish('MALFORMED_FUNCTION_CALL', { finishMessage: 'Malformed: print(' }),
      ).complete('hello'),
    );

    expect(error).toMatchObject({
      name: 'ServerError',
      isRetryable: true,
      message: expect.stringContaining('MALFORMED_FUNCTION_CALL Malformed: print('),
      partial: { text: 'Let me see' },
    });
  });

  it('cites each source once', async () => {
    const grounded = {
      groundingMetadata: {
        groundingChunks: [
          { web: { uri: 'https://a.example', title: 'A' } },
          { retrievedContext: { uri: 'https://b.example' } },
          { maps: { uri: 'https://c.example', title: null } },
          {},
        ],
      },
      citationMetadata: { citationSources: [{ uri: 'https://a.example' }, { uri: 'https://d.example' }, {}] },
    };
    const { sources, text } = await clientReading(
      say({ text: 'So.' }),
      finish('STOP', grounded),
      finish('STOP', grounded),
    ).complete('hello');

    expect(text).toBe('So.');
    expect(sources).toEqual([
      { type: 'source', url: 'https://a.example', title: 'A' },
      { type: 'source', url: 'https://b.example' },
      { type: 'source', url: 'https://c.example' },
      { type: 'source', url: 'https://d.example' },
    ]);
  });

  it('may hold pictures', async () => {
    const { message } = await clientReading(
      say({ text: 'Here:' }, { inlineData: { mimeType: 'image/png', data: 'AA==' } }, { text: 'Nice?' }),
      finish(),
    ).complete('hello');

    expect(message.parts).toEqual([
      { type: 'text', text: 'Here:' },
      { type: 'file', mediaType: 'image/png', data: 'AA==' },
      { type: 'text', text: 'Nice?' },
    ]);
  });

  it('is that of the first candidate', async () => {
    const { text } = await clientReading(
      frame({
        candidates: [
          { index: 1, content: { parts: [{ text: 'No' }] } },
          { index: 0, content: { parts: [{ text: 'Yes' }] } },
        ],
      }),
      finish(),
    ).complete('hello');

    expect(text).toBe('Yes');
  });

  it('may have fields that are null, parts of no known kind, and more after its end', async () => {
    const { text } = await clientReading(
      frame({ candidates: null, promptFeedback: null, usageMetadata: null, responseId: null, error: null }),
      frame({ candidates: [{ index: null, content: null, finishReason: null, groundingMetadata: null }] }),
      frame({ candidates: [{ content: { parts: null }, citationMetadata: null }] }),
      say({ text: null, thoughtSignature: null, functionCall: null, inlineData: null }, { videoMetadata: {} }),
      say({ text: 'Hi', thought: null, thoughtSignature: null }),
      finish(),
      finish('OTHER'),
      'data: [DONE]\n\n',
    ).complete('hello');

    expect(text).toBe('Hi');
  });

  it('may come as one list of responses, which a server sends without alt=sse', async () => {
    const list = [
      { candidates: [{ content: { parts: [{ text: 'Hello ' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'world' }] }, finishReason: 'STOP' }] },
    ];
    const body = JSON.stringify(list, undefined, 2);

    expect(await clientReading(body).complete('hello')).toMatchObject({ text: 'Hello world', finishReason: 'stop' });
    for (let length = 0; length < body.length; length += 1) {
      const error = await failureOf(clientReading(body.slice(0, length)).complete('hello'));
      expect(error, `cut after ${length}`).toMatchObject({ code: 'truncated' });
    }
  });
});

describe('the streamed arguments of a call', () => {
  const piece = (fields: object): string => say({ functionCall: fields });
  const at = (jsonPath: string, value: object): object => ({
    partialArgs: [{ jsonPath, ...value }],
    willContinue: true,
  });

  it('are put together by their paths', async () => {
    const { toolCalls, finishReason, message } = await clientReading(
      say({ functionCall: { name: 'cook', willContinue: true }, thoughtSignature: 'sig' }),
      piece(at('$.recipe.steps[0].text', { stringValue: 'Boil ', willContinue: true })),
      piece(at('$.recipe.steps[0].text', { stringValue: 'water' })),
      piece(at('$.recipe.steps[0].minutes', { numberValue: 4.5 })),
      piece({ willContinue: true }),
      piece(at('$.recipe.steps[1].text', { stringValue: 'Eat' })),
      piece(at(`$['the "best"'].x.y`, { boolValue: false })),
      piece(at(`$["it's"]`, { numberValue: 1 })),
      piece(at('$.recipe.note', { nullValue: 'NULL_VALUE' })),
      piece({}),
      piece({ name: 'now' }),
      piece({ name: 'say', willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.word', stringValue: 'hi' }] }),
      piece({ name: 'open', willContinue: true }),
      finish(),
    ).complete('hello');

    const cook = {
      recipe: { steps: [{ text: 'Boil water', minutes: 4.5 }, { text: 'Eat' }], note: null },
      'the "best"': { x: { y: false } },
      "it's": 1,
    };
    expect(toolCalls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'cook', input: cook },
      { name: 'now', input: {} },
      { name: 'say', input: { word: 'hi' } },
      { name: 'open', input: {} },
    ]);
    expect(toolCalls[0]?.rawInput).toBe(JSON.stringify(cook));
    expect(finishReason).toBe('tool-calls');
    expect(message.parts[0]?.providerMetadata).toEqual({ gemini: { thoughtSignature: 'sig' } });
  });

  it('go on behind a finish reason, which some servers send with each chunk', async () => {
    const chunk = (functionCall: object): string =>
      frame({ candidates: [{ content: { parts: [{ functionCall }] }, finishReason: 'STOP' }] });
    const { toolCalls, finishReason } = await clientReading(
      frame({ candidates: [{ content: { parts: [{ text: 'Let me see.' }] }, finishReason: 'STOP' }] }),
      chunk({ name: 'cook', willContinue: true }),
      chunk(at('$.text', { stringValue: 'Boil ', willContinue: true })),
      chunk(at('$.text', { stringValue: 'water' })),
      chunk({}),
    ).complete('hello');

    expect(toolCalls).toMatchObject([{ name: 'cook', input: { text: 'Boil water' } }]);
    expect(finishReason).toBe('tool-calls');
  });

  it('are not taken for whole where the answer was cut', async () => {
    const { toolCalls, finishReason } = await clientReading(
      piece({ name: 'cook', willContinue: true }),
      piece(at('$.recipe', { stringValue: 'Boil' })),
      finish('MAX_TOKENS'),
    ).complete('hello');

    expect(finishReason).toBe('length');
    expect(toolCalls[0]).not.toHaveProperty('input');
    expect(toolCalls[0]?.error).toBeInstanceOf(ParseError);
  });

  it('are data, whatever their names', async () => {
    const { toolCalls } = await clientReading(
      piece({ name: 'cook', willContinue: true }),
      piece(at('$.__proto__.polluted', { stringValue: 'yes' })),
      piece(at('$.constructor.prototype.polluted', { stringValue: 'yes' })),
      piece({}),
      finish(),
    ).complete('hello');

    expect(Object.keys(toolCalls[0]?.input as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it.each([
    ['$.a.constructor.prototype.polluted'],
    ['$.a.length.x'],
    ['$.list[4294967294]'],
    ['$.list.length'],
    ['$.list.__proto__.polluted'],
  ])('cannot leave their object: %s', async (path) => {
    const error = await failureOf(
      clientReading(
        piece({ name: 'cook', willContinue: true }),
        piece(at('$.a', { stringValue: 'text' })),
        piece(at('$.list[0]', { stringValue: 'first' })),
        piece(at(path, { numberValue: 4_294_967_295 })),
        finish(),
      ).complete('hello'),
    );

    expect(error).toMatchObject({ code: 'parse' });
    expect(('' as { polluted?: unknown }).polluted).toBeUndefined();
    expect(([] as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('a failure of Gemini', () => {
  const limited = {
    error: {
      code: 429,
      message: 'You exceeded your current quota, please check your plan and billing details.',
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '0.0304s' }],
    },
  };
  const isLimited = { name: 'RateLimitError', status: 429, isRetryable: true, retryAfterMs: 31, provider: 'gemini' };

  it('is the same by status, in a list, and in band', async () => {
    await using server = await startHttpServer([
      { status: 429, chunks: [{ text: JSON.stringify(limited, undefined, 2) }] },
      { status: 429, chunks: [{ text: JSON.stringify([limited]) }] },
      { chunks: [{ text: frame(limited) }] },
      { chunks: [{ text: frame([limited]) }] },
      { chunks: [{ text: JSON.stringify([limited], undefined, 2) }] },
    ]);
    const client = clientOf({}, { baseURL: server.url });
    const first = (await failureOf(client.complete('hello'))) as LLMError;

    expect(first).toMatchObject(isLimited);
    for (let at = 1; at < 5; at += 1) {
      const error = (await failureOf(client.complete('hello'))) as LLMError;
      expect(error).toMatchObject(isLimited);
      expect(error.message).toBe(first.message);
    }
  });

  it('is waited for as long as it asks', async () => {
    await using server = await startHttpServer([
      { status: 429, chunks: [{ text: JSON.stringify(limited) }] },
      { chunks: [{ text: frame(limited) }] },
      { chunks: [{ text: DONE }] },
    ]);
    const delays: number[] = [];
    const client = clientOf({ retry: { onRetry: ({ delayMs }) => delays.push(delayMs) } }, { baseURL: server.url });

    expect((await client.complete('hello')).text).toBe('Done.');
    expect(delays).toEqual([31, 31]);
  });

  it('after text keeps the text, also in a list', async () => {
    const said = { candidates: [{ content: { parts: [{ text: 'Hello' }] } }] };
    const error = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } };

    for (const body of [frame(said) + frame(error), frame([said, error, said]), JSON.stringify([said, error])]) {
      const { items, error: failure } = await readAll(clientReading(body).stream('hello').textStream);
      expect(items).toEqual(['Hello']);
      expect(failure).toMatchObject({ name: 'OverloadedError', status: 503, partial: { text: 'Hello' } });
    }
  });

  it('of a key that it refuses with 400 is one of authentication', async () => {
    await using server = await startHttpServer({
      status: 400,
      chunks: [
        {
          text: JSON.stringify({
            error: {
              code: 400,
              message: 'API key not valid. Please pass a valid API key.',
              status: 'INVALID_ARGUMENT',
              details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
            },
          }),
        },
      ],
    });

    const error = await failureOf(clientOf({}, { baseURL: server.url }).complete('hello'));

    expect(error).toMatchObject({ name: 'AuthenticationError', status: 400, isRetryable: false });
  });
});

describe('the model server', () => {
  const client = (): LLMClient => clientOf({}, { baseURL: inject('modelServerUrl'), apiKey: 'test' });

  it('answers', async () => {
    const { text, finishReason, rawFinishReason } = await client().complete('hello');

    expect({ text, finishReason, rawFinishReason }).toEqual({
      text: 'Hello! How can I help you today?',
      finishReason: 'stop',
      rawFinishReason: 'STOP',
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
    const output = { celsius: 21 };
    const { text } = await client().complete({
      messages: [
        { role: 'user', content: 'weather' },
        message,
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: toolCalls[0]!.id, output }] },
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

const streams = process.env['RIVULET_STREAMS'] || fileURLToPath(new URL('../../../../shared/streams', import.meta.url));
const folder = join(streams, 'gemini');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];

if (files.length === 0) console.log(`Recorded streams: none in ${folder}, so they are skipped`);
else console.log(`Recorded streams: ${files.length} of gemini in ${folder}`);

interface RawResponse {
  candidates?: {
    content?: {
      parts?: {
        text?: string;
        thought?: boolean;
        thoughtSignature?: string;
        functionCall?: {
          name?: string;
          args?: Record<string, string>;
          partialArgs?: { jsonPath: string; stringValue?: string }[];
        };
      }[];
    };
    finishReason?: string;
  }[];
  usageMetadata?: Record<string, number>;
  modelVersion: string;
  responseId: string;
}

/** What the recorded lines say, in the simplest way that there is. */
function expectedFrom(lines: readonly string[]): object {
  const responses = lines.map((line) => JSON.parse(line) as RawResponse);
  const parts = responses.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const said = (thought: boolean): string =>
    parts.map((part) => (!!part.thought === thought ? (part.text ?? '') : '')).join('');
  const calls: { name: string; input: Record<string, string> }[] = [];
  for (const { functionCall } of parts) {
    if (functionCall?.name) calls.push({ name: functionCall.name, input: { ...functionCall.args } });
    for (const { jsonPath, stringValue = '' } of functionCall?.partialArgs ?? []) {
      const { input } = calls.at(-1)!;
      const name = jsonPath.slice(2);
      expect(name, 'a path that this test can read').toMatch(/^\w+$/);
      input[name] = (input[name] ?? '') + stringValue;
    }
  }
  const raw = responses.reduce<Record<string, number>>((last, { usageMetadata }) => usageMetadata ?? last, {});
  return {
    id: responses[0]?.responseId,
    model: responses[0]?.modelVersion,
    text: said(false),
    reasoning: said(true),
    toolCalls: calls,
    signatures: parts.flatMap((part) => part.thoughtSignature ?? []),
    finishReason: calls.length > 0 ? 'tool-calls' : 'stop',
    rawFinishReason: responses.flatMap(({ candidates }) => candidates?.[0]?.finishReason ?? []).at(-1),
    usage: {
      inputTokens: raw['promptTokenCount'],
      outputTokens: raw['candidatesTokenCount']! + (raw['thoughtsTokenCount'] ?? 0),
      totalTokens: raw['totalTokenCount'],
      reasoningTokens: raw['thoughtsTokenCount'],
      cachedInputTokens: raw['cachedContentTokenCount'],
      raw,
    },
  };
}

function essence(completion: Completion): object {
  const { id, model, text, reasoning, toolCalls, message, finishReason, rawFinishReason, usage } = completion;
  return {
    id,
    model,
    text,
    reasoning,
    toolCalls: toolCalls.map(({ name, input }) => ({ name, input })),
    signatures: message.parts.flatMap(
      ({ providerMetadata }) => (providerMetadata?.['gemini'] as { thoughtSignature?: string })?.thoughtSignature ?? [],
    ),
    finishReason,
    rawFinishReason,
    usage,
  };
}

describe.skipIf(files.length === 0)('a recorded stream of Gemini', () => {
  it.each(files)('%s is decoded into what its lines say', async (file) => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    const expected = expectedFrom(lines);
    const body = lines.map((line) => `data: ${line}\n\n`).join('');
    const bytes = toBytes(body);

    expect(essence(await clientReading(body).complete('hello'))).toEqual(expected);
    expect(essence(await clientReading(body.replaceAll('\n', '\r\n')).complete('hello'))).toEqual(expected);
    expect(essence(await clientReading(`[${lines.join(',\n')}]`).complete('hello'))).toEqual(expected);

    await assert(
      asyncProperty(array(nat(), { maxLength: 300, size: 'max' }), async (cuts) => {
        expect(essence(await clientReading(...cutAt(bytes, cuts)).complete('hello'))).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it.each(files)('%s is no success when its last line is missing', async (file) => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n').slice(0, -1);

    await expect(clientReading(...lines.map((line) => `data: ${line}\n\n`)).complete('hello')).rejects.toMatchObject({
      code: 'truncated',
    });
  });
});
