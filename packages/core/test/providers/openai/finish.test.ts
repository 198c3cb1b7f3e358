import type { Completion } from '@rivulet/core';
import { TruncatedError } from '@rivulet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { delta, DONE, finish, frame, text, usage } from '../../support/chat-completions.ts';
import {
  clientOf,
  clientReading,
  failureOf,
  readAll,
  settled,
  toBytes,
  until,
  writable,
} from '../../support/client.ts';

afterEach(() => vi.useRealTimers());

function decode(...frames: string[]): Promise<Completion> {
  return clientReading([frames.join('')]).complete('hello');
}

const STOP = { finish_reason: 'stop' };
const piece = (index: number, input: string, start = {}, choice: object = STOP): string =>
  delta({ tool_calls: [{ index, ...start, function: { ...start, arguments: input } }] }, choice);
const first = { id: 'call_1', name: 'clock' };

describe('a finish reason in each chunk', () => {
  const body = delta({ reasoning_content: 'hm' }, STOP) + piece(0, '{"zone":', first) + piece(0, '"UTC"}');

  it.each([
    ['[DONE]', body + DONE],
    ['the end of the body', body],
    ['counts and [DONE]', body + usage({ prompt_tokens: 1 }) + DONE],
  ])('counts at %s, with the calls', async (_, frames) => {
    const { reasoning, toolCalls, finishReason, rawFinishReason } = await decode(frames);

    expect(reasoning).toBe('hm');
    expect(toolCalls).toMatchObject([{ id: 'call_1', name: 'clock', input: { zone: 'UTC' } }]);
    expect({ finishReason, rawFinishReason }).toEqual({ finishReason: 'tool-calls', rawFinishReason: 'stop' });
  });

  it('completes each call once, behind all of its pieces', async () => {
    const { items } = await readAll(clientReading([body + DONE]).stream('hello'));

    expect(items.map(({ type }) => type)).toEqual([
      'start',
      'reasoning',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-delta',
      'tool-call',
      'finish',
    ]);
  });

  it('does not cut text', async () => {
    const chunks = ['One ', 'two ', 'three.'].map((words) => delta({ content: words }, STOP));

    expect(await decode(...chunks, DONE)).toMatchObject({ text: 'One two three.', finishReason: 'stop' });
  });

  it.each([
    [['stop', 'length'], 'length'],
    [['length', 'stop'], 'stop'],
    [['stop', null, 'content_filter', ''], 'content-filter'],
    [['null', 'stop', 'null'], 'stop'],
  ])('is the last one of %j', async (reasons, finishReason) => {
    const chunks = reasons.map((reason) => delta({ content: 'Hi' }, { finish_reason: reason }));

    expect(await decode(...chunks, DONE)).toMatchObject({ finishReason });
  });
});

