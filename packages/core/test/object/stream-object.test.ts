import {
  AbortError,
  completeObject,
  LLMClient,
  LLMError,
  ParseError,
  RefusalError,
  streamObject,
  TruncatedError,
  ValidationError,
  type FieldStatus,
  type ObjectRun,
  type StreamEvent,
} from '@rivulet/core';
import { scripted, type Script } from '@rivulet/core/scripted';
import { toJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { failureOf, readAll, settled, until } from '../support/client.ts';

const recipe = z.object({
  title: z.string(),
  kind: z.enum(['soup', 'salad']),
  servings: z.number().default(4),
  steps: z.array(z.object({ text: z.string().min(3), minutes: z.number() })),
});
const borscht = { title: 'Borscht', kind: 'soup', steps: [{ text: 'Boil the beets', minutes: 40 }] };

function clientSaying(script: Script): LLMClient {
  return new LLMClient({ provider: scripted(script), retry: false });
}

/** A client whose answer is written by the test, after these. */
function written(...before: Script[]): {
  client: LLMClient;
  write: (text: string) => Promise<void>;
  finish: () => void;
} {
  let controller!: ReadableStreamDefaultController<StreamEvent>;
  const stream = new ReadableStream<StreamEvent>({
    start(opened) {
      controller = opened;
    },
  });
  return {
    client: clientSaying(() => (before.shift() as string | undefined) ?? stream),
    async write(text) {
      controller.enqueue({ type: 'text', delta: text });
      await settled();
    },
    finish() {
      controller.enqueue({ type: 'finish', reason: 'stop' });
      controller.close();
    },
  };
}

/** What the snapshot of the moment says of some paths. */
function statuses(run: ObjectRun<unknown, unknown, unknown>, ...paths: string[]): Record<string, FieldStatus> {
  const { fieldStatus } = run.getSnapshot();
  return Object.fromEntries(paths.map((path) => [path, fieldStatus(path)]));
}

describe('an object', () => {
  it('grows, and is what the schema makes of it in the end', async () => {
    const run = streamObject(clientSaying(JSON.stringify(borscht)), { prompt: 'Borscht', schema: recipe });
    const { items: partials } = await readAll(run.partialStream);
    const { object, finishReason, text } = await run.result;
    expect(object).toEqual({ ...borscht, servings: 4 });
    expect({ finishReason, text }).toEqual({ finishReason: 'stop', text: JSON.stringify(borscht) });
    expect(partials.at(-1)).toEqual(borscht);
    expect(run.getSnapshot()).toMatchObject({
      status: 'ready',
      finishReason: 'stop',
      object: borscht,
      final: object,
      issues: [],
    });
  });

  it.each([
    ['zod', z.object({ n: z.string().transform(Number), d: z.number().default(2) }), undefined],
    [
      'valibot',
      v.object({ n: v.pipe(v.string(), v.transform(Number)), d: v.optional(v.number(), 2) }),
      toJsonSchema(v.object({ n: v.string(), d: v.optional(v.number()) })),
    ],
    ['arktype', type({ n: type('string').pipe(Number), d: 'number = 2' }), undefined],
  ])('of %s has its transforms and defaults only when it is whole', async (_vendor, schema, jsonSchema) => {
    const run = streamObject(clientSaying(['{"n":"1', '5"', '}']), { prompt: 'n', schema, jsonSchema });
    const { items: partials } = await readAll(run.partialStream);
    expect((await run.result).object).toEqual({ n: 15, d: 2 });
    for (const partial of partials) expect(partial).not.toHaveProperty('d');
    expect(partials.at(-1)).toEqual({ n: '15' });
  });

  it('is found within prose and fences', async () => {
    const text = 'Sure [as asked]:\n```json\n{"title":"x","kind":"soup","steps":[]}\n```\nEnjoy {it}!';
    await expect(completeObject(clientSaying(text), { prompt: 'Borscht', schema: recipe })).resolves.toMatchObject({
      object: { title: 'x', servings: 4 },
      text,
    });
  });

  it.each([
    ['a number', z.number(), '12', 12],
    ['a text', z.string(), '"a b"', 'a b'],
    ['null', z.null(), 'null', null],
    ['a list', z.array(z.number()), 'Numbers: [1, 2]', [1, 2]],
    ['a list or an object', z.union([z.array(z.number()), z.object({})]), 'so: [1]', [1]],
  ])('may be %s', async (_name, schema, text, value) => {
    const { object } = await completeObject(clientSaying(text), { prompt: 'x', schema: schema as z.ZodType });
    expect(object).toEqual(value);
  });

  it.each([
    ['an object', z.object({ a: z.string() }).nullable(), { a: 'x' }],
    ['a list', z.array(z.string()).nullish(), ['x']],
    ['an object or a list', z.union([z.object({ a: z.string() }), z.null(), z.array(z.number())]), [1]],
  ])('may be %s or null, in prose and fences too', async (_name, schema, value) => {
    const ask = async (text: string): Promise<unknown> =>
      (await completeObject(clientSaying(text), { prompt: 'x', schema: schema as z.ZodType })).object;
    const text = JSON.stringify(value);
    for (const around of [text, `Here:\n\`\`\`json\n${text}\n\`\`\``, `Not null: ${text}`])
      expect(await ask(around)).toEqual(value);
    for (const nothing of ['null', ' null\n', '```json\nnull\n```', '`null`']) expect(await ask(nothing)).toBeNull();
    for (const prose of ['There is null.', '"null"', 'nullnull', '``json``'])
      await expect(failureOf(ask(prose))).resolves.toMatchObject({ code: 'parse' });
  });

  it('keeps the identity of what did not change', async () => {
    const { client, write, finish } = written();
    const run = streamObject(client, { prompt: 'x', schema: z.object({ a: z.array(z.object({ n: z.number() })) }) });
    await write('{"a":[{"n":1},{"n":2},{');
    const before = run.getSnapshot().object?.a?.[0];
    await write('"n":3},{');
    const { object } = run.getSnapshot();
    expect(object?.a?.[0]).toBe(before);
    expect(object?.a).toHaveLength(4);
    await write('"n":4}]}');
    finish();
    await run.result;
    expect(run.getSnapshot().object?.a?.[0]).toBe(before);
  });

  it('tells at once of the first content, and of the end before the result', async () => {
    const { client, write, finish } = written();
    const run = streamObject(client, { prompt: 'x', schema: z.object({ a: z.string() }) });
    const told: unknown[] = [];
    run.subscribe(() => told.push(run.getSnapshot().status));
    expect(run.getSnapshot().status).toBe('submitted');
    await write('{"a":"');
    expect(told.at(-1)).toBe('streaming');
    expect(run.getSnapshot().object).toEqual({ a: '' });
    await write('b"}');
    finish();
    await run.result.then(() => told.push('result'));
    expect(told.slice(-2)).toEqual(['ready', 'result']);
  });

  it('shows what streams, what is complete and what has not come', async () => {
    const { client, write, finish } = written();
    const run = streamObject(client, { prompt: 'x', schema: recipe });
    expect(statuses(run, '', 'title')).toEqual({ '': 'absent', title: 'absent' });
    await write('{"title":"Bor');
    expect(statuses(run, '', 'title', 'kind')).toEqual({ '': 'streaming', title: 'streaming', kind: 'absent' });
    await write('scht","kind":"so');
    // Half of one of an enum is none of it.
    expect(statuses(run, 'title', 'kind')).toEqual({ title: 'complete', kind: 'absent' });
    await write('up","steps":[{"text":"Boil","minutes":4');
    expect(statuses(run, 'kind', 'steps', 'steps.0', 'steps[0].text', 'steps[0].minutes', 'steps.length')).toEqual({
      kind: 'complete',
      steps: 'streaming',
      'steps.0': 'streaming',
      'steps[0].text': 'complete',
      'steps[0].minutes': 'absent',
      'steps.length': 'absent',
    });
    expect(run.getSnapshot().fieldStatus(['steps', 0, 'text'])).toBe('complete');
    await write('0}');
    expect(statuses(run, 'steps', 'steps.0', 'steps.0.minutes')).toEqual({
      steps: 'streaming',
      'steps.0': 'complete',
      'steps.0.minutes': 'complete',
    });
    await write(']}');
    finish();
    await run.result;
    expect(statuses(run, '', 'steps')).toEqual({ '': 'complete', steps: 'complete' });
  });

  it('streams where it may be a constant too, which comes whole', async () => {
    const schema = z.object({ a: z.array(z.union([z.literal('none'), z.object({ text: z.string() })])) });
    const { client, write } = written();
    const run = streamObject(client, { prompt: 'x', schema });
    await write('{"a":["no');
    expect(run.getSnapshot().object).toEqual({ a: [] });
    await write('ne",{"text":"so f');
    expect(run.getSnapshot().object).toEqual({ a: ['none', { text: 'so f' }] });
    expect(statuses(run, 'a.0', 'a.1', 'a.1.text')).toEqual({
      'a.0': 'complete',
      'a.1': 'streaming',
      'a.1.text': 'streaming',
    });
    run.abort();
  });

  it('keeps the statuses of an earlier snapshot with it', async () => {
    const { client, write } = written();
    const run = streamObject(client, { prompt: 'x', schema: z.object({ a: z.string(), b: z.string() }) });
    await write('{"a":"x');
    const { fieldStatus } = run.getSnapshot();
    await write('y","b":"');
    expect(fieldStatus('a')).toBe('streaming');
    expect(fieldStatus('b')).toBe('absent');
    expect(run.getSnapshot().fieldStatus('a')).toBe('complete');
    run.abort();
  });

  it('says complete of no value that is shown older', async () => {
    const { client, write } = written();
    const run = streamObject(client, { prompt: 'x', schema: z.record(z.string(), z.string()) });
    // So many keys that not every snapshot copies them.
    await write(`{${Array.from({ length: 200 }, (_, index) => `"k${index}":"v",`).join('')}"last":"a`);
    expect(run.getSnapshot().object).toHaveProperty('last', 'a');
    await write('b","more":"');
    const { object, fieldStatus } = run.getSnapshot();
    expect([object?.['last'], fieldStatus('last')]).toEqual(
      object?.['last'] === 'ab' ? ['ab', 'complete'] : ['a', 'streaming'],
    );
    run.abort();
  });

  it('asks for no bound on its tokens, unless somebody names one', async () => {
    const provider = scripted('{}');
    const ask = (config: object, request: object): Promise<unknown> =>
      completeObject(new LLMClient({ provider, ...config }), { prompt: 'x', schema: z.object({}), ...request });
    await ask({}, {});
    await ask({ maxTokens: 500 }, {});
    await ask({ maxTokens: 500 }, { maxTokens: 90 });
    await ask({ maxTokens: 500 }, { maxTokens: null });
    expect(provider.requests.map(({ maxTokens }) => maxTokens)).toEqual([null, 500, 90, null]);
  });

  it('can be read late, and by many', async () => {
    const run = streamObject(clientSaying(JSON.stringify(borscht)), { prompt: 'Borscht', schema: recipe });
    const early = readAll(run.partialStream);
    await run.result;
    expect((await early).items.at(-1)).toEqual(borscht);
    expect((await readAll(run.partialStream)).items).toEqual([borscht]);
  });

  it('goes on when the loop over it is left', async () => {
    const run = streamObject(clientSaying(JSON.stringify(borscht)), { prompt: 'Borscht', schema: recipe });
    for await (const _ of run.partialStream) break;
    expect((await run.result).object.title).toBe('Borscht');
  });

  it('shows the run that brings it', async () => {
    const run = streamObject(clientSaying('{"a":1}'), { prompt: 'x', schema: z.object({ a: z.number() }) });
    await run.result;
    expect((await run.run?.result)?.text).toBe('{"a":1}');
    expect(run.getSnapshot().id).toBe(run.run?.id);
  });
});

it('while the run waits to try again, the snapshot says so', async () => {
  let attempts = 0;
  const provider = scripted(() => {
    attempts += 1;
    if (attempts === 1) throw new LLMError('busy', { code: 'overloaded', retryAfterMs: 80 });
    return '{"a":1}';
  });
  const run = streamObject(new LLMClient({ provider }), { prompt: 'x', schema: z.object({ a: z.number() }) });
  const retries: unknown[] = [];
  run.subscribe(() => retries.push(run.getSnapshot().retry?.attempt));
  await expect(run.result).resolves.toMatchObject({ object: { a: 1 } });
  expect(retries).toContain(1);
  expect(run.getSnapshot().retry).toBeUndefined();
});

describe('issues', () => {
  const schema = z.object({ rows: z.array(z.object({ n: z.number(), text: z.string().min(3) })), end: z.string() });

  it('show only within what has closed', async () => {
    const { client, write, finish } = written();
    const run = streamObject(client, { prompt: 'x', schema });
    const paths = (): string[] => run.getSnapshot().issues.map(({ path }) => path.join('.'));
    await write('{"rows":[{"text":"a');
    expect(paths()).toEqual([]);
    await write('b"');
    expect(paths()).toEqual(['rows.0.text']);
    // What is missing is missing once nothing more can come.
    await write('}');
    expect(paths()).toEqual(['rows.0.n', 'rows.0.text']);
    expect(statuses(run, '', 'rows', 'rows.0', 'rows.0.n', 'rows.0.text', 'end')).toEqual({
      '': 'streaming',
      rows: 'streaming',
      'rows.0': 'invalid',
      'rows.0.n': 'invalid',
      'rows.0.text': 'invalid',
      end: 'absent',
    });
    await write(']}');
    finish();
    const error = await failureOf(run.result);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).issues.map(({ path }) => path)).toEqual([
      ['rows', 0, 'n'],
      ['rows', 0, 'text'],
      ['end'],
    ]);
    expect(error).toMatchObject({
      message: expect.stringMatching(/rows\.0\.n: .*\(and 2 more\)/) as unknown,
      isRetryable: false,
      provider: 'scripted',
      partial: {
        object: { rows: [{ text: 'ab' }] },
        rawText: '{"rows":[{"text":"ab"}]}',
        text: '{"rows":[{"text":"ab"}]}',
        finishReason: 'stop',
      },
    });
    expect(run.getSnapshot()).toMatchObject({ status: 'error', error, final: undefined, finishReason: undefined });
    expect(statuses(run, '', 'end')).toEqual({ '': 'invalid', end: 'invalid' });
  });

  it('are looked for at most once a frame, and only after something closed', async () => {
    let validations = 0;
    const counted = schema.refine(() => true);
    const spied = {
      '~standard': {
        ...counted['~standard'],
        validate(value: unknown) {
          validations += 1;
          return counted['~standard'].validate(value);
        },
      },
    };
    const { client, write } = written();
    const run = streamObject(client, { prompt: 'x', schema: spied });
    let frames = 0;
    run.subscribe(() => (frames += 1));
    await write('{"rows":[');
    for (let row = 0; row < 300; row += 1) await write(`{"n":${row},"text":"row ${row}"},`);
    expect(validations).toBeLessThanOrEqual(frames);
    const before = validations;
    for (let piece = 0; piece < 20; piece += 1) {
      await write(piece ? 'more ' : '{"text":"');
      run.getSnapshot();
    }
    expect(validations - before).toBeLessThanOrEqual(1);
    run.abort();
  });

  it('of an asynchronous schema show at the end, and it is hardly asked before', async () => {
    let asked = 0;
    const slow = z.object({
      a: z.string().refine(async (text) => {
        asked += 1;
        return Promise.resolve(text === 'good');
      }),
      b: z.number(),
    });
    const { client, write, finish } = written();
    const run = streamObject(client, { prompt: 'x', schema: slow });
    await write('{"a":"bad","b":1');
    expect(run.getSnapshot().issues).toEqual([]);
    await write(',"c":1');
    await write(',"d":1');
    expect(run.getSnapshot().issues).toEqual([]);
    // Only by asking once does it show that it is asynchronous; zod then tries both ways.
    expect(asked).toBeLessThanOrEqual(2);
    await write('}');
    finish();
    await expect(failureOf(run.result)).resolves.toMatchObject({ code: 'validation', issues: [{ path: ['a'] }] });
    await expect(
      completeObject(clientSaying('{"a":"good","b":1}'), { prompt: 'x', schema: slow }),
    ).resolves.toMatchObject({ object: { a: 'good' } });
  });

  it('a validator that throws on half an object is asked again for the whole one', async () => {
    const picky = z.object({ a: z.array(z.string()) }).transform(({ a }) => {
      if (a.length < 2) throw new Error('Too few');
      return a.length;
    });
    const run = streamObject(clientSaying(['{"a":["x"', ',"y"]}']), { prompt: 'x', schema: picky });
    run.subscribe(() => run.getSnapshot());
    await expect(run.result).resolves.toMatchObject({ object: 2 });
    const failing = failureOf(completeObject(clientSaying('{"a":[]}'), { prompt: 'x', schema: picky }));
    await expect(failing).resolves.toMatchObject({
      code: 'validation',
      message: 'The schema threw: Error: Too few',
      cause: { message: 'Too few' },
    });
  });
});

