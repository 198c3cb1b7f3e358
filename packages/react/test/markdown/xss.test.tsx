import { ConfigError } from '@rivulet/core';
import { type CodeBlockProps, StreamingMarkdown, type StreamingMarkdownProps } from '@rivulet/react/markdown';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { randomOf, randomVector, REMOTE, XSS_VECTORS } from '../support/xss-vectors.ts';

// Set by `VITE_XSS_VECTORS` and `VITE_XSS_SEED`, for longer runs.
const { VITE_XSS_VECTORS: RANDOM_VECTORS = 40, VITE_XSS_SEED: SEED = 1 } =
  (import.meta as { readonly env?: Record<string, unknown> }).env ?? {};
const VECTORS_PER_PAGE = 100;

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

interface PageProps extends Omit<StreamingMarkdownProps, 'text'> {
  readonly texts: readonly string[];
}

function Page({ texts, ...props }: PageProps): ReactElement {
  return (
    <>
      {texts.map((text, index) => (
        <div key={index}>
          <StreamingMarkdown {...props} text={text} />
        </div>
      ))}
    </>
  );
}

function problemsOn(page: Element, texts: readonly string[]): string[] {
  return Array.from(page.children, (element, index) =>
    problemsIn(element).map((problem) => `${problem}: ${texts[index]}`),
  ).flat();
}

const requestsTo = (host: string): string[] =>
  performance
    .getEntriesByType('resource')
    .map((entry) => entry.name)
    .filter((url) => url.startsWith(host));

describe('attacks in Markdown', () => {
  const run = vi.fn();
  beforeAll(() => {
    Reflect.set(globalThis, '__xss', run);
    vi.spyOn(console, 'error').mockImplementation(() => {});
    // The modules of the test would fill the usual one.
    performance.setResourceTimingBufferSize(10_000);
  });
  beforeEach(() => performance.clearResourceTimings());
  afterAll(() => {
    Reflect.deleteProperty(globalThis, '__xss');
    vi.restoreAllMocks();
  });

  it.each(Object.entries(settings))('have no effect %s', { timeout: 600_000 }, async (name, props) => {
    const random = randomOf(Number(SEED));
    const randomVectors = Array.from({ length: Number(RANDOM_VECTORS) }, () => randomVector(random));
    const vectors = [...XSS_VECTORS, ...randomVectors];
    const found: string[] = [];
    for (let start = 0; start < vectors.length; start += VECTORS_PER_PAGE) {
      const page = vectors.slice(start, start + VECTORS_PER_PAGE);
      const halves = page.map((vector) => vector.slice(0, Math.ceil(random() * vector.length)));
      const { container, rerender, unmount } = render(<Page texts={halves} {...props} isStreaming />);
      found.push(...problemsOn(container, halves));
      rerender(<Page texts={page} {...props} isStreaming />);
      found.push(...problemsOn(container, page));
      rerender(<Page texts={page} {...props} />);
      found.push(...problemsOn(container, page));
      unmount();
    }
    expect(found.slice(0, 20)).toEqual([]);
    expect(run).not.toHaveBeenCalled();
    // The browser reports requests in the order in which they fail.
    const last = `${REMOTE}/last?${name}`;
    new Image().src = last;
    await vi.waitFor(() => expect(requestsTo(REMOTE)).toContain(new URL(last).href), 20_000);
    expect(requestsTo(REMOTE)).toEqual([new URL(last).href]);
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
    ['text', 5, '"text" must be a string, not a number'],
    ['text', [], '"text" must be a string, not a list'],
    ['allowLink', 'https:', '"allowLink" must be a function'],
    ['allowImage', true, '"allowImage" must be a function'],
    ['components', [], '"components" must be an object, not a list'],
    ['CodeBlock', 5, '"CodeBlock" must be a component, not a number'],
    ['headingShift', '2', '"headingShift" must be a number, not a string'],
    ['headingShift', NaN, '"headingShift" must be a number, not NaN'],
    ['remarkPlugins', () => {}, '"remarkPlugins" must be a list of plugins, not a function'],
    ['rehypePlugins', {}, '"rehypePlugins" must be a list of plugins, not an object'],
  ])('rejects a wrong %s', (name, value, message) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const showWrong = (): unknown => render(<StreamingMarkdown {...untyped({ [name]: value })} />);
    expect(showWrong).toThrow(ConfigError);
    expect(showWrong).toThrow(`StreamingMarkdown: ${message}`);
    error.mockRestore();
  });

  it.each([
    'components',
    'CodeBlock',
    'headingShift',
    'allowLink',
    'allowImage',
    'math',
    'html',
    'remarkPlugins',
    'rehypePlugins',
  ])('uses the default for %s of null', (name) => {
    const { container } = render(<StreamingMarkdown {...untyped({ [name]: null })} />);
    expect(container.querySelector('a')?.getAttribute('href')).toBe('/b');
  });
});
