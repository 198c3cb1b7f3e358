import { LLMClient, observeRuns, type HttpProvider, type RunEvent } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { everythingIn } from '../../packages/core/test/support/everything-in.ts';
import type { Json } from '../../packages/core/test/support/well-formed-answer.ts';
import { BASE_WIRES, type BaseWire } from './base-answers.ts';
import { createDice, cutAtRandom, type Dice } from './dice.ts';
import type { Fuzzer } from './fuzzer.ts';

/** A server echoes the key of the application, in any encoding and at any place: nothing that can be read has it. */
export const redaction: Fuzzer = {
  name: 'redaction',
  casesInTests: 200,
  async run(seed) {
    const dice = createDice(seed);
    const wire = dice.pick(BASE_WIRES);
    const secret = randomSecret(dice);
    const [encoding, encode] = dice.pick(Object.entries(ENCODINGS));
    const planted = encode(secret);
    const echo = `${dice.pick(['', 'Your key is ', 'Bearer ', '"'])}${planted}${dice.pick(['', ' is wrong', '.', '"'])}`;
    const [place, response] = dice.pick(Object.entries(RESPONSES));
    const seen = await everythingSeen(wire, secret, () => response({ wire, echo, dice }));
    const leaks = [secret, planted, JSON.stringify(secret).slice(1, -1), JSON.stringify(planted).slice(1, -1)];
    const leak = leaks.find((text) => seen.includes(text));
    if (leak === undefined) return [];
    const at = seen.indexOf(leak);
    return [
      `${wire.name}: ${encoding} key ${secret} in ${place} is seen in ${seen.slice(Math.max(0, at - 120), at + 80)}`,
    ];
  },
};

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.split('');
const MARKS = '-_-_.+/=~:'.split('');

/** Letters and digits at its ends, as keys have them. */
function randomSecret(dice: Dice): string {
  const inner = Array.from({ length: 14 + dice.below(40) }, () => dice.pick(dice.chance(0.15) ? MARKS : CHARACTERS));
  return `sk-${inner.join('')}${dice.pick(CHARACTERS)}`;
}

function mapEach(text: string, map: (char: string) => string): string {
  return Array.from(text, map).join('');
}

/** A character that is not a letter or digit is escaped, as servers do. */
function mapMarks(text: string, map: (code: number) => string): string {
  return text.replaceAll(/[^\w]/g, (mark) => map(mark.charCodeAt(0)));
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}

const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'percent-encoded': encodeURIComponent,
  'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'fully percent-encoded': (secret) => mapEach(secret, (char) => `%${hex(char.charCodeAt(0), 2)}`),
  'decimal HTML': (secret) => mapMarks(secret, (code) => `&#${code};`),
  'hexadecimal HTML': (secret) => mapMarks(secret, (code) => `&#x${hex(code, 2)};`),
  'JSON-escaped': (secret) => mapMarks(secret, (code) => String.raw`\u${hex(code, 4)}`),
  'fully JSON-escaped': (secret) => mapEach(secret, (char) => String.raw`\u${hex(char.charCodeAt(0), 4)}`),
  'slash-escaped': (secret) => secret.replaceAll('/', String.raw`\/`),
  base64: btoa,
};

/** Each character as it is, or as an escape. */
function escapedAtRandom(json: string, text: string, dice: Dice): string {
  const written = JSON.stringify(text).slice(1, -1);
  const style = dice.below(4);
  return json.replaceAll(written, () =>
    style === 0
      ? written
      : text
          .split('')
          .map((char) => {
            if (style === 1 && char === '/') return String.raw`\/`;
            if (style === 2 || (style === 3 && dice.chance(0.5))) return String.raw`\u${hex(char.charCodeAt(0), 4)}`;
            return JSON.stringify(char).slice(1, -1);
          })
          .join(''),
  );
}

interface Echo {
  readonly wire: BaseWire;
  readonly echo: string;
  readonly dice: Dice;
}

/** JSON with the echo in place of one of its strings, or behind it. */
function withEcho(frame: Json, { echo, dice }: Echo): string {
  let count = 0;
  const look = (_: string, value: unknown): unknown => {
    if (typeof value === 'string') count += 1;
    return value;
  };
  JSON.stringify(frame, look);
  let left = dice.below(count);
  const isReplaced = dice.chance(0.5);
  const json = JSON.stringify(frame, (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    left -= 1;
    if (left !== -1) return value;
    return isReplaced ? echo : `${value} ${echo}`;
  });
  return escapedAtRandom(json, echo, dice);
}

