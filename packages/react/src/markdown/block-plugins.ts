import { type AllowUrl, imageSource, linkTarget } from './url-rules.ts';

/** As much of a node of mdast or hast as is used here. */
export interface Node {
  type: string;
  tagName?: string;
  value?: string;
  url?: string;
  depth?: number;
  identifier?: string;
  label?: string | null;
  properties?: Record<string, unknown>;
  data?: { hName?: string; hProperties?: Record<string, unknown> };
  children?: Node[];
  readonly position?: { readonly start: { readonly offset?: number }; readonly end: { readonly offset?: number } };
}

export interface BlockOptions {
  /** How much at the start of the source is definitions of other blocks. */
  readonly hidden: number;
  /** The content of the fence of code at the end, of which the source has the first line only. */
  readonly code: string | undefined;
  readonly isOpen: boolean;
  /** Whether the definitions of footnotes may still follow. */
  readonly awaitsNotes: boolean;
  readonly headingShift: number;
  readonly idPrefix: string;
}

const text = (value: string): Node => ({ type: 'text', value });

/** A node that is rendered as the given element. */
const as = (hName: string, hProperties: Record<string, unknown>, children: Node[]): Node => ({
  type: 'emphasis',
  data: { hName, hProperties },
  children,
});

/** The parts of a text, with references to footnotes that are not defined yet as marks without a link. */
function withPendingNotes(value: string): Node[] {
  const parts = value.split(/\[\^([^\s[\]\\]+)\]/);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return [as('sup', {}, [text(part)])];
    return part === '' ? [] : [text(part)];
  });
}

/** What makes one block of Markdown out of a document of its own. */
export function remarkBlock(options: BlockOptions) {
  return (tree: Node, file: { readonly value: unknown }): void => {
    const source = String(file.value);
    const start = ({ position }: Node): number => position?.start.offset ?? 0;
    const nodes = tree.children ?? [];
    tree.children = nodes.filter((node) => node.type === 'definition' || start(node) >= options.hidden);
    const last = tree.children.at(-1);
    if (options.code !== undefined && last?.type === 'code') last.value = options.code;
    if (options.isOpen && last?.type === 'code') last.data = { ...last.data, hProperties: { dataOpen: true } };
    const idOf = (node: Node): string => `${options.idPrefix}-note-${node.identifier}`;

    /** Whether it is an address that may still grow: a reader could follow half of it. */
    const isHalf = (node: Node): boolean =>
      options.isOpen &&
      !/[[<]/.test(source[start(node)] ?? '') &&
      /^[^\p{L}\p{N}\n]*$/u.test(source.slice(node.position?.end.offset ?? source.length));

    function change(node: Node): Node[] {
      if (node.type === 'link' && isHalf(node)) return node.children ?? [];
      if (options.awaitsNotes && node.type === 'text' && node.value?.includes('[^'))
        return withPendingNotes(node.value);
      if (node.children) node.children = node.children.flatMap(change);
      const label = node.label ?? node.identifier ?? '';
      if (node.type === 'heading') node.depth = Math.min(6, Math.max(1, (node.depth ?? 1) + options.headingShift));
      if (node.type === 'footnoteReference') {
        const link: Node = { type: 'link', url: `#${idOf(node)}`, children: [text(label)] };
        link.data = { hProperties: { role: 'doc-noteref' } };
        return [as('sup', {}, [link])];
      }
      if (node.type === 'footnoteDefinition') {
        const children = node.children ?? [];
        const mark = as('sup', {}, [text(label)]);
        const first = children[0];
        if (first?.type === 'paragraph') first.children = [mark, text(' '), ...(first.children ?? [])];
        else children.unshift({ type: 'paragraph', children: [mark] });
        return [
          {
            type: 'blockquote',
            data: { hName: 'div', hProperties: { id: idOf(node), role: 'doc-footnote' } },
            children,
          },
        ];
      }
      return [node];
    }
    tree.children = tree.children.flatMap(change);
  };
}

export interface UrlRules {
  readonly allowLink: AllowUrl;
  readonly allowImage: AllowUrl | undefined;
}

/** Leaves the text of links, and the alternative text of images, that are not allowed. */
export function rehypeUrls({ allowLink, allowImage }: UrlRules) {
  function change(node: Node): Node[] {
    if (node.children) node.children = node.children.flatMap(change);
    const { tagName, properties = {} } = node;
    const { href, src = '', alt = '' } = properties;
    // The rules judge `src` alone.
    if (tagName === 'img') delete properties['srcSet'];
    if (tagName === 'source' && properties['srcSet'] !== undefined) return [];
    if (tagName === 'a' && typeof href === 'string') {
      const target = linkTarget(href, allowLink);
      if (target === undefined) return node.children ?? [];
      properties['href'] = target;
    }
    if (tagName === 'img') {
      const source = typeof src === 'string' ? imageSource(src, allowImage) : undefined;
      if (source === undefined) return alt === '' || typeof alt !== 'string' ? [] : [text(alt)];
      properties['src'] = source;
    }
    return [node];
  }
  return (tree: Node): void => {
    if (tree.children) tree.children = tree.children.flatMap(change);
  };
}
