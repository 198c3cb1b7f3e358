import { completeObject, LLMClient, streamObject, type LLMConfig, type ObjectMode, type Provider } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { scripted } from '@rivulet/core/scripted';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHttpServer, type HttpServer } from '../../../../test/support/http-server.ts';
import { answer, delta, DONE, finish } from '../support/chat-completions.ts';
import { failureOf, readAll } from '../support/client.ts';

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer({ status: 418 });
});
afterAll(() => server.close());

const schema = z.object({ a: z.string(), b: z.number().optional() });
const properties = { a: { type: 'string' }, b: { type: 'number' } };
const open = { type: 'object', properties, required: ['a'] };
const closed = { ...open, additionalProperties: false };
const strict = { ...closed, properties: { ...properties, b: { type: ['number', 'null'] } }, required: ['a', 'b'] };

/** The body that is sent for an object. Nobody answers. */
async function bodyFor(provider: Provider, request: object = {}, config: Partial<LLMConfig> = {}): Promise<unknown> {
  const client = new LLMClient({ provider, model: 'model-1', retry: false, ...config });
  const before = server.requests.length;
  await failureOf(completeObject(client, { prompt: 'An a', schema, ...request }));
  expect(server.requests).toHaveLength(before + 1);
  return JSON.parse(server.requests.at(-1)?.body ?? '');
}

const providers = {
  openai: () => openai({ baseURL: server.url }),
  openaiResponses: () => openaiResponses({ baseURL: server.url }),
  anthropic: () => anthropic({ baseURL: server.url }),
  gemini: () => gemini({ baseURL: server.url }),
  ollama: () => ollama({ baseURL: server.url }),
  uiMessageStream: () => uiMessageStream({ api: server.url }),
  agui: () => agui({ api: server.url }),
  plainText: () => plainText({ api: server.url }),
};

describe('by itself', () => {
  it('openai is asked in its own way, strictly', async () => {
    const body = await bodyFor(providers.openai(), { name: 'an answer' });
    expect(body).toMatchObject({
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'an_answer', strict: true, schema: { ...strict, required: expect.any(Array) as unknown } },
      },
      messages: [{ role: 'user', content: 'An a' }],
    });
    expect(body).not.toHaveProperty('max_tokens');
    expect(body).not.toHaveProperty('tools');
  });

  it('openaiResponses is, and keeps what the request says besides', async () => {
    const providerOptions = { openaiResponses: { text: { verbosity: 'low' }, seed: 7 }, other: { x: 1 } };
    const body = await bodyFor(providers.openaiResponses(), { providerOptions });
    expect(body).toMatchObject({
      seed: 7,
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'answer', strict: true } },
    });
    expect(body).not.toHaveProperty('max_output_tokens');
  });

  it('anthropic is, with the bound that it requires', async () => {
    const body = await bodyFor(providers.anthropic());
    expect(body).toMatchObject({
      output_config: { format: { type: 'json_schema', schema: closed } },
      max_tokens: 4096,
    });
  });

  it('anthropic keeps its effort and its budget beside it', async () => {
    const body = await bodyFor(providers.anthropic(), { model: 'claude-opus-4-7', reasoning: { effort: 'low' } });
    expect(body).toMatchObject({ output_config: { effort: 'low', format: { schema: closed } } });
    const thinking = await bodyFor(providers.anthropic(), { reasoning: { budgetTokens: 3000 } });
    expect(thinking).toMatchObject({ max_tokens: 7096, output_config: { format: { schema: closed } } });
  });

  it('gemini is, beside what else it generates by', async () => {
    const body = await bodyFor(providers.gemini(), { temperature: 0.1 });
    expect(body).toMatchObject({
      generationConfig: { temperature: 0.1, responseMimeType: 'application/json', responseJsonSchema: open },
    });
    expect(body).not.toHaveProperty('generationConfig.maxOutputTokens');
  });

  it('ollama is', async () => {
    const body = await bodyFor(providers.ollama());
    expect(body).toMatchObject({ format: open });
    expect(body).not.toHaveProperty('options.num_predict');
  });

  it.each(['uiMessageStream', 'agui', 'plainText'] as const)(
    '%s gets nothing besides: its backend asks',
    async (name) => {
      const body = JSON.stringify(await bodyFor(providers[name]()));
      expect(body).toContain('An a');
      expect(body).not.toMatch(/schema|additionalProperties|required|JSON/i);
    },
  );

  it('a provider without JSON of a schema is asked by a tool, else in words', async () => {
    const { json: _, ...supports } = providers.openai().supports;
    const body = await bodyFor({ ...providers.openai(), supports });
    expect(body).toMatchObject({ tool_choice: { type: 'function', function: { name: 'answer' } } });
    const told = await bodyFor({ ...providers.openai(), supports: { tools: false } });
    expect(told).toMatchObject({ messages: [{ role: 'system' }, { role: 'user', content: 'An a' }] });
  });
});

