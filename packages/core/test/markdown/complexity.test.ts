import { describe, expect, it } from 'vitest';
import { closeOpenMarkdown, createMarkdownSplitter } from '@rivulet/core/markdown';
import { growthOf, LINEAR } from '../support/growth.ts';

const numbered = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('');
const nested = (signs: readonly string[], count: number): string => {
  const open = numbered(count, (at) => `${signs[at % signs.length]}a `);
  const close = numbered(count, (at) => `a${signs[(count - 1 - at) % signs.length]} `);
  return open + close;
};

const tooComplex: Readonly<Record<string, string>> = {
  'nested lists in one line': `${'- '.repeat(2000)}a`,
  'nested lists over many lines': numbered(60, (at) => `${'  '.repeat(at)}- a\n`),
  'nested ordered lists': `${'1. '.repeat(500)}a`,
  'nested quotations': `${'>'.repeat(4000)} a`,
  'lists and quotations in turn': '> - '.repeat(100),
  'nested footnotes': numbered(100, (at) => `${'    '.repeat(at)}[^${at}]: a\n\n`),
  'nested emphasis': nested(['*', '_'], 2000),
  'nested strikethrough and emphasis': nested(['~~', '*'], 200),
  'one long run of emphasis': `${'*'.repeat(2000)}a${'*'.repeat(2000)}`,
  'nested images': '!['.repeat(500) + '](b)'.repeat(500),
  'nested brackets': '['.repeat(500) + ']'.repeat(500),
  'emphasis whose apparent ends are code': `${'*a `*` '.repeat(100)}${'a* '.repeat(100)}`,
  'many marks of emphasis': 'a* '.repeat(10_000),
  'many closing brackets': ']'.repeat(10_000),
  'many comments that do not end': `a ${'<!-- '.repeat(10_000)}`,
  'many short rows of a wide table': `${'|a'.repeat(400)}|\n${'|-'.repeat(400)}|\n${'|\n'.repeat(100)}`,
  'many underlined headings': 'a\n=\n'.repeat(2000),
  'many items': '- a\n'.repeat(5000),
  'many quotations': '> a\n---\n'.repeat(5000),
  'many lines of a quotation without its mark': `> a\n${'b\n'.repeat(3000)}`,
  'many lines': 'a\n'.repeat(15_000),
  'many spans of code in one paragraph': '`a` '.repeat(5000),
  'many marks in many paragraphs': `- ${'*a* '.repeat(1500)}\n`.repeat(8),
  'a paragraph of great length': 'word '.repeat(50_000),
};

const usual: Readonly<Record<string, string>> = {
  'a rule of many marks': '- '.repeat(2000),
  'eight levels of lists': numbered(8, (at) => `${'  '.repeat(at)}- a\n`),
  'many pairs of emphasis in one paragraph': 'An *a*, a **b**, an _c_ and a ~~d~~. '.repeat(200),
  'many lone stars': '2 * 3 * 4 *5 '.repeat(300),
  'openers without ends before many pairs': '*a '.repeat(100) + '*b* '.repeat(100),
  'many links': '[a](https://a.example/) ![b](c) '.repeat(300),
  'a list of a thousand items': '- **a** [b](c) `d`\n'.repeat(1000),
  'a table of a thousand rows': `|a|b|\n|-|-|\n${'|*1*|2|\n'.repeat(1000)}`,
  'a long block of code': `\`\`\`\n${'- > * [a](b)\n'.repeat(20_000)}\`\`\`\n`,
};

function blocksOf(text: string, options: { readonly html?: boolean; readonly math?: boolean } = {}) {
  const splitter = createMarkdownSplitter(options);
  splitter.push(text);
  splitter.end();
  return splitter.blocks;
}

