import type { LLMError, PartialCompletion } from '@rivulet/core';
import { TruncatedError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { delta, DONE, frame, text } from '../support/chat-completions.ts';
import { clientOf, clientReading, failureOf, readAll, toBytes } from '../support/client.ts';

// Short, because it is cut at every byte.
const texts = ['', 'Grüße ', '👋 ', 'und mehr'];
const parts = texts.map((content) => frame({ choices: [{ delta: { content } }] }));
const body = parts.join('') + frame({ choices: [{ finish_reason: 'stop' }] });
const bytes = toBytes(body);
/** Where the JSON of the finish frame closes. */
const end = toBytes(body.trimEnd()).length;

/** The text of the frames that are whole within so many bytes; the last brace of a frame makes it whole. */
function textWithin(length: number): string {
  let size = 0;
  let whole = '';
  for (const [at, part] of parts.entries()) {
    const start = size;
    size += toBytes(part).length;
    if (length >= start + toBytes(part.trimEnd()).length) whole += texts[at];
  }
  return whole;
}

describe('an answer that is cut', () => {
  it('at any byte before its finish is whole is no success, and loses no text', async () => {
    for (let length = 0; length < end; length += 1) {
      const run = clientReading([bytes.slice(0, length)]).stream('hello');

      const error = (await failureOf(run.result)) as LLMError;

      expect(error, `cut after ${length} bytes: ${error.message}`).toBeInstanceOf(TruncatedError);
      expect(error.partial?.text, `cut after ${length} bytes`).toBe(textWithin(length));
      expect(run.getSnapshot()).toMatchObject({ status: 'error', text: textWithin(length), finishReason: undefined });
    }
  });

  it('at any byte of its last frame is the same over a socket', async () => {
    const head = 'data:{"choices":[{"delta":{"content":"👋"}}]}\n\n';
    const last = 'data:{"choices":[{"delta":{},"finish_reason":"stop"}]}';
    await using server = await startHttpServer(
      Array.from(last, (_, length) => ({ chunks: [{ text: head }, { text: last.slice(0, length) }] })),
    );
    const client = clientOf(server.url);

    for (let length = 0; length < last.length; length += 1) {
      const error = (await failureOf(client.complete('hello'))) as LLMError;

      expect(error, `cut after ${length} bytes: ${error.message}`).toBeInstanceOf(TruncatedError);
      expect(error.partial?.text, `cut after ${length} bytes`).toBe('👋');
    }
  });

  it('after its finish is whole is complete', async () => {
    const whole = toBytes(body + DONE);
    for (let length = end; length <= whole.length; length += 1) {
      const { text: said, finishReason } = await clientReading([whole.slice(0, length)]).complete('hello');

      expect({ said, finishReason }, `cut after ${length} bytes`).toEqual({
        said: 'Grüße 👋 und mehr',
        finishReason: 'stop',
      });
    }
  });

  it('by a connection that breaks is a network error with what came', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: text('Hello') }, { text: text(' wor') }],
      end: 'destroy',
    });
    const run = clientOf(server.url).stream('hello');

    const { items, error } = await readAll(run.textStream);

    expect(error).toMatchObject({ name: 'NetworkError', code: 'network', partial: { text: items.join('') } });
    // A server that answered allows the page.
    expect(String(error)).not.toContain('CORS');
    expect(await failureOf(run.result)).toBe(error);
  });

  it('by a connection that breaks after its finish is complete', async () => {
    await using server = await startHttpServer({ chunks: [{ text: body }], end: 'destroy' });

    expect((await clientOf(server.url).complete('hello')).text).toBe('Grüße 👋 und mehr');
  });

  it('keeps reasoning, calls and counts in its partial', async () => {
    const stream =
      delta({ reasoning_content: 'Let me see.' }) +
      delta({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'weather', arguments: '{"city":' } }] }) +
      frame({ id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 5 } });

    const error = (await failureOf(clientReading([stream]).complete('hello'))) as LLMError;

    expect(error).toBeInstanceOf(TruncatedError);
    expect(error.partial).toMatchObject({
      reasoning: 'Let me see.',
      toolCalls: [{ id: 'call_1', name: 'weather', rawInput: '{"city":' }],
      usage: { inputTokens: 5 },
      id: 'chatcmpl-1',
      model: 'model-1',
    } satisfies Partial<Record<keyof PartialCompletion, unknown>>);
    expect(error.partial?.toolCalls[0]).not.toHaveProperty('input');
  });
});

describe('an answer with nothing in it', () => {
  it.each([
    ['an empty body', {}],
    ['an empty body with its length', { headers: { 'content-length': '0' } }],
    ['no body at all', { status: 204 }],
    ['white space', { chunks: [{ text: '\n\n  \n' }] }],
    ['a byte order mark', { chunks: [{ text: '\uFEFF' }] }],
    ['comments alone', { chunks: [{ text: ': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n' }] }],
    ['[DONE] alone', { chunks: [{ text: DONE }] }],
  ])('is truncated, and not an empty success: %s', async (_, response) => {
    await using server = await startHttpServer(response);

    const error = await failureOf(clientOf(server.url).complete('hello'));

    expect(error).toMatchObject({ name: 'TruncatedError', partial: { text: '' } });
  });

  it('is asked for again, since nobody has seen anything of it', async () => {
    await using server = await startHttpServer([
      {},
      { chunks: [{ text: `${delta({ role: 'assistant', content: '' })}data: {"cho` }] },
      { chunks: [{ text: body }] },
    ]);

    const completion = await clientOf(server.url, { retry: { maxDelayMs: 1000 } }).complete('hello');

    expect(completion.text).toBe('Grüße 👋 und mehr');
    expect(server.requests).toHaveLength(3);
  });
});
