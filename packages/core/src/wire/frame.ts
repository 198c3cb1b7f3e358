import { LLMError } from '../error.ts';

/** One message of the wire, before its meaning. */
export interface Frame {
  data: string;
  /** The `event:` of an SSE frame. */
  readonly event?: string | undefined;
  /** The `id:` of an SSE frame. */
  readonly id?: string | undefined;
  /** The body ended within this frame, so it may be cut. */
  readonly isLast?: boolean | undefined;
}

/** Cuts text into frames. Any split of the text gives the same frames. */
export interface Framer {
  /** Adds to `frames` what `text` completes. */
  push(text: string, frames: Frame[]): void;
  /** The body ended: adds what is left. */
  end(frames: Frame[]): void;
}

/** How frames follow each other in a body. */
export type Framing = 'sse';

/** The largest frame that is accepted, in characters. */
export const MAX_FRAME: number = 16 * 2 ** 20;

export function frameLimitError(): LLMError {
  return new LLMError('A message is larger than 16 MiB', { code: 'limit', limit: 'frame' });
}
