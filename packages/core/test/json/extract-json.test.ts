import * as v from 'valibot';
import { array, assert, constantFrom, dictionary, jsonValue, nat, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { repairJson } from '@rivulet/core/repair';
import { ConfigError, extractJson, type ExtractedJson } from '../../src/index.ts';

const nothing = (): ExtractedJson | null => null;

describe('the JSON of a reply', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    [' \n [1, 2]\n', [1, 2]],
    ['\ufeff{"a":1}', { a: 1 }],
    ['"text"', 'text'],
    ['42', 42],
    ['null', null],
    ['```json\n{"a":1}\n```', { a: 1 }],
    ['```\n{"a":1}\n```', { a: 1 }],
    ['```JSON5 title="x"\n{"a":1}\n```', { a: 1 }],
    ['````json\n{"a":"\\n```\\n"}\n````', { a: '\n```\n' }],
    ['``````````\n[1]\n``````````', [1]],
    ['~~~json\n{"a":1}\n~~~', { a: 1 }],
    ['~~~\n```\n{"a":1}\n~~~', { a: 1 }],
    ['  ```json\r\n  {"a":1}\r\n  ```\r\n', { a: 1 }],
    ['```json\n{"a":1}\n`````', { a: 1 }],
    ['```json\n{"a":1}', { a: 1 }],
    ['```json\n"text"\n```', 'text'],
    ['Sure:\n```json\n{"a":1}\n```\nAnything else?', { a: 1 }],
    ['```ts\nconst a = [1];\n```\n```json\n{"a":1}\n```', { a: 1 }],
    ['```json\n{"broken": \n```\n```json\n{"a":1}\n```\n```json\n{"b":1}\n```', { a: 1 }],
    ['As {"said":1}:\n```json\n{"a":1}\n```', { a: 1 }],
    ['1. First:\n   > ```json\n   > {"a":1}\n   > ```', { a: 1 }],
    ['`{"a":1}`', { a: 1 }],
    ['```json {"a":1} ```', { a: 1 }],
    ['The answer is {"a":{"b":[1,{"c":"}"}]}}.', { a: { b: [1, { c: '}' }] } }],
    ['It is [1, 2], as {"a":1} says', [1, 2]],
    ['In {{template}}, [the docs] and {a, b} it is {"a":1}', { a: 1 }],
    ['[see {"a":1} for it]', { a: 1 }],
    ['He said "[oops {"a":1}', { a: 1 }],
    ['{"oh {"a":1}', { a: 1 }],
    ['Write {"a": <number>}, that is {"a":1}', { a: 1 }],
    ['Write {"a": "{[", "b": <number>}, that is {"a":1}', { a: 1 }],
    ['{"__proto__":{"x":1}} it is', JSON.parse('{"__proto__":{"x":1}}')],
  ])('in %j', (text, value) => {
    expect(extractJson(text)).toStrictEqual(value);
  });

  it.each([
    '',
    'Sorry, I cannot do that.',
    'a [b] {c}',
    '{"a":1',
    '{"n":9,"tags":[1,2],"s":"ab',
    'Here: {"items":[{"a":1},{"a":2},{"a"',
    '{"user":{"name":"x"},"age":3,}',
    '```json\n{"user":{"name":"x"},"age":oops}\n```',
    "{'a': 1}",
    '[1, {"a":1} and so on]',
    '[{"a":1} and so on]',
    'tru',
  ])('is null in %j, which has none that is whole', (text) => {
    expect(extractJson(text)).toBeNull();
    expect(extractJson(text, { all: true })).toEqual([]);
  });

  it('may be nested deeply', () => {
    const nested = '['.repeat(2000) + ']'.repeat(2000);
    expect(JSON.stringify(extractJson(`It is ${nested}.`))).toBe(nested);
  });

  it('does not touch a prototype', () => {
    const value = extractJson('It is {"__proto__":{"polluted":true}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in value).toBe(false);
  });
});

describe('all JSON of a reply', () => {
  it('is that of its blocks', () => {
    const text = 'One {"x":1}\n```json\n{"a":1}\n```\n```\nno\n```\n~~~\n[2]\n~~~';
    expect(extractJson(text, { all: true })).toEqual([{ a: 1 }, [2]]);
  });

  it('is what stands in prose, outer values only, if there is no block', () => {
    expect(extractJson('{"a":[1]} and [{"b":{}}], {"c": no}', { all: true })).toEqual([{ a: [1] }, [{ b: {} }]]);
  });

  it('is one value if the reply is it', () => {
    expect(extractJson('[{"a":1},{"a":2}]', { all: true })).toEqual([[{ a: 1 }, { a: 2 }]]);
  });
});

