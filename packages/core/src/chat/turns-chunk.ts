import { lazyChunk, type LazyChunk } from '../transport/lazy-chunk.ts';
import type { sendMessage } from './send-message.ts';
import type { addToolApprovalResponse, addToolOutput } from './tool-answers.ts';
import type { advance, startBranch } from './turn.ts';

export interface Turns {
  readonly sendMessage: typeof sendMessage;
  readonly addToolApprovalResponse: typeof addToolApprovalResponse;
  readonly addToolOutput: typeof addToolOutput;
  readonly advance: typeof advance;
  readonly startBranch: typeof startBranch;
}

/** What runs turns: requests, tools and answers from outside. */
export const turnsChunk: LazyChunk<Turns> = lazyChunk(() => import('./turns.ts'), 'chats');
