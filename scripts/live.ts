// Asks real providers a few prompts: `OPENAI_API_KEY=… pnpm live`, or `pnpm live gemini ollama` for some of them only.
// Costs a fraction of a cent for each provider; those without a key are named and skipped.
import { completeObject, LLMClient, type Completion, type GenerateRequest, type Provider } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { z } from 'zod';

interface Target {
  readonly name: string;
  /** The variable without which it is skipped. */
  readonly key: string;
  readonly create: (key: string, prefix: string) => Provider;
  /** What the names of its other variables begin with: `_BASE_URL`, `_MODEL`, `_REASONING_MODEL`. */
  readonly prefix: string;
  readonly model: string;
  readonly reasoningModel: string;
}

interface Prompt {
  readonly name: string;
  readonly request: GenerateRequest;
  /** Of the object to ask for, in place of text. */
  readonly schema?: z.ZodType;
  /** What is wrong with the answer, if anything is. */
  readonly judge: (completion: Completion) => string | undefined;
}

const targets: readonly Target[] = [
  {
    name: 'openai',
    key: 'OPENAI_API_KEY',
    create: (apiKey, prefix) => openai({ apiKey, baseURL: env(`${prefix}_BASE_URL`) }),
    prefix: 'OPENAI',
    model: 'gpt-5.4-mini',
    reasoningModel: 'gpt-5.6-terra',
  },
  {
    name: 'openai-responses',
    key: 'OPENAI_API_KEY',
    create: (apiKey, prefix) => openaiResponses({ apiKey, baseURL: env(`${prefix}_BASE_URL`) }),
    prefix: 'OPENAI',
    model: 'gpt-5.4-mini',
    reasoningModel: 'gpt-5.6-terra',
  },
  {
    name: 'anthropic',
    key: 'ANTHROPIC_API_KEY',
    create: (apiKey, prefix) => anthropic({ apiKey, baseURL: env(`${prefix}_BASE_URL`) }),
    prefix: 'ANTHROPIC',
    model: 'claude-haiku-5-5',
    reasoningModel: 'claude-haiku-5-5',
  },
  {
    name: 'gemini',
    key: 'GEMINI_API_KEY',
    create: (apiKey, prefix) => gemini({ apiKey, baseURL: env(`${prefix}_BASE_URL`) }),
    prefix: 'GEMINI',
    model: 'gemini-3.8-flash',
    reasoningModel: 'gemini-3.8-flash',
  },
  {
    name: 'ollama',
    key: 'OLLAMA_HOST',
    // As Ollama's own command line takes it: with or without the scheme.
    create: (host) => ollama({ baseURL: host.includes('://') ? host : `http://${host}` }),
    prefix: 'OLLAMA',
    model: 'qwen3:4b',
    reasoningModel: 'qwen3:4b',
  },
];

const prompts: readonly Prompt[] = [
  {
    name: 'text',
    request: { prompt: 'Write the German word for river, an emoji of water, and nothing else.' },
    judge: ({ text, finishReason }) =>
      ended(finishReason, 'stop') ?? (/fluss/i.test(text) ? undefined : `said ${JSON.stringify(text)}`),
  },
  {
    name: 'usage',
    request: { prompt: 'Say hello.' },
    judge: ({ usage: { inputTokens, outputTokens } = { raw: null } }) =>
      inputTokens && outputTokens ? undefined : `counted ${inputTokens} in, ${outputTokens} out`,
  },
  {
    name: 'reasoning',
    request: { prompt: 'What is 17 times 23? Think first, then give the number.', reasoning: { effort: 'low' } },
    judge: ({ text, reasoning, usage }) => {
      if (!text.includes('391')) return `said ${JSON.stringify(text)}`;
      return reasoning || usage?.reasoningTokens ? undefined : 'showed and counted no reasoning';
    },
  },
  {
    name: 'tool call',
    request: {
      prompt: 'How warm is it in Paris? Ask the tool.',
      tools: [
        {
          name: 'weather',
          description: 'The weather in a city, now.',
          inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      ],
    },
    judge: ({ toolCalls: [call], finishReason }) => {
      if (call?.name !== 'weather') return 'did not call the tool';
      if (!/paris/i.test(JSON.stringify(call.input))) return `called it with ${call.rawInput}`;
      return ended(finishReason, 'tool-calls');
    },
  },
  {
    name: 'object',
    request: { prompt: 'Borscht, as an object: its title, its kind, and how many it serves, if you know.' },
    schema: z.object({
      title: z.string().min(3),
      kind: z.enum(['soup', 'salad']),
      serves: z.number().optional(),
      parts: z.array(z.object({ name: z.string() })),
    }),
    judge: ({ text }) => (text.includes('soup') ? undefined : `wrote ${text}`),
  },
  {
    name: 'length',
    request: { prompt: 'Write the numbers from one to two hundred, in words.', maxTokens: 16 },
    judge: ({ finishReason }) => ended(finishReason, 'length'),
  },
];

function ended(actual: string, expected: string): string | undefined {
  return actual === expected ? undefined : `ended with ${actual}, not with ${expected}`;
}

/** A variable that is set to nothing is not set. */
function env(name: string): string | undefined {
  return process.env[name]?.trim() || undefined;
}

/** What is wrong, or `undefined`; and how long it took. */
async function ask(target: Target, key: string, prompt: Prompt): Promise<{ cell: string; problem?: string }> {
  const startMs = performance.now();
  let problem: string | undefined;
  try {
    const model = prompt.request.reasoning
      ? (env(`${target.prefix}_REASONING_MODEL`) ?? env(`${target.prefix}_MODEL`) ?? target.reasoningModel)
      : (env(`${target.prefix}_MODEL`) ?? target.model);
    const client = new LLMClient({
      provider: target.create(key, target.prefix),
      model,
      timeout: { totalMs: 120_000 },
    });
    const { request, schema } = prompt;
    problem = prompt.judge(await (schema ? completeObject(client, { ...request, schema }) : client.complete(request)));
  } catch (error) {
    problem = String(error);
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  return problem === undefined
    ? { cell: `ok ${seconds} s` }
    : { cell: 'failed', problem: `${target.name}, ${prompt.name}: ${problem}` };
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, column) => cell.padEnd(column === 0 ? 18 : 11))
    .join('')
    .trimEnd();
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0) {
  console.error(`No such provider: ${unknown.join(', ')}. There are: ${targets.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = targets.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const asked = chosen.filter(({ key }) => env(key) !== undefined);

if (asked.length > 0) console.log(row(['', ...prompts.map(({ name }) => name)]));
const problems: string[] = [];
// One after the other: a table that grows is read while the rest is under way, and no rate limit is met.
for (const target of asked) {
  const cells = [target.name];
  for (const prompt of prompts) {
    const { cell, problem } = await ask(target, env(target.key) ?? '', prompt);
    cells.push(cell);
    if (problem !== undefined) problems.push(problem);
  }
  console.log(row(cells));
}
for (const problem of problems) console.log(`\n${problem}`);
for (const { name, key } of chosen) {
  if (env(key) === undefined) console.log(`${name}: skipped, ${key} is not set.`);
}
if (asked.length === 0) console.log('Everything was skipped.');
process.exitCode = problems.length > 0 ? 1 : 0;
