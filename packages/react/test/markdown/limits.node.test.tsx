import { StreamingMarkdown } from '@rivulet/react/markdown';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import remarkMath from 'remark-math';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';

const RAW = [rehypeRaw];
const SAFE = [rehypeRaw, rehypeSanitize];

const deep: Readonly<Record<string, string>> = {
  'a rule of list markers': '- '.repeat(2000),
  lists: `${'- '.repeat(2000)}a <b>`,
  quotations: `${'>'.repeat(4000)} a <b>`,
  'many lines of quotations': `${'>'.repeat(300)} a\n`.repeat(50),
  emphasis: `${'*a _b '.repeat(1000)}${'b_ a* '.repeat(1000)}`,
  images: '!['.repeat(500) + '](b)'.repeat(500),
  brackets: '['.repeat(5000) + ']'.repeat(5000),
  footnotes: Array.from({ length: 200 }, (_, at) => `${'    '.repeat(at)}[^${at}]: a\n\n`).join(''),
  elements: `${'<div>'.repeat(3000)}a`,
  'elements in a line': `a ${'<b>'.repeat(3000)}`,
  pipes: `a\n${'|'.repeat(50_000)}`,
};

describe('Markdown that is nested without end', () => {
  for (const isStreaming of [true, false]) {
    it.each(Object.entries(deep))(
      `renders ${isStreaming ? 'while it streams' : 'when it is complete'}: %s`,
      (_, text) => {
        for (const rehypePlugins of [[], RAW, SAFE]) {
          const html = renderToStaticMarkup(
            <StreamingMarkdown
              text={`# Title\n\n${text}\n\n**bold**`}
              isStreaming={isStreaming}
              rehypePlugins={rehypePlugins}
            />,
          );
          expect(html).toContain('<h1>Title</h1>');
          const tail = renderToStaticMarkup(
            <StreamingMarkdown text={text} isStreaming={isStreaming} rehypePlugins={rehypePlugins} />,
          );
          expect(tail.length).toBeLessThan(200_000);
        }
      },
    );
  }

  it('keeps the source and its white space, and renders the blocks around it', () => {
    const source = `${'> '.repeat(100)}<b>a</b>\n${'> '.repeat(100)}  c`;
    const html = renderToStaticMarkup(<StreamingMarkdown text={`*a*\n\n${source}\n\n*b*`} />);
    const shown = source.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    expect(html).toBe(
      `<p><em>a</em></p><p style="white-space:pre-wrap;overflow-wrap:anywhere">${shown}</p><p><em>b</em></p>`,
    );
  });

  it('renders a tree that a plugin makes too deep', () => {
    const nest = () => (tree: { children: unknown[] }) => {
      let node: unknown = { type: 'text', value: 'inside' };
      for (let at = 0; at < 20_000; at += 1) {
        node = { type: 'element', tagName: 'span', properties: {}, children: [node] };
      }
      tree.children = [node];
    };
    const html = renderToStaticMarkup(<StreamingMarkdown text="a" rehypePlugins={[nest]} />);
    expect(html).toContain('<span>inside</span>');
  });
});

const PLAIN = 'white-space:pre-wrap';
const MATH = [remarkMath];
/** About one second on a machine with nothing else to do. */
const MOST_MS = 4000;

const atTheLimits: Readonly<Record<string, string>> = {
  items: '- a\n'.repeat(2900),
  footnotes: Array.from({ length: 2900 }, (_, at) => `[^${at}]: a\n`).join(''),
  'lines of a quotation without its mark': `> a\n${'b\n'.repeat(1990)}`,
  'lines with blanks at the end': 'a  \n'.repeat(9900),
  'lines of cells': 'a|b\n'.repeat(9900),
  'spans of code': '`a` '.repeat(3900),
  formulas: '$a$ '.repeat(1950),
  'marks that may open and close': `- ${'a**b'.repeat(3300)}\n`.repeat(3),
  brackets: `- ${'[a'.repeat(3300)}\n`.repeat(3),
  cells: `|a|b|\n|-|-|\n${'|1|2|\n'.repeat(4900)}`,
  'underlined headings': 'a\n=\n'.repeat(990),
  'mail addresses': 'a@a.b '.repeat(16_000),
  'elements of HTML': `${'<b>'.repeat(90)}${'<p>a</p>'.repeat(12_000)}`,
};

describe('Markdown at the limits', () => {
  it.each(Object.entries(atTheLimits))('is parsed in a bounded time: %s', (_, text) => {
    let time = Infinity;
    // Once may be the compiler or the garbage collector.
    for (let attempt = 0; attempt < 3 && time > MOST_MS; attempt += 1) {
      const before = process.cpuUsage();
      const html = renderToStaticMarkup(<StreamingMarkdown text={text} remarkPlugins={MATH} rehypePlugins={RAW} />);
      const { user, system } = process.cpuUsage(before);
      time = (user + system) / 1000;
      expect(html).not.toContain(PLAIN);
    }
    expect(time).toBeLessThan(MOST_MS);
  });
});