function frameOf({ framing }: BaseWire, json: string): string {
  if (framing === 'sse') return `data: ${json}\n\n`;
  return framing === 'ndjson' ? `${json}\n` : json;
}

function bodyWith(given: Echo, planted: (frame: Json) => string): string {
  const { wire, dice } = given;
  const frames = dice.pick(wire.answers).slice(0, 40);
  const at = dice.below(frames.length);
  return (
    frames.map((frame, index) => frameOf(wire, index === at ? planted(frame) : JSON.stringify(frame))).join('') +
    wire.endMark
  );
}

function streamed(text: string, { wire, dice }: Echo, init: ResponseInit = {}): Response {
  const bytes = new TextEncoder().encode(text);
  // Each chunk of plain text is a delta, and a key in several deltas is not found.
  const pieces = wire.framing === 'text' ? [bytes] : cutAtRandom(bytes, dice);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  return new Response(body, init);
}

function errorBody(given: Echo): string {
  const { echo, dice } = given;
  const body = dice.pick<Json>([
    { error: { message: 'Bad key', type: 'authentication_error', code: 'invalid_api_key' } },
    { error: { message: 'Bad key', details: [{ reason: 'API_KEY_INVALID', domain: 'example' }] } },
    { detail: 'Bad key' },
    { message: 'Bad key', error: 'Unauthorized' },
  ]);
  return dice.chance(0.2) ? `<p title="${echo}">${echo}</p>` : withEcho(body, given);
}

const RESPONSES: Readonly<Record<string, (given: Echo) => Response>> = {
  'a frame': (given) =>
    streamed(
      bodyWith(given, (frame) => withEcho(frame, given)),
      given,
    ),
  'an error frame': (given) =>
    streamed(
      bodyWith(given, () => errorBody(given)),
      given,
    ),
  'a broken frame': (given) =>
    streamed(
      bodyWith(given, (frame) => `${withEcho(frame, given).slice(0, -1)}${given.echo}`),
      given,
    ),
  'an error body': (given) => streamed(errorBody(given), given, { status: given.dice.pick([400, 401, 403, 404, 500]) }),
  'a header': ({ echo, dice }) =>
    new Response('{}', {
      status: dice.pick([401, 500]),
      headers: { [dice.pick(['x-request-id', 'request-id'])]: echo },
    }),
  'a page': (given) =>
    streamed(`<!doctype html><title>${given.echo}</title>`, given, { headers: { 'content-type': 'text/html' } }),
};

const FACTORIES: Readonly<Record<string, (secret: string) => HttpProvider>> = {
  openai: (apiKey) => openai({ baseURL: 'http://127.0.0.1', apiKey }),
  'openai-responses': (apiKey) => openaiResponses({ baseURL: 'http://127.0.0.1', apiKey }),
  anthropic: (apiKey) => anthropic({ baseURL: 'http://127.0.0.1', apiKey }),
  gemini: (apiKey) => gemini({ baseURL: 'http://127.0.0.1', apiKey }),
  ollama: (secret) => ollama({ baseURL: 'http://127.0.0.1', headers: { authorization: `Bearer ${secret}` } }),
  'ui-message-stream': (secret) =>
    uiMessageStream({ api: 'http://127.0.0.1', headers: { authorization: `Bearer ${secret}` } }),
  'ag-ui': (secret) => agui({ api: 'http://127.0.0.1', headers: () => ({ 'x-api-key': secret }) }),
  'plain-text': (secret) => plainText({ api: 'http://127.0.0.1', headers: { authorization: `Bearer ${secret}` } }),
};

/** All that an application may show or log of a run. */
async function everythingSeen({ name }: BaseWire, secret: string, respond: () => Response): Promise<string> {
  const provider = FACTORIES[name]?.(secret);
  if (!provider) throw new Error(`No provider for ${name}`);
  const observed: RunEvent[] = [];
  const client = new LLMClient({
    provider,
    model: 'model-1',
    retry: false,
    fetch: () => Promise.resolve(respond()),
    observe: observeRuns((event) => observed.push(event), { content: true }),
  });
  const run = client.stream('hello');
  const seen: unknown[] = [];
  try {
    for await (const event of run) seen.push(event);
  } catch (error) {
    if (error instanceof Error) seen.push(everythingIn(error), error.stack);
  }
  seen.push(run.getSnapshot(), observed);
  for (const event of observed) if ('error' in event && event.error) seen.push(everythingIn(event.error));
  return JSON.stringify(seen, (_, value: unknown) => (value instanceof Error ? everythingIn(value) : value));
}
