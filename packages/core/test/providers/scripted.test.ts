import { AbortError, LLMClient, LLMError, OverloadedError, TruncatedError, type StreamEvent } from '@rivulet/core';
import { scripted, type Script, type ScriptedAnswer, type ScriptedOptions } from '@rivulet/core/scripted';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf, readAll, settled } from '../support/client.ts';

function clientOf(script: Script, options?: ScriptedOptions): LLMClient {
  return new LLMClient({ provider: scripted(script, options) });
}

describe('a script', () => {
  it('may be a text', async () => {
    const { text, finishReason } = await clientOf('Hello world').complete('hi');
    expect({ text, finishReason }).toEqual({ text: 'Hello world', finishReason: 'stop' });
  });

  it('may be a text in pieces of its own', async () => {
    const { items } = await readAll(clientOf(['Hello ', 'world']).stream('hi').textStream);
    expect(items).toEqual(['Hello ', 'world']);
  });

  it('may be an answer by its parts', async () => {
    const completion = await clientOf({
      reasoning: 'Let me think.',
      text: 'Here it is.',
      sources: [{ url: 'https://example.com', title: 'Example' }],
      usage: { inputTokens: 3, outputTokens: 9 },
    }).complete('hi');
    expect(completion).toMatchObject({
      text: 'Here it is.',
      reasoning: 'Let me think.',
      sources: [{ type: 'source', url: 'https://example.com', title: 'Example' }],
      usage: { inputTokens: 3, outputTokens: 9, raw: { inputTokens: 3, outputTokens: 9 } },
      finishReason: 'stop',
    });
    expect(completion.message.parts.map(({ type }) => type)).toEqual(['reasoning', 'text', 'source']);
  });

  it('may be a function of the request', async () => {
    const client = clientOf(({ messages }) => `You said ${messages[0]?.content}.`);
    expect((await client.complete('yes')).text).toBe('You said yes.');
    expect((await client.complete('no')).text).toBe('You said no.');
  });

  it('may take its time to decide', async () => {
    const client = clientOf(async () => Promise.resolve(['At ', 'last.']));
    expect((await client.complete('hi')).text).toBe('At last.');
  });

  it('may be a generator of text', async () => {
    const client = clientOf(async function* say({ model = 'none' }) {
      yield 'I am ';
      yield model;
    });
    const { text, finishReason, model } = await client.complete({ prompt: 'hi', model: 'model-1' });
    expect({ text, finishReason, model }).toEqual({ text: 'I am model-1', finishReason: 'stop', model: 'model-1' });
  });

  it('may be the events themselves, which come as they are', async () => {
    const events: StreamEvent[] = [
      { type: 'start', id: 'answer-1', model: 'model-2' },
      { type: 'text', delta: 'Done', providerMetadata: { scripted: { signature: 's' } } },
      { type: 'data', name: 'weather', data: { celsius: 21 } },
      { type: 'finish', reason: 'pause', raw: 'pause_turn' },
    ];
    const run = clientOf(events).stream('hi');
    expect((await readAll(run)).items).toEqual(events);
    expect(await run.result).toMatchObject({ id: 'answer-1', finishReason: 'pause', rawFinishReason: 'pause_turn' });
  });

  it('may mix text and events', async () => {
    const client = clientOf(async function* mix() {
      yield 'Half ';
      yield { type: 'text', delta: 'and half.' };
      yield { type: 'finish', reason: 'length' };
    });
    const { text, finishReason } = await client.complete('hi');
    expect({ text, finishReason }).toEqual({ text: 'Half and half.', finishReason: 'length' });
  });

  it('may say nothing', async () => {
    for (const nothing of ['', [], {}] satisfies Script[]) {
      const { text, finishReason, message } = await clientOf(nothing).complete('hi');
      expect({ text, finishReason, parts: message.parts }).toEqual({ text: '', finishReason: 'stop', parts: [] });
    }
  });

  it('is cut into pieces, never within a character', async () => {
    const { items } = await readAll(clientOf('Flüsse 🌊🌊🌊🌊🌊 und 小川').stream('hi').textStream);
    expect(items.join('')).toBe('Flüsse 🌊🌊🌊🌊🌊 und 小川');
    expect(items.length).toBeGreaterThan(3);
    for (const item of items) expect(item).not.toMatch(/\p{Surrogate}/u);
  });
});

