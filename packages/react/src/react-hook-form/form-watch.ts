import type { UseFormReturn } from 'react-hook-form';

/** What happens to a form that no run does. */
export interface FormEvents {
  /** One field has changed; the user did it, or code. */
  onChange(name: string, isByUser: boolean): void;
  /** The form was given other values, and has forgotten what was touched. */
  onReset(): void;
  /** The caret is about to leave a field, which is not touched by that yet. */
  onLeave(event: FocusEvent): void;
  /** The caret has left a field. */
  onBlur(): void;
}

export interface FormWatch {
  start(): void;
  stop(): void;
  /** The form tells of each change with a copy of all its values: not of those that are made here. */
  quietly(change: () => void): void;
}

export function createFormWatch(form: UseFormReturn, { onChange, onReset, onLeave, onBlur }: FormEvents): FormWatch {
  let isOn = false;
  let unwatch: (() => void) | undefined;

  function watch(): void {
    const { unsubscribe } = form.watch((_values, event) => {
      const { name, type } = event;
      // Only what the user does has a type.
      if (name) onChange(name, !!type);
      // A reset tells of its values before it forgets what was touched. Some versions tell of errors and the like too.
      else if ('values' in event) queueMicrotask(onReset);
    });
    unwatch = unsubscribe;
  }

  return {
    start() {
      if (isOn) return;
      isOn = true;
      // Before anybody else hears of it, and after.
      document.addEventListener('focusout', onLeave, true);
      document.addEventListener('focusout', onBlur);
      watch();
    },
    stop() {
      isOn = false;
      document.removeEventListener('focusout', onLeave, true);
      document.removeEventListener('focusout', onBlur);
      unwatch?.();
    },
    quietly(change) {
      unwatch?.();
      try {
        change();
      } finally {
        if (isOn) watch();
      }
    },
  };
}
