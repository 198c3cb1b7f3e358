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