describe('tool calls', () => {
  it('stream their arguments, and end with the calls', async () => {
    const run = clientOf({
      text: 'One moment.',
      toolCalls: [
        { name: 'weather', input: { city: 'Paris' } },
        { name: 'clock', id: 'my-own' },
      ],
    }).stream('hi');
    const { items } = await readAll(run);
    expect(items.filter(({ type }) => type === 'tool-call-delta').length).toBeGreaterThan(2);
    const { toolCalls, finishReason, message } = await run.result;
    expect(finishReason).toBe('tool-calls');
    expect(message.parts.map(({ type }) => type)).toEqual(['text', 'tool-call', 'tool-call']);
    expect(toolCalls).toMatchObject([
      { id: 'call-1-1', name: 'weather', input: { city: 'Paris' }, rawInput: '{"city":"Paris"}' },
      { id: 'my-own', name: 'clock', input: {}, rawInput: '' },
    ]);
  });

  it('have ids of their own in each answer', async () => {
    const client = clientOf({ toolCalls: [{ name: 'clock' }] });
    const ids = [await client.complete('one'), await client.complete('two')].map(({ toolCalls }) => toolCalls[0]?.id);
    expect(ids).toEqual(['call-1-1', 'call-2-1']);
  });

  it('may have broken arguments', async () => {
    const { toolCalls } = await clientOf({ toolCalls: [{ name: 'weather', rawInput: '{"city":' }] }).complete('hi');
    expect(toolCalls[0]).toMatchObject({ rawInput: '{"city":', error: { code: 'parse' } });
    expect(toolCalls[0]).not.toHaveProperty('input');
  });

  it('are answered in the next turn', async () => {
    const client = clientOf(({ messages }) =>
      messages.some(({ role }) => role === 'tool') ? '21 degrees.' : { toolCalls: [{ name: 'weather' }] },
    );
    const { message, toolCalls } = await client.complete('How warm is it?');
    const { text } = await client.complete({
      messages: [
        { role: 'user', content: 'How warm is it?' },
        message,
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: toolCalls[0]?.id ?? '', output: 21 }] },
      ],
    });
    expect(text).toBe('21 degrees.');
  });
});

describe('the end', () => {
  it.each<[string, ScriptedAnswer, object]>([
    ['is what the script says', { text: 'Cut', finishReason: 'length' }, { finishReason: 'length', text: 'Cut' }],
    ['is a refusal where there is one', { refusal: 'I will not.' }, { finishReason: 'refusal', text: '' }],
    ['may be a filter', { text: 'It', finishReason: 'content-filter' }, { finishReason: 'content-filter' }],
  ])('%s', async (_, script, expected) => {
    expect(await clientOf(script).complete('hi')).toMatchObject(expected);
  });

  it('is missing when events bring no finish', async () => {
    const error = await failureOf(clientOf([{ type: 'text', delta: 'Half' }]).complete('hi'));
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ partial: { text: 'Half' } });
  });
});

describe('an error', () => {
  const overload = new OverloadedError('Too much');

  it('comes after the text', async () => {
    const error = await failureOf(clientOf({ text: 'Half an ans', error: overload }).complete('hi'));
    expect(error).toBeInstanceOf(OverloadedError);
    expect(error).toMatchObject({ message: 'Too much', provider: 'scripted', partial: { text: 'Half an ans' } });
  });

  it('is another one for each run', async () => {
    const client = clientOf(({ model }) => ({ text: model, error: overload }));
    const errors = [
      await failureOf(client.complete({ prompt: 'hi', model: 'model-1' })),
      await failureOf(client.complete({ prompt: 'hi', model: 'model-2' })),
    ];
    expect(errors).toMatchObject([{ partial: { text: 'model-1' } }, { partial: { text: 'model-2' } }]);
    expect(overload.partial).toBeUndefined();
  });

  it('is a deadline where the delay is too long for it', async () => {
    const provider = scripted('Too late', { delayMs: 60_000 });
    const client = new LLMClient({ provider, retry: false, timeout: { firstTokenMs: 30 } });
    expect(await failureOf(client.complete('hi'))).toMatchObject({ code: 'timeout', phase: 'firstToken' });
  });

  it('is retried when nothing came before it', async () => {
    const provider = scripted(() => (provider.requests.length < 3 ? { error: overload } : 'Third time lucky.'));
    const client = new LLMClient({ provider });
    vi.spyOn(Math, 'random').mockReturnValue(0);
    expect((await client.complete('hi')).text).toBe('Third time lucky.');
    expect(provider.requests).toHaveLength(3);
  });

  it('may be thrown by the function', async () => {
    const client = clientOf(() => {
      throw new LLMError('No', { code: 'authentication', status: 401 });
    });
    expect(await failureOf(client.complete('hi'))).toMatchObject({ code: 'authentication', status: 401 });
  });

  it('of another class is wrapped', async () => {
    const cause = new RangeError('Out of ideas');
    const error = await failureOf(clientOf({ text: 'Well', error: cause }).complete('hi'));
    expect(error).toMatchObject({ code: 'unknown', cause, partial: { text: 'Well' } });
  });

  it('may be thrown within a generator', async () => {
    const client = clientOf(async function* fail() {
      yield 'Half';
      await Promise.reject(overload);
    });
    expect(await failureOf(client.complete('hi'))).toMatchObject({ code: 'overloaded', partial: { text: 'Half' } });
  });
});

