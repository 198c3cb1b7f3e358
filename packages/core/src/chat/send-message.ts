import type { FilePart, Part } from '../types/message.ts';
import type { ChatMessage } from './chat-message.ts';
import type { ChatInput, ChatRequestOptions } from './chat-input.ts';
import { amend, type ChatState, type Turn } from './state.ts';
import { readFile } from './file-parts.ts';
import { toFilePart } from './to-file-part.ts';
import { invalidRequest } from './invalid-request.ts';
import { startNext } from './send-queue.ts';
import { advance } from './turn.ts';

/**
 * Sends a message, or queues it. Resolves when its turn is over, or when it is removed from the queue.
 * @throws {LLMError} (as a rejection) with code `invalid_request` if the message cannot be sent.
 */
export async function sendMessage(
  state: ChatState,
  { text, parts, metadata, messageId, id = state.createId() }: ChatInput,
  files: readonly (File | FilePart)[],
  call: ChatRequestOptions | undefined,
): Promise<void> {
  const { tree, options, queue, set } = state;
  const { whenBusy } = options();
  const isEdit = messageId !== undefined;
  const all: Part[] = [...files.map(toFilePart), ...(text ? [{ type: 'text' as const, text }] : []), ...(parts ?? [])];
  if (!all[0]) throw invalidRequest('Nothing to send: pass text, or { text }, { files } or { parts }');
  if (isEdit && !tree.get(messageId)) throw invalidRequest(`No message ${messageId}`);
  if (state.turn && !isEdit && whenBusy === 'reject') {
    throw invalidRequest('Busy with an answer');
  }
  const message: ChatMessage = { id, role: 'user', parts: all, metadata };

  /** Begins the turn, or throws if the message cannot be sent any more. */
  function start(): Promise<unknown> {
    return state.batch(begin);
  }

  function begin(): Promise<unknown> {
    if (tree.get(id)) throw invalidRequest(`There is a message ${id}`);
    state.turn?.stop();
    const before = tree.head();
    const parentId = isEdit ? tree.get(messageId)?.parentId : before;
    tree.show(parentId, true);
    tree.put({ ...message, parentId });
    const takeBack = (): void => {
      if (!tree.get(id)) return;
      // By now other messages may follow it.
      tree.remove(id, before);
      set();
    };
    const readFiles = async (own: Turn): Promise<void> => {
      try {
        const read = await Promise.all(files.map(readFile));
        amend(state, id, (old) => [...read, ...old.slice(read.length)]);
      } catch (failure) {
        // Also if the turn was stopped in the meantime. A later turn would answer a message that is gone.
        if (state.turn !== own && state.turn?.last === id) state.turn.fail(failure);
        takeBack();
        throw failure;
      }
    };
    const hasFiles = all.some(({ type }) => type === 'file');
    return advance(state, id, call, hasFiles ? { takeBack } : {}, files[0] && readFiles);
  }

  if (isEdit) {
    await start();
    return;
  }
  const sent = new Promise<void>((resolve, reject) => {
    queue.push({
      message,
      drop: resolve,
      start() {
        try {
          start().then(() => resolve(), reject);
          return true;
        } catch (refusal) {
          reject(refusal);
          return false;
        }
      },
    });
  });
  state.batch(() => {
    if (whenBusy === 'replace') state.turn?.stop();
    startNext(state);
  });
  await sent;
}
