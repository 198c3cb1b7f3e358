import {
  completeObject,
  LLMClient,
  LLMError,
  streamObject,
  TruncatedError,
  type ObjectMode,
  type Provider,
} from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { scripted } from '@rivulet/core/scripted';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { pieces } from '../json/pieces.ts';
import { failureOf, readAll } from '../support/client.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

const person = z.object({ name: z.string(), age: z.number() });
const ada = { name: 'Ada', age: 36 };
const bob = '{"name":"Bob","age":1}';
const answer = JSON.stringify(ada);

/** Answers whose object is Ada, whatever else they have. */
const ANSWERS: readonly string[] = [
  `<think>Maybe ${bob}? No.</think>${answer}`,
  `<think>Half a draft: {"name":"Bob", "age":</think>${answer}`,
  `<think>\n\`\`\`json\n${bob}\n\`\`\`\n</think>\n\n\`\`\`json\n${answer}\n\`\`\``,
  `\n\n<Thinking mode="deep">${bob}</Thinking>\n<reflection>${bob}</reflection>\n<answer>${answer}</answer>`,
  `[THINK]${bob}[/THINK]${answer}`,
  `◁think▷${bob}◁/think▷${answer}`,
  `<|channel|>analysis<|message|>${bob}<|end|><|start|>assistant<|channel|>final<|message|>${answer}`,
  `<|START_THINKING|>${bob}<|END_THINKING|><|START_RESPONSE|>${answer}<|END_RESPONSE|>`,
  `<think></think>${answer}`,
  // The opening tag was part of the prompt.
  `Maybe ${bob}? No.\n</think>\n\n${answer}`,
  `Half a draft: {"name":"Bob", "age": </think>${answer}`,
  `Half a string: {"name":"Bo</think>${answer}`,
  `I close with </think> or {"x":1} </think>${answer}`,
  `Here is my thought process: ${bob} Here is my response: ${answer}`,
  `analysisMaybe ${bob}assistantfinal${answer}`,
  `I consider ${bob}.\n[BEGIN FINAL RESPONSE]\n${answer}\n[END FINAL RESPONSE]`,
  // Thoughts elsewhere.
  `<think>A <think> in ${bob}</think> a thought </think>${answer}`,
  `Sure: <think>${bob}</think> ${answer}`,
  `${answer}\n<reflection>Or ${bob}?</reflection>`,
  `Use no <think> tags: ${answer}`,
  // Other documents beside the answer.
  `As said in [1], and {"as":"an example"}: ${answer}`,
  `For example ${bob}. The answer is ${answer}`,
  `Write {"name": <string>, "age": <number>}: ${answer} See [2, 3].`,
  `${answer} as {"x":1} and {"name":"Eve"} show`,
  `- [ ] first: ${answer}\n- [ ] last`,
];

describe.each<[string, (url: string) => Provider]>([
  ['openai', (url) => openai({ baseURL: `${url}/v1` })],
  ['openai that leaves tags in the text', (url) => openai({ baseURL: `${url}/v1`, thoughts: false })],
  ['openaiResponses', (url) => openaiResponses({ baseURL: `${url}/v1` })],
  ['anthropic', (url) => anthropic({ baseURL: url })],
  ['gemini', (url) => gemini({ baseURL: url })],
  ['ollama', (url) => ollama({ baseURL: url })],
])('an answer of %s with thoughts and prose', (_name, providerAt) => {
  const server = new LLMock({ host: '127.0.0.1', port: 0, chunkSize: 3 });
  beforeAll(async () => {
    for (const [index, content] of ANSWERS.entries()) server.onMessage(`answer ${index}.`, { content });
    for (const [index, content] of ANSWERS.entries())
      server.onMessage(`list ${index}.`, {
        content: content.replaceAll(answer, `[${answer}]`).replaceAll(bob, `[${bob}]`),
      });
    await server.start();
  });
  afterAll(() => server.stop());

  it.each<[ObjectMode]>([['schema'], ['prompt']])('is the object, in mode %s', async (mode) => {
    const client = new LLMClient({ provider: providerAt(server.url), model: 'gpt-4.1', retry: false });
    for (const [index, content] of ANSWERS.entries()) {
      const run = streamObject(client, { prompt: `answer ${index}.`, schema: person, mode });
      const { items } = await readAll(run.partialStream);
      expect(await run.result.catch(String), content).toMatchObject({ object: ada });
      expect(items.at(-1), content).toEqual(ada);
      const { object, final, issues, fieldStatus } = run.getSnapshot();
      expect({ object, final, issues }).toEqual({ object: ada, final: ada, issues: [] });
      expect([fieldStatus(''), fieldStatus('name')]).toEqual(['complete', 'complete']);
    }
  });

  it('is the list', async () => {
    const client = new LLMClient({ provider: providerAt(server.url), model: 'gpt-4.1', retry: false });
    for (const [index, content] of ANSWERS.entries()) {
      const run = streamObject(client, { prompt: `list ${index}.`, array: person });
      const { items } = await readAll(run.elementStream);
      expect(await run.result.catch(String), content).toMatchObject({ object: [ada] });
      expect(items, content).toContainEqual(ada);
      expect(run.getSnapshot()).toMatchObject({ object: [ada], final: [ada], issues: [] });
    }
  });
});

