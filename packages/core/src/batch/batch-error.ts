import { AbortError } from '../errors/error.ts';
import { describeThrown } from '../errors/thrown.ts';
import type { BatchResult } from './batch-result.ts';

/**
 * A batch ended before its last item: an item failed under `stopOnError`, the items could not be read, or a checkpoint
 * could not be kept. `cause` is what was thrown there.
 */
export class BatchError extends Error {
  override name = 'BatchError';
  /** What was done until then, by index; results that a loop has read are left out. */
  readonly results: readonly BatchResult<unknown>[];

  constructor(results: readonly BatchResult<unknown>[], cause: unknown) {
    super(`The batch ended early: ${describeThrown(cause)}`, { cause });
    this.results = results;
  }
}

/** The caller stopped the batch. Nothing failed. `cause` is the reason given. */
export class BatchAbortError extends AbortError {
  /** What was done until then, by index; results that a loop has read are left out. */
  readonly results: readonly BatchResult<unknown>[];

  constructor(results: readonly BatchResult<unknown>[], reason: unknown) {
    super(reason);
    this.results = results;
  }
}
