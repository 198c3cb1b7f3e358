import { StreamingMarkdown, type StreamingMarkdownProps } from '@rivulet/react/markdown';
import { render } from '@testing-library/react';
import Markdown, { defaultUrlTransform } from 'react-markdown';
import rehypeKatex from 'rehype-katex';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import remarkCjkFriendly from 'remark-cjk-friendly';
import remarkCjkFriendlyStrikethrough from 'remark-cjk-friendly-gfm-strikethrough';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';
import { expect, test } from 'vitest';
import { failOnConsoleErrors } from '../support/react-warnings.ts';

failOnConsoleErrors();

type Plugins = Pick<StreamingMarkdownProps, 'remarkPlugins' | 'rehypePlugins'>;

const PLAIN: Plugins = {};
const MATH: Plugins = { remarkPlugins: [remarkMath], rehypePlugins: [rehypeKatex] };
const TWO_DOLLARS: Plugins = {
  remarkPlugins: [[remarkMath, { singleDollarTextMath: false }]],
  rehypePlugins: [rehypeKatex],
};
const HTML: Plugins = { rehypePlugins: [rehypeRaw] };
const SAFE_HTML: Plugins = { rehypePlugins: [rehypeRaw, rehypeSanitize] };
const CJK: Plugins = { remarkPlugins: [remarkCjkFriendly] };
const CJK_STRIKETHROUGH: Plugins = { remarkPlugins: [remarkCjkFriendly, remarkCjkFriendlyStrikethrough] };
const ALL: Plugins = {
  remarkPlugins: [remarkMath, remarkCjkFriendly],
  rehypePlugins: [rehypeRaw, rehypeSanitize, rehypeKatex],
};

/** The elements of a page without the blank text between blocks. */
function elements(root: Element): string {
  const copy = root.cloneNode(true) as Element;
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  const blank: Node[] = [];
  while (walker.nextNode()) {
    const { currentNode } = walker;
    if (currentNode.textContent?.trim() === '' && !currentNode.parentElement?.closest('pre, p, .katex')) {
      blank.push(currentNode);
    }
  }
  for (const node of blank) node.parentNode?.removeChild(node);
  copy.normalize();
  return copy.innerHTML.replaceAll(/\s+(?=<)|(?<=>)\s+/g, '');
}

function plain(text: string, { remarkPlugins, rehypePlugins }: Plugins): string {
  const { container, unmount } = render(
    <Markdown
      remarkPlugins={[[remarkGfm, { singleTilde: false }], ...(remarkPlugins ?? [])]}
      rehypePlugins={rehypePlugins ?? []}
      urlTransform={(url) => (url.startsWith('data:') ? url : defaultUrlTransform(url))}
    >
      {text}
    </Markdown>,
  );
  const html = elements(container);
  unmount();
  return html;
}

/** What a reader sees, without code, and with formulas as one sign. */
function visibleText(root: Element, outside = ''): string {
  const copy = root.cloneNode(true) as Element;
  for (const formula of copy.querySelectorAll('.katex')) formula.replaceWith('∑');
  for (const code of copy.querySelectorAll('code')) code.replaceWith('#');
  if (outside !== '') for (const element of copy.querySelectorAll(outside)) element.remove();
  return copy.textContent ?? '';
}

interface Case {
  readonly text: string;
  readonly plugins: Plugins;
  /** Never visible in any prefix. @default any mark */
  readonly never?: RegExp;
  /** What the words "inside" are always in. */
  readonly container?: string;
}

