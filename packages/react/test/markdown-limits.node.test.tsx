import { StreamingMarkdown } from '@rivulet/react/markdown';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
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
