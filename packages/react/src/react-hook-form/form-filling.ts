import type { FormFill } from './form-fill.ts';

/** What the hooks for single fields take. It never changes, so it may be given to components that do not render again. */
export interface FormFilling<Name extends string = string> {
  /** Puts the suggestion into the field, as if the user had written it: touched, dirty, validated. */
  accept(name: Name): void;
  /** Lets the suggestion go. The field stays as it is. */
  dismiss(name: Name): void;
  /**
   * Asks for one field anew and writes nothing else, also where the user has written. Resolves to whether it came whole
   * and fits the schema. Rejects with what `refillRequest` throws, and where the schema has no such field.
   * @param instruction is for the model: what to do better.
   */
  refill(name: Name, instruction?: string): Promise<boolean>;
}

const fills = new WeakMap<FormFilling, FormFill>();

export function withFill<Name extends string>(filling: FormFilling<Name>, fill: FormFill): FormFilling<Name> {
  fills.set(filling, fill);
  return filling;
}

/** @throws {Error} for what `useObjectForm` did not give. */
export function fillOf(filling: FormFilling): FormFill {
  const fill = fills.get(filling);
  if (!fill) throw new Error('That is no `filling` of useObjectForm');
  return fill;
}
