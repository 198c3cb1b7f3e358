import {
  isWithin,
  valueAt,
  type FieldStatus,
  type ObjectIssue,
  type ObjectRun,
  type Path,
  type Store,
} from '@rivulet/core';
import { changedIssues } from './changed-issues.ts';
import { createPathMap } from './path-map.ts';

/** One value of an object that is being written. */
export interface ObjectField<T> {
  /** As much of it as has come. */
  readonly value: T | undefined;
  readonly status: FieldStatus;
  /** What does not fit the schema, there and within. */
  readonly issues: readonly ObjectIssue[];
}

export const ABSENT_FIELD: ObjectField<never> = { value: undefined, status: 'absent', issues: [] };

type AnyRun = ObjectRun<unknown, unknown, unknown>;

/** The values of a run, each as a store. A change of the run costs the stores that it concerns, and not all of them. */
interface ObjectFields {
  /** Its snapshot is the same for as long as nothing changes at the path. */
  storeAt(path: Path): Store<ObjectField<unknown>>;
}

interface FollowedField {
  readonly listeners: Set<() => void>;
  /** As it was shown last. */
  shown: ObjectField<unknown>;
}

const fieldsByRun = new WeakMap<AnyRun, ObjectFields>();

/** All components that follow values of a run share one listener of it. */
export function fieldsOf(run: AnyRun): ObjectFields {
  const fields = fieldsByRun.get(run) ?? createObjectFields(run);
  fieldsByRun.set(run, fields);
  return fields;
}

function createObjectFields(run: AnyRun): ObjectFields {
  const followed = createPathMap<FollowedField>();
  /** A value that closes is the same value: these are read again with each change. */
  const streaming = new Set<FollowedField>();
  let count = 0;
  let unsubscribe: (() => void) | undefined;
  let seen = run.getSnapshot();

  function update(): void {
    const before = seen;
    seen = run.getSnapshot();
    const concerned = new Set([...streaming, ...followed.differing(before.object, seen.object)]);
    for (const { path } of changedIssues(before.issues, seen.issues)) {
      for (const field of followed.along(path)) concerned.add(field);
    }
    for (const field of concerned) {
      for (const listener of [...field.listeners]) listener();
      noteStatus(field);
    }
  }

  function noteStatus(field: FollowedField): void {
    if (field.listeners.size > 0 && field.shown.status === 'streaming') streaming.add(field);
    else streaming.delete(field);
  }

  function follow(path: Path, field: FollowedField): void {
    followed.add(path, field);
    noteStatus(field);
    count += 1;
    if (count > 1) return;
    unsubscribe = run.subscribe(update);
    seen = run.getSnapshot();
  }

  function unfollow(path: Path, field: FollowedField): void {
    followed.delete(path, field);
    noteStatus(field);
    count -= 1;
    if (count === 0) unsubscribe?.();
  }

  return {
    storeAt(path) {
      const field: FollowedField = { listeners: new Set(), shown: ABSENT_FIELD };
      return {
        subscribe(listener) {
          field.listeners.add(listener);
          if (field.listeners.size === 1) follow(path, field);
          return () => {
            if (field.listeners.delete(listener) && field.listeners.size === 0) unfollow(path, field);
          };
        },
        getSnapshot() {
          const { object, fieldStatus, issues: all } = run.getSnapshot();
          const value = valueAt(object, path);
          const status = fieldStatus(path);
          const issues = all.filter((issue) => isWithin(issue.path, path));
          const { shown } = field;
          const isSame =
            Object.is(value, shown.value) &&
            status === shown.status &&
            JSON.stringify(issues) === JSON.stringify(shown.issues);
          if (!isSame) field.shown = { value, status, issues };
          return field.shown;
        },
      };
    },
  };
}
