import type { IncomingMessage } from 'node:http';

/** Reads a body of at most `limit` bytes; `null` when it is longer. */
export async function readBody(req: IncomingMessage, limit: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped: a refusal that cuts the request off may never be seen by its sender.
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks).toString('utf8') : null;
}
