import { LLMClient, type Completion, type LLMError, type StreamEvent } from '@rivulet/core';
import { gemini } from '@rivulet/core/gemini';
import { assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answering, failureOf, readAll } from '../../support/client.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';
import { generateContent } from '../../support/sample-answers.ts';
import {
  createRandom,
  mutateSome,
  pollution,
  problemsOfCompletion,
  problemsOfEvents,
} from '../../support/well-formed-answer.ts';

function toBody(frames: readonly unknown[]): string {
  return frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');
}

function clientReading(body: string): LLMClient {
  return new LLMClient({
    provider: gemini({ baseURL: 'http://127.0.0.1' }),
    model: 'model-1',
    retry: false,
    fetch: answering(body),
  });
}

function complete(...frames: readonly unknown[]): Promise<Completion> {
  return clientReading(toBody(frames)).complete('hello');
}

function say(...parts: readonly unknown[]): object {
  return { candidates: [{ content: { role: 'model', parts } }] };
}

const STOP = { candidates: [{ finishReason: 'STOP' }] };

describe('a value of another type than its place in a Gemini answer', () => {
  it.each<[path: string, frame: unknown]>([
    ['The frame', 7],
    ['The frame', 'text'],
    ['The frame', null],
    ['The frame', [[]]],
    ['candidates', { candidates: { content: { parts: [{ text: 'a' }] } } }],
    ['candidates', { candidates: 'text' }],
    ['candidates[]', { candidates: ['text'] }],
    ['candidates[0].content', { candidates: [{ content: 'text' }] }],
    ['candidates[0].content', { candidates: [{ content: [{ text: 'a' }] }] }],
    ['candidates[0].content.parts', { candidates: [{ content: { parts: { text: 'a' } } }] }],
    ['candidates[0].content.parts', { candidates: [{ content: { parts: 'text' } }] }],
    ['candidates[0].content.parts[]', say('text')],
    ['candidates[0].content.parts[]', say(['text'])],
    ['candidates[0].content.parts[].text', say({ text: { a: 1 } })],
    ['candidates[0].content.parts[].text', say({ text: ['a'] })],
    ['candidates[0].content.parts[].text', say({ text: 7, thought: true })],
    ['functionCall', say({ functionCall: 'now' })],
    ['functionCall.name', say({ functionCall: { name: { a: 1 }, args: {} } })],
    ['functionCall.name', say({ functionCall: { args: { zone: 'UTC' } } })],
    ['functionCall.name', say({ functionCall: { name: '', args: {} } })],
    ['functionCall.name', say({ functionCall: {} })],
    ['functionCall.args', say({ functionCall: { name: 'now', args: 'UTC' } })],
    ['functionCall.args', say({ functionCall: { name: 'now', args: ['UTC'] } })],
    ['functionCall.partialArgs', say({ functionCall: { name: 'now', partialArgs: {} } })],
  ])('is a parse error that names %s: %j', async (path, frame) => {
    const error = (await failureOf(complete(say({ text: 'Hi' }), frame, STOP))) as LLMError;

    expect(error).toMatchObject({ code: 'parse', partial: { text: 'Hi' } });
    expect(error.message).toContain(`${path} is `);
  });

  const odd: readonly unknown[] = [{}, [], [1], true, { toString: 1 }];

  it.each(odd.map((value) => [value] as const))(
    'is left out where the answer is complete without it: %j',
    async (value) => {
      const completion = await complete(
        {
          responseId: value,
          modelVersion: value,
          promptFeedback: value,
          usageMetadata: { promptTokenCount: value, candidatesTokenCount: -1, totalTokenCount: '7' },
          candidates: [
            {
              content: { parts: [{ text: 'Hi', thought: value === true ? 1 : value, thoughtSignature: value }] },
              finishReason: value,
              finishMessage: value,
              groundingMetadata: {
                groundingChunks: [{ web: { uri: value } }, { web: { uri: 'https://a', title: value } }],
              },
              citationMetadata: { citationSources: [{ uri: value, title: value }, value] },
            },
          ],
        },
        { candidates: [{ groundingMetadata: value, citationMetadata: value }], usageMetadata: value },
        say({ functionCall: { id: value, name: 'now', args: {} }, thoughtSignature: value }),
        STOP,
      );

      expect(problemsOfCompletion(completion)).toEqual([]);
      expect(completion).toMatchObject({
        text: 'Hi',
        rawFinishReason: 'STOP',
        toolCalls: [{ name: 'now', input: {} }],
      });
      expect(completion.sources).toEqual([{ type: 'source', url: 'https://a' }]);
      expect(completion.message.parts.filter(({ type }) => type === 'text' || type === 'tool-call')).not.toContainEqual(
        expect.objectContaining({ providerMetadata: expect.anything() as unknown }),
      );
      for (const name of ['id', 'model'] as const) expect(completion[name]).toBeUndefined();
      expect(completion.usage).toMatchObject({
        inputTokens: undefined,
        outputTokens: undefined,
        totalTokens: undefined,
      });
    },
  );

  it.each<[unknown]>([[{}], [[]], [true], [7], [{ STOP: 1 }]])(
    'does not end the answer as a finish reason: %j',
    async (finishReason) => {
      const error = await failureOf(complete(say({ text: 'Hi' }), { candidates: [{ finishReason }] }));

      expect(error).toMatchObject({ code: 'truncated', partial: { text: 'Hi' } });
    },
  );

  it('is text where servers number their calls', async () => {
    const { toolCalls } = await complete(say({ functionCall: { id: 7, name: 'now' } }), STOP);

    expect(toolCalls).toMatchObject([{ id: '7' }]);
  });

  it.each(['0', -1, 1.5, {}])('is the first candidate with the index %j', async (index) => {
    const { text } = await complete({ candidates: [{ index, content: { parts: [{ text: 'Hi' }] } }] }, STOP);

    expect(text).toBe('Hi');
  });

  it.each([
    { inlineData: { mimeType: {}, data: 'AA==' } },
    { inlineData: { mimeType: 'image/png', data: 7 } },
    { inlineData: 'AA==' },
    { inlineData: { mimeType: 'image/png', data: '' } },
    { fileData: { mimeType: 'image/png', fileUri: '' } },
    { fileData: { mimeType: 'image/png', fileUri: [] } },
    { '': 1, hologram: 2 },
    JSON.parse('{"__proto__":{"polluted":true}}') as object,
    { constructor: { prototype: { polluted: true } } },
  ])('is kept as data in a part that is not text: %j', async (part) => {
    const completion = await complete(say(part), STOP);

    expect(problemsOfCompletion(completion)).toEqual([]);
    expect(completion.message.parts).toMatchObject([{ type: 'data' }]);
    expect(pollution()).toEqual([]);
  });
});

