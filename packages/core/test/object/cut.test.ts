import { completeObject, LLMClient, LLMError, streamObject, type ObjectMode, type Provider } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { scripted, type Script } from '@rivulet/core/scripted';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clientReading, failureOf, readAll, toBytes } from '../support/client.ts';
import { answer, DONE, frame } from '../support/chat-completions.ts';

const schema = z.object({ title: z.string().optional(), rows: z.array(z.object({ n: z.number() })).optional() });
const whole = '{"title":"A \\"trip\\" 🚲","rows":[{"n":12},{"n":3}]}';

describe.each<[string, (url: string) => Provider]>([
  ['openai', (url) => openai({ baseURL: `${url}/v1` })],
  ['openaiResponses', (url) => openaiResponses({ baseURL: `${url}/v1` })],
  ['anthropic', (url) => anthropic({ baseURL: url })],
  ['gemini', (url) => gemini({ baseURL: url })],
  ['ollama', (url) => ollama({ baseURL: url })],
])('a model of %s that stops in the middle', (_name, providerAt) => {
  const server = new LLMock({ host: '127.0.0.1', port: 0, chunkSize: 5 });
  const offsets = Array.from({ length: whole.length + 1 }, (_, offset) => offset);
  beforeAll(async () => {
    for (const offset of offsets) server.onMessage(`cut at ${offset}.`, { content: whole.slice(0, offset) });
    await server.start();
  });
  afterAll(() => server.stop());

  it('has given no object, wherever it stopped', async () => {
    const client = new LLMClient({ provider: providerAt(server.url), model: 'gpt-4.1', retry: false });
    const outcomes = await Promise.all(
      offsets.map(async (offset) => {
        const run = streamObject(client, { prompt: `cut at ${offset}.`, schema });
        const error = await run.result.catch((cause: unknown) => cause);
        return { offset, error, shown: run.getSnapshot() };
      }),
    );
    const last = outcomes.pop();
    expect(last?.shown).toMatchObject({ status: 'ready', final: JSON.parse(whole) as object });
    for (const { offset, error, shown } of outcomes) {
      const { final, status, object } = shown;
      expect(final, whole.slice(0, offset)).toBeUndefined();
      expect(status).toBe('error');
      expect(error).toBeInstanceOf(LLMError);
      expect(['truncated', 'parse', 'server'], String(error)).toContain((error as LLMError).code);
      // Everything shown was there, and nothing is half of what cannot be half.
      const { title = '', rows = [] } = object ?? {};
      expect('A "trip" 🚲'.startsWith(title)).toBe(true);
      for (const [index, row] of rows.entries()) expect([undefined, [12, 3][index]]).toContain(row?.n);
    }
  });
});

it('a wire that is cut at any byte gives no object', async () => {
  const chunks = (whole.match(/[^]{1,9}/gu) ?? []).map((content) => frame({ choices: [{ delta: { content } }] }));
  const end = frame({ choices: [{ finish_reason: 'stop' }] });
  const bytes = toBytes(chunks.join('') + end + DONE);
  const untilEnd = toBytes(chunks.join('') + end.trimEnd()).length;
  const outcomes = await Promise.all(
    Array.from(bytes, async (_, offset) => {
      const run = streamObject(clientReading([bytes.slice(0, offset)]), { prompt: 'x', schema });
      const error = await run.result.then(
        () => undefined,
        (cause: unknown) => cause,
      );
      return { offset, error, final: run.getSnapshot().final };
    }),
  );
  for (const { offset, error, final } of outcomes) {
    if (offset >= untilEnd) expect(final).toEqual(JSON.parse(whole));
    else {
      expect(final, String(offset)).toBeUndefined();
      expect(error).toMatchObject({ code: 'truncated', partial: { rawText: expect.any(String) as string } });
    }
  }
});

it('a connection that breaks keeps what came', async () => {
  const run = streamObject(clientReading([answer('{"title":"half').slice(0, -60)]), { prompt: 'x', schema });
  await expect(failureOf(run.result)).resolves.toMatchObject({
    code: 'truncated',
    partial: { object: { title: 'half' }, rawText: '{"title":"half' },
  });
});

const list = '[{"n":1,"s":"a]"},{"n":20,"s":"}\\""},{"n":3,"s":"🚲"}]';

it.each<[string, ObjectMode, (text: string) => Script]>([
  ['text', 'prompt', (text) => text],
  ['the input of a tool', 'tool', (text) => ({ toolCalls: [{ name: 'answer', rawInput: `{"value":${text}` }] })],
])('a list that is cut in %s has given each element that closed, and no object', async (_name, mode, script) => {
  const element = z.object({ n: z.number().refine(async () => Promise.resolve(true)), s: z.string() });
  const closings = [...list.matchAll(/}(?=[,\]]?(?:{|$))/g)].map(({ index }) => index + 1);
  for (let offset = 1; offset < list.length; offset += 1) {
    const client = new LLMClient({ provider: scripted(script(list.slice(0, offset))), retry: false });
    const run = streamObject(client, { prompt: 'x', array: element, mode });
    const { items, error } = await readAll(run.elementStream);
    expect(items, String(offset)).toHaveLength(closings.filter((closing) => closing <= offset).length);
    expect(error).toMatchObject({ code: 'truncated' });
    expect(run.getSnapshot()).toMatchObject({ status: 'error', final: undefined, error });
    await expect(run.result).rejects.toBe(error);
  }
  const client = new LLMClient({ provider: scripted(script(mode === 'tool' ? `${list}}` : list)) });
  await expect(completeObject(client, { prompt: 'x', array: element, mode })).resolves.toMatchObject({
    object: JSON.parse(list) as object,
  });
});
