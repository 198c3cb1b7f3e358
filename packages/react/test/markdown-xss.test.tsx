import { type CodeBlockProps, StreamingMarkdown, type StreamingMarkdownProps } from '@rivulet/react/markdown';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomOf, randomVector, REMOTE, XSS_VECTORS } from './support/xss-vectors.ts';

/** Whole vectors, and so many cuts of each. */
const CUTS = 1;
const RANDOM_VECTORS = 40;

const ELEMENTS =
  /^(?:a|b|blockquote|br|code|del|details|div|em|h[1-6]|hr|i|img|input|li|ol|p|picture|pre|section|source|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|ul)$/;
const ATTRIBUTES = /^(?:align|alt|checked|class|data-open|disabled|href|id|name|open|role|src|start|style|title|type)$/;
const SAFE_PROTOCOL = /^(?:https?|mailto|tel|xmpp|ircs?):$/;

function CodeBlock({ code, language, children }: CodeBlockProps): ReactElement {
  return (
    <pre title={code} className={language}>
      {children}
    </pre>
  );
}

const RAW_SAFE = [rehypeRaw, rehypeSanitize];
const throws = (): boolean => {
  throw new Error('rule');
};
// What rules from JavaScript return.
const returns = (value: unknown) => (): boolean => JSON.parse(JSON.stringify({ value }), (_, each) => each).value;

const settings: Readonly<Record<string, Omit<StreamingMarkdownProps, 'text'>>> = {
  'by default': {},
  'with a component for code': { CodeBlock },
  'with sanitized HTML': { rehypePlugins: RAW_SAFE },
  'with rules that throw': { rehypePlugins: RAW_SAFE, allowLink: throws, allowImage: throws },
  'with rules that return a text': { allowLink: returns('true'), allowImage: returns('true') },
  'with rules that return an object': { allowLink: returns({}), allowImage: returns({}) },
};

/** What breaks a promise in the page, as far as there is something. */
function problemsIn(root: Element): string[] {
  const problems: string[] = [];
  for (const element of root.querySelectorAll('*')) {
    if (!ELEMENTS.test(element.localName)) problems.push(`element ${element.localName}`);
    for (const { name, value } of element.attributes) {
      if (!ATTRIBUTES.test(name)) problems.push(`attribute ${name} of ${element.localName}`);
      if (name === 'style' && /url/i.test(value)) problems.push(`style ${value}`);
      if ((name === 'id' || name === 'name') && value in document) problems.push(`${name} ${value}`);
    }
    if (element instanceof HTMLAnchorElement && element.hasAttribute('href') && !SAFE_PROTOCOL.test(element.protocol))
      problems.push(`link to ${element.href}`);
    if (element instanceof HTMLImageElement) problems.push(`image from ${element.src}`);
  }
  return problems;
}

describe('attacks in Markdown', () => {
  const run = vi.fn();
  beforeAll(() => {
    Reflect.set(globalThis, '__xss', run);
    vi.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterAll(() => {
    Reflect.deleteProperty(globalThis, '__xss');
    vi.restoreAllMocks();
  });

  it.each(Object.entries(settings))('have no effect %s', { timeout: 60_000 }, (name, props) => {
    const random = randomOf(1);
    const vectors = [...XSS_VECTORS, ...Array.from({ length: RANDOM_VECTORS }, () => randomVector(random))];
    const { container, rerender } = render(<StreamingMarkdown text="" isStreaming />);
    const found = new Set<string>();
    for (const vector of vectors) {
      const cuts = Array.from({ length: CUTS }, () => Math.ceil(random() * vector.length)).toSorted((a, b) => a - b);
      for (const end of [...cuts, vector.length]) {
        rerender(<StreamingMarkdown {...props} text={vector.slice(0, end)} isStreaming />);
        for (const problem of problemsIn(container)) found.add(`${problem}: ${vector.slice(0, end)}`);
      }
      rerender(<StreamingMarkdown {...props} text={vector} />);
      for (const problem of problemsIn(container)) found.add(`${problem}: ${vector}`);
    }
    expect([...found].slice(0, 20)).toEqual([]);
    expect(run).not.toHaveBeenCalled();
    const requests = performance.getEntriesByType('resource').filter((entry) => entry.name.startsWith(REMOTE));
    expect(requests, name).toEqual([]);
  });
});

it('loads no other source of an image than the one that is allowed', () => {
  const allowed = '/allowed.png';
  const { container } = render(
    <StreamingMarkdown
      text={`<picture><source srcset="${REMOTE}/a.png"><img src="${allowed}" srcset="${REMOTE}/b.png 2x" alt="a"></picture>`}
      rehypePlugins={[rehypeRaw]}
      allowImage={(url) => url === allowed}
    />,
  );
  expect(container.querySelector('img')?.getAttribute('src')).toBe(allowed);
  expect(container.innerHTML).not.toContain(REMOTE);
});

describe('props from JavaScript', () => {
  const untyped = (props: object): StreamingMarkdownProps => ({ text: '[a](/b)', ...props });

  it.each([undefined, null])('renders nothing for a text that is %s', (text) => {
    const { container, rerender } = render(<StreamingMarkdown {...untyped({ text })} isStreaming />);
    expect(container.innerHTML).toBe('');
    rerender(<StreamingMarkdown text="a" isStreaming />);
    expect(container.textContent).toBe('a');
    rerender(<StreamingMarkdown {...untyped({ text })} />);
    expect(container.innerHTML).toBe('');
  });

  it.each([
    ['text', 5, '"text" must be a string, not number'],
    ['text', [], '"text" must be a string, not an array'],
    ['allowLink', 'https:', '"allowLink" must be a function'],
    ['allowImage', true, '"allowImage" must be a function'],
  ])('rejects a wrong %s', (name, value, message) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => render(<StreamingMarkdown {...untyped({ [name]: value })} />)).toThrow(message);
    error.mockRestore();
  });

  it.each(['allowLink', 'allowImage'])('uses the default for %s of null', (name) => {
    const { container } = render(<StreamingMarkdown {...untyped({ [name]: null })} />);
    expect(container.querySelector('a')?.getAttribute('href')).toBe('/b');
  });
});
