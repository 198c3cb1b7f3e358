import { type CodeBlockProps, StreamingMarkdown, type StreamingMarkdownProps } from '@rivulet/react/markdown';
import { render, screen } from '@testing-library/react';
import { Profiler, type ReactElement, type ReactNode, StrictMode } from 'react';
import { expect, test, vi } from 'vitest';
import { failOnConsoleErrors } from '../support/react-warnings.ts';

failOnConsoleErrors();

function show(props: StreamingMarkdownProps): {
  readonly root: HTMLElement;
  readonly show: (next: Partial<StreamingMarkdownProps>) => void;
} {
  const { container, rerender } = render(<StreamingMarkdown {...props} />);
  return { root: container, show: (next) => rerender(<StreamingMarkdown {...props} {...next} />) };
}

const html = (text: string, props: Partial<StreamingMarkdownProps> = {}): string =>
  show({ text, ...props }).root.innerHTML;

/** Shows every beginning of a text, as it streams. */
function stream(text: string, step = 1, props: Partial<StreamingMarkdownProps> = {}): HTMLElement {
  const shown = show({ text: '', isStreaming: true, ...props });
  for (let end = step; end < text.length + step; end += step) shown.show({ text: text.slice(0, end) });
  shown.show({ text, isStreaming: false });
  return shown.root;
}

const ANSWER = `# Rivers

A **river** [meanders](/why) in [its bed][bed], see [^1].

- slow
- *fast*

\`\`\`ts
const a = 1;

const b = 2;
\`\`\`

| a | b |
| - | - |
| 1 | 2 |

[bed]: https://a.example/bed

[^1]: A note.
`;

test('what streams in ends as what is rendered at once', () => {
  const expected = html(ANSWER).replaceAll(/_?[:_]?r[_:]?\w+[_:]+-note/g, 'note');
  for (const step of [1, 7, 1000]) {
    expect(stream(ANSWER, step).innerHTML.replaceAll(/_?[:_]?r[_:]?\w+[_:]+-note/g, 'note')).toBe(expected);
  }
  expect(expected).toContain('<a href="https://a.example/bed">its bed</a>');
  expect(expected).toContain('<code class="language-ts">const a = 1;\n\nconst b = 2;\n</code>');
});

test('settled blocks keep their elements and the selection, and render no more', () => {
  const onParagraph = vi.fn<(text: string) => void>();
  function Paragraph({ children }: { children?: ReactNode }): ReactElement {
    onParagraph(typeof children === 'string' ? children : 'with more');
    return <p>{children}</p>;
  }
  const components = { p: Paragraph };
  const shown = show({ text: 'One river.\n\nTwo', isStreaming: true, components });
  const [first, second] = shown.root.children;
  const text = first?.firstChild;
  getSelection()?.setBaseAndExtent(text!, 4, text!, 9);
  onParagraph.mockClear();

  let all = 'One river.\n\nTwo';
  for (const delta of [' rivers', '.', '\n', '\n', 'Three.\n\n', 'Four **riv', 'ers**']) {
    all += delta;
    shown.show({ text: all });
  }

  expect(onParagraph.mock.calls.flat()).not.toContain('One river.');
  expect(shown.root.children[0]).toBe(first);
  expect(shown.root.children[1]).toBe(second);
  expect(first?.firstChild).toBe(text);
  expect(getSelection()?.toString()).toBe('river');
  expect(shown.root.textContent).toBe('One river.Two rivers.Three.Four rivers');
});

test('the elements of the tail stay when it settles', () => {
  const shown = show({ text: 'A **riv', isStreaming: true });
  const strong = shown.root.querySelector('strong');
  expect(strong?.textContent).toBe('riv');
  shown.show({ text: 'A **river**, and\n\n```js\nlet a' });
  expect(shown.root.querySelector('strong')).toBe(strong);
  const code = shown.root.querySelector('code');
  expect(code?.outerHTML).toBe('<code class="language-js" data-open="true">let a\n</code>');
  shown.show({ text: 'A **river**, and\n\n```js\nlet a;\n```\n\nMore' });
  expect(shown.root.querySelector('code')).toBe(code);
  expect(code?.outerHTML).toBe('<code class="language-js">let a;\n</code>');
});

