import { IncrementalJsonParser, LLMClient, parsePath, requestKey, valueAt } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { gemini } from '@rivulet/core/gemini';
import { openai } from '@rivulet/core/openai';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { afterEach, describe, expect, it } from 'vitest';
import { atomicPaths } from '../../src/schema/atomic-paths.ts';
import { createRestore } from '../../src/schema/strip-placeholder-nulls.ts';
import { mergeBodies, valueIn } from '../../src/utils/merge-bodies.ts';
import { answering } from '../support/client.ts';
import { pollution, problemsOfCompletion } from '../support/well-formed-answer.ts';

/** Names that every object inherits. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'] as const;

const nested = (name: string): string => `{"${name}":{"prototype":{"polluted":true},"polluted":true}}`;

afterEach(() => {
  expect(pollution()).toEqual([]);
  expect((Object as { polluted?: unknown }).polluted).toBeUndefined();
});

describe.each(NAMES)('the name %s from outside', (name) => {
  it('is data in JSON that streams, and absent where it was not sent', () => {
    const parser = new IncrementalJsonParser();
    for (const char of nested(name)) {
      parser.push(char);
      parser.snapshot();
    }

    expect(JSON.stringify(parser.end())).toBe(nested(name));
    expect(parser.pathStatus([name, 'polluted'])).toBe('complete');
    const empty = new IncrementalJsonParser();
    empty.push('{}');
    expect(empty.pathStatus([name])).toBe('absent');
    expect(empty.pathStatus(`${name}.prototype`)).toBe('absent');
  });

  it('leads to own properties only in a path of a value', () => {
    for (const value of [{}, [], { a: {} }]) {
      expect(valueAt(value, [name])).toBeUndefined();
      expect(valueAt(value, parsePath(`a.${name}`))).toBeUndefined();
      expect(valueIn(value, [name])).toBeUndefined();
    }
    expect(valueAt(JSON.parse(nested(name)), [name, 'polluted'])).toBe(true);
  });

  it('is a field of joined bodies', () => {
    const body = JSON.parse(nested(name)) as object;

    expect(JSON.stringify(mergeBodies(body, { a: 1 }))).toBe(`${nested(name).slice(0, -1)},"a":1}`);
    expect(JSON.stringify(mergeBodies(body, JSON.parse(`{"${name}":{"b":1}}`) as object))).toBe(
      `{"${name}":{"prototype":{"polluted":true},"polluted":true,"b":1}}`,
    );
  });

  it('tells requests apart', () => {
    const client = new LLMClient({ provider: gemini(), model: 'model-1' });
    const key = (value: unknown): string =>
      requestKey(client, {
        prompt: 'hello',
        providerOptions: JSON.parse(`{"gemini":{"${name}":${String(value)}}}`) as never,
      });

    expect(key(1)).not.toBe(key(2));
  });

  it('is no property of a schema that does not have it', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: [] };

    expect(JSON.stringify(createRestore(schema)(JSON.parse(`{"${name}":null,"a":null}`)))).toBe(`{"${name}":null}`);
    expect(atomicPaths(schema)([name])).toBe(false);
  });

  it('is no tool of a chat', async () => {
    const calls = [{ index: 0, id: 'call_1', function: { name, arguments: nested(name) } }];
    const body = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: calls }, finish_reason: 'tool_calls' }] })}\n\ndata: [DONE]\n\n`;
    const client = new LLMClient({
      provider: openai({ baseURL: 'http://127.0.0.1' }),
      model: 'model-1',
      retry: false,
      fetch: answering(body),
    });
    const completion = await client.complete('hello');

    expect(problemsOfCompletion(completion)).toEqual([]);
    expect(JSON.stringify(completion.toolCalls[0]?.input)).toBe(nested(name));
  });

  it('is data in metadata and in the state of a backend', async () => {
    const events = [
      { type: 'start', messageMetadata: JSON.parse(nested(name)) as unknown },
      { type: 'message-metadata', messageMetadata: JSON.parse(nested(name)) as unknown },
      { type: 'finish', messageMetadata: JSON.parse(nested(name)) as unknown },
    ];
    const body = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;
    const client = new LLMClient({
      provider: uiMessageStream({ api: 'http://127.0.0.1' }),
      retry: false,
      fetch: answering(body),
    });
    const { message } = await client.complete('hello');

    expect(JSON.stringify(message.metadata)).toBe(nested(name));
  });

  it.each([
    ['add', (path: string) => [{ op: 'add', path: `${path}/polluted`, value: true }]],
    ['replace', (path: string) => [{ op: 'replace', path, value: { polluted: true } }]],
    ['nested add', (path: string) => [{ op: 'add', path: `${path}/prototype/polluted`, value: true }]],
    ['add of the name', (path: string) => [{ op: 'add', path, value: { polluted: true } }]],
  ])('is no inherited value for a patch of state: %s', async (_, operations) => {
    const run = { threadId: 't', runId: 'r' };
    const events = [
      { type: 'RUN_STARTED', ...run },
      { type: 'STATE_SNAPSHOT', snapshot: { a: {} } },
      { type: 'STATE_DELTA', delta: operations(`/${name}`) },
      { type: 'RUN_FINISHED', ...run },
    ];
    const client = new LLMClient({
      provider: agui({ api: 'http://127.0.0.1' }),
      retry: false,
      fetch: answering(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')),
    });
    const result = await client.complete('hello').then(
      (completion) => ({ completion }),
      (error: unknown) => ({ error }),
    );

    if ('completion' in result) expect(problemsOfCompletion(result.completion)).toEqual([]);
    else expect(result.error).toMatchObject({ code: 'parse' });
  });
});