it.each<[string, (api: string) => Provider, (content: string) => string]>([
  ['plainText', (api) => plainText({ api }), (content) => content],
  [
    'uiMessageStream',
    (api) => uiMessageStream({ api }),
    (content) =>
      [
        { type: 'start', messageId: 'm' },
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: content },
        { type: 'text-end', id: 't' },
        { type: 'finish' },
      ]
        .map((event) => `data: ${JSON.stringify(event)}\n\n`)
        .join('') + 'data: [DONE]\n\n',
  ],
])('a backend of %s may leave the tags in the text', async (_name, providerAt, body) => {
  await using server = await startHttpServer(ANSWERS.map((content) => ({ chunks: [{ text: body(content) }] })));
  const client = new LLMClient({ provider: providerAt(`${server.url}/api`), retry: false });
  for (const content of ANSWERS)
    expect(await completeObject(client, { prompt: 'x', schema: person }).catch(String), content).toMatchObject({
      object: ada,
    });
});

function clientSaying(...replies: (string | readonly string[])[]): LLMClient {
  let turn = 0;
  return new LLMClient({
    provider: scripted(() => {
      const reply = replies[Math.min(turn, replies.length - 1)] as string;
      turn += 1;
      return reply;
    }),
    retry: false,
  });
}

it('in any pieces, the same document is the object', async () => {
  for (const content of ANSWERS) {
    for (const sizes of [[1], [2, 5], [13]])
      expect(
        await completeObject(clientSaying(pieces(content, sizes)), { prompt: 'x', schema: person }).catch(String),
        content,
      ).toMatchObject({ object: ada });
  }
});

it('a string of the object may have tags', async () => {
  const schema = z.object({ html: z.string() });
  const html = '<think>x</think> </think> <thinking>';
  for (const text of [
    JSON.stringify({ html }),
    `Here: ${JSON.stringify({ html })} </b>`,
    `<think>${JSON.stringify({ html: 'x' })}</think>${JSON.stringify({ html })}`,
    `x</think>${JSON.stringify({ html })}`,
  ]) {
    for (const sizes of [[1], [1000]])
      await expect(completeObject(clientSaying(pieces(text, sizes)), { prompt: 'x', schema })).resolves.toMatchObject({
        object: { html },
      });
  }
});

it.each<[string, z.ZodType, string, unknown]>([
  ['a number', z.number(), '<think>12? 13.</think>\n14', 14],
  ['a number', z.number(), '12? 13.</think>\n14', 14],
  ['a text', z.string(), '<think>"x"</think>"</think>"', '</think>'],
  ['null', z.null(), '<think>null?</think>\nnull', null],
  ['null', person.nullable(), `${bob}</think>\nnull`, null],
  ['a union', z.union([person, z.array(z.number())]), `See [0, 1). <think>${bob}</think>[7]`, [7]],
])('%s stands behind the thought', async (_name, schema, text, value) => {
  const { object } = await completeObject(clientSaying(text), { prompt: 'x', schema });
  expect(object).toEqual(value);
});

it('shows an earlier document while it streams, and keeps nothing of it', async () => {
  const run = streamObject(
    clientSaying([`See [1]. For example [${bob},`, `{"name":"Eve"}]. So: [${answer}`, '] [2]']),
    {
      prompt: 'x',
      array: person,
    },
  );
  const { items } = await readAll(run.elementStream);
  expect(items).toEqual([{ name: 'Bob', age: 1 }, ada]);
  await expect(run.result).resolves.toMatchObject({ object: [ada] });
  expect(run.getSnapshot()).toMatchObject({ object: [ada], issues: [], cut: undefined });
});

