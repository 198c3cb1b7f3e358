import type { Page } from 'playwright-core';

/** What React keeps of a component, as its developer tools read it. */
interface Fiber {
  tag: number;
  flags: number;
  child: Fiber | null;
  sibling: Fiber | null;
  alternate: Fiber | null;
  memoizedProps: { path?: unknown[]; status?: string; fieldStatus?: unknown } | null;
}

interface Renders {
  commits: number;
  nodes: Record<string, NodeRenders>;
}

export interface NodeRenders {
  renders: number;
  /** Those that came after it had been rendered as complete. */
  afterSettled: number;
}

/** Runs in the page before its scripts: counts how often each node of the object's tree renders, as React tells its tools. */
export function watchRenders(): void {
  const renders: Renders = { commits: 0, nodes: {} };
  const settled = new Set<string>();
  const FUNCTION_COMPONENT = 0;
  const PERFORMED_WORK = 1;

  const visit = (first: Fiber | null): void => {
    for (let each = first; each; each = each.sibling) {
      const previous = each.alternate;
      const { path, status, fieldStatus } = each.memoizedProps ?? {};
      const isNode = each.tag === FUNCTION_COMPONENT && Array.isArray(path) && fieldStatus !== undefined;
      if (isNode && each.flags & PERFORMED_WORK) {
        const key = JSON.stringify(path);
        const node = (renders.nodes[key] ??= { renders: 0, afterSettled: 0 });
        node.renders += 1;
        if (settled.has(key)) node.afterSettled += 1;
        if (status === 'complete') settled.add(key);
      }
      // What did not render is shared with the tree before.
      if (!previous || previous.child !== each.child) visit(each.child);
    }
  };

  Object.assign(window, {
    renders,
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      inject: () => 1,
      onCommitFiberUnmount() {},
      onPostCommitFiberRoot() {},
      onCommitFiberRoot(_: number, root: { current: Fiber }) {
        renders.commits += 1;
        visit(root.current.child);
      },
    },
  });
}

export async function readRenders(page: Page): Promise<{ commits: number; nodes: Map<string, NodeRenders> }> {
  const { commits, nodes } = await page.evaluate(() => (window as unknown as { renders: Renders }).renders);
  return { commits, nodes: new Map(Object.entries(nodes)) };
}
