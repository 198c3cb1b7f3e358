import { loadChunk } from '../transport/load-chunk.ts';
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

let turns: Turns | undefined;

/** `undefined` until `loadTurns` has resolved once. */
export function loadedTurns(): Turns | undefined {
  return turns;
}

/**
 * Loads what runs turns: requests, tools and answers from outside.
 * @throws {LLMError} (as a rejection) with code `network` if it cannot be loaded.
 */
export async function loadTurns(): Promise<Turns> {
  turns ??= await loadChunk(() => import('./turns.ts'), 'chats');
  return turns;
}