const SHOW_IMAGES = { allowImage: (): boolean => true };
const MARK = /[*_`~$[\]|<>\\]/;

const CASES: Record<string, Case> = {
  'a formula between lines': {
    plugins: MATH,
    text: 'A\n\n$$\n\\frac{a}{b}\n\n+ \\sqrt{2}\n$$\n\nand $x^2 + \\text{if so}$.\n',
  },
  'formulas in lists and quotations': {
    plugins: MATH,
    text: '- one\n\n  $$\n  \\frac{a}{b}\n  $$\n- $\\frac{1}{2}$ **x**\n\n> $$\n> \\begin{cases} a & b \\end{cases}\n> $$\n>\n> $2x + 1$\n\n1. $$\n   a_1\n   $$\n',
  },
  'a formula in a table and a heading': {
    plugins: MATH,
    text: '# So $x_1$\n\n| a | b |\n| - | - |\n| $\\frac12$ | **b** |\n',
  },
  'a formula in one line': { plugins: MATH, text: 'Then $$\\frac{a}{b}$$ and\n$\\left( x\n\\right)$ end.\n' },
  'dollars in code': { plugins: MATH, text: 'A `$x` and\n\n```\n$$\n\\frac\n```\n' },
  'a formula directly below text': {
    plugins: MATH,
    text: 'Then\n$$\n\\int_0^1 x\n$$\nwhere\n\n1. a\n   $$\n   b_1\n   $$\n   - $c_1$\n',
  },
  'an amount of money': { plugins: MATH, text: 'It costs $5 now.\n\nOr **$7** then.\n', never: /[*]/ },
  'two dollars alone': { plugins: TWO_DOLLARS, text: 'From $5 to $10 or $$\\frac{a}{b}$$ **b**.\n', never: /[*\\]/ },
  'details with blank lines': {
    plugins: HTML,
    text: 'Before.\n\n<details>\n<summary>inside</summary>\n\ninside **bold** and\n\n- inside\n- `inside`\n\n```js\ninside\n\ninside\n```\n\n</details>\n\nAfter **it**.\n',
    container: 'details',
  },
  'details in details, directly below text': {
    plugins: HTML,
    text: 'Before\n<details><summary>inside</summary>\n\n1. inside\n\n   ```py\n   inside\n\n   inside\n   ```\n\n<details>\n\n> inside **b\n> c**\n\n</details>\n\ninside\n\n</details>\n\nAfter.\n',
    container: 'details',
  },
  'details that are sanitized': {
    plugins: SAFE_HTML,
    text: '<details open>\n<summary>inside</summary>\n\ninside\n\n| inside | b |\n| - | - |\n| 1 | 2 |\n\n</details>\n\nAfter.\n',
    container: 'details',
  },
  'nested elements': {
    plugins: HTML,
    text: '<div title="a > b">\n\ninside\n\n<DIV>\n\ninside\n\n</DIV>\n\ninside\n\n</div>\n\nAfter.\n\n<section class="x">\n\n# inside\n\n<!-- </section>\n\n-->\n\ninside\n\n</section>\n\nEnd.\n',
    container: 'div div[title], section',
  },
  'a table and an own element': {
    plugins: HTML,
    text: '<table><tr><td>\n\ninside *so*\n\n</td></tr></table>\n\nAfter.\n\n<my-box data-a="1">\n\ninside\n\n</my-box>\n\nEnd<br>of it.\n',
    container: 'table, my-box',
  },
  'elements in lists and quotations': {
    plugins: HTML,
    text: '- <details>\n\n  inside\n\n  </details>\n- b\n\n> <div>\n>\n> inside\n>\n> </div>\n\nAfter.\n',
    container: 'ul details, blockquote div',
  },
  'an element that is never closed': {
    plugins: HTML,
    text: 'A\n\n<div>\n\ninside\n\n## inside\n',
    container: 'div div',
  },
  'inline elements': { plugins: HTML, text: 'A <b title="a > b">bold\nline</b> and <kbd>K</kbd><br/>*end*\n' },
  'emphasis in Chinese text': { plugins: PLAIN, text: '前**重点**然后，*也是*。\n\n一**二三**四\n' },
  'emphasis beside Chinese punctuation': {
    plugins: CJK,
    text: '前**这是“重点”。**然后**（二）**三，~~旧~~新*「字」*的\n',
  },
  'strikethrough beside Chinese punctuation': {
    plugins: CJK_STRIKETHROUGH,
    text: '前~~这是“重点”。~~然后~~（二）~~三**四。**五\n',
  },
  'marks over line breaks': {
    plugins: PLAIN,
    text: 'A **bold\nline** and `code\nspan` and [link\ntext](/u\n"title") *a  \nb* ~~c\\\nd~~ ***e\nf*** __g\nh__\n',
  },
  'marks over line breaks in quotations and lists': {
    plugins: PLAIN,
    text: '[r s]: /there\n  "title"\n\n> **bold\n> line** `a\n> b` [c\n> d](/u)\n\n- *a\n  b* ``c\n  d``\n  - **e\n    f**\n1. ![alt\n   text](/u) [l][r\n   s]\n',
  },
  'marks in headings and cells': {
    plugins: PLAIN,
    text: '# A **b *c* d** `e`\n\n| **a** | `b` [c](/d) |\n| - | :-: |\n| ~~e~~ | *f* |\n',
  },
  'a table right behind text': {
    plugins: PLAIN,
    text: 'Text\n| a | **b** |\n| - | - |\n| 1 | 2 |\n\n> Text\n> | a | b |\n> | - | - |\n',
  },
  everything: {
    plugins: ALL,
    text: '<details>\n\n**inside。**字 $\\frac{a}{b}$\n\n$$\n\\frac{a}{b}\n$$\n\n</details>\n\nAfter `a`.\n',
    container: 'details',
  },
};

test.each(Object.entries(CASES))(
  'shows no raw mark in any prefix of %s',
  (_name, { text, plugins, never, container }) => {
    const { container: root, rerender } = render(
      <StreamingMarkdown text="" isStreaming {...SHOW_IMAGES} {...plugins} />,
    );
    const wrong: string[] = [];
    for (let end = 1; end <= text.length; end += 1) {
      const prefix = text.slice(0, end);
      rerender(<StreamingMarkdown text={prefix} isStreaming {...SHOW_IMAGES} {...plugins} />);
      const visible = visibleText(root);
      if ((never ?? MARK).test(visible)) wrong.push(`${prefix} => ${visible}`);
      if (root.querySelector('.katex-error')) wrong.push(`${prefix} => an error`);
      if (container && visibleText(root, container).includes('inside')) wrong.push(`${prefix} => ${root.innerHTML}`);
    }
    expect(wrong).toEqual([]);
    rerender(<StreamingMarkdown text={text} {...SHOW_IMAGES} {...plugins} />);
    expect(elements(root)).toBe(plain(text, plugins));
  },
);

test('emphasis that CommonMark does not read becomes text when the next letter shows it', () => {
  const text = '前**这是“重点”。**';
  const { container, rerender } = render(<StreamingMarkdown text={text} isStreaming />);
  expect(container.querySelector('strong')?.textContent).toBe('这是“重点”。');
  rerender(<StreamingMarkdown text={`${text}然后`} />);
  expect(container.textContent).toBe('前**这是“重点”。**然后');
});

test('a reference to a footnote is a mark before its definition arrives, and text without one', () => {
  const text = 'A[^1] **b[^why]\nc** `[^1]`.\n\nMore.\n\n[^1]: One.\n';
  const { container, rerender } = render(<StreamingMarkdown text="" isStreaming />);
  for (let end = 1; end <= text.length; end += 1) {
    rerender(<StreamingMarkdown text={text.slice(0, end)} isStreaming />);
    expect(visibleText(container)).not.toMatch(MARK);
  }
  expect(Array.from(container.querySelectorAll('sup'), (mark) => mark.textContent)).toEqual(['1', 'why', '1']);
  rerender(<StreamingMarkdown text={text} />);
  expect(container.querySelector('p')?.textContent).toBe('A1 b[^why]\nc [^1].');
});

test('html and math can be set where the plugins do not show them', () => {
  const text = '<div>\n\n$$\na\n\nb';
  const { container, rerender } = render(<StreamingMarkdown text={text} isStreaming math={false} html={false} />);
  expect(container.textContent).toContain('$$');
  rerender(<StreamingMarkdown text={text} isStreaming math html />);
  expect(container.textContent).not.toContain('$$');
});
