import { AbortError, LLMClient, LLMError, type Completion, type StreamEvent } from '@rivulet/core';
import { fold } from '../../packages/core/test/support/fold.ts';
import { isUnexpected } from '../../packages/core/test/support/sample-answers.ts';
import {
  mutate,
  problemsOfCompletion,
  problemsOfEvents,
  type Json,
} from '../../packages/core/test/support/well-formed-answer.ts';
import { BASE_WIRES, type BaseWire } from './base-answers.ts';
import { isSlow } from './is-slow.ts';
import { createDice, cutAtRandom, type Dice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

/** What a server sends. */
interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly Uint8Array[];
  /** `open`: the body never ends. `broken`: the connection fails after the last chunk. */
  readonly ending: 'closed' | 'open' | 'broken';
}

interface Played {
  readonly events: readonly StreamEvent[];
  readonly outcome: unknown;
  readonly problems: readonly string[];
}

const TIMEOUT = { headersMs: 30, firstTokenMs: 30, idleMs: 30, totalMs: 100 };
/** What the deadlines may be late, on a busy machine. */
const LATE_MS = 20_000;
const MAX_REQUESTS = 20;
/** The time for a response in one chunk: linear, and ten times more than usual. */
const LIMIT_MS = 200;
const LIMIT_MS_PER_BYTE = 0.01;

const encoder = new TextEncoder();

/** Sends answers with mutations of their frames, bytes, status and headers through a run. */
export const wires: Fuzzer = {
  name: 'wires',
  casesInTests: 150,
  async run(seed) {
    const dice = createDice(seed);
    const wire = dice.pick(BASE_WIRES);
    if (dice.chance(0.15)) return cutBeforeEnd(wire, dice);
    const body = mutatedBody(wire, dice);
    const chunks = cutAtRandom(body, dice);
    const { status, headers } = dice.chance(0.1) ? randomHead(dice) : { status: 200, headers: headersOf(wire) };
    if (dice.chance(0.05)) {
      const ending = dice.pick(['open', 'broken'] as const);
      return (await play(wire, { status, headers, chunks, ending })).problems;
    }
    const response: WireResponse = { status, headers, chunks, ending: 'closed' };
    const inOneChunk: WireResponse = { ...response, chunks: [body] };
    const pieces = await play(wire, response);
    const limitMs = LIMIT_MS + body.length * LIMIT_MS_PER_BYTE;
    let whole = pieces;
    const isTooSlow = await isSlow(async () => {
      whole = await play(wire, inOneChunk);
    }, limitMs);
    const problems = [...pieces.problems, ...whole.problems];
    const [inPieces, atOnce] = [essence(pieces.outcome), essence(whole.outcome)];
    if (inPieces !== atOnce) {
      problems.push(`depends on the split of the bytes: ${firstDifference(inPieces, atOnce)}`);
    }
    if (isTooSlow) problems.push(`${body.length} bytes take more than ${limitMs.toFixed(0)} ms`);
    return [...new Set(problems)].map((problem) => `${wire.name}: ${problem}`);
  },
};

/** An answer that is cut before its end mark, or whose connection breaks there, is not a success. */
async function cutBeforeEnd(wire: BaseWire, dice: Dice): Promise<readonly string[]> {
  const { isEnd } = wire;
  if (!isEnd) return [];
  const frames = dice.pick(wire.answers);
  const end = frames.findIndex(isEnd);
  const before = end < 0 ? frames : frames.slice(0, end);
  const bytes = encoder.encode(before.map((frame) => toFrame(wire, frame, dice)).join(''));
  const body = dice.chance(0.5) ? bytes : bytes.slice(0, dice.below(bytes.length + 1));
  const { outcome, problems } = await play(wire, {
    status: 200,
    headers: headersOf(wire),
    chunks: cutAtRandom(body, dice),
    ending: dice.pick(['closed', 'closed', 'broken', 'open']),
  });
  const isSuccess = !(outcome instanceof Error);
  return [...problems, ...(isSuccess ? ['an answer without its end is a success'] : [])].map(
    (problem) => `${wire.name}: ${problem}`,
  );
}

