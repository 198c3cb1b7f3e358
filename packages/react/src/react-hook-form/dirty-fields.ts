import { parsePath } from '@rivulet/core';
import type { UseFormReturn } from 'react-hook-form';

/** Whether a field, or one within it, differs from its default in the eyes of the form. */
export function isDirtyField(form: UseFormReturn, name: string): boolean {
  return form.getFieldState(name).isDirty;
}

/**
 * Marks fields as they were before a fill. The form itself would compare all of its values once for each field.
 * @param dirty are the fields by their names, and whether they were dirty.
 */
export function restoreDirty(form: UseFormReturn, dirty: ReadonlyMap<string, boolean>): void {
  const { _formState: state, _subjects: subjects } = form.control;
  const dirtyFields: object = state.dirtyFields;
  for (const [name, isDirty] of dirty) mark(dirtyFields, parsePath(name), isDirty);
  prune(dirtyFields);
  const isDirty = Object.keys(dirtyFields).length > 0;
  state.isDirty = isDirty;
  subjects.state.next({ isDirty, dirtyFields });
}

function mark(tree: object, keys: readonly (string | number)[], isDirty: boolean): void {
  const last = keys.at(-1);
  if (last === undefined) return;
  let here: object = tree;
  for (const [index, key] of keys.slice(0, -1).entries()) {
    const next: unknown = Object.hasOwn(here, key) ? Reflect.get(here, key) : undefined;
    if (typeof next === 'object' && next !== null) here = next;
    else if (!isDirty) return;
    else {
      const made = typeof keys[index + 1] === 'number' ? [] : {};
      define(here, key, made);
      here = made;
    }
  }
  if (isDirty) define(here, last, true);
  else if (Object.hasOwn(here, last)) Reflect.deleteProperty(here, last);
}

function define(here: object, key: string | number, value: unknown): void {
  Object.defineProperty(here, key, { value, configurable: true, enumerable: true, writable: true });
}

/** Takes away the objects and lists in which nothing is dirty. Returns whether anything is. */
function prune(tree: object): boolean {
  let isDirty = false;
  for (const [key, inner] of Object.entries(tree) as [string, unknown][]) {
    const isKept = typeof inner === 'object' && inner !== null ? prune(inner) : inner === true;
    if (isKept) isDirty = true;
    else Reflect.deleteProperty(tree, key);
  }
  return isDirty;
}
