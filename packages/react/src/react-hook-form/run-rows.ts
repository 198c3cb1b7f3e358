import type { FilledForm } from './filled-form.ts';
import { copyOf, isObject } from './form-value.ts';
import { isOwnedWithin } from './ownership.ts';
import { isFocused } from './dom-field.ts';
import { childOf, nameOf, placesIn, rowsOf, type AnyRun, type Place } from './field-tree.ts';
import { countRows, setRows, type Row, type RowList } from './row-list.ts';
import type { UndoRows } from './undo-rows.ts';

/** The rows of the form that the items of a run are written to. */
export interface RunRows {
  /** The rows for the first items of a list: those that were there before the run, then new ones. */
  rowsFor(place: Place, list: RowList, length: number): readonly Row[];
  rowAt(place: Place, index: number): Row | undefined;
  /** The run has made the rows that are there. */
  claim(list: RowList): void;
  /** The places of the rows that are not on the page yet. */
  readonly fresh: Set<Place | undefined>;
  /** A list that closed is as long as the run made it: rows of an earlier run go, unless the user has a hand in them. */
  trim(isClosed: (place: Place) => boolean): void;
}

/** The rows of a list that is not on the page. */
function setHiddenRows({ followed, suggestions }: FilledForm, place: Place, rows: readonly Row[]): void {
  place.rows = rows;
  followed.touchWithin(place);
  suggestions.rename();
}

/** Takes rows out of a list, except those that the user has a hand in. */
export function removeRows(page: FilledForm, place: Place, rows: readonly Row[]): void {
  const { form, suggestions, rowChanges } = page;
  const { list } = place;
  const name = nameOf(place);
  const unwanted = new Set(rows);
  const shown = rowsOf(place);
  const gone = new Set(shown.filter((row) => unwanted.has(row) && !isOwnedWithin(page, childOf(place, row))));
  if (gone.size === 0 || !name) return;
  const indexes = [...shown.keys()].filter((index) => gone.has(shown[index] as Row));
  for (const row of gone) for (const inner of placesIn(childOf(place, row))) suggestions.drop(inner);
  const kept = shown.filter((row) => !gone.has(row));
  if (list) {
    setRows(list, kept);
    rowChanges.make(() => list.remove(indexes));
    return;
  }
  setHiddenRows(page, place, kept);
  const value: unknown = form.getValues(name);
  if (Array.isArray(value))
    form.setValue(
      name,
      value.filter((_, index) => !indexes.includes(index)),
    );
}

export function createRunRows(page: FilledForm, run: AnyRun, undoRows: UndoRows): RunRows {
  const { form, rowChanges } = page;
  const lists = new Map<Place, { readonly existing: readonly Row[]; readonly rows: Row[] }>();
  const openLists = new Set<Place>();
  const fresh = new Set<Place | undefined>();

  /** What a new item holds is nobody's. */
  function adopt(place: Place, value: unknown): void {
    if (isObject(value)) for (const [key, inner] of Object.entries(value)) adopt(childOf(place, key), inner);
    else place.ownership = { ...place.ownership, written: { value } };
  }

  function append(place: Place, list: RowList, rows: readonly Row[]): void {
    setRows(list, [...list.rows, ...rows]);
    for (const row of rows) {
      const child = childOf(place, row);
      fresh.add(child);
      adopt(child, list.blank);
      // It may be written to as a whole.
      child.ownership = { ...child.ownership, written: { value: copyOf(list.blank) } };
    }
    undoRows.add(place, rows);
    rowChanges.make(() => list.append(rows.map(() => list.blank)));
  }

  /** Tells whether it is done: a row is not taken from under the caret. */
  function trimList(place: Place, list: RowList, rows: readonly Row[]): boolean {
    const name = nameOf(place);
    let isDone = true;
    for (const row of list.rows.filter(({ by }) => by && by !== run)) {
      const child = childOf(place, row);
      const index = list.rows.indexOf(row);
      if (rows.includes(row) || isOwnedWithin(page, child)) continue;
      if ([...placesIn(child)].some((inner) => isFocused(form, nameOf(inner) ?? ''))) isDone = false;
      else {
        const value = copyOf(form.getValues(`${name}.${index}`));
        removeRows(page, place, [row]);
        undoRows.remove(place, () => {
          const shown = rowsOf(place);
          const at = Math.min(index, shown.length);
          const restored = shown.toSpliced(at, 0, row);
          const { list: now } = place;
          if (now) {
            setRows(now, restored);
            rowChanges.make(() => now.insert(at, value));
            return;
          }
          setHiddenRows(page, place, restored);
          const listName = nameOf(place);
          const values: unknown = listName && form.getValues(listName);
          if (listName && Array.isArray(values)) form.setValue(listName, values.toSpliced(at, 0, value));
        });
      }
    }
    return isDone;
  }

  return {
    rowsFor(place, list, length) {
      let known = lists.get(place);
      if (!known) {
        countRows(list, form.getValues(nameOf(place) ?? ''));
        known = { existing: list.rows, rows: [] };
        lists.set(place, known);
        openLists.add(place);
      }
      const { existing, rows } = known;
      const missing: Row[] = [];
      while (rows.length < length) {
        const row = existing[rows.length] ?? { by: run };
        if (rows.length >= existing.length) missing.push(row);
        rows.push(row);
      }
      if (missing.length > 0) append(place, list, missing);
      return rows;
    },
    rowAt: (place, index) => lists.get(place)?.rows[index],
    claim(list) {
      setRows(
        list,
        list.rows.map(() => ({ by: run })),
      );
    },
    fresh,
    trim(isClosed) {
      for (const place of openLists) {
        if (!isClosed(place)) continue;
        const { rows = [] } = lists.get(place) ?? {};
        if (!place.list || trimList(place, place.list, rows)) openLists.delete(place);
      }
    },
  };
}