describe('what was asked', () => {
  it('is recorded, with what the client adds', async () => {
    const provider = scripted('Yes.', { name: 'gallery' });
    const client = new LLMClient({ provider, model: 'model-1', system: 'Be brief.' });
    await client.complete({ prompt: 'First?', temperature: 0 });
    await client.complete('Second?');
    expect(provider.name).toBe('gallery');
    expect(provider.requests).toMatchObject([
      { model: 'model-1', system: 'Be brief.', temperature: 0, messages: [{ role: 'user', content: 'First?' }] },
      { model: 'model-1', messages: [{ role: 'user', content: 'Second?' }] },
    ]);
  });
});

describe('time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await settled();
  }

  it('passes before the first piece, and between the pieces', async () => {
    const run = clientOf(['one ', 'two ', 'three'], { delayMs: 300, tokensPerSecond: 10 }).stream('hi');
    await pass(299);
    expect(run.getSnapshot()).toMatchObject({ status: 'submitted', text: '' });
    await pass(1);
    expect(run.getSnapshot()).toMatchObject({ status: 'streaming', text: 'one ' });
    await pass(100);
    expect(run.getSnapshot().text).toBe('one two ');
    await pass(100);
    expect(await run.result).toMatchObject({ text: 'one two three' });
  });

  it('is the answer’s own where it says so', async () => {
    const run = clientOf(() => ({ text: ['a', 'b'], delayMs: 50, tokensPerSecond: 1 }), { delayMs: 9000 }).stream('hi');
    await pass(50);
    expect(run.getSnapshot().text).toBe('a');
    await pass(999);
    expect(run.getSnapshot().text).toBe('a');
    await pass(1);
    expect(run.getSnapshot().text).toBe('ab');
  });

  it('passes before an error too', async () => {
    const run = clientOf({ error: new LLMError('No', { code: 'authentication' }) }, { delayMs: 200 }).stream('hi');
    await pass(199);
    expect(run.getSnapshot().status).toBe('submitted');
    await pass(1);
    expect(run.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'authentication' } });
  });

  it('is not waited for twice: late timers are made up for', async () => {
    const run = clientOf('x'.repeat(4 * 100), { tokensPerSecond: 1000 }).stream('hi');
    await pass(0);
    vi.setSystemTime(Date.now() + 5000);
    await pass(1);
    expect(await run.result).toMatchObject({ finishReason: 'stop' });
  });

  it('ends at once when the run is stopped: nothing is left behind', async () => {
    const events: string[] = [];
    const run = clientOf(
      async function* story(_, { signal }) {
        signal.addEventListener('abort', () => events.push('aborted'));
        try {
          for (;;) yield 'On and on. ';
        } finally {
          events.push('closed');
        }
      },
      { tokensPerSecond: 1 },
    ).stream('hi');
    await pass(1500);
    run.abort('enough');
    expect(await failureOf(run.result)).toBeInstanceOf(AbortError);
    await settled();
    expect(run.getSnapshot()).toMatchObject({ finishReason: 'aborted', text: 'On and on. On and on. ' });
    expect(events).toEqual(['aborted', 'closed']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends at once when the run is stopped before the first piece', async () => {
    const run = clientOf('Too late', { delayMs: 60_000 }).stream('hi');
    await pass(10);
    run.abort();
    expect(await failureOf(run.result)).toBeInstanceOf(AbortError);
    await settled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
