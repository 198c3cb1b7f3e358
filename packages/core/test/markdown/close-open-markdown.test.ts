import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeOpenMarkdown } from '../../src/markdown/close-open-markdown.ts';
import { type Node, parse } from './support/parse.ts';

/** A piece of source, and what of it a reader sees once all of it is there. */
type Piece = readonly [source: string, shown: string];

/** More of them by hand: `RUNS=2000`. */
const RUNS = Number(process.env['RUNS'] ?? 80);

const mark = (source: string): Piece => [source, ''];
const within = (before: string, pieces: readonly Piece[], after = ''): Piece[] =>
  [mark(before)].concat(pieces, after === '' ? [] : [mark(after)]);
const plain = (text: string): Piece[] => Array.from(text, (letter): Piece => [letter, letter]);

const letters = fc.constantFrom('river', 'a', 'delta', 'bed', 'y1', 'and', 'ä', '中文');
const word = letters.map(plain);
const escaped = fc.constantFrom('*', '_', '`', '[', ']', '|', '\\').map((sign): Piece[] => [[`\\${sign}`, sign]]);
const code = fc
  .tuple(fc.constantFrom('`', '``'), fc.array(letters, { minLength: 1, maxLength: 2 }))
  .map(([ticks, words]) => within(ticks, plain(words.join(' * ')), ticks));
const url = fc.constantFrom('https://a.example/x', '/u', '/a_b_(c)', '</u>', '/u "a *title*"');
const image = fc.tuple(letters, url).map(([alt, to]): Piece[] => [[`![${alt}](${to})`, alt]]);

const spaced = (all: readonly Piece[][]): Piece[] => all.flatMap((one, at) => (at === 0 ? one : [mark(' '), ...one]));

function inline(depth: number, around: string): fc.Arbitrary<Piece[]> {
  const inner = depth === 0 ? undefined : (sign: string): fc.Arbitrary<Piece[]> => inline(depth - 1, around + sign);
  const wrapped = (sign: string): fc.Arbitrary<Piece[]> =>
    inner ? inner(sign).map((pieces) => within(sign, pieces, sign)) : word;
  const signs = ['**', '*', '_', '__', '~~'].filter((sign) => !around.includes(sign[0] ?? ''));
  const link =
    inner && !around.includes('[')
      ? fc.tuple(inner('['), url).map(([text, to]) => within('[', text, `](${to})`))
      : word;
  const one = fc.oneof({ weight: 6, arbitrary: word }, escaped, code, image, link, ...signs.map(wrapped));
  return fc.array(one, { minLength: 1, maxLength: 4 }).map(spaced);
}

const text = inline(2, '');
const cell = inline(1, '|').filter((pieces) => !pieces.some(([, shown]) => shown === '|' || shown === '\\'));
const heading = fc.tuple(fc.constantFrom('# ', '## ', '###### '), text).map(([sign, all]) => within(sign, all));
const list = fc
  .tuple(fc.constantFrom('- ', '* ', '1. ', '- [ ] ', '2) '), fc.array(text, { minLength: 1, maxLength: 3 }))
  .map(([sign, items]): Piece[] => items.flatMap((item, at) => [mark(at === 0 ? sign : `\n${sign}`), ...item]));
const nested = fc.tuple(text, text).map(([outer, inner]) => within('- ', outer).concat(within('\n  - ', inner)));
const quote = fc.tuple(text, text).map(([a, b]) => within('> ', a).concat(within('\n> ', b)));
const fence = fc
  .tuple(fc.constantFrom('```', '~~~', '````js'), fc.array(letters, { minLength: 1, maxLength: 3 }))
  .map(([sign, lines]) =>
    within(sign, []).concat(within('\n', plain(lines.join('\n\n')), `\n${sign.replace('js', '')}`)),
  );
const table = fc
  .array(fc.tuple(cell, cell), { minLength: 1, maxLength: 3 })
  .map((rows): Piece[] =>
    rows.flatMap(([a, b], at) => [
      mark(at === 0 ? '| ' : '\n| '),
      ...a,
      mark(' | '),
      ...b,
      mark(' |'),
      ...(at === 0 ? [mark('\n| --- | :-: |')] : []),
    ]),
  );
const rule = fc.constant<Piece[]>([mark('---')]);
const documents = fc
  .array(fc.oneof(text, text, heading, list, nested, quote, fence, table, rule), { minLength: 1, maxLength: 3 })
  .map((blocks) => blocks.flatMap((block, at) => (at === 0 ? block : [mark('\n\n'), ...block])));

function shownBy(nodes: readonly Node[]): string {
  let all = '';
  for (const { value, alt, children } of nodes) all += (value ?? alt ?? '') + shownBy(children ?? []);
  return all;
}

const shown = (source: string): string => shownBy(parse(source)).replace(/\s/g, '');

/** What a reader sees of so many characters. */
function visible(pieces: readonly Piece[], length: number): string {
  let all = '';
  let end = 0;
  for (const [source, text] of pieces) if ((end += source.length) <= length) all += text.trim();
  return all;
}

