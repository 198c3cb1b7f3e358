import { checkChatOptions } from '../check-chat-options.ts';
import { LLMError, toFailure } from '../error.ts';
import { newId } from '../id.ts';
import { partsOf, type MessageInput } from '../message.ts';
import type { Chat } from './chat.ts';
import type { ChatMessage, ChatThread } from './chat-message.ts';
import type { ChatOptions, ChatPersistence, PersistenceControl } from './chat-options.ts';
import { createChatState, providerOf } from './chat-state.ts';
import { invalidRequest } from './invalid-request.ts';
import { readFiles, readInput } from './read-input.ts';
import { loadedTurns, loadTurns, type Turns } from './load-turns.ts';
import { revived } from './revived.ts';
import { keepQueued } from './send-queue.ts';
import { tell } from '../tell.ts';
import type { ToolSet } from './tool.ts';
import { toWellFormed } from '../well-formed.ts';

function toMessage(message: MessageInput, createId: () => string): ChatMessage {
  // What is a message already stays the same object.
  if (message.id && message.parts) return revived(message as ChatMessage);
  const { content: _, ...rest } = message;
  return { ...rest, id: message.id ?? createId(), parts: partsOf(message) };
}

/** @throws {LLMError} with code `config` for an id that neither a storage nor an address can keep apart from others. */
function checkId(id: unknown): void {
  if (typeof id === 'string' && id !== '' && toWellFormed(id) === id) return;
  const found = typeof id === 'string' ? JSON.stringify(id) : `a value of type ${typeof id}`;
  throw new LLMError(`createChat: the option id is ${found}. Pass well-formed text that is not empty.`, {
    code: 'config',
  });
}

/**
 * A conversation with a model, its tools and its branches.
 * @param options as a function is asked anew each time: for options that change.
 */
export function createChat<Tools extends ToolSet = ToolSet>(
  options: ChatOptions<Tools> | (() => ChatOptions<Tools>),
): Chat<Tools> {
  const now = (typeof options === 'function' ? options : () => options) as unknown as () => ChatOptions;
  const initial = now();
  checkChatOptions(initial);
  const { generateId = newId, id = generateId(), messages: given = [], persistence } = initial;
  checkId(id);
  const state = createChatState(id, now, !!persistence);
  const { tree, createId, set } = state;
  let restoring: Promise<void> | undefined;
  let control: PersistenceControl | undefined;
  let wasReplaced = false;

  tree.replace(given.map((message) => toMessage(message, createId)));

  /** Shows other messages, also instead of kept messages that were not read yet. */
  function reopen(open: () => void): void {
    state.batch(() => {
      chat.stop();
      if (restoring) wasReplaced = true;
      restoring = undefined;
      open();
      set({ isRestoring: false });
    });
  }

  function setThread(thread: ChatThread): void {
    reopen(() => tree.open({ ...thread, messages: thread.messages.map((message) => revived(message)) }));
  }

  /** Runs `work` at once if the code of turns has been loaded, as it is shortly after the first chat was created. */
  async function withTurns<T>(work: (turns: Turns) => Promise<T>): Promise<T> {
    const turns = loadedTurns() ?? (await loadTurns());
    return work(turns);
  }

  // A failure is that of the first turn.
  loadTurns().catch(() => undefined);

  const chat: Chat = {
    ...state.view,
    async sendMessage(said, call) {
      const input = readInput(said);
      // The list of an input is emptied with it.
      const files = readFiles(input.files);
      if (restoring) await restoring;
      await withTurns((turns) => turns.sendMessage(state, input, files, call));
    },
    async regenerate(messageId, call) {
      if (restoring) await restoring;
      const target = tree.get(messageId ?? tree.head());
      const replaces = target?.role === 'assistant' ? target.id : undefined;
      const leaf = replaces ? target?.parentId : target?.id;
      if (!leaf) throw invalidRequest('Nothing to answer');
      // The question of the first loaded answer is the last message of the page before.
      if (!tree.get(leaf)) await control?.loadEarlier();
      if (!tree.get(leaf)) throw invalidRequest(`The message ${leaf} before the answer is not loaded`);
      await withTurns((turns) => turns.advance(state, leaf, call, { isAnother: true, replaces }));
    },
    async continueAnswer(call) {
      if (restoring) await restoring;
      const last = tree.get(tree.head());
      // An answer that ended by itself would only be given once more.
      if (!last || last.finishReason === 'stop') throw invalidRequest('Nothing to continue');
      await withTurns((turns) => turns.advance(state, tree.head(), call, { goesOn: true }));
    },
    stop() {
      state.turn?.stop();
    },
    removeQueued: (messageId) => keepQueued(state, (queuedId) => queuedId !== messageId),
    setMessages: (next) =>
      reopen(() => {
        const messages = typeof next === 'function' ? next(tree.shown()) : next;
        tree.replace(messages.map((message) => toMessage(message, createId)));
      }),
    clear() {
      state.batch(() => {
        keepQueued(state, () => false);
        chat.clearError();
        control?.clear();
        setThread({ messages: [] });
      });
    },
    loadEarlier: async () => (await control?.loadEarlier()) ?? false,
    async retryPersistence() {
      await control?.retry();
    },
    async discardUnreadable() {
      await control?.discardUnreadable();
    },
    branches: tree.siblings,
    selectBranch(messageId) {
      tree.show(messageId);
      set();
    },
    getThread: tree.all,
    setThread,
    addToolOutput: (output) => withTurns((turns) => turns.addToolOutput(state, output)),
    addToolApprovalResponse: (response) => withTurns((turns) => turns.addToolApprovalResponse(state, response)),
    async resumeStream(call) {
      if (restoring) await restoring;
      if (!providerOf(state).supports.resume) throw invalidRequest('The provider cannot resume');
      // A chat without messages has no answer.
      if (state.turn || tree.head() === undefined) return false;
      return withTurns((turns) => turns.advance(state, tree.head(), call, { resume: true }));
    },
    clearError() {
      set({ error: undefined, ...(!state.turn && { status: 'ready' }) });
    },
  };

  function reportPersistence(persistenceError: Error | undefined): void {
    const { onPersistenceError } = now();
    set({ persistenceError });
    if (persistenceError) tell(() => onPersistenceError?.(persistenceError));
  }

  function startPersistence(start: ChatPersistence): void {
    control = start({
      id,
      subscribe: chat.subscribe,
      getThread: tree.all,
      getShownIds: tree.ids,
      get: tree.get,
      isBusy() {
        const { status } = chat.getSnapshot();
        return status === 'submitted' || status === 'streaming';
      },
      isRestoring: () => restoring !== undefined,
      wasReplaced: () => wasReplaced,
      open(thread) {
        tree.open(thread);
        set();
      },
      merge(changes) {
        tree.merge(changes);
        set();
      },
      setHasEarlier: (hasEarlier) => set({ hasEarlier }),
      report: reportPersistence,
    });
    restoring = control.ready
      .catch((thrown: unknown) => reportPersistence(toFailure(thrown)))
      .finally(() => {
        restoring = undefined;
        set({ isRestoring: false });
      });
  }

  if (persistence) {
    try {
      startPersistence(persistence);
    } catch (thrown) {
      // The chat works without it.
      reportPersistence(toFailure(thrown));
      set({ isRestoring: false });
    }
  }
  return chat as unknown as Chat<Tools>;
}
