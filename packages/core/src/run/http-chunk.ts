import { lazyChunk, type LazyChunk } from '../transport/lazy-chunk.ts';
import type { answer } from './stream-response.ts';

interface HttpChunk {
  readonly answer: typeof answer;
}

/** What sends requests and reads their answers: a page renders without waiting for it. */
export const httpChunk: LazyChunk<HttpChunk> = lazyChunk(() => import('./stream-response.ts'), 'requests');
