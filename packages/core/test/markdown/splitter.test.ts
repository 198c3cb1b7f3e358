import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createMarkdownSplitter } from '../../src/markdown/splitter.ts';
import { documents, htmlDocuments } from './support/documents.ts';
import { htmlInBlocks, wholeHtml } from './support/html.ts';
import { inBlocks, whole } from './support/nodes.ts';

/** More of them by hand: `RUNS=20000`. */
const RUNS = Number(process.env['RUNS'] ?? 300);

/** The blocks of a document that is not over, and its tail. */
function cut(...deltas: readonly string[]): string[] {
  const splitter = createMarkdownSplitter();
  for (const delta of deltas) splitter.push(delta);
  return [...splitter.blocks.map((block) => block.text), splitter.tail.text];
}

/** How many characters regular expressions are given while something is done. */
function charactersRead(work: () => void): number {
  const { exec } = RegExp.prototype;
  let count = 0;
  const spy = vi.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, text) {
    count += text.length - this.lastIndex;
    return exec.call(this, text);
  });
  try {
    work();
  } finally {
    spy.mockRestore();
  }
  return count;
}

const ANSWER = `# Rivers

A river **meanders** because
of [its bed][bed].

- slow
- fast

  with *more* on it

1. one

2. two
3. three

Code:

\`\`\`ts
const a = 1;

# no heading
\`\`\`

> said

| a | b |
| - | - |
| 1 | 2 |

<details>
<summary>More</summary>

Inside.

</details>

[bed]: https://a.example/bed
`;

/** Each is read otherwise in pieces if it is cut where it seems to be. */
const ODDITIES = [
  '[x] river\n\nriver\n   - <div>\n\triver\n2. \n[x]: /u\n',
  '[x]: /u\n\t[^1]: note\n\n[^1] [a][^1]\n',
  '   > ```\n    a\n2. b\n[x]: /u\n\n[x]\n',
  '    code\n\n2. two\n',
  '      x\n\n>\t-\t\n>\tx\n\n>x x\n',
  '1. x\n  - -\t![i][x]\n2. + #\r+ "t"\n<b>\r\n[x]: /u\n$$ $$\n',
  '2. <x-y a="b">\n\n\t[x][y]\r    \\\\ `code`\n\n[x] river\n2. [x][y]\n  ?>\r\t- | -\n>[x]:\r<x-y a="b">\n',
  '      -|-\n+ 1. [x]: /u\n<b>\n$$\n\n    [y]: <u> "t"\n> 1. [x]: /u\n\n+ river\n* 10. [x]\n  - 10. \ta|b\n[x][y]\n',
  '     x **bold** [^1]\n> \\\\ `code`\n</script>\r"t"\n10. 2. [^1]: note\n2. ![i][x]\n   * a|b [x]\n\n',
  '1. -|-\n- [x] x\n>\t<!D\n\n    [X]: /other\n\n>\t2. a|b\n\n    - [^1]:\n\n',
];

/** Each has elements that end elsewhere than where they seem to. */
const HTML_ODDITIES = [
  '> <table><tr><td>\n\nriver\n',
  '+ <table><tr><td> <div>\n`<div>`\n\n# <b>h\n',
  ' - <ul><li>a\n\nriver\n',
  'river\n\n</p> river\n',
  '+ river\n<b>\n\n# <b>h\n',
  '- <pre> `<b>`\n\nriver\n',
  '<div>\n\n- </div>\n- river\n\nriver\n',
];