test('a delta renders one block, however many there are', () => {
  const onBlock = vi.fn<() => void>();
  function Paragraph({ children }: { children?: ReactNode }): ReactElement {
    onBlock();
    return <p>{children}</p>;
  }
  const components = { p: Paragraph };
  let text = '';
  for (let at = 0; at < 300; at += 1) text += `Paragraph ${at}.\n\n`;
  text += 'The last ';
  const onCommit = vi.fn<() => void>();
  const page = (now: string): ReactElement => (
    <Profiler id="markdown" onRender={onCommit}>
      <StreamingMarkdown text={now} isStreaming components={components} />
    </Profiler>
  );
  const { rerender } = render(page(text));
  onBlock.mockClear();
  onCommit.mockClear();
  for (let at = 0; at < 50; at += 1) rerender(page((text += 'word ')));
  expect(onCommit).toHaveBeenCalledTimes(50);
  expect(onBlock).toHaveBeenCalledTimes(50);
});

test('what is parsed for a delta does not grow with the document', () => {
  let parsed = 0;
  const count = () => (_tree: unknown, file: { readonly value: unknown }) => {
    parsed += String(file.value).length;
  };
  const remarkPlugins = [count];
  let text = '';
  const shown = show({ text, isStreaming: true, remarkPlugins });
  const streamAnswer = (): number => {
    parsed = 0;
    const end = text.length + ANSWER.length;
    for (const all = text + ANSWER; text.length < end;) {
      text = all.slice(0, text.length + 8);
      shown.show({ text });
    }
    return parsed;
  };
  streamAnswer();
  const second = streamAnswer();
  for (let round = 0; round < 8; round += 1) streamAnswer();
  expect(streamAnswer()).toBeLessThan(second * 1.1);
});

test('open code is not parsed', () => {
  let parsed = 0;
  const count = () => (_tree: unknown, file: { readonly value: unknown }) => {
    parsed += String(file.value).length;
  };
  const remarkPlugins = [count];
  const code = 'const a = 1;\n\n'.repeat(100);
  const shown = show({ text: '```ts\n', isStreaming: true, remarkPlugins });
  for (let end = 10; end <= code.length; end += 10) shown.show({ text: `\`\`\`ts\n${code.slice(0, end)}` });
  expect(parsed).toBeLessThan(code.length);
  expect(shown.root.querySelector('code')?.textContent).toBe(code);
});

test('a definition that comes late renders the blocks that wait for it, and no other', () => {
  const onParagraph = vi.fn<(text: string) => void>();
  function Paragraph({ children, node: _ }: { children?: ReactNode; node?: unknown }): ReactElement {
    onParagraph(typeof children === 'string' ? children : 'with more');
    return <p>{children}</p>;
  }
  const components = { p: Paragraph };
  const text = 'See [it].\n\nPlain.\n\n# More\n\n';
  const shown = show({ text, isStreaming: true, components });
  onParagraph.mockClear();
  shown.show({ text: `${text}[it]: /there\n\nEnd.` });
  expect(onParagraph.mock.calls.flat().filter((all) => all !== 'End.')).toEqual(['with more']);
  expect(shown.root.innerHTML).toContain('<a href="/there">it</a>');
});

test('a text that does not go on from the one before is read anew', () => {
  const shown = show({ text: 'One.\n\nTwo.\n\nThree.', isStreaming: true });
  const first = shown.root.firstChild;
  shown.show({ text: 'One.\n\nOther.' });
  expect(shown.root.textContent).toBe('One.Other.');
  expect(shown.root.firstChild).toBe(first);
  shown.show({ text: '' });
  expect(shown.root.innerHTML).toBe('');
});

