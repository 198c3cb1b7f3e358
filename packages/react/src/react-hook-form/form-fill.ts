import type { FieldStatus, LLMError, ObjectSnapshot } from '@rivulet/core';
import type { UseFormReturn } from 'react-hook-form';
import { createFillHistory } from './fill-history.ts';
import type { FillRules } from './fill-rules.ts';
import type { FillSession } from './fill-session.ts';
import type { FilledForm } from './filled-form.ts';
import { createFollowedFields, type Follower } from './followed-fields.ts';
import { createFormWatch } from './form-watch.ts';
import { isEmpty, isSame } from './form-value.ts';
import { isOwned, leaveTo } from './ownership.ts';
import { isFocused } from './dom-field.ts';
import {
  createPlace,
  isField,
  nameOf,
  NOBODY,
  peekAt,
  placeAt,
  placesIn,
  type AnyRun,
  type Place,
} from './field-tree.ts';
import { createRowChanges } from './row-changes.ts';
import { countRows, setRows, type RowList } from './row-list.ts';
import type { RunTarget } from './run-writer.ts';
import { createSuggestions, type Suggestion } from './suggestions.ts';

type AnySnapshot = ObjectSnapshot<unknown, unknown>;

/** How far a field has come. `user`: it is the user's own, and nothing is written into it. */
export type FormFieldStatus = FieldStatus | 'user';

/** What is known of one field. */
export interface FormField {
  readonly status: FormFieldStatus;
  readonly suggestion: { readonly value: unknown } | undefined;
  /** It was asked for anew, and has not come yet. */
  readonly isRefilling: boolean;
}

/** What the component that owns the form is told: nothing that changes with each token. */
export interface FillSnapshot {
  /** The run of the last fill. */
  readonly run: AnyRun | undefined;
  readonly status: AnySnapshot['status'];
  readonly finishReason: AnySnapshot['finishReason'];
  readonly error: AnySnapshot['error'];
  readonly retry: AnySnapshot['retry'];
  readonly final: unknown;
  readonly suggestions: readonly Suggestion[];
  readonly canUndo: boolean;
  /** The names of the fields that were asked for anew and have not come yet. */
  readonly refilling: readonly string[];
}

/** Writes object runs into a form. */
export interface FormFill {
  getSnapshot(): FillSnapshot;
  /** Keeps what is under way going without components, until it is called back. */
  retain(): () => void;
  /** Whether code has replaced what the run wrote before its end. */
  isInterrupted(run: AnyRun): boolean;
  subscribe(listener: () => void): () => void;
  /** Notifies a component when what `field` returns may have changed. */
  follow(name: string, follower: Follower): () => void;
  /** Ends what was shown before, and writes this run into the form. An own run ends with the last component. */
  fill(run: AnyRun, isOwn: boolean): void;
  /** Writes the property `key` of the run's object into one field, whoever wrote there before. */
  refill(run: AnyRun, key: string, name: string): void;
  /** Ends what was shown before, and shows why no run could be started. */
  fail(error: LLMError): void;
  stop(): void;
  undo(): void;
  accept(name: string): void;
  dismiss(name: string): void;
  field(name: string): FormField;
  /** Has a list filled item by item for as long as it is not taken out again. */
  addList(name: string, list: RowList): () => void;
  /** The user has added, removed or moved rows. */
  changeRows(name: string): void;
  /** New rows are on the page. */
  showRows(): void;
}

/** What is shown of a run whose work code has replaced. */
const INTERRUPTED = {
  status: 'ready',
  finishReason: 'aborted',
  error: undefined,
  retry: undefined,
  final: undefined,
} as const;

