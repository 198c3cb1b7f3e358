import { closeOpenMarkdown, createMarkdownSplitter, type MarkdownSplitterOptions } from '@rivulet/core/markdown';
import { documents, htmlDocuments } from '../../packages/core/test/markdown/support/documents.ts';
import { createDice, cutAtRandom, type Dice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

/** Splits and closes Markdown of lines that affect each other, in pieces. */
export const markdown: Fuzzer = {
  name: 'markdown',
  casesInTests: 100,
  async run(seed) {
    const dice = createDice(seed);
    const text = dice.chance(0.7) ? dice.value(dice.chance(0.5) ? documents : htmlDocuments) : noise(dice);
    const problems = [...checkSplitter(text, dice), ...checkClosing(text, dice)];
    return problems.map((problem) => `${problem}: ${JSON.stringify(text).slice(0, 400)}`);
  },
};

const MARKS = [
  ...'*_`~[]()!<>|#-+=$\\&":;.\t \n\r'.split(''),
  '\n\n',
  '\r\n',
  '    ',
  '```',
  '~~~',
  '$$',
  '[^',
  ']: ',
  '](',
  '![',
  '<!--',
  '-->',
  '<a href="',
  '</div>',
  '<div>',
  '1. ',
  '- [ ] ',
  '|-|',
  'http://',
  'word',
  '👋',
  '\uD83D',
  '한',
  '，',
];

function noise(dice: Dice): string {
  return Array.from({ length: dice.below(60) }, () => dice.pick(MARKS)).join('');
}

function checkSplitter(text: string, dice: Dice): string[] {
  const options = { math: dice.chance(0.5), html: dice.chance(0.5) };
  const atOnce = split([text], options);
  const inPieces = split(cutAtRandom(text, dice), options);
  const problems: string[] = [];
  if (atOnce.join('\0') !== inPieces.join('\0'))
    problems.push(`the blocks depend on the pieces (${described(options)})`);
  return problems;
}

/** The blocks, each with its definitions. Their texts have to add up to the document. */
function split(pieces: readonly string[], options: MarkdownSplitterOptions): string[] {
  const splitter = createMarkdownSplitter(options);
  for (const piece of pieces) {
    splitter.push(piece);
    const { tail } = splitter;
    if (tail.fence && tail.fence.start > tail.text.length) throw new Error('The fence starts behind its text');
  }
  const before = splitter.blocks.length;
  const texts = [...splitter.blocks.map(({ text }) => text), splitter.tail.text].join('');
  splitter.end();
  if (splitter.blocks.length < before) throw new Error('A block is lost');
  if (texts !== pieces.join('') || splitter.blocks.map(({ text }) => text).join('') !== pieces.join('')) {
    throw new Error('The blocks do not add up to the document');
  }
  return splitter.blocks.map(({ text, definitions }) => `${text}\u0001${definitions}`);
}

function checkClosing(text: string, dice: Dice): string[] {
  const options = {
    math: dice.chance(0.5),
    singleDollarMath: dice.chance(0.5),
    html: dice.chance(0.5),
    cjkFriendly: dice.chance(0.5),
    cjkFriendlyStrikethrough: dice.chance(0.5),
  };
  const prefix = text.slice(0, dice.below(text.length + 1));
  const closed: unknown = closeOpenMarkdown(prefix, options);
  if (typeof closed !== 'string') return [`closeOpenMarkdown returns ${described(closed)}`];
  return closed.length > prefix.length * 2 + 200 ? ['closeOpenMarkdown adds more than the text'] : [];
}