describe('a schema', () => {
  it('passes over what it does not accept, and gives its output', () => {
    const schema = z.object({ when: z.string().transform((text) => text.length), of: z.number().default(7) });
    const text = 'As [1] has it:\n```json\n{"when":1}\n```\n```json\n{"when":"now"}\n```';
    expect(extractJson(text, { schema })).toEqual({ when: 3, of: 7 });
    expect(extractJson('As [1] says: {"when":"then"}', { schema })).toEqual({ when: 4, of: 7 });
    expect(extractJson('{"when":1}', { schema })).toBeNull();
    expect(extractJson('{"when":1}', { schema, all: true })).toEqual([]);
  });

  it('may be of another library', () => {
    expect(extractJson('It is {"a":"1"} {"a":1}', { schema: v.object({ a: v.number() }) })).toEqual({ a: 1 });
  });

  it('that stands in the place of the options is a wrong use, and nothing unchecked is given', () => {
    const schema = z.object({ a: z.number() });
    expect(() => extractJson('{"a":"x"}', schema as object)).toThrow(ConfigError);
    expect(() => extractJson('{"a":"x"}', schema as object)).toThrow('{ schema }');
  });

  it('that validates later is refused, with what to do', () => {
    const schema = z.object({ a: z.number().refine(() => Promise.resolve(true)) });
    expect(() => extractJson('{"a":1}', { schema })).toThrow(ConfigError);
    expect(() => extractJson('{"a":1}', { schema })).toThrow('validate what extractJson gives');
  });
});

describe('a thought in tags', () => {
  const bob = '{"name":"Bob","age":1}';
  const ada = { name: 'Ada', age: 36 };
  const answer = JSON.stringify(ada);
  const schema = z.object({ name: z.string(), age: z.number() });

  it.each([
    `<think>Maybe ${bob}? No.</think>${answer}`,
    `<think>Half a draft {"name":"Bob", </think>${answer}`,
    `\ufeff\n<Thinking mode="deep">\n\`\`\`json\n${bob}\n\`\`\`</Thinking>\nSo:\n\`\`\`json\n${answer}\n\`\`\``,
    `<seed:think>${bob}</seed:think><think>${bob}</think><answer>${answer}</answer>`,
    `[THINK]${bob}[/THINK]${answer}`,
    `<|channel|>analysis<|message|>${bob}<|end|><|start|>assistant<|channel|>final<|message|>${answer}`,
    `${bob}? No.\n</think>\n${answer}`,
    `\`\`\`json\n${bob}\n\`\`\`</think>${answer}`,
    `{"name":"Bo</think>${answer}`,
    `<think>Tags </think> of ${bob} </think> It is ${answer}.`,
    `${answer}\n<reflection>Or ${bob}?</reflection>`,
    `Here is my thought process: ${bob} Here is my response: ${answer}`,
  ])('is not searched: %j', (reply) => {
    expect(extractJson(reply)).toEqual(ada);
    expect(extractJson(reply, { schema })).toEqual(ada);
    expect(extractJson(reply, { all: true })).toEqual([ada]);
    expect(extractJson(reply, { schema, repair: repairJson })).toEqual({ value: ada, repaired: false });
  });

  it.each([`<think>${bob}`, `<think>${bob}</think>`, `${bob}</think>`, `<think>${bob}</think>Sorry.`])(
    'is not the answer where nothing stands behind it: %j',
    (reply) => {
      expect(extractJson(reply)).toBeNull();
      expect(extractJson(reply, { schema, repair: repairJson })).toBeNull();
    },
  );

  it.each([
    '{"html":"<think>x</think>"}',
    '"<think>x</think>"',
    'It is {"html":"<think>x</think> [1] </think>"}.',
    '```json\n{"html":"</think>"}\n```',
  ])('in a string of the JSON is a part of it: %j', (reply) => {
    expect(JSON.stringify(extractJson(reply))).toContain('</think>');
  });

  it('stands before a value that is no object, too', () => {
    expect(extractJson('<think>12?</think>\n13')).toBe(13);
    expect(extractJson('<think>12?</think>\n13', { schema: z.number() })).toBe(13);
    expect(extractJson('12?</think>"13"')).toBe('13');
  });

  it('is not repaired', () => {
    expect(extractJson(`<think>{"a":1,}</think>{'a':2}`, { repair: repairJson })).toEqual({
      value: { a: 2 },
      repaired: true,
    });
  });
});

