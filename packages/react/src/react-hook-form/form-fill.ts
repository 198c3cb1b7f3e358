import { parsePath, valueAt, type FieldStatus, type ObjectRun, type ObjectSnapshot, type Path } from '@rivulet/core';
import type { UseFormReturn } from 'react-hook-form';
import { copyOf, isEmpty, isObject, isSame } from './form-value.ts';
import { isFocused, isTypedIn } from './page-field.ts';
import {
  childOf,
  createPlace,
  isField,
  isInUsersRow,
  nameOf,
  placeAt,
  placesIn,
  type Place,
  type Row,
  type RowList,
} from './place.ts';

export type AnyRun = ObjectRun<unknown, unknown>;
type AnySnapshot = ObjectSnapshot<unknown, unknown>;

/** How a form is filled, as it is said when it matters. */
export interface FillRules {
  /** Whether the schema has the field. */
  readonly has: (keys: Path) => boolean;
  readonly protect: 'touched' | 'edited';
  readonly validate: boolean;
  readonly atomic: ((name: string) => boolean) | undefined;
  readonly toFormValue: ((value: unknown, name: string) => unknown) | undefined;
}

/** A value of the model for a field that is the user's. */
export interface Suggestion<Name extends string = string> {
  readonly name: Name;
  /** As the model wrote it. It has closed, and may still not fit the schema. */
  readonly value: unknown;
}

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
  subscribe(listener: () => void): () => void;
  /** Ends what was shown before, and writes this run into the form. An own run ends with the last component. */
  fill(run: AnyRun, isOwn: boolean): void;
  /** Writes the property `key` of the run's object into one field, whoever wrote there before. */
  refill(run: AnyRun, key: string, name: string): void;
  stop(): void;
  undo(): void;
  accept(name: string): void;
  dismiss(name: string): void;
  field(name: string): FormField;
  /** Has a list filled item by item for as long as it is not taken out again. */
  addList(name: string, list: RowList): () => void;
  /** New rows are on the page. */
  showRows(): void;
}

type Undo = () => void;

/** One run and what it wrote. */
interface Session {
  readonly run: AnyRun;
  readonly isOwn: boolean;
  readonly target: Place;
  /** Where the value of `target` is in the object. */
  readonly from: Path;
  readonly isRefill: boolean;
  readonly open: Set<Place>;
  readonly closed: Set<Place>;
  readonly lists: Map<Place, { readonly existing: readonly Row[]; readonly rows: Row[]; isClosed: boolean }>;
  readonly fresh: Set<Row>;
  /** The errors that are shown, by path and message. */
  readonly issues: Map<string, Place>;
  /** What takes each field back, and then the rows. */
  readonly fields: Map<Place, Undo>;
  readonly rows: Undo[];
  shown: unknown;
  isLive: boolean;
  hasWritten: boolean;
  unfollow(): void;
}

/** After which rows are taken to be on the page, if they do not say so. */
const ROWS_MS = 100;
const QUIET = { shouldDirty: false, shouldTouch: false, shouldValidate: false };

function isSameList(some: readonly Suggestion[], others: readonly Suggestion[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, value }, index) => name === others[index]?.name && Object.is(value, others[index].value))
  );
}