describe('Markdown that is still coming', () => {
  it('shows what is there and nothing that goes away again', { timeout: 30_000 + RUNS * 100 }, () => {
    fc.assert(
      fc.property(documents, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (pieces, places) => {
        const all = pieces.map(([part]) => part).join('');
        for (const place of places) {
          const source = all.slice(0, (place % all.length) + 1);
          const closed = closeOpenMarkdown(source);
          expect([source, shown(closed)]).toEqual([source, visible(pieces, source.length)]);
          expect(closeOpenMarkdown(closed)).toBe(closed);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the end of Markdown that is still coming', () => {
  it.each([
    ['A **bold', 'A **bold**'],
    ['A **bold *it', 'A **bold *it***'],
    ['A **bold*', 'A **bold**'],
    ['A ***both', 'A ***both***'],
    ['A ~~gone~', 'A ~~gone~~'],
    ['A **', 'A '],
    ['A _', 'A '],
    ['snake_case_', 'snake_case'],
    ['2 * 3', '2 * 3'],
    ['5 ~ 6 and ~7', '5 ~ 6 and ~7'],
    ['A `co', 'A `co`'],
    ['A ``co`', 'A ``co``'],
    ['A `**`', 'A `**`'],
    ['A **`co', 'A **`co`**'],
    ['A [li', 'A li'],
    ['A [**li', 'A **li**'],
    ['A [link]', 'A link'],
    ['A [link](http', 'A link'],
    ['A [link](/a_(b', 'A link'],
    ['A [link](/a "b) c', 'A link'],
    ['A [link](/a) b', 'A [link](/a) b'],
    ['A [link][re', 'A link'],
    ['A **[link](/a', 'A **link**'],
    ['A ![ima', 'A '],
    ['A ![image](/a', 'A '],
    ['A [![image](/a', 'A '],
    ['A !', 'A '],
    ['So it is!', 'So it is!'],
    ['A note[^1', 'A note'],
    ['A <https://a.ex', 'A '],
    ['a < b', 'a < b'],
    ['A \\', 'A '],
    ['A \\*b', 'A \\*b'],
    ['Text\n-', 'Text\n'],
    ['Text\n==', 'Text\n'],
    ['Text\n1.', 'Text\n'],
    ['Text\n\n##', 'Text\n\n'],
    ['- one\n- [', '- one\n'],
    ['- **one\n- two', '- **one\n- two'],
    ['> **a\n> b', '> **a\n> b**'],
    ['- **a\n  b', '- **a\n  b**'],
    ['# **a\nb', '# **a\nb'],
    ['**a\n\nb', '**a\n\nb'],
    ['[a]: /b "c', ''],
    ['[^1]:', ''],
    ['```js\nlet **a', '```js\nlet **a'],
    ['```js\nlet a\n``', '```js\nlet a\n'],
    ['- ```js\n  let a\n  ``', '- ```js\n  let a\n'],
    ['```js\nlet a\n```\nA **b', '```js\nlet a\n```\nA **b**'],
    ['| a | b', '| a | b |\n| - | - |'],
    ['| a | **b', '| a | **b** |\n| - | - |'],
    ['| a | b |\n|', '| a | b |\n| - | - |'],
    ['| a | b |\r\n|', '| a | b |\r\n| - | - |'],
    ['| a | b |\n| --', '| a | b |\n| - | - |'],
    ['| a | b |\n| :-- | -', '| a | b |\n| :-- | -'],
    ['a | b\n--- |', 'a | b |\n| - | - |'],
    ['> | a | b |\n', '> | a | b |\n> | - | - |'],
    ['| a | b |\n| - | - |\n| **1', '| a | b |\n| - | - |\n| **1**'],
    ['| a | b |\n| - | - |\n| **1 | 2', '| a | b |\n| - | - |\n| **1 | 2'],
  ])('%j is shown as %j', (text, expected) => {
    expect(closeOpenMarkdown(text)).toBe(expected);
  });

  it('loses no more words when it is closed again, whatever it is', { timeout: 30_000 + RUNS * 10 }, () => {
    const signs = ['a', ' ', '\n', '*', '**', '_', '`', '[', ']', '(', ')', '|', '\\', '~~', '- '];
    const property = fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 12 }), (all) => {
      const closed = closeOpenMarkdown(all.join(''));
      expect(closeOpenMarkdown(closed).replaceAll(/[^a]/g, '')).toBe(closed.replaceAll(/[^a]/g, ''));
    });
    fc.assert(property, { numRuns: 20 * RUNS });
  });

  it('keeps complete lines as they are', () => {
    fc.assert(
      fc.property(documents, (pieces) => {
        const source = pieces.map(([part]) => part).join('');
        const all = `${source}\n\n`;
        expect(closeOpenMarkdown(`${all}more`)).toBe(`${all}more`);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    '[',
    '![',
    '](',
    '`',
    '` ',
    '``` ',
    '*',
    '*a ',
    '**a_b',
    '> ',
    '- ',
    '1. ',
    '|',
    '| a\n',
    '<a ',
    '\\',
    '~',
    '[a](',
    '"(',
    '\n',
  ])('costs no more than its length: %j', (piece) => {
    const text = piece.repeat(100_000 / piece.length);
    expect(closeOpenMarkdown(`${text}x`).length).toBeLessThan(8 * text.length);
  });
});
