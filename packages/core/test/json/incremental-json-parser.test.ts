import { describe, expect, it } from 'vitest';
import { IncrementalJsonParser, LimitError, LLMError, ParseError, TruncatedError, valueAt } from '../../src/index.ts';
import type { JsonParserOptions } from '../../src/json/incremental-json-parser.ts';
import { pieces } from './pieces.ts';

function after(text: string, options?: JsonParserOptions): IncrementalJsonParser {
  const parser = new IncrementalJsonParser(options);
  parser.push(text);
  return parser;
}

function errorOf(read: () => unknown): LLMError {
  try {
    read();
  } catch (error) {
    if (error instanceof LLMError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('a snapshot', () => {
  it.each([
    ['', undefined],
    ['  ', undefined],
    ['{', {}],
    ['{"a', {}],
    ['{"a"', {}],
    ['{"a":', {}],
    ['{"a":"', { a: '' }],
    ['{"a":"x', { a: 'x' }],
    ['{"a":[', { a: [] }],
    ['{"a":1', {}],
    ['{"a":12,', { a: 12 }],
    ['{"a":12 ', { a: 12 }],
    ['[12', []],
    ['[tru', []],
    ['[true', []],
    ['[true ', [true]],
    ['[true,', [true]],
    ['[nul', []],
    ['[1,{"b":{"c":"d', [1, { b: { c: 'd' } }]],
    ['"x\\', 'x'],
    [String.raw`"x\u00`, 'x'],
    [String.raw`"x\u00e9`, 'xé'],
    [String.raw`"x\ud83d`, 'x'],
    [String.raw`"x\ud83d\u`, 'x'],
    [String.raw`"x\ud83d\ude00`, 'x😀'],
    [String.raw`"x\ud83dy`, 'x\ud83dy'],
    [String.raw`"x\ud83d\ud83d`, 'x\ud83d'],
    ['"x\ud83d', 'x'],
    ['"x\ud83d"', 'x\ud83d'],
    ['{"a":1,"a":2', { a: 1 }],
    ['{"a":1,"a":"', { a: '' }],
    ['12', undefined],
    ['12 ', 12],
    ['null', undefined],
    ['null ', null],
  ])('of %j is %j', (text, value) => {
    expect(after(text).snapshot()).toStrictEqual(value);
  });

  it('has no half of an emoji that is cut between two pieces', () => {
    const parser = after('["\ud83d');
    expect(parser.snapshot()).toEqual(['']);
    parser.push('\ude00"]');
    expect(parser.snapshot()).toEqual(['😀']);
  });

  it('shows an atomic value only when it is complete', () => {
    const parser = new IncrementalJsonParser({ atomic: (path) => path[0] === 'kind' || path[0] === 'range' });
    parser.push('{"kind":"ba');
    expect(parser.snapshot()).toEqual({});
    expect(parser.pathStatus('kind')).toBe('absent');
    parser.push('nana","range":{"from":"a","list":["b"');
    expect(parser.snapshot()).toEqual({ kind: 'banana' });
    expect(parser.pathStatus('range.from')).toBe('absent');
    parser.push(']},"text":"vis');
    expect(parser.snapshot()).toEqual({ kind: 'banana', range: { from: 'a', list: ['b'] }, text: 'vis' });
  });

  it('asks of each value whether it is atomic, with its path and what it begins with', () => {
    const asked: string[] = [];
    const parser = new IncrementalJsonParser({
      atomic(path, first) {
        asked.push(JSON.stringify(path) + first);
        return false;
      },
    });
    parser.push('{"a":[{"b":"c"},["d"]]}');
    expect(asked).toEqual(['[]{', '["a"][', '["a",0]{', '["a",0,"b"]"', '["a",1][', '["a",1,0]"']);
  });

  it('keeps what did not change, and changes nothing that it gave before', () => {
    const parser = after('{"head":{"x":1},"list":[{"id":1},{"id":2,"name":"b');
    const before = parser.snapshot() as { head: object; list: object[] };
    const copy = structuredClone(before);
    parser.push('ee"},');
    const later = parser.snapshot() as { head: object; list: object[] };
    expect(later.head).toBe(before.head);
    expect(later.list[0]).toBe(before.list[0]);
    expect(later.list[1]).toEqual({ id: 2, name: 'bee' });
    expect(before).toEqual(copy);
  });

  it('stays the same one while nothing changes', () => {
    const parser = after('{"list":["a"');
    const before = parser.snapshot();
    parser.push('  ');
    expect(parser.snapshot()).toBe(before);
    parser.push(']}');
    expect(parser.end()).toBe(before);
  });

  it('of a wide document is exact again when the text ends, closed or not', () => {
    const items = Array.from({ length: 5000 }, (_, i) => `"item ${i}"`).join(',');
    const parser = new IncrementalJsonParser();
    let last: unknown[] = [];
    for (const piece of pieces(`[${items},"cut`, [4])) {
      parser.push(piece);
      const now = parser.snapshot() as unknown[];
      expect(now.length).toBeGreaterThanOrEqual(last.length);
      last = now;
    }
    expect(last.length).toBeGreaterThan(4900);
    expect(() => parser.end()).toThrow(TruncatedError);
    expect(parser.snapshot()).toEqual([...JSON.parse(`[${items}]`), 'cut']);
  });

  it('may be an older one where much is open, and the status of its paths is of that one', () => {
    const parser = new IncrementalJsonParser();
    let isBehind = false;
    for (let item = 0; item < 6000; item += 1) {
      parser.push(`${item ? ',' : '['}"item"`);
      const seen = parser.snapshot() as string[];
      isBehind ||= seen.length < item + 1;
      expect(parser.pathStatus([seen.length - 1])).toBe('complete');
      expect(parser.pathStatus([seen.length])).toBe('absent');
    }
    expect(isBehind).toBe(true);
  });

  it.each([
    ['items', 150_000, (index: number) => `${index ? ',' : '['}0`],
    ['keys', 20_000, (index: number) => `${index ? ',' : '{'}"${index}k":0`],
    ['levels', 20_000, () => '{"a":'],
  ])('at every piece of %s takes time linear in the text', (_, count, write) => {
    // Copying all that is open each time would take more than a minute.
    const parser = new IncrementalJsonParser({ maxDepth: Infinity });
    for (let index = 0; index < count; index += 1) {
      parser.push(write(index));
      parser.snapshot();
    }
    expect(() => parser.end()).toThrow(TruncatedError);
  });

  it.each([
    ['400 items', `{"list":[${'0,'.repeat(399)}"`],
    ['64 keys', `{"it":{${Array.from({ length: 63 }, (_, index) => `"${index}":0,`).join('')}"last":"`],
  ])('of %s is never behind', (_, start) => {
    const parser = after(start);
    const seen = new Set<unknown>();
    for (let count = 1; count <= 2000; count += 1) {
      parser.push('.');
      seen.add(parser.snapshot());
      expect(seen.size).toBe(count);
    }
  });

  it('has `__proto__` as a key like others, however many there are', () => {
    const parser = after('{"__proto__":1');
    for (let count = 1; count < 100; count += 1) {
      parser.push(`,"${count}k":0`);
      expect(Object.keys(parser.snapshot() as object)[0]).toBe('__proto__');
    }
    expect(Object.getPrototypeOf(parser.snapshot())).toBe(Object.prototype);
  });
});

describe('the status of a path', () => {
  it('goes from absent over streaming to complete', () => {
    const parser = after('{"items":[{"price":1,"name":"a');
    expect(parser.pathStatus('')).toBe('streaming');
    expect(parser.pathStatus([])).toBe('streaming');
    expect(parser.pathStatus('items')).toBe('streaming');
    expect(parser.pathStatus('items.0')).toBe('streaming');
    expect(parser.pathStatus('items.0.price')).toBe('complete');
    expect(parser.pathStatus('items[0].name')).toBe('streaming');
    expect(parser.pathStatus(['items', 0, 'name', 'length'])).toBe('absent');
    expect(parser.pathStatus('items.1')).toBe('absent');
    expect(parser.pathStatus('items.length')).toBe('absent');
    expect(parser.pathStatus('toString')).toBe('absent');
    parser.push('"},');
    expect(parser.pathStatus('items[0].name')).toBe('complete');
    expect(parser.pathStatus('items.0')).toBe('complete');
    expect(parser.pathStatus('items')).toBe('streaming');
    parser.push('7');
    expect(parser.pathStatus('items.1')).toBe('absent');
    parser.push(']}');
    expect(parser.pathStatus('items.1')).toBe('complete');
    expect(parser.pathStatus('')).toBe('complete');
  });

  it('is that of the document before anything came', () => {
    expect(new IncrementalJsonParser().pathStatus('')).toBe('absent');
    expect(after('"a').pathStatus('')).toBe('streaming');
    expect(after('"a"').pathStatus('')).toBe('complete');
  });

  it('knows a key that looks like an index', () => {
    expect(after('{"0":{"x":true}').pathStatus('0.x')).toBe('complete');
    expect(after('{"0":{"x":true').pathStatus('0')).toBe('streaming');
    // Too long for a number, as ids are.
    expect(after('{"12345678901234567890":1,').pathStatus('12345678901234567890')).toBe('complete');
    expect(valueAt({ '9007199254740993': 'a' }, '9007199254740993')).toBe('a');
  });
});

describe('onComplete', () => {
  it('tells each value when it closes, inner ones first', () => {
    const closed: [string, unknown][] = [];
    const parser = new IncrementalJsonParser({ onComplete: (path, value) => closed.push([path.join('.'), value]) });
    for (const piece of pieces('{"a":[1,{"b":"x"}],"c":null}', [1])) parser.push(piece);
    expect(closed).toEqual([
      ['a.0', 1],
      ['a.1.b', 'x'],
      ['a.1', { b: 'x' }],
      ['a', [1, { b: 'x' }]],
      ['c', null],
      ['', { a: [1, { b: 'x' }], c: null }],
    ]);
  });

  it('gives the very objects that the document has in the end', () => {
    const closed: unknown[] = [];
    const parser = new IncrementalJsonParser({
      onComplete(path, value) {
        if (path.length === 1) closed.push(value);
      },
    });
    const text = JSON.stringify(Array.from({ length: 40 }, (_, id) => ({ id, tags: ['a', { b: id }] })));
    for (const piece of pieces(text, [3])) {
      parser.push(piece);
      parser.snapshot();
    }
    const final = parser.end() as unknown[];
    expect(closed).toHaveLength(40);
    for (const [index, value] of closed.entries()) expect(value).toBe(final[index]);
  });
});

describe('the end', () => {
  it.each(['', ' ', '{', '{"n":9,"s":"ab', '[1', '"a', '[-', '[tru', '{"a":1', '[[]'])('does not accept %j', (text) => {
    const parser = after(text);
    const error = errorOf(() => parser.end());
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error.message).toContain(`position ${text.length} `);
    expect(() => parser.push(']')).toThrow(error);
  });

  it.each(['-', '1.', 'tru', 'Sorry'])('does not accept %j as a document', (text) => {
    expect(errorOf(() => after(text).end())).toBeInstanceOf(ParseError);
  });

  it.each(['true', 'false', 'null', '0'])('completes %j, which nothing follows', (text) => {
    expect(after(text).end()).toBe(JSON.parse(text));
  });

  it('completes a number that nothing follows', () => {
    const parser = after('-0');
    expect(parser.end()).toBe(-0);
    expect(parser.end()).toBe(-0);
    expect(() => parser.push('1')).toThrow(ParseError);
  });

  it('accepts white space around the document', () => {
    expect(after(' \n\t\r{} \r\n').end()).toEqual({});
  });
});

describe('an error', () => {
  it.each([
    ['{"a":1,\n  "b":tru1}', 14, 'line 2, column 7', '"tru1"'],
    ['{"a":undefined}', 5, 'line 1, column 6', '"undefined"'],
    ['[1:2]', 2, 'line 1, column 3', '":"'],
    ['{"a" 1}', 5, 'line 1, column 6', '"1"'],
    ['{"a":1 "b":2}', 7, 'line 1, column 8', '"\\""'],
    ['{,}', 1, 'line 1, column 2', '","'],
    ['["\\u12g4"]', 6, 'line 1, column 7', '"g"'],
    ['{"a":1}\n x', 9, 'line 2, column 2', '"x"'],
    ['[01]', 1, 'line 1, column 2', '"01"'],
    ['[1,]', 3, 'line 1, column 4', '"]"'],
    ['{"a":1,}', 7, 'line 1, column 8', '"}"'],
    ['\ufeff{}', 0, 'line 1, column 1', '"\ufeff"'],
    ['["\n"]', 2, 'line 1, column 3', String.raw`"\n"`],
    ['["\0"]', 2, 'line 1, column 3', String.raw`"\u0000"`],
    ['["\\x"]', 3, 'line 1, column 4', '"x"'],
    ['[\u00a01]', 1, 'line 1, column 2', '"\u00a0"'],
  ])('in %j names the place', (text, position, place, what) => {
    for (const sizes of [[text.length], [1], [2, 3]]) {
      const parser = new IncrementalJsonParser();
      const error = errorOf(() => pieces(text, sizes).forEach((piece) => parser.push(piece)));
      expect(error).toBeInstanceOf(ParseError);
      expect(error.message).toContain(`Unexpected ${what} in JSON at position ${position} (${place}), near "`);
      expect(parser.position).toBe(position);
      const { excerpt, ...where } = error.place!;
      expect(`position ${where.position}, line ${where.line}, column ${where.column}`).toBe(
        `position ${position}, ${place}`,
      );
      expect(text).toContain(excerpt);
    }
  });

  it('quotes what is around it, and little of it', () => {
    const error = errorOf(() => after(`{"a":"${'x'.repeat(100_000)}", oops${' '.repeat(100_000)}`));
    expect(error.message).toContain('xxx\\", oops');
    expect(error.message.length).toBeLessThan(250);
  });

  it('comes again with every piece, and leaves readable what came before', () => {
    const parser = after('{"a":[1,"b"');
    const error = errorOf(() => parser.push(',"c" oops'));
    expect(errorOf(() => parser.push(']'))).toBe(error);
    expect(errorOf(() => parser.end())).toBe(error);
    expect(parser.snapshot()).toEqual({ a: [1, 'b', 'c'] });
  });
});

describe('hostile text', () => {
  it('nested too deeply is a limit error', () => {
    const error = errorOf(() => after('['.repeat(100_000)));
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ limit: 'depth', isRetryable: false });
    expect(error.message).toContain('512 levels');
    expect(error.message).toContain('position 512 ');
    expect(after('['.repeat(512) + ']'.repeat(512)).end()).toBeInstanceOf(Array);
    expect(errorOf(() => after('{"a":[{}]}', { maxDepth: 2 })).code).toBe('limit');
  });

  it('may be nested as deeply as the caller allows', () => {
    expect(after('['.repeat(100_000) + ']'.repeat(100_000), { maxDepth: Infinity }).end()).toBeInstanceOf(Array);
  });

  it('may be one string of 10 MB', () => {
    const long = 'x'.repeat(10_000_000);
    expect(after(`["${long}"]`).end()).toEqual([long]);
  });

  it('does not reach a prototype', () => {
    const text = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"a":"x';
    const parser = new IncrementalJsonParser();
    for (const piece of pieces(text, [5])) {
      parser.push(piece);
      parser.snapshot();
    }
    parser.push('"}');
    const value = parser.end() as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString', 'a']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
    expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(`${text}"}`)));
    expect(parser.pathStatus('__proto__.polluted')).toBe('complete');
  });

  it('may say a key twice: the last one counts, at the place of the first', () => {
    const text = '{"a":{"x":1},"b":2,"a":{"y":2},"__proto__":1,"__proto__":[2]}';
    expect(JSON.stringify(after(text).end())).toBe(JSON.stringify(JSON.parse(text)));
  });
});

