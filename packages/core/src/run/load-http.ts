import { loadChunk } from '../transport/load-chunk.ts';
import type { answer } from './stream-response.ts';

interface HttpChunk {
  readonly answer: typeof answer;
}

let http: HttpChunk | undefined;

/**
 * Loads what sends requests and reads their answers. It is a chunk of its own, so that a page renders without waiting for it.
 * @throws {LLMError} (as a rejection) with code `network` if it cannot be loaded.
 */
export async function loadHttp(): Promise<HttpChunk> {
  http ??= await loadChunk(() => import('./stream-response.ts'), 'requests');
  return http;
}
