import { parsePath, type ObjectRun, type Path } from '@rivulet/core';
import type { Row, RowList } from './row-list.ts';

/** Who has had a say in a field. */
export interface Ownership {
  /** What the form held after the last write of a run, or when one began to wait. */
  readonly written?: { readonly value: unknown } | undefined;
  /** The run that wrote it, or waits for the caret to leave. */
  readonly writer?: object | undefined;
  /** The user has changed it. */
  readonly isEdited: boolean;
  /** The user asked for what is in it: accepted it, or asked for it anew. That the field was touched before is no matter. */
  readonly isAgreed: boolean;
}

export type AnyRun = ObjectRun<unknown, unknown>;

/** Where in the object of a run a value comes from. */
export interface Source {
  readonly run: AnyRun;
  readonly path: Path;
  readonly isField: boolean;
}

/** A place in the form: the whole, an object, a list, an item, or a field. It goes with its item when that moves. */
export interface Place {
  readonly parent: Place | undefined;
  readonly key: string | Row;
  readonly children: Map<string | Row, Place>;
  ownership: Ownership;
  /** The field array that shows the list, where there is one. */
  list?: RowList | undefined;
  /** Its rows when it was taken off the page. */
  rows?: readonly Row[] | undefined;
  source?: Source | undefined;
  /** The run that was asked for it alone: no other writes there. */
  claim?: AnyRun | undefined;
  /** What the model gives, where the user's own value stays. */
  suggestion?: { readonly value: unknown } | undefined;
  /** Why the inputs of the field cannot show what a run wrote last, which is then not in the form either. */
  refusal?: string | undefined;
  /** A run has set the error that is shown there. */
  hasError: boolean;
}

/** Nobody has had one. */
export const NOBODY: Ownership = { isEdited: false, isAgreed: false };

export function createPlace(key: string | Row = '', parent?: Place): Place {
  return { parent, key, children: new Map(), ownership: NOBODY, hasError: false };
}

export function childOf(place: Place, key: string | Row): Place {
  const child = place.children.get(key) ?? createPlace(key, place);
  place.children.set(key, child);
  return child;
}

/** Whether it is an item of a field array. */
export function isRow({ key, list }: Place): boolean {
  return typeof key === 'object' && !list;
}

/** The rows of a list, also while it is not on the page. */
export function rowsOf({ list, rows = [] }: Place): readonly Row[] {
  return list?.rows ?? rows;
}

const indexes = new WeakMap<readonly Row[], Map<Row, number>>();

/** Lists of rows are replaced and never changed, so each is indexed once. */
function indexOfRow(place: Place, row: Row): number {
  const rows = rowsOf(place);
  let byRow = indexes.get(rows);
  if (!byRow) {
    byRow = new Map(rows.map((each, index) => [each, index]));
    indexes.set(rows, byRow);
  }
  return byRow.get(row) ?? -1;
}

/** How many objects and lists it is in. */
export function depthOf({ parent }: Place): number {
  return parent ? depthOf(parent) + 1 : 0;
}

/** The name of the place in the form as it is now; `undefined` where its item was removed. */
export function nameOf({ parent, key }: Place): string | undefined {
  if (!parent) return '';
  const start = nameOf(parent);
  const step = typeof key === 'string' ? key : indexOfRow(parent, key);
  if (start === undefined || step === -1) return undefined;
  return start ? `${start}.${step}` : String(step);
}

/** The place that has this name now. */
export function placeAt(root: Place, name: string): Place {
  return parsePath(name).reduce<Place>((place, key) => childOf(place, keyIn(place, key)), root);
}

/** The same for reading: a place that does not exist yet is not added, since it may get another key with its list. */
export function peekAt(root: Place, name: string): Place {
  return parsePath(name).reduce<Place>((place, step) => {
    const key = keyIn(place, step);
    return place.children.get(key) ?? createPlace(key, place);
  }, root);
}

function keyIn(place: Place, step: string | number): string | Row {
  return (typeof step === 'number' && rowsOf(place)[step]) || String(step);
}

/** Whether it is in an item that the user has added. */
export function isInUsersRow({ key, parent }: Place): boolean {
  return (typeof key === 'object' && !!key.isUsers) || (!!parent && isInUsersRow(parent));
}

/** Whether another run was asked for it alone, or for what it is in. */
export function isTakenFrom(run: AnyRun, { claim, parent }: Place): boolean {
  return claim ? claim !== run : !!parent && isTakenFrom(run, parent);
}

/** Whether it is written to as one. */
export function isField({ source, children }: Place): boolean {
  return source ? source.isField : children.size === 0;
}

/** The place and all within it. */
export function* placesIn(place: Place): Generator<Place> {
  yield place;
  for (const child of place.children.values()) yield* placesIn(child);
}
