import { parsePath } from '@rivulet/core';
import { createPathMap } from '../internal/path-map.ts';
import { nameOf, type Place } from './field-tree.ts';

/** A component that follows a field by its name. */
export interface Follower {
  /** What is known of the field may have changed. */
  notify(): void;
  /** Whether the component shows the field as streaming. */
  isStreaming(): boolean;
}

/** The fields that components follow. Only the components that a change concerns are notified of it. */
export interface FollowedFields {
  follow(name: string, follower: Follower): () => void;
  /** A place has changed, not including the places within it. */
  touch(place: Place): void;
  /** A place has changed, and the places that it is in. */
  touchAlong(place: Place): void;
  /** A place has changed, and the places within it. */
  touchWithin(place: Place): void;
  /** Some indexes of a list have another row. */
  touchRows(list: Place, before: readonly unknown[], after: readonly unknown[]): void;
  /** A value with this name has changed, and the values that it is in. */
  touchName(name: string): void;
  touchAll(): void;
  /** Notifies the followers of all changes since the last call. */
  flush(): void;
}

export function createFollowedFields(): FollowedFields {
  const followers = createPathMap<Follower>();
  const touched = new Set<Follower>();
  /** The end of a value is not a change of the value: these are notified each time. */
  const streaming = new Set<Follower>();

  function touch(place: Place): void {
    const name = nameOf(place);
    if (name !== undefined) for (const one of followers.at(parsePath(name))) touched.add(one);
  }

  function touchWithin(name: string | undefined): void {
    if (name !== undefined) for (const one of followers.within(parsePath(name))) touched.add(one);
  }

  function noteStatus(follower: Follower): void {
    if (follower.isStreaming()) streaming.add(follower);
    else streaming.delete(follower);
  }

  return {
    follow(name, follower) {
      const path = parsePath(name);
      followers.add(path, follower);
      noteStatus(follower);
      return () => {
        followers.delete(path, follower);
        touched.delete(follower);
        streaming.delete(follower);
      };
    },
    touch,
    touchAlong(place) {
      for (let here: Place | undefined = place; here; here = here.parent) touch(here);
    },
    touchWithin: (place) => touchWithin(nameOf(place)),
    touchRows(list, before, after) {
      const name = nameOf(list);
      if (name === undefined) return;
      const length = Math.max(before.length, after.length);
      for (let index = 0; index < length; index += 1) {
        if (before[index] !== after[index]) touchWithin(`${name}.${index}`);
      }
    },
    touchName(name) {
      for (const one of followers.along(parsePath(name))) touched.add(one);
    },
    touchAll: () => touchWithin(''),
    flush() {
      const concerned = new Set([...touched, ...streaming]);
      touched.clear();
      for (const follower of concerned) {
        follower.notify();
        noteStatus(follower);
      }
    },
  };
}