test('a text that was called complete may go on', () => {
  const shown = show({ text: 'One.\n\nTwo' });
  const [first, second] = shown.root.children;
  for (const text of ['One.\n\nTwo **riv', 'One.\n\nTwo **rivers**.\n\nThree']) shown.show({ text });
  expect([...shown.root.children].slice(0, 2)).toEqual([first, second]);
  expect(shown.root.innerHTML).toBe('<p>One.</p><p>Two <strong>rivers</strong>.</p><p>Three</p>');
});

test('half of a mark, a link, an image, a table or an address is not shown', () => {
  const half = (text: string): string => html(text, { isStreaming: true });
  expect(half('A **bold and `co')).toBe('<p>A <strong>bold and <code>co</code></strong></p>');
  expect(half('A [link](https://a.exam')).toBe('<p>A link</p>');
  expect(half('A ![river](https://a.exam')).toBe('<p>A</p>');
  expect(half('See https://a.exam')).toBe('<p>See https://a.exam</p>');
  expect(half('See https://a.example/x for')).toBe(
    '<p>See <a href="https://a.example/x">https://a.example/x</a> for</p>',
  );
  expect(half('**See https://a.exam')).toBe('<p><strong>See https://a.exam</strong></p>');
  expect(half('| a | b')).toContain('<th>b</th>');
  expect(half('Text\n--')).toBe('<p>Text</p>');
  expect(half('```js\nlet a;\n``')).toContain('>let a;\n</code>');
  expect(half('~5 and ~6')).toBe('<p>~5 and ~6</p>');
});

test('what is not streaming is shown as it is', () => {
  expect(html('A **bold')).toBe('<p>A **bold</p>');
});

test.each([
  ['<script>alert(1)</script>', '<script>'],
  ['<img src=x onerror=alert(1)>', '<img'],
  ['a <b onclick="alert(1)">b</b>', '<b'],
  ['[a](javascript:alert(1))', 'href'],
  ['[a](JaVaScRiPt:alert(1))', 'href'],
  ['<javascript:alert(1)>', 'href'],
  ['[a](vbscript:x)', 'href'],
  ['[a](data:text/html,x)', 'href'],
  ['[a](file:///etc/passwd)', 'href'],
  ['[a](steam://run/1)', 'href'],
  ['[a][b]\n\n[b]: javascript:alert(1)', 'href'],
  ['![a](https://evil.example/?secret)', '<img'],
  ['![a](//evil.example/x.png)', '<img'],
  ['![a](data:image/png;base64,AA==)', '<img'],
  ['![a](/local.png)', '<img'],
  ['![a][b]\n\n[b]: https://evil.example/x.png', '<img'],
])('%s gives no %s', (text, never) => {
  expect(html(text)).not.toContain(never);
  expect(stream(text).innerHTML).not.toContain(never);
});

test.each(['[a](java&#10;script:alert(1))', '[a](&#1;javascript:alert(1))', '[a](&#x6A;avascript&colon;alert(1))'])(
  '%s runs nothing',
  (text) => {
    const links = [...show({ text }).root.querySelectorAll('a')];
    expect(links.filter(({ protocol }) => !protocol.startsWith('http'))).toEqual([]);
  },
);

test('links of the usual kinds are links, others when the app allows them', () => {
  const hrefs = (text: string, props: Partial<StreamingMarkdownProps> = {}): unknown[] =>
    Array.from(show({ text, ...props }).root.querySelectorAll('a'), (link) => link.getAttribute('href'));
  expect(hrefs('[a](https://a.example) [b](mailto:a@b.example) [c](tel:+123) [d](/d?x#y) [e](#f)')).toEqual([
    'https://a.example/',
    'mailto:a@b.example',
    'tel:+123',
    '/d?x#y',
    '#f',
  ]);
  const allowLink = vi.fn<(url: string) => boolean>((url) => url.startsWith('app:') || url.startsWith('https://a.ex'));
  const links = '[a](app:x) [b](https://b.example) [c](javascript:x) [d](//a.example/d) [e](HTTPS://A.example)';
  expect(hrefs(links, { allowLink })).toEqual(['app:x', 'https://a.example/d', 'https://a.example/']);
  expect(allowLink.mock.calls.flat()).not.toContain('javascript:x');
});

