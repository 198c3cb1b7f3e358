import type { UseFormReturn } from 'react-hook-form';
import type { FillRules } from './fill-rules.ts';
import { copyOf, isEmpty, isSame } from './form-value.ts';
import { isField, isInUsersRow, nameOf, placesIn, type AnyRun, type Place } from './field-tree.ts';

/** A form, and how it is filled. */
export interface RuledForm {
  readonly form: UseFormReturn;
  readonly rules: () => FillRules;
}

/** Whether a field is the user's, by what it holds now against what was written last. */
export function isOwned({ form, rules }: RuledForm, place: Place, name: string): boolean {
  const { isEdited, isAgreed, written, writer } = place.ownership;
  if (isEdited) return true;
  const value: unknown = form.getValues(name);
  if (written && !isSame(value, written.value)) return true;
  if (isAgreed || (writer && writer === (place.source?.run ?? writer))) return false;
  const { isTouched, isDirty } = form.getFieldState(name);
  return (
    (isTouched && rules().protect === 'touched') || (!written && (isDirty || isInUsersRow(place)) && !isEmpty(value))
  );
}

/** A run came before the field was left: only what changes from now on is the user's. */
export function leaveTo({ form }: RuledForm, place: Place, name: string, writer: AnyRun): void {
  place.ownership = { written: { value: copyOf(form.getValues(name)) }, ...place.ownership, writer };
}

/** Whether the user has a hand in something within an item. */
export function isOwnedWithin(ruled: RuledForm, place: Place): boolean {
  return [...placesIn(place)].some((inner) => {
    const name = nameOf(inner);
    return isField(inner) && name !== undefined && isOwned(ruled, inner, name);
  });
}
