import type { checkCallOptions, checkObjectOptions, readRequest } from './check-request.ts';
import { lazyChunk, type LazyChunk } from '../transport/lazy-chunk.ts';

interface RequestChecks {
  readonly checkCallOptions: typeof checkCallOptions;
  readonly checkObjectOptions: typeof checkObjectOptions;
  readonly readRequest: typeof readRequest;
}

/**
 * What checks requests and reads messages of other libraries. Once it is loaded, a run begins in the task of its call.
 */
export const requestChecksChunk: LazyChunk<RequestChecks> = lazyChunk(() => import('./check-request.ts'), 'requests');
