import { useEffect, useState } from 'react';
import type { ModelSource } from './model-source.ts';

export type SourceState = { state: 'loading' } | { state: 'ready'; value: ModelSource } | { state: 'failed' };

/** Finds out whom the page can ask: the server that served it, or the script that a static build brings along. */
export function useModelSource(): SourceState {
  const [source, setSource] = useState<SourceState>({ state: 'loading' });
  useEffect(() => {
    const gone = new AbortController();
    find(gone.signal).then(
      (value) => gone.signal.aborted || setSource({ state: 'ready', value }),
      () => gone.signal.aborted || setSource({ state: 'failed' }),
    );
    return () => gone.abort();
  }, []);
  return source;
}

/** The build knows the mode, so each build holds one of the two only. */
async function find(signal: AbortSignal): Promise<ModelSource> {
  if (import.meta.env.MODE === 'static') return (await import('./scripted-models.ts')).scriptedModels;
  return (await import('./served-models.ts')).findServedModels(signal);
}
