import type { LLMError } from '@rivulet/core';
import { describe, expect, inject, it } from 'vitest';
import { failureOf, readAll } from '../../support/client.ts';
import {
  added,
  CALL,
  clientOf,
  clientReading,
  completed,
  created,
  done,
  frame,
  NAME,
  response,
  summary,
  text,
  type Fields,
} from '../../support/responses.ts';

describe('an answer of the Responses API', () => {
  it('has a part for each piece of text and each summary', async () => {
    const {
      message,
      text: all,
      reasoning,
    } = await clientReading(
      created,
      summary('First'),
      summary(', this.'),
      summary('Then that.', 0, 1),
      frame('response.reasoning_text.delta', { output_index: 0, content_index: 0, delta: 'Raw' }),
      text('Hello', 1),
      text(' again', 1, 1),
      text('!', 1, 1),
      completed,
    ).complete('hello');

    expect(message.parts.map((part) => ('text' in part ? [part.type, part.text] : part))).toEqual([
      ['reasoning', 'First, this.'],
      ['reasoning', 'Then that.'],
      ['reasoning', 'Raw'],
      ['text', 'Hello'],
      ['text', ' again!'],
    ]);
    expect(all).toBe('Hello again!');
    expect(reasoning).toBe('First, this.Then that.Raw');
  });

  it('keeps calls apart whose arguments come in turns', async () => {
    const input = (place: number, delta: string): string =>
      frame('response.function_call_arguments.delta', { output_index: place, delta });
    const { toolCalls, finishReason } = await clientReading(
      created,
      added(0, { ...CALL, arguments: '' }),
      added(1, { ...CALL, call_id: 'call_2', arguments: '' }),
      input(0, '{"city":'),
      input(1, '{"city":'),
      input(1, '"Rome"}'),
      input(0, '"Paris"}'),
      done(1, { ...CALL, call_id: 'call_2', arguments: '{"city":"Rome"}' }),
      done(0, { ...CALL, arguments: '{"city":"Paris"}' }),
      completed,
    ).complete('hello');

    expect(toolCalls).toMatchObject([
      { id: 'call_1', name: 'weather', input: { city: 'Paris' } },
      { id: 'call_2', name: 'weather', input: { city: 'Rome' } },
    ]);
    expect(finishReason).toBe('tool-calls');
  });

  it('ends calls of which no end was told', async () => {
    const { toolCalls, finishReason } = await clientReading(
      created,
      added(0, { ...CALL, arguments: '' }),
      frame('response.function_call_arguments.delta', { output_index: 0, delta: '{"city":"Pa' }),
      frame('response.incomplete', {
        response: response('incomplete', { incomplete_details: { reason: 'max_output_tokens' } }),
      }),
    ).complete('hello');

    expect(toolCalls).toMatchObject([{ rawInput: '{"city":"Pa', error: { code: 'parse' } }]);
    expect(finishReason).toBe('length');
  });

  it('tells what a custom tool is called with as text', async () => {
    const call = { type: 'custom_tool_call', call_id: 'call_1', name: 'sql', input: 'SELECT * FROM users' };
    const run = clientReading(
      created,
      added(0, { ...call, input: '' }),
      frame('response.custom_tool_call_input.delta', { output_index: 0, delta: 'SELECT * ' }),
      done(0, call),
      completed,
    ).stream('hello');
    const { items } = await readAll(run);

    expect(items).toMatchObject([
      { type: 'start' },
      { type: 'tool-call-start', index: 0, id: 'call_1', name: 'sql' },
      { type: 'tool-call-delta', index: 0, delta: 'SELECT * ' },
      { type: 'tool-call-delta', index: 0, delta: 'FROM users' },
      { type: 'tool-call', index: 0, toolCall: { rawInput: call.input, input: call.input } },
      { type: 'finish', reason: 'tool-calls', raw: 'completed' },
    ]);
  });

  it('tells each citation once, wherever it is told', async () => {
    const web = { type: 'url_citation', url: 'https://example.com', title: 'Example' };
    const file = { type: 'file_citation', file_id: 'file-1', filename: 'a.pdf', index: 5 };
    const message = {
      type: 'message',
      content: [{ type: 'output_text', text: 'Hello you', annotations: [web, file, { type: 'new' }] }],
    };
    const {
      sources,
      text: said,
      message: { parts },
    } = await clientReading(
      created,
      text('Hello '),
      frame('response.output_text.annotation.added', { output_index: 0, content_index: 0, annotation: web }),
      text('you'),
      done(0, message),
      completed,
    ).complete('hello');

    expect(said).toBe('Hello you');
    expect(parts).toHaveLength(3);
    expect(sources).toMatchObject([
      { url: 'https://example.com', title: 'Example' },
      { id: 'file-1', title: 'a.pdf', filename: 'a.pdf' },
    ]);
  });

  it('has calls of built-in tools as data parts around its text', async () => {
    const { message, finishReason } = await clientReading(
      created,
      added(0, { type: 'web_search_call', id: 'ws_1', status: 'in_progress' }),
      frame('response.web_search_call.searching', { output_index: 0, item_id: 'ws_1' }),
      done(0, { type: 'web_search_call', id: 'ws_1', action: { type: 'search', query: 'x' } }),
      added(1, { type: 'code_interpreter_call', id: 'ci_1', code: '' }),
      frame('response.code_interpreter_call_code.delta', { output_index: 1, delta: 'print(1)' }),
      done(1, { type: 'code_interpreter_call', id: 'ci_1', code: 'print(1)', outputs: null }),
      frame('response.mcp_call_arguments.delta', { output_index: 2, delta: '{}' }),
      done(2, { type: 'mcp_call', id: 'mcp_1', name: 'add', arguments: '{}', output: '1' }),
      frame('response.mcp_call.failed', { output_index: 2 }),
      frame('response.audio.delta', { delta: 'AAAA' }),
      frame('keepalive'),
      frame('response.constructor.delta', { output_index: 3, delta: 'no' }),
      text('Hello', 4),
      completed,
    ).complete('hello');

    expect(message.parts).toMatchObject([
      { type: 'data', name: NAME, data: { type: 'web_search_call' } },
      { type: 'data', name: NAME, data: { type: 'code_interpreter_call' } },
      { type: 'data', name: NAME, data: { type: 'mcp_call' } },
      { type: 'text', text: 'Hello' },
    ]);
    expect(finishReason).toBe('stop');
  });

  it('has the images that were made', async () => {
    const image = { type: 'image_generation_call', id: 'ig_1', result: 'AAAA', output_format: 'webp' };

    expect(
      (await clientReading(created, done(0, image), text('Here', 1), completed).complete('hello')).message.parts,
    ).toMatchObject([
      { type: 'file', mediaType: 'image/webp', data: 'AAAA' },
      { type: 'text', text: 'Here' },
    ]);
  });

  it('is read from hosts that give an item another id with each event, or no events but its end', async () => {
    const { text: said, id } = await clientReading(
      created,
      added(0, { type: 'message', id: 'a', content: [] }),
      frame('response.output_text.delta', { output_index: 0, content_index: 0, item_id: 'b', delta: 'Hello' }),
      done(0, { type: 'message', id: 'c', content: [{ type: 'output_text', text: 'Hello', annotations: null }] }),
      done(1, { type: 'message', id: 'd', content: [{ type: 'output_text', text: ' you' }] }),
      frame('response.completed', { response: response('completed', { id: 'resp_2' }) }),
    ).complete('hello');

    expect(said).toBe('Hello you');
    expect(id).toBe('resp_1');
  });

  it('is read from its end where nothing came before', async () => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }];

    expect(
      (
        await clientReading(
          created,
          frame('response.completed', { response: response('completed', { output }) }),
        ).complete('hello')
      ).text,
    ).toBe('Hello');
  });

  it('says a frame that comes twice once, but a text that is the same twice', async () => {
    const numbered = frame('response.output_text.delta', {
      sequence_number: 4,
      output_index: 0,
      content_index: 0,
      delta: 'ha',
    });
    const unnumbered = frame('response.output_text.delta', {
      sequence_number: -1,
      output_index: 0,
      content_index: 0,
      delta: 'ho',
    });

    expect(
      (await clientReading(created, numbered, numbered, unnumbered, unnumbered, completed).complete('hello')).text,
    ).toBe('hahoho');
  });

  it.each([
    ['completed', 'completed', null, 'stop', 'completed'],
    ['incomplete', 'incomplete', 'max_output_tokens', 'length', 'max_output_tokens'],
    ['incomplete', 'incomplete', 'content_filter', 'content-filter', 'content_filter'],
    ['incomplete', 'incomplete', 'news', 'other', 'news'],
    ['completed', 'incomplete', null, 'other', 'incomplete'],
    ['cancelled', 'cancelled', null, 'other', 'cancelled'],
    ['completed', 'in_progress', null, 'stop', 'completed'],
  ])('that ends with %s, %s, %s is %s', async (name, status, reason, finishReason, rawFinishReason) => {
    const end = response(status, { incomplete_details: reason ? { reason } : null });
    const completion = await clientReading(
      created,
      text('Hello'),
      frame(`response.${name}`, { response: end }),
    ).complete('hello');

    expect(completion).toMatchObject({ finishReason, rawFinishReason });
  });

  it('has the counts of the end, and none that were not told', async () => {
    const raw = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 64, cache_write_tokens: 8 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 40 },
      total_tokens: 150,
    };
    const ending = (usage: object): string =>
      frame('response.completed', { response: response('completed', { usage }) });

    expect((await clientReading(created, text('Hello'), ending(raw)).complete('hello')).usage).toEqual({
      inputTokens: 100,
      outputTokens: 50,
      totalTokens: 150,
      cachedInputTokens: 64,
      cacheWriteTokens: 8,
      reasoningTokens: 40,
      raw,
    });
    expect((await clientReading(created, text('Hello'), ending({ input_tokens: 3 })).complete('hello')).usage).toEqual({
      inputTokens: 3,
      raw: { input_tokens: 3 },
    });
  });

  it.each(['in_progress', 'queued'])('that is whole but %s is not taken for an answer', async (status) => {
    expect(await failureOf(clientReading(JSON.stringify(response(status))).complete('hello'))).toMatchObject({
      code: 'truncated',
    });
  });

  it('is truncated when all that came is the mark of another API', async () => {
    const error = await failureOf(clientReading(created, text('Hello'), 'data: [DONE]\n\n').complete('hello'));

    expect(error).toMatchObject({ code: 'truncated', partial: { text: 'Hello' } });
  });
});

