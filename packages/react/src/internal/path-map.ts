import type { Path } from '@rivulet/core';

/** Items by the path of the value that they follow. Several items may follow one path. */
export interface PathMap<Item> {
  add(path: Path, item: Item): void;
  delete(path: Path, item: Item): void;
  /** The items at a path. */
  at(path: Path): readonly Item[];
  /** The items at a path, and at the paths that lead to it. */
  along(path: Path): readonly Item[];
  /** The items at a path, and at the paths within it. */
  within(path: Path): readonly Item[];
  /** The items whose values differ between two versions of an object. Unchanged parts have to be identical in both. */
  differing(before: unknown, after: unknown): readonly Item[];
}

interface Node<Item> {
  readonly items: Set<Item>;
  readonly children: Map<string, Node<Item>>;
}

export function createPathMap<Item>(): PathMap<Item> {
  const root: Node<Item> = createNode();

  /** The nodes from the root to the path, as far as there are any. */
  function nodesTo(path: Path): readonly Node<Item>[] {
    const nodes = [root];
    for (const key of path) {
      const next = nodes.at(-1)?.children.get(String(key));
      if (!next) break;
      nodes.push(next);
    }
    return nodes;
  }

  function nodeAt(path: Path): Node<Item> | undefined {
    return nodesTo(path)[path.length];
  }

  return {
    add(path, item) {
      let node = root;
      for (const key of path) {
        const next: Node<Item> = node.children.get(String(key)) ?? createNode();
        node.children.set(String(key), next);
        node = next;
      }
      node.items.add(item);
    },
    delete(path, item) {
      const nodes = nodesTo(path);
      nodes[path.length]?.items.delete(item);
      for (let depth = nodes.length - 1; depth > 0; depth -= 1) {
        const { items, children } = nodes[depth] as Node<Item>;
        if (items.size > 0 || children.size > 0) return;
        nodes[depth - 1]?.children.delete(String(path[depth - 1]));
      }
    },
    at: (path) => [...(nodeAt(path)?.items ?? [])],
    along: (path) => nodesTo(path).flatMap(({ items }) => Array.from(items)),
    within(path) {
      const found: Item[] = [];
      const node = nodeAt(path);
      if (node) collect(node, found);
      return found;
    },
    differing(before, after) {
      const found: Item[] = [];
      collectDiffering(root, before, after, found);
      return found;
    },
  };
}

function createNode<Item>(): Node<Item> {
  return { items: new Set(), children: new Map() };
}

function collect<Item>({ items, children }: Node<Item>, found: Item[]): void {
  for (const item of items) found.push(item);
  for (const child of children.values()) collect(child, found);
}

function collectDiffering<Item>({ items, children }: Node<Item>, before: unknown, after: unknown, found: Item[]): void {
  if (Object.is(before, after)) return;
  for (const item of items) found.push(item);
  for (const [key, child] of children) collectDiffering(child, valueOf(before, key), valueOf(after, key), found);
}

function valueOf(container: unknown, key: string): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, key)) return undefined;
  return (container as Readonly<Record<string, unknown>>)[key];
}
