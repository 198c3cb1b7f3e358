/** An item of a field array: it stays the same wherever the item moves. */
export interface Row {
  /** The run that appended it, if one did. */
  readonly by?: object | undefined;
  /** The user has added it, with all that is in it. */
  readonly isUsers?: boolean | undefined;
}

/** The rows of a field array that is on the page, and how to change them. */
export interface RowList {
  /** Changed by `setRows` only. */
  rows: readonly Row[];
  /** Called after a change of the rows, with the rows before it. */
  onRows?: ((before: readonly Row[]) => void) | undefined;
  /** What an item holds that no one has written to. */
  readonly blank: unknown;
  append(values: readonly unknown[]): void;
  insert(index: number, value: unknown): void;
  remove(indexes: readonly number[]): void;
}

export function setRows(list: RowList, rows: readonly Row[]): void {
  const before = list.rows;
  list.rows = rows;
  list.onRows?.(before);
}

/** Rows that came or went without being told of are taken to be the last ones. */
export function countRows(list: RowList, value: unknown): void {
  const { length } = Array.isArray(value) ? value : [];
  if (length === list.rows.length) return;
  setRows(
    list,
    Array.from({ length }, (_, index) => list.rows[index] ?? {}),
  );
}
