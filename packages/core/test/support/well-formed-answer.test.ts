import { describe, expect, it } from 'vitest';
import {
  createRandom,
  HOSTILE_VALUES,
  mutate,
  pathsOf,
  problemsOfCompletion,
  problemsOfEvents,
  renameAt,
  replaceAt,
} from './well-formed-answer.ts';

const holes: unknown[] = [];
holes.length = 1;

const completion = {
  message: { id: 'm', role: 'assistant', parts: [{ type: 'text', text: 'Hi' }] },
  finishReason: 'stop',
  usage: { inputTokens: 1, raw: {} },
  text: 'Hi',
  reasoning: '',
  toolCalls: [],
  sources: [],
};

describe('problemsOfCompletion', () => {
  it('accepts a well-formed completion', () => {
    expect(problemsOfCompletion(completion)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['text that is an object', { text: {} }],
    ['usage that is a string', { usage: { inputTokens: '1', raw: {} } }],
    ['raw usage that is a list', { usage: { raw: [] } }],
    ['an id that is empty', { id: '' }],
    ['a part without a type', { message: { ...completion.message, parts: [{ text: 'Hi' }] } }],
    ['a hole among the parts', { message: { ...completion.message, parts: holes } }],
    ['an unknown finish reason', { finishReason: 'done' }],
  ])('rejects %s', (_, fields) => {
    expect(problemsOfCompletion({ ...completion, ...(fields as object) })).not.toEqual([]);
  });
});

describe('problemsOfEvents', () => {
  it('rejects a delta that is not text', () => {
    expect(problemsOfEvents([{ type: 'text', delta: 'a' }])).toEqual([]);
    expect(problemsOfEvents([{ type: 'text', delta: {} }])).not.toEqual([]);
    expect(problemsOfEvents([{ type: 'source', index: 0, title: {} }])).not.toEqual([]);
  });
});

describe('mutations', () => {
  it('replaces one value', () => {
    expect(pathsOf({ a: [1] })).toEqual([[], ['a'], ['a', 0]]);
    expect(replaceAt({ a: [1], b: 2 }, ['a', 0], 'x')).toEqual({ a: ['x'], b: 2 });
  });

  it('creates own properties with the names of inherited ones', () => {
    expect(JSON.stringify(renameAt({ a: { b: 1 } }, ['a'], '__proto__'))).toBe('{"__proto__":{"b":1}}');
    expect(HOSTILE_VALUES.map((value) => JSON.stringify(value))).toContain('{"__proto__":{"polluted":true}}');
  });

  it('repeats itself for the same seed', () => {
    const json = { a: [1, { b: 'c' }] };

    expect(mutate(json, createRandom(7))).toEqual(mutate(json, createRandom(7)));
  });
});
