import { LLMError } from '@rivulet/core';
import type { fieldSchema, refillQuestion } from './field-request.ts';

/** What asks for one field alone is loaded when a user first does so: most fills are never asked for again. */
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