describe('a connection that stays open behind the finish reason', () => {
  function byHand(): {
    run: ReturnType<ReturnType<typeof clientOf>['stream']>;
    write: (body: string) => Promise<void>;
  } {
    const { stream, write } = writable<Uint8Array>();
    const run = clientOf('http://127.0.0.1', { fetch: () => Promise.resolve(new Response(stream)) }).stream('hello');
    return {
      run,
      async write(body) {
        write(toBytes(body));
        await settled();
      },
    };
  }

  it('settles after two seconds, with its calls', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { run, write } = byHand();
    await write(piece(0, '{"zone":"UTC"}', first, {}) + finish('tool_calls'));

    await vi.advanceTimersByTimeAsync(1999);
    expect(run.getSnapshot().status).toBe('streaming');
    await vi.advanceTimersByTimeAsync(1);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'tool-calls' });
    expect((await run.result).toolCalls).toMatchObject([{ name: 'clock', input: { zone: 'UTC' } }]);
  });

  it('settles thirty seconds after a reason that came together with content', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { run, write } = byHand();
    await write(text('One ') + delta({ content: 'two.' }, STOP));

    await vi.advanceTimersByTimeAsync(29_999);
    expect(run.getSnapshot().status).toBe('streaming');
    await vi.advanceTimersByTimeAsync(1);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'stop', text: 'One two.' });
  });

  it('settles at the idle deadline if content followed a reason', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { run, write } = byHand();
    await write(delta({ content: 'One ' }, STOP) + delta({ content: 'two.' }, STOP) + finish());

    await vi.advanceTimersByTimeAsync(119_000);
    expect(run.getSnapshot().status).toBe('streaming');
    await vi.advanceTimersByTimeAsync(1000);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'stop', text: 'One two.' });
  });

  it('settles at the idle deadline though the server goes on sending comments', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { run, write } = byHand();
    await write(delta({ content: 'One ' }, STOP) + delta({ content: 'two.' }, STOP));
    for (let ping = 0; ping < 11; ping += 1) {
      await vi.advanceTimersByTimeAsync(10_000);
      await write(': ping\n\n');
    }
    expect(run.getSnapshot().status).toBe('streaming');
    await vi.advanceTimersByTimeAsync(10_000);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', text: 'One two.' });
  });

  it('waits for the first content as long as the server sends comments', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { run, write } = byHand();
    await write(delta({ role: 'assistant', content: '' }, STOP));
    for (let ping = 0; ping < 20; ping += 1) {
      await vi.advanceTimersByTimeAsync(10_000);
      await write(': ping\n\n');
    }
    await write(delta({ content: 'Hello' }, STOP) + DONE);

    expect(await run.result).toMatchObject({ text: 'Hello' });
  });

  it('waits for the answer behind a thought that has the finish reason', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { run, write } = byHand();
    await write(delta({ reasoning_content: 'hm' }, STOP));
    await vi.advanceTimersByTimeAsync(10_000);
    await write(piece(0, '{"zone":"UTC"}', first));
    await vi.advanceTimersByTimeAsync(10_000);
    await write(DONE);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'tool-calls', reasoning: 'hm' });
  });

  it('settles after thoughts whose finish reason comes alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { run, write } = byHand();
    await write(delta({ reasoning_content: 'hm' }) + finish('length'));
    await vi.advanceTimersByTimeAsync(2000);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'length', reasoning: 'hm' });
  });

  it('is not delayed by comments and counts', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { run, write } = byHand();
    await write(text('Hello') + finish());
    await vi.advanceTimersByTimeAsync(1500);
    await write(`: ping\n\n${usage({ prompt_tokens: 1 })}`);
    await vi.advanceTimersByTimeAsync(500);
    await settled();

    expect(run.getSnapshot()).toMatchObject({ status: 'ready', usage: { inputTokens: 1 } });
  });

  it('settles if the connection breaks', async () => {
    await using server = await startHttpServer({ chunks: [{ text: piece(0, '{}', first) }], end: 'destroy' });

    expect(await clientOf(server.url).complete('hello')).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [{ name: 'clock', input: {} }],
    });
  });

  it('settles if the connection of an empty answer breaks', async () => {
    await using server = await startHttpServer({ chunks: [{ text: finish() }], end: 'destroy' });

    expect(await clientOf(server.url).complete('hello')).toMatchObject({ finishReason: 'stop', text: '' });
    expect(server.requests).toHaveLength(1);
  });

  it('settles if a deadline passes', async () => {
    const { stream, write } = writable<Uint8Array>();
    const fetch = (): Promise<Response> => Promise.resolve(new Response(stream));
    const run = clientOf('http://127.0.0.1', { fetch, timeout: { totalMs: 300 } }).stream('hello');
    write(toBytes(text('Hello') + finish()));

    expect(await run.result).toMatchObject({ text: 'Hello', finishReason: 'stop' });
  });

  it('fails if the server sends an error', async () => {
    const body = text('Hello') + finish() + frame({ error: { message: 'overloaded', type: 'overloaded_error' } });

    expect(await failureOf(decode(body))).toMatchObject({ code: 'overloaded', partial: { text: 'Hello' } });
  });

  it('has completed calls in the partial answer of a stop', async () => {
    const { run, write } = byHand();
    await write(piece(0, '{}', first));

    run.abort('Enough');

    expect(await failureOf(run.result)).toMatchObject({ name: 'AbortError', partial: { toolCalls: [{ input: {} }] } });
  });
});

