import { array, assert, boolean, constant, constantFrom, integer, nat, oneof, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IncrementalJsonParser, LLMError, type Path } from '../../src/index.ts';
import { anyValue, document, key } from './documents.ts';
import { pieces } from './pieces.ts';

const sizes = array(integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

function isHalf(text: string, at: number): boolean {
  return /[\ud800-\udbff]/.test(text.charAt(at - 1)) && /[\udc00-\udfff]/.test(text.charAt(at));
}

/**
 * Whether what is seen may become the later value: it is the same, or it is cut along one path only, the last item of the
 * last item and so on; there a string is the beginning of the later one, and no half of a pair.
 */
function mayBecome(seen: unknown, later: unknown): boolean {
  if (seen === undefined || Object.is(seen, later)) return true;
  if (typeof seen === 'string')
    return typeof later === 'string' && later.startsWith(seen) && !isHalf(later, seen.length);
  if (typeof seen !== 'object' || typeof later !== 'object' || !seen || !later) return false;
  if (Array.isArray(seen) !== Array.isArray(later)) return false;
  const [now, then] = [Object.entries(seen), Object.entries(later)];
  return now.every(([name, value], index) => {
    const [laterName, laterValue] = then[index] ?? [];
    return name === laterName && (index === now.length - 1 ? mayBecome(value, laterValue) : isSame(value, laterValue));
  });
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return Object.is(a, b);
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    Object.getPrototypeOf(a) === Object.getPrototypeOf(b) &&
    left.length === right.length &&
    left.every(([name, value], index) => name === right[index]?.[0] && isSame(value, right[index][1]))
  );
}

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || !value) return [path];
  const key = (name: string): string | number => (Array.isArray(value) ? Number(name) : name);
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsIn(item, [...path, key(name)]))];
}

function at(value: unknown, path: Path): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || !found || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string | number, unknown>)[name];
  }
  return found;
}

/** With all that is in it: who writes into it then throws. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || !value || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const item of Object.values(value)) freeze(item);
}

/** What did not change between two snapshots, and yet is another object. */
function copiedInVain(before: unknown, after: unknown): Path | undefined {
  return pathsIn(before).find((path) => {
    const [was, is] = [at(before, path), at(after, path)];
    return typeof was === 'object' && was !== is && isSame(was, is);
  });
}