describe('is not an object', () => {
  it.each([
    ['cut in the last document', `For example ${bob}: {"name":"Ada","age":3`],
    ['cut in a string of it', `For example ${bob}: {"name":"Ad`],
    ['cut in its first key', `For example ${bob}: {"na`],
    ['cut at its bracket', `For example ${bob}: {`],
    ['cut in a string with a tag', `For example ${bob}: {"name":"</think>{}`],
    ['behind a thought', `<think>${bob}</think>{"name":"Ada"`],
  ])('an answer that is %s', async (_name, text) => {
    for (const sizes of [[1], [1000]]) {
      const run = streamObject(clientSaying(pieces(text, sizes)), { prompt: 'x', schema: person });
      expect(await failureOf(run.result)).toBeInstanceOf(TruncatedError);
      expect(run.getSnapshot().final).toBeUndefined();
    }
  });

  it('an answer that is cut anywhere in the last document', async () => {
    const before = `<think>${bob}</think>Not {"x":1}, but as ${bob}:\n`;
    const document = JSON.stringify({ name: 'A "d]a" </think> {[', age: 36 });
    for (let length = 0; length <= document.length; length += 1) {
      const run = streamObject(clientSaying(before + document.slice(0, length)), { prompt: 'x', schema: person });
      const outcome = await run.result.catch((error: unknown) => error);
      const isCut = length > 0 && length < document.length;
      expect(outcome instanceof TruncatedError, document.slice(0, length)).toBe(isCut);
      if (isCut) expect(run.getSnapshot()).toMatchObject({ status: 'error', final: undefined });
    }
  });

  it('an answer that stops being JSON in the last document, and then ends', async () => {
    const text = `For example ${bob}: {"name":"Ada","age":oops,`;
    await expect(failureOf(completeObject(clientSaying(text), { prompt: 'x', schema: person }))).resolves.toMatchObject(
      { code: 'parse', message: expect.stringContaining('oops') as unknown },
    );
  });

  it.each([
    ['within an opening tag', `<think>${bob}`],
    ['behind the closing tag', `<think>${bob}</think>`],
    ['behind a closing tag without an opening one', `${bob}</think>\n`],
    ['without JSON behind the thought', `<think>${bob}</think>I do not know.`],
  ])('an answer that ends %s', async (_name, text) => {
    const run = streamObject(clientSaying(text), { prompt: 'x', schema: person });
    expect(await failureOf(run.result)).toMatchObject({ code: 'parse', partial: { text } });
  });

  it('a list whose answer is cut, whatever was emitted before', async () => {
    const run = streamObject(clientSaying(`For example [${bob}]: [${answer},{"na`), { prompt: 'x', array: person });
    const { items, error } = await readAll(run.elementStream);
    expect(items).toEqual([{ name: 'Bob', age: 1 }, ada]);
    expect(error).toBeInstanceOf(TruncatedError);
  });
});

it('where no document fits, the error describes the last one that is not a citation', async () => {
  const run = streamObject(clientSaying('{"x":1} {"name":"Ada","age":"36"} [1]'), {
    prompt: 'x',
    schema: z.union([person, z.array(person)]),
  });
  await expect(failureOf(run.result)).resolves.toMatchObject({
    code: 'validation',
    partial: { object: { name: 'Ada', age: '36' } },
  });
  const list = streamObject(clientSaying('[{"name":"Ada"}] as in [1]'), { prompt: 'x', array: person });
  await expect(failureOf(list.result)).resolves.toMatchObject({ issues: [{ path: [0, 'age'] }] });
});

it('a repair request has the answer without its thought', async () => {
  const provider = scripted(({ messages }) =>
    messages.length > 1 ? `<think>${bob}</think>${answer}` : `<think>${bob}</think>{"name":"Ada"}`,
  );
  const client = new LLMClient({ provider });
  const { object } = await completeObject(client, { prompt: 'x', schema: person, maxRepairs: 1 });
  expect(object).toEqual(ada);
  expect(provider.requests[1]?.messages[1]).toEqual({ role: 'assistant', content: '{"name":"Ada"}' });
});

it('takes time linear in the answer', { timeout: 120_000 }, async () => {
  const read = async (text: string, size: number): Promise<void> => {
    const run = streamObject(clientSaying(pieces(text, [size])), { prompt: 'x', schema: person });
    const result = await run.result.catch((error: unknown) => error);
    expect(result instanceof LLMError ? result.code : 'final').toMatch(/final|parse|validation|truncated/);
  };
  const texts: readonly ((count: number) => string)[] = [
    (count) => `<think>${`${bob} `.repeat(count)}</think>${answer}`,
    (count) => `${bob} `.repeat(count),
    (count) => '{} [1] '.repeat(count),
    (count) => '[ { '.repeat(count),
    (count) => '{"a":x} '.repeat(count),
    (count) => `{"a":x ${'{'.repeat(count)}`,
    (count) => 'so </think> '.repeat(count),
    (count) => `${bob}</think>`.repeat(count),
    (count) => `{"a":"${'</think>'.repeat(count)}`,
    (count) => '{"a":"</think>" x} '.repeat(count),
    (count) => '<think>'.repeat(count),
    (count) => '{"<think></think> '.repeat(count),
  ];
  for (const [index, make] of texts.entries()) {
    for (const size of [7, 100_000]) {
      const growth = await growthOf((count) => read(make(count), size), 400);
      expect(growth, `${index}, in pieces of ${size}`).toBeLessThan(LINEAR);
    }
  }
});