async function play({ provider }: BaseWire, response: WireResponse): Promise<Played> {
  const problems: string[] = [];
  let requests = 0;
  const client = new LLMClient({
    provider,
    model: 'model-1',
    retry: false,
    ...(response.ending === 'open' && { timeout: TIMEOUT }),
    fetch(_, { signal }) {
      requests += 1;
      if (requests === MAX_REQUESTS) problems.push(`sends ${MAX_REQUESTS} requests`);
      if (requests >= MAX_REQUESTS) return new Promise<never>(() => undefined);
      return Promise.resolve(toResponse(response, signal));
    },
  });
  const startedMs = performance.now();
  const run = client.stream('hello');
  const events: StreamEvent[] = [];
  const reading = (async () => {
    for await (const event of run) events.push(event);
  })().catch(() => undefined);
  const outcome: unknown = await run.result.catch((error: unknown) => error);
  await reading;
  if (performance.now() - startedMs > LATE_MS) problems.push('settles long after its deadlines');

  problems.push(...problemsOfEvents(events));
  const snapshot = run.getSnapshot();
  const received = outcome instanceof Error ? problemsOfError(outcome, problems) : (outcome as Completion);
  if (received) {
    problems.push(...problemsOfCompletion(received, outcome instanceof Error));
    for (const name of ['message', 'text', 'reasoning', 'usage'] as const) {
      if (essence(snapshot[name]) !== essence(received[name])) problems.push(`${name} of the snapshot differs`);
    }
    const late: StreamEvent[] = [];
    try {
      for await (const event of run) late.push(event);
    } catch {
      // The failure of the run.
    }
    for (const [reader, read] of [
      ['the events', events],
      ['the events of a late reader', late],
    ] as const) {
      const folded = fold(read);
      const [added, expected] = [sorted(folded.message?.parts.filter(Boolean)), sorted(received.message.parts)];
      if (added !== expected) {
        const difference = firstDifference(added, expected);
        problems.push(`${reader} add up to other parts: ${difference}`);
      }
    }
  }
  const status = outcome instanceof Error ? 'error' : 'ready';
  if (snapshot.status !== status) problems.push(`the status is ${snapshot.status}`);
  return { events, outcome, problems: problems.filter(isUnexpected) };
}

function problemsOfError(error: Error, problems: string[]): LLMError['partial'] {
  if (!(error instanceof LLMError)) {
    problems.push(
      `${error instanceof AbortError ? 'stops by itself' : 'an error without a type'}: ${described(error)}`,
    );
    return undefined;
  }
  const { code, retryAfterMs, partial, provider } = error;
  if (code === 'unknown' || code === 'config') problems.push(`code ${code}: ${described(error.cause ?? error)}`);
  if (retryAfterMs !== undefined && !(retryAfterMs >= 0 && Number.isFinite(retryAfterMs))) {
    problems.push(`retryAfterMs is ${retryAfterMs}`);
  }
  if (!partial || !provider) problems.push('an error without partial or provider');
  return partial;
}

function toResponse(
  { status, headers, chunks, ending }: WireResponse,
  signal: AbortSignal | null | undefined,
): Response {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      signal?.addEventListener('abort', () => controller.error(signal.reason));
    },
    pull(controller) {
      const chunk = chunks[at];
      at += 1;
      if (chunk) return controller.enqueue(chunk);
      if (ending === 'closed') return controller.close();
      if (ending === 'broken') return controller.error(new TypeError('terminated'));
      return new Promise<void>(() => undefined);
    },
  });
  return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
}

function headersOf({ framing }: BaseWire): Record<string, string> {
  const types = { sse: 'text/event-stream', ndjson: 'application/x-ndjson', text: 'text/plain; charset=utf-8' };
  return { 'content-type': types[framing] };
}

