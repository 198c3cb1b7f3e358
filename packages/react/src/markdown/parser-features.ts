import Markdown, { type Options } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import type { Node } from './block-plugins.ts';
import { textOf } from './tree-depth.ts';

export interface ParserFeatures {
  readonly html: boolean;
  readonly math: boolean;
  readonly singleDollarMath: boolean;
  readonly cjkFriendly: boolean;
  readonly cjkFriendlyStrikethrough: boolean;
}

export type Plugins = NonNullable<Options['remarkPlugins']>;

export const GFM: Plugins[number] = [remarkGfm, { singleTilde: false }];

/** A block for each syntax that plugins may add. */
const PROBE = ['<div>html</div>', '$$\nblock\n$$', '$inline$', '中**文。**字', '中~~文。~~字'].join('\n\n');

const NONE: ParserFeatures = {
  html: false,
  math: false,
  singleDollarMath: false,
  cjkFriendly: false,
  cjkFriendlyStrikethrough: false,
};

const hasRaw = ({ type, children = [] }: Node): boolean => type === 'raw' || children.some(hasRaw);

/** Parses a short document with the plugins of the app to find out which syntax they read. */
function probe(remarkPlugins: Plugins, rehypePlugins: Plugins): ParserFeatures {
  let features = NONE;
  const readText = () => (tree: Node) => {
    const text = textOf(tree);
    features = {
      ...features,
      math: !text.includes('$$'),
      singleDollarMath: !text.includes('$inline'),
      cjkFriendly: !text.includes('**'),
      cjkFriendlyStrikethrough: !text.includes('~~'),
    };
  };
  const readHtml = () => (tree: Node) => {
    features = { ...features, html: !hasRaw(tree) };
  };
  try {
    Markdown({
      children: PROBE,
      remarkPlugins: [GFM, ...remarkPlugins],
      rehypePlugins: [readText, ...rehypePlugins, readHtml],
    });
  } catch {
    // The plugin will fail on the text as well, where the app can handle it.
    return NONE;
  }
  return features;
}

export const NO_PLUGINS: Plugins = [];
const cache = new WeakMap<Plugins, WeakMap<Plugins, ParserFeatures>>();

/** Which syntax the plugins of the app read. Found out once for the same arrays. */
export function parserFeatures(remarkPlugins: Plugins, rehypePlugins: Plugins): ParserFeatures {
  if (remarkPlugins.length + rehypePlugins.length === 0) return NONE;
  const byRehype = cache.get(remarkPlugins) ?? new WeakMap<Plugins, ParserFeatures>();
  const features = byRehype.get(rehypePlugins) ?? probe(remarkPlugins, rehypePlugins);
  cache.set(remarkPlugins, byRehype.set(rehypePlugins, features));
  return features;
}
