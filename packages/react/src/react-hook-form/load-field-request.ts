import { LLMError, preloadObjects } from '@rivulet/core';
import type { fieldSchema, refillQuestion } from './field-request.ts';

/** What asks for one field alone: most fills are never asked for again. */
export async function loadFieldRequest(): Promise<{
  readonly fieldSchema: typeof fieldSchema;
  readonly refillQuestion: typeof refillQuestion;
}> {
  try {
    return await import('./field-request.ts');
  } catch (cause) {
    throw new LLMError('The part that asks for one field could not be loaded: reload the page', {
      code: 'network',
      isRetryable: false,
      cause,
    });
  }
}

/** Loads ahead what a fill, and what asks for a field, need: the files of a page may be gone when they are asked for. */
export function preloadForm(): void {
  preloadObjects();
  loadFieldRequest().catch(() => undefined);
}
