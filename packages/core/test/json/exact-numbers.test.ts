import { completeObject, extractJson, IncrementalJsonParser, LLMClient, streamObject } from '@rivulet/core';
import { createToolInput, tool } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { validateExactly } from '../../src/json/exact-numbers.ts';
import type { ObjectRequest } from '../../src/object/object-run.ts';
import { parseExactly } from '../../src/json/parse-exactly.ts';
import type { StandardSchema } from '../../src/types/standard-schema.ts';
import { chatThat, turns } from '../chat/support.ts';
import { failureOf } from '../support/client.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

const ID = '2512292042121000001';
const ROUNDED = { message: expect.stringContaining(`${ID} would be rounded to 2512292042121000000`) as string };
const integerId = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] };

function ask(text: string, request: ObjectRequest): Promise<{ readonly object: unknown }> {
  return completeObject(new LLMClient({ provider: scripted(text) }), { prompt: 'An id', ...request });
}

describe('a number in an object that JavaScript cannot represent', () => {
  it.each<[string, StandardSchema, object | undefined, expected: unknown]>([
    ['text', z.object({ id: z.string() }), undefined, ID],
    ['text or a number', z.object({ id: z.union([z.number(), z.string()]) }), undefined, ID],
    ['a bigint', z.object({ id: z.bigint() }), integerId, BigInt(ID)],
    ['a coerced bigint', z.object({ id: z.coerce.bigint() }), integerId, BigInt(ID)],
    ['a bigint of valibot', v.object({ id: v.bigint() }), integerId, BigInt(ID)],
    ['text that becomes a bigint', z.object({ id: z.string().transform(BigInt) }), undefined, BigInt(ID)],
    ['anything', z.object({ id: z.unknown() }), undefined, ID],
  ])('keeps its digits where the schema accepts %s', async (_name, schema, jsonSchema, expected) => {
    const { object } = await ask(`{"id":${ID}}`, { schema, jsonSchema });
    expect(object).toEqual({ id: expected });
  });

  it.each<[string, StandardSchema, object | undefined]>([
    ['a number', z.object({ id: z.number() }), undefined],
    ['a coerced number', z.object({ id: z.coerce.number() }), undefined],
    ['a number of valibot', v.object({ id: v.number() }), integerId],
  ])('is an issue where the schema accepts only %s', async (_name, schema, jsonSchema) => {
    const failure = await failureOf(ask(`{"id":${ID}}`, { schema, jsonSchema }));
    expect(failure).toMatchObject({ code: 'validation', issues: [{ path: ['id'], ...ROUNDED }] });
  });

  it.each(['1e400', '-1e999'])('is an issue if it is %s, beyond the range', async (text) => {
    const failure = await failureOf(ask(`{"id":${text}}`, { schema: z.object({ id: z.number() }) }));
    expect(failure).toMatchObject({ code: 'validation', issues: [{ path: ['id'] }] });
  });

  it('is an issue in the element of a list and within a wrapped value', async () => {
    const client = new LLMClient({ provider: scripted(`[{"id":1},{"id":${ID}}]`) });
    const failure = await failureOf(completeObject(client, { prompt: 'Ids', array: z.object({ id: z.number() }) }));
    expect(failure).toMatchObject({ code: 'validation', issues: [{ path: [1, 'id'], ...ROUNDED }] });
    const texts = await completeObject(client, {
      prompt: 'Ids',
      array: z.object({ id: z.union([z.number(), z.string()]) }),
    });
    expect(texts.object).toEqual([{ id: 1 }, { id: ID }]);
    expect(await failureOf(ask(ID, { schema: z.number() }))).toMatchObject({ issues: [{ path: [], ...ROUNDED }] });
  });

  it('is text in partial objects', async () => {
    const client = new LLMClient({ provider: scripted(`{"id":${ID},"name":"x"}`) });
    const run = streamObject(client, {
      prompt: 'An id',
      schema: z.object({ id: z.bigint(), name: z.string() }),
      jsonSchema: integerId,
    });
    for await (const partial of run.partialStream) if ('id' in partial) expect(partial.id).toBe(ID);
    expect((await run.result).object).toEqual({ id: BigInt(ID), name: 'x' });
    expect(run.getSnapshot().issues).toEqual([]);
  });
});

describe('a number that is kept', () => {
  it.each<[string, number]>([
    ['9007199254740992', 2 ** 53],
    ['1152921504606846976', 2 ** 60],
    ['-0', -0],
    ['115387736203903860', 115387736203903860],
    ['0.1000000000000000055511151231257827', 0.1],
    ['1e-400', 0],
    ['1e300', 1e300],
  ])('%s is the number that JSON.parse gives', async (text, expected) => {
    expect((await ask(`{"n":${text}}`, { schema: z.object({ n: z.number() }) })).object).toEqual({ n: expected });
  });
});

