import { checkOptions, type Fields } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import type { FinishReason, Usage } from '../types/completion.ts';
import { LLMError } from '../errors/error.ts';
import type { StreamEvent } from '../types/event.ts';
import type { SourcePart } from '../types/message.ts';
import { sleep } from '../utils/timer.ts';
import { createPartIndex } from './shared/part-counter.ts';
import type { LocalProvider, ResolvedRequest } from './provider.ts';
import { completeToolCall } from './shared/tool-call.ts';

/** How fast an answer comes. By default all of it is there at once. */
export interface ScriptedTiming {
  /** Time to the first piece of the answer, in ms. Default 0. */
  readonly delayMs?: number | undefined;
  /** Pieces a second after the first one. Default: no wait between them. */
  readonly tokensPerSecond?: number | undefined;
}

export interface ScriptedOptions extends ScriptedTiming {
  /** Name for messages to people. Default `scripted`. */
  readonly name?: string | undefined;
}

export interface ScriptedToolCall {
  readonly name: string;
  /** The arguments. Default: none, which is `{}`. */
  readonly input?: unknown;
  /** The arguments as a model would write them, in place of `input`: to have broken ones. */
  readonly rawInput?: string | undefined;
  /** Default: one of its own for each call. */
  readonly id?: string | undefined;
}

/** An answer by its parts, which come in the order of these fields. A string comes in pieces of four characters. */
export interface ScriptedAnswer extends ScriptedTiming {
  readonly reasoning?: string | readonly string[] | undefined;
  readonly text?: string | readonly string[] | undefined;
  readonly refusal?: string | readonly string[] | undefined;
  readonly toolCalls?: readonly ScriptedToolCall[] | undefined;
  readonly sources?: readonly Omit<SourcePart, 'type'>[] | undefined;
  readonly usage?: Omit<Usage, 'raw'> | undefined;
  /** Default `tool-calls` with tool calls, `refusal` with a refusal, else `stop`. */
  readonly finishReason?: FinishReason | undefined;
  /** Thrown after all the rest, in place of the end. Without anything before it, it may be retried. */
  readonly error?: Error | undefined;
}

type FixedReply = string | readonly (string | StreamEvent)[] | ScriptedAnswer;

/**
 * What a script answers. Pieces of text alone end with `stop`. Where there are events, they are passed on as they are,
 * and must bring their own `finish`: without it the answer is truncated.
 */
export type ScriptedReply = FixedReply | AsyncIterable<string | StreamEvent>;

/** One answer for all requests, or a function that gives one for each, and may throw. */
export type Script =
  | FixedReply
  | ((request: ResolvedRequest, context: { readonly signal: AbortSignal }) => ScriptedReply | Promise<ScriptedReply>);

export interface ScriptedProvider extends LocalProvider {
  /** What was asked so far, each attempt on its own. */
  readonly requests: readonly ResolvedRequest[];
}

const TIMING_FIELDS: Fields = {
  delayMs: 'a number from 0',
  tokensPerSecond: 'a number above 0 or Infinity',
};

const OPTION_FIELDS: Fields = { ...TIMING_FIELDS, name: 'a string that is not empty' };

const ANSWER_FIELDS: Fields = {
  ...TIMING_FIELDS,
  reasoning: 'a string or a list',
  text: 'a string or a list',
  refusal: 'a string or a list',
  toolCalls: [
    'a list',
    { name: 'a string that is not empty', input: 'anything', rawInput: 'a string', id: 'a string' },
  ],
  sources: 'a list',
  usage: 'an object',
  finishReason: 'a string',
  error: 'anything',
};

/**
 * A model that says what it is told, in process: for tests, component galleries and static demos.
 *
 * ```ts
 * scripted(['Hello ', 'world'])
 * scripted((request) => ({ text: `You sent ${request.messages.length} messages.` }), { tokensPerSecond: 40 })
 * ```
 *
 * Waits are made with `setTimeout`, so fake timers rule them, and end when the run is stopped.
 * @throws {LLMError} with code `config` for an unknown option, or one with a wrong type.
 */