test('an image shows its alternative text unless the app allows it', () => {
  expect(html('![A river](https://a.example/r.png)')).toBe('<p>A river</p>');
  const allowImage = (url: string): boolean => url.startsWith('data:image/');
  const { root } = show({
    text: '![A](data:image/gif;base64,R0lGODlhAQABAAAAACw=) ![B](https://b.example/)',
    allowImage,
  });
  expect(Array.from(root.querySelectorAll('img'), ({ alt }) => alt)).toEqual(['A']);
  expect(root.textContent).toBe(' B');
});

test('headings can start at another level', () => {
  const { root } = show({ text: '# a\n\n### b\n\n##### c', headingShift: 2 });
  expect(Array.from(root.children, ({ tagName }) => tagName)).toEqual(['H3', 'H5', 'H6']);
});

test('footnotes lead to where they are written', () => {
  const { root } = show({ text: 'Rivers[^1] meander[^why].\n\n[^1]: One.\n\n[^why]: Two.\n\n    More.' });
  const links = [...root.querySelectorAll<HTMLAnchorElement>('sup a')];
  expect(links.map(({ textContent }) => textContent)).toEqual(['1', 'why']);
  const notes = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  expect(notes.map((note) => note?.getAttribute('role'))).toEqual(['doc-footnote', 'doc-footnote']);
  expect(notes.map((note) => note?.textContent?.replaceAll(/\s+/g, ' ').trim())).toEqual(['1 One.', 'why Two. More.']);
});

test('two documents on a page have footnotes of their own', () => {
  const text = 'A[^1].\n\n[^1]: Note.';
  render(
    <>
      <StreamingMarkdown text={text} />
      <StreamingMarkdown text={text} />
    </>,
  );
  expect(new Set(Array.from(document.querySelectorAll('[role=doc-footnote]'), ({ id }) => id)).size).toBe(2);
});

test('code can be shown by a component of the app, open code included', () => {
  const seen: Omit<CodeBlockProps, 'children'>[] = [];
  function CodeBlock({ code, language, isOpen, children }: CodeBlockProps): ReactElement {
    seen.push({ code, language, isOpen });
    return (
      <figure>
        <button onClick={() => void navigator.clipboard.writeText(code)}>Copy</button>
        <pre>{children}</pre>
      </figure>
    );
  }
  const shown = show({ text: '```ts x\nlet a', isStreaming: true, CodeBlock });
  const figure = screen.getByRole('figure');
  shown.show({ text: '```ts x\nlet a;\n```\n\nText and `code`.\n\n    indented' });
  shown.show({ text: '```ts x\nlet a;\n```\n\nText and `code`.\n\n    indented', isStreaming: false });
  expect(screen.getAllByRole('figure')[0]).toBe(figure);
  expect(seen[0]).toEqual({ code: 'let a', language: 'ts', isOpen: true });
  expect(seen).toContainEqual({ code: 'let a;', language: 'ts', isOpen: false });
  expect(seen.at(-1)).toEqual({ code: 'indented', language: undefined, isOpen: false });
});

test('a burst of deltas in StrictMode ends as it should', () => {
  const page = (text: string, isStreaming: boolean): ReactElement => (
    <StrictMode>
      <StreamingMarkdown text={text} isStreaming={isStreaming} />
    </StrictMode>
  );
  const text = 'One *river*.\n\n'.repeat(40);
  const { container, rerender } = render(page('', true));
  for (let end = 0; end <= text.length; end += 3) rerender(page(text.slice(0, end), true));
  rerender(page(text, false));
  expect(container.innerHTML).toBe('<p>One <em>river</em>.</p>'.repeat(40));
});
