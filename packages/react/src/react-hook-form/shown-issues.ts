import type { ObjectIssue, Path } from '@rivulet/core';
import { changedIssues } from '../internal/changed-issues.ts';
import type { FilledForm } from './filled-form.ts';
import { isEmpty } from './form-value.ts';
import { isOwned } from './ownership.ts';
import { constraintOf } from './native-value.ts';
import { registered } from './dom-field.ts';
import { childOf, isTakenFrom, nameOf, type Place } from './field-tree.ts';
import type { Row } from './row-list.ts';
import type { RunRows } from './run-rows.ts';
import type { RunTarget } from './run-writer.ts';

/** What is wrong with what a run wrote, shown as errors of the form. */
export interface ShownIssues {
  /** Validates what has closed, each field once, by the rules of the form and by the schema. */
  check(closing: readonly Place[]): Promise<void>;
  clear(): void;
}

/** What goes on around a run. */
export interface Surroundings {
  /** Whether what the run wrote has not been taken back. */
  isKept(): boolean;
  notify(): void;
}

export function createShownIssues(
  page: FilledForm,
  { run, target, from }: RunTarget,
  rows: RunRows,
  { isKept, notify }: Surroundings,
): ShownIssues {
  const { form, rules, followed } = page;
  /** By path and message. */
  const shown = new Map<string, Place>();
  /** The issues whose fields are touched. */
  let touched: readonly ObjectIssue[] = [];
  /** The issues that `shown` is of. */
  let compared: readonly ObjectIssue[] | undefined;

  /** The place that a path of the object was written to. */
  function placeOf(path: Path): Place {
    return path.slice(from.length).reduce<Place>((place, key) => {
      const row = typeof key === 'number' ? rows.rowAt(place, key) : undefined;
      return childOf(place, row ?? String(key));
    }, target);
  }

  /** A field has the status `invalid` for as long as it has an issue, and so has what it is in. */
  function touchIssues(): void {
    const { issues } = run.getSnapshot();
    for (const { path } of changedIssues(touched, issues)) if (path.length >= from.length) touchAlong(path);
    touched = issues;
  }

  function touchAlong(path: Path): void {
    let place: Place | undefined = target;
    followed.touch(place);
    for (const key of path.slice(from.length)) {
      const row: Row | undefined = typeof key === 'number' ? rows.rowAt(place, key) : undefined;
      place = place.children.get(row ?? String(key));
      if (!place) return;
      followed.touch(place);
    }
  }

  /** Tells whether there was an error to take away. */
  function hide(place: Place): boolean {
    const name = nameOf(place);
    if (!name || !place.hasError) return false;
    place.hasError = false;
    form.clearErrors(name);
    followed.touch(place);
    return true;
  }

  /** The error of a value that the inputs cannot show. */
  function refuse(place: Place): void {
    const name = nameOf(place);
    if (!name || place.refusal === undefined || !isKept()) return;
    place.hasError = true;
    form.setError(name, { type: 'refused', message: place.refusal });
    followed.touch(place);
  }

  async function validate(closing: readonly Place[]): Promise<void> {
    const own = closing.filter((place) => {
      const name = nameOf(place);
      return name && !isOwned(page, place, name);
    });
    if (own.length > 0) await form.trigger(own.flatMap((place) => nameOf(place) ?? []));
    for (const place of own) {
      const name = nameOf(place);
      if (!name) continue;
      followed.touch(place);
      const broken = form.getFieldState(name).error || place.refusal ? undefined : constraintOf(form, name);
      if (broken) form.setError(name, { type: 'constraint', message: broken });
      if (!form.getFieldState(name).error) refuse(place);
      if (!form.getFieldState(name).error) continue;
      place.hasError = true;
      // What it finds fault with may be gone by now.
      if (!isKept() || place.ownership.isEdited) hide(place);
    }
    if (!isKept()) return;
    // Read now: a later check may have ended before this one.
    const { issues } = run.getSnapshot();
    if (issues !== compared) compare(issues);
    compared = issues;
    notify();
  }

  function compare(issues: readonly ObjectIssue[]): void {
    const found = new Map(issues.map((issue) => [JSON.stringify(issue), issue]));
    // A rule for several fields may be broken by half of them only.
    for (const [key, place] of shown) {
      if (!found.has(key) && hide(place)) shown.delete(key);
    }
    for (const [key, { path, message }] of found) {
      if (path.length < from.length || shown.has(key)) continue;
      const place = placeOf(path);
      const name = nameOf(place);
      shown.set(key, place);
      if (!name || isTakenFrom(run, place) || isOwned(page, place, name) || form.getFieldState(name).error) continue;
      // What the model did not give may have been there before.
      if (!place.source && !isEmpty(form.getValues(name))) continue;
      // An error that nobody sees and nothing takes away would keep the form from being submitted.
      if (!place.list && !registered(form, name)) continue;
      place.hasError = true;
      form.setError(name, { type: 'schema', message });
      followed.touch(place);
    }
  }

  return {
    async check(closing) {
      touchIssues();
      const refused = closing.filter(({ refusal }) => refusal !== undefined);
      for (const place of refused) refuse(place);
      if (!rules().validate) return;
      // Most of what comes closes nothing.
      if (closing.length === 0 && run.getSnapshot().issues === compared) return;
      await page.checking(() => validate(closing));
    },
    clear: () => shown.forEach(hide),
  };
}
