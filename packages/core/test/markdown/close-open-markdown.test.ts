import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeOpenMarkdown } from '../../src/markdown/close-open-markdown.ts';
import { type Node, parse } from './support/parse.ts';

/** A piece of source, and what of it a reader sees once all of it is there. */
type Piece = readonly [source: string, shown: string];

/** More of them by hand: `RUNS=2000`. */
const RUNS = Number(process.env['RUNS'] ?? 50);

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

/** Words may be on two lines where the generator allows it: the prefix of the second line is `§` until it is known. */
const gaps = fc.constantFrom(' ', ' ', ' ', '\n§', '  \n§', '\\\n§');
const spaced = (all: readonly (readonly [gap: string, pieces: Piece[]])[]): Piece[] =>
  all.flatMap(([gap, one], at) => (at === 0 ? one : [mark(gap), ...one]));
/** Puts a prefix at the start of the lines within pieces, or makes one line of them. */
const withPrefix = (pieces: readonly Piece[], prefix: string | undefined): Piece[] =>
  pieces.map(([source, shown]) => [
    prefix === undefined ? source.replace(/[ \\]*\n§/, ' ') : source.replace('§', prefix),
    shown,
  ]);

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
  return fc.array(fc.tuple(gaps, one), { minLength: 1, maxLength: 4 }).map(spaced);
}

const inlineText = inline(2, '');
const text = inlineText.map((pieces) => withPrefix(pieces, ''));
const line = inlineText.map((pieces) => withPrefix(pieces, undefined));
const indented = (prefix: string): fc.Arbitrary<Piece[]> => inlineText.map((pieces) => withPrefix(pieces, prefix));
const cell = inline(1, '|')
  .map((pieces) => withPrefix(pieces, undefined))
  .filter((pieces) => !pieces.some(([, shown]) => shown === '|' || shown === '\\'));
const heading = fc.tuple(fc.constantFrom('# ', '## ', '###### '), line).map(([sign, all]) => within(sign, all));
const list = fc
  .tuple(fc.constantFrom('- ', '* ', '1. ', '- [ ] ', '2) '), fc.array(indented('   '), { minLength: 1, maxLength: 3 }))
  .map(([sign, items]): Piece[] => items.flatMap((item, at) => [mark(at === 0 ? sign : `\n${sign}`), ...item]));
const nested = fc
  .tuple(indented('  '), indented('    '))
  .map(([outer, inner]) => within('- ', outer).concat(within('\n  - ', inner)));
