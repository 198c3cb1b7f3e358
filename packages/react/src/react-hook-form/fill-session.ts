import type { FilledForm } from './filled-form.ts';
import type { Place } from './place.ts';
import { createRunRows } from './run-rows.ts';
import { createRunWriter, isLive, type RunTarget } from './run-writer.ts';
import { createShownIssues, type Surroundings } from './shown-issues.ts';
import { createUndoStep } from './undo-step.ts';

/** One run that writes into the form, and the step that it is for `undo`. */
export interface FillSession extends RunTarget {
  readonly hasWritten: boolean;
  /** It waits for rows that are not on the page yet. */
  readonly isWaiting: boolean;
  /** Writes what has come since the last time. Tells whether more will come. */
  sync(): boolean;
  /** Writes all there is for one place, such as what was held back. */
  writeTo(place: Place): void;
  /** Makes a field free to be written to. */
  free(place: Place): void;
  /** Puts a suggestion in, as if the user had written it. */
  accept(place: Place, name: string, value: unknown): void;
  /** It ends without having written: what was freed for it is as it was. */
  letGo(): void;
  /** Takes away rows that were left because the caret was there. */
  trim(): void;
  /** The form was given other values: where nothing is left of what was written, there is nothing to take back. */
  forget(): void;
  takeBack(): void;
}

export function createFillSession(page: FilledForm, target: RunTarget, surroundings: Surroundings): FillSession {
  const { held, suggestions } = page;
  const { run } = target;
  const step = createUndoStep(page, run);
  const rows = createRunRows(page, run, step);
  const writer = createRunWriter(page, target, step, rows);
  const { check, clear } = createShownIssues(page, target, rows, surroundings);
  function letGo(): void {
    const { target: place } = target;
    if (place.claim === run) place.claim = undefined;
    page.quietly(step.takeBack);
  }

  return {
    ...target,
    get hasWritten() {
      return step.hasWritten;
    },
    get isWaiting() {
      return rows.fresh.size > 0;
    },
    sync() {
      void check(writer.write());
      return isLive(run);
    },
    writeTo: (place) => void check(writer.writeTo(place)),
    free(place) {
      step.remember(place);
      suggestions.drop(place);
      place.ownership = { isEdited: false, isAgreed: true };
    },
    accept(place, name, value) {
      page.quietly(() => step.accept(place, name, value));
      held.delete(place);
      suggestions.drop(place);
    },
    letGo,
    trim: writer.trim,
    forget: step.forget,
    takeBack() {
      clear();
      letGo();
    },
  };
}