describe('a block of Markdown that is too complex', () => {
  it.each(Object.entries(tooComplex))('is plain: %s', (_, text) => {
    expect(blocksOf(text).some(({ isPlain }) => isPlain)).toBe(true);
    const splitter = createMarkdownSplitter();
    splitter.push(text.trimEnd());
    expect(splitter.tail.isPlain || splitter.blocks.some(({ isPlain }) => isPlain)).toBe(true);
  });

  it('is plain with nested HTML, where that is rendered', () => {
    expect(blocksOf('<div>'.repeat(200)).at(0)?.isPlain).toBe(false);
    expect(blocksOf('<div>'.repeat(200), { html: true }).at(0)?.isPlain).toBe(true);
    expect(blocksOf('<p>a<br><li>b'.repeat(200), { html: true }).at(0)?.isPlain).toBe(false);
  });

  it('is plain with many formulas, where those are read', () => {
    const text = '$a$ '.repeat(5000);
    expect(blocksOf(text).at(0)?.isPlain).toBe(false);
    expect(blocksOf(text, { math: true }).at(0)?.isPlain).toBe(true);
  });

  it('does not affect the blocks around it', () => {
    const blocks = blocksOf(`# A\n\n${'> '.repeat(100)}a\n\n**b**\n`);
    expect(blocks.map(({ isPlain }) => isPlain)).toEqual([false, true, false]);
  });

  it.each(Object.entries(usual))('does not include %s', (_, text) => {
    expect(blocksOf(text).some(({ isPlain }) => isPlain)).toBe(false);
  });
});

const documents: Readonly<Record<string, (count: number) => string>> = {
  blocks: (count) => 'a b\n\n'.repeat(count),
  'one paragraph': (count) => 'word word\n'.repeat(count),
  'one line': (count) => 'word '.repeat(count),
  lists: (count) => '- a\n'.repeat(count),
  'nested lists before blank lines': (count) => `${'- '.repeat(count)}a${'\n'.repeat(count)}`,
  'nested quotations': (count) => `${'>'.repeat(count)}a${'\n>'.repeat(count)}`,
  definitions: (count) => numbered(count, (at) => `[a${at}]: b\n\n`),
  'labels that wait for definitions': (count) =>
    numbered(count, (at) => `[a${at}]\n\n`) + numbered(count, (at) => `[a${at}]: b\n\n`),
  footnotes: (count) => numbered(count, (at) => `[^a${at}]: b\n\n[^a${at}]\n\n`),
  fences: (count) => '```\na\n```\n'.repeat(count),
  'a long fence': (count) => `\`\`\`\n${'a\n'.repeat(count)}`,
  tables: (count) => `|a|b|\n|-|-|\n${'|1|2|\n'.repeat(count)}`,
  'blank lines': (count) => '\n'.repeat(count),
  'lines with carriage returns': (count) => 'a\r\n'.repeat(count),
};
const tails: Readonly<Record<string, (count: number) => string>> = {
  'targets of links': (count) => '[a]('.repeat(count),
  'quoted titles': (count) => '[a](b "'.repeat(count),
  'targets in angle brackets': (count) => '[a](<'.repeat(count),
  images: (count) => '!['.repeat(count),
  emphasis: (count) => '*a _b ~~c '.repeat(count),
  'runs of code': (count) => numbered(Math.floor(Math.sqrt(count)), (at) => `${'`'.repeat(at)} `),
  formulas: (count) => '$a '.repeat(count),
  tags: (count) => '<a b="'.repeat(count),
  comments: (count) => '<!--'.repeat(count),
  rows: (count) => '|a|b\n'.repeat(count),
  labels: (count) => '[a][b'.repeat(count),
};

describe('the cost of Markdown that streams', () => {
  it.each(Object.entries(documents))('is linear for %s', async (_, textOf) => {
    const growth = await growthOf(async (count) => {
      const text = textOf(count);
      const splitter = createMarkdownSplitter();
      for (let at = 0; at < text.length; at += 4) splitter.push(text.slice(at, at + 4));
      splitter.end();
    }, 500);
    expect(growth).toBeLessThan(LINEAR);
  });

  it.each(Object.entries(tails))('is linear for a tail of %s', async (_, textOf) => {
    const growth = await growthOf(async (count) => closeOpenMarkdown(textOf(count), { math: true, html: true }), 350);
    expect(growth).toBeLessThan(LINEAR);
  });
});
