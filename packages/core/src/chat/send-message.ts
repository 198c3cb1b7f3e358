import { newId } from '../id.ts';
import type { FilePart, Part } from '../message.ts';
import type { ChatMessage } from './chat-message.ts';
import type { ChatInput, ChatRequestOptions } from './chat-input.ts';
import { amend, type ChatState } from './chat-state.ts';
import { readFile, toFilePart } from './file-parts.ts';
import { invalidRequest } from './invalid-request.ts';
import { setQueue, startNext } from './send-queue.ts';
import { advance } from './turn.ts';

/** Sends a message, or has it wait. Resolves when its turn is over, or when it is taken out of the queue. */
export async function sendMessage(
  state: ChatState,
  { text, parts = [], metadata, messageId, id = newId() }: ChatInput,
  files: readonly (File | FilePart)[],
  call: ChatRequestOptions | undefined,
): Promise<void> {
  const { tree, options, set } = state;
  const { whenBusy } = options();
  const isEdit = messageId !== undefined;
  const all: Part[] = [...files.map(toFilePart), ...(text ? [{ type: 'text' as const, text }] : []), ...parts];
  if (!all[0]) throw invalidRequest('Nothing to send');
  if (isEdit && !tree.get(messageId)) throw invalidRequest(`No message ${messageId}`);
  if (state.turn && !isEdit && whenBusy === 'reject') {
    throw invalidRequest('Busy with an answer');
  }
  const message: ChatMessage = { id, role: 'user', parts: all, metadata };

  async function start(): Promise<void> {
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
    const readFiles = async (): Promise<void> => {
      try {
        const read = await Promise.all(files.map(readFile));
        amend(state, id, (old) => [...read, ...old.slice(read.length)]);
      } catch (failure) {
        // Also if the turn was stopped in the meantime.
        takeBack();
        throw failure;
      }
    };
    const hasFiles = all.some(({ type }) => type === 'file');
    await advance(state, id, call, hasFiles ? { takeBack } : {}, files[0] && readFiles);
  }

  if (isEdit) return start();
  const sent = new Promise<void>((drop, reject) => {
    setQueue(state, [...state.queue, { message, start: () => start().then(drop, reject), drop }]);
  });
  if (whenBusy === 'replace') state.turn?.stop();
  startNext(state);
  return sent;
}
