import { closeOpenMarkdown, createMarkdownSplitter, type MarkdownSplitterOptions } from '@rivulet/core/markdown';
import { processorTime } from '../../support/growth.ts';

const MARKS = [
  ...[
    '*',
    '**',
    '_',
    '~',
    '~~',
    '`',
    '```',
    '~~~',
    '$',
    '$$',
    '#',
    '# ',
    '-',
    '- ',
    '+ ',
    '1. ',
    '1',
    '=',
    '===',
    '---',
  ],
  ...['[', ']', '(', ')', '![', '](', '][', '[a]', '[^', '[^a]', '[^a]: ', '[a]:', '[a]: b', '- [ ] ', '>', '> ', '|'],
  ...[
    '|-',
    '|-|',
    'a|b',
    '<',
    '<!--',
    '-->',
    '<?',
    '<![CDATA[',
    '<div>',
    '</div>',
    '<b>',
    '</b>',
    '<p>',
    '<li>',
    '<ul>',
  ],
  ...[
    '<a href="',
    '</a>',
    '<table>',
    '<script>',
    '<svg>',
    '<br>',
    '\\',
    '&',
    ':',
    '!',
    '"',
    "'",
    '.',
    'http://',
    'www.',
  ],
  ...['word', '    ', '\t', ' ', '\n', '\n\n', '\r\n', '\r', '👋', '한', '，'],
];
const BETWEEN = ['', '', ' ', '\n', '\n\n', '\r\n', '\t', '\n  '];

const OPTIONS: readonly MarkdownSplitterOptions[] = [{}, { html: true }, { math: true }, { html: true, math: true }];

function pushAll(text: string, size: number, options: MarkdownSplitterOptions): void {
  const splitter = createMarkdownSplitter(options);
  for (let at = 0; at < text.length; at += size) splitter.push(text.slice(at, at + size));
  splitter.end();
}

type Work = (text: string, options: MarkdownSplitterOptions) => void;

const WORKS: Readonly<Record<string, Work>> = {
  closeOpenMarkdown: (text, options) => void closeOpenMarkdown(text, options),
  'closeOpenMarkdown with East Asian rules': (text, options) =>
    void closeOpenMarkdown(text, { ...options, cjkFriendly: true, cjkFriendlyStrikethrough: true }),
  'a splitter with single characters': (text, options) => pushAll(text, 1, options),
  'a splitter with four characters at a time': (text, options) => pushAll(text, 4, options),
  'the tail of a splitter': (text, options) => {
    const splitter = createMarkdownSplitter(options);
    splitter.push(text);
    void splitter.tail.isPlain;
  },
};

/** Eight times the text may take so many times the processor time. */
const MOST_GROWTH = 14;
/** Processor times below this are too short to compare, in ms. */
const MEASURABLE_MS = 40;
const MEASURABLE_PART_MS = 4;

/**
 * Repeats a random sequence of marks up to a length, and returns a description of the work that takes more than linear
 * processor time for it.
 */
export async function superlinearWork(random: () => number, length: number): Promise<string | undefined> {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const marks = (count: number): string => Array.from({ length: count }, () => pick(MARKS) + pick(BETWEEN)).join('');
  const unit = marks(1 + Math.floor(random() * 3));
  const start = random() < 0.5 ? '' : marks(1) + pick(MARKS);
  const end = random() < 0.5 ? '' : pick(MARKS);
  const isNumbered = random() < 0.2;
  const [name, work] = pick(Object.entries(WORKS));
  const options = pick(OPTIONS);

  function textOf(size: number): string {
    if (!isNumbered) return start + unit.repeat(Math.ceil(size / unit.length)) + end;
    const count = Math.ceil(size / (unit.length + 5));
    return start + Array.from({ length: count }, (_, at) => unit + (10_000 + at)).join('') + end;
  }

  const long = textOf(length);
  const short = textOf(length / 8);
  let growth = Infinity;
  // Once may be the compiler or the garbage collector.
  for (let attempt = 0; attempt < 4 && growth > MOST_GROWTH; attempt += 1) {
    const time = await processorTime(() => work(long, options));
    if (time < MEASURABLE_MS) return undefined;
    growth = time / Math.max(await processorTime(() => work(short, options)), MEASURABLE_PART_MS);
  }
  if (growth <= MOST_GROWTH) return undefined;
  const repeated = JSON.stringify([start, isNumbered ? `${unit}<number>` : unit, end]);
  return `${name} of ${repeated} ${JSON.stringify(options)} takes ${growth.toFixed(1)} times the time for 8 times the text`;
}
