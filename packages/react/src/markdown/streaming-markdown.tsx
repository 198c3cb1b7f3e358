'use client';

import { closeOpenMarkdown, type MarkdownBlock, type OpenMarkdownBlock } from '@rivulet/core/markdown';
import { type ComponentType, memo, type ReactElement, type ReactNode, useId, useMemo } from 'react';
import Markdown, { type Components, defaultUrlTransform, type Options } from 'react-markdown';
import { type Node, rehypeUrls, remarkBlock } from './block-plugins.ts';
import { flattenHtml, flattenMarkdown, flattenParsed, textOf } from './tree-depth.ts';
import { createGrowingBlocks, GROUP_SIZE } from './growing-blocks.ts';
import { checkProps } from './check-props.ts';
import { GFM, NO_PLUGINS, type ParserFeatures, parserFeatures, type Plugins } from './parser-features.ts';
import { allowUsualLink } from './url-rules.ts';

export interface CodeBlockProps {
  /** The code, without the fence. */
  readonly code: string;
  /** The first word behind the opening fence. */
  readonly language: string | undefined;
  /** Whether the code is still coming. */
  readonly isOpen: boolean;
  /** The `code` element that would be shown, with what plugins did to it. */
  readonly children: ReactNode;
}

export interface StreamingMarkdownProps {
  /** The document so far. `undefined` and `null` are empty documents. Text that starts with what came before is read on from there; another text is read anew. */
  readonly text: string;
  /** Whether more may come: what is not finished at the end is then shown as if it were. Default: false. */
  readonly isStreaming?: boolean | undefined;
  /** What to render for elements, as react-markdown takes it. A new object renders every block anew. */
  readonly components?: Components | undefined;
  /** Shows a block of code, in place of `pre`. */
  readonly CodeBlock?: ComponentType<CodeBlockProps> | undefined;
  /** Added to the level of headings, which goes to 6 at most: with 2, `#` is an `h3`. Default: 0. */
  readonly headingShift?: number | undefined;
  /**
   * Whether a link may be. Gets the address as a browser reads it; a relative one as it stands. Never asked for
   * `javascript:`, `vbscript:`, `data:`, `blob:` and `file:`, which are no links. Default: `http:`, `https:`, `mailto:`,
   * `tel:` and relative ones. A new function renders every block anew.
   */
  readonly allowLink?: ((url: string) => boolean) | undefined;
  /**
   * Whether an image may be loaded: whatever a page loads can carry away what the model has read. Gets the address like
   * `allowLink`, of any scheme. Default: none is loaded, the alternative text is shown. A new function renders every
   * block anew.
   */
  readonly allowImage?: ((url: string) => boolean) | undefined;
  /**
   * Whether formulas are read: each is kept together, and hidden until it is complete.
   *
   * @default whether one of the plugins reads them, as remark-math does
   */
  readonly math?: boolean | undefined;
  /**
   * Whether HTML in the text is rendered: an element is kept together, and a tag is hidden until it is complete.
   *
   * @default whether one of the plugins renders it, as rehype-raw does
   */
  readonly html?: boolean | undefined;
  /** Run on each block, behind remark-gfm and what the other props do. A new array renders every block anew. */
  readonly remarkPlugins?: Options['remarkPlugins'] | undefined;
  /** Run on each block; links and images are checked behind them. A new array renders every block anew. */
  readonly rehypePlugins?: Options['rehypePlugins'] | undefined;
}

/** What all blocks have in common. */
interface Rendering {
  readonly components: Components;
  readonly remarkPlugins: Plugins;
  readonly rehypePlugins: Plugins;
  readonly features: ParserFeatures;
  readonly headingShift: number;
  readonly idPrefix: string;
}

/**
 * Shows Markdown while it comes. Blocks that are complete keep their elements and render once; what is open at the end is
 * parsed anew with each change, and shown without half a mark. Raw HTML is shown as text, no image is loaded unless
 * `allowImage` says so. Rendering is that of react-markdown with remark-gfm (`~one tilde~` strikes nothing out).
 *
 * Renders no element around the blocks. Footnotes are shown where they are written.
 *
 * @throws {LLMError} with code `config` if a prop has a wrong type.
 */