const quote = fc.tuple(indented('> '), indented('> ')).map(([a, b]) => within('> ', a).concat(within('\n> ', b)));
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
const tableBehindText = fc.tuple(text, table).map(([before, rows]) => before.concat(within('\n', rows)));
const rule = fc.constant<Piece[]>([mark('---')]);
const documents = fc
  .array(fc.oneof(text, text, heading, list, nested, quote, fence, table, tableBehindText, rule), {
    minLength: 1,
    maxLength: 3,
  })
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
    ['**bold\n', '**bold**\n'],
    ['**bold  \n', '**bold**  \n'],
    ['**bold\\\n', '**bold**\n'],
    ['_a\nb', '_a\nb_'],
    ['`code\n', '`code`\n'],
    ['``co\nde\n', '``co\nde``\n'],
    ['[link\n', 'link\n'],
    ['[link\ntext](', 'link\ntext'],
    ['![alt\n', ''],
    ['~~a\n', '~~a~~\n'],
    ['> **a\n', '> **a**\n'],
    ['> **a\n> ', '> **a**\n'],
    ['> **a\nb', '> **a\nb**'],
    ['- `a\n  ', '- `a`\n'],
    ['1. *a\n   b', '1. *a\n   b*'],
    ['A[^1\n', 'A\n'],
    ['A <https://a\n', 'A \n'],
    ['[a](b c', '[a](b c'],
    ['[a]: /b\n"ti', ''],
    ['[a]: /b\n[c]:', '[a]: /b\n'],
    ['Text\n[a]: b', 'Text\n[a]: b'],
    ['Text\n| a', 'Text\n| a |\n| - |'],
    ['Text\n| a |\n', 'Text\n| a |\n| - |'],
    ['- Text\n  | a | b', '- Text\n  | a | b |\n  | - | - |'],
    ['> Text\n> | a |\n> | -', '> Text\n> | a |\n> | -'],
    ['前**重', '前**重**'],
    ['前~', '前'],
    ['a***b ** _\n', 'a***b***\n'],
    ['a~~b。~~c', 'a~~b。~~c~~'],
    ['a“~~(~~b~~', 'a“~~(~~b~~'],
    ['> **a\\\n> _', '> **a**\n'],
  ])('%j is shown as %j', (text, expected) => {
    expect(closeOpenMarkdown(text)).toBe(expected);
  });

  it.each([
    ['A\n\n$$\n\\frac{a}', 'A\n\n'],
    ['A\n\n$$\na\n$', 'A\n\n'],
    ['A\n\n$$\na\n$$', 'A\n\n$$\na\n$$'],
    ['- $$\n  a', ''],
    ['> a\n> $$\n> a', '> a\n'],
    ['A $x', 'A '],
    ['A $$x$', 'A '],
    ['A $x$ b', 'A $x$ b'],
    ['A **$x', 'A '],
    ['A `$x', 'A `$x`'],
    ['```\n$$\na', '```\n$$\na'],
    ['A \\$x', 'A \\$x'],
    ['A $5 and', 'A $5 and'],
    ['A $HOME is set', 'A $HOME is set'],
    ['价格$5的书', '价格$5的书'],
    ['A $\\text{if so}', 'A '],
    ['| a |\n| - |\n| $x', '| a |\n| - |\n'],
  ])('with formulas, %j is shown as %j', (text, expected) => {
    expect(closeOpenMarkdown(text, { math: true })).toBe(expected);
  });

  it.each([
    ['A <b', 'A '],
    ['A <b title="a > b', 'A '],
    ['A <b title="a > b">c', 'A <b title="a > b">c'],
    ['A <!-- b > c', 'A '],
    ['a <b, c', 'a <b, c'],
    ['<details>\n<summ', '<details>\n'],
    ['<details>\n<summary>a</summ', '<details>\n<summary>a'],
    ['<div class="a', ''],
    ['<div>\n<!-- <b>', '<div>\n'],
    ['<details>\n\n**a', '<details>\n\n**a**'],
    ['<details>\n\na\n\n</det', '<details>\n\na\n\n'],
    ['`<b', '`<b`'],
  ])('with HTML, %j is shown as %j', (text, expected) => {
    expect(closeOpenMarkdown(text, { html: true })).toBe(expected);
  });

  it('loses no more words when it is closed again, whatever it is', { timeout: 30_000 + RUNS * 10 }, () => {
    const signs = ['a', ' ', '\n', '*', '**', '_', '`', '[', ']', '(', ')', '|', '\\', '~~', '- '];
    const property = fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 12 }), (all) => {
      const closed = closeOpenMarkdown(all.join(''));
      expect(closeOpenMarkdown(closed).replaceAll(/[^a]/g, '')).toBe(closed.replaceAll(/[^a]/g, ''));
    });
    fc.assert(property, { numRuns: 20 * RUNS });
  });

  it.each([
    ['** and _', 'CommonMark', ['**', '_'], false],
    ['* and __', 'CommonMark', ['*', '__'], false],
    ['** and _', 'remark-cjk-friendly', ['**', '_'], true],
    ['* and __', 'remark-cjk-friendly', ['*', '__'], true],
    ['~~', 'GitHub', ['~~'], false],
  ])('closes %s as %s reads it', { timeout: 30_000 + RUNS * 20 }, (_signs, _name, signs, cjkFriendly) => {
    const word = fc.constantFrom('a', '前', 'の', '한', ' ', '.', '(', '。', '“', '（', '😀', '\n');
    // Each mark up to twice: opened, or opened and closed, or opened twice.
    const marks = fc.shuffledSubarray([...signs, ...signs]);
    const text = fc.array(word, { minLength: 1, maxLength: 3 }).map((all) => all.join(''));
    const words = fc.array(text, { minLength: 5, maxLength: 5 });
    const marksIn = (text: string): number => shownBy(parse(text, false, cjkFriendly)).replaceAll(/[^*_~]/g, '').length;
    const property = fc.property(marks, words, (runs, all) => {
      // Behind a letter, no line is the beginning of another block.
      const source = `a${all.map((one, at) => `${one}${runs[at] ?? ''}`).join('')}`.replaceAll(/\n+(?!$)/g, '\nb');
      const closed = closeOpenMarkdown(source, { cjkFriendly });
      // Each mark is emphasis, or hidden, or text in the source as well.
      expect([source, closed, Math.max(marksIn(closed), marksIn(source))]).toEqual([source, closed, marksIn(source)]);
    });
    fc.assert(property, { numRuns: 10 * RUNS });
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
    '$',
    '$ ',
    '$a ',
    '<a b="',
    '<!--',
    '<div>\n\n',
    '</div>',
    '= "',
    '[a]: b\n',
    '\\\n',
    '**\n',
    '** ',
    '* a',
  ])('costs no more than its length: %j', (piece) => {
    const text = piece.repeat(100_000 / piece.length);
    const options = { math: true, html: true, cjkFriendly: true };
    expect(closeOpenMarkdown(`${text}x`).length).toBeLessThan(8 * text.length);
    expect(closeOpenMarkdown(`${text}x`, options).length).toBeLessThan(8 * text.length);
  });
});
