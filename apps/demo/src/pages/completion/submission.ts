import type { Mode } from '../../../shared/llm-endpoint.ts';

/** A prompt that was sent. */
export interface Asked {
  /** Counts up; a new one for each sending, also of the same prompt. */
  id: number;
  prompt: string;
  /** Of the provider that was asked. */
  mode: Mode;
  /** `performance.now()` of the sending, in ms. */
  atMs: number;
}
