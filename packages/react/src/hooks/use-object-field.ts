'use client';

import {
  isWithin,
  parsePath,
  valueAt,
  type FieldStatus,
  type ObjectIssue,
  type ObjectRun,
  type Path,
  type Store,
  type ValueAt,
} from '@rivulet/core';
import { useMemo } from 'react';
import { useStore } from '../internal/use-store.ts';

/** One value of an object that is being written. */
export interface ObjectField<T> {
  /** As much of it as has come. */
  readonly value: T | undefined;
  readonly status: FieldStatus;
  /** What does not fit the schema, there and within. */
  readonly issues: readonly ObjectIssue[];
}

/** The path, unless the object has nothing there. */
type Known<Shown, P extends Path | string> = [ValueAt<Shown, P>] extends [undefined] ? { 'no such path': P } : P;

const ABSENT: ObjectField<never> = { value: undefined, status: 'absent', issues: [] };

/**
 * One value of the `run` of `useObject`: `['items', 0, 'name']`, `items.0.name` or `items[0].name`. Renders only when that
 * value, its status or its issues change. Without a run it is `absent`.
 */
export function useObjectField<T, Shown, Item, const P extends Path | string>(
  run: ObjectRun<T, Shown, Item> | undefined,
  path: P & Known<Shown, P>,
): ObjectField<ValueAt<Shown, P>> {
  // An array that is written in place is a new one with each render.
  const keys = JSON.stringify(parsePath(path));
  const field = useMemo(() => run && fieldOf(run, JSON.parse(keys) as Path), [run, keys]);
  return (useStore(field) ?? ABSENT) as ObjectField<ValueAt<Shown, P>>;
}

/** The store of one path: its snapshot is the same for as long as nothing changed there. */
function fieldOf(run: ObjectRun<unknown, unknown, unknown>, path: Path): Store<ObjectField<unknown>> {
  let shown: ObjectField<unknown> = ABSENT;
  return {
    subscribe: run.subscribe,
    getSnapshot() {
      const { object, fieldStatus, issues: all } = run.getSnapshot();
      const value = valueAt(object, path);
      const status = fieldStatus(path);
      const issues = all.filter((issue) => isWithin(issue.path, path));
      const isSame =
        Object.is(value, shown.value) &&
        status === shown.status &&
        JSON.stringify(issues) === JSON.stringify(shown.issues);
      if (!isSame) shown = { value, status, issues };
      return shown;
    },
  };
}