describe('a pause behind an early finish reason', () => {
  const tagged = delta({ content: 'Hm.</think>c' }, STOP);

  it.each<[string, string, string, object]>([
    [
      'text',
      delta({ content: 'a' }, STOP) + delta({ content: 'b' }, STOP),
      delta({ content: 'c' }, STOP),
      { text: 'abc' },
    ],
    ['one text', delta({ content: 'a' }, STOP), delta({ content: 'c' }, STOP), { text: 'ac' }],
    ['text behind a chunk without a reason', text('a') + delta({ content: 'b' }, STOP), text('c'), { text: 'abc' }],
    [
      'text and a reason alone',
      delta({ content: 'a' }, STOP) + finish() + delta({ content: 'b' }, STOP) + finish(),
      delta({ content: 'c' }, STOP),
      { text: 'abc' },
    ],
    ['a role', delta({ role: 'assistant', content: '' }, STOP), delta({ content: 'c' }, STOP), { text: 'c' }],
    ['a reason', finish(), text('c'), { text: 'c' }],
    ['reasoning', delta({ reasoning: 'hm' }, STOP), delta({ content: 'c' }, STOP), { reasoning: 'hm', text: 'c' }],
    ['the start of a tag', delta({ content: '<think>' }, STOP), tagged, { reasoning: 'Hm.', text: 'c' }],
    ['arguments', piece(0, '{"x"', first), piece(0, ':1}'), { toolCalls: [{ input: { x: 1 } }] }],
    [
      'arguments and a reason alone',
      piece(0, '{"x"', first, {}) + finish('tool_calls'),
      piece(0, ':1}', {}, {}),
      { toolCalls: [{ input: { x: 1 } }] },
    ],
    ['the name of a call', piece(0, '', first), piece(0, '{"x":1}'), { toolCalls: [{ input: { x: 1 } }] }],
    [
      'a call',
      piece(0, '{"x":1}', first, { finish_reason: 'tool_calls' }),
      piece(1, '{}', { id: 'call_2', name: 'clock' }),
      { toolCalls: [{ input: { x: 1 } }, { id: 'call_2' }] },
    ],
    [
      'a whole message',
      frame({ choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] }),
      frame({ choices: [{ message: { content: 'ab' }, finish_reason: 'stop' }] }),
      { text: 'ab' },
    ],
  ])('does not cut the answer: %s', async (_, before, after, expected) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = await startHttpServer({ chunks: [{ text: before }, { text: after + DONE, gate: 'rest' }] });
    let received = 0;
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        received += bytes.length;
        controller.enqueue(bytes);
      },
    });
    const run = clientOf(server.url, {
      fetch: async (url, init) => new Response((await fetch(url, init)).body?.pipeThrough(counted)),
    }).stream('hello');
    await until(() => received >= before.length);
    await settled();

    await vi.advanceTimersByTimeAsync(25_000);
    expect(run.getSnapshot().status).not.toBe('ready');
    server.release('rest');

    expect(await run.result).toMatchObject(expected);
  });
});

it.each([
  ['text', text('Hello')],
  ['a call', piece(0, '{}', first, {})],
  ['[DONE]', text('Hello') + DONE],
  ['the word null', delta({ content: 'Hello' }, { finish_reason: 'null' }) + DONE],
])('%s without a finish reason is truncated', async (_, body) => {
  expect(await failureOf(decode(body))).toBeInstanceOf(TruncatedError);
});

