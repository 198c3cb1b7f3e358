import { valueAt } from '@rivulet/core';
import type { Field, UseFormReturn } from 'react-hook-form';

const TYPED_IN = /^(?:text|search|url|tel|email|password)$/;

/** What the form knows of a field, or of those within. A page may have other elements of the same name, and a head too. */
export function registered({ control: { _fields: fields } }: UseFormReturn, name: string): Partial<Field> | undefined {
  return valueAt(fields, name) as Partial<Field> | undefined;
}

/** Where the value is on the page. A component may keep its element to itself: then it is known by its name only. */
function elementsOf(form: UseFormReturn, name: string): readonly Element[] {
  const { _f: field } = registered(form, name) ?? {};
  const known = [field?.ref, ...(field?.refs ?? [])].filter((one) => one instanceof Element);
  return known.length > 0 ? known : [...document.getElementsByName(name)];
}

/** Whether the caret is in the field: what is written then would move it. */
export function isFocused(form: UseFormReturn, name: string): boolean {
  return elementsOf(form, name).some((element) => element === document.activeElement);
}

/** Whether half a value may be shown there: not in a select, nor in a field for numbers or dates. */
export function isTypedIn(form: UseFormReturn, name: string): boolean {
  const [element] = elementsOf(form, name);
  if (element instanceof HTMLInputElement) return TYPED_IN.test(element.type);
  return !(element instanceof HTMLSelectElement);
}

/** Whether the form drops the value with the input. */
export function isConditional(form: UseFormReturn, name: string): boolean {
  const { _options: options } = form.control;
  const { _f: field } = registered(form, name) ?? {};
  return !!options.shouldUnregister || !!field?.shouldUnregister;
}

/** What is in the field, as it can be written again: a form may hold what it made of a text. */
export function writable(form: UseFormReturn, name: string, value: unknown): unknown {
  const { _f: field } = registered(form, name) ?? {};
  return ((field?.setValueAs || field?.valueAsDate) && field.ref.value) || value;
}
