import * as fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { mathFromMarkdown } from 'mdast-util-math';
import { gfm } from 'micromark-extension-gfm';
import { math as mathSyntax } from 'micromark-extension-math';
import { describe, expect, it } from 'vitest';
import { createMarkdownSplitter } from '../../src/markdown/splitter.ts';

interface Node {
  readonly type: string;
  readonly position?: { readonly start: { readonly offset: number } };
  readonly children?: readonly Node[];
}

function parse(text: string, math: boolean): readonly Node[] {
  const tree = fromMarkdown(text, {
    extensions: [gfm(), ...(math ? [mathSyntax()] : [])],
    mdastExtensions: [gfmFromMarkdown(), ...(math ? [mathFromMarkdown()] : [])],
  });
  return (tree as Node).children ?? [];
}

function withoutPositions(nodes: readonly Node[]): unknown {
  return JSON.parse(
    JSON.stringify(nodes, function (this: Node, key, value: unknown) {
      if (key === 'position' || (key === 'data' && this.type === 'math')) return undefined;
      // Line ends stay at the end of what is not closed, depending on what follows.
      return key === 'value' && /^(?:html|code|math)$/.test(this.type) ? String(value).replace(/[\r\n]+$/, '') : value;
    }),
  );
}

/** The nodes of a document, parsed at once. */
function whole(text: string, math = false): unknown {
  return withoutPositions(parse(text, math));
}

/** The nodes of a document, parsed block by block. */
function inBlocks(text: string, math = false): unknown {
  const splitter = createMarkdownSplitter({ math });
  splitter.push(text);
  splitter.end();
  return withoutPositions(
    splitter.blocks.flatMap((block) =>
      parse(block.definitions + block.text, math).filter(
        ({ position }) => (position?.start.offset ?? 0) >= block.definitions.length,
      ),
    ),
  );
}

function texts(text: string): string[] {
  const splitter = createMarkdownSplitter();
  splitter.push(text);
  return [...splitter.blocks.map((block) => block.text), splitter.tail.text];
}

const word = fc.constantFrom(
  'river',
  'a|b',
  '**bold**',
  '[x]',
  '[x][y]',
  '[^1]',
  '`code`',
  '<b>',
  '$$',
  'x',
  '![i][x]',
  '\\',
);
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((all) => all.join(' '));
const leaf = fc.oneof(
  { weight: 6, arbitrary: words },
  fc.constantFrom(
    '',
    '',
    '',
    '',
    '```',
    '```js',
    '````',
    '~~~',
    '~~~~ x',
    '$$',
    '$$$',
    '# h',
    '## h ##',
    '#',
    '---',
    '***',
    '===',
    '=',
    '-',
    '+',
    '- - -',
  ),
  fc.constantFrom('a|b', '|a|b|', '-|-', '|-|-|', '| a |', '| - |', ':-', 'a', '| x \\| y |', '--- | ---', '- | -'),
  fc.constantFrom(
    '<div>',
    '</div>',
    '<script>',
    '</script>',
    '<!-- c',
    '-->',
    '<!-- c -->',
    '<x-y a="b">',
    '<a>',
    '<?p',
    '?>',
    '<!D',
    '<pre>',
    '</pre> x',
  ),
  fc.constantFrom(
    '[x]: /u',
    '[y]: <u> "t"',
    '[x]:',
    '/u "t"',
    '"t"',
    '[X]: /other',
    '[^1]: note',
    '[^1]:',
    '[^a]: river',
    '[y]: /v (t',
    'u)',
  ),
);
const prefix = fc.constantFrom(
  '',
  '',
  '',
  '',
  '',
  '',
  '> ',
  '>',
  '- ',
  '* ',
  '+ ',
  '1. ',
  '2. ',
  '2) ',
  '-',
  '10. ',
  ' ',
  '  ',
  '   ',
  '    ',
  '      ',
  '\t',
  '-\t',
  '>\t',
  '-     ',
  ' - ',
  '  - ',
);
const line = fc.tuple(fc.array(prefix, { maxLength: 3 }), leaf).map(([all, text]) => all.join('') + text);
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\n', '\n\n', '\n\n', '\r\n', '\r');
const documents = fc.array(fc.tuple(line, lineEnd), { maxLength: 12 }).map((lines) => lines.flat().join(''));

describe('the blocks of a Markdown document', () => {
  it('are parsed one by one to what the whole is parsed to', () => {
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
      { numRuns: Number(process.env['RUNS'] ?? 5000) },
    );
  });
});

