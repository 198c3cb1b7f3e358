import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMClient, type Completion, type GenerateRequest, type MessageInput, type Provider } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../server/body.ts';
import { forward, type Upstream } from '../server/forward.ts';
import { mendResponses } from '../server/fix-responses-stream.ts';
import { startOfflineModel, type OfflineServer } from '../server/offline-model.ts';
import { PROVIDER_IDS } from '../shared/llm-endpoint.ts';
import { scriptedModels } from '../src/models/scripted-models.ts';

// Every wire, and the script in the page, asked by the library itself: they have to give the same answers.
interface Row {
  wire: string;
  provider: (origin: string) => Provider;
  /** How the wire asks for JSON of a schema. */
  json: (schema: object) => object;
}

const RESPONSE_FORMAT = (schema: object): object => ({
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
});
const ROWS: readonly Row[] = [
  { wire: 'openai', provider: (origin) => openai({ baseURL: `${origin}/v1` }), json: RESPONSE_FORMAT },
  {
    wire: 'openai-responses',
    provider: (origin) => openaiResponses({ baseURL: `${origin}/v1` }),
    json: (schema) => ({ text: { format: { type: 'json_schema', name: 'answer', schema } } }),
  },
  {
    wire: 'anthropic',
    provider: (origin) => anthropic({ baseURL: origin }),
    json: (schema) => ({ output_config: { format: { type: 'json_schema', schema } } }),
  },
  {
    wire: 'gemini',
    provider: (origin) => gemini({ baseURL: origin }),
    json: (responseJsonSchema) => ({
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema },
    }),
  },
  { wire: 'ollama', provider: (origin) => ollama({ baseURL: origin }), json: (format) => ({ format }) },
  {
    wire: 'scripted',
    provider: () => scriptedModels.connect(scriptedModels.providers[0]),
    json: RESPONSE_FORMAT,
  },
];

const INVOICE = {
  type: 'object',
  properties: {
    sender: { type: 'string' },
    invoiceNumber: { type: 'string' },
    issueDate: { type: 'string', format: 'date' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { description: { type: 'string' }, quantity: { type: 'number' }, unitPrice: { type: 'number' } },
        required: ['description', 'quantity', 'unitPrice'],
      },
    },
    total: { type: 'number' },
  },
  required: ['sender', 'invoiceNumber', 'issueDate', 'items', 'total'],
};
const LETTER = `Extract the invoice:

Northwind Timber Ltd.
Invoice No: NT-2041
Date: 12 March 2026

12 x Oak plank at £18.50 each
3 x Wood glue @ £7.20

Total: £243.60`;
const READ = {
  sender: 'Northwind Timber Ltd.',
  invoiceNumber: 'NT-2041',
  issueDate: '2026-03-12',
  items: [
    { description: 'Oak plank', quantity: 12, unitPrice: 18.5 },
    { description: 'Wood glue', quantity: 3, unitPrice: 7.2 },
  ],
  total: 243.6,
};

const TOOLS = [
  {
    name: 'clock',
    description: 'The time in a time zone',
    inputSchema: { type: 'object', properties: { timeZone: { type: 'string' } }, required: ['timeZone'] },
  },
  {
    name: 'calculator',
    description: 'Calculates',
    inputSchema: { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] },
  },
  {
    name: 'send_email',
    description: 'Sends an email',
    inputSchema: {
      type: 'object',
      properties: { to: { type: 'string' }, subject: { type: 'string' }, body: { type: 'string' } },
      required: ['to', 'subject', 'body'],
    },
  },
];

let model: OfflineServer;
let proxy: Server;
let origin = '';