describe('one of several values', () => {
  const schema = z.object({ a: z.number() });

  it.each([
    ['For example {"a":1}. It is {"a":2}, as in {"b":1} and [3].', { a: 2 }],
    ['```json\n{"a":1}\n```\nThat was an example, it is {"a":2}', { a: 2 }],
    ['For example {"a":1}:\n```json\n{"a":2}\n```', { a: 2 }],
    ['It is {"a":1}, in the form of {"a": <number>}', { a: 1 }],
  ])('is the last one that the schema accepts: %j', (reply, value) => {
    expect(extractJson(reply, { schema })).toEqual(value);
  });

  it.each([
    'For example {"a":1}. It is {"a":',
    'For example {"a":1}. It is {"a',
    '```json\n{"a":1}\n```\n{"a":2,"b":"x',
  ])('is none where the last one is cut: %j', (reply) => {
    expect(extractJson(reply, { schema })).toBeNull();
  });

  it.each([
    ['As said in [1], the people are: [{"a":1}]', [{ a: 1 }]],
    ['As [2, 3] and [4] say: [{"a":1}], [{"a":2}]', [{ a: 1 }]],
    ['As [1] and [2] say, it is {"a":1} or {"a":2}', { a: 1 }],
    ['It is [1, 2], as {"a":1} says', [1, 2]],
    ['It is [1], not [2]', [1]],
    ['- [ ] to do: {"a":1}', { a: 1 }],
    ['- [ ] to do', []],
  ])('is the first one, and a citation only if there is nothing else: %j', (reply, value) => {
    expect(extractJson(reply)).toEqual(value);
  });
});

describe('repair', () => {
  it.each([
    ['valid JSON', '{"id":2512292042121000001}', false],
    ['valid JSON in a block', 'Here:\n```json\n{"id":2512292042121000001}\n```', false],
    ['broken JSON', '{"id":2512292042121000001,}', true],
    ['broken JSON in a block', 'Here:\n```json\n{"id":2512292042121000001,}\n```', true],
  ])('keeps the digits of a long number in %s', (_, reply, repaired) => {
    const read = (id: z.ZodType): unknown => extractJson(reply, { schema: z.object({ id }), repair: repairJson });

    expect(read(z.number())).toBeNull();
    expect(read(z.string())).toEqual({ value: { id: '2512292042121000001' }, repaired });
    expect(read(z.bigint())).toEqual({ value: { id: 2512292042121000001n }, repaired });
    const inexactNumber = (_path: unknown, text: string): string => `${text}!`;
    expect(extractJson(reply, { inexactNumber, repair: repairJson })).toEqual({
      value: { id: '2512292042121000001!' },
      repaired,
    });
  });

  it('is not made unless asked for', () => {
    expect(extractJson('{"a":1,}')).toBeNull();
  });

  it.each([
    ['{"a":1}', { value: { a: 1 }, repaired: false }],
    ['Here: {"a":1}', { value: { a: 1 }, repaired: false }],
    ['{"a":1,}', { value: { a: 1 }, repaired: true }],
    ["Sure: {'a': True, /* yes */ b: None} – fine?", { value: { a: true, b: null }, repaired: true }],
    ['```json\n{"a":[1,2\n```', { value: { a: [1, 2] }, repaired: true }],
    ['{"n":9,"tags":[1,2],"s":"ab', { value: { n: 9, tags: [1, 2], s: 'ab' }, repaired: true }],
    ['{"user":{"name":"x"},"age":3,}', { value: { user: { name: 'x' }, age: 3 }, repaired: true }],
  ])('says of %j whether it was', (text, result) => {
    expect(extractJson(text, { repair: repairJson })).toEqual(result);
  });

  it('is not tried on prose without a bracket', () => {
    expect(extractJson('Sorry, no.', { repair: repairJson })).toBeNull();
  });

  it('comes last: what is JSON, and is accepted, is taken before', () => {
    const text = '```json\n{"a":1,}\n```\nor {"a":2}';
    expect(extractJson(text, { repair: repairJson })).toEqual({ value: { a: 2 }, repaired: false });
    const schema = z.object({ a: z.literal(1) });
    expect(extractJson(text, { repair: repairJson, schema })).toEqual({ value: { a: 1 }, repaired: true });
  });

  it('goes on to the next block where the first is not accepted', () => {
    const text = '```\n{"b":1,}\n```\n```\n{"a":1,}\n```\n```\n{"a":2,}\n```';
    const schema = z.object({ a: z.number() });
    expect(extractJson(text, { repair: repairJson, schema })).toEqual({ value: { a: 1 }, repaired: true });
    expect(extractJson(text, { repair: repairJson, schema, all: true })).toEqual([
      { value: { a: 1 }, repaired: true },
      { value: { a: 2 }, repaired: true },
    ]);
  });

  it('may be one of your own', () => {
    expect(extractJson('{oops}', { repair: (text) => ({ value: text.length, repaired: true }) })).toEqual({
      value: 6,
      repaired: true,
    });
    expect(extractJson('{oops}', { repair: nothing })).toBeNull();
  });

  it('alone reads what it can, and nothing else', () => {
    expect(repairJson('{"a":1}')).toEqual({ value: { a: 1 }, repaired: false });
    expect(repairJson('{a:1')).toEqual({ value: { a: 1 }, repaired: true });
    expect(repairJson('{"a":1} }{ ]')).toBeNull();
  });
});