describe('JSON within prose', () => {
  const found = (text: string, sizes: readonly number[], skipProse: true | '{' | '[' = true): unknown => {
    const parser = new IncrementalJsonParser({ skipProse });
    for (const piece of pieces(text, sizes)) parser.push(piece);
    return parser.end();
  };

  it.each([
    ['{"a":1}', { a: 1 }],
    ['Here you are:\n```json\n{"a":[1,{"b":2}]}\n```\nIs it {fine}?', { a: [1, { b: 2 }] }],
    ['Here is [the answer] {"a":1} ]', { a: 1 }],
    ['In {{template}} and [[link]], it is [{"a":1}].', [{ a: 1 }]],
    ['{"cut\n{"a":1}', { a: 1 }],
    ['{a: 1} is not JSON, {"a": 1} is', { a: 1 }],
    ['["quoted" text] [1, 2]', [1, 2]],
    ['set {} is empty', {}],
    ['[-] [01] [tr] [{"a":"b"}]', [{ a: 'b' }]],
  ])('is found in %j', (text, value) => {
    for (const sizes of [[text.length], [1], [2, 3, 7]]) expect(found(text, sizes)).toEqual(value);
  });

  it('can be asked to be an object, or an array', () => {
    expect(found('As [1] says: {"a":1}', [3], '{')).toEqual({ a: 1 });
    expect(found('{} or [1]', [3], '[')).toEqual([1]);
  });

  it('shows nothing until it is certain', () => {
    const closed: unknown[] = [];
    const parser = new IncrementalJsonParser({ skipProse: true, onComplete: (path) => closed.push(path) });
    const seen: unknown[] = [];
    for (const piece of pieces('As ["it"] wa', [1])) parser.push(piece);
    expect(parser.snapshot()).toEqual(['it']);
    const other = new IncrementalJsonParser({ skipProse: true, onComplete: (path) => closed.push(path) });
    closed.length = 0;
    for (const piece of pieces('["it" is] {"a', [1])) {
      other.push(piece);
      seen.push(other.snapshot(), other.pathStatus(''));
    }
    expect(new Set(seen)).toEqual(new Set([undefined, 'absent']));
    other.push('":"b');
    expect(other.snapshot()).toEqual({ a: 'b' });
    expect(closed).toEqual([]);
  });

  it('that breaks after it was certain is an error, and nothing within it is taken for the answer', () => {
    const parser = new IncrementalJsonParser({ skipProse: true });
    const error = errorOf(() => parser.push('Well:\n{"a": 1, "b": oops, "c": {"d": 1}}'));
    expect(error).toBeInstanceOf(ParseError);
    expect(error.message).toContain('line 2, column 15');
    expect(parser.snapshot()).toEqual({ a: 1 });
  });

  it('is missed at the end', () => {
    const error = errorOf(() => found('There is no [JSON] here', [4]));
    expect(error).toBeInstanceOf(ParseError);
    expect(error.message).toContain('There is no JSON in the text, which ends at position 23 ');
    expect(errorOf(() => found('Here it is: {"a', [4]))).toBeInstanceOf(TruncatedError);
  });
});
