import {
  AbortError,
  AuthenticationError,
  completeObject,
  ContextLengthError,
  InsufficientQuotaError,
  InvalidRequestError,
  type LLMClient,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
  RefusalError,
  ServerError,
  streamObject,
  TruncatedError,
  type LLMConfig,
  type LLMError,
  type PartialCompletion,
  type Run,
} from '@rivulet/core';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { cutAt, failureOf, readAll, settled, streamOf, toBytes, writable } from '../support/client.ts';
import { everythingIn } from '../support/everything-in.ts';
import { fold } from '../support/fold.ts';
import { ERROR_KINDS, type ErrorKind, type Scenario } from './row.ts';
import { rows } from './rows.ts';
import { ALL, expectSaid, forWire, MULTI_BYTE, saidIn, SCENARIOS, TEXT, TOOL_CALL } from './scenarios.ts';
import { KEY, setUp } from './setup.ts';

const CLASSES = {
  rate_limit: RateLimitError,
  insufficient_quota: InsufficientQuotaError,
  overloaded: OverloadedError,
  authentication: AuthenticationError,
  permission_denied: PermissionDeniedError,
  not_found: NotFoundError,
  context_length: ContextLengthError,
  invalid_request: InvalidRequestError,
  server: ServerError,
} satisfies Record<Exclude<ErrorKind, 'refusal'>, unknown>;

const RETRYABLE: readonly ErrorKind[] = ['rate_limit', 'overloaded', 'server'];

const PERSON = z.object({ name: z.string(), age: z.number() });

const ADA = { name: 'Ada', age: 36 };

/** A thought with drafts of the answer, one of them fenced. */
const DRAFTS = 'Maybe {"name":"Bob","age":1}?\n```json\n{"name":"Eve","age":2}\n```\nHalf: {"name":"Max';

