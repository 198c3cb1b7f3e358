import { startTimer } from '../utils/timer.ts';

/** What is behind the end mark of an answer: a few bytes, or the end of the body alone. */
const MAX_REST = 64 * 1024;
const MAX_REST_MS = 1000;

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/** Cancels the body of a response, now. Its failures do not matter any more. */
export function cancelBody(body: BodyReader | ReadableStream<Uint8Array> | null | undefined, reason?: unknown): void {
  void (async () => body?.cancel(reason))().catch(() => undefined);
}

/**
 * Reads the rest of an answer whose end was seen, so that the connection can be used again. A body that goes on for more than
 * 64 KiB or a second is cancelled.
 */
export async function drainBody(body: BodyReader): Promise<void> {
  const cancelTimer = startTimer(() => cancelBody(body), MAX_REST_MS);
  try {
    for (let size = 0; size <= MAX_REST;) {
      const { value } = await body.read();
      if (!value) return;
      size += value.length;
    }
    cancelBody(body);
  } catch {
    // The answer is whole.
  } finally {
    cancelTimer();
  }
}