describe('a failure of the Responses API', () => {
  const failed = (error: Fields): string => frame('response.failed', { response: response('failed', { error }) });

  it.each([
    ['flat', frame('error', { code: 'rate_limit_exceeded', message: 'Slow down, try again in 2s', param: null })],
    [
      'nested',
      frame('error', { error: { type: 'requests', code: 'rate_limit_exceeded', message: 'Try again in 2s' } }),
    ],
    ['in the response', failed({ code: 'rate_limit_exceeded', message: 'Slow down, try again in 2s' })],
    [
      'in a document',
      JSON.stringify(response('failed', { error: { code: 'rate_limit_exceeded', message: 'Try again in 2s' } })),
    ],
  ])('is the same %s', async (_, body) => {
    const error = (await failureOf(clientReading(body).complete('hello'))) as LLMError;

    expect(error).toMatchObject({
      code: 'rate_limit',
      status: 429,
      isRetryable: true,
      retryAfterMs: 2000,
      provider: NAME,
    });
  });

  it.each([
    ['server_error', 'server', true],
    ['vector_store_timeout', 'server', true],
    ['insufficient_quota', 'insufficient_quota', false],
    ['invalid_prompt', 'invalid_request', false],
    ['image_too_large', 'invalid_request', false],
    ['context_length_exceeded', 'context_length', false],
  ])('for %s is a %s', async (reason, code, isRetryable) => {
    const error = await failureOf(
      clientReading(created, text('Hel'), failed({ code: reason, message: 'No' })).complete('hello'),
    );

    expect(error).toMatchObject({ code, isRetryable, partial: { text: 'Hel' } });
  });

  it('without a word is one of the server', async () => {
    const end = frame('response.failed', { response: response('failed') });

    expect(await failureOf(clientReading(created, end).complete('hello'))).toMatchObject({ code: 'server' });
  });
});

