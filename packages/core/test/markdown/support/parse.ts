import { fromMarkdown } from 'mdast-util-from-markdown';
import { cjkFriendlyExtension } from 'micromark-extension-cjk-friendly';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { mathFromMarkdown } from 'mdast-util-math';
import { gfm } from 'micromark-extension-gfm';
import { math as mathSyntax } from 'micromark-extension-math';

export interface Node {
  readonly type: string;
  readonly value?: string;
  readonly alt?: string;
  readonly position?: { readonly start: { readonly offset: number } };
  readonly children?: readonly Node[];
}

/** The nodes that the reference parser sees in a whole document. */
export function parse(text: string, math = false, cjkFriendly = false): readonly Node[] {
  const tree = fromMarkdown(text, {
    extensions: [
      gfm({ singleTilde: false }),
      ...(math ? [mathSyntax()] : []),
      ...(cjkFriendly ? [cjkFriendlyExtension()] : []),
    ],
    mdastExtensions: [gfmFromMarkdown(), ...(math ? [mathFromMarkdown()] : [])],
  });
  return (tree as Node).children ?? [];
}
