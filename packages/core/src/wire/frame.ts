import { LLMError, type LimitName } from '../error.ts';

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

/** How frames follow each other: server-sent events, JSON documents a line, or text that is not framed at all. */
export type Framing = 'sse' | 'ndjson' | 'text';

/** @throws {LLMError} with code `limit` when `size` is above `most` Mi characters. */
export function checkSize(limit: LimitName, size: number, most: number): void {
  if (size > most * 2 ** 20) throw new LLMError(`The ${limit} exceeds ${most} MiB`, { code: 'limit', limit });
}
