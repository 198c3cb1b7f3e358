import { LLMClient, type Message } from '@rivulet/core';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { cutAt, toBytes } from '../../support/client.ts';
import { checkSplits } from '../../support/split-server.ts';

type Json = Readonly<Record<string, unknown>>;

const clientOf = (baseURL: string): LLMClient =>
  new LLMClient({ provider: gemini({ baseURL }), model: 'model-1', retry: false });

function chunk(parts: readonly unknown[], finishReason?: string): string {
  return `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts }, finishReason }] })}\n\n`;
}

/** The parts that two later requests send back for an answer, which is kept as JSON. */
async function sentBack(body: string): Promise<{ message: Message; parts: readonly unknown[] }> {
  const bytes = toBytes(body);
  await using server = await startHttpServer([
    { chunks: cutAt(bytes, [7, 60, 61, 62, 200]).map((piece) => ({ bytes: [...piece] })) },
    { chunks: [{ text: chunk([{ text: 'Well' }], 'STOP') }] },
  ]);
  const client = clientOf(server.url);
  const first = await client.complete('hello');
  const message = JSON.parse(JSON.stringify(first.message)) as Message;
  const second = await client.complete({ messages: [message], prompt: 'go on' });
  const again = JSON.parse(JSON.stringify([message, second.message])) as Message[];
  await client.complete({ messages: again, prompt: 'and on' });
  const [, one, two] = server.requests.map(
    (request) => (JSON.parse(request.body) as { contents: { parts: unknown[] }[] }).contents[0]?.parts,
  );
  expect(two).toEqual(one);
  return { message, parts: one! };
}

const SIGNED = { thoughtSignature: 'c2ln' };
const PARTS: readonly Json[] = [
  { executableCode: { language: 'PYTHON', code: 'print(1)' } },
  { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
  { toolCall: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['x'] } } },
  { toolResponse: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', response: { a: 1 } } },
  { functionResponse: { id: 'f1', name: 'now', response: {} } },
  { audioTranscription: { text: 'Hi' } },
  { hologram: { beams: [1] } },
  { hologram: 'one', glow: 2 },
  { hologram: null, glow: 2 },
  { videoMetadata: { fps: 2 } },
  { fileData: { mimeType: 'video/mp4', fileUri: 'https://example.com/a.mp4' } },
  {
    fileData: { mimeType: 'video/mp4', fileUri: 'https://example.com/a.mp4', displayName: 'a' },
    videoMetadata: { fps: 2 },
  },
  { fileData: { fileUri: 'https://example.com/a' } },
  { inlineData: { mimeType: 'image/png', data: 'AA==' }, mediaResolution: { level: 'HIGH' } },
  { functionCall: { id: 'c1', name: 'now', args: { zone: 'UTC' } }, partMetadata: { a: 1 } },
  { text: 'Hello', partMetadata: { a: 1 } },
  { text: 'Hm', thought: true, partMetadata: { a: 1 } },
];

describe('a part of a Gemini answer', () => {
  it.each(PARTS.flatMap((part) => [part, { ...part, ...SIGNED }]).map((part) => [part] as const))(
    '%j goes back as it came, in its place',
    async (part) => {
      const expected = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null));
      const { parts } = await sentBack(chunk([{ text: 'A' }]) + chunk([part]) + chunk([{ text: 'B' }], 'STOP'));

      expect(parts).toEqual([{ text: 'A' }, expected, { text: 'B' }]);
    },
  );

  it('of an unknown type is a data part that has its content', async () => {
    const { message } = await sentBack(chunk([{ hologram: { beams: [1] }, ...SIGNED }], 'STOP'));

    expect(message.parts).toEqual([
      { type: 'data', name: 'hologram', data: { beams: [1] }, providerMetadata: { gemini: SIGNED } },
    ]);
  });

  it('that is a file by address is a file part', async () => {
    const { message } = await sentBack(chunk([PARTS[10]], 'STOP'));

    expect(message.parts).toMatchObject([{ type: 'file', mediaType: 'video/mp4', url: 'https://example.com/a.mp4' }]);
  });

  it.each([[null], [{}], [{ text: null }], [{ thought: true }]])('%j is ignored', async (part) => {
    await checkSplits(chunk([part, { text: 'Hello' }], 'STOP'), clientOf, ({ message }) =>
      expect(message.parts).toEqual([{ type: 'text', text: 'Hello' }]),
    );
  });

  it('is decoded at a cost that grows with the number of parts', async () => {
    const many = Array.from({ length: 5000 }, (_, at) => ({ hologram: at }));

    expect((await sentBack(chunk(many, 'STOP'))).parts).toHaveLength(5000);
  });
});

