'use client';

export type { FormField, FormFieldStatus } from './form-fill.ts';
export type { FormFilling } from './form-filling.ts';
export type { RefillContext } from './form-request.ts';
export type { Suggestion } from './suggestions.ts';
export { useObjectFieldArray, type UseObjectFieldArrayProps } from './use-object-field-array.ts';
export {
  useObjectForm,
  type FormInput,
  type FormPath,
  type UseObjectFormOptions,
  type UseObjectFormResult,
} from './use-object-form.ts';
export { useObjectFormField, type ObjectFormField } from './use-object-form-field.ts';
