import type { AbortError, LLMError } from '@rivulet/core';

/** What a run ends with where it does not end with an answer. Both have `partial`: what was received. */
export type RunError = LLMError | AbortError;
