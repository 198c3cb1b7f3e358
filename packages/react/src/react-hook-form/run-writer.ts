import { isWithin, parsePath, valueAt, type Path } from '@rivulet/core';
import type { FilledForm } from './filled-form.ts';
import { isObject, isSame } from './form-value.ts';
import { fitValue } from './native-value.ts';
import { isOwned, leaveTo } from './ownership.ts';
import { isFocused, isTypedIn } from './dom-field.ts';
import { childOf, isRow, isTakenFrom, nameOf, type AnyRun, type Place } from './field-tree.ts';
import type { Row } from './row-list.ts';
import type { RunRows } from './run-rows.ts';
import type { UndoStep } from './undo-step.ts';

/** Which part of a run goes where. */
export interface RunTarget {
  readonly run: AnyRun;
  readonly target: Place;
  /** Where the value of `target` is in the object. */
  readonly from: Path;
  /** It was asked for alone: it is written also where the caret is. */
  readonly isRefill: boolean;
  /** It is aborted when it is closed before its end. */
  readonly isOwn: boolean;
}

/** Writes what comes into the form, leaf by leaf, and tells which fields closed by that. */
export interface RunWriter {
  /** What has come since the last time. */
  write(): readonly Place[];
  /** All there is for one place that was written to, or would have been. */
  writeTo(place: Place): readonly Place[];
  /** Takes away the rows that lists which closed do not have. */
  trim(): void;
}

/** Whether nothing more comes there: what was cut never closes. */
function hasClosed({ getSnapshot }: AnyRun, path: Path): boolean {
  const { fieldStatus, cut } = getSnapshot();
  return fieldStatus(path) !== 'streaming' && !(cut && isWithin(cut, path));
}

/** Whether a row of the form has a value. Older versions of react-hook-form turn a row that is null into an object of nulls. */
function hasValues(row: unknown): boolean {
  return isObject(row) && Object.values(row).some((value) => value !== null && value !== undefined);
}

export function isLive({ getSnapshot }: AnyRun): boolean {
  const { status } = getSnapshot();
  return status === 'submitted' || status === 'streaming';
}

export function createRunWriter(
  page: FilledForm,
  { run, target, from, isRefill }: RunTarget,
  step: UndoStep,
  rows: RunRows,
): RunWriter {
  const { form, rules, suggestions, held, followed } = page;
  /** What is to be looked at again: it has not closed, or was taken by another run. */
  const open = new Map<Place, Path>();
  const closed = new Set<Place>();
  let closing: Place[] = [];
  let shown: unknown;

  function closedBy(change: () => void): readonly Place[] {
    closing = [];
    page.quietly(change);
    return closing;
  }

  /** What the form holds once the value is written. */
  function formValue(name: string, value: unknown): unknown {
    const given = rules().toFormValue(value, name);
    const fitted = fitValue(form, name, given);
    return 'value' in fitted ? fitted.value : given;
  }

  function settle(place: Place, name: string, path: Path, value: unknown): void {
    const isComplete = hasClosed(run, path);
    if (!isComplete) {
      open.set(place, path);
      const isUnseen = isLive(run) && rows.fresh.has(place.parent);
      if (typeof value !== 'string' || isUnseen || rules().atomic?.(name) || !isTypedIn(form, name)) return;
    }
    const isShown = (): boolean => isSame(form.getValues(name), formValue(name, value));
    if (isOwned(page, place, name)) {
      if (!isComplete) return;
      if (isShown()) suggestions.drop(place);
      else suggestions.suggest(place, value);
    } else if (!isRefill && isFocused(form, name) && !isShown()) {
      held.add(place);
      leaveTo(page, place, name, run);
    } else {
      if (isComplete) step.write(place, name, value);
      else step.writePart(place, name, value as string);
      held.delete(place);
      suggestions.drop(place);
      if (!isComplete || closed.has(place)) return;
      closed.add(place);
      closing.push(place);
    }
  }

  function walk(place: Place, path: Path, next: unknown, before?: unknown): void {
    if (Object.is(next, before)) return;
    if (isTakenFrom(run, place)) return void open.set(place, path);
    open.delete(place);
    const { list } = place;
    const name = nameOf(place);
    if (name === undefined) return;
    followed.touch(place);
    const isWhole = name !== '' && rules().atomic?.(name);
    // The page shows rows: what is no list has none of them.
    const isList = list && (Array.isArray(next) || !Array.isArray(formValue(name, next)));
    const isField = !isList && (isWhole || !isObject(next));
    if (isField && isRow(place) && !isObject(formValue(name, next))) {
      // An array of fields has objects only: the row stays blank, or becomes it if the list was written as a whole.
      if (!hasClosed(run, path)) open.set(place, path);
      // Not a step of its own: undo removes the row.
      else if (!hasValues(form.getValues(name))) form.setValue(name, place.parent?.list?.blank ?? {});
      return;
    }
    // It has written the list as a whole, which is on the page by now.
    if (isList && place.source?.isField && place.ownership.writer === run) {
      rows.claim(list);
      if (!Array.isArray(form.getValues(name))) step.write(place, name, []);
    }
    if (place.source?.run !== run || place.source.isField !== isField) place.source = { run, path, isField };
    if (isField) return settle(place, name, path, next);
    if (isList) {
      const items: readonly unknown[] = Array.isArray(next) ? next : [];
      const earlier: readonly unknown[] = Array.isArray(before) ? before : [];
      const known = rows.rowsFor(place, list, items.length);
      for (const [index, value] of items.entries()) {
        if (index < earlier.length && Object.is(value, earlier[index])) continue;
        walk(childOf(place, known[index] as Row), [...path, index], value, earlier[index]);
      }
      return;
    }
    const keys = parsePath(name);
    for (const [key, value] of Object.entries(next as object)) {
      const earlier = valueAt(before, [key]);
      if (Object.is(value, earlier) || !rules().has([...keys, key])) continue;
      walk(childOf(place, key), [...path, key], value, earlier);
    }
  }

  function trim(): void {
    rows.trim(({ source }) => source?.run === run && hasClosed(run, source.path));
  }

  return {
    write() {
      const { object } = run.getSnapshot();
      const next = valueAt(object, from);
      return closedBy(() => {
        rows.fresh.clear();
        for (const [place, path] of [...open]) walk(place, path, valueAt(object, path));
        if (next !== undefined) walk(target, from, next, shown);
        shown = next;
        trim();
      });
    },
    trim: () => page.quietly(trim),
    writeTo(place) {
      const path = place.source?.path ?? from;
      return closedBy(() => walk(place, path, valueAt(run.getSnapshot().object, path)));
    },
  };
}
