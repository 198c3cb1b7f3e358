import { isDeepStrictEqual } from 'node:util';
import { extractJson, IncrementalJsonParser, LLMError } from '@rivulet/core';
import { repairJson } from '@rivulet/core/repair';
import { document } from '../../packages/core/test/json/documents.ts';
import { isSlow } from './is-slow.ts';
import { createDice, cutAtRandom, type Dice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Reads JSON with mutations in pieces, and finds it in prose. */
export const json: Fuzzer = {
  name: 'json',
  casesInTests: 150,
  async run(seed) {
    const dice = createDice(seed);
    const intact = dice.value(document);
    const text = dice.chance(0.3) ? intact : mutated(intact, dice);
    return [
      ...checkParser(text, dice),
      ...checkProse(text, dice),
      ...checkExtraction(intact, text, dice),
      ...(dice.chance(0.02) ? await checkTime(dice) : []),
    ].map((problem) => `${problem}: ${JSON.stringify(text).slice(0, 300)}`);
  },
};

function checkParser(text: string, dice: Dice): string[] {
  const expected = outcomeOf(() => JSON.parse(text) as unknown);
  const whole = outcomeOf(() => parsed([text], {}));
  const pieces = outcomeOf(() => parsed(cutAtRandom(text, dice), {}));
  const problems: string[] = [];
  if ('value' in expected !== 'value' in whole) problems.push('accepts other JSON than JSON.parse');
  if ('value' in expected && 'value' in whole && !isDeepStrictEqual(expected.value, whole.value)) {
    problems.push('has another value than JSON.parse');
  }
  if (!isSame(whole, pieces)) problems.push('depends on the pieces of the text');
  if ('error' in whole && !(whole.error instanceof LLMError)) problems.push(`throws ${described(whole.error)}`);
  return problems;
}

const PROSE = [
  '',
  'Here: ',
  '```json\n',
  'As [1] says, {a} and ',
  '"',
  '{',
  '[[x]] ',
  '<think>{"a":1}</think>',
  '\\',
  '{{x}} ',
];
const BEHIND = ['', '\n```', ' That is all. {"b":2}', ']', '}', '"'];

function checkProse(text: string, dice: Dice): string[] {
  const reply = dice.pick(PROSE) + text + dice.pick(BEHIND);
  const skipProse = dice.pick([true, '{', '['] as const);
  const whole = outcomeOf(() => parsed([reply], { skipProse }));
  const pieces = outcomeOf(() => parsed(cutAtRandom(reply, dice), { skipProse }));
  const problems: string[] = [];
  if (!isSame(whole, pieces)) problems.push(`depends on the pieces of the text (skipProse: ${skipProse})`);
  if ('error' in whole && !(whole.error instanceof LLMError)) problems.push(`throws ${described(whole.error)}`);
  return problems;
}

function checkExtraction(intact: string, text: string, dice: Dice): string[] {
  const reply = dice.pick(PROSE) + text + dice.pick(BEHIND);
  const problems: string[] = [];
  for (const options of [{}, { all: true }, { repair: repairJson }, { repair: repairJson, all: true }]) {
    const outcome = outcomeOf(() => extractJson(reply, options));
    if ('error' in outcome)
      problems.push(`extractJson throws ${described(outcome.error)} for ${JSON.stringify(reply)}`);
  }
  const value = JSON.parse(intact) as unknown;
  // A scalar alone is prose.
  if (typeof value === 'object' && value !== null) {
    const found = extractJson(`\`\`\`json\n${intact}\n\`\`\``);
    if (!isDeepStrictEqual(found, value))
      problems.push(`extractJson finds ${described(found)} in ${intact.slice(0, 200)}`);
  }
  return problems;
}

/** Long texts of a few pieces, which may be read again and again. */
async function checkTime(dice: Dice): Promise<string[]> {
  const pieces = ['{"a":', '[', '"', '\\', ']', '}', ',', '1', ' ', 'a', '{', '\\u', '```\n', '\n', '{"a":1}', '[1] '];
  const unit = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(pieces)).join('');
  const start = dice.pick(['', '{"a":"', '[', '{"a":1,']);
  const text = start + unit.repeat(Math.ceil(60_000 / unit.length));
  const work = (): void => {
    extractJson(text, { repair: repairJson, all: true });
    outcomeOf(() => parsed(cutAtRandom(text, dice), { skipProse: true }));
  };
  return (await isSlow(work, 1500))
    ? [`60,000 characters of ${JSON.stringify([start, unit])} take more than 1.5 s`]
    : [];
}

function parsed(pieces: readonly string[], options: ConstructorParameters<typeof IncrementalJsonParser>[0]): unknown {
  const parser = new IncrementalJsonParser(options);
  for (const piece of pieces) {
    parser.push(piece);
    parser.snapshot();
  }
  return parser.end();
}

function outcomeOf(work: () => unknown): Outcome {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function isSame(one: Outcome, other: Outcome): boolean {
  if ('value' in one) return 'value' in other && isDeepStrictEqual(one.value, other.value);
  if ('value' in other) return false;
  const [a, b] = [one.error, other.error];
  return a instanceof LLMError && b instanceof LLMError && a.code === b.code && a.place?.position === b.place?.position;
}

const INSERTIONS = [
  ...'"\\{}[],: 0-.eEtrufn\0\n\uFEFF\u00A0\uD83D'.split(''),
  '\\u',
  '\\uD800',
  '1e999',
  '123456789012345678901',
  '//',
  "'",
];

function mutated(text: string, dice: Dice): string {
  let changed = text;
  const count = 1 + dice.below(3);
  for (let done = 0; done < count; done += 1) {
    const at = dice.below(changed.length + 1);
    const removed = dice.pick([0, 0, 1, 1, 5]);
    changed = changed.slice(0, at) + (dice.chance(0.7) ? dice.pick(INSERTIONS) : '') + changed.slice(at + removed);
  }
  return changed;
}