describe('the word for the end', () => {
  it.each([
    [
      'stop',
      'stop end_turn END_TURN eos eos_token STOP Stop stop_sequence completed COMPLETE FINISH_REASON_STOP end-turn EndTurn stopSequence',
    ],
    [
      'length',
      'length max_tokens MAX_TOKENS model_length max_output_tokens model_context_window_exceeded maxTokens MaxTokens token_limit_reached',
    ],
    ['tool-calls', 'tool_calls tool_use function_call TOOL_CALL tool-calls ToolUse toolCalls'],
    [
      'content-filter',
      'content_filter SAFETY RECITATION sensitive PROHIBITED_CONTENT BLOCKLIST SPII guardrail_intervened content-filter ContentFiltered',
    ],
    ['refusal', 'refusal'],
    ['pause', 'pause_turn'],
    ['pause', 'compaction'],
    ['other', 'other OTHER constructor __proto__ toString'],
  ])('is %s for %s', async (finishReason, words) => {
    for (const word of words.split(' ')) {
      expect(await decode(text('Hello'), finish(word), DONE)).toMatchObject({ finishReason, rawFinishReason: word });
    }
  });

  it.each(['stop', 'end_turn', 'STOP', 'eos', 'tool_use', 'TOOL_CALL', 'news'])(
    '%s with calls is tool-calls',
    async (word) => {
      expect(await decode(piece(0, '{}', first, {}), finish(word), DONE)).toMatchObject({ finishReason: 'tool-calls' });
    },
  );

  it.each(['length', 'MAX_TOKENS', 'content_filter', 'SAFETY'])('%s is kept if there are calls', async (word) => {
    const { finishReason } = await decode(piece(0, '{}', first, {}), finish(word), DONE);

    expect(finishReason).not.toBe('tool-calls');
  });

  it.each(['error', 'insufficient_system_resource', 'network_error', 'abort', 'ERROR', 'malformed_function_call'])(
    '%s is a failure, with the text so far, also if the connection stays open',
    async (word) => {
      await using server = await startHttpServer({ chunks: [{ text: text('Hello') + finish(word) }], end: 'hang' });

      expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({
        code: 'server',
        message: expect.stringContaining(word),
        partial: { text: 'Hello' },
      });
    },
  );

  it('of a failure before any text is tried again', async () => {
    await using server = await startHttpServer([
      { chunks: [{ text: finish('error') + DONE }] },
      { chunks: [{ text: text('Hello') + finish() + DONE }] },
    ]);

    expect(await clientOf(server.url, { retry: { maxRetries: 1 } }).complete('hello')).toMatchObject({ text: 'Hello' });
  });

  it('may be an object with a type', async () => {
    expect(await decode(text('Hello'), delta({}, { finish_reason: { type: 'length', length: 5 } }))).toMatchObject({
      finishReason: 'length',
    });
  });
});

