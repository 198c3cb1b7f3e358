import {
  AbortError,
  InvalidRequestError,
  type FilePart,
  type GenerateRequest,
  type LLMConfig,
  type Message,
  type MessageInput,
  type Part,
} from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import {
  startHttpServer,
  type Answer,
  type HttpServer,
  type ReceivedRequest,
} from '../../../../test/support/http-server.ts';
import { failureOf, settled, toBytes, until } from '../support/client.ts';
import {
  conversationAfter,
  HISTORY,
  type Feature,
  type MixedContent,
  type RefusableField,
  type ScenarioPart,
} from './row.ts';
import { rows } from './rows.ts';
import { forWire, TEXT, TOOL_CALL } from './scenarios.ts';
import { setUp } from './setup.ts';

const HIGH = '\ud83c';
const LOW = '\udf27';
const LONE = /\p{Surrogate}/u;

/** Arguments that no server takes back as they are. */
const BAD_ARGUMENTS: readonly (readonly [
  what: string,
  call: { readonly rawInput: string; readonly input?: unknown },
])[] = [
  ['cut', { rawInput: '{"city": "Par' }],
  ['without a comma', { rawInput: '{"a":1 "b":2}' }],
  ['prose', { rawInput: 'the city is Paris' }],
  ['a string', { rawInput: '"Paris"', input: 'Paris' }],
  ['a list', { rawInput: '["Paris"]', input: ['Paris'] }],
  ['a number', { rawInput: '7', input: 7 }],
  ['null', { rawInput: 'null', input: null }],
  ['a parsed value that is not an object', { rawInput: '', input: ['Paris'] }],
  ['empty', { rawInput: '' }],
  ['blank', { rawInput: ' \n', input: {} }],
];

/** Emojis, and after how many code units they are cut. */
const CUTS: readonly (readonly [emoji: string, length: number])[] = [
  ['🌧🌧', 3],
  ['👨‍👩‍👧', 4],
  ['👋🏽', 3],
  ['𝒳', 1],
];

const TEXT_OF_FILE = 'größe;"5"\n{"a": [1, 2]}\n';

const TEXT_FILES: readonly (readonly [filename: string, mediaType: string])[] = [
  ['notes.md', 'text/markdown'],
  ['table.csv', 'application/vnd.ms-excel'],
  ['data.json', 'application/json'],
  ['feed.xml', 'application/rss+xml'],
  ['main.rs', ''],
  ['main.ts', 'video/mp2t'],
  ['Makefile', 'application/octet-stream'],
];

type Body = Record<string, unknown>;

function valueAt(body: string, path: string): unknown {
  return path.split('.').reduce<unknown>((value, step) => (value as Body | undefined)?.[step], JSON.parse(body));
}

/** All strings of a JSON value, its keys included. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.entries(value).flatMap((entry) => entry.flatMap(stringsIn)) : [];
}

/** A message as it is after it was stored. */
function stored(message: Message): Message {
  return JSON.parse(JSON.stringify(message)) as Message;
}

function user(content: string): MessageInput {
  return { role: 'user', content };
}