describe('the last chunk of a Gemini answer', () => {
  const thought = { text: 'Hm', thought: true };
  const call = { functionCall: { name: 'now', args: { zone: 'UTC' } } };

  it.each<[name: string, body: string, text: string, calls?: number]>([
    [
      'repeats all text',
      chunk([{ text: 'Hel' }]) + chunk([{ text: 'lo' }]) + chunk([{ text: 'Hello' }], 'STOP'),
      'Hello',
    ],
    [
      'repeats all text in pieces',
      chunk([{ text: 'Hel' }]) + chunk([{ text: 'lo' }]) + chunk([{ text: 'He' }, { text: 'llo' }], 'STOP'),
      'Hello',
    ],
    [
      'repeats the thoughts, too',
      chunk([thought]) +
        chunk([{ text: 'Hel' }]) +
        chunk([{ text: 'lo' }]) +
        chunk([thought, { text: 'Hello' }], 'STOP'),
      'Hello',
    ],
    [
      'repeats a call, too',
      chunk([{ text: 'Hel' }]) + chunk([{ text: 'lo' }, call]) + chunk([{ text: 'Hello' }, call], 'STOP'),
      'Hello',
      1,
    ],
    ['has the rest', chunk([{ text: 'Hel' }]) + chunk([{ text: 'lo' }], 'STOP'), 'Hello'],
    ['has the same text as the only chunk before', chunk([{ text: 'ha' }]) + chunk([{ text: 'ha' }], 'STOP'), 'haha'],
    [
      'has some of the text',
      chunk([{ text: 'ha' }]) + chunk([{ text: 'ha' }]) + chunk([{ text: 'ha' }], 'STOP'),
      'hahaha',
    ],
    ['has a call only', chunk([{ text: 'Hel' }]) + chunk([{ text: 'lo' }]) + chunk([call], 'STOP'), 'Hello', 1],
    ['has no parts', chunk([{ text: 'Hel' }]) + chunk([{ text: 'lo' }]) + chunk([], 'STOP'), 'Hello'],
  ])('%s', async (_, body, text, calls = 0) => {
    await checkSplits(body, clientOf, (completion) => {
      expect(completion).toMatchObject({ text, finishReason: calls ? 'tool-calls' : 'stop' });
      expect(completion.reasoning).toBe(body.includes('thought') ? 'Hm' : '');
      expect(completion.toolCalls).toHaveLength(calls);
    });
  });

  it('keeps the signature of a repetition', async () => {
    const { parts } = await sentBack(
      chunk([{ text: 'Hel' }]) + chunk([{ text: 'lo' }]) + chunk([{ text: 'Hello', ...SIGNED }], 'STOP'),
    );

    expect(parts).toEqual([{ text: 'Hello' }, { text: '', ...SIGNED }]);
  });

  it.each([
    ['STOP', 'stop'],
    ['stop', 'stop'],
    ['end_turn', 'stop'],
    ['eos_token', 'stop'],
    ['max_tokens', 'length'],
    ['length', 'length'],
    ['safety', 'content-filter'],
    ['content_filter', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['OTHER', 'other'],
  ])('with the reason %s is %s', async (raw, finishReason) => {
    await checkSplits(chunk([{ text: 'Hi' }], raw), clientOf, (completion) =>
      expect(completion).toMatchObject({ text: 'Hi', finishReason, rawFinishReason: raw }),
    );
  });

  it.each(['STOP', 'tool_calls', 'tool_use', 'function_call'])(
    'with a call and the reason %s is tool-calls',
    async (raw) => {
      await checkSplits(chunk([call], raw), clientOf, ({ finishReason }) => expect(finishReason).toBe('tool-calls'));
    },
  );
});

describe('the last line of an Ollama answer', () => {
  const ollamaOf = (baseURL: string): LLMClient =>
    new LLMClient({ provider: ollama({ baseURL }), model: 'model-1', retry: false });
  const line = (content: string, end?: string): string =>
    `${JSON.stringify({ model: 'model-1', message: { role: 'assistant', content }, done: end !== undefined, done_reason: end })}\n`;

  it.each<[body: string, text: string]>([
    [line('Hel') + line('lo') + line('Hello', 'stop'), 'Hello'],
    [line('Hello') + line('Hello', 'stop'), 'Hello'],
    [line('Hel') + line('lo', 'stop'), 'Hello'],
    [line('Hel') + line('lo') + line('', 'stop'), 'Hello'],
    [line('Hello', 'stop'), 'Hello'],
    [line('ha') + line('ha') + line('', 'stop'), 'haha'],
  ])('%j is %s', async (body, text) => {
    await checkSplits(body, ollamaOf, (completion) => expect(completion).toMatchObject({ text, finishReason: 'stop' }));
  });

  it.each([
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['eos_token', 'stop'],
    ['end_turn', 'stop'],
    ['length', 'length'],
    ['MAX_TOKENS', 'length'],
    ['content_filter', 'content-filter'],
    ['load', 'other'],
  ])('with the reason %s is %s', async (raw, finishReason) => {
    await checkSplits(line('Hi') + line('', raw), ollamaOf, (completion) =>
      expect(completion).toMatchObject({ finishReason, rawFinishReason: raw }),
    );
  });
});