describe('a tool', () => {
  const tool = { name: 'weather', inputSchema: { type: 'object' } };

  it.each([
    [
      'openai',
      {
        tool_choice: { type: 'function', function: { name: 'thing' } },
        tools: [{}, { function: { parameters: open } }],
      },
    ],
    [
      'openaiResponses',
      { tool_choice: { type: 'function', name: 'thing' }, tools: [{}, { name: 'thing', parameters: open }] },
    ],
    ['anthropic', { tool_choice: { type: 'tool', name: 'thing' }, tools: [{}, { name: 'thing', input_schema: open }] }],
    [
      'gemini',
      {
        toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['thing'] } },
        tools: [{ functionDeclarations: [{}, { name: 'thing', parametersJsonSchema: open }] }],
      },
    ],
    ['ollama', { tools: [{ function: { name: 'thing', parameters: open } }] }],
    ['uiMessageStream', { toolChoice: { name: 'thing' }, tools: [{}, { name: 'thing', inputSchema: open }] }],
  ] as const)('can be forced upon %s', async (name, expected) => {
    const body = await bodyFor(providers[name](), { mode: 'tool', name: 'thing', tools: [tool] });
    expect(body).toMatchObject(expected);
    expect(JSON.stringify(body)).not.toMatch(/response_format|output_config|responseJsonSchema|"format"/);
  });

  it('brings the object as its input, whatever the model says besides', async () => {
    const client = new LLMClient({
      provider: scripted({
        text: 'I will [call] it. {"a":"wrong"}',
        toolCalls: [
          { name: 'weather', input: { a: 'wrong' } },
          { name: 'answer', input: { a: 'right', b: 2 } },
          { name: 'answer', input: { a: 'late' } },
        ],
      }),
    });
    const run = streamObject(client, { prompt: 'x', schema, mode: 'tool', tools: [tool] });
    const partials: unknown[] = [];
    for await (const partial of run.partialStream) partials.push(partial);
    await expect(run.result).resolves.toMatchObject({ object: { a: 'right', b: 2 }, finishReason: 'tool-calls' });
    expect(partials.at(-1)).toEqual({ a: 'right', b: 2 });
  });

  it('holds what is no object, and may be called without arguments', async () => {
    const client = (toolCalls: { name: string; input?: unknown }[]): LLMClient =>
      new LLMClient({ provider: scripted({ toolCalls }) });
    const list = client([{ name: 'answer', input: { value: [{ a: 'x' }, { a: 'y' }] } }]);
    const run = streamObject(list, { prompt: 'x', array: schema, mode: 'tool' });
    const elements: unknown[] = [];
    for await (const element of run.elementStream) elements.push(element);
    expect(elements).toEqual([{ a: 'x' }, { a: 'y' }]);
    expect(run.getSnapshot().object).toEqual(elements);
    expect(run.getSnapshot().fieldStatus('[1].a')).toBe('complete');
    const nothing = completeObject(client([{ name: 'answer' }]), { prompt: 'x', schema: z.object({}), mode: 'tool' });
    await expect(nothing).resolves.toMatchObject({ object: {} });
  });

  it('comes in pieces over the wire', async () => {
    const call = (fields: object): string => delta({ tool_calls: [{ index: 0, ...fields }] });
    await using own = await startHttpServer({
      chunks: [
        call({ id: 'c1', type: 'function', function: { name: 'answer', arguments: '' } }),
        ...['{"a"', ':"x', 'y"', '}'].map((piece) => call({ function: { arguments: piece } })),
        finish('stop') + DONE,
      ].map((text) => ({ text })),
    });
    const client = new LLMClient({ provider: openai({ baseURL: own.url }), model: 'm' });
    await expect(completeObject(client, { prompt: 'x', schema, mode: 'tool' })).resolves.toMatchObject({
      object: { a: 'xy' },
    });
  });

  it('that is not called is no object', async () => {
    const client = new LLMClient({ provider: scripted('{"a":"x"}') });
    await expect(failureOf(completeObject(client, { prompt: 'x', schema, mode: 'tool' }))).resolves.toMatchObject({
      code: 'parse',
    });
  });
});

