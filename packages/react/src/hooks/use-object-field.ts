'use client';

import { parsePath, type ObjectRun, type Path, type ValueAt } from '@rivulet/core';
import { useMemo } from 'react';
import { ABSENT_FIELD, fieldsOf, type ObjectField } from '../internal/object-fields.ts';
import { useStore } from '../internal/use-store.ts';

/** The path, unless the object has nothing there. */
type Known<Shown, P extends Path | string> = [ValueAt<Shown, P>] extends [undefined] ? { 'no such path': P } : P;

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
  const field = useMemo(() => run && fieldsOf(run).storeAt(JSON.parse(keys) as Path), [run, keys]);
  return (useStore(field) ?? ABSENT_FIELD) as ObjectField<ValueAt<Shown, P>>;
}
