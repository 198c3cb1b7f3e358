'use client';

import { useInsertionEffect, useRef } from 'react';

/** Holds the value of the last committed render, and nothing once the component is gone for good. */
export interface Latest<T> {
  readonly current: T | undefined;
}

export function useLatest<T>(value: T): Latest<T> {
  const ref = useRef<T | undefined>(value);
  // Insertion effects come before all others, and only a real unmount cleans them up: StrictMode and Activity do not.
  useInsertionEffect(() => {
    ref.current = value;
    return () => {
      ref.current = undefined;
    };
  });
  return ref;
}
