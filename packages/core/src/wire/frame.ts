import { LLMError, type LimitName } from '../error.ts';

/** One message of the wire, before it is decoded. */
export interface Frame {
  data: string;
  /** The `event:` of an SSE frame. */
  readonly event?: string | undefined;
  /** The `id:` of an SSE frame. */
  readonly id?: string | undefined;
  /** The body ended within this frame, so it may be cut. */
  readonly isLast?: boolean | undefined;
}

/** How a body is divided: server-sent events, one JSON document a line, or text without frames. */
export type Framing = 'sse' | 'ndjson' | 'text';

/** The largest frame, in Mi characters. */
export const MAX_FRAME = 16;

export function limitError(limit: LimitName, most: number): LLMError {
  return new LLMError(`The ${limit} exceeds ${most} MiB`, { code: 'limit', limit });
}

/** @throws {LLMError} with code `limit` when `size` is above `most` Mi characters. */
export function checkSize(limit: LimitName, size: number, most: number): void {
  if (size > most * 2 ** 20) throw limitError(limit, most);
}
