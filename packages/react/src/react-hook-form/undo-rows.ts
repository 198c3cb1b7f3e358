import { depthOf, nameOf, type Place } from './field-tree.ts';
import type { Row } from './row-list.ts';

/** The rows of lists that a run added and removed. */
export interface UndoRows {
  add(list: Place, rows: readonly Row[]): void;
  /** @param restore puts the row into its list again. */
  remove(list: Place, restore: () => void): void;
  clear(): void;
  takeBack(): void;
}

/** @param removeRows takes rows out of a list, except those that the user has a hand in. */
export function createUndoRows(removeRows: (list: Place, rows: readonly Row[]) => void): UndoRows {
  const lists = new Map<Place, { readonly added: Row[]; readonly restore: (() => void)[] }>();

  function changesOf(list: Place): { readonly added: Row[]; readonly restore: (() => void)[] } {
    const changes = lists.get(list) ?? { added: [], restore: [] };
    lists.set(list, changes);
    return changes;
  }

  return {
    add: (list, rows) => void changesOf(list).added.push(...rows),
    remove: (list, restore) => void changesOf(list).restore.push(restore),
    clear: () => lists.clear(),
    takeBack() {
      // Lists within rows come first: until the page renders, they go by the index of their row.
      const inner = [...lists].toSorted(([a], [b]) => depthOf(b) - depthOf(a));
      for (const [list, { added, restore }] of inner) {
        if (nameOf(list) === undefined) continue;
        removeRows(list, added);
        for (const undo of restore.toReversed()) undo();
      }
    },
  };
}
