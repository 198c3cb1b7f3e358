import { lazyChunk, type LazyChunk } from '../transport/lazy-chunk.ts';
import type { parseExactly, planObject, validateExactly } from './strategy.ts';

interface PlanChunk {
  readonly parseExactly: typeof parseExactly;
  readonly planObject: typeof planObject;
  readonly validateExactly: typeof validateExactly;
}

/**
 * The part that asks for objects and reads them is nearly as large as the client: it is loaded with the first of them, and
 * with the first tool that validates its input.
 */
export const planChunk: LazyChunk<PlanChunk> = lazyChunk(() => import('./strategy.ts'), 'objects');

/**
 * Loads ahead what the first object needs besides `streamObject`: a chunk of 10 kB (gzip), which is otherwise loaded when
 * an object is requested. `useObject` does it after its first render. Never throws: if it cannot be loaded, the objects fail.
 */
export function preloadObjects(): void {
  planChunk.preload();
}
