import { batch, LLMClient, type HttpProvider, type LLMConfig, type ToolDefinition } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { createToolInput, tool } from '@rivulet/core/chat';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { chatThat, turns } from '../../chat/support.ts';
import { delta, DONE, finish } from '../../support/chat-completions.ts';
import { clientReading, failureOf } from '../../support/client.ts';

const search = z.object({
  query: z.string().min(1),
  limit: z.number().optional(),
  order: z.enum(['new', 'old']).default('new'),
  after: z.string().nullable(),
  filter: z.object({ tag: z.string().optional() }).optional(),
});

const definition: ToolDefinition = { name: 'search', inputSchema: z.toJSONSchema(search, { io: 'input' }) };

const WRITTEN = '{"query":"cats","limit":null,"order":null,"after":null,"filter":{"tag":null}}';
const INPUT = { query: 'cats', after: null, filter: {} };

/** What the wires of these providers have for the tool. */
const providers: Record<string, { readonly create: () => HttpProvider; readonly toolIn: (body: never) => unknown }> = {
  openai: {
    create: () => openai(),
    toolIn: (body: { tools: [{ function: { parameters: object; strict?: boolean } }] }) => ({
      schema: body.tools[0].function.parameters,
      strict: body.tools[0].function.strict,
    }),
  },
  openaiResponses: {
    create: () => openaiResponses(),
    toolIn: (body: { tools: [{ parameters: object; strict?: boolean }] }) => ({
      schema: body.tools[0].parameters,
      strict: body.tools[0].strict,
    }),
  },
  anthropic: {
    create: () => anthropic(),
    toolIn: (body: { tools: [{ input_schema: object; strict?: boolean }] }) => ({
      schema: body.tools[0].input_schema,
      strict: body.tools[0].strict,
    }),
  },
  gemini: {
    create: () => gemini(),
    toolIn: (body: { tools: [{ functionDeclarations: [{ parametersJsonSchema: object }] }]; toolConfig: object }) => ({
      schema: body.tools[0].functionDeclarations[0].parametersJsonSchema,
      config: body.toolConfig,
    }),
  },
  ollama: {
    create: () => ollama(),
    toolIn: (body: { tools: [{ function: { parameters: object } }] }) => ({
      schema: body.tools[0].function.parameters,
    }),
  },
};

async function toolSentTo(name: keyof typeof providers, sent: ToolDefinition): Promise<unknown> {
  const { create, toolIn } = providers[name]!;
  const client = (config: Pick<LLMConfig, 'fetch'>): LLMClient =>
    new LLMClient({ provider: create(), model: 'model-1', retry: false, ...config });
  let body: unknown;
  const fetch: LLMConfig['fetch'] = (_url, init) => {
    body = JSON.parse(init.body as string);
    return Promise.resolve(new Response('', { status: 400 }));
  };
  await failureOf(client({ fetch }).complete({ prompt: 'Search', tools: [sent] }));
  return toolIn(body as never);
}