describe('in words', () => {
  it('the schema goes to the system text, after what stands there', async () => {
    const system = expect.stringMatching(/^Be brief\.\n\nAnswer with JSON only[^]*"required":\["a"\]/) as unknown;
    const body = await bodyFor(providers.openai(), { mode: 'prompt', system: 'Be brief.' });
    expect(body).toMatchObject({ messages: [{ role: 'system', content: system }, {}] });
    expect(body).not.toHaveProperty('response_format');
    const ofClient = await bodyFor(providers.anthropic(), { mode: 'prompt' }, { system: 'Be brief.' });
    expect(ofClient).toMatchObject({ system });
    expect(await bodyFor(providers.plainText(), { mode: 'prompt' })).toMatchObject({
      system: expect.stringContaining('JSON only') as unknown,
    });
  });

  it('a model in the page answers too', async () => {
    const asked: (string | undefined)[] = [];
    const client = new LLMClient({
      provider: {
        name: 'in-page',
        supports: { tools: false },
        async *generate({ system }) {
          asked.push(system);
          yield { type: 'text', delta: '```\n{"a":' };
          await Promise.resolve();
          yield { type: 'text', delta: '"x"}\n```' };
          yield { type: 'finish', reason: 'stop' };
        },
      },
    });
    await expect(completeObject(client, { prompt: 'x', schema })).resolves.toMatchObject({ object: { a: 'x' } });
    expect(asked[0]).toContain('JSON only');
  });
});

describe('what cannot be asked fails before anything is sent', () => {
  async function refused(provider: Provider, request: object): Promise<unknown> {
    const before = server.requests.length;
    const client = new LLMClient({ provider, model: 'm' });
    const run = streamObject(client, { prompt: 'x', schema, ...request } as { schema: typeof schema });
    const error = await failureOf(run.result);
    expect(server.requests).toHaveLength(before);
    expect(run.run).toBeUndefined();
    expect(run.getSnapshot()).toMatchObject({ status: 'error', error });
    return error;
  }

  it.each<[string, keyof typeof providers, { mode: ObjectMode }]>([
    ['a tool of a backend that takes none', 'plainText', { mode: 'tool' }],
  ])('%s', async (_name, name, request) => {
    expect(await refused(providers[name](), request)).toMatchObject({
      code: 'invalid_request',
      provider: name,
      message: expect.stringMatching(new RegExp(`^${name} .*mode '${request.mode}'`)) as unknown,
      partial: { object: undefined, rawText: '' },
    });
  });

  it('a schema of a provider that has none', async () => {
    const provider = { ...providers.openai(), supports: { tools: true } };
    expect(await refused(provider, { mode: 'schema' })).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining("mode 'schema'") as unknown,
    });
  });

  it('a record, of one who takes none; by its path', async () => {
    const record = z.object({ tags: z.record(z.string(), z.string()) });
    expect(await refused(providers.anthropic(), { schema: record })).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/an open object at \$\.tags.*mode: 'tool'/) as unknown,
    });
  });

  it.each<[string, RegExp, object]>([
    ['no schema', /^schema must be a Standard Schema/, { schema: undefined }],
    ['a JSON Schema in its place', /^schema must be a Standard Schema .*z\.fromJSONSchema/, { schema: open }],
    ['a JSON Schema of an element', /^array must be a Standard Schema/, { schema: undefined, array: open }],
    ['a list and no list', /^Both schema and array/, { array: schema }],
    ['a JSON Schema that is none', /^zod: jsonSchema is no JSON Schema/, { jsonSchema: z.toJSONSchema }],
    ['a list of JSON Schemas', /^zod: jsonSchema is no JSON Schema/, { jsonSchema: [open] }],
    ['what JSON has not', /^zod: Date .*a text with a format/, { schema: z.object({ at: z.date() }) }],
  ])('%s', async (_name, message, request) => {
    expect(await refused(providers.openai(), request)).toMatchObject({
      code: 'config',
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('a schema that tells nothing of itself', async () => {
    const silent = { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } };
    expect(await refused(providers.openai(), { schema: silent })).toMatchObject({
      code: 'config',
      message: expect.stringContaining('jsonSchema') as unknown,
    });
  });
});

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['something else', { chat: () => undefined }],
])('a client that is %s is a wrong option', async (_name, client) => {
  const run = streamObject(client as LLMClient, { prompt: 'x', schema });
  const error = await failureOf(run.result);
  expect(error).toMatchObject({ code: 'config', message: 'client must be an LLMClient' });
  expect(run.getSnapshot()).toMatchObject({ status: 'error', error });
  expect((await readAll(run.partialStream)).error).toBe(error);
});