const THOUGHT_TAGS: readonly (readonly [opening: string, closing: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>\n', '\n</thinking>\n\n'],
  ['<seed:think>', '</seed:think>'],
  ['[THINK]', '[/THINK]'],
  ['◁think▷', '◁/think▷'],
  ['<|channel|>analysis<|message|>', '<|end|>'],
];

/** At most so many of the numbers below `count`, from the first to the last one. */
function someBelow(count: number, most: number): number[] {
  const step = Math.max(1, (count - 1) / (most - 1));
  return Array.from({ length: Math.min(count, most) }, (_, at) => Math.round(at * step));
}

describe.each(rows)('$name', (row) => {
  const { lacks = {}, contentType } = row;
  for (const [feature, reason] of Object.entries(lacks)) console.log(`${row.name} has no ${feature}: ${reason}`);

  const { itWith, clientOf, answerWith } = setUp(row);
  const streamOfScenario = (scenario: Scenario) => row.stream(forWire(row, scenario));

  function clientWith(body: BodyInit, type = contentType): LLMClient {
    const response = new Response(body, { headers: { 'content-type': type } });
    return clientOf('http://127.0.0.1', { fetch: () => Promise.resolve(response) });
  }

  /** A run over exactly these pieces as network chunks, which a socket does not promise. */
  function runOf(...pieces: readonly (string | Uint8Array)[]): Run {
    return clientWith(streamOf(pieces.map((piece) => toBytes(piece)))).stream('hello');
  }

  /** What has to be the same, however the bytes arrive. */
  function essence({ message, finishReason, usage, id, model }: Partial<PartialCompletion>): object {
    const parts = message?.parts.map((part) =>
      part.type === 'tool-call' && lacks['call-ids'] ? { ...part, id: '' } : part,
    );
    return { parts, finishReason, usage, id, model };
  }

  async function errorOf(run: Run): Promise<LLMError> {
    return (await failureOf(run.result)) as LLMError;
  }

  describe('an answer', () => {
    for (const [name, scenario, needs] of SCENARIOS) {
      const test = needs ? itWith(needs) : it;
      const wanted = forWire(row, scenario);

      test(`says the same over HTTP: ${name}`, async () => {
        await using server = await startHttpServer(answerWith(row.stream(wanted).frames));

        expectSaid(row, await clientOf(server.url).complete('hello'), wanted);
      });

      test(`is the same for its reader as for its caller: ${name}`, async () => {
        const run = runOf(...row.stream(wanted).frames);
        const { items } = await readAll(run);
        const completion = await run.result;

        expect(essence(fold(items))).toEqual(essence(completion));
        expect(items.at(-1)).toMatchObject({ type: 'finish', reason: wanted.finish });
        expect(items.filter(({ type }) => type === 'finish')).toHaveLength(1);
        expect(run.getSnapshot()).toMatchObject({
          status: 'ready',
          message: completion.message,
          finishReason: wanted.finish,
        });
      });

      if (!row.whole) continue;
      test(`is the same as one document: ${name}`, async () => {
        const completion = await clientWith(row.whole!(wanted), 'application/json').complete('hello');

        expectSaid(row, completion, wanted);
      });
    }

    itWith('broken-arguments')('with arguments that are not JSON succeeds, and the call says so', async () => {
      const pieces = ['{"city":', ' "Par'];
      const run = runOf(
        ...row.stream({ ...TOOL_CALL, parts: [{ type: 'tool-call', id: 'call_1', name: 'weather', pieces }] }).frames,
      );

      const { toolCalls, finishReason } = await run.result;

      expect(finishReason).toBe('tool-calls');
      expect(toolCalls).toMatchObject([{ name: 'weather', rawInput: pieces.join(''), error: { code: 'parse' } }]);
      expect(toolCalls[0]).not.toHaveProperty('input');
    });

    it('is the same for every split of the bytes in two', async () => {
      const wanted = forWire(row, MULTI_BYTE);
      const { frames } = row.stream(wanted);
      const bytes = toBytes(frames.join(''));
      const whole = essence(await runOf(bytes).result);
      // Those within the text matter most; what stands around it may be long.
      const first = toBytes(
        frames
          .slice(
            0,
            frames.findIndex((frame) => frame.includes('👨‍👩‍👧')),
          )
          .join(''),
      ).length;
      const places = [...someBelow(bytes.length, 150), ...Array.from({ length: 150 }, (_, at) => first + at)];

      for (const at of places.filter((place) => place > 0 && place < bytes.length)) {
        const completion = await runOf(bytes.slice(0, at), bytes.slice(at)).result;
        expect(essence(completion), `split after ${at} bytes`).toEqual(whole);
        expectSaid(row, completion, wanted);
      }
    });

    it('is the same byte by byte, and for any split', async () => {
      const bytes = toBytes(streamOfScenario(ALL).frames.join(''));
      const whole = essence(await runOf(bytes).result);

      expect(essence(await runOf(...Array.from(bytes, (byte) => Uint8Array.of(byte))).result)).toEqual(whole);
      await assert(
        asyncProperty(array(nat(), { maxLength: 30 }), async (cuts) => {
          expect(essence(await runOf(...cutAt(bytes, cuts)).result)).toEqual(whole);
        }),
        { numRuns: 50 },
      );
    });

    it.skipIf(row.unknownFrame === undefined)('is the same with unknown frames in it', async () => {
      const { frames } = streamOfScenario(ALL);

      const completion = await runOf(...frames.flatMap((frame) => [row.unknownFrame!, frame])).result;

      expect(essence(completion)).toEqual(essence(await runOf(...frames).result));
    });

    it.skipIf(row.provider('http://127.0.0.1').framing === 'text')(
      'is the same with unknown fields in it',
      async () => {
        const { frames } = streamOfScenario(ALL);

        const completion = await runOf(...frames.map((frame) => frame.replace('{', '{"x_new":{"type":"x","id":7},')))
          .result;

        expect({ ...essence(completion), usage: undefined }).toEqual({
          ...essence(await runOf(...frames).result),
          usage: undefined,
        });
      },
    );

    it.skipIf(!row.mayRepeat)('is the same with frames that come twice', async () => {
      const { frames } = streamOfScenario(ALL);
      const twice = frames.flatMap((frame) => (row.mayRepeat!(frame) ? [frame, frame] : [frame]));

      expect(twice.length).toBeGreaterThan(frames.length);
      expect(essence(await runOf(...twice).result)).toEqual(essence(await runOf(...frames).result));
    });

    it('may be a megabyte in one delta', async () => {
      const piece = 'All work and no play. '.repeat(50_000);

      const { text } = await runOf(...row.stream({ parts: [{ type: 'text', pieces: [piece] }], finish: 'stop' }).frames)
        .result;

      expect(text).toBe(piece);
    });

    itWith('tool-calls')('may be a call in 10,000 deltas, read once each', async () => {
      const pieces = ['{"text":"', ...Array.from({ length: 10_000 }, (_, at) => `${at} `), '"}'];
      const { frames } = row.stream({
        ...TOOL_CALL,
        parts: [{ type: 'tool-call', id: 'call_1', name: 'type', pieces }],
      });
      const body = frames.join('');
      const run = runOf(body);
      const parse = vi.spyOn(JSON, 'parse');

      const { toolCalls } = await run.result;
      const read = parse.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
      parse.mockRestore();

      expect(toolCalls).toMatchObject([{ name: 'type', input: JSON.parse(pieces.join('')) as object }]);
      expect(read).toBeLessThan(2 * body.length);
    });
  });

  describe('a finish reason in each frame', () => {
    const scenarios: [string, Scenario][] = [
      ['text', TEXT],
      ['a text cut by its length', { parts: TEXT.parts, finish: 'length' }],
      ['reasoning, text and calls', ALL],
      ['calls, all with the reason stop', { ...ALL, finish: 'stop' }],
    ];
    itWith('repeated-finish').each(scenarios)('ends the answer once, behind all of it: %s', async (_, scenario) => {
      const wanted = forWire(row, scenario);
      const frames = row.stream(wanted).frames.map((frame) => row.repeatFinish!(frame, wanted));
      await using server = await startHttpServer(answerWith(frames));

      const finish = wanted.parts.some(({ type }) => type === 'tool-call') ? 'tool-calls' : wanted.finish;

      const run = clientOf(server.url).stream('hello');
      const { items } = await readAll(run);

      expectSaid(row, await run.result, { ...wanted, finish });
      expect(items.filter(({ type }) => type === 'finish')).toHaveLength(1);
      expect(items.at(-1)).toMatchObject({ type: 'finish', reason: finish });
    });
  });

  describe('a finish reason in each frame of a slow answer', () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    itWith('repeated-finish')('does not end it', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const wanted = forWire(row, { parts: TEXT.parts, finish: 'stop' });
      const { stream, write, end, isCancelled } = writable<Uint8Array>();
      const run = clientWith(stream).stream('hello');

      for (const frame of row.stream(wanted).frames) {
        await settled();
        // The end mark, or the end of the time for it, is behind the whole text.
        if (isCancelled()) break;
        write(toBytes(row.repeatFinish!(frame, wanted)));
        await settled();
        // Within the two seconds that a server has for counts behind the reason.
        await vi.advanceTimersByTimeAsync(1500);
      }
      if (!isCancelled()) end();

      expectSaid(row, await run.result, wanted);
    });
  });

  describe('thoughts in tags', () => {
    const answerOf = (text: string, pieceLength: number) => {
      const pieces = Array.from({ length: Math.ceil(text.length / pieceLength) }, (_, at) =>
        text.slice(at * pieceLength, (at + 1) * pieceLength),
      );
      return answerWith(row.stream({ parts: [{ type: 'text', pieces }], finish: 'stop' }).frames);
    };

    it.each(THOUGHT_TAGS)('are reasoning where the wire has them, and else text: %s', async (opening, closing) => {
      const text = `${opening}Let me see.${closing}It is so.`;

      for (const pieceLength of [1, 3, 1000]) {
        await using server = await startHttpServer(answerOf(text, pieceLength));
        const completion = await clientOf(server.url).complete('hello');

        expect(completion).toMatchObject(
          lacks['tagged-thoughts'] ? { text, reasoning: '' } : { text: 'It is so.', reasoning: 'Let me see.' },
        );
      }
    });

    describe.each(['schema', 'prompt'] as const)('are never read for an object in the mode %s', (mode) => {
      it.each(THOUGHT_TAGS)('%s', async (opening, closing) => {
        const text = `${opening}${DRAFTS}${closing}${JSON.stringify(ADA)}`;
        await using server = await startHttpServer(answerOf(text, 5));
        const run = streamObject(clientOf(server.url), { prompt: 'hello', schema: PERSON, mode });

        const { items } = await readAll(run.partialStream);

        expect((await run.result).object).toEqual(ADA);
        for (const { name = '' } of items) expect('Ada'.startsWith(name), `partial name ${name}`).toBe(true);
      });

      it('where only the closing tag is in the answer', async () => {
        await using server = await startHttpServer(answerOf(`${DRAFTS}</think>${JSON.stringify(ADA)}`, 5));

        const { object } = await completeObject(clientOf(server.url), { prompt: 'hello', schema: PERSON, mode });

        expect(object).toEqual(ADA);
      });
    });
  });

  describe('an answer that is cut', () => {
    itWith('end-mark')('before its end is whole is no success, and keeps the text of its whole frames', async () => {
      for (const scenario of [TEXT, ALL].map((each) => forWire(row, each))) {
        const { frames, end } = row.stream(scenario);
        for (let at = 0; at <= end; at += 1) {
          const head = frames.slice(0, at);
          const bytes = toBytes(frames[at]!);
          for (const length of [0, 1, bytes.length >> 1, Math.max(0, toBytes(frames[at]!.trimEnd()).length - 1)]) {
            const run = runOf(...head, bytes.slice(0, length));
            const error = await errorOf(run);

            const what = `cut after ${length} bytes of frame ${at} (${error.message})`;
            expect(error, what).toBeInstanceOf(TruncatedError);
            expect(error.partial?.text, what).toBe(saidIn(head, scenario));
            expect(run.getSnapshot(), what).toMatchObject({ status: 'error', finishReason: undefined });
          }
        }
      }
    });

    itWith('end-mark')('after its end is complete', async () => {
      const scenario = forWire(row, { parts: TEXT.parts, finish: 'stop' });
      const { frames, end } = row.stream(scenario);

      for (let at = end + 1; at <= frames.length; at += 1) {
        expectSaid(row, await runOf(...frames.slice(0, at)).result, scenario);
      }
    });

    it('by a connection that breaks before the end is a network error with what came', async () => {
      const { frames, end } = streamOfScenario(TEXT);
      await using server = await startHttpServer({
        ...answerWith(frames.slice(0, end)),
        end: 'destroy',
      });

      const error = await errorOf(clientOf(server.url).stream('hello'));

      expect(error).toMatchObject({ name: 'NetworkError', code: 'network', provider: expect.any(String) });
      expect('Alpha beta, gamma delta.'.startsWith(error.partial!.text)).toBe(true);
    });

    it.skipIf(!row.whole)('in the middle of its document is no success', async () => {
      const body = row.whole!(forWire(row, ALL)).trimEnd();
      const bytes = toBytes(body);

      for (const length of someBelow(bytes.length, 100)) {
        const error = await failureOf(clientWith(bytes.slice(0, length), 'application/json').complete('hello'));

        expect(error, `cut after ${length} bytes (${String(error)})`).toBeInstanceOf(TruncatedError);
      }
    });
  });

  describe('a failure', () => {
    const failures = ERROR_KINDS.flatMap((kind) => {
      const response = row.errorResponse(kind);
      return response && kind !== 'refusal' ? [{ kind, response }] : [];
    });

    it.each(failures)('by status is told by its class: $kind', async ({ kind, response }) => {
      const { status, headers, body, retryAfterMs } = response;
      await using server = await startHttpServer({
        status,
        headers: { 'content-type': 'application/json', ...headers },
        chunks: [{ text: body }],
      });

      const error = await errorOf(clientOf(server.url).stream('hello'));

      expect(error).toBeInstanceOf(CLASSES[kind]);
      expect(error).toMatchObject({ code: kind, status, isRetryable: RETRYABLE.includes(kind), partial: { text: '' } });
      if (retryAfterMs !== undefined) expect(error.retryAfterMs).toBe(retryAfterMs);
    });

    const inBand = failures.flatMap(({ kind }) => {
      const frame = row.errorFrame?.(kind);
      return frame !== undefined && (kind === 'server' || !lacks['in-band-error-kinds']) ? [{ kind, frame }] : [];
    });

    it.runIf(inBand.length > 0).each(inBand)('in band is the same: $kind', async ({ kind, frame }) => {
      const scenario = forWire(row, TEXT);
      const { frames, end } = row.stream(scenario);

      for (let at = 0; at <= end; at += 1) {
        const head = frames.slice(0, at);
        const run = runOf(...head, frame, ...frames.slice(at));
        const { items } = await readAll(run.textStream);
        const error = await errorOf(run);

        expect(error, `before frame ${at}`).toBeInstanceOf(CLASSES[kind]);
        expect(error.isRetryable).toBe(RETRYABLE.includes(kind));
        expect(error.status).toBeGreaterThanOrEqual(400);
        expect(error.partial?.text).toBe(saidIn(head, scenario));
        expect(items.join('')).toBe(error.partial?.text);
      }
    });

    it.skipIf(inBand.length === 0)('in band, before any of the text, is tried again', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0);
      const scenario = forWire(row, TEXT);
      const { frames } = row.stream(scenario);
      const opening = frames.slice(
        0,
        frames.findIndex((frame) => frame.includes('Alpha ')),
      );
      await using server = await startHttpServer([
        answerWith([...opening, row.errorFrame!('server')!]),
        answerWith(frames),
      ]);

      const completion = await clientOf(server.url, { retry: { maxRetries: 1 } }).complete('hello');
      vi.restoreAllMocks();

      expectSaid(row, completion, scenario);
      expect(server.requests).toHaveLength(2);
    });

    const blocked = row.errorResponse('refusal');
    it.skipIf(!blocked)('that is a blocked prompt ends the answer as filtered content', async () => {
      const { status, body } = blocked!;
      await using server = await startHttpServer({
        status,
        headers: { 'content-type': 'application/json' },
        chunks: [{ text: body }],
      });
      const client = clientOf(server.url);

      const completion = await client.complete('hello');

      expect(completion).toMatchObject({ finishReason: 'content-filter', text: '' });
      expect(server.requests).toHaveLength(1);
      expect(await failureOf(completeObject(client, { prompt: 'hello', schema: PERSON }))).toBeInstanceOf(RefusalError);
    });

    const blockedFrame = lacks['in-band-error-kinds'] ? undefined : row.errorFrame?.('refusal');
    it.skipIf(blockedFrame === undefined)('that is a blocked prompt, in band, keeps the text before it', async () => {
      const scenario = forWire(row, TEXT);
      const { frames, end } = row.stream(scenario);

      for (let at = 0; at <= end; at += 1) {
        const head = frames.slice(0, at);
        await using server = await startHttpServer(answerWith([...head, blockedFrame!]));
        const { text, finishReason } = await clientOf(server.url).complete('hello');

        expect({ text, finishReason }).toEqual({ text: saidIn(head, scenario), finishReason: 'content-filter' });
      }
    });

    itWith('pages')('that is a page in place of an answer quotes its start', async () => {
      await using server = await startHttpServer({
        headers: { 'content-type': 'text/html' },
        chunks: [{ text: '<!doctype html>\n<title>Please log in</title>' }],
      });

      const error = await errorOf(clientOf(server.url).stream('hello'));

      expect(error).toMatchObject({ code: 'parse', message: expect.stringContaining('<!doctype html>') });
    });

    it('does not show the key, where the server echoes it', async () => {
      const message = `The key ${KEY} is wrong`;
      const { status, body } = row.errorResponse('authentication', message) ?? { status: 401, body: message };
      const frame = row.errorFrame?.('server', message);
      await using server = await startHttpServer({ status, chunks: [{ text: body }] });
      const errors = [await errorOf(clientOf(server.url).stream('hello'))];
      if (frame !== undefined) errors.push(await errorOf(runOf(frame)));

      for (const error of errors) {
        expect(error.message).toContain('The key [redacted] is wrong');
        expect(everythingIn(error)).not.toContain(KEY);
      }
    });
  });

  it('a stop at any event keeps what came, and nothing comes after it', async () => {
    const { frames, end } = streamOfScenario(ALL);

    /** Reads an answer that never ends, and stops it at this event. */
    async function readUntil(stopAt: number): Promise<number> {
      let signal: AbortSignal | null | undefined;
      const left = frames.slice(0, end);
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await settled();
          const next = left.shift();
          if (next !== undefined) controller.enqueue(toBytes(next));
          else await new Promise(() => undefined);
        },
      });
      const fetch: LLMConfig['fetch'] = (_, init) => {
        signal = init.signal;
        return Promise.resolve(new Response(body, { headers: { 'content-type': contentType } }));
      };
      const run = clientOf('http://127.0.0.1', { fetch }).stream('hello');
      const events: Parameters<typeof fold>[0][number][] = [];
      const reading = (async () => {
        for await (const event of run) {
          if (events.length === stopAt) run.abort('Enough');
          events.push(event);
        }
      })();
      if (stopAt === Infinity) {
        while (left.length > 0) await settled();
        await settled();
        run.abort();
        await failureOf(reading);
        return events.length;
      }

      const error = (await failureOf(reading)) as AbortError;
      const { length } = events;
      await settled();

      expect(error).toBeInstanceOf(AbortError);
      expect(await failureOf(run.result)).toBe(error);
      expect(error.cause).toBe('Enough');
      expect(essence(fold(events)), `stopped at event ${stopAt}`).toEqual(essence(error.partial!));
      expect(run.getSnapshot()).toMatchObject({ finishReason: 'aborted', message: error.partial!.message });
      expect(events).toHaveLength(length);
      expect(signal?.aborted).toBe(true);
      return length;
    }

    const count = await readUntil(Infinity);
    expect(count).toBeGreaterThan(1);
    for (let at = 0; at < count; at += 1) await readUntil(at);
  });
});
