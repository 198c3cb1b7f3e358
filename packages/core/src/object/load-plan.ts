import { LLMError } from '../error.ts';
import type { planObject } from './plan.ts';

/** What asks for objects and reads them is nearly as large as the client: it is loaded with the first of them. */
export async function loadPlan(): Promise<{ readonly planObject: typeof planObject }> {
  try {
    return await import('./plan.ts');
  } catch (cause) {
    // Browsers remember for as long as the page lives that a module could not be loaded.
    throw new LLMError('The part that asks for objects could not be loaded: reload the page', {
      code: 'network',
      isRetryable: false,
      cause,
    });
  }
}

/**
 * Loads ahead what the first object needs besides `streamObject`: a chunk of 7 kB (gzip), which is otherwise loaded when
 * it is asked for. `useObject` does it after its first render. Never throws: what cannot be loaded fails the objects then.
 */
export function preloadObjects(): void {
  loadPlan().catch(() => undefined);
}