describe('streamed arguments of a Gemini call', () => {
  function call(args: object | undefined, ...pieces: readonly unknown[]): Promise<Completion> {
    return complete(
      say({ functionCall: { name: 'cook', args, willContinue: true } }),
      say({ functionCall: { partialArgs: pieces } }),
      STOP,
    );
  }

  it.each(
    [
      ['$.__proto__.x', '{"__proto__":{"x":true}}'],
      ["$['__proto__']['x']", '{"__proto__":{"x":true}}'],
      ['$.constructor.prototype.x', '{"constructor":{"prototype":{"x":true}}}'],
      ['$.toString.x', '{"toString":{"x":true}}'],
      ['$.a.__proto__.x', '{"a":{"__proto__":{"x":true}}}'],
      ['$.__proto__', '{"__proto__":true}'],
      ['$.hasOwnProperty', '{"hasOwnProperty":true}'],
      ['$.list[0].__proto__.x', '{"list":[{"__proto__":{"x":true}}]}'],
    ].flatMap(([path, json]) => [undefined, {}, { a: {}, list: [{}] }].map((args) => [path!, json!, args] as const)),
  )('are data under names of inherited properties: %s -> %s, after %j', async (jsonPath, json, args) => {
    const { toolCalls } = await call(args, { jsonPath, boolValue: true });

    expect(JSON.parse(toolCalls[0]!.rawInput)).toMatchObject(JSON.parse(json) as object);
    expect(pollution()).toEqual([]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(([] as { x?: unknown }).x).toBeUndefined();
  });

  it.each<[jsonPath: string, json: string]>([
    ['$.a', '{"a":true}'],
    ['a', '{"a":true}'],
    ['a.b', '{"a":{"b":true}}'],
    ['$.a-b.ü', '{"a-b":{"ü":true}}'],
    ['$.a[0][0].b', '{"a":[[{"b":true}]]}'],
    ['$.a.0', '{"a":{"0":true}}'],
    [String.raw`$['it\'s'].a`, `{"it's":{"a":true}}`],
    [String.raw`$["a\\b\"\u00e9\n"]`, String.raw`{"a\\b\"é\n":true}`],
    [`$['a.b[0]']`, '{"a.b[0]":true}'],
    [`$['']`, '{"":true}'],
  ])('have the path %s', async (jsonPath, json) => {
    const { toolCalls } = await call(undefined, { jsonPath, boolValue: true });

    expect(toolCalls[0]!.rawInput).toBe(json);
  });

  it.each<[name: string, pieces: readonly unknown[], input: unknown]>([
    [
      'keep a string whose last piece has no value',
      [{ jsonPath: '$.a', stringValue: 'b' }, { jsonPath: '$.a' }],
      { a: 'b' },
    ],
    ['keep null', [{ jsonPath: '$.a', nullValue: null }], { a: null }],
    ['grow by empty pieces', [{ jsonPath: '$.a', stringValue: '' }], { a: '' }],
    [
      'have 0 and false',
      [
        { jsonPath: '$.a', numberValue: 0 },
        { jsonPath: '$.b', boolValue: false },
      ],
      { a: 0, b: false },
    ],
    ['ignore pieces that are null', [null], {}],
    [
      'add elements in order',
      [
        { jsonPath: '$.a[0]', numberValue: 1 },
        { jsonPath: '$.a[1]', numberValue: 2 },
      ],
      { a: [1, 2] },
    ],
  ])('%s', async (_, pieces, input) => {
    expect((await call(undefined, ...pieces)).toolCalls).toMatchObject([{ input }]);
  });

  it('are joined to the arguments at the start of the call, and to whole ones behind it', async () => {
    expect((await call({ a: 'b' }, { jsonPath: '$.a', stringValue: 'c' })).toolCalls).toMatchObject([
      { input: { a: 'bc' } },
    ]);
    const { toolCalls } = await complete(
      say({ functionCall: { name: 'cook', willContinue: true } }),
      say({ functionCall: { args: { a: 1 } } }),
      STOP,
    );
    expect(toolCalls).toMatchObject([{ input: { a: 1 } }]);
  });

  const PATH = 'jsonPath';
  it.each<[name: string, pieces: readonly unknown[]]>([
    ['partialArgs[]', ['text']],
    ['partialArgs[]', [[]]],
    ['stringValue', [{ jsonPath: '$.a', stringValue: { a: 1 } }]],
    ['numberValue', [{ jsonPath: '$.a', numberValue: 'NaN' }]],
    ['boolValue', [{ jsonPath: '$.a', boolValue: 'true' }]],
    [PATH, [{ jsonPath: 7, boolValue: true }]],
    [PATH, [{ jsonPath: ['$', 'a'], boolValue: true }]],
    [PATH, [{ boolValue: true }]],
    [PATH, [{ jsonPath: '$', boolValue: true }]],
    [PATH, [{ jsonPath: '$..a', boolValue: true }]],
    [PATH, [{ jsonPath: '$.a[*]', boolValue: true }]],
    [PATH, [{ jsonPath: '$.a[-1]', boolValue: true }]],
    [PATH, [{ jsonPath: '$.a[1]', boolValue: true }]],
    [PATH, [{ jsonPath: '$.a[4294967294]', boolValue: true }]],
    [PATH, [{ jsonPath: '$[4294967294]', boolValue: true }]],
    [PATH, [{ jsonPath: `$.a[${'9'.repeat(400)}]`, boolValue: true }]],
    [PATH, [{ jsonPath: `$['a`, boolValue: true }]],
    [PATH, [{ jsonPath: '$.a'.padEnd(200_000, '.a'), boolValue: true }]],
    [PATH, [{ jsonPath: `$${"['".repeat(50_000)}`, boolValue: true }]],
    [PATH, [{ jsonPath: `$['${'\\'.repeat(50_001)}`, boolValue: true }]],
    [
      PATH,
      [
        { jsonPath: '$.a', stringValue: 'b' },
        { jsonPath: '$.a.length', numberValue: 1 },
      ],
    ],
    [
      PATH,
      [
        { jsonPath: '$.a[0]', stringValue: 'b' },
        { jsonPath: '$.a.length', numberValue: 1 },
      ],
    ],
    [
      PATH,
      [
        { jsonPath: '$.a.b', stringValue: 'b' },
        { jsonPath: '$.a', numberValue: 1 },
      ],
    ],
  ])('of an unexpected form are a parse error that names %s (row %#)', async (name, pieces) => {
    const error = (await failureOf(call(undefined, ...pieces))) as LLMError;

    expect(error.code).toBe('parse');
    expect(error.message).toContain(`${name} is `);
    expect(error.message.length).toBeLessThan(1000);
  });
});

it('a mutated Gemini answer is a well-formed completion or a typed error', async () => {
  await assert(
    asyncProperty(nat(), async (seed) => {
      const body = toBody(mutateSome(generateContent.answers[0]!, createRandom(seed)));
      const run = clientReading(body).stream('hello');
      const { items, error } = await readAll<StreamEvent>(run);
      expect(problemsOfEvents(items), body).toEqual([]);
      if (error === undefined) expect(problemsOfCompletion(await run.result), body).toEqual([]);
      else {
        expect(error, body).toMatchObject({
          name: expect.stringMatching(/Error$/) as unknown,
          code: expect.not.stringMatching(/^(unknown|network)$/) as unknown,
        });
        expect(problemsOfCompletion((error as LLMError).partial, true), body).toEqual([]);
      }
      expect(pollution(), body).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

describe('a Gemini answer is decoded in linear time', () => {
  const many = (count: number, part: (at: number) => unknown): unknown[] =>
    Array.from({ length: count }, (_, at) => part(at));
  const answers: Readonly<Record<string, (count: number) => unknown[]>> = {
    text: (count) => many(count, (at) => say({ text: `${at} ` })),
    thoughts: (count) => many(count, (at) => say({ text: `${at} `, thought: true })),
    'signed text': (count) => many(count, (at) => say({ text: `${at} `, thoughtSignature: `${at}` })),
    'parts of one frame': (count) => [say(...many(count, (at) => ({ text: `${at} `, partMetadata: { at } })))],
    calls: (count) => many(count, (at) => say({ functionCall: { name: 'now', args: { at } } })),
    'pieces of one string': (count) => [
      say({ functionCall: { name: 'cook', willContinue: true } }),
      ...many(count, (at) =>
        say({ functionCall: { partialArgs: [{ jsonPath: '$.a', stringValue: `${at} ` }], willContinue: true } }),
      ),
    ],
    'elements of one list': (count) => [
      say({ functionCall: { name: 'cook', willContinue: true } }),
      ...many(count, (at) =>
        say({ functionCall: { partialArgs: [{ jsonPath: `$.a[${at}]`, numberValue: at }], willContinue: true } }),
      ),
    ],
    'whole arguments behind a call': (count) => [
      say({ functionCall: { name: 'cook', willContinue: true } }),
      ...many(count, (at) => say({ functionCall: { args: { [`a${at}`]: at }, willContinue: true } })),
    ],
    sources: (count) =>
      many(count, (at) => ({
        candidates: [{ groundingMetadata: { groundingChunks: [{ web: { uri: `https://a/${at}` } }] } }],
      })),
    'counts and reasons': (count) =>
      many(count, (at) => ({
        ...say({ text: `${at} ` }),
        candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: at },
      })),
  };

  it.each(Object.entries(answers))('%s', { timeout: 60_000 }, async (_, answer) => {
    const growth = await growthOf((count) => complete(say({ text: 'Hi' }), ...answer(count), STOP), 700);

    expect(growth).toBeLessThan(LINEAR);
  });
});
