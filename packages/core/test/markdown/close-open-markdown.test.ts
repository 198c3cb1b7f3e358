import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeOpenMarkdown } from '../../src/markdown/close-open-markdown.ts';
import { type Node, parse } from './support/parse.ts';

/** A piece of source, and what of it a reader sees once all of it is there. */
type Piece = readonly [source: string, shown: string];

const mark = (source: string): Piece => [source, ''];

const letters = fc.constantFrom('river', 'a', 'delta', 'bed', 'y1', 'and', 'ä', '中文');
const word = letters.map((text): Piece[] => Array.from(text, (letter): Piece => [letter, letter]));
const escaped = fc.constantFrom('*', '_', '`', '[', ']', '|', '\\').map((sign): Piece[] => [[`\\${sign}`, sign]]);
const code = fc
  .tuple(fc.constantFrom('`', '``'), fc.array(letters, { minLength: 1, maxLength: 2 }))
  .map(([ticks, words]): Piece[] => [
    mark(ticks),
    ...Array.from(words.join(' * '), (letter): Piece => [letter, letter]),
    mark(ticks),
  ]);
const url = fc.constantFrom('https://a.example/x', '/u', '/a_b_(c)', '</u>', '/u "a *title*"');
const image = fc.tuple(letters, url).map(([alt, to]): Piece[] => [[`![${alt}](${to})`, alt]]);

const spaced = (all: readonly Piece[][]): Piece[] => all.flatMap((one, at) => (at === 0 ? one : [mark(' '), ...one]));

function inline(depth: number, around: string): fc.Arbitrary<Piece[]> {
  const inner = depth === 0 ? undefined : (sign: string): fc.Arbitrary<Piece[]> => inline(depth - 1, around + sign);
  const wrapped = (sign: string): fc.Arbitrary<Piece[]> =>
    inner ? inner(sign).map((pieces) => [mark(sign), ...pieces, mark(sign)]) : word;
  const signs = ['**', '*', '_', '__', '~~'].filter((sign) => !around.includes(sign[0] ?? ''));
  const link =
    inner && !around.includes('[')
      ? fc.tuple(inner('['), url).map(([text, to]) => [mark('['), ...text, mark(`](${to})`)])
      : word;
  const one = fc.oneof({ weight: 6, arbitrary: word }, escaped, code, image, link, ...signs.map(wrapped));
  return fc.array(one, { minLength: 1, maxLength: 4 }).map(spaced);
}

const text = inline(2, '');
const cell = inline(1, '|').filter((pieces) => !pieces.some(([, shown]) => shown === '|' || shown === '\\'));
const heading = fc
  .tuple(fc.constantFrom('# ', '## ', '###### '), text)
  .map(([sign, all]): Piece[] => [mark(sign), ...all]);
const list = fc
  .tuple(fc.constantFrom('- ', '* ', '1. ', '- [ ] ', '2) '), fc.array(text, { minLength: 1, maxLength: 3 }))
  .map(([sign, items]): Piece[] => items.flatMap((item, at) => [mark(at === 0 ? sign : `\n${sign}`), ...item]));
const nested = fc.tuple(text, text).map(([outer, inner]): Piece[] => [mark('- '), ...outer, mark('\n  - '), ...inner]);
const quote = fc.tuple(text, text).map(([a, b]): Piece[] => [mark('> '), ...a, mark('\n> '), ...b]);
const fence = fc
  .tuple(fc.constantFrom('```', '~~~', '````js'), fc.array(letters, { minLength: 1, maxLength: 3 }))
  .map(([sign, lines]): Piece[] => [
    mark(sign),
    mark('\n'),
    ...Array.from(lines.join('\n\n'), (letter): Piece => [letter, letter]),
    mark(`\n${sign.replace('js', '')}`),
  ]);
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

describe('Markdown that is still coming', () => {
  it('shows what is there and nothing that goes away again', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(documents, (pieces) => {
        let source = '';
        let expected = '';
        for (const [part, visible] of pieces) {
          for (let length = 1; length < part.length; length += 1) {
            const so = source + part.slice(0, length);
            expect([so, shown(closeOpenMarkdown(so))]).toEqual([so, expected]);
          }
          source += part;
          expected += visible.trim();
          expect([source, shown(closeOpenMarkdown(source))]).toEqual([source, expected]);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 60) },
    );
  });
});