describe('no object is', () => {
  const schema = z.object({ a: z.string(), b: z.number() });
  const fails = (script: Script): Promise<unknown> =>
    failureOf(completeObject(clientSaying(script), { prompt: 'x', schema }));

  it('a refusal', async () => {
    const error = await fails({ refusal: 'I would rather not.' });
    expect(error).toBeInstanceOf(RefusalError);
    expect(error).toMatchObject({
      message: 'I would rather not.',
      isRetryable: false,
      partial: { object: undefined, rawText: '', finishReason: 'refusal' },
    });
  });

  it('what a filter stopped, even if it closed', async () => {
    const error = await fails({ text: '{"a":"x","b":1}', finishReason: 'content-filter' });
    expect(error).toBeInstanceOf(RefusalError);
    expect(error).toMatchObject({ partial: { object: { a: 'x', b: 1 } } });
  });

  it('what was cut by the token limit', async () => {
    const error = await fails({ text: '{"a":"x","b":1', finishReason: 'length' });
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({
      isRetryable: false,
      message: expect.stringContaining('maxTokens') as unknown,
      partial: { object: { a: 'x' }, rawText: '{"a":"x","b":1' },
    });
  });

  it('a wire that just ends, even if the JSON closed', async () => {
    const error = await fails([{ type: 'text', delta: '{"a":"x","b":1}' }]);
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ partial: { object: { a: 'x', b: 1 } } });
  });

  it('JSON that does not close, even if the wire ended well', async () => {
    const error = await fails('{"a":"x","b":1');
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ partial: { object: { a: 'x' }, finishReason: 'stop' } });
  });

  it.each(['', 'I am sorry, but no.', 'Nothing in [brackets] here'])('text without JSON: %j', async (text) => {
    const error = await fails(text);
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ partial: { object: undefined, rawText: text } });
  });

  it('what stops being JSON, with what came', async () => {
    const error = await fails(['{"a":"x",', '"b":tru3', ',"c":1}']);
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({
      message: expect.stringContaining('tru3') as unknown,
      partial: { object: { a: 'x' }, rawText: '{"a":"x","b":tru3,"c":1}' },
    });
  });

  it('what is nested too deep', async () => {
    const deep = z.object({ a: z.any() });
    const failing = completeObject(clientSaying(`{"a":${'['.repeat(600)}`), { prompt: 'x', schema: deep });
    await expect(failureOf(failing)).resolves.toMatchObject({ code: 'limit', limit: 'depth', partial: {} });
  });

  it('what a server failed at', async () => {
    const error = await fails({ text: '{"a":"x"', error: new LLMError('broke', { code: 'server' }) });
    expect(error).toMatchObject({ code: 'server', message: 'broke', partial: { object: { a: 'x' } } });
  });

  it('unhandled when nobody asks for it', async () => {
    const run = streamObject(clientSaying('no'), { prompt: 'x', schema });
    await until(() => run.getSnapshot().status === 'error');
    await settled();
    expect(run.getSnapshot().error?.code).toBe('parse');
  });
});