describe('any JSON in any pieces', () => {
  it('ends with what JSON.parse gives, and no snapshot contradicts a later one', () => {
    assert(
      property(document, sizes, (text, lengths) => {
        const final: unknown = JSON.parse(text);
        const parser = new IncrementalJsonParser();
        let last: unknown;
        for (const piece of pieces(text, lengths)) {
          parser.push(piece);
          const snapshot = parser.snapshot();
          expect(mayBecome(last, snapshot)).toBe(true);
          expect(mayBecome(snapshot, final)).toBe(true);
          last = snapshot;
        }
        const end = parser.end();
        expect(mayBecome(last, end)).toBe(true);
        expect(isSame(end, final)).toBe(true);
        expect(JSON.stringify(end)).toBe(JSON.stringify(final));
        expect(parser.snapshot()).toBe(end);
        expect(parser.position).toBe(text.length);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the identity of all that did not change, and changes no snapshot', () => {
    assert(
      property(document, sizes, (text, lengths) => {
        const parser = new IncrementalJsonParser();
        const seen: [unknown, string | undefined][] = [];
        for (const piece of pieces(text, lengths)) {
          parser.push(piece);
          const snapshot = parser.snapshot();
          if (seen.length > 0) expect(copiedInVain(seen.at(-1)?.[0], snapshot)).toBeUndefined();
          seen.push([snapshot, JSON.stringify(snapshot)]);
        }
        const end = parser.end();
        expect(copiedInVain(seen.at(-1)?.[0], end)).toBeUndefined();
        for (const [snapshot, written] of seen) expect(JSON.stringify(snapshot)).toBe(written);
      }),
      { numRuns: 100 },
    );
  });

  it('may have many keys, or a key twice, and nobody writes into a snapshot', () => {
    const often = integer({ min: 0, max: 40 });
    const manyKeys = array(
      tuple(
        oneof(
          key,
          often.map(String),
          often.map((index) => `key ${index}`),
        ),
        oneof(anyValue, constant(-0)),
      ),
      { maxLength: 70 },
    ).map((entries) => {
      const texts = entries.map(([name, value]) => {
        const text = Object.is(value, -0) ? '-0' : JSON.stringify(value);
        return `${JSON.stringify(name)}:${text}`;
      });
      return `{${texts.join(',')}}`;
    });
    const wide = tuple(manyKeys, manyKeys).map(([first, second]) => `[${first},{"in":${second}}]`);
    const looks = array(boolean(), { minLength: 1, maxLength: 5 });
    assert(
      property(wide, sizes, looks, (text, lengths, isLooked) => {
        const seen = new Map<unknown, string>();
        const keep = (value: unknown): void => {
          if (seen.has(value)) return;
          freeze(value);
          seen.set(value, JSON.stringify(value));
        };
        const parser = new IncrementalJsonParser({ onComplete: (_path, value) => keep(value) });
        for (const [turn, piece] of pieces(text, lengths).entries()) {
          parser.push(piece);
          if (isLooked[turn % isLooked.length]) keep(parser.snapshot());
        }
        expect(isSame(parser.end(), JSON.parse(text))).toBe(true);
        for (const [value, written] of seen) expect(JSON.stringify(value)).toBe(written);
      }),
      { numRuns: 100 },
    );
  });

  it('never takes back how far a path has come, and says it of what the snapshot has', () => {
    assert(
      property(document, sizes, (text, lengths) => {
        const final: unknown = JSON.parse(text);
        const paths = pathsIn(final).slice(0, 20);
        const parser = new IncrementalJsonParser();
        const order = ['absent', 'streaming', 'complete'];
        let before = paths.map(() => 0);
        const check = (): void => {
          const snapshot = parser.snapshot();
          const now = paths.map((path) => order.indexOf(parser.pathStatus(path)));
          for (const [index, path] of paths.entries()) {
            expect(now[index]).toBeGreaterThanOrEqual(before[index]!);
            expect(now[index] === 0).toBe(at(snapshot, path) === undefined);
            if (now[index] === 2) expect(isSame(at(snapshot, path), at(final, path))).toBe(true);
          }
          before = now;
        };
        check();
        for (const piece of pieces(text, lengths)) {
          parser.push(piece);
          check();
        }
        parser.end();
        check();
        expect(new Set(before)).toEqual(new Set([2]));
      }),
      { numRuns: 100 },
    );
  });

  it('shows atomic values whole or not at all', () => {
    assert(
      property(document, sizes, integer({ min: 1, max: 4 }), (text, lengths, salt) => {
        const atomic = (path: Path): boolean => (path.join().length + path.length) % 5 === salt;
        const final: unknown = JSON.parse(text);
        const paths = pathsIn(final).filter(atomic);
        const parser = new IncrementalJsonParser({ atomic });
        for (const piece of pieces(text, lengths)) {
          parser.push(piece);
          const snapshot = parser.snapshot();
          expect(mayBecome(snapshot, final)).toBe(true);
          for (const path of paths) {
            const value = at(snapshot, path);
            expect(value === undefined || isSame(value, at(final, path))).toBe(true);
            if (value === undefined) expect(parser.pathStatus(path)).toBe('absent');
          }
        }
        expect(isSame(parser.end(), final)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('tells of each value once, when it closes, in the order of the text', () => {
    assert(
      property(document, sizes, (text, lengths) => {
        const final: unknown = JSON.parse(text);
        const closed: [Path, unknown][] = [];
        const parser = new IncrementalJsonParser({ onComplete: (path, value) => closed.push([path, value]) });
        for (const piece of pieces(text, lengths)) {
          parser.push(piece);
          parser.snapshot();
        }
        const end = parser.end();
        expect(closed).toHaveLength(pathsIn(final).length);
        for (const [path, value] of closed) expect(at(end, path)).toBe(value);
      }),
      { numRuns: 100 },
    );
  });

  it('is taken or refused as JSON.parse does when a character of it is changed, at the same place in any pieces', () => {
    const damage = tuple(nat(), nat({ max: 2 }), constantFrom(...'"\\{}[],: 0-.eEtrufn\0\n\ufeff\u00a0'.split('')));
    assert(
      property(document, sizes, damage, (whole, lengths, [where, removed, inserted]) => {
        const start = where % (whole.length + 1);
        const text = whole.slice(0, start) + inserted + whole.slice(start + removed);
        const [isJson, value] = outcome(() => JSON.parse(text));
        const [isTaken, ours] = outcome(() => read(text, lengths));
        expect(isTaken).toBe(isJson);
        if (isJson) {
          expect(isSame(ours, value)).toBe(true);
          return;
        }
        expect(ours).toBeInstanceOf(LLMError);
        const [, inOnePiece] = outcome(() => read(text, [text.length]));
        const { position, line, column } = (ours as LLMError).place!;
        expect((inOnePiece as LLMError).place).toMatchObject({ position, line, column });
        expect((inOnePiece as LLMError).code).toBe((ours as LLMError).code);
      }),
      { numRuns: 1000 },
    );
  });
});

function read(text: string, lengths: readonly number[]): unknown {
  const parser = new IncrementalJsonParser();
  for (const piece of pieces(text, lengths)) {
    parser.push(piece);
    parser.snapshot();
  }
  return parser.end();
}

function outcome(work: () => unknown): [boolean, unknown] {
  try {
    return [true, work()];
  } catch (error) {
    return [false, error];
  }
}

describe('JSON after any prose', () => {
  const prose = array(
    constantFrom(
      'Sure! Here it is:\n\n',
      '```json\n',
      '~~~\n',
      'As [1] says ',
      'an array [ of numbers ] ',
      'the set {a, b} ',
      'in {{ template }} ',
      'see [the docs](https://example.org/{id}) ',
      '"quoted" ',
      "it's 3 < 4, [x] done ",
      'an open { in prose ',
      '[[wiki]] ',
      '- [ ] to do\n',
      '🙂 ',
    ),
    { maxLength: 6 },
  ).map((parts) => parts.join(''));
  const object = array(tuple(key, anyValue), { minLength: 1, maxLength: 3 }).map((entries) =>
    Object.fromEntries(entries),
  );
  const after = constantFrom('', '\n```', '\n```\nIs there {"more": 1}?', ' ]}{["');

  it('is found in any pieces, and nothing shows before it', () => {
    assert(
      property(prose, object, after, sizes, (before, value, behind, lengths) => {
        const parser = new IncrementalJsonParser({ skipProse: '{' });
        const text = before + JSON.stringify(value) + behind;
        for (const piece of pieces(text, lengths)) {
          parser.push(piece);
          expect(mayBecome(parser.snapshot(), JSON.parse(JSON.stringify(value)))).toBe(true);
        }
        expect(isSame(parser.end(), JSON.parse(JSON.stringify(value)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