export function createFormFill(form: UseFormReturn, rules: () => FillRules): FormFill {
  const listeners = new Set<() => void>();
  const root = createPlace();
  const suggestions = createSuggestions();
  const followed = createFollowedFields();
  const held = new Set<Place>();
  const interrupted = new WeakSet<AnyRun>();
  const watch = createFormWatch(form, {
    onChange,
    onReplaceList,
    onBeforeReset() {
      isResetting = true;
      resetSessions = history.live;
    },
    onReset,
    onValues,
    onErrors,
    onLeave,
    onBlur,
  });
  const rowChanges = createRowChanges(() => {
    for (const session of history.live) if (session.isWaiting) history.sync(session);
    notify();
  });
  const page: FilledForm = {
    form,
    rules,
    suggestions,
    held,
    rowChanges,
    followed,
    quietly: watch.quietly,
    checking: watch.checking,
    get isResetting() {
      return isResetting;
    },
    onOptions,
  };
  const history = createFillHistory(page, notify);
  let shownRun: AnyRun | undefined;
  let failure: LLMError | undefined;
  let isResetting = false;
  /** The sessions that were under way when a reset began. */
  let resetSessions: readonly FillSession[] = [];
  /** The errors that changed are not reported yet. */
  let isNotifying = false;
  let protect = rules().protect;
  /** What the lists of the form held when they changed last. */
  const itemsOf = new WeakMap<RowList, readonly unknown[]>();
  /** How many components are attached. */
  let attached = 0;
  let holders = 0;
  let snapshot: FillSnapshot = snapshotOf([]);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function snapshotOf(before: readonly string[]): FillSnapshot {
    const refilling = history.live.flatMap(({ isRefill, target }) => (isRefill ? (nameOf(target) ?? []) : []));
    const shown = shownRun && interrupted.has(shownRun) ? INTERRUPTED : shownRun?.getSnapshot();
    const { status = failure ? 'error' : 'ready', finishReason, error = failure, retry, final } = shown ?? {};
    return {
      run: shownRun,
      status,
      finishReason,
      error,
      retry,
      final,
      suggestions: suggestions.list(),
      canUndo: history.canUndo,
      refilling: refilling.join() === before.join() ? before : refilling,
    };
  }

  function notify(): void {
    if (rowChanges.isPending) return;
    const next = snapshotOf(snapshot.refilling);
    const isNew = (Object.keys(next) as (keyof FillSnapshot)[]).some((key) => !Object.is(next[key], snapshot[key]));
    if (isNew) {
      snapshot = next;
      for (const listener of [...listeners]) listener();
    }
    if (protect !== rules().protect) {
      ({ protect } = rules());
      followed.touchAll();
    }
    followed.flush();
  }

  /** Rows that stay as they are have the same items in the form. */
  function touchItems(place: Place, list: RowList, value: unknown): void {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    followed.touchRows(place, itemsOf.get(list) ?? [], items);
    itemsOf.set(list, [...items]);
  }

  function onChange(name: string, isByUser: boolean): void {
    const place = placeAt(root, name);
    followed.touchAlong(place);
    if (place.list) {
      const value: unknown = form.getValues(name);
      countRows(place.list, value);
      touchItems(place, place.list, value);
    } else followed.touchWithin(place);
    if (!isByUser && !place.list && place.children.size > 0) interruptIfReplaced(place);
    if (isByUser) {
      place.refusal = undefined;
      place.ownership = { ...place.ownership, isEdited: true };
      clearErrors(place);
    }
    if (place.suggestion && isSame(rules().toFormValue(place.suggestion.value, name), form.getValues(name)))
      suggestions.drop(place);
    notify();
  }

  /** Of what has changed, and of what it is a part of. */
  function clearErrors(place: Place): void {
    const name = nameOf(place);
    if (place.hasError && name) form.clearErrors(name);
    if (place.hasError) followed.touch(place);
    place.hasError = false;
    if (place.parent) clearErrors(place.parent);
  }

  /** Ends the runs of which `name` and what is in it no longer has what they wrote. */
  function interruptIfReplaced(place: Place): void {
    const within = new Set(placesIn(place));
    for (const session of history.live) if (!session.isIntact((one) => within.has(one))) interrupt(session);
  }

  function interrupt(session: FillSession): void {
    if (!session.isRefill) interrupted.add(session.run);
    for (const place of [...held]) {
      if (place.source?.run !== session.run) continue;
      held.delete(place);
      followed.touch(place);
    }
    history.interrupt(session);
  }

  function onReplaceList(name: string): void {
    const place = placeAt(root, name);
    followed.touchWithin(place);
    if (history.live.length === 0) return;
    if (place.list) countRows(place.list, form.getValues(name));
    interruptIfReplaced(place);
    notify();
  }

  /** A reset ends what is under way, unless it keeps the values that were written (`keepDirtyValues`). */
  function onReset(): void {
    isResetting = false;
    const { _formState: state } = form.control;
    const hasKept = Object.keys(state.dirtyFields).length > 0;
    for (const session of resetSessions) {
      if (history.live.includes(session) && !(hasKept && session.isIntact(() => true))) interrupt(session);
    }
    for (const place of placesIn(root)) forget(place);
    history.forget();
    followed.touchAll();
    history.live.forEach(history.sync);
    notify();
  }

  function onValues(): void {
    for (const session of history.live) if (session.hasLostField()) interrupt(session);
    for (const place of placesIn(root)) forget(place);
    history.forget();
    followed.touchAll();
    notify();
  }

  function onErrors(name: string | undefined): void {
    if (name) followed.touchName(name);
    else followed.touchAll();
    if (isNotifying) return;
    isNotifying = true;
    queueMicrotask(() => {
      isNotifying = false;
      notify();
    });
  }

  /** The value may be among the options now. */
  function onOptions(place: Place): void {
    const before = place.refusal;
    history.writeTo(place);
    if (before !== undefined && place.refusal === undefined) clearErrors(place);
    notify();
  }

  /** After a reset of the form, nothing there is the user's. */
  function forget(place: Place): void {
    const name = nameOf(place);
    if (name === undefined) return;
    if (place.list) countRows(place.list, form.getValues(name));
    if (!isField(place) || name === '') return;
    const { isDirty, isTouched } = form.getFieldState(name);
    if (isDirty || isTouched || isFocused(form, name)) return;
    const { written, isEdited } = place.ownership;
    const isReset = written && !isSame(form.getValues(name), written.value);
    if (isEdited || isReset) place.ownership = NOBODY;
    if (isReset) place.refusal = undefined;
    if (isReset && !history.live.some(({ run }) => run === place.source?.run)) place.source = undefined;
    suggestions.drop(place);
  }

  /** Who leaves an empty field to a fill that is under way has no say in it by that. */
  function onLeave({ target }: FocusEvent): void {
    const fill = history.live.find(({ isRefill }) => !isRefill);
    const name = (target as Element).getAttribute('name');
    if (!fill || !name) return;
    const place = placeAt(root, name);
    if (isEmpty(form.getValues(name)) && !isOwned(page, place, name)) leaveTo(page, place, name, fill.run);
  }

  function onBlur(): void {
    for (const place of [...held]) {
      held.delete(place);
      history.writeTo(place);
    }
    followed.touchAll();
    // The caret may have gone to another field of the row.
    setTimeout(history.trim);
    notify();
  }

  /** Waits a macrotask, because StrictMode, and a component that only moves, attach again at once. */
  function releaseIfUnused(): void {
    if (attached > 0 || holders > 0) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      watch.stop();
      history.live.forEach(history.close);
    });
  }

  function begin(target: RunTarget): FillSession {
    // It may be started before the first component is attached, or after the last has left.
    releaseIfUnused();
    return history.begin(target);
  }

  function attach(): () => void {
    clearTimeout(timer);
    attached += 1;
    watch.start();
    return () => {
      attached -= 1;
      releaseIfUnused();
    };
  }

  function refillOf(place: Place): FillSession | undefined {
    return history.live.find(({ isRefill, target }) => isRefill && target === place);
  }

  function statusOf(place: Place, name: string): FormFieldStatus {
    const { source } = place;
    const isOne = isField(place);
    if (isOne && isOwned(page, place, name)) return 'user';
    if (!source) return place.hasError ? 'invalid' : 'absent';
    if (isOne && place.refusal !== undefined) return 'invalid';
    const status = held.has(place) ? 'streaming' : source.run.getSnapshot().fieldStatus(source.path);
    return status === 'complete' && isOne && form.getFieldState(name).error ? 'invalid' : status;
  }

  return {
    getSnapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      const detach = attach();
      return () => {
        if (listeners.delete(listener)) detach();
      };
    },
    follow(name, follower) {
      const unfollow = followed.follow(name, follower);
      const detach = attach();
      return () => {
        unfollow();
        detach();
      };
    },
    retain() {
      holders += 1;
      return () => {
        holders -= 1;
        releaseIfUnused();
      };
    },
    isInterrupted: (run) => interrupted.has(run),
    fill(run, isOwn) {
      history.live.forEach(history.close);
      held.clear();
      for (const place of placesIn(root)) {
        place.source = undefined;
        place.claim = undefined;
        suggestions.drop(place);
        place.refusal = undefined;
        place.ownership = { ...place.ownership, isAgreed: false, writer: undefined };
      }
      shownRun = run;
      failure = undefined;
      followed.touchAll();
      history.sync(begin({ run, target: root, from: [], isRefill: false, isOwn }));
    },
    refill(run, key, name) {
      const target = placeAt(root, name);
      const earlier = refillOf(target);
      if (earlier) history.close(earlier);
      const session = begin({ run, target, from: [key], isRefill: true, isOwn: true });
      for (const place of placesIn(target)) {
        place.claim = undefined;
        if (isField(place)) session.free(place);
      }
      target.claim = run;
      followed.touchWithin(target);
      history.sync(session);
    },
    fail(error) {
      history.live.forEach(history.close);
      shownRun = undefined;
      failure = error;
      notify();
    },
    stop() {
      for (const { run } of history.live) run.abort();
    },
    undo() {
      const run = history.undo();
      if (!run) return;
      for (const place of placesIn(root)) {
        if (place.source?.run !== run) continue;
        place.source = undefined;
        suggestions.drop(place);
      }
      followed.touchAll();
      notify();
    },
    accept(name) {
      const place = placeAt(root, name);
      history.accept(place, name);
      followed.touchAlong(place);
      notify();
    },
    dismiss(name) {
      const place = placeAt(root, name);
      suggestions.drop(place);
      followed.touch(place);
      notify();
    },
    field(name) {
      const place = peekAt(root, name);
      return { status: statusOf(place, name), suggestion: place.suggestion, isRefilling: !!refillOf(place) };
    },
    addList(name, list) {
      const place = placeAt(root, name);
      place.list = list;
      setRows(list, place.rows ?? list.rows);
      countRows(list, form.getValues(name));
      list.onRows = (before) => {
        followed.touchRows(place, before, list.rows);
        suggestions.rename();
      };
      followed.touchWithin(place);
      suggestions.rename();
      history.writeTo(place);
      return () => {
        if (place.list !== list) return;
        list.onRows = undefined;
        place.list = undefined;
        place.rows = list.rows;
      };
    },
    changeRows: (name) => clearErrors(placeAt(root, name)),
    showRows: rowChanges.show,
  };
}