describe('a stop', () => {
  const schema = z.object({ a: z.string() });

  it('keeps what came, and says so at once', async () => {
    const { client, write } = written();
    const run = streamObject(client, { prompt: 'x', schema });
    await write('{"a":"half');
    run.abort('enough');
    expect(run.getSnapshot()).toMatchObject({
      status: 'ready',
      finishReason: 'aborted',
      object: { a: 'half' },
      final: undefined,
      error: undefined,
    });
    const error = await failureOf(run.result);
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ cause: 'enough', partial: { object: { a: 'half' }, rawText: '{"a":"half' } });
    await expect(run.run?.result).rejects.toThrow(AbortError);
    expect((await readAll(run.partialStream)).error).toBe(error);
  });

  it.each<[string, (run: ObjectRun<unknown>, finish: () => void) => void]>([
    ['stop', (run) => run.abort()],
    ['cut', (_run, finish) => finish()],
  ])('or a cut (%s) leaves nothing streaming: what is open never closes', async (_name, end) => {
    const { client, write, finish } = written();
    const run = streamObject(client, { prompt: 'x', schema: z.object({ list: z.array(schema), more: z.string() }) });
    await write('{"list":[{"a":"whole"},{"a":"half');
    expect(run.getSnapshot().fieldStatus('list.1.a')).toBe('streaming');
    end(run, finish);
    await failureOf(run.result);
    const { fieldStatus, issues, cut } = run.getSnapshot();
    expect(cut).toEqual(['list', 1, 'a']);
    expect(issues).toEqual([{ path: cut, message: 'Not complete' }]);
    expect(['', 'list', 'list.1', 'list.1.a'].map((path) => fieldStatus(path))).toEqual(Array(4).fill('invalid'));
    expect(fieldStatus('list.0.a')).toBe('complete');
    expect(fieldStatus('more')).toBe('absent');
  });

  it('before anything was sent sends nothing', async () => {
    const provider = scripted('{"a":"x"}');
    const run = streamObject(new LLMClient({ provider }), { prompt: 'x', schema });
    run.abort();
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'aborted' });
    await expect(run.result).rejects.toThrow(AbortError);
    await settled();
    expect(provider.requests).toEqual([]);
  });

  it('comes by the signal too, also by one that came before', async () => {
    const { client, write } = written();
    const controller = new AbortController();
    const run = streamObject(client, { prompt: 'x', schema }, { signal: controller.signal });
    await write('{"a":"');
    controller.abort('signalled');
    await expect(failureOf(run.result)).resolves.toMatchObject({ name: 'AbortError', cause: 'signalled' });
    const late = streamObject(client, { prompt: 'x', schema }, { signal: controller.signal });
    expect(late.getSnapshot().finishReason).toBe('aborted');
    await expect(failureOf(late.result)).resolves.toMatchObject({ name: 'AbortError', cause: 'signalled' });
  });

  it('of the run within is one of the object', async () => {
    const { client, write } = written();
    const run = streamObject(client, { prompt: 'x', schema });
    await write('{"a":"');
    run.run?.abort();
    await expect(run.result).rejects.toThrow(AbortError);
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'aborted' });
  });

  it('while the schema thinks is one too', async () => {
    const endless = z.object({ a: z.string().refine(async () => new Promise<boolean>(() => undefined)) });
    const run = streamObject(clientSaying('{"a":"x"}'), { prompt: 'x', schema: endless });
    await until(() => run.run?.getSnapshot().status === 'ready');
    await settled();
    expect(run.getSnapshot().status).toBe('streaming');
    run.abort();
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'aborted' });
    await expect(failureOf(run.result)).resolves.toMatchObject({
      name: 'AbortError',
      partial: { finishReason: 'stop', object: { a: 'x' } },
    });
  });

  it('can no longer come by the signal once it is over', async () => {
    const controller = new AbortController();
    const run = streamObject(clientSaying('{"a":"x"}'), { prompt: 'x', schema }, { signal: controller.signal });
    await run.result;
    await settled();
    controller.abort();
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'stop', final: { a: 'x' } });
  });

  it('after the end does nothing', async () => {
    const run = streamObject(clientSaying('{"a":"x"}'), { prompt: 'x', schema });
    await run.result;
    run.abort();
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'stop', final: { a: 'x' } });
  });
});