it('an absent property is absent, also where the provider has to write null for it', async () => {
  await using own = await startHttpServer({ chunks: [{ text: answer('{"a":"x","b":', 'null}') }] });
  const client = new LLMClient({ provider: openai({ baseURL: own.url }), model: 'm' });
  const run = streamObject(client, { prompt: 'x', schema });
  await expect(run.result).resolves.toMatchObject({ object: { a: 'x' } });
  expect(run.getSnapshot()).toMatchObject({ object: { a: 'x' }, final: { a: 'x' } });
  expect(run.getSnapshot().object).not.toHaveProperty('b');
  expect(run.getSnapshot().fieldStatus('b')).toBe('absent');
});

it.each<[string, ObjectMode, typeof schema | z.ZodObject]>([
  ['a tool', 'tool', schema],
  ['words', 'prompt', schema],
  ['a schema that cannot be strict', 'schema', schema.extend({ more: z.record(z.string(), z.string()).optional() })],
])('null for what may be absent is absent, whoever writes it: asked by %s', async (_name, mode, own) => {
  const written = '{"a":"x","b":null}';
  await using replies = await startHttpServer({
    chunks: [
      {
        text:
          mode === 'tool'
            ? delta({ tool_calls: [{ index: 0, id: 'c', function: { name: 'answer', arguments: written } }] }) +
              finish('tool_calls') +
              DONE
            : answer(written),
      },
    ],
  });
  const client = new LLMClient({ provider: openai({ baseURL: replies.url }), model: 'm' });
  const { object } = await completeObject(client, { prompt: 'x', schema: own, mode });
  expect(object).toEqual({ a: 'x' });
});

it('a list comes to openai in an object, and out of it again', async () => {
  await using own = await startHttpServer({
    chunks: [{ text: answer('{"value":[{"a":"x","b":null},', '{"a":"y","b":1}', ']}') }],
  });
  const client = new LLMClient({ provider: openai({ baseURL: own.url }), model: 'm' });
  const run = streamObject(client, { prompt: 'x', array: schema });
  const elements: unknown[] = [];
  for await (const element of run.elementStream) elements.push(element);
  expect(elements).toEqual([{ a: 'x' }, { a: 'y', b: 1 }]);
  await expect(run.result).resolves.toMatchObject({ object: elements });
  expect(run.getSnapshot().object).toEqual(elements);
  expect(JSON.parse(own.requests[0]?.body ?? '')).toMatchObject({
    response_format: { json_schema: { strict: true, schema: { properties: { value: { type: 'array' } } } } },
  });
});

it('a list that comes bare, though it was asked for in an object, is the list', async () => {
  const replies = [
    '[{"a":"x","b":null},{"a":"y","b":1}]',
    'Here [as you said]:\n[{"a":"x","b":null},{"a":"y","b":1}]',
    '[]',
  ];
  await using own = await startHttpServer(replies.map((reply) => ({ chunks: [{ text: answer(...reply.split('')) }] })));
  const client = new LLMClient({ provider: openai({ baseURL: own.url }), model: 'm' });
  for (const elements of [[{ a: 'x' }, { a: 'y', b: 1 }], [{ a: 'x' }, { a: 'y', b: 1 }], []]) {
    const run = streamObject(client, { prompt: 'x', array: schema });
    expect(await readAll(run.elementStream)).toEqual({ items: elements });
    expect((await run.result).object).toEqual(elements);
    expect(run.getSnapshot().fieldStatus('')).toBe('complete');
  }
});

it('an object of several kinds that comes bare is the object, and its texts of a list come whole', async () => {
  const either = z.union([
    z.object({ kind: z.literal('dog'), value: z.string() }),
    z.object({ kind: z.literal('cat') }),
  ]);
  await using own = await startHttpServer({
    chunks: [{ text: delta({ content: '{"kind":"do' }) }, { text: answer('g","value":"x"}'), gate: 'rest' }],
  });
  const client = new LLMClient({ provider: openai({ baseURL: own.url }), model: 'm' });
  const run = streamObject(client, { prompt: 'x', schema: either });
  await expect.poll(() => run.getSnapshot().object).toEqual({});
  own.release('rest');
  await expect(run.result).resolves.toMatchObject({ object: { kind: 'dog', value: 'x' } });
});
