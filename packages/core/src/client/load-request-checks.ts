import type { checkCallOptions, checkObjectOptions, readRequest } from './check-request.ts';
import { loadChunk } from '../transport/load-chunk.ts';

interface RequestChecks {
  readonly checkCallOptions: typeof checkCallOptions;
  readonly checkObjectOptions: typeof checkObjectOptions;
  readonly readRequest: typeof readRequest;
}

let checks: RequestChecks | undefined;

/** `undefined` until `loadRequestChecks` has resolved once. A run that begins later begins in the task of its call. */
export function loadedRequestChecks(): RequestChecks | undefined {
  return checks;
}

/**
 * Loads what checks requests and reads messages of other libraries.
 * @throws {LLMError} (as a rejection) with code `network` if it cannot be loaded.
 */
export async function loadRequestChecks(): Promise<RequestChecks> {
  checks ??= await loadChunk(() => import('./check-request.ts'), 'requests');
  return checks;
}
