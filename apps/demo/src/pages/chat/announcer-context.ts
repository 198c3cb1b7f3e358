import { createContext, use } from 'react';

/** Tells screen readers something. It keeps its identity: what uses it does not render when something is said. */
export const SayContext = createContext<(message: string) => void>(() => undefined);

export function useSay(): (message: string) => void {
  return use(SayContext);
}
