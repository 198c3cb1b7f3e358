'use client';

import type { Store } from '@rivulet/core';
import { useSyncExternalStore } from 'react';

const EMPTY: Store<undefined> = {
  getSnapshot: () => undefined,
  subscribe: () => () => undefined,
};

/**
 * The snapshot of a store (a `Run` is one), followed for as long as the component is mounted. Renders at most once a
 * frame, as stores pace themselves. Starts and stops nothing.
 */
export function useStore<S>(store: Store<S>): S;
/** Gives `undefined` for as long as there is no store. */
export function useStore<S>(store: Store<S> | undefined): S | undefined;
export function useStore<S>(store: Store<S> | undefined): S | undefined {
  const { subscribe, getSnapshot } = store ?? EMPTY;
  return useSyncExternalStore<S | undefined>(subscribe, getSnapshot, getSnapshot);
}
