import { extractJson, IncrementalJsonParser, LLMError } from '@rivulet/core';
import { repairJson } from '@rivulet/core/repair';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createJsonEnd } from '../../src/json/json-end.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

/** Texts that repeat something, by how often. */
const texts: Record<string, (count: number) => string> = {
  'a string without an end': (count) => `{"a":"${'x'.repeat(count * 100)}`,
  'escapes without an end': (count) => `["${'\\"'.repeat(count * 50)}`,
  'quotes in brackets': (count) => '["'.repeat(count),
  'open brackets': (count) => '['.repeat(count * 20),
  'closed brackets': (count) => '['.repeat(count * 10) + ']'.repeat(count * 10),
  'objects in objects': (count) => '{"a":'.repeat(count * 5) + 'x' + '}'.repeat(count * 5),
  'blanks in a bracket': (count) => `{${' '.repeat(count * 100)}`,
  'many documents': (count) => '{"a":1} '.repeat(count * 2),
  fences: (count) => '```\n'.repeat(count * 10),
  'closing tags in a string': (count) => `{"a":"${'</think>'.repeat(count * 5)}`,
  'opening tags': (count) => '<think>'.repeat(count * 5),
  'angle brackets': (count) => '<'.repeat(count * 50),
  'one key again and again': (count) => `{${'"a":1,'.repeat(count * 10)}"a":1}`,
  'numbers of 19 digits': (count) => `[${'2512292042121000001,'.repeat(count * 3)}1]`,
};

describe.each(Object.keys(texts))('the time for %s is linear', (name) => {
  const textOf = texts[name]!;

  it.each<[string, object]>([
    ['the first value', {}],
    ['all values', { all: true }],
    ['the last value that a schema accepts', { schema: z.object({ other: z.string() }) }],
  ])('for extractJson with %s', async (_name, options) => {
    const growth = await growthOf(async (count) => extractJson(textOf(count), options), 35);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('for the parser and the search for the end', async () => {
    const growth = await growthOf(async (count) => {
      const parser = new IncrementalJsonParser({
        maxDepth: Infinity,
        skipProse: true,
        inexactNumber: (_path, text) => text,
      });
      const end = createJsonEnd();
      try {
        for (const piece of textOf(count).match(/[^]{1,7}/g) ?? []) {
          end.push(piece);
          parser.push(piece);
          parser.snapshot();
        }
      } catch (error) {
        if (!(error instanceof LLMError)) throw error;
      }
    }, 35);
    expect(growth).toBeLessThan(LINEAR);
  });
});

it.each<[string, string]>([
  ['objects without keys', '{'],
  ['objects in objects', '{"a":1,'],
  ['lists', '[1,'],
])('the time for the repair of %s that are not closed is linear', async (_name, unit) => {
  const growth = await growthOf(async (count) => repairJson(`[${unit.repeat(count * 100)}`), 100);
  expect(growth).toBeLessThan(24);
});

it('repairs JSON in which 1000 brackets are open', () => {
  expect(repairJson('['.repeat(1000))).toMatchObject({ repaired: true });
  expect(repairJson('['.repeat(1001))).toBeNull();
});

it.each<[string, string, unknown]>([
  ['a broken string of 20 MB', `{"a":"${'x'.repeat(20_000_000)}`, null],
  ['a broken string of 20 MB in an object that is closed', `{"a":"${'x'.repeat(20_000_000)}\n}`, null],
  ['broken JSON with 500,000 escapes', `{"a":"${'\\n'.repeat(500_000)}" x`, null],
])('extractJson returns null for %s', (_name, reply, expected) => {
  expect(extractJson(reply)).toBe(expected);
  expect(extractJson(reply, { all: true })).toEqual([]);
});