describe('the schema of a strict tool', () => {
  it.each(['openai', 'openaiResponses'])('requires all properties in a request to %s', async (name) => {
    expect(await toolSentTo(name, { ...definition, strict: true })).toEqual({
      strict: true,
      schema: {
        type: 'object',
        properties: {
          query: { type: 'string', description: 'min length: 1' },
          limit: { type: ['number', 'null'] },
          order: { anyOf: [{ type: 'string', enum: ['new', 'old'], description: 'default: new' }, { type: 'null' }] },
          after: { type: ['string', 'null'] },
          filter: {
            anyOf: [
              {
                type: 'object',
                properties: { tag: { type: ['string', 'null'] } },
                required: ['tag'],
                additionalProperties: false,
              },
              { type: 'null' },
            ],
          },
        },
        required: ['query', 'limit', 'order', 'after', 'filter'],
        additionalProperties: false,
      },
    });
  });

  it('is closed, and without unsupported keywords, in a request to anthropic', async () => {
    expect(await toolSentTo('anthropic', { ...definition, strict: true })).toMatchObject({
      strict: true,
      schema: {
        properties: { query: { type: 'string', description: 'min length: 1' }, limit: { type: 'number' } },
        required: ['query', 'after'],
        additionalProperties: false,
      },
    });
  });

  it('has the keywords that gemini accepts, with calls validated', async () => {
    expect(await toolSentTo('gemini', { ...definition, strict: true })).toMatchObject({
      config: { functionCallingConfig: { mode: 'VALIDATED' } },
      schema: { properties: { query: { type: 'string', description: 'min length: 1' } } },
    });
  });

  it.each(Object.keys(providers))('is sent to %s as it is if the tool is not strict', async (name) => {
    expect(await toolSentTo(name, definition)).toMatchObject({ schema: definition.inputSchema });
  });

  it.each(['openai', 'openaiResponses'])('is sent to %s without strict if it has open objects', async (name) => {
    const inputSchema = { type: 'object', properties: { tags: { type: 'object', additionalProperties: true } } };
    expect(await toolSentTo(name, { name: 'tag', inputSchema, strict: true })).toEqual({
      schema: inputSchema,
      strict: false,
    });
  });

  it('keeps references to itself', async () => {
    const inputSchema = {
      type: 'object',
      properties: { node: { $ref: '#/$defs/node' } },
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    };
    expect(await toolSentTo('openai', { name: 'walk', inputSchema, strict: true })).toMatchObject({
      strict: true,
      schema: { $defs: { node: { required: ['next'], additionalProperties: false } } },
    });
    const client = new LLMClient({ provider: anthropic(), model: 'model-1', retry: false });
    await expect(
      client.complete({ prompt: 'Walk', tools: [{ name: 'walk', inputSchema, strict: true }] }),
    ).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/tool walk .*recursion at \$\.node\.next.*strict: false/) as unknown,
    });
  });

  it.each<[string, string, unknown, RegExp]>([
    ['text', 'invalid_request', 'string', /tools\[0\]\.inputSchema must be an object, not a string/],
    [
      'a reference to nowhere',
      'config',
      { properties: { a: { $ref: '#/constructor' } } },
      /tool walk .*\$\.properties\.a/,
    ],
  ])('is an error that names it if it is %s', async (_name, code, inputSchema, message) => {
    const client = new LLMClient({ provider: scripted('Hi') });
    const failure = await failureOf(
      client.complete({
        prompt: 'Walk',
        tools: [{ name: 'walk', inputSchema: inputSchema as object & ToolDefinition['inputSchema'] }],
      }),
    );
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
  });
});

describe.each([undefined, true, false])('the arguments of a tool with strict %s', (strict) => {
  const frames = [
    delta({
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'search', arguments: WRITTEN } }],
    }),
    finish('tool_calls'),
    DONE,
  ].join('');
  const request = { prompt: 'Cats?', tools: [{ ...definition, strict }] };

  it('have no placeholder nulls in a completion', async () => {
    const { toolCalls } = await clientReading([frames]).complete(request);
    expect(toolCalls).toMatchObject([{ id: 'call_1', name: 'search', rawInput: WRITTEN, input: INPUT }]);
  });

  it('have no placeholder nulls in a batch', async () => {
    const results = await batch(clientReading([frames]), [request, request]).result;
    expect(results.map((result) => result.status === 'fulfilled' && result.value.toolCalls[0]?.input)).toEqual([
      INPUT,
      INPUT,
    ]);
  });

  it('are accepted by the schema of a chat tool', async () => {
    const inputs: unknown[] = [];
    const tools = {
      search: tool({
        inputSchema: search,
        strict,
        execute(input) {
          inputs.push(input);
          return 'done';
        },
      }),
    };
    const called = { toolCalls: [{ id: 'c', name: 'search', input: JSON.parse(WRITTEN) as unknown }] };
    const { chat } = chatThat(turns(called, 'Done.'), { tools });
    await chat.sendMessage('Cats?');
    expect(inputs).toEqual([{ ...INPUT, order: 'new' }]);
    expect(chat.getSnapshot().messages[1]?.parts[0]).toMatchObject({ type: 'tool-call', input: INPUT });
    expect(chat.getSnapshot().messages[1]?.parts[0]).not.toHaveProperty('error');
  });
});

it('partial arguments have no placeholder nulls at any length', () => {
  const read = createToolInput(tool({ inputSchema: search }));
  for (let length = 0; length <= WRITTEN.length; length += 1) {
    const { value, pathStatus } = read({ id: 'c', rawInput: WRITTEN.slice(0, length) });
    expect(value ?? {}).not.toHaveProperty('limit');
    expect(pathStatus('limit')).toBe('absent');
    if (length < WRITTEN.length) continue;
    expect(value).toEqual(INPUT);
    expect(pathStatus('after')).toBe('complete');
    expect(pathStatus('query')).toBe('complete');
  }
});

it('calls of tools that were not offered stay as they are', async () => {
  const input = { query: null };
  const client = new LLMClient({
    provider: scripted({ toolCalls: [{ id: 'c', name: 'constructor', input }] }),
  });
  const { toolCalls } = await client.complete({ prompt: 'Cats?', tools: [definition] });
  expect(toolCalls[0]?.input).toEqual(input);
});
