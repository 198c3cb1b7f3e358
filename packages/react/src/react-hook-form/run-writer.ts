import { parsePath, valueAt, type Path } from '@rivulet/core';
import type { FilledForm } from './filled-form.ts';
import { isObject, isSame } from './form-value.ts';
import { isOwned } from './ownership.ts';
import { isFocused, isTypedIn } from './page-field.ts';
import { childOf, isTakenFrom, nameOf, type AnyRun, type Place } from './place.ts';
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
}

/** Writes what comes into the form, leaf by leaf, and tells which fields closed by that. */
export interface RunWriter {
  /** What has come since the last time. */
  write(): readonly Place[];
  /** All there is for one place. */
  writeTo(place: Place): readonly Place[];
  /** One field, brought up to what has come for it. */
  settle(place: Place): readonly Place[];
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
  const { form, rules, suggestions, held } = page;
  const open = new Set<Place>();
  const closed = new Set<Place>();
  /** What was another run's when it came. */
  const missed = new Map<Place, Path>();
  let closing: Place[] = [];
  let shown: unknown;

  function closedBy(change: () => void): readonly Place[] {
    closing = [];
    page.quietly(change);
    return closing;
  }

  function settle(place: Place): void {
    if (isTakenFrom(run, place)) return;
    const { source } = place;
    if (source?.run !== run) return void open.delete(place);
    const { object, fieldStatus } = run.getSnapshot();
    const value = valueAt(object, source.path);
    const isComplete = fieldStatus(source.path) !== 'streaming';
    if (!isComplete) open.add(place);
    else open.delete(place);
    const name = nameOf(place);
    if (name === undefined) return;
    const isUnseen = isLive(run) && rows.isFresh(place);
    if (!isComplete && (typeof value !== 'string' || isUnseen || rules().atomic?.(name) || !isTypedIn(name))) return;
    const isShown = (): boolean => isSame(form.getValues(name), value);
    if (isOwned(page, place, name)) {
      if (!isComplete) return;
      if (isShown()) suggestions.drop(place);
      else suggestions.suggest(place, value);
    } else if (!isRefill && isFocused(name) && !isShown()) {
      held.add(place);
      // The run came before the field was left.
      place.ownership = { ...place.ownership, writer: run };
    } else {
      step.write(place, name, value);
      held.delete(place);
      suggestions.drop(place);
      if (!isComplete || closed.has(place)) return;
      closed.add(place);
      closing.push(place);
    }
  }

  function walk(place: Place, path: Path, next: unknown, before: unknown): void {
    if (Object.is(next, before)) return;
    if (isTakenFrom(run, place)) return void missed.set(place, path);
    const { list } = place;
    const name = nameOf(place);
    if (name === undefined) return;
    const isWhole = name !== '' && rules().atomic?.(name);
    const isList = Array.isArray(next) && list;
    const isField = !isList && (isWhole || !isObject(next));
    if (place.source?.run !== run || place.source.isField !== isField) place.source = { run, path, isField };
    if (isField) return settle(place);
    open.delete(place);
    const walkTo = (child: Place, key: string | number, value: unknown): void =>
      walk(child, [...path, key], value, valueAt(before, [key]));
    if (isList) {
      const known = rows.rowsFor(place, list, next.length);
      for (const [index, value] of next.entries()) walkTo(childOf(place, known[index] as Row), index, value);
      return;
    }
    const keys = parsePath(name);
    for (const [key, value] of Object.entries(next as object)) {
      if (rules().has([...keys, key])) walkTo(childOf(place, key), key, value);
    }
  }

  return {
    write() {
      const { object, fieldStatus } = run.getSnapshot();
      const next = valueAt(object, from);
      return closedBy(() => {
        rows.settle();
        for (const place of [...open]) settle(place);
        for (const [place, path] of missed) {
          if (!isTakenFrom(run, place)) {
            missed.delete(place);
            walk(place, path, valueAt(object, path), undefined);
          }
        }
        if (next !== undefined) walk(target, from, next, shown);
        shown = next;
        rows.trim(({ source }) => !!source && fieldStatus(source.path) !== 'streaming');
      });
    },
    writeTo(place) {
      const path = place.source?.path ?? from;
      const value = valueAt(run.getSnapshot().object, path);
      return closedBy(() => walk(place, path, value, undefined));
    },
    settle: (place) => closedBy(() => settle(place)),
  };
}
