import type { Node } from './block-plugins.ts';

/** Plugins and renderers recurse: far more levels than this overflow the stack. Content in bounds stays below it. */
const MAX_DEPTH = 250;

/** The text of a node, at any depth. */
export function textOf(node: Node): string {
  let text = '';
  const rest: Node[] = [node];
  for (let next = rest.pop(); next; next = rest.pop()) {
    text += next.value ?? '';
    for (const child of (next.children ?? []).toReversed()) rest.push(child);
  }
  return text;
}

type TreePlugin = (tree: Node) => void;

/** Replaces the content of nodes at the greatest depth by its text. */
function flatten(tree: Node): void {
  let level: Node[] = [tree];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    level = level.flatMap(({ children = [] }) => children);
  }
  for (const node of level) {
    if (node.children) node.children = [{ type: 'text', value: textOf(node) }];
  }
}

// unified runs the same function once, so each place in the list of plugins has one of its own.
/** Bounds the depth of what the parser returns. */
export const flattenParsed = (): TreePlugin => flatten;
/** Bounds the depth of what plugins return for Markdown. */
export const flattenMarkdown = (): TreePlugin => flatten;
/** Bounds the depth of what plugins return for HTML. */
export const flattenHtml = (): TreePlugin => flatten;