describe('a number in the arguments of a tool', () => {
  const called = { toolCalls: [{ id: 'c', name: 'find', rawInput: `{"id":${ID},"limit":null}` }] };

  it.each<[string, object]>([
    ['text', { type: 'string' }],
    ['text or a number', { type: ['string', 'integer'] }],
    ['anything', {}],
  ])('keeps its digits in a completion where the schema accepts %s', async (_name, id) => {
    const client = new LLMClient({ provider: scripted(called) });
    const inputSchema = { type: 'object', properties: { id, limit: { type: 'number' } }, required: ['id'] };
    const { toolCalls } = await client.complete({ prompt: 'Find', tools: [{ name: 'find', inputSchema }] });
    expect(toolCalls[0]).toMatchObject({ input: { id: ID } });
    expect(toolCalls[0]?.input).not.toHaveProperty('limit');
  });

  it('is an error of the call in a completion where the schema accepts only a number', async () => {
    const client = new LLMClient({ provider: scripted(called) });
    const { toolCalls } = await client.complete({ prompt: 'Find', tools: [{ name: 'find', inputSchema: integerId }] });
    expect(toolCalls[0]).toMatchObject({
      rawInput: `{"id":${ID},"limit":null}`,
      error: { code: 'validation', issues: [{ path: ['id'], ...ROUNDED }] },
    });
    expect(toolCalls[0]).not.toHaveProperty('input');
  });

  it.each<[string, StandardSchema, unknown]>([
    ['text', z.object({ id: z.string() }), ID],
    ['a bigint', z.object({ id: z.bigint() }), BigInt(ID)],
  ])('keeps its digits in a chat tool that accepts %s', async (_name, inputSchema, expected) => {
    const inputs: unknown[] = [];
    const find = tool({
      inputSchema,
      jsonSchema: integerId,
      execute(input) {
        inputs.push(input);
        return 'found';
      },
    });
    const { chat } = chatThat(turns(called, 'Done.'), { tools: { find } });
    await chat.sendMessage('Find');
    expect(inputs).toMatchObject([{ id: expected }]);
    const [part] = chat.getSnapshot().messages[1]?.parts ?? [];
    expect(part).toMatchObject({ type: 'tool-call', input: { id: ID }, error: undefined });
    expect(JSON.stringify(part)).toContain(ID);
  });

  it('is an error result of a chat tool that accepts only a number', async () => {
    const find = tool({ inputSchema: z.object({ id: z.number() }), execute: () => 'found' });
    const { chat } = chatThat(turns(called, 'Done.'), { tools: { find } });
    await chat.sendMessage('Find');
    const result = chat.getSnapshot().messages[1]?.parts.find((part) => part.type === 'tool-result');
    expect(result).toMatchObject({ isError: true, output: expect.stringContaining(ID) as string });
  });

  it('is text in partial arguments', () => {
    expect(createToolInput()({ id: 'c', rawInput: `{"id":${ID},` }).value).toEqual({ id: ID });
  });
});

describe('a number in a reply', () => {
  it.each([`{"id":${ID}}`, `Here:\n\`\`\`json\n{"id":${ID}}\n\`\`\``, `It is {"id":${ID}}.`])(
    'keeps its digits in %j',
    (reply) => {
      expect(extractJson(reply, { schema: z.object({ id: z.string() }) })).toEqual({ id: ID });
      expect(extractJson(reply, { schema: z.object({ id: z.bigint() }) })).toEqual({ id: BigInt(ID) });
      expect(extractJson(reply, { schema: z.object({ id: z.number() }) })).toBe(null);
      expect(extractJson(reply, { inexactNumber: (path, text) => `${path.join('.')}=${text}` })).toEqual({
        id: `id=${ID}`,
      });
      expect(extractJson(reply)).toEqual({ id: Number(ID) });
    },
  );

  it('is given to the option of the parser, with its path', () => {
    const seen: unknown[] = [];
    const parser = new IncrementalJsonParser({
      inexactNumber(path, text) {
        seen.push([path, text]);
        return BigInt(text);
      },
    });
    for (const char of `{"a":[1,${ID}],"b":0.5}`) parser.push(char);
    expect(parser.end()).toEqual({ a: [1, BigInt(ID)], b: 0.5 });
    expect(seen).toEqual([[['a', 1], ID]]);
  });
});

it('many such numbers take time linear in their count', async () => {
  const schema = z.array(z.object({ id: z.bigint() }));
  const growth = await growthOf(async (count) => {
    const { value, numbers } = parseExactly(`[${`{"id":${ID}},`.repeat(count * 4)}{"id":${ID}}]`);
    expect(await validateExactly(schema, value, numbers)).not.toHaveProperty('issues');
  });
  expect(growth).toBeLessThan(LINEAR);
});