export function scripted(script: Script, options: ScriptedOptions = {}): ScriptedProvider {
  checkOptions('scripted', options, OPTION_FIELDS);
  checkScript(script, true);
  const requests: ResolvedRequest[] = [];
  return {
    name: options.name ?? 'scripted',
    supports: { tools: true, json: 'backend' },
    requests,
    async *generate(request, { signal }) {
      const turn = requests.push(request);
      const reply = typeof script === 'function' ? await script(request, { signal }) : script;
      checkScript(reply, false);
      const answer = isAnswer(reply) ? reply : {};
      const pace = createPace(answer.delayMs ?? options.delayMs, answer.tokensPerSecond ?? options.tokensPerSecond);
      let isFirst = true;
      let isPlainText = true;

      await pace(signal);
      if (request.model) yield { type: 'start', model: request.model };
      for await (const item of piecesOf(reply, turn)) {
        const event: StreamEvent = typeof item === 'string' ? { type: 'text', delta: item } : item;
        isPlainText &&= typeof item === 'string';
        if ('delta' in event) {
          if (!isFirst) await pace(signal);
          isFirst = false;
        }
        yield event;
      }
      if (answer.error) throw answer.error;
      if (isPlainText) yield { type: 'finish', reason: 'stop' };
    },
  };
}

/** @throws {LLMError} with code `config` that names what is wrong. */
function checkScript(script: unknown, mayBeFunction: boolean): void {
  if (typeof script === 'string' || Array.isArray(script) || (mayBeFunction && typeof script === 'function')) return;
  const isObject = typeof script === 'object' && script !== null;
  if (isObject && Symbol.asyncIterator in script) return;
  if (isObject) return checkOptions('scripted', script, ANSWER_FIELDS);
  const kinds = `text, a list, an answer or an async iterable${mayBeFunction ? ', or a function that returns one' : ''}`;
  const message = `scripted: the ${mayBeFunction ? 'script' : 'reply'} must be ${kinds}, not ${kindOf(script)}`;
  throw new LLMError(message, { code: 'config' });
}

function isAnswer(reply: ScriptedReply): reply is ScriptedAnswer {
  return typeof reply !== 'string' && !Array.isArray(reply) && !(Symbol.asyncIterator in reply);
}

function piecesOf(
  reply: ScriptedReply,
  turn: number,
): Iterable<string | StreamEvent> | AsyncIterable<string | StreamEvent> {
  if (isAnswer(reply)) return toEvents(reply, turn);
  return typeof reply === 'string' ? cut(reply) : reply;
}

/** Pieces of four characters, about the tokens of a model; no character is cut in half. */
function cut(text: string): readonly string[] {
  return text.match(/[^]{1,4}/gu) ?? [];
}

function* toEvents(answer: ScriptedAnswer, turn: number): Generator<StreamEvent, void> {
  const { toolCalls = [], sources = [], usage } = answer;
  const partIndex = createPartIndex();
  for (const type of ['reasoning', 'text', 'refusal'] as const) {
    const text = answer[type] ?? '';
    for (const delta of typeof text === 'string' ? cut(text) : text) yield { type, index: partIndex(type), delta };
  }
  for (const [place, { name, input, rawInput, id = `call-${turn}-${place + 1}` }] of toolCalls.entries()) {
    const raw = rawInput ?? JSON.stringify(input) ?? '';
    const index = partIndex('tool-call', true);
    yield { type: 'tool-call-start', index, id, name };
    for (const delta of cut(raw)) yield { type: 'tool-call-delta', index, delta };
    yield { type: 'tool-call', index, toolCall: completeToolCall(id, name, raw) };
  }
  for (const source of sources) yield { type: 'source', ...source };
  if (usage) yield { type: 'usage', usage: { raw: usage, ...usage } };
  if (answer.error) return;
  yield { type: 'finish', reason: answer.finishReason ?? endOf(answer) };
}

function endOf({ toolCalls, refusal }: ScriptedAnswer): FinishReason {
  if (toolCalls?.length) return 'tool-calls';
  return refusal?.length ? 'refusal' : 'stop';
}

/** A function to await before each piece. Timers that come late are made up for, so the rate holds on a busy page. */
function createPace(delayMs = 0, tokensPerSecond = Infinity): (signal: AbortSignal) => Promise<void> {
  const stepMs = 1000 / tokensPerSecond;
  let nextMs = delayMs;
  let dueMs = Date.now();
  return async (signal) => {
    dueMs += nextMs;
    // No longer than one step, also where only the timers are fake and the clock is not.
    const waitMs = Math.min(nextMs, dueMs - Date.now());
    nextMs = stepMs;
    if (waitMs > 0) await sleep(waitMs, signal);
  };
}
