import { lazyChunk, type LazyChunk } from '../transport/lazy-chunk.ts';
import type { checkCallOptions, checkObjectOptions, executeRequest } from './execute-request.ts';

interface RequestChunk {
  readonly checkCallOptions: typeof checkCallOptions;
  readonly checkObjectOptions: typeof checkObjectOptions;
  readonly executeRequest: typeof executeRequest;
}

/** Checks and executes requests: a page renders without it. Once it is loaded, a run begins in the task of its call. */
export const requestChunk: LazyChunk<RequestChunk> = lazyChunk(() => import('./execute-request.ts'), 'requests');
