import type { Completion } from '@rivulet/core';
import { expect } from 'vitest';
import { argumentsOf, type ConformanceRow, type Feature, type Scenario, type ScenarioPart } from './row.ts';

const call = (id: string, name: string, ...pieces: string[]): ScenarioPart => ({ type: 'tool-call', id, name, pieces });
const text = (...pieces: string[]): ScenarioPart => ({ type: 'text', pieces });
const reasoning = (...pieces: string[]): ScenarioPart => ({ type: 'reasoning', pieces });

const usage = { input: 120, output: 34, cached: 100, reasoning: 12 };

/** No piece of the text is found in another one, so that a frame tells which of them it has. */
export const TEXT: Scenario = { parts: [text('Alpha ', 'beta, ', 'gamma ', 'delta.')], finish: 'stop', usage };

/** Umlauts, an emoji with a modifier, a family, CJK, a combining accent, and two bytes that look like a line end. */
export const MULTI_BYTE: Scenario = {
  parts: [text('Grüße ', '👋🏽', '👨‍👩‍👧 日本語', ' e\u0301', ' ਊ\u2028')],
  finish: 'stop',
};

export const TOOL_CALL: Scenario = {
  parts: [call('call_1', 'weather', '{"city":', '"Paris"}')],
  finish: 'tool-calls',
};

export const PARALLEL_CALLS: Scenario = {
  parts: [call('call_1', 'weather', '{"city":', '"Paris"}'), call('call_2', 'clock', '{"zone"', ':"CET"}')],
  finish: 'tool-calls',
};

/** One of everything. */
export const ALL: Scenario = {
  parts: [reasoning('Let me ', 'see. '), text('It is ', 'warm 👋. '), ...PARALLEL_CALLS.parts],
  finish: 'tool-calls',
  usage,
};

/** Answers that mean what they say on any wire, each with what the wire needs for it. */
export const SCENARIOS: readonly [name: string, scenario: Scenario, needs?: Feature][] = [
  ['text', TEXT],
  ['text of more than one byte a character', MULTI_BYTE],
  ['no text at all', { parts: [], finish: 'stop' }],
  [
    'reasoning before the text',
    { parts: [reasoning('Let me ', 'see.'), text('It is ', 'so.')], finish: 'stop' },
    'reasoning',
  ],
  ['a tool call', TOOL_CALL, 'tool-calls'],
  ['text before a tool call', { ...TOOL_CALL, parts: [text('I will ', 'look.'), ...TOOL_CALL.parts] }, 'tool-calls'],
  ['parallel tool calls', PARALLEL_CALLS, 'parallel-tool-calls'],
  ['a tool call without arguments', { parts: [call('call_1', 'now')], finish: 'tool-calls' }, 'tool-calls'],
  ['a tool call with {}', { parts: [call('call_1', 'now', '{}')], finish: 'tool-calls' }, 'tool-calls'],
  ['an answer cut by its length', { parts: [text('Once upon ', 'a time')], finish: 'length' }, 'length'],
  ['a refusal', { parts: [], finish: 'refusal' }, 'refusal'],
  [
    'a refusal with words',
    { parts: [{ type: 'refusal', pieces: ['I cannot ', 'do that.'] }], finish: 'refusal' },
    'refusal-text',
  ],
  ['filtered content', { parts: [text('Once ')], finish: 'content-filter' }, 'content-filter'],
  ['a filter before any text', { parts: [], finish: 'content-filter' }, 'content-filter'],
  ['everything at once', ALL],
];

/** The scenario without what the wire lacks. */
export function forWire({ lacks = {} }: ConformanceRow, { parts, finish, usage: counts }: Scenario): Scenario {
  const firstCall = parts.find((part) => part.type === 'tool-call');
  const kept = parts.filter(
    (part) =>
      !(part.type === 'reasoning' && lacks.reasoning) &&
      !(part.type === 'tool-call' && (lacks['tool-calls'] || (lacks['parallel-tool-calls'] && part !== firstCall))),
  );
  const { cached, reasoning: thought, ...totals } = counts ?? { input: 0, output: 0 };
  return {
    parts: kept,
    finish: finish === 'tool-calls' && lacks['tool-calls'] ? 'stop' : finish,
    ...(counts &&
      !lacks.usage && {
        usage: {
          ...totals,
          ...(cached !== undefined && !lacks['cached-usage'] && { cached }),
          ...(thought !== undefined && !lacks['reasoning-usage'] && { reasoning: thought }),
        },
      }),
  };
}

function wordsOf(part: ScenarioPart): object {
  return part.type === 'tool-call'
    ? { type: part.type, name: part.name, input: argumentsOf(part.pieces) }
    : { type: part.type, text: part.pieces.join('') };
}

/** Expects an answer to say what the scenario does. */
export function expectSaid(row: ConformanceRow, completion: Completion, scenario: Scenario): void {
  const { message, finishReason, usage: counts, toolCalls } = completion;
  const words = scenario.parts.map(wordsOf);
  expect(message.parts).toMatchObject(words);
  expect(completion.text).toBe(joined(scenario, 'text'));
  expect(completion.reasoning).toBe(joined(scenario, 'reasoning'));
  expect(finishReason).toBe(scenario.finish);
  if (!row.lacks?.['call-ids']) {
    const ids = scenario.parts.flatMap((part) => (part.type === 'tool-call' ? part.id : []));
    expect(toolCalls.map(({ id }) => id)).toEqual(ids);
  }
  if (!scenario.usage) return;
  const { input, output, cached, reasoning: thought } = scenario.usage;
  expect(counts).toEqual({
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + output,
    ...(cached !== undefined && { cachedInputTokens: cached }),
    ...(thought !== undefined && { reasoningTokens: thought }),
    raw: expect.anything(),
  });
}

function joined(scenario: Scenario, type: 'text' | 'reasoning'): string {
  return scenario.parts.flatMap((part) => (part.type === type ? part.pieces : [])).join('');
}

/** The text that whole frames say. */
export function saidIn(frames: readonly string[], scenario: Scenario): string {
  const wire = frames.join('');
  return scenario.parts
    .flatMap((part) => (part.type === 'text' ? part.pieces.filter((piece) => wire.includes(piece)) : []))
    .join('');
}