const STATUSES = [
  200, 201, 202, 204, 206, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529, 599,
];
const TYPES = [
  'text/event-stream',
  'application/json',
  'text/html',
  'text/plain',
  'multipart/form-data',
  '',
  ';',
  'a/b',
];
const DELAYS = [
  '',
  '0',
  '1',
  '-1',
  'x 40',
  '1e9',
  '9'.repeat(400),
  'Fri, 01 Jan 2100 00:00:00 GMT',
  '0x10',
  '5, 6',
  'NaN',
];
const DELAY_HEADERS = ['retry-after', 'retry-after-ms', 'x-ratelimit-reset-requests', 'x-ratelimit-reset', 'ratelimit'];

function randomHead(dice: Dice): Pick<WireResponse, 'status' | 'headers'> {
  const headers: Record<string, string> = { 'content-type': dice.pick(TYPES) };
  for (const name of DELAY_HEADERS) if (dice.chance(0.3)) headers[name] = dice.pick(DELAYS);
  if (dice.chance(0.2)) headers['x-should-retry'] = dice.pick(['true', 'false', '1', '']);
  if (dice.chance(0.2)) headers['content-length'] = dice.pick(['0', '5', 'x', '99999999999']);
  return { status: dice.pick(STATUSES), headers };
}

function mutatedBody(wire: BaseWire, dice: Dice): Uint8Array<ArrayBuffer> {
  let frames: readonly Json[] = dice.pick(wire.answers);
  // A long recording with a mutation at a random place teaches little more than its start.
  if (frames.length > 60) {
    const start = dice.below(frames.length - 40);
    frames = [...frames.slice(0, 5), ...frames.slice(start, start + 25), ...frames.slice(-10)];
  }
  const count = dice.below(5);
  for (let done = 0; done < count; done += 1) frames = mutatedFrames(frames, wire, dice);
  let text = frames.map((frame) => toFrame(wire, frame, dice)).join('');
  if (dice.chance(0.8)) text += wire.endMark;
  if (dice.chance(0.2)) text = mutatedText(text, dice);
  const bytes = encoder.encode(text);
  return dice.chance(0.1) ? mutatedBytes(bytes, dice) : bytes;
}

function mutatedFrames(frames: readonly Json[], wire: BaseWire, dice: Dice): Json[] {
  const changed = [...frames];
  const at = dice.below(changed.length);
  const [frame = null] = changed.slice(at);
  const kind = dice.random();
  if (kind < 0.5) changed[at] = mutate(frame, dice.random);
  else if (kind < 0.58) changed.splice(at, 1);
  else if (kind < 0.66) changed.splice(at, 0, frame);
  else if (kind < 0.74) changed.splice(dice.below(changed.length), 0, ...changed.splice(at, 1));
  else if (kind < 0.8) changed.length = at;
  else if (kind < 0.88) return interleaved(changed, dice.pick(wire.answers).slice(0, 60), dice);
  else if (kind < 0.94) changed[at] = withString(frame, dice.pick(LONG_STRINGS), dice);
  else changed[at] = withString(frame, `nested ${dice.pick([100, 510, 514, 6000])}`, dice);
  return changed;
}

const LONG_STRINGS: readonly string[] = [
  'a'.repeat(100_000),
  '\\'.repeat(20_000),
  '<think>'.repeat(5000),
  '</'.repeat(20_000),
  '\uD83D'.repeat(5000),
  ' \n'.repeat(20_000),
  '['.repeat(30_000),
  '{"a":'.repeat(8000),
  '!'.repeat(40_000),
];

/** With another value for one of its strings. */
function withString(frame: Json, value: string, dice: Dice): Json {
  let count = 0;
  JSON.stringify(frame, (_, member: unknown) => {
    if (typeof member === 'string') count += 1;
    return member;
  });
  let left = dice.below(count);
  return JSON.parse(
    JSON.stringify(frame, (_, member: unknown) => {
      if (typeof member !== 'string') return member;
      left -= 1;
      return left === -1 ? value : member;
    }),
  ) as Json;
}

/** JSON of a frame. Values that are nested deeper than `JSON.stringify` can write are marked by a string. */
function toJson(frame: Json): string {
  return JSON.stringify(frame).replaceAll(/"nested (\d+)"/g, (_, depth: string) => {
    const levels = Number(depth) / 2;
    return `${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`;
  });
}