describe('a list', () => {
  const element = z.object({ n: z.number().transform((n) => n * 10), tag: z.string().default('none') });

  it('gives each element once, as its schema makes it, when it closes', async () => {
    const { client, write, finish } = written();
    const run = streamObject(client, { prompt: 'x', array: element });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const one of run.elementStream) seen.push(one);
    })();
    await write('Here: [{"n":1},{"n":2');
    expect(seen).toEqual([{ n: 10, tag: 'none' }]);
    expect(run.getSnapshot().object).toEqual([{ n: 1 }, {}]);
    await write(',"tag":"x"},{"n":3}');
    expect(seen).toHaveLength(3);
    await write(']');
    finish();
    await reading;
    expect((await run.result).object).toEqual(seen);
    expect((await readAll(run.elementStream)).items).toEqual(seen);
    expect(seen).toEqual([
      { n: 10, tag: 'none' },
      { n: 20, tag: 'x' },
      { n: 30, tag: 'none' },
    ]);
  });

  it('includes those whose output is undefined, read early or late', async () => {
    const array = z.number().transform((n) => (n === 2 ? n : undefined));
    const run = streamObject(clientSaying('[1,2,3]'), { prompt: 'x', array, jsonSchema: { type: 'number' } });

    expect((await readAll(run.elementStream)).items).toEqual([undefined, 2, undefined]);
    expect((await readAll(run.elementStream)).items).toEqual([undefined, 2, undefined]);
    expect((await run.result).object).toEqual([undefined, 2, undefined]);
  });

  it('keeps their order, however long their checks take', async () => {
    const slow = z.number().refine(async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n));
      return true;
    });
    const run = streamObject(clientSaying('[20,1,5]'), { prompt: 'x', array: slow });
    expect((await readAll(run.elementStream)).items).toEqual([20, 1, 5]);
  });

  /** Numbers of which the test says whether they are accepted. */
  function answered(): { schema: z.ZodType; answer: (n: number, isFine: boolean | Promise<boolean>) => void } {
    const waiting = new Map<number, (isFine: boolean | Promise<boolean>) => void>();
    return {
      schema: z.number().refine(async (n) => new Promise<boolean>((resolve) => waiting.set(n, resolve))),
      answer: (n, isFine) => waiting.get(n)?.(isFine),
    };
  }

  it('gives what closed before it was cut, also where that takes longer to check', async () => {
    const { schema, answer } = answered();
    const run = streamObject(clientSaying('[0,1,2'), { prompt: 'x', array: schema });
    const reading = readAll(run.elementStream);
    expect(await failureOf(run.result)).toBeInstanceOf(TruncatedError);
    answer(0, true);
    answer(1, false);
    const { items, error } = await reading;
    expect(items).toEqual([0]);
    expect(error).toBeInstanceOf(TruncatedError);
  });

  it('that is stopped ends at once, whatever is being checked', async () => {
    const { schema } = answered();
    const run = streamObject(clientSaying('[0,1,2]'), { prompt: 'x', array: schema });
    const reading = readAll(run.elementStream);
    await until(() => run.run?.getSnapshot().status === 'ready');
    run.abort();
    expect(await reading).toMatchObject({ items: [], error: { name: 'AbortError' } });
  });

  it('fails in the end, and is unhandled nowhere, when a validator throws while another one is still at work', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): unknown => unhandled.push(error);
    process.on('unhandledRejection', note);
    const { schema: gated, answer } = answered();
    const run = streamObject(clientSaying('[0,1,2]'), { prompt: 'x', array: gated });
    const reading = readAll(run.elementStream);
    await until(() => run.run?.getSnapshot().status === 'ready');
    answer(1, Promise.reject(new Error('broken')));
    await settled();
    answer(0, true);
    answer(2, true);
    expect(await failureOf(run.result)).toMatchObject({ code: 'validation', cause: { message: 'broken' } });
    // What was accepted is given, whatever became of the rest.
    expect((await reading).items).toEqual([0, 2]);
    await settled();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('leaves out what does not fit, and fails in the end', async () => {
    const run = streamObject(clientSaying('[{"n":1},{"n":"x"},{"n":3}]'), { prompt: 'x', array: element });
    const { items, error } = await readAll(run.elementStream);
    expect(items).toMatchObject([{ n: 10 }, { n: 30 }]);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      issues: [{ path: [1, 'n'] }],
      partial: { object: [{ n: 1 }, { n: 'x' }, { n: 3 }] },
    });
    expect(statuses(run, '0', '1', '1.n', '2.n')).toEqual({
      '0': 'complete',
      '1': 'invalid',
      '1.n': 'invalid',
      '2.n': 'complete',
    });
  });

  it('shows the issues of an element when it closes', async () => {
    const { client, write } = written();
    const run = streamObject(client, { prompt: 'x', array: element });
    await write('[{"n":"x"');
    expect(run.getSnapshot().issues).toEqual([]);
    await write('},');
    expect(run.getSnapshot().issues).toMatchObject([{ path: [0, 'n'] }]);
    run.abort();
  });

  it('that is cut keeps its elements', async () => {
    const run = streamObject(clientSaying('[{"n":1},{"n":2},{"n"'), { prompt: 'x', array: element });
    const { items, error } = await readAll(run.elementStream);
    expect(items).toMatchObject([{ n: 10 }, { n: 20 }]);
    expect(error).toBeInstanceOf(TruncatedError);
  });

  it('may be empty', async () => {
    const { object } = await completeObject(clientSaying('[]'), { prompt: 'x', array: element });
    expect(object).toEqual([]);
  });

  it('of valibot and arktype', async () => {
    const ofValibot = v.object({ n: v.number() });
    const ofArktype = type({ n: 'number' });
    const client = clientSaying('[{"n":1}]');
    const jsonSchema = toJsonSchema(ofValibot);
    await expect(completeObject(client, { prompt: 'x', array: ofValibot, jsonSchema })).resolves.toMatchObject({
      object: [{ n: 1 }],
    });
    await expect(completeObject(client, { prompt: 'x', array: ofArktype })).resolves.toMatchObject({
      object: [{ n: 1 }],
    });
  });
});

