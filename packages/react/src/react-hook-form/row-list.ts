/** An item of a field array: it stays the same wherever the item moves. */
export interface Row {
  /** The run that appended it, if one did. */
  readonly by?: object | undefined;
  /** The user has added it, with all that is in it. */
  readonly isUsers?: boolean | undefined;
}

/** The rows of a field array that is on the page, and how to change them. */
export interface RowList {
  rows: readonly Row[];
  /** What an item holds that no one has written to. */
  readonly blank: unknown;
  append(values: readonly unknown[]): void;
  insert(index: number, value: unknown): void;
  remove(indexes: readonly number[]): void;
}

/** Rows that came or went without being told of are taken to be the last ones. */
export function countRows(list: RowList, value: unknown): void {
  const { length } = Array.isArray(value) ? value : [];
  if (length !== list.rows.length) list.rows = Array.from({ length }, (_, index) => list.rows[index] ?? {});
}
