import { expect, it } from 'vitest';
import { BlockReader, type Block } from '../src/components/block-reader.ts';

const TEXT = `# Title

A paragraph
on two lines.

- one
- two with \`code\`
1. first

\`\`\`ts
const a = 1;

# not a heading
\`\`\`
after
## Next
\`\`\`
never closed`;

const BLOCKS: Block[] = [
  { kind: 'heading', level: 1, text: 'Title' },
  { kind: 'paragraph', text: 'A paragraph\non two lines.' },
  { kind: 'item', marker: '-', text: 'one' },
  { kind: 'item', marker: '-', text: 'two with `code`' },
  { kind: 'item', marker: '1.', text: 'first' },
  { kind: 'code', language: 'ts', text: 'const a = 1;\n\n# not a heading' },
  { kind: 'paragraph', text: 'after' },
  { kind: 'heading', level: 2, text: 'Next' },
  { kind: 'code', language: '', text: 'never closed' },
];

function blocksOf(reader: BlockReader, isComplete: boolean): Block[] {
  return [...reader.settled, ...reader.tail(isComplete)];
}

it('tells blocks apart', () => {
  const reader = new BlockReader();
  reader.read(TEXT);
  expect(blocksOf(reader, true)).toEqual(BLOCKS);
});

it.each([1, 2, 3, 7])(
  'gives the same when %i characters come at a time, and never changes what has settled',
  (size) => {
    const reader = new BlockReader();
    const settled: Block[] = [];
    for (let end = size; end < TEXT.length + size; end += size) {
      reader.read(TEXT.slice(0, end));
      reader.read(TEXT.slice(0, end));
      settled.forEach((block, index) => expect(reader.settled[index]).toBe(block));
      settled.splice(0, Infinity, ...reader.settled);
      expect(reader.tail(false).length).toBeLessThanOrEqual(2);
    }
    expect(blocksOf(reader, true)).toEqual(BLOCKS);
  },
);

it('shows a mark only once it is clear what it is, and always at the end', () => {
  const reader = new BlockReader();
  for (const text of ['#', '# ']) {
    reader.read(text);
    expect(reader.tail(false)).toEqual([]);
  }
  reader.read('# A');
  expect(reader.tail(false)).toEqual([{ kind: 'heading', level: 1, text: 'A' }]);

  const other = new BlockReader();
  other.read('``');
  expect(other.tail(false)).toEqual([]);
  expect(other.tail(true)).toEqual([{ kind: 'paragraph', text: '``' }]);
});

it('loses no character of a text without blocks', () => {
  const text = 'a **b** `c` <script>alert(1)</script>';
  const reader = new BlockReader();
  reader.read(text);
  expect(reader.tail(true)).toEqual([{ kind: 'paragraph', text }]);
});

it.each(['- ', '-', '2.', '2. ', '## ', '#'])('shows no mark without text where an answer was stopped: %j', (mark) => {
  const reader = new BlockReader();
  reader.read(`- one\n${mark}`);
  expect(blocksOf(reader, true)).toEqual([{ kind: 'item', marker: '-', text: 'one' }]);
});

it.each(['5', '1.', '-', '#'])('shows an answer that is nothing but %j', (text) => {
  const reader = new BlockReader();
  reader.read(text);
  expect(blocksOf(reader, true)).toEqual([{ kind: 'paragraph', text }]);
});
