import { isDirtyField, restoreDirty } from './dirty-fields.ts';
import { copyOf, isSame } from './form-value.ts';
import { isOwned, type RuledForm } from './ownership.ts';
import { fitValue, isOnPage, showInPlace, watchOptions } from './native-value.ts';
import { isConditional, writable } from './dom-field.ts';
import { nameOf, type AnyRun, type Place } from './field-tree.ts';
import { countRows } from './row-list.ts';
import type { UndoRows } from './undo-rows.ts';

/** As if the user had written it. */
const AS_USER = { shouldDirty: true, shouldTouch: true, shouldValidate: true };

/** What one run writes into the form, and how to take it back. */
export interface UndoStep {
  readonly hasWritten: boolean;
  /** Keeps how a field is. Once, before it is changed. */
  remember(place: Place): void;
  /** Writes half a text. */
  writePart(place: Place, name: string, text: string): void;
  /** Writes a whole value, unless the inputs of the field cannot show it: then the place has a `refusal`. */
  write(place: Place, name: string, value: unknown): void;
  /** Writes over what the user has, as the user wants it. Returns whether the inputs of the field can show it. */
  accept(place: Place, name: string, value: unknown): boolean;
  /** Writes to the inputs what the form holds and the page has lost. */
  showAgain(): void;
  /** Rows have changed. */
  noteRows(): void;
  /** Whether all that was written there, or within, is still in the form or was changed by the user. */
  isIntact(within: (place: Place) => boolean): boolean;
  /** Whether code took out a field that was written, which was not to go with its input. */
  hasLostField(): boolean;
  /** The form was given other values: where nothing is left of what was written, there is nothing to take back. */
  forget(): void;
  /** Takes the fields back, and then the rows. What the user edited since stays. */
  takeBack(): void;
}

/** A field before the run wrote to it. */
interface Remembered {
  readonly isConditional: boolean;
  readonly isDirty: boolean;
  /** Returns whether it was taken back. */
  takeBack(): boolean;
}

export function createUndoStep(
  page: RuledForm & { onOptions(place: Place): void },
  run: AnyRun,
  rows: UndoRows,
): UndoStep {
  const { form, rules } = page;
  const fields = new Map<Place, Remembered>();
  let hasWritten = false;

  function remember(place: Place): void {
    if (fields.has(place)) return;
    const name = nameOf(place);
    if (name === undefined) return;
    const value: unknown = name && copyOf(form.getValues(name));
    const back = name && writable(form, name, value);
    const { ownership, source, hasError, refusal } = place;
    const wasOwned = name && isOwned(page, place, name);
    const error = name && form.getFieldState(name).error;
    fields.set(place, {
      isConditional: isConditional(form, name),
      isDirty: name !== '' && isDirtyField(form, name),
      takeBack() {
        const now = nameOf(place);
        if (!now) return false;
        const { isEdited, written } = place.ownership;
        if (isEdited || (written && !isSame(form.getValues(now), written.value))) return false;
        if (written && !(isSame(value, written.value) && isOnPage(form, now))) {
          form.setValue(now, back);
          showInPlace(form, now);
        }
        if (place.list) countRows(place.list, form.getValues(now));
        // A checkbox that had no value has one from then on: that is not by the user.
        const restored = { value: copyOf(form.getValues(now)) };
        place.ownership = wasOwned || ownership.written ? ownership : { ...ownership, written: restored };
        place.source = source;
        if (error) form.setError(now, error);
        else if (form.getFieldState(now).error) form.clearErrors(now);
        place.hasError = hasError;
        place.refusal = refusal;
        return true;
      },
    });
  }

  function set(place: Place, name: string, value: unknown, options: object): void {
    if (!Object.is(value, form.getValues(name)) || !isOnPage(form, name)) {
      form.setValue(name, value, { shouldDirty: rules().shouldDirty, ...options });
      showInPlace(form, name);
    }
    place.refusal = undefined;
    place.ownership = { ...place.ownership, written: { value: copyOf(form.getValues(name)) }, writer: run };
  }

  function put(place: Place, name: string, given: unknown, options: object = {}): boolean {
    remember(place);
    hasWritten = true;
    const fitted = fitValue(form, name, rules().toFormValue(given, name));
    if ('value' in fitted) {
      set(place, name, fitted.value, options);
      return true;
    }
    const { refusal } = fitted;
    place.refusal = refusal;
    watchOptions(form, name, () => {
      const isWanted = place.refusal === refusal && place.source?.run === run && nameOf(place) !== undefined;
      if (isWanted) page.onOptions(place);
      return isWanted && place.refusal !== undefined;
    });
    return false;
  }

  return {
    get hasWritten() {
      return hasWritten;
    },
    remember,
    writePart(place, name, text) {
      remember(place);
      hasWritten = true;
      set(place, name, rules().toFormValue(text, name), {});
    },
    write(place, name, value) {
      if (!put(place, name, value) && !place.ownership.written) {
        place.ownership = { ...place.ownership, written: { value: copyOf(form.getValues(name)) }, writer: run };
      }
    },
    accept(place, name, value) {
      // What the user has typed since it was written is what it will be taken back to.
      fields.delete(place);
      if (!put(place, name, value, AS_USER)) return false;
      place.ownership = { ...place.ownership, isEdited: false, isAgreed: true };
      return true;
    },
    showAgain() {
      for (const place of fields.keys()) {
        const name = nameOf(place);
        const { written, isEdited } = place.ownership;
        if (!name || !written || isEdited || isOnPage(form, name)) continue;
        if (isSame(form.getValues(name), written.value)) form.setValue(name, writable(form, name, written.value));
      }
    },
    noteRows() {
      hasWritten = true;
    },
    isIntact(within) {
      return [...fields.keys()].every((place) => {
        const { written, isEdited, writer } = place.ownership;
        if (!written || isEdited || writer !== run || !within(place)) return true;
        const name = nameOf(place);
        return name !== undefined && isSame(form.getValues(name), written.value);
      });
    },
    hasLostField() {
      return [...fields].some(([place, { isConditional: mayGo }]) => {
        const { written, isEdited, writer } = place.ownership;
        const name = nameOf(place);
        if (mayGo || !name || !written || isEdited || writer !== run || written.value === undefined) return false;
        return form.getValues(name) === undefined;
      });
    },
    forget() {
      const isLeft = [...fields.keys()].some((place) => {
        const { written, isEdited } = place.ownership;
        return nameOf(place) !== undefined && written && !isEdited;
      });
      if (isLeft) return;
      fields.clear();
      rows.clear();
      hasWritten = false;
    },
    takeBack() {
      const restored = [...fields].toReversed().filter(([, { takeBack }]) => takeBack());
      rows.takeBack();
      const dirty = new Map<string, boolean>();
      for (const [place, { isDirty }] of restored) {
        const name = nameOf(place);
        if (name) dirty.set(name, isDirty);
      }
      if (dirty.size > 0) restoreDirty(form, dirty);
    },
  };
}
