import { closeOpenMarkdown, createMarkdownSplitter, type MarkdownBlock } from '@rivulet/core/markdown';
import { describe, expect, it } from 'vitest';
import { growthOf, LINEAR } from '../support/growth.ts';
import { createRandom } from '../support/well-formed-answer.ts';
import { superlinearWork } from './support/repetitions.ts';

/** Most of them take less than 50 ms. */
const SAMPLES = 40;

const numbered = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('');

function split(text: string, options: { readonly html?: boolean } = {}): readonly MarkdownBlock[] {
  const splitter = createMarkdownSplitter(options);
  for (let at = 0; at < text.length; at += 4) splitter.push(text.slice(at, at + 4));
  splitter.end();
  return splitter.blocks;
}

it('costs no more than linear time for repetitions of random marks', async () => {
  const problems: string[] = [];
  for (let seed = 1; seed <= SAMPLES; seed += 1) {
    const problem = await superlinearWork(createRandom(seed), 48_000);
    if (problem) problems.push(`seed ${seed}: ${problem}`);
  }
  expect(problems).toEqual([]);
});

const html: Readonly<Record<string, (count: number) => string>> = {
  'elements that stay open': (count) => '<div>\n\na\n\n'.repeat(count),
  'formatting that stays open': (count) => '<b>\n\na *b*\n\n'.repeat(count),
  'paragraphs below open elements': (count) => `${'<b>'.repeat(190)}${'a\n\n'.repeat(count)}`,
  'end tags that close nothing': (count) => `<li><ul>${'<x>'.repeat(190)}${'</li>'.repeat(count)}`,
  'tables without ends': (count) => '<table><tr><td>\n\na\n\n'.repeat(count),
  'elements in a list': (count) => '- <details>\n'.repeat(count),
  'attributes without an end': (count) => `<a b="' ${'c d=\'" '.repeat(count)}`,
};

const references: Readonly<Record<string, (count: number) => string>> = {
  'references before their definitions, in one block': (count) =>
    `${numbered(count, (at) => `[a${at}]\n`)}\n${numbered(count, (at) => `[a${at}]: b\n`)}`,
  'references behind their definitions': (count) =>
    `${numbered(count, (at) => `[a${at}]: b\n`)}\n${numbered(count, (at) => `[a${at}]\n\n`)}`,
  'references to the same definition': (count) => `[a]: b\n\n${'[a]\n\n'.repeat(count)}`,
  'references to a long definition': (count) => `[a]: b "${'c '.repeat(count)}"\n\n${'[a]\n\n'.repeat(count)}`,
  'marks of footnotes before their notes': (count) =>
    `${numbered(count, (at) => `a[^${at}]\n`)}\n${numbered(count, (at) => `[^${at}]: b\n\n`)}`,
  'the same footnote': (count) => '[^a]: b\n\n[^a]\n\n'.repeat(count),
  'escaped brackets': (count) => '[\\[\n\n'.repeat(count),
};

const tails: Readonly<Record<string, (count: number) => string>> = {
  'definitions above lines of equals signs': (count) => '[a]: b\n=\n'.repeat(count * 8),
  'a definition of parentheses': (count) => `[a]: ${'('.repeat(count)}\nx`,
  'a definition of quotation marks': (count) => `[a]: ${'"'.repeat(count)}\nx`,
  'a definition before quotations': (count) => `[a]:\n    ${'>'.repeat(count)}\nx`,
  'half a definition and blank lines': (count) => `[a]: b\n\n${'\n \n'.repeat(count)}[a]:${' '.repeat(count)}`,
  'a formula with a bare line': (count) => `$$\n${'a\n'.repeat(count)}${'- '.repeat(count)}`,
  'a bare line of marks': (count) => `a\n${'> - '.repeat(count)}[^${'a'.repeat(count)}`,
  'open emphasis of both kinds': (count) => `${'*a _b '.repeat(16)}${'word '.repeat(count * 4)}`,
};

describe('the cost of Markdown that streams', () => {
  it.each(Object.entries(html))('is linear for HTML of %s', async (_, textOf) => {
    expect(await growthOf(async (count) => split(textOf(count), { html: true }), 350)).toBeLessThan(LINEAR);
  });

  it.each(Object.entries(references))('is linear for %s', async (_, textOf) => {
    const growth = await growthOf(async (count) => split(textOf(count)).map(({ definitions }) => definitions), 350);
    expect(growth).toBeLessThan(LINEAR);
  });

  it.each(Object.entries(tails))('is linear for a tail of %s', async (_, textOf) => {
    const growth = await growthOf(async (count) => closeOpenMarkdown(textOf(count), { math: true, html: true }), 700);
    expect(growth).toBeLessThan(LINEAR);
  });
});

describe('the definitions of a block', () => {
  it('arrive in a bounded number of steps, and completely', () => {
    const splitter = createMarkdownSplitter();
    const count = 3000;
    splitter.push(`${numbered(count, (at) => `[a${at}]\n`)}\nEnd\n\n`);
    splitter.push(numbered(count, (at) => `[a${at}]: b${at}\n\n`));
    splitter.end();
    expect(splitter.revision).toBeLessThan(50);
    const definitions = numbered(count, (at) => `[a${at}]: b${at}\n\n`);
    expect(splitter.blocks[0]?.definitions).toBe(`${definitions}***\n\n`);
  });

  it('are together not much longer than the document', () => {
    const text = `[a]: b "${'c '.repeat(20_000)}"\n\n${'[a]\n\n'.repeat(10_000)}`;
    const blocks = split(text);
    const length = blocks.reduce((sum, { definitions }) => sum + definitions.length, 0);
    expect(blocks.at(1)?.definitions).toContain('[a]: b');
    expect(length).toBeLessThan(100_000 + 2 * text.length);
  });

  it('do not include escaped brackets', () => {
    expect(split('[a]: b\n\n\\[a]\n\n\\\\[a]\n\nc').map(({ definitions }) => definitions !== '')).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
});
