import type { Path } from '@rivulet/core';

/** How a form is filled, as it is said when it matters. */
export interface FillRules {
  /** Whether the schema has the field. */
  readonly has: (keys: Path) => boolean;
  readonly protect: 'touched' | 'edited';
  readonly validate: boolean;
  readonly shouldDirty: boolean;
  readonly atomic: ((name: string) => boolean) | undefined;
  readonly toFormValue: (value: unknown, name: string) => unknown;
}

/** The rules among the options, whatever names the schema has. */
export interface RuleOptions {
  readonly protect?: 'touched' | 'edited' | undefined;
  readonly validate?: boolean | undefined;
  readonly shouldDirty?: boolean | undefined;
  readonly atomic?: ((name: never) => boolean) | undefined;
  readonly toFormValue?: ((value: unknown, name: never) => unknown) | undefined;
}

export function rulesOf(
  {
    protect = 'touched',
    validate = true,
    shouldDirty = true,
    atomic,
    toFormValue = (value) => value,
  }: RuleOptions = {},
  has: FillRules['has'] = () => false,
): FillRules {
  return {
    has,
    protect,
    validate,
    shouldDirty,
    atomic: atomic as FillRules['atomic'],
    toFormValue: toFormValue as FillRules['toFormValue'],
  };
}
