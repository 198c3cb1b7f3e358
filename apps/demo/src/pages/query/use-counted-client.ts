import { LLMClient, type RunObserver } from '@rivulet/core';
import { useLLMClient } from '@rivulet/react';
import { useMemo, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let count = 0;

/** The client of the page, and how many requests it has sent, further attempts included. */
export function useCountedClient(): { client: LLMClient; requests: number } {
  const given = useLLMClient();
  const client = useMemo(() => {
    const { observe } = given.config;
    const counted: RunObserver = (run, about) => {
      const own = observe?.(run, about) ?? run;
      return {
        ...own,
        onAttempt(attempt) {
          add();
          own.onAttempt(attempt);
        },
      };
    };
    return new LLMClient({ ...given.config, observe: counted });
  }, [given]);
  const requests = useSyncExternalStore(subscribe, () => count);
  return { client, requests };
}

function add(): void {
  count += 1;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