/** Passes requests on as the demo's endpoint does, without its guards. The first step of a path names the wire. */
beforeAll(async () => {
  model = await startOfflineModel({ isHurried: true });
  proxy = createServer((req, res) => {
    const [, wire, path] = /^\/([\w-]+)(\/.*)$/.exec(req.url ?? '') ?? [];
    const id = PROVIDER_IDS.find((one) => one === wire);
    const upstream: Upstream = {
      url: `${model.origin}${path}`,
      apiKey: model.apiKey,
      headersFor: (body) => model.headersFor(body, id),
      mend: id === 'openai-responses' ? mendResponses : undefined,
    };
    readBody(req, 1e6)
      .then((body) => forward(upstream, body ?? '', res))
      .catch(() => res.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});

afterAll(async () => {
  proxy?.close();
  await model?.stop();
});

// They mostly wait.
describe.concurrent.each(ROWS)('the offline model over $wire', ({ wire, provider, json }) => {
  const id = PROVIDER_IDS.find((one) => one === wire);
  const asJson = (schema: object) => ({
    [provider(origin).name]: json(schema) as Readonly<Record<string, unknown>>,
  });
  const start = (request: GenerateRequest) =>
    new LLMClient({
      provider: provider(`${origin}/${wire}`),
      model: 'rivulet-demo-fast',
      retry: { maxRetries: 0 },
    }).stream(request);
  const ask = (request: GenerateRequest): Promise<Completion> => start(request).result;
  const askForObject = (prompt: string, request: GenerateRequest = {}, schema: object = INVOICE) =>
    ask({ ...request, prompt, providerOptions: asJson(schema) });

  it('answers with JSON of the schema, read from the prompt, in pieces', async () => {
    const run = start({ prompt: LETTER, providerOptions: asJson(INVOICE) });
    const pieces: string[] = [];
    for await (const text of run.textStream) pieces.push(text);
    expect(JSON.parse(pieces.join(''))).toEqual(READ);
    expect(pieces.length).toBeGreaterThan(5);
    expect((await run.result).finishReason).toBe('stop');
  });

  it('gives the JSON as the arguments of a tool that has to be called', async () => {
    const { toolCalls } = await ask({
      prompt: LETTER,
      tools: [{ name: 'answer', inputSchema: INVOICE }],
      // Ollama cannot be forced, so a tool that is the only one is meant.
      toolChoice: { name: 'answer' },
    });
    expect(toolCalls.map(({ input }) => input)).toEqual([READ]);
  });

  it('reads a schema that stands in the instructions, and without a JSON mode fences the JSON', async () => {
    const system = `Answer with JSON only: one value that holds to the JSON Schema below.\n\n${JSON.stringify(INVOICE)}`;
    expect(JSON.parse((await ask({ system, prompt: LETTER })).text)).toEqual(READ);
    const { text } = await ask({ system, prompt: LETTER, model: 'rivulet-demo-plain' });
    const fenced = /^Here is [^`]+```json\n([^`]+)\n```\n\n\p{L}/u.exec(text)?.[1];
    expect(JSON.parse(fenced ?? '')).toEqual(READ);
  });

  it('breaks the answer as the last line says', async () => {
    const cut = await askForObject(`${LETTER}\n\nCut the answer off.`).catch((error: unknown) => error);
    expect(cut).toMatchObject({ code: expect.stringMatching(/network|truncated/) });
    const { text } = (cut as { partial: Completion }).partial;
    expect(text.length).toBeGreaterThan(20);
    expect(JSON.stringify(READ).startsWith(text)).toBe(true);

    // What aimock writes for Ollama always stops of itself.
    const limited = await askForObject(`${LETTER}\n\nReach the token limit`);
    expect(limited.finishReason).toBe(id === 'ollama' ? 'stop' : 'length');
    expect(() => JSON.parse(limited.text) as unknown).toThrow();

    const broken = await askForObject(`${LETTER}\n\nBreak the JSON.`);
    expect(broken.finishReason).toBe('stop');
    expect(() => JSON.parse(broken.text) as unknown).toThrow();

    const wrong = JSON.parse((await askForObject(`${LETTER}\n\nIgnore the schema`)).text) as typeof READ;
    expect(wrong.total).toBe('not sure');

    await expect(askForObject(`${LETTER}\n\nBe overloaded`)).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('refuses on request', async () => {
    const { finishReason, text } = await askForObject(`${LETTER}\n\nRefuse.`);
    expect(text).toContain('was asked to refuse');
    // Ollama has no word for it.
    expect(finishReason).toBe({ anthropic: 'refusal', ollama: 'stop' }[wire] ?? 'content-filter');
  });

  it('does better when it is asked to repair its answer', async () => {
    const messages: MessageInput[] = [
      { role: 'user', content: `${LETTER}\n\nIgnore the schema` },
      { role: 'assistant', content: '{"total":"not sure"}' },
      {
        role: 'user',
        content: 'Your answer does not fit the schema:\n- total: expected number\nAnswer again, with all of the JSON.',
      },
    ];
    const { text } = await ask({ messages, providerOptions: asJson(INVOICE) });
    expect(JSON.parse(text)).toEqual(READ);
  });

  it('calls two tools at once, and answers from their results', async () => {
    const prompt = 'What time is it in Tokyo and what is 17*23?';
    const messages: MessageInput[] = [{ role: 'user', content: prompt }];
    const { message, toolCalls, finishReason } = await ask({ messages, tools: TOOLS });
    expect(finishReason).toBe('tool-calls');
    expect(toolCalls.map((call) => [call.name, call.input])).toEqual([
      ['clock', { timeZone: 'Asia/Tokyo' }],
      ['calculator', { expression: '17*23' }],
    ]);
    messages.push(message);
    const outputs = [{ time: '14:05' }, { error: 'Out of order' }];
    for (const [index, { id, name: tool }] of toolCalls.entries()) {
      const output = outputs[index];
      messages.push({ role: 'tool', parts: [{ type: 'tool-result', toolCallId: id, name: tool, output }] });
    }
    const { text, toolCalls: none } = await ask({ messages, tools: TOOLS });
    expect(none).toEqual([]);
    expect(text).toContain('In Tokyo it is **14:05**.');
    expect(text).toContain('failed: Out of order.');
  });

  it('takes a denied approval for what it is', async () => {
    const messages: MessageInput[] = [
      { role: 'user', content: 'Send an email to ada@example.org about the weir, saying "It is dry."' },
    ];
    const { message, toolCalls } = await ask({ messages, tools: TOOLS });
    expect(toolCalls.map(({ input }) => input)).toEqual([
      { to: 'ada@example.org', subject: 'The weir', body: 'It is dry.' },
    ]);
    messages.push(message, {
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          toolCallId: toolCalls[0]?.id ?? '',
          name: 'send_email',
          output: 'The user denied this',
          isError: true,
        },
      ],
    });
    const { text } = await ask({ messages, tools: TOOLS });
    expect(text).toContain('You did not allow `send_email`');
  });

  it('remembers the conversation', async () => {
    const { text } = await ask({
      messages: [
        { role: 'user', content: 'Why do cats purr?' },
        { role: 'assistant', content: 'Nobody knows.' },
        { role: 'user', content: 'What did I ask first?' },
      ],
    });
    expect(text).toBe('First you asked: “Why do cats purr?”');
  });

  it('reasons before it calls a tool, where the model does', async () => {
    const { reasoning, toolCalls } = await ask({
      prompt: 'What is 2 + 2?',
      tools: TOOLS,
      model: 'rivulet-demo-thinking',
    });
    expect(reasoning).toContain('“calculator”');
    expect(toolCalls[0]?.input).toEqual({ expression: '2 + 2' });
  });
});
