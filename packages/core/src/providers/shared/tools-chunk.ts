import { lazyChunk, type LazyChunk } from '../../transport/lazy-chunk.ts';
import type { prepareTools } from './prepare-tools.ts';

interface ToolsChunk {
  readonly prepareTools: typeof prepareTools;
}

/** Checks and translates the schemas of tools: loaded with the first request that has tools. */
export const toolsChunk: LazyChunk<ToolsChunk> = lazyChunk(() => import('./prepare-tools.ts'), 'tools');