describe('any value', () => {
  const value = oneof(dictionary(string(), jsonValue({ maxDepth: 2 })), array(jsonValue({ maxDepth: 2 })));
  const fence = constantFrom('```', '````', '``````', '~~~', '~~~~~');
  const tag = constantFrom('', 'json', 'JSON', ' jsonc', 'js {1}');
  const words = constantFrom('', 'Sure.', 'It\'s "quoted" (as [x] says)\n\n- [x] {todo}', 'a < b { c');

  it('is found in any block', () => {
    assert(
      property(value, fence, tag, words, constantFrom(0, 2), (json, marks, language, prose, indent) => {
        const text = JSON.stringify(json, null, indent);
        const reply = `${prose}\n${marks}${language}\n${text}\n${marks}\n${prose}`;
        expect(JSON.stringify(extractJson(reply))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('is found within prose', () => {
    assert(
      property(value, words, constantFrom(0, 2), (json, prose, indent) => {
        const text = JSON.stringify(json, null, indent);
        expect(JSON.stringify(extractJson(`${prose} ${text} ${prose}`))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('that is cut is never given in part', () => {
    assert(
      property(dictionary(string(), jsonValue({ maxDepth: 2 }), { minKeys: 1 }), nat(), (json, at) => {
        const text = JSON.stringify(json);
        const colon = text.indexOf(':', JSON.stringify(Object.keys(JSON.parse(text) as object)[0]).length) + 1;
        expect(extractJson(text.slice(0, colon + (at % (text.length - colon))))).toBeNull();
      }),
    );
  });
});

// A reading that is quadratic in any of these would take minutes.
describe('a hostile reply takes time linear in its length', () => {
  const times = 50_000;
  it.each([
    ['open brackets', '['.repeat(times)],
    ['open objects', '{"a":'.repeat(times)],
    ['open objects in strings', '{"'.repeat(times)],
    ['brackets that begin like JSON', '[1 '.repeat(times)],
    ['brackets and spaces', `{${' '.repeat(times)}`.repeat(3)],
    ['quotes', '{"a":x,'.repeat(20) + '"\\"'.repeat(times)],
    ['escaped quotes', `{"a":x ${'\\"'.repeat(times)}`],
    ['fences', '```\n'.repeat(times)],
    ['marks of fences', '`'.repeat(times)],
    ['fences of growing length', Array.from({ length: 1500 }, (_, i) => '`'.repeat(i + 3)).join('\n')],
    ['lines of spaces', `${' '.repeat(1000)}\n`.repeat(times / 50)],
    ['nested arrays in prose', `it is ${'[['.repeat(times / 2)}x`],
    ['closing tags', '{"a":1}</think>'.repeat(times)],
    ['closing tags in strings', '{"a":"</think>'.repeat(times)],
    ['closing tags in objects that break', '{"a":"</think>" x} '.repeat(times / 2)],
    ['thoughts', '<think>{"a":1}</think>'.repeat(times)],
    ['opening tags', '<think>'.repeat(times)],
    ['a tag that does not end', `<think${' '.repeat(times)}`],
  ])('of %s', (_, text) => {
    expect(extractJson(text)).toBeNull();
  });

  it('of 10 MB of prose with JSON at its end', () => {
    expect(extractJson(`${'So it {goes} on, [and] on. '.repeat(400_000)} {"a":1}`)).toEqual({ a: 1 });
  });
});
