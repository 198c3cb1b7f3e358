import { useEffect, useState } from 'react';
import { STATUS_PATH, type LLMStatus } from '../../shared/llm-endpoint.ts';

export type StatusState = { state: 'loading' } | { state: 'ready'; value: LLMStatus } | { state: 'failed' };

/** Asks the dev server which model is on. */
export function useLLMStatus(): StatusState {
  const [status, setStatus] = useState<StatusState>({ state: 'loading' });
  useEffect(() => {
    const gone = new AbortController();
    fetchStatus(gone.signal).then(
      (value) => setStatus({ state: 'ready', value }),
      () => gone.signal.aborted || setStatus({ state: 'failed' }),
    );
    return () => gone.abort();
  }, []);
  return status;
}

async function fetchStatus(signal: AbortSignal): Promise<LLMStatus> {
  const response = await fetch(STATUS_PATH, { signal });
  if (!response.ok) throw new Error(`Status ${response.status}`);
  return (await response.json()) as LLMStatus;
}
