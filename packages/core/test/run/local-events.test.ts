import { createServer } from 'node:http';
import { LLMClient, LLMError, runFrom, type LocalProvider, type RunSource, type StreamEvent } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { readMessage } from '../../src/client/read-message.ts';
import { failureOf } from '../support/client.ts';

async function* iterate(items: readonly unknown[]): AsyncGenerator<StreamEvent> {
  for (const item of items) yield item as StreamEvent;
}

function localProvider(events: readonly unknown[]): LocalProvider {
  return { name: 'local', supports: { tools: true }, generate: () => iterate(events) };
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

const BROKEN: [string, unknown][] = [
  ['the event', 7],
  ['the event', null],
  ['the event', []],
  ['the event', { type: {} }],
  ['the event news', { type: 'news', at: new Date(0) }],
  ['news.index', { type: 'news', index: -1 }],
  ['news.providerMetadata', { type: 'news', providerMetadata: 'x' }],
  ['text.delta', { type: 'text', delta: 7 }],
  ['text.delta', { type: 'text' }],
  ['reasoning.delta', { type: 'reasoning', delta: ['Hm'] }],
  ['text.index', { type: 'text', delta: 'Hi', index: '0' }],
  ['text.index', { type: 'text', delta: 'Hi', index: -1 }],
  ['text.index', { type: 'text', delta: 'Hi', index: 0.5 }],
  ['text.providerMetadata', { type: 'text', delta: 'Hi', providerMetadata: 'x' }],
  ['text.providerMetadata', { type: 'text', delta: 'Hi', providerMetadata: { at: new Date(0) } }],
  ['tool-call-start.name', { type: 'tool-call-start', index: 0, id: 'c' }],
  ['tool-call-start.index', { type: 'tool-call-start', id: 'c', name: 'f' }],
  ['tool-call.toolCall', { type: 'tool-call', index: 0 }],
  ['tool-call.toolCall.id', { type: 'tool-call', index: 0, toolCall: { name: 'f', rawInput: '' } }],
  [
    'tool-call.toolCall.error',
    { type: 'tool-call', index: 0, toolCall: { id: 'c', name: 'f', rawInput: '', error: 'x' } },
  ],
  ['tool-result.toolCallId', { type: 'tool-result', output: 'x' }],
  ['tool-result.output', { type: 'tool-result', toolCallId: 'c', output: 1n }],
  ['source.title', { type: 'source', title: {} }],
  ['file.mediaType', { type: 'file', url: 'https://a.example' }],
  ['data.name', { type: 'data', data: 1 }],
  ['data.data', { type: 'data', name: 'note', data: new Map() }],
  ['data.data', { type: 'data', name: 'note', data: cycle }],
  ['data.data', { type: 'data', name: 'note', data: { toJSON: () => 1 } }],
  ['data.data', { type: 'data', name: 'note', data: { get now() { return 1; } } }], // prettier-ignore
  ['data.data', { type: 'data', name: 'note', data: [NaN] }],
  ['metadata.metadata', { type: 'metadata', metadata: 'x' }],
  ['usage.usage', { type: 'usage', usage: 7 }],
  ['usage.usage.inputTokens', { type: 'usage', usage: { inputTokens: '7', raw: {} } }],
  ['finish.reason', { type: 'finish' }],
];

describe('an event with a wrong type', () => {
  it.each(BROKEN)('of a local provider is an error that names %s: %o', async (path, event) => {
    const client = new LLMClient({ provider: localProvider([{ type: 'text', delta: 'Hi' }, event]), retry: false });
    const error = await failureOf(client.complete('hello'));

    expect(error).toBeInstanceOf(LLMError);
    expect(error).toMatchObject({ code: 'parse', partial: { text: 'Hi' } });
    expect((error as Error).message).toContain(`: ${path} is `);
  });

  it.each(BROKEN)('of a source is an error that names %s: %o', async (path, event) => {
    const error = await failureOf(runFrom(iterate(['Hi', event])).result);

    expect(error).toMatchObject({ name: 'ParseError', partial: { text: 'Hi' } });
    expect((error as Error).message).toContain(path);
  });

  it.each(['news', '__proto__', 'toString'])('is kept as a data part if its type is unknown: %s', async (type) => {
    const event = { type, list: [1], providerMetadata: { a: { b: 1 } } };
    const part = { type: 'data', name: type, data: { list: [1] }, providerMetadata: { a: { b: 1 } } };
    const client = new LLMClient({ provider: localProvider([event, { type: 'finish', reason: 'stop' }]) });
    const { message } = await client.complete('hello');

    expect(message.parts).toEqual([part]);
    expect(readMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
    await expect(
      client.complete({ messages: [{ role: 'user', content: 'Hi' }, message, { role: 'user', content: 'Go on' }] }),
    ).resolves.toMatchObject({ finishReason: 'stop' });
  });

  it.each([
    [{ reason: 'banana' }, 'banana'],
    [{ reason: 'aborted' }, 'aborted'],
    [{ reason: 'toString' }, 'toString'],
    [{ reason: 'banana', raw: 'BANANA' }, 'BANANA'],
  ])('has the finish reason `other` if its reason is unknown: %o', async (fields, rawFinishReason) => {
    const events = ['Hi', { type: 'finish', ...fields }];

    await expect(runFrom(iterate(events)).result).resolves.toMatchObject({ finishReason: 'other', rawFinishReason });
  });

  it('is found in time linear in the objects, also if several refer to the same one', async () => {
    let shared: unknown = 'x';
    for (let depth = 0; depth < 400; depth += 1) shared = [shared, shared];
    const events = [
      { type: 'data', name: 'state', data: shared },
      { type: 'finish', reason: 'stop' },
    ];

    // It ends at all: its JSON would have 2^400 values.
    expect(await failureOf(runFrom(iterate(events)).result)).toMatchObject({ limit: 'run' });
  });

  it('is not one for values that the types allow', async () => {
    const events = [
      { type: 'start', id: undefined, model: 'm' },
      { type: 'data', name: 'note', data: { list: [1, null, undefined], nested: Object.create(null) as object } },
      { type: 'tool-result', toolCallId: 'c', output: undefined },
      { type: 'finish', reason: 'stop' },
    ];
    const client = new LLMClient({ provider: localProvider(events) });

    await expect(client.complete('hello')).resolves.toMatchObject({ finishReason: 'stop' });
  });
});

describe('a source that misbehaves settles the run', () => {
  const thrower = (fields: object): RunSource =>
    ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined), ...fields }) }) as RunSource;

  it.each<[string, () => unknown, object]>([
    ['undefined', () => undefined, { code: 'invalid_request' }],
    ['a text', () => 'Hi', { code: 'invalid_request' }],
    ['a list', () => ['Hi'], { code: 'invalid_request' }],
    [
      'a response whose body was read',
      async () => {
        const response = new Response('Hi');
        await response.text();
        return response;
      },
      { code: 'invalid_request' },
    ],
    [
      'a locked stream',
      () => {
        const { body } = new Response('Hi');
        body?.getReader();
        return body;
      },
      { code: 'invalid_request' },
    ],
    ['an iterator that returns no result', () => thrower({ next: () => Promise.resolve(7) }), { code: 'parse' }],
    ['an iterator that throws', () => thrower({ next: () => Promise.reject(new Error('no')) }), { code: 'unknown' }],
    [
      'an iterable that throws',
      () => ({ [Symbol.asyncIterator]: () => { throw new Error('no'); } }), // prettier-ignore
      { code: 'unknown' },
    ],
  ])('%s', async (_, source, expected) => {
    const error = await failureOf(runFrom(source() as RunSource).result);

    expect(error).toBeInstanceOf(LLMError);
    expect(error).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ['throws', { return: () => { throw new Error('no'); } }], // prettier-ignore
    ['returns nothing', { return: () => undefined }],
    ['returns no promise', { return: () => 7 }],
    ['is none', { return: 7 }],
  ])('whose `return` %s, when it is stopped', async (_, fields) => {
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    const run = runFrom(thrower(fields));
    await Promise.resolve();
    run.abort();

    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
  });
});

