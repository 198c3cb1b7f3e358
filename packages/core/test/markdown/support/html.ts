import { raw } from 'hast-util-raw';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { toHast } from 'mdast-util-to-hast';
import { gfm } from 'micromark-extension-gfm';
import { createMarkdownSplitter } from '../../../src/markdown/splitter.ts';

export interface Element {
  readonly type: string;
  readonly tagName?: string;
  readonly value?: string;
  readonly children?: readonly Element[];
}

/** The elements of a document with its HTML, without blank text. */
function render(text: string): readonly Element[] {
  const tree = fromMarkdown(text, {
    extensions: [gfm({ singleTilde: false })],
    mdastExtensions: [gfmFromMarkdown()],
  });
  return (raw(toHast(tree, { allowDangerousHtml: true })) as Element).children ?? [];
}

function simplify(nodes: readonly Element[]): unknown[] {
  const all: unknown[] = [];
  for (const { type, tagName, value = '', children = [] } of nodes) {
    const text = type === 'text' ? value.replaceAll(/\s+/g, '') : '';
    const last = all.at(-1);
    if (type === 'element') all.push({ tagName, children: simplify(children) });
    else if (type !== 'text' || text === '') continue;
    else if (typeof last === 'string') all[all.length - 1] = last + text;
    else all.push(text);
  }
  return all;
}

/** A document that is rendered at once. */
export const wholeHtml = (text: string): unknown => simplify(render(text));

/** A document that is rendered block by block. */
export function htmlInBlocks(text: string): unknown {
  const splitter = createMarkdownSplitter({ html: true });
  splitter.push(text);
  splitter.end();
  return simplify(splitter.blocks.flatMap((block) => render(block.text)));
}