describe('the blocks of a Markdown document', () => {
  it('are parsed one by one to what the whole is parsed to', { timeout: 30_000 + RUNS * 20 }, () => {
    fc.assert(
      fc.property(documents, fc.boolean(), (text, math) => {
        let expected: unknown;
        try {
          expected = whole(text, math);
        } catch {
          // The parser fails an assertion of its own on a check box behind an empty item.
          fc.pre(false);
        }
        expect(inBlocks(text, math)).toEqual(expected);
      }),
      {
        numRuns: RUNS,
        examples: [ANSWER, ...ODDITIES].flatMap((text): [string, boolean][] => [
          [text, false],
          [text, true],
        ]),
      },
    );
  });

  it('are rendered one by one to what the whole is rendered to, with its HTML', { timeout: 30_000 + RUNS * 20 }, () => {
    const property = fc.property(htmlDocuments, (text) => {
      expect(htmlInBlocks(text)).toEqual(wholeHtml(text));
    });
    fc.assert(property, { numRuns: RUNS / 2, examples: HTML_ODDITIES.map((text) => [text]) });
  });

  it.each([
    ['details', '<details open>\n<summary>a</summary>\n\nb\n\n- c\n\n</details>\n', '\nEnd'],
    ['nested elements of one name', '<div>\n\n<DIV title="</div>">\n\na\n\n</div>\n\nb\n\n</Div>\n', '\nEnd'],
    ['a table', '<table><tr><td>\n\na\n\n</td></tr></table>\n', '\nEnd'],
    ['an own element', '<my-box>\n\na\n\n</my-box>\n', '\nEnd'],
    ['an element that a paragraph closes', 'a <div>\n\nb </div> c\n', '\nEnd'],
    ['emphasis that goes on', 'a <b>b\n\nc</b> d\n', '\nEnd'],
    ['an element in a comment', '<!-- <div> -->\n', '\nEnd'],
    ['an element in code', '`<div>`\n', '\nEnd'],
    ['a void element', 'a<br>\n<img src="a">\n', '\nEnd'],
    ['an inline element that is not closed', 'a List<String> b\n', '\nEnd'],
    ['a graphic', '<svg>\n<path/>\n</svg>\n', '\nEnd'],
  ])('are not cut within %s, if HTML is rendered', (_name, block, rest) => {
    const splitter = createMarkdownSplitter({ html: true });
    for (const letter of block + rest) splitter.push(letter);
    expect([...splitter.blocks.map(({ text }) => text), splitter.tail.text]).toEqual([block, rest]);
  });

  it('keep the rest of the document with an element that is never closed, if HTML is rendered', () => {
    const splitter = createMarkdownSplitter({ html: true });
    splitter.push('One.\n\n<div>\n\nTwo.\n\nThree.\n\n');
    splitter.end();
    expect(splitter.blocks.map(({ text }) => text)).toEqual(['One.\n', '\n<div>\n\nTwo.\n\nThree.\n\n']);
  });

  it.each([
    '<div>',
    '</div>',
    '<div>\n\n',
    '<x-y><div>',
    '</x-y>',
    '<b>',
    '<b></i>',
    '<a b="',
    "<a b='\n",
    '= "',
    '<!--',
    '<?',
    '<![CDATA[',
    '<script>',
    '<td><table><div></td>',
    '`<b>',
    '- <div>\n',
    '> ',
  ])('cost what is added with any amount of %j, if HTML is rendered', (piece) => {
    const text = piece.repeat(50_000 / piece.length);
    const splitter = createMarkdownSplitter({ html: true });
    for (let at = 0; at < text.length; at += 500) splitter.push(text.slice(at, at + 500));
    splitter.push('\n\nEnd');
    splitter.end();
    expect(splitter.blocks.map((block) => block.text).join('')).toBe(`${text}\n\nEnd`);
  });

  it('are cut where a block follows a blank line, and lists stay whole', () => {
    expect(cut(ANSWER)).toEqual([
      '# Rivers\n',
      '\nA river **meanders** because\nof [its bed][bed].\n',
      '\n- slow\n- fast\n\n  with *more* on it\n\n1. one\n\n2. two\n3. three\n',
      '\nCode:\n',
      '\n```ts\nconst a = 1;\n\n# no heading\n```\n',
      '\n> said\n',
      '\n| a | b |\n| - | - |\n| 1 | 2 |\n',
      '\n<details>\n<summary>More</summary>\n',
      '\nInside.\n',
      '\n</details>\n',
      '\n[bed]: https://a.example/bed\n',
    ]);
  });

  it('are complete as soon as the next one begins', () => {
    expect(cut('One.\n\nT')).toEqual(['One.\n', '\nT']);
    expect(cut('- one\n\nT')).toEqual(['- one\n', '\nT']);
    expect(cut('- one\n\n1')).toEqual(['- one\n\n1']);
    expect(cut('- one\n\n1990 was')).toEqual(['- one\n', '\n1990 was']);
    expect(cut('- one\n\n*')).toEqual(['- one\n\n*']);
    expect(cut('- one\n\n**B')).toEqual(['- one\n', '\n**B']);
  });

  it('are the same however the text comes, and never change', { timeout: 30_000 }, () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
    const property = fc.property(fc.oneof(documents, htmlDocuments), sizes, fc.boolean(), (text, lengths, html) => {
      const splitter = createMarkdownSplitter({ html });
      const seen: string[] = [];
      for (let from = 0, turn = 0; from < text.length; turn += 1) {
        const next = from + (lengths[turn % lengths.length] ?? 1);
        splitter.push(text.slice(from, next));
        from = next;
        const now = splitter.blocks.map((block) => block.text);
        expect(now.slice(0, seen.length)).toEqual(seen);
        expect(now.join('') + splitter.tail.text).toBe(text.slice(0, next));
        seen.splice(0, seen.length, ...now);
      }
      const once = createMarkdownSplitter({ html });
      once.push(text);
      expect([...seen, splitter.tail.text]).toEqual([...once.blocks.map((block) => block.text), once.tail.text]);
      splitter.end();
      once.end();
      expect(splitter.blocks).toEqual(once.blocks);
      expect(splitter.blocks.map((block) => block.text).join('')).toBe(text);
    });
    fc.assert(property, {
      numRuns: 150,
      examples: [
        [ANSWER, [1], false],
        [ANSWER, [1], true],
      ],
    });
  });

  it('get definitions that come later', () => {
    const splitter = createMarkdownSplitter();
    splitter.push('See [the bed][bed] and [^1].\n\nNothing here.\n\nMore');
    const before = [...splitter.blocks];
    expect(before.map(({ definitions }) => definitions)).toEqual(['', '']);
    splitter.push('.\n\n[bed]: /bed "The bed"\n\n[^1]: A note.\n\nAnd [bed]');
    expect(splitter.blocks[0]).toEqual({ ...before[0], definitions: '[bed]: /bed "The bed"\n\n[^1]: -\n\n***\n\n' });
    expect(splitter.blocks[1]).toBe(before[1]);
    expect(splitter.revision).toBe(2);
    expect(splitter.tail.definitions).toBe('[bed]: /bed "The bed"\n\n***\n\n');
  });

  it('tell of a fence that is all that is open', () => {
    const splitter = createMarkdownSplitter();
    splitter.push('Code:\n```ts title="a"\n');
    const { text, fence } = splitter.tail;
    expect(fence).toEqual({ info: 'ts title="a"', start: text.length });
    splitter.push('const a;\n```\n');
    expect(splitter.tail.fence).toBeUndefined();
    splitter.push('\n- ```\n');
    expect(splitter.tail.fence).toBeUndefined();
  });

  it('cost what is added and the tail, however long the document is', () => {
    const splitter = createMarkdownSplitter();
    const round = (): void => {
      for (let at = 0; at < ANSWER.length; at += 8) {
        splitter.push(ANSWER.slice(at, at + 8));
        void splitter.tail;
      }
    };
    const first = charactersRead(round);
    for (let turn = 0; turn < 50; turn += 1) round();
    const last = charactersRead(round);
    expect(splitter.length).toBe(52 * ANSWER.length);
    expect(first).toBeGreaterThan(ANSWER.length);
    // The first round has no tail of a round before it.
    expect(last).toBeLessThan(first * 1.1);
  });

  it.each(['[', '](', '`', '* ', '> ', '- ', '1. ', '|', '<a ', '\\', '[a]: ', '    ', '\t', '`'.repeat(9) + ' '])(
    'take any amount of %j',
    (piece) => {
      const text = piece.repeat(100_000 / piece.length);
      const splitter = createMarkdownSplitter();
      splitter.push(`${text}\n${text}\n\n`);
      splitter.push('End');
      splitter.end();
      expect(splitter.blocks.map((block) => block.text).join('')).toBe(`${text}\n${text}\n\nEnd`);
    },
  );
});