describe.each(rows)('$name', (row) => {
  const { lacks = {} } = row;
  const { itWith, clientOf, answerWith } = setUp(row);
  const hasCalls = !lacks['tool-calls'];
  const plainAnswer = answerWith(row.stream(forWire(row, { parts: TEXT.parts, finish: 'stop' })).frames);

  it('lacks each feature that it does not describe', () => {
    expect(row.repeatFinish === undefined).toBe('repeated-finish' in lacks);
    expect(row.unknownContent === undefined).toBe('unknown-content' in lacks);
    expect(row.refusable === undefined).toBe('refusable-fields' in lacks);
  });

  describe('the history', () => {
    const history = forWire(row, HISTORY);
    const answers: [string, Answer][] = [['a stream', answerWith(row.stream(history).frames)]];
    if (row.whole) {
      const json = { headers: { 'content-type': 'application/json' }, chunks: [{ text: row.whole(history) }] };
      answers.push(['one document', json]);
    }
    it.each(answers)('is sent back as it was received: %s', async (_, answer) => {
      await using server = await startHttpServer([answer, plainAnswer]);
      const client = clientOf(server.url);
      const { message } = await client.complete('How warm is it in Paris?');

      await client.complete({ messages: conversationAfter(message) });
      await client.complete({ messages: conversationAfter(stored(message)) });

      for (const { body } of server.requests.slice(1)) {
        expect(JSON.parse(body)).toMatchObject(row.history(message));
      }
    });

    itWith('tool-calls').each(BAD_ARGUMENTS)('has an object in place of arguments that are %s', async (_, call) => {
      await using server = await startHttpServer(plainAnswer);
      const part: Part = { type: 'tool-call', id: 'call_1', name: 'weather', ...call };

      await clientOf(server.url).complete({
        messages: conversationAfter({ id: 'message-2', role: 'assistant', parts: [part] }),
      });

      expect(row.sent(server.requests[0]!.body).callInputs).toEqual([{}]);
    });

    itWith('broken-arguments')('has an object in place of arguments that were received broken', async () => {
      const pieces = ['{"city":', ' "Par'];
      const broken = row.stream({ ...TOOL_CALL, parts: [{ ...TOOL_CALL.parts[0]!, pieces }] });
      await using server = await startHttpServer([answerWith(broken.frames), plainAnswer]);
      const client = clientOf(server.url);
      const { message } = await client.complete('How warm is it in Paris?');

      await client.complete({ messages: conversationAfter(message) });
      await client.complete({ messages: conversationAfter(stored(message)) });

      for (const { body } of server.requests.slice(1)) expect(row.sent(body).callInputs).toEqual([{}]);
    });

    itWith('tool-calls')('has the arguments of a call as they were', async () => {
      const { frames } = row.stream(TOOL_CALL);
      await using server = await startHttpServer(answerWith(frames));
      const client = clientOf(server.url);
      const { message } = await client.complete('How warm is it in Paris?');

      await client.complete({ messages: conversationAfter(message) });

      expect(row.sent(server.requests[1]!.body).callInputs).toEqual([{ city: 'Paris' }]);
    });

    itWith('unknown-content')('has content of unknown types in its place, two turns on', async () => {
      const { items, stream, sent } = row.unknownContent!;
      const contents = [0, 1].map((turn): MixedContent => {
        const [first, ...rest] = items(turn);
        return [[first!, `One ${turn}. `], rest.slice(0, -1), [`Two ${turn}.`, rest.at(-1)!]].flat();
      });
      await using server = await startHttpServer([
        ...contents.map((content) => answerWith(stream(content))),
        plainAnswer,
      ]);
      const client = clientOf(server.url);
      const messages: MessageInput[] = [user('First')];

      for (const next of ['Second', 'Third']) {
        const { message } = await client.complete({ messages });
        messages.push(stored(message), user(next));
      }
      await client.complete({ messages });

      expect(sent(server.requests[1]!.body)).toEqual(contents[0]);
      expect(sent(server.requests[2]!.body)).toEqual(contents.flat());
    });
  });

  itWith('unknown-content')(
    'an answer that is stopped at any frame is sent back without unfinished content',
    async () => {
      const { items, stream, sent } = row.unknownContent!;
      const known = items(0);
      const content: MixedContent = ['One.', ...known, 'Two.'];
      const frames = stream(content);
      await using server = await startHttpServer(plainAnswer);
      const client = clientOf(server.url);

      for (let count = 1; count <= frames.length - 1; count += 1) {
        const left = frames.slice(0, count).map(toBytes);
        let isRead = false;
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            const next = left.shift();
            if (next) controller.enqueue(next);
            isRead = !next;
          },
        });
        const fetch: LLMConfig['fetch'] = () =>
          Promise.resolve(new Response(body, { headers: { 'content-type': row.contentType } }));
        const run = clientOf('http://127.0.0.1', { fetch }).stream('hello');
        await until(() => isRead);
        await settled();
        run.abort();
        const { partial } = (await failureOf(run.result)) as AbortError;

        await client.complete({ messages: [user('First'), stored(partial!.message), user('Second')] });

        const back = sent(server.requests.at(-1)!.body);
        expect(content, `stopped after ${count} frames`).toEqual(expect.arrayContaining([...back]));
      }
    },
  );

  describe('text that is cut within an emoji', () => {
    it.each(CUTS)('is sent as well-formed text, wherever it is: %s, after %d', async (emoji, length) => {
      await using server = await startHttpServer(plainAnswer);
      const end = emoji.slice(0, length);
      const call: Part = {
        type: 'tool-call',
        id: 'call_1',
        name: 'weather',
        rawInput: `{"city":"input: ${end}"}`,
        input: { city: `input: ${end}` },
      };
      const outputs = [`output: ${end}`, { nested: [`nested: ${end}`], [`key: ${end}`]: 1 }];

      for (const output of outputs) {
        const answer: Message = {
          id: 'message-2',
          role: 'assistant',
          parts: [{ type: 'text', text: `answer: ${end}` }],
        };
        const result: Part = { type: 'tool-result', toolCallId: 'call_1', name: 'weather', output };
        await clientOf(server.url).complete({
          system: `system: ${end}`,
          messages: [
            user(`user: ${end}`),
            ...(hasCalls
              ? [
                  { ...answer, parts: [...answer.parts, call] },
                  { role: 'tool' as const, parts: [result] },
                ]
              : [answer]),
            user(`${LOW} after ${HIGH}${HIGH}${LOW}`),
          ],
        });
      }

      const strings = stringsIn(server.requests.map(({ body }) => JSON.parse(body) as unknown));
      expect(strings.filter((text) => LONE.test(text))).toEqual([]);
      // Results and arguments may be JSON within a text.
      expect(strings.filter((text) => /\\ud[89a-f]/i.test(text))).toEqual([]);
      expect(row.sent(server.requests[0]!.body).userText).toBe('\ufffd after \ufffd🌧');
      const places = ['system', 'user', 'answer', ...(hasCalls ? ['input', 'output', 'nested', 'key'] : [])];
      const all = strings.join('\n');
      for (const place of places) expect(all).toContain(`${place}: ${end.replace(LONE, '\ufffd')}`);
    });

    itWith('split-pairs')('is whole once the other half has been received', async () => {
      const pieces = [`Rain ${HIGH}`, `${LOW} today`];
      await using server = await startHttpServer(
        answerWith(row.stream({ parts: [{ type: 'text', pieces }], finish: 'stop' }).frames),
      );
      const client = clientOf(server.url);
      const { message, text } = await client.complete('hello');

      await client.complete({ messages: conversationAfter(message) });

      expect(text).toBe('Rain 🌧 today');
      expect(stringsIn(JSON.parse(server.requests[1]!.body))).toContain('Rain 🌧 today');
    });

    const halves = [`Rain ${HIGH}`, `${LOW} today`];
    const parts: [string, ScenarioPart, Feature?][] = [
      ['text', { type: 'text', pieces: halves }],
      ['reasoning', { type: 'reasoning', pieces: halves }, 'reasoning'],
      [
        'arguments',
        { type: 'tool-call', id: 'call_1', name: 'weather', pieces: [`{"city":"Rain ${HIGH}`, `${LOW}"}`] },
        'broken-arguments',
      ],
    ];
    const sendable = parts.filter(([, , needs]) => !needs || !lacks[needs]);
    itWith('split-pairs').each(sendable)(
      'is sent as well-formed text after a stop between the halves: %s',
      async (name, part) => {
        const { frames } = row.stream({ parts: [part], finish: name === 'arguments' ? 'tool-calls' : 'stop' });
        const upToHalf = frames.slice(0, frames.findIndex((frame) => frame.includes('\\ud83c')) + 1);
        await using server = await startHttpServer([{ ...answerWith(upToHalf), end: 'hang' }, plainAnswer]);
        const client = clientOf(server.url);
        const run = client.stream('hello');
        run.subscribe(() => {
          if (JSON.stringify(run.getSnapshot().message).includes('Rain ')) run.abort();
        });
        const error = (await failureOf(run.result)) as AbortError;

        await client.complete({ messages: conversationAfter(error.partial!.message) });

        expect(error).toBeInstanceOf(AbortError);
        const strings = stringsIn(JSON.parse(server.requests[1]!.body));
        expect(strings.filter((text) => LONE.test(text))).toEqual([]);
        if (name === 'text') expect(strings.join('\n')).toContain('Rain ');
      },
    );
  });

  describe('a request', () => {
    it('has exactly the headers that its server has to allow', async () => {
      const sent: string[][] = [];
      const fetch: LLMConfig['fetch'] = (_, { headers }) => {
        sent.push([...new Headers(headers).keys()]);
        const body = row.stream(forWire(row, TEXT)).frames.join('');
        return Promise.resolve(new Response(body, { headers: { 'content-type': row.contentType } }));
      };

      await clientOf('http://127.0.0.1', { fetch }).complete('hello');

      expect(sent).toEqual([row.headers]);
    });

    it.each(TEXT_FILES)('has a text file as text with its name: %s (%s)', async (filename, mediaType) => {
      await using server = await startHttpServer(plainAnswer);
      const binary = String.fromCharCode(...new TextEncoder().encode(TEXT_OF_FILE));
      const file: FilePart = { type: 'file', filename, mediaType, data: btoa(binary) };
      const message: MessageInput = { role: 'user', parts: [file, { type: 'text', text: 'What is in it?' }] };

      await clientOf(server.url).complete({ messages: [message] });

      const { userText } = row.sent(server.requests[0]!.body);
      expect(userText).toContain(TEXT_OF_FILE);
      expect(userText).toContain(filename);
      expect(userText).toContain('What is in it?');
    });

    type Refuse = (message: string) => Answer;

    const byStatus: Refuse = (message) => {
      const { status, body } = row.errorResponse('invalid_request', message)!;
      return { status, headers: { 'content-type': 'application/json' }, chunks: [{ text: body }] };
    };
    const inBand: Refuse = (message) => answerWith([row.errorFrame!('invalid_request', message)!]);

    /** A server that refuses a request if `isRefused` is true for its body. */
    function startRefusingServer(refusal: Answer, isRefused: (body: string) => boolean): Promise<HttpServer> {
      return startHttpServer(({ body }: ReceivedRequest) => (isRefused(body) ? refusal : plainAnswer));
    }

    const ways: [string, Refuse][] = [['by status', byStatus]];
    if (!lacks['in-band-error-kinds']) ways.push(['in band', inBand]);
    const refused = (row.refusable ?? []).flatMap((field) =>
      ways.map(([way, refuse]): [string, string, RefusableField, Refuse] => [field.at, way, field, refuse]),
    );
    itWith('refusable-fields').each(refused)(
      'has a field that the client chose only until it is refused: %s, %s',
      async (at, _, { healed, request: options, refusal }, refuse) => {
        let chosen: unknown;
        await using server = await startRefusingServer(refuse(refusal), (body) => {
          const value = valueAt(body, at);
          chosen ??= value;
          return JSON.stringify(value) === JSON.stringify(chosen);
        });
        const client = clientOf(server.url);
        const request: GenerateRequest = { prompt: 'hello', ...options };

        await client.complete(request);
        const values = server.requests.map(({ body }) => valueAt(body, at));
        await client.complete(request);

        expect(chosen).toBeDefined();
        expect(values).toEqual([chosen, healed]);
        expect(valueAt(server.requests[2]!.body, at)).toEqual(healed);
        expect(server.requests).toHaveLength(3);
      },
    );

    itWith('refusable-fields').each(refused)(
      'fails if a field is refused that the caller set: %s, %s',
      async (at, _, { set, refusal }, refuse) => {
        await using server = await startRefusingServer(refuse(refusal), (body) => valueAt(body, at) !== undefined);

        const error = await failureOf(clientOf(server.url).complete({ prompt: 'hello', ...set }));

        expect(error).toBeInstanceOf(InvalidRequestError);
        expect(server.requests).toHaveLength(1);
      },
    );
  });
});