export function StreamingMarkdown(props: StreamingMarkdownProps): ReactElement {
  checkProps(props);
  const { isStreaming = false, components, CodeBlock, allowLink, allowImage, math, html } = props;
  const { remarkPlugins, rehypePlugins } = props;
  // They may be null in JavaScript.
  const text = props.text ?? '';
  const headingShift = props.headingShift ?? 0;
  const idPrefix = useId();
  const features = useMemo<ParserFeatures>(() => {
    const found = parserFeatures(remarkPlugins ?? NO_PLUGINS, rehypePlugins ?? NO_PLUGINS);
    return { ...found, math: math ?? found.math, html: html ?? found.html };
  }, [remarkPlugins, rehypePlugins, math, html]);
  const read = useMemo(
    () => createGrowingBlocks({ math: features.math, html: features.html }),
    [features.math, features.html],
  );
  const rendering = useMemo<Rendering>(
    () => ({
      components: CodeBlock ? { ...components, pre: preOf(CodeBlock) } : (components ?? {}),
      remarkPlugins: remarkPlugins ?? NO_PLUGINS,
      rehypePlugins: [
        ...(rehypePlugins ?? NO_PLUGINS),
        flattenHtml,
        [rehypeUrls, { allowLink: allowLink ?? allowUsualLink, allowImage: allowImage ?? undefined }],
      ],
      features,
      headingShift,
      idPrefix,
    }),
    [components, CodeBlock, headingShift, allowLink, allowImage, remarkPlugins, rehypePlugins, features, idPrefix],
  );
  const { groups, tail } = read(text, !isStreaming);
  const tailGroup = tail ? Math.floor(tail.id / GROUP_SIZE) : -1;
  const all = tailGroup === groups.length ? [...groups, NO_BLOCKS] : groups;
  return (
    <>
      {all.map((blocks, index) => (
        <Group
          key={index}
          blocks={blocks}
          tail={index === tailGroup ? tail : undefined}
          isStreaming={isStreaming}
          rendering={rendering}
        />
      ))}
    </>
  );
}

const NO_BLOCKS: readonly MarkdownBlock[] = [];

interface GroupProps {
  readonly blocks: readonly MarkdownBlock[];
  readonly tail: OpenMarkdownBlock | undefined;
  readonly isStreaming: boolean;
  readonly rendering: Rendering;
}

const Group = memo(({ blocks, tail, isStreaming, rendering }: GroupProps): ReactElement => {
  const elements = blocks.map(({ id, text, definitions, isPlain }) =>
    isPlain ? (
      <PlainBlock key={id} text={text} />
    ) : (
      <Block
        key={id}
        text={text}
        definitions={definitions}
        awaitsNotes={isStreaming && text.includes('[^')}
        rendering={rendering}
      />
    ),
  );
  if (tail?.isPlain) elements.push(<PlainBlock key={tail.id} text={tail.text} />);
  else if (tail) {
    const shown = isStreaming ? shownTail(tail, rendering.features) : { text: tail.text };
    elements.push(
      <Block
        key={tail.id}
        {...shown}
        definitions={tail.definitions}
        isOpen={isStreaming}
        awaitsNotes={isStreaming && tail.text.includes('[^')}
        rendering={rendering}
      />,
    );
  }
  return <>{elements}</>;
});

const PLAIN_STYLE = { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } as const;

/** Shows the source of a block that is too complex for the parser. */
const PlainBlock = memo(({ text }: { readonly text: string }): ReactElement => (
  <p style={PLAIN_STYLE}>{text.trim()}</p>
));

/** What is shown of the tail. Code is not parsed: it comes apart from the line that opens it. */
function shownTail(
  { text, fence }: OpenMarkdownBlock,
  features: ParserFeatures,
): { readonly text: string; readonly code?: string } {
  if (!fence) return { text: closeOpenMarkdown(text, features) };
  const code = text.slice(fence.start);
  const lastLine = code.lastIndexOf('\n') + 1;
  // Half of the closing fence may be there.
  const end = /^ {0,3}(?:`+|~+)[ \r]*$/.test(code.slice(lastLine)) ? lastLine : code.length;
  return { text: text.slice(0, fence.start), code: code.slice(0, end).replace(/\r?\n$/, '') };
}

interface BlockProps {
  readonly text: string;
  readonly definitions: string;
  readonly code?: string | undefined;
  readonly isOpen?: boolean | undefined;
  readonly awaitsNotes: boolean;
  readonly rendering: Rendering;
}

const Block = memo(({ text, definitions, code, isOpen = false, awaitsNotes, rendering }: BlockProps): ReactElement => {
  const { components, remarkPlugins, rehypePlugins, headingShift, idPrefix } = rendering;
  const options = { hidden: definitions.length, code, isOpen, awaitsNotes, headingShift, idPrefix };
  return (
    <Markdown
      components={components}
      remarkPlugins={[GFM, flattenParsed, [remarkBlock, options], ...remarkPlugins, flattenMarkdown]}
      rehypePlugins={rehypePlugins}
      urlTransform={transformUrl}
    >
      {definitions + text}
    </Markdown>
  );
});

/** Links and images are checked by `rehypeUrls`. What else has an address comes from plugins. */
function transformUrl(url: string, attribute: string, { tagName }: { readonly tagName: string }): string {
  return /^(?:a href|img src)$/.test(`${tagName} ${attribute}`) ? url : defaultUrlTransform(url);
}

/** Shows blocks of code by a component. */
function preOf(CodeBlock: ComponentType<CodeBlockProps>): NonNullable<Components['pre']> {
  return function Pre({ node, children }) {
    const code = (node as Node | undefined)?.children?.[0];
    const { className, dataOpen } = code?.properties ?? {};
    const names: readonly unknown[] = Array.isArray(className) ? className : [];
    const language = names.find((name): name is string => typeof name === 'string' && name.startsWith('language-'));
    return (
      <CodeBlock
        code={code ? textOf(code).replace(/\n$/, '') : ''}
        language={language?.slice('language-'.length)}
        isOpen={dataOpen !== undefined}
      >
        {children}
      </CodeBlock>
    );
  };
}