describe('a whole message', () => {
  const whole = (message: object, rest: object = {}): string =>
    frame({ choices: [{ index: 0, message, finish_reason: 'stop' }], ...rest });
  const calls = [{ id: 'call_1', type: 'function', function: { name: 'clock', arguments: '{"zone":"UTC"}' } }];
  const answer = text('Hel') + text('lo');

  it.each<[string, string, object]>([
    ['text', answer + whole({ content: 'Hello' }), { text: 'Hello' }],
    ['text and its rest', answer + whole({ content: 'Hello you' }), { text: 'Hello you' }],
    ['trimmed text', text(' Hel') + text('lo ') + whole({ content: 'Hello' }), { text: ' Hello ' }],
    ['less text', answer + whole({ content: 'Hel' }), { text: 'Hello' }],
    ['no text', answer + whole({ content: '' }), { text: 'Hello' }],
    ['a list of text', answer + whole({ content: [{ type: 'text', text: 'Hello' }] }), { text: 'Hello' }],
    [
      'reasoning',
      delta({ reasoning: 'H' }) + delta({ reasoning: 'm' }) + answer + whole({ reasoning: 'Hm', content: 'Hello' }),
      { reasoning: 'Hm', text: 'Hello' },
    ],
    [
      'reasoning in another field',
      delta({ reasoning: 'Hm' }) + answer + whole({ reasoning_content: 'Hm', content: 'Hello' }),
      { reasoning: 'Hm', text: 'Hello' },
    ],
    [
      'reasoning that was not streamed',
      answer + whole({ reasoning: 'Hm', content: 'Hello' }),
      { reasoning: 'Hm', text: 'Hello' },
    ],
    [
      'a refusal',
      delta({ refusal: 'N' }) + delta({ refusal: 'o.' }) + whole({ content: null, refusal: 'No.' }),
      { text: '', finishReason: 'refusal', message: { parts: [{ type: 'refusal', text: 'No.' }] } },
    ],
    [
      'calls',
      piece(0, '{"zone":', first, {}) + piece(0, '"UTC"}', {}, {}) + whole({ content: null, tool_calls: calls }),
      { toolCalls: [{ input: { zone: 'UTC' } }] },
    ],
    [
      'calls with other ids',
      piece(0, '{"zone":"UTC"}', first, {}) + whole({ tool_calls: [{ ...calls[0], id: 'other' }] }),
      { toolCalls: [{ id: 'call_1', input: { zone: 'UTC' } }] },
    ],
    [
      'calls with other ids and other white space',
      piece(0, '{"zone":"UTC"}', first, {}) +
        whole({ tool_calls: [{ id: 'x', function: { name: 'clock', arguments: '{ "zone": "UTC" }' } }] }),
      { toolCalls: [{ id: 'call_1', input: { zone: 'UTC' } }] },
    ],
    [
      'calls with other ids in another order',
      piece(0, '{"zone":"UTC"}', first, {}) +
        piece(1, '{}', { id: 'call_2', name: 'now' }, {}) +
        whole({
          tool_calls: [
            { id: 'x', function: { name: 'now', arguments: {} } },
            { id: 'y', function: { name: 'clock', arguments: '{"zone":"UTC"}' } },
          ],
        }),
      { toolCalls: [{ id: 'call_1' }, { id: 'call_2' }] },
    ],
    [
      'calls that are counted from 1',
      piece(1, '{"zone":"UTC"}', first, {}) + whole({ tool_calls: [{ ...calls[0], id: 'x', index: 1 }] }),
      { toolCalls: [{ id: 'call_1' }] },
    ],
    [
      'a call that is also a function_call',
      piece(0, '{"zone":"UTC"}', first, {}) + whole({ tool_calls: calls, function_call: calls[0]?.function }),
      { toolCalls: [{ id: 'call_1' }] },
    ],
    [
      'the rest of a call',
      piece(0, '{"zone":', first, {}) + whole({ tool_calls: calls }),
      { toolCalls: [{ input: { zone: 'UTC' } }] },
    ],
    [
      'calls that were not streamed',
      answer + whole({ content: 'Hello', tool_calls: calls }),
      { text: 'Hello', toolCalls: [{ id: 'call_1' }] },
    ],
    [
      'one more call',
      piece(0, '{"zone":"UTC"}', first, {}) + whole({ tool_calls: [...calls, { ...calls[0], id: 'call_2' }] }),
      { toolCalls: [{ id: 'call_1' }, { id: 'call_2' }] },
    ],
    [
      'counts',
      answer + whole({ content: 'Hello' }, { usage: { prompt_tokens: 3 } }),
      { text: 'Hello', usage: { inputTokens: 3 } },
    ],
    [
      'all of it, beside each delta',
      ['Hel', 'lo']
        .map((words, n) =>
          frame({
            choices: [
              {
                delta: { content: words },
                message: { content: ['Hel', 'Hello'][n] },
                finish_reason: n ? 'stop' : null,
              },
            ],
          }),
        )
        .join(''),
      { text: 'Hello' },
    ],
    [
      'all of it so far, without deltas',
      whole({ content: 'Hel' }) + whole({ content: 'Hello' }) + whole({ content: 'Hello' }),
      { text: 'Hello' },
    ],
    [
      'pieces, without deltas',
      whole({ content: 'Hello, ' }) + whole({ content: 'you' }) + whole({ content: '!' }),
      { text: 'Hello, you!' },
    ],
    [
      'calls again and again',
      whole({ tool_calls: calls }) + whole({ tool_calls: calls }),
      { toolCalls: [{ id: 'call_1' }] },
    ],
  ])('adds nothing that was received before: %s', async (_, body, expected) => {
    const completion = await decode(body + DONE);

    expect(completion).toMatchObject(expected);
    expect(completion.toolCalls).toHaveLength((expected as { toolCalls?: unknown[] }).toolCalls?.length ?? 0);
    expect(completion.message.parts.filter(({ type }) => type === 'text').length).toBeLessThan(2);
  });

  it('repeated beside each delta costs time in proportion to the bytes', async () => {
    const chunks = Array.from({ length: 3000 }, (_, n) =>
      frame({ choices: [{ delta: { content: 'word ' }, message: { content: 'word '.repeat(n + 1) } }] }),
    );

    expect((await decode(...chunks, finish(), DONE)).text).toHaveLength(15_000);
  });
});

it('a run that is read late has the last reason', async () => {
  const run = clientReading([
    delta({ content: 'Hi' }, STOP) + delta({ content: '!' }, { finish_reason: 'length' }) + DONE,
  ]).stream('hello');
  await until(() => run.getSnapshot().status === 'ready');

  expect((await readAll(run)).items.at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
});
