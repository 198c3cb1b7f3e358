'use client';

import { useInsertionEffect } from 'react';

/** A store whose run ends with the components that follow it, unless somebody retains it. */
export interface Retainable {
  /** Keeps the run going without components, until the function that is returned is called. */
  retain(): () => void;
}

/** With `keepAlive`, a run goes on while `<Activity>` hides the component, and ends when the component is unmounted. */
export function useKeepAlive(store: Retainable | undefined, keepAlive: boolean | undefined): void {
  // Activity and StrictMode clean up all effects except insertion effects.
  useInsertionEffect(() => (keepAlive && store ? store.retain() : undefined), [store, keepAlive]);
}
