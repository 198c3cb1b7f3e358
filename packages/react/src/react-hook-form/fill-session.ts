import type { FilledForm } from './filled-form.ts';
import type { Place } from './field-tree.ts';
import { createRunRows, removeRows } from './run-rows.ts';
import { createRunWriter, isLive, type RunTarget } from './run-writer.ts';
import { createShownIssues, type Surroundings } from './shown-issues.ts';
import { createUndoRows } from './undo-rows.ts';
import { createUndoStep, type UndoStep } from './undo-step.ts';

/** One run that writes into the form, and the step that it is for `undo`. */
export interface FillSession extends RunTarget, Pick<UndoStep, 'isIntact' | 'hasLostField' | 'showAgain'> {
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
  const undoRows = createUndoRows((list, unwanted) => removeRows(page, list, unwanted));
  const step = createUndoStep(page, run, undoRows);
  const rows = createRunRows(page, run, {
    ...undoRows,
    add(list, added) {
      undoRows.add(list, added);
      step.noteRows();
    },
    remove(list, restore) {
      undoRows.remove(list, restore);
      step.noteRows();
    },
  });
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
      let isShown = false;
      page.quietly(() => {
        isShown = step.accept(place, name, value);
      });
      if (isShown) {
        held.delete(place);
        suggestions.drop(place);
      } else void check([place]);
    },
    letGo,
    trim: writer.trim,
    forget: step.forget,
    isIntact: step.isIntact,
    hasLostField: step.hasLostField,
    showAgain: () => page.quietly(step.showAgain),
    takeBack() {
      clear();
      letGo();
    },
  };
}
