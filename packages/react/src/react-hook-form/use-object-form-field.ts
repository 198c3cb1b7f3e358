'use client';

import { useMemo } from 'react';
import { useStore } from '../internal/use-store.ts';
import type { FormField } from './form-fill.ts';
import { fillOf, type FormFilling } from './form-filling.ts';

/** What is known of one field, and what to do with it. */
export interface ObjectFormField extends FormField {
  readonly accept: () => void;
  readonly dismiss: () => void;
  /** Asks for the field anew: see `FormFilling`. */
  readonly refill: (instruction?: string) => Promise<boolean>;
}

/**
 * How far a field of the form has come, and the model's suggestion for it. Renders only when that changes. Items of a list
 * keep their state when they move.
 */
export function useObjectFormField<Name extends string>(
  filling: FormFilling<Name>,
  name: NoInfer<Name>,
): ObjectFormField {
  const store = useMemo(() => {
    const { follow, field } = fillOf(filling);
    const actions = {
      accept: () => filling.accept(name),
      dismiss: () => filling.dismiss(name),
      refill: (instruction?: string) => filling.refill(name, instruction),
    };
    let shown: ObjectFormField = { status: 'absent', suggestion: undefined, isRefilling: false, ...actions };
    return {
      subscribe: (notify: () => void) => follow(name, { notify, isStreaming: () => shown.status === 'streaming' }),
      getSnapshot() {
        const { status, suggestion, isRefilling } = field(name);
        const isNew = status !== shown.status || suggestion !== shown.suggestion || isRefilling !== shown.isRefilling;
        if (isNew) shown = { ...shown, status, suggestion, isRefilling };
        return shown;
      },
    };
  }, [filling, name]);
  return useStore(store);
}