describe('an environment without fetch and web streams', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('runs scripts, and reads iterables of text', async () => {
    for (const name of ['fetch', 'Response', 'ReadableStream', 'Headers', 'TextDecoder'])
      vi.stubGlobal(name, undefined);
    Reflect.deleteProperty(globalThis, 'fetch');
    const client = new LLMClient({ provider: scripted('Hello') });

    await expect(client.complete('hi')).resolves.toMatchObject({ text: 'Hello' });
    await expect(runFrom(iterate(['Hello'])).result).resolves.toMatchObject({ text: 'Hello' });
  });

  it('uses the fetch that is there when something is sent', async () => {
    const { fetch } = globalThis;
    await using server = await startHttpServer({ chunks: [{ text: 'data: {"type":"finish"}\n\n' }] });
    vi.stubGlobal('fetch', undefined);
    const client = new LLMClient({ provider: uiMessageStream({ api: server.url }), retry: false });
    const fetched = vi.fn(fetch);
    vi.stubGlobal('fetch', fetched);

    await client.complete('hi');
    expect(fetched).toHaveBeenCalledOnce();
  });
});

describe('the id of a conversation that is resumed', () => {
  /** The path that a server receives, as it is. */
  async function pathFor(id: string): Promise<{ paths: string[]; error?: unknown }> {
    const paths: string[] = [];
    const server = createServer(({ url = '' }, response) => {
      paths.push(url);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"type":"finish"}\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const provider = uiMessageStream({ api: `http://127.0.0.1:${port}/api/chat` });
    const client = new LLMClient({ provider, retry: false });
    try {
      await client.complete({ prompt: 'hi', conversation: { id, resume: true } });
      return { paths };
    } catch (error) {
      return { paths, error };
    } finally {
      server.close();
    }
  }

  it.each(['chat 1', 'a/b', '../x', '..%2F', '%2e%2e', 'a?b=c', 'a#b', 'a\0b', '\\..\\', '...', 'ä👋', ';', '\n'])(
    'is one segment of the path: %j',
    async (id) => {
      const { paths, error } = await pathFor(id);

      expect(error).toBeUndefined();
      expect(paths).toHaveLength(1);
      const [segment = '', ...rest] = paths[0]!.slice('/api/chat/'.length).split('/');
      expect(rest).toEqual(['stream']);
      expect(decodeURIComponent(segment)).toBe(id);
    },
  );

  it.each(['.', '..', '', '\ud800', 'a\udc00'])('is refused by name if it cannot be one: %j', async (id) => {
    const { paths, error } = await pathFor(id);

    expect(paths).toEqual([]);
    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(JSON.stringify(id)) });
  });
});
