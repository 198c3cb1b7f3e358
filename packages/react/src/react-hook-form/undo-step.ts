import { copyOf, isSame } from './form-value.ts';
import type { RuledForm } from './ownership.ts';
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
  /** Takes the fields back, and then the rows. What the user edited since stays. */
  takeBack(): void;
}

export function createUndoStep({ form, rules }: RuledForm, run: AnyRun): UndoStep {
  const fields = new Map<Place, () => void>();
  const rows: (() => void)[] = [];
  let hasWritten = false;

  function remember(place: Place): void {
    if (fields.has(place)) return;
    const name = nameOf(place);
    const value: unknown = name && copyOf(form.getValues(name));
    const { ownership, source } = place;
    fields.set(place, () => {
      const now = nameOf(place);
      if (!now) return;
      const { isEdited, written } = place.ownership;
      if (isEdited || (written && !isSame(form.getValues(now), written.value))) return;
      if (written && !isSame(value, written.value)) form.setValue(now, value, { shouldDirty: true });
      if (place.list) countRows(place.list, form.getValues(now));
      place.ownership = ownership;
      place.source = source;
      if (form.getFieldState(now).error) form.clearErrors(now);
      place.hasError = false;
    });
  }

  function put(place: Place, name: string, given: unknown, options?: object): void {
    remember(place);
    const { toFormValue } = rules();
    const value = toFormValue ? toFormValue(given, name) : given;
    if (!Object.is(value, form.getValues(name))) form.setValue(name, value, options);
    place.ownership = { ...place.ownership, written: { value: copyOf(form.getValues(name)) }, writer: run };
    hasWritten = true;
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
    takeBack() {
      for (const undo of [...fields.values()].toReversed()) undo();
      for (const undo of rows.toReversed()) undo();
    },
  };
}
