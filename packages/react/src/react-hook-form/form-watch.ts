import type { UseFormReturn } from 'react-hook-form';

/** What happens to a form that no run does. */
export interface FormEvents {
  /** One field has changed; the user did it, or code. */
  onChange(name: string, isByUser: boolean): void;
  /** Code has replaced a list, and what is in it. */
  onReplaceList(name: string): void;
  /** The form is being given other values. `onReset` follows when that is done. */
  onBeforeReset(): void;
  /** The form was given other values, and has forgotten what was touched. */
  onReset(): void;
  /** Fields were taken out of the form, or code has set many. */
  onValues(): void;
  /** Errors of one field have changed, or of any. Not called for those that are set within `checking`. */
  onErrors(name: string | undefined): void;
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
  /** Errors that are set meanwhile, of several fields at once, are those of the check. */
  checking(check: () => Promise<void>): Promise<void>;
}

export function createFormWatch(form: UseFormReturn, events: FormEvents): FormWatch {
  let isOn = false;
  let isResetting = false;
  let checks = 0;
  let unwatch: (() => void) | undefined;

  function endReset(): void {
    isResetting = false;
    events.onReset();
  }

  function watch(): void {
    // Only a reset sets all lists at once, and it does so before it tells of its values and forgets what was touched.
    const { _subjects: subjects } = form.control;
    const lists = subjects.array.subscribe({
      next({ name }) {
        if (name) return events.onReplaceList(name);
        if (isResetting) return;
        isResetting = true;
        events.onBeforeReset();
        queueMicrotask(endReset);
      },
    });
    const values = form.watch((_values, event) => {
      const { name, type } = event;
      // Only what the user does has a type.
      if (name) events.onChange(name, !!type);
      // Some versions tell of errors and the like too.
      else if ('values' in event && !isResetting) queueMicrotask(events.onValues);
    });
    const states = subjects.state.subscribe({
      next(state) {
        if ('errors' in state && (state.name || checks === 0)) events.onErrors(state.name);
      },
    });
    unwatch = () => {
      states.unsubscribe();
      lists.unsubscribe();
      values.unsubscribe();
    };
  }

  return {
    start() {
      if (isOn) return;
      isOn = true;
      // Before anybody else hears of it, and after.
      document.addEventListener('focusout', events.onLeave, true);
      document.addEventListener('focusout', events.onBlur);
      watch();
    },
    stop() {
      isOn = false;
      document.removeEventListener('focusout', events.onLeave, true);
      document.removeEventListener('focusout', events.onBlur);
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
    async checking(check) {
      checks += 1;
      try {
        await check();
      } finally {
        checks -= 1;
      }
    },
  };
}
