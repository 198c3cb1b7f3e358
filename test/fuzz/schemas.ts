import { isDeepStrictEqual } from 'node:util';
import { LLMError } from '@rivulet/core';
import { objectFormat, strictToolSchema } from '../../packages/core/src/schema/object-format.ts';
import { createRestore } from '../../packages/core/src/schema/strip-placeholder-nulls.ts';
import { readJsonSchema, toJsonSchema } from '../../packages/core/src/schema/to-json-schema.ts';
import { schemaIn } from '../../packages/core/test/schema/schema-in.ts';
import { asWritten, HOSTILE_NAMES, samples, type Wire } from '../../packages/core/test/schema/samples.ts';
import { HOSTILE_VALUES, mutate, type Json } from '../../packages/core/test/support/well-formed-answer.ts';
import { isSlow } from './is-slow.ts';
import { createDice, type Dice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

const DIALECTS = ['openai', 'openai-responses', 'anthropic', 'gemini', 'ollama', 'backend'] as const;
const CODES: ReadonlySet<string> = new Set(['config', 'invalid_request', 'limit']);
const LIMIT_MS = 500;

/** Translates schemas of zod, and any JSON that might be a schema, for all providers, and restores values. */
export const schemas: Fuzzer = {
  name: 'schemas',
  casesInTests: 150,
  async run(seed) {
    const dice = createDice(seed);
    return dice.chance(0.4) ? checkZod(dice) : checkAnything(dice);
  },
};

/** What a strict model writes for a value of a schema is restored to that value. */
function checkZod(dice: Dice): string[] {
  const [schema, value] = dice.value(samples);
  const jsonSchema = toJsonSchema(schema);
  const problems: string[] = [];
  for (const dialect of DIALECTS) {
    const format = objectFormat(dialect, jsonSchema);
    if (!format.strict || !dialect.startsWith('openai')) continue;
    const written = asWritten(format.wrapped ? { value } : value, schemaIn(format) as Wire);
    const restored = createRestore(format.schema)(written);
    const expected = format.wrapped ? { value } : value;
    if (!isDeepStrictEqual(restored, expected)) {
      problems.push(`${dialect}: ${JSON.stringify(written)} is restored to ${JSON.stringify(restored)}`);
    }
  }
  if (!isDeepStrictEqual(createRestore(jsonSchema)(value), value))
    problems.push(`restoring changes ${described(value)}`);
  return problems.map((problem) => `${problem}: ${JSON.stringify(jsonSchema)}`);
}

/** A schema that is malformed, or that nobody would write, is an error with a type or can be sent. */
async function checkAnything(dice: Dice): Promise<string[]> {
  let source = randomSchema(dice, 4);
  const count = dice.below(4);
  for (let done = 0; done < count; done += 1) source = mutate(source, dice.random);
  const before = JSON.stringify(source);
  const value = randomValue(dice, 4);
  const problems: string[] = [];

  function attempt(name: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LLMError) || !CODES.has(error.code)) problems.push(`${name} throws ${described(error)}`);
    }
  }

  const isTooSlow = await isSlow(() => {
    problems.length = 0;
    attempt('reading', () => {
      const jsonSchema = readJsonSchema(source);
      for (const dialect of DIALECTS) {
        attempt(`objectFormat for ${dialect}`, () => {
          const { body, schema } = objectFormat(dialect, jsonSchema);
          JSON.stringify(body);
          createRestore(schema)(value);
        });
        attempt(`strictToolSchema for ${dialect}`, () => void JSON.stringify(strictToolSchema(dialect, jsonSchema)));
      }
      attempt('restoring', () => {
        const given = JSON.stringify(value);
        createRestore(jsonSchema)(value);
        if (JSON.stringify(value) !== given) problems.push('restoring changes the given value');
      });
    });
  }, LIMIT_MS);
  if (isTooSlow) problems.push(`takes more than ${LIMIT_MS} ms`);
  if (JSON.stringify(source) !== before) problems.push('the given schema is changed');
  return problems.map((problem) => `${problem}: ${before.slice(0, 800)}`);
}

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
const REFS = [
  '#',
  '#/$defs/a',
  '#/$defs/b',
  '#/definitions/a',
  '#/properties/a',
  '#/$defs/a/properties/b',
  '#a',
  'a.json',
];
const FORMATS = ['date', 'date-time', 'email', 'uuid', 'uri', 'hologram'];

function randomSchema(dice: Dice, depth: number): Json {
  if (dice.chance(0.05)) return dice.pick([true, false, {}]);
  const schema: Record<string, Json> = {};
  const names = [...HOSTILE_NAMES, 'a', 'b', 'a', 'b', '__proto__'];
  const child = (): Json => (depth > 0 ? randomSchema(dice, depth - 1) : { type: dice.pick(TYPES) });
  const children = (): Json[] => Array.from({ length: dice.below(4) }, child);
  const byName = (): Json =>
    Object.fromEntries(Array.from({ length: dice.below(4) }, () => [dice.pick(names), child()]));
  const makers: Record<string, () => Json> = {
    ...Object.fromEntries(['items', 'not', 'if', 'then', 'else'].map((keyword) => [keyword, child])),
    type: () => (dice.chance(0.8) ? dice.pick(TYPES) : [dice.pick(TYPES), dice.pick(TYPES)]),
    properties: byName,
    required: () => Array.from({ length: dice.below(3) }, () => dice.pick(names)),
    additionalProperties: () => dice.pick([true, false, {}, { type: 'string' }]),
    patternProperties: () => ({ '^a': child(), [dice.pick(names)]: child() }),
    propertyNames: () => dice.pick<Json>([{ enum: ['a', 'b'] }, { pattern: '^a' }, child()]),
    prefixItems: children,
    anyOf: children,
    oneOf: children,
    allOf: children,
    $ref: () => dice.pick(REFS),
    $defs: () => ({ a: child(), b: child() }),
    definitions: () => ({ a: child() }),
    enum: () => dice.pick<Json>([['a', 'b'], [1], [null], [], [{ a: 1 }]]),
    const: () => dice.pick(HOSTILE_VALUES.slice(0, 30)),
    default: () => dice.pick(HOSTILE_VALUES.slice(0, 30)),
    format: () => dice.pick(FORMATS),
    pattern: () => dice.pick(['^a+$', '(?=a)', '(', '\\1']),
    description: () => 'A value',
    minItems: () => dice.below(3),
    maximum: () => dice.below(9),
  };
  const count = 1 + dice.below(4);
  for (let done = 0; done < count; done += 1) {
    const [keyword, make] = dice.pick(Object.entries(makers));
    schema[keyword] = make();
  }
  return schema;
}

function randomValue(dice: Dice, depth: number): Json {
  const kind = dice.random();
  if (depth === 0 || kind < 0.3) return dice.pick(HOSTILE_VALUES.slice(0, 35));
  const items = Array.from({ length: dice.below(4) }, () => randomValue(dice, depth - 1));
  if (kind < 0.5) return items;
  return Object.fromEntries(items.map((item) => [dice.pick([...HOSTILE_NAMES, 'a', 'b']), item]));
}