describe('a repair', () => {
  const schema = z.object({ n: z.number(), text: z.string() });

  function answering(...replies: Script[]): { client: LLMClient; provider: ReturnType<typeof scripted> } {
    let turn = 0;
    const provider = scripted(() => {
      const reply = replies[Math.min(turn, replies.length - 1)] as string;
      turn += 1;
      return reply;
    });
    return { client: new LLMClient({ provider, retry: false }), provider };
  }

  it('asks again, with what was wrong', async () => {
    const { client, provider } = answering('{"n":"1","text":"x"}', '{"n":1,"text":"x"}');
    const messages = [{ role: 'user', content: 'Before' }] as const;
    const run = streamObject(client, { messages, prompt: 'A number', schema, maxRepairs: 2 });
    expect((await run.result).object).toEqual({ n: 1, text: 'x' });
    expect(provider.requests).toHaveLength(2);
    expect(provider.requests[1]?.messages).toEqual([
      { role: 'user', content: 'Before' },
      { role: 'user', content: 'A number' },
      { role: 'assistant', content: '{"n":"1","text":"x"}' },
      { role: 'user', content: expect.stringMatching(/- n: .*number/) as unknown },
    ]);
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', issues: [], final: { n: 1 } });
  });

  it('shows the answer before until the next one comes', async () => {
    const { client } = answering('{"n":"1","text":"x"}', { delayMs: 30, text: '{"n":1,"text":"y"}' });
    const run = streamObject(client, { prompt: 'A number', schema, maxRepairs: 1 });
    const { items } = await readAll(run.partialStream);
    expect(items.at(-1)).toEqual({ n: 1, text: 'y' });
    expect(items).not.toContain(undefined);
  });

  it.each([
    ['an object', { schema }, '{"n":"1","text":"x"}', 'n', '{"n":1,', '"text":"y"}'],
    ['a list', { array: z.number() }, '[1,"x"]', '1', '[1,', '2]'],
  ])('keeps the issues with the answer that they are of: of %s', async (_name, asked, wrong, path, start, end) => {
    const { client, write, finish } = written(wrong);
    const request = { prompt: 'x', maxRepairs: 1, ...asked };
    const run = streamObject(client, request as { schema: typeof schema });
    // Asked again, and not yet answered.
    await until(() => run.getSnapshot().status === 'submitted' && run.getSnapshot().object !== undefined);
    expect(run.getSnapshot().object).toEqual(JSON.parse(wrong));
    expect(run.getSnapshot().issues).toMatchObject([{ path: [expect.anything()] }]);
    expect(statuses(run, '', path)).toEqual({ '': 'invalid', [path]: 'invalid' });
    await write(start);
    expect(run.getSnapshot().issues).toEqual([]);
    expect(statuses(run, '')).toEqual({ '': 'streaming' });
    await write(end);
    finish();
    await run.result;
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', issues: [] });
    expect(statuses(run, '', path)).toEqual({ '': 'complete', [path]: 'complete' });
  });

  it('asks again for what is no JSON', async () => {
    const { client, provider } = answering('I forgot.', '{"n":1,"text":"x"}');
    await completeObject(client, { prompt: 'A number', schema, maxRepairs: 1 });
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain('I forgot.');
  });

  it('asks again for what stops being JSON', async () => {
    const { client, provider } = answering('{"n":1,"text":x}', '{"n":1,"text":"x"}');
    await completeObject(client, { prompt: 'A number', schema, maxRepairs: 1 });
    expect(provider.requests[1]?.messages.at(-1)?.content).toMatch(/could not be read\. Unexpected "x"/);
  });

  it('is not made unless asked for, nor more often', async () => {
    const { client, provider } = answering('{}');
    await expect(completeObject(client, { prompt: 'A number', schema })).rejects.toThrow(ValidationError);
    expect(provider.requests).toHaveLength(1);
    await expect(completeObject(client, { prompt: 'A number', schema, maxRepairs: 2 })).rejects.toThrow(
      ValidationError,
    );
    expect(provider.requests).toHaveLength(4);
    // Each question has only the last answer before it.
    expect(provider.requests[3]?.messages).toHaveLength(3);
  });

  it('is not made of a refusal, a cut or a failure', async () => {
    for (const reply of [
      { refusal: 'no' },
      { text: '{', finishReason: 'length' },
      { text: '{', error: new LLMError('broken frame', { code: 'parse' }) },
    ] as const) {
      const { client, provider } = answering(reply);
      await failureOf(completeObject(client, { prompt: 'A number', schema, maxRepairs: 3 }));
      expect(provider.requests).toHaveLength(1);
    }
  });

  it('that brings nothing loses nothing of the answer before', async () => {
    let turn = 0;
    const client = clientSaying(() => {
      turn += 1;
      if (turn > 1) throw new LLMError('broke', { code: 'server' });
      return '{"n":"1","text":"x"}';
    });
    const run = streamObject(client, { prompt: 'A number', schema, maxRepairs: 1 });
    await expect(failureOf(run.result)).resolves.toMatchObject({
      code: 'server',
      partial: { object: { n: '1', text: 'x' }, rawText: '{"n":"1","text":"x"}' },
    });
    expect(run.getSnapshot()).toMatchObject({ status: 'error', object: { n: '1' }, issues: [{ path: ['n'] }] });
  });

  it('gives no element twice, and none late, whatever the order of the next list', async () => {
    const { client } = answering('["A",1,"C","A"]', '["Z","A","B","C","A","A"]');
    const run = streamObject(client, { prompt: 'Letters', array: z.string(), maxRepairs: 1 });
    const { items } = await readAll(run.elementStream);
    expect(items).toEqual(['A', 'C', 'A', 'Z', 'B', 'A']);
    expect((await readAll(run.elementStream)).items).toEqual(items);
    expect((await run.result).object).toEqual(['Z', 'A', 'B', 'C', 'A', 'A']);
  });
});