function interleaved(first: readonly Json[], second: readonly Json[], dice: Dice): Json[] {
  const [left, right] = [[...first], [...second]];
  const all: Json[] = [];
  while (left.length > 0 || right.length > 0) {
    const from = right.length === 0 || (left.length > 0 && dice.chance(0.5)) ? left : right;
    all.push(...from.splice(0, 1));
  }
  return all;
}

function toFrame({ framing }: BaseWire, frame: Json, dice: Dice): string {
  if (framing === 'text') return typeof frame === 'string' ? frame : toJson(frame);
  const json = toJson(frame);
  if (framing === 'ndjson') return `${json}${dice.chance(0.05) ? '\r\n' : '\n'}`;
  if (dice.chance(0.9)) return `data: ${json}\n\n`;
  const end = dice.pick(['\n', '\r\n', '\r']);
  const [, type = 'message'] = /^\{"type":"([\w.-]+)"/.exec(json) ?? [];
  return [
    ...(dice.chance(0.3) ? [': ping'] : []),
    ...(dice.chance(0.5) ? [`event: ${type}`] : []),
    ...(dice.chance(0.3) ? ['id: 7', 'retry: 1'] : []),
    dice.chance(0.5) ? `data:${json}` : `data: ${json}`,
    '',
    '',
  ].join(end);
}

const INSERTIONS = [
  '\uFEFF',
  '\n',
  '\n\n',
  '\r',
  '\0',
  '\u2028',
  'data: [DONE]\n\n',
  'event: error\ndata: {"error":{"message":"Failed","code":"429"}}\n\n',
  'data: {"error":"Failed"}\n\n',
  '{"error":"Failed"}\n',
  ': ping\n\n',
  'data: null\n\n',
  'data:\n\n',
  'data: \n\n',
  'event: ping\n\n',
  '"',
  '}',
  ']',
  '\\u0000',
  '\\ud83d',
  '__proto__',
  '<!doctype html><html><title>Bad gateway</title></html>',
  '1e999',
  '123456789012345678901234567890',
];

function mutatedText(text: string, dice: Dice): string {
  const at = dice.below(text.length + 1);
  const kind = dice.random();
  if (kind < 0.4) return text.slice(0, at) + dice.pick(INSERTIONS) + text.slice(at);
  if (kind < 0.6) return text.slice(0, at) + text.slice(at + 1 + dice.below(20));
  if (kind < 0.7) return text.slice(0, at);
  if (kind < 0.8) return text.slice(at);
  const numbers = [...text.matchAll(/(?<=[:,[])-?\d+(?:\.\d+)?(?=[,\]}])/g)];
  if (numbers.length === 0) return text;
  const number = dice.pick(numbers);
  const value = dice.pick([
    '1e999',
    '-1',
    '-0',
    '9007199254740993',
    '4294967295',
    '1e-400',
    '0.1',
    '01',
    'NaN',
    '1e21',
  ]);
  return text.slice(0, number.index) + value + text.slice(number.index + number[0].length);
}

function mutatedBytes(bytes: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array<ArrayBuffer> {
  const changed = bytes.slice();
  const count = 1 + dice.below(4);
  for (let done = 0; done < count; done += 1) changed[dice.below(changed.length)] = dice.below(256);
  return changed;
}

/** What counts of an outcome, without the ids that are generated. */
function essence(value: unknown): string {
  const plain =
    value instanceof Error
      ? Object.assign({}, value, {
          message: value.message,
          name: value.name,
          cause: undefined,
          place: undefined,
          // That of a date depends on the clock.
          retryAfterMs: undefined,
        })
      : value;
  return (
    JSON.stringify(plain, (_, member: unknown) => (member instanceof Error ? member.message : member)) ?? 'undefined'
  ).replaceAll(/"\d{28,40}"/g, '"generated"');
}

/** The same for objects whose properties have another order. */
function sorted(value: unknown): string {
  return JSON.stringify(JSON.parse(essence(value)), (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const start = Math.max(0, at - 60);
  return `${a.slice(start, at + 60)} / ${b.slice(start, at + 60)}`;
}