describe('a model server that speaks the Responses API', () => {
  const baseURL = `${inject('modelServerUrl')}/v1`;

  it('is understood', async () => {
    const client = clientOf(baseURL);

    expect(await client.complete('hello')).toMatchObject({
      text: 'Hello! How can I help you today?',
      finishReason: 'stop',
    });
    expect(await client.complete({ prompt: 'think', reasoning: true })).toMatchObject({
      text: 'The answer is 42.',
      reasoning: 'Six times seven is forty-two.',
    });
    expect(await client.complete('weather')).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [{ name: 'weather', input: { city: 'Paris' } }],
    });
  });

  it('is understood when it answers whole', async () => {
    const client = clientOf(baseURL, {}, { body: { stream: false } });

    expect(await client.complete('hello')).toMatchObject({
      text: 'Hello! How can I help you today?',
      finishReason: 'stop',
    });
    expect(await client.complete('weather')).toMatchObject({
      toolCalls: [{ name: 'weather', input: { city: 'Paris' } }],
    });
  });

  it('is told apart from one that fails, or is cut off', async () => {
    const client = clientOf(baseURL);

    expect(await failureOf(client.complete('rate limit'))).toMatchObject({ code: 'rate_limit', status: 429 });
    expect(await failureOf(client.complete('cut'))).toMatchObject({ provider: NAME });
  });
});
