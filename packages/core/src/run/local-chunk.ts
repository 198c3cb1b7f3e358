import { lazyChunk, type LazyChunk } from '../transport/lazy-chunk.ts';
import type { localAnswer } from './local-answer.ts';

interface LocalChunk {
  readonly localAnswer: typeof localAnswer;
}

/** What runs a model in the page and checks its events. Clients of a server do without it. */
export const localChunk: LazyChunk<LocalChunk> = lazyChunk(() => import('./local-checks.ts'), 'models in the page');
