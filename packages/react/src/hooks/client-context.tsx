'use client';

import type { LLMClient } from '@rivulet/core';
import { createContext, useContext, type ReactElement, type ReactNode } from 'react';

const LLMClientContext = createContext<LLMClient | undefined>(undefined);

export interface LLMClientProviderProps {
  /** Make it once, outside of any component or in a `useState`: not anew with each render. */
  readonly client: LLMClient;
  readonly children?: ReactNode;
}

/** Gives a client to all hooks below. The innermost provider wins. */
export function LLMClientProvider({ client, children }: LLMClientProviderProps): ReactElement {
  return <LLMClientContext.Provider value={client}>{children}</LLMClientContext.Provider>;
}

/**
 * The client of the nearest `LLMClientProvider`.
 * @param client is given back instead, if there is one.
 * @throws {Error} when there is neither.
 */
export function useLLMClient(client?: LLMClient): LLMClient {
  const provided = useContext(LLMClientContext);
  const found = client ?? provided;
  if (!found) {
    throw new Error('No LLMClient: use <LLMClientProvider client={client}>, or pass { client }');
  }
  return found;
}
