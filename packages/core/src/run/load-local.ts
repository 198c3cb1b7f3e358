import { loadChunk } from '../load-chunk.ts';
import type { localAnswer } from './local-answer.ts';

interface LocalChunk {
  readonly localAnswer: typeof localAnswer;
}

let local: LocalChunk | undefined;

/**
 * Loads what reads the answers of providers that generate them in the page. Clients of a server do without it.
 * @throws {LLMError} (as a rejection) with code `network` if it cannot be loaded.
 */
export async function loadLocal(): Promise<LocalChunk> {
  local ??= await loadChunk(() => import('./local-answer.ts'), 'models in the page');
  return local;
}