export function createFormFill(form: UseFormReturn, rules: () => FillRules): FormFill {
  const listeners = new Set<() => void>();
  const root = createPlace();
  /** What can be undone, the last one first to go. */
  let history: Session[] = [];
  const live = new Set<Session>();
  /** Fields in which the caret is, to be written when it leaves. */
  const held = new Set<Place>();
  const suggested = new Set<Place>();
  const sessions = new WeakMap<object, Session>();
  let snapshot: FillSnapshot = {
    run: undefined,
    status: 'ready',
    finishReason: undefined,
    error: undefined,
    retry: undefined,
    final: undefined,
    suggestions: [],
    canUndo: false,
    refilling: [],
  };
  let shownRun: AnyRun | undefined;
  let rowsTimer: ReturnType<typeof setTimeout> | undefined;
  let detach: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Rows that were added or taken away render later than what a store tells: told now, the old ones would come again. */
  function changeRows(change: () => void): void {
    change();
    clearTimeout(rowsTimer);
    rowsTimer = setTimeout(showRows, ROWS_MS);
  }

  function showRows(): void {
    if (rowsTimer === undefined) return;
    clearTimeout(rowsTimer);
    rowsTimer = undefined;
    for (const session of live) if (session.fresh.size > 0) sync(session);
    notify();
  }

  function notify(): void {
    if (rowsTimer !== undefined) return;
    const run = shownRun;
    const suggestions = [...suggested].flatMap((place): Suggestion[] => {
      const name = nameOf(place);
      return name !== undefined && place.suggestion ? [{ name, value: place.suggestion.value }] : [];
    });
    const refilling = [...live].flatMap(({ isRefill, target }) => (isRefill ? (nameOf(target) ?? []) : []));
    const { status = 'ready', finishReason, error, retry, final } = run?.getSnapshot() ?? {};
    const next: FillSnapshot = {
      run,
      status,
      finishReason,
      error,
      retry,
      final,
      canUndo: history.some(({ hasWritten }) => hasWritten),
      suggestions: isSameList(suggestions, snapshot.suggestions) ? snapshot.suggestions : suggestions,
      refilling: refilling.join() === snapshot.refilling.join() ? snapshot.refilling : refilling,
    };
    const isNew = (Object.keys(next) as (keyof FillSnapshot)[]).some((key) => !Object.is(next[key], snapshot[key]));
    if (isNew) snapshot = next;
    for (const listener of [...listeners]) listener();
  }

  function isOwned(place: Place, name: string): boolean {
    const { isEdited, isAgreed, written, writer } = place.ownership;
    if (isEdited) return true;
    const value: unknown = form.getValues(name);
    if (written && !isSame(value, written.value)) return true;
    if (isAgreed || (writer && writer === place.source?.run)) return false;
    const { isTouched, isDirty } = form.getFieldState(name);
    return (
      (isTouched && rules().protect === 'touched') || (!written && (isDirty || isInUsersRow(place)) && !isEmpty(value))
    );
  }

  /** Whether the user has a hand in something within an item. */
  function isOwnedWithin(place: Place): boolean {
    return [...placesIn(place)].some((inner) => {
      const name = nameOf(inner);
      return isField(inner) && name !== undefined && isOwned(inner, name);
    });
  }

  function suggest(place: Place, suggestion: Place['suggestion']): void {
    place.suggestion = suggestion;
    if (suggestion) suggested.add(place);
    else suggested.delete(place);
  }

  /** Keeps how a field is, so that it can be taken back. Once a session. */
  function remember(session: Session, place: Place): void {
    if (session.fields.has(place)) return;
    const name = nameOf(place);
    const value: unknown = name && copyOf(form.getValues(name));
    const { ownership, source } = place;
    session.fields.set(place, () => {
      const now = nameOf(place);
      if (!now) return;
      // What the user edited since stays.
      const { isEdited, written } = place.ownership;
      if (isEdited || (written && !isSame(form.getValues(now), written.value))) return;
      if (written && !isSame(value, written.value)) form.setValue(now, value, { ...QUIET, shouldDirty: true });
      if (place.list) countRows(place.list, now);
      place.ownership = ownership;
      place.source = source;
      if (form.getFieldState(now).error) form.clearErrors(now);
      place.hasError = false;
    });
  }

  function put(session: Session, place: Place, name: string, written: unknown, options: object): void {
    remember(session, place);
    const { toFormValue } = rules();
    const value = toFormValue ? toFormValue(written, name) : written;
    if (!Object.is(value, form.getValues(name))) form.setValue(name, value, options);
    place.ownership = {
      ...place.ownership,
      written: { value: copyOf(form.getValues(name)) },
      writer: session.run,
    };
    session.hasWritten = true;
    held.delete(place);
    suggest(place, undefined);
  }

  /** Brings one field up to what has come for it. */
  function settle(session: Session, place: Place, closing: Set<Place>): void {
    const { source } = place;
    if (source?.run !== session.run) return void session.open.delete(place);
    const { object, fieldStatus } = session.run.getSnapshot();
    const value = valueAt(object, source.path);
    const isComplete = fieldStatus(source.path) !== 'streaming';
    if (!isComplete) session.open.add(place);
    else session.open.delete(place);
    const name = nameOf(place);
    if (name === undefined) return;
    const isFresh = session.isLive && typeof place.parent?.key === 'object' && session.fresh.has(place.parent.key);
    if (!isComplete && (typeof value !== 'string' || isFresh || rules().atomic?.(name) || !isTypedIn(name))) return;
    if (isOwned(place, name)) {
      if (isComplete) suggest(place, isSame(form.getValues(name), value) ? undefined : { value });
    } else if (isFocused(name) && !session.isRefill && !isSame(form.getValues(name), value)) held.add(place);
    else {
      put(session, place, name, value, QUIET);
      if (isComplete && !session.closed.has(place)) closing.add(place);
      if (isComplete) session.closed.add(place);
    }
  }

  /** The rows for the first items of a list: those that were there before the run, then new ones. */
  function rowsFor(session: Session, place: Place, list: RowList, length: number): readonly Row[] {
    const name = nameOf(place) ?? '';
    let known = session.lists.get(place);
    if (!known) {
      countRows(list, name);
      known = { existing: list.rows, rows: [], isClosed: false };
      session.lists.set(place, known);
    }
    const { existing, rows } = known;
    const missing: Row[] = [];
    while (rows.length < length) {
      const row = existing[rows.length] ?? { by: session.run };
      if (rows.length >= existing.length) missing.push(row);
      rows.push(row);
    }
    if (missing.length > 0) {
      list.rows = [...list.rows, ...missing];
      for (const row of missing) {
        session.fresh.add(row);
        adopt(childOf(place, row), list.blank);
      }
      session.hasWritten = true;
      session.rows.push(() => removeRows(place, missing));
      changeRows(() => list.append(missing.map(() => list.blank)));
    }
    return rows;
  }

  /** What a new item holds is nobody's. */
  function adopt(place: Place, value: unknown): void {
    if (isObject(value)) for (const [key, inner] of Object.entries(value)) adopt(childOf(place, key), inner);
    else place.ownership = { ...place.ownership, written: { value } };
  }

  /** Takes rows out again, but for those that the user has a hand in. */
  function removeRows(place: Place, rows: readonly Row[]): void {
    const { list } = place;
    if (!list) return;
    const gone = rows.filter((row) => list.rows.includes(row) && !isOwnedWithin(childOf(place, row)));
    if (gone.length === 0) return;
    const indexes = gone.map((row) => list.rows.indexOf(row));
    list.rows = list.rows.filter((row) => !gone.includes(row));
    for (const row of gone) {
      for (const inner of placesIn(childOf(place, row))) suggest(inner, undefined);
    }
    changeRows(() => list.remove(indexes));
  }

  /** A list that closed is as long as the run made it: rows of an earlier run go, unless the user has a hand in them. */
  function trimRows(session: Session, place: Place, list: RowList, rows: readonly Row[]): void {
    const name = nameOf(place);
    for (const row of list.rows.filter(({ by }) => by && by !== session.run)) {
      const index = list.rows.indexOf(row);
      if (rows.includes(row) || isOwnedWithin(childOf(place, row))) continue;
      const value = copyOf(form.getValues(`${name}.${index}`));
      removeRows(place, [row]);
      session.hasWritten = true;
      session.rows.push(() => {
        const at = Math.min(index, list.rows.length);
        list.rows = list.rows.toSpliced(at, 0, row);
        changeRows(() => list.insert(at, value));
      });
    }
  }

  /** Rows that came or went without being told of are taken to be the last ones. */
  function countRows(list: RowList, name: string): void {
    const value: unknown = form.getValues(name);
    const { length } = Array.isArray(value) ? value : [];
    if (length !== list.rows.length) list.rows = Array.from({ length }, (_, index) => list.rows[index] ?? {});
  }

  function walk(session: Session, place: Place, path: Path, next: unknown, before: unknown, closing: Set<Place>): void {
    if (Object.is(next, before)) return;
    const { run } = session;
    const { list } = place;
    const name = nameOf(place);
    if (name === undefined) return;
    const isWhole = name !== '' && rules().atomic?.(name);
    const isList = Array.isArray(next) && list;
    const isOne = !isList && (isWhole || !isObject(next));
    if (place.source?.run !== run || place.source.isField !== isOne) place.source = { run, path, isField: isOne };
    if (isOne) return settle(session, place, closing);
    session.open.delete(place);
    if (isList) {
      const rows = rowsFor(session, place, list, next.length);
      for (const [index, value] of next.entries()) {
        const row = rows[index] as Row;
        walk(session, childOf(place, row), [...path, index], value, valueAt(before, [index]), closing);
      }
      return;
    }
    const keys = parsePath(name);
    for (const [key, value] of Object.entries(next as object)) {
      if (!rules().has([...keys, key])) continue;
      walk(session, childOf(place, key), [...path, key], value, valueAt(before, [key]), closing);
    }
  }

  /** Writes what has come since the last time. */
  function sync(session: Session): void {
    const now = session.run.getSnapshot();
    const next = valueAt(now.object, session.from);
    session.isLive = now.status === 'submitted' || now.status === 'streaming';
    const closing = new Set<Place>();
    quietly(() => {
      session.fresh.clear();
      for (const place of [...session.open]) settle(session, place, closing);
      if (next !== undefined) walk(session, session.target, session.from, next, session.shown, closing);
      session.shown = next;
      for (const [place, known] of session.lists) {
        const path = place.source?.path;
        if (known.isClosed || !path || now.fieldStatus(path) === 'streaming') continue;
        known.isClosed = true;
        if (place.list) trimRows(session, place, place.list, known.rows);
      }
    });
    void check(session, closing);
    if (!session.isLive) end(session);
    notify();
  }

  function end(session: Session): void {
    if (!live.delete(session)) return;
    session.unfollow();
    if (!session.hasWritten) {
      for (const undo of session.fields.values()) undo();
      history = history.filter((one) => one !== session);
    }
  }

  /** Validates what has closed, each field once, by the rules of the form and by the schema. */
  async function check(session: Session, closing: ReadonlySet<Place>): Promise<void> {
    if (!rules().validate) return;
    const isShown = (place: Place): string | undefined => {
      const name = nameOf(place);
      return name && place.source?.run === session.run && !isOwned(place, name) ? name : undefined;
    };
    const names = [...closing].flatMap((place) => isShown(place) ?? []);
    const { issues } = session.run.getSnapshot();
    if (names.length > 0) await form.trigger(names);
    if (!history.includes(session)) return;
    for (const place of closing) {
      const name = isShown(place);
      if (name && form.getFieldState(name).error) place.hasError = true;
    }
    const found = new Map(issues.map((issue) => [JSON.stringify(issue), issue]));
    // A rule for several fields may be broken by half of them only.
    for (const [key, place] of session.issues) {
      const name = nameOf(place);
      if (found.has(key) || !name || !place.hasError) continue;
      session.issues.delete(key);
      place.hasError = false;
      form.clearErrors(name);
    }
    for (const [key, { path, message }] of found) {
      if (path.length < session.from.length || session.issues.has(key)) continue;
      const place = placeFor(session, path.slice(session.from.length));
      const name = nameOf(place);
      session.issues.set(key, place);
      if (!name || isOwned(place, name) || form.getFieldState(name).error) continue;
      // What the model did not give may have been there before.
      if (!place.source && !isEmpty(form.getValues(name))) continue;
      place.hasError = true;
      form.setError(name, { type: 'schema', message });
    }
    notify();
  }

  /** The place that a path of the object was written to. */
  function placeFor(session: Session, path: Path): Place {
    return path.reduce<Place>((place, key) => {
      const row = typeof key === 'number' ? session.lists.get(place)?.rows[key] : undefined;
      return childOf(place, row ?? String(key));
    }, session.target);
  }

  /** The form tells of each change with a copy of all its values: not of those that are made here. */
  function quietly(change: () => void): void {
    stopWatching?.();
    try {
      change();
    } finally {
      if (detach) watch();
    }
  }

  let stopWatching: (() => void) | undefined;
  function watch(): void {
    const { unsubscribe } = form.watch((_values, { name, type }) => onChange(name, type));
    stopWatching = unsubscribe;
  }

  function onChange(name: string | undefined, type: string | undefined): void {
    if (!name) {
      // A reset tells of its values before it forgets what was touched.
      queueMicrotask(() => {
        for (const place of placesIn(root)) forget(place);
        notify();
      });
      return;
    }
    const place = placeAt(root, name);
    if (place.list) countRows(place.list, name);
    // Only what the user does has a type.
    if (type) {
      place.ownership = { ...place.ownership, isEdited: true };
      if (place.hasError) {
        place.hasError = false;
        form.clearErrors(name);
      }
    }
    if (place.suggestion && isSame(place.suggestion.value, form.getValues(name))) suggest(place, undefined);
    notify();
  }

  /** After a reset of the form, nothing there is the user's. */
  function forget(place: Place): void {
    const name = nameOf(place);
    if (name === undefined) return;
    if (place.list) countRows(place.list, name);
    if (!isField(place) || name === '') return;
    const { isDirty, isTouched } = form.getFieldState(name);
    if (isDirty || isTouched || isFocused(name)) return;
    const { written } = place.ownership;
    const isReset = written && !isSame(form.getValues(name), written.value);
    if (place.ownership.isEdited || isReset) place.ownership = { isEdited: false, isAgreed: false };
    const isLive = [...live].some(({ run }) => run === place.source?.run);
    if (isReset && !isLive) place.source = undefined;
    if (place.suggestion) suggest(place, undefined);
  }

  function onBlur(): void {
    for (const place of [...held]) {
      const session = place.source && sessions.get(place.source.run);
      held.delete(place);
      if (!session) continue;
      const closing = new Set<Place>();
      quietly(() => settle(session, place, closing));
      void check(session, closing);
    }
    notify();
  }

  function attach(): void {
    document.addEventListener('focusout', onBlur);
    detach = () => {
      document.removeEventListener('focusout', onBlur);
      stopWatching?.();
      detach = undefined;
    };
    watch();
  }

  /** Waits a macrotask, because StrictMode, and a component that only moves, attach again at once. */
  function release(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const session of [...live]) close(session);
    });
  }

  function close(session: Session): void {
    if (session.isOwn) session.run.abort();
    session.isLive = false;
    end(session);
  }

  function begin(run: AnyRun, isOwn: boolean, target: Place, from: Path, isRefill: boolean): Session {
    const session: Session = {
      run,
      isOwn,
      target,
      from,
      isRefill,
      open: new Set(),
      closed: new Set(),
      lists: new Map(),
      fresh: new Set(),
      issues: new Map(),
      fields: new Map(),
      rows: [],
      shown: undefined,
      isLive: true,
      hasWritten: false,
      unfollow: () => undefined,
    };
    sessions.set(run, session);
    history.push(session);
    live.add(session);
    session.unfollow = run.subscribe(() => sync(session));
    // It may be started before the first component is attached, or after the last has left.
    if (listeners.size === 0) release();
    return session;
  }

  function takeBack(session: Session): void {
    quietly(() => {
      for (const undo of [...session.fields.values()].toReversed()) undo();
      for (const undo of session.rows.toReversed()) undo();
    });
    for (const place of [...suggested]) if (place.source?.run === session.run) suggest(place, undefined);
    for (const place of placesIn(root)) if (place.source?.run === session.run) place.source = undefined;
  }

  return {
    getSnapshot: () => snapshot,
    subscribe(listener) {
      clearTimeout(timer);
      listeners.add(listener);
      if (!detach) attach();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        detach?.();
        release();
      };
    },
    fill(run, isOwn) {
      for (const session of [...live]) close(session);
      held.clear();
      for (const place of placesIn(root)) {
        place.source = undefined;
        suggest(place, undefined);
        if (place.ownership.isAgreed) place.ownership = { ...place.ownership, isAgreed: false };
      }
      shownRun = run;
      sync(begin(run, isOwn, root, [], false));
    },
    refill(run, key, name) {
      const target = placeAt(root, name);
      for (const session of [...live]) if (session.isRefill && session.target === target) close(session);
      const session = begin(run, true, target, [key], true);
      for (const place of placesIn(target)) {
        if (!isField(place)) continue;
        remember(session, place);
        suggest(place, undefined);
        place.ownership = { isEdited: false, isAgreed: true };
      }
      sync(session);
    },
    stop() {
      for (const { run } of [...live]) run.abort();
    },
    undo() {
      const session = history.pop();
      if (!session) return;
      // What it has to tell of its end would render rows that go.
      session.unfollow();
      takeBack(session);
      close(session);
      notify();
    },
    accept(name) {
      const place = placeAt(root, name);
      const { suggestion, source } = place;
      const session = source && sessions.get(source.run);
      if (!suggestion || !session) return;
      if (!history.includes(session)) history.push(session);
      quietly(() =>
        put(session, place, name, suggestion.value, { shouldDirty: true, shouldTouch: true, shouldValidate: true }),
      );
      place.ownership = { ...place.ownership, isEdited: false, isAgreed: true };
      notify();
    },
    dismiss(name) {
      suggest(placeAt(root, name), undefined);
      notify();
    },
    field(name) {
      const place = placeAt(root, name);
      const { source, suggestion } = place;
      const isRefilling = [...live].some(({ isRefill, target }) => isRefill && target === place);
      return { status: statusOf(place, name, source), suggestion, isRefilling };
    },
    addList(name, list) {
      const place = placeAt(root, name);
      place.list = list;
      countRows(list, name);
      const session = place.source && sessions.get(place.source.run);
      if (place.source && session) {
        const { path, run } = place.source;
        const value = valueAt(run.getSnapshot().object, path);
        const closing = new Set<Place>();
        quietly(() => walk(session, place, path, value, undefined, closing));
        void check(session, closing);
      }
      return () => {
        if (place.list === list) place.list = undefined;
      };
    },
    showRows,
  };

  function statusOf(place: Place, name: string, source: Place['source']): FormFieldStatus {
    const isOne = isField(place);
    if (isOne && isOwned(place, name)) return 'user';
    if (!source) return 'absent';
    const status = source.run.getSnapshot().fieldStatus(source.path);
    return status === 'complete' && isOne && form.getFieldState(name).error ? 'invalid' : status;
  }
}
