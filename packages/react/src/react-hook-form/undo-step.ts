import { copyOf, isSame } from './form-value.ts';
import { isOwned, type RuledForm } from './ownership.ts';
import { chooseWhenThere, writable } from './page-field.ts';
import { nameOf, type AnyRun, type Place } from './place.ts';
import { countRows } from './row-list.ts';

/** As if the user had written it. */
const AS_USER = { shouldDirty: true, shouldTouch: true, shouldValidate: true };

/** What one run writes into the form, and how to take it back. */
export interface UndoStep {
  readonly hasWritten: boolean;
  /** Keeps how a field is. Once, before it is changed. */
  remember(place: Place): void;
  write(place: Place, name: string, value: unknown): void;
  /** Writes over what the user has, as the user wants it. */
  accept(place: Place, name: string, value: unknown): void;
  /** Rows have changed. */
  addRows(undo: () => void): void;
  /** The form was given other values: where nothing is left of what was written, there is nothing to take back. */
  forget(): void;
  /** Takes the fields back, and then the rows. What the user edited since stays. */
  takeBack(): void;
}

export function createUndoStep(page: RuledForm, run: AnyRun): UndoStep {
  const { form, rules } = page;
  const fields = new Map<Place, () => void>();
  const rows: (() => void)[] = [];
  let hasWritten = false;

  function remember(place: Place): void {
    if (fields.has(place)) return;
    const name = nameOf(place);
    const value: unknown = name && copyOf(form.getValues(name));
    const back = name && writable(form, name, value);
    const { ownership, source, hasError } = place;
    const wasOwned = name && isOwned(page, place, name);
    const error = name && form.getFieldState(name).error;
    fields.set(place, () => {
      const now = nameOf(place);
      if (!now) return;
      const { isEdited, written } = place.ownership;
      if (isEdited || (written && !isSame(form.getValues(now), written.value))) return;
      if (written && !isSame(value, written.value)) form.setValue(now, back, { shouldDirty: true });
      if (place.list) countRows(place.list, form.getValues(now));
      // A checkbox that had no value has one from then on: that is not by the user.
      const restored = { value: copyOf(form.getValues(now)) };
      place.ownership = wasOwned || ownership.written ? ownership : { ...ownership, written: restored };
      place.source = source;
      if (error) form.setError(now, error);
      else if (form.getFieldState(now).error) form.clearErrors(now);
      place.hasError = hasError;
    });
  }

  function put(place: Place, name: string, given: unknown, options?: object): void {
    remember(place);
    const value = rules().toFormValue(given, name);
    if (!Object.is(value, form.getValues(name))) form.setValue(name, value, options);
    const written = { value: copyOf(form.getValues(name)) };
    place.ownership = { ...place.ownership, written, writer: run };
    hasWritten = true;
    chooseWhenThere(form, name, value, () => {
      const now = nameOf(place);
      const isWanted = !!now && place.ownership.written === written && isSame(form.getValues(now), written.value);
      if (isWanted) form.setValue(now, value);
      return isWanted;
    });
  }

  return {
    get hasWritten() {
      return hasWritten;
    },
    remember,
    write: put,
    accept(place, name, value) {
      // What the user has typed since it was written is what it will be taken back to.
      fields.delete(place);
      put(place, name, value, AS_USER);
      place.ownership = { ...place.ownership, isEdited: false, isAgreed: true };
    },
    addRows(undo) {
      rows.push(undo);
      hasWritten = true;
    },
    forget() {
      const isLeft = [...fields.keys()].some((place) => {
        const { written, isEdited } = place.ownership;
        return nameOf(place) !== undefined && written && !isEdited;
      });
      if (isLeft) return;
      fields.clear();
      rows.length = 0;
      hasWritten = false;
    },
    takeBack() {
      for (const undo of [...fields.values()].toReversed()) undo();
      for (const undo of rows.toReversed()) undo();
    },
  };
}
