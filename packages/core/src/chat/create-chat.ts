import { checkChatOptions, readSendOptions } from './check-chat-options.ts';
import { LLMError, toFailure } from '../errors/error.ts';
import { newId } from '../utils/id.ts';
import { partsOf, type FilePart, type MessageInput } from '../types/message.ts';
import { record } from '../utils/read-value.ts';
import type { Chat } from './chat.ts';
import type { ChatInput } from './chat-input.ts';
import type { ChatMessage, ChatThread } from './chat-message.ts';
import type { ChatOptions, ChatPersistence, PersistenceControl } from './chat-options.ts';
import { createChatState, providerOf, type ChatState } from './state.ts';
import { checkMessages } from './check-messages.ts';
import { invalidRequest } from './invalid-request.ts';
import type { PendingMessage } from './pending-messages.ts';
import { toFilePart } from './to-file-part.ts';
import { readFiles, readInput, readMetadata } from './read-input.ts';
import { turnsChunk, type Turns } from './turns-chunk.ts';
import { revived } from './revived.ts';
import { keepQueued } from './send-queue.ts';
import { invokeSafely } from '../utils/invoke-safely.ts';
import type { ToolSet } from './tool.ts';
import { toWellFormed } from '../utils/well-formed.ts';

interface WaitOptions {
  /** Shows nothing while it waits. */
  readonly isSilent?: boolean;
  /** Keeps what cannot begin. */
  readonly keep?: () => void;
  /** The message to show while it waits. */
  readonly show?: () => PendingMessage | undefined;
}

/** A message that has its id. */
type SentInput = ChatInput & { readonly id: string };

/** @throws {LLMError} with code `invalid_request` if the metadata is not JSON. */
function toMessage(message: MessageInput, { tree, createId }: Pick<ChatState, 'tree' | 'createId'>): ChatMessage {
  const isKnown = message.id !== undefined && tree.get(message.id) === message;
  // What is a message already stays the same object.
  if (message.id && message.parts && (isKnown || !message.metadata)) return revived(message as ChatMessage);
  const { content: _, ...rest } = message;
  const metadata = readMetadata(message.metadata);
  return revived({
    ...rest,
    id: message.id || createId(),
    parts: partsOf(message),
    ...(metadata && { metadata }),
  });
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
  const { tree, set } = state;
  let restoring: Promise<void> | undefined;
  let control: PersistenceControl | undefined;
  let wasReplaced = false;
  /** Calls that wait for kept messages, or for the code of turns, and show that. */
  let waiting = 0;
  const counts = { stops: 0, replacements: 0 };

  function read(messages: readonly MessageInput[], what: string): ChatMessage[] {
    checkMessages(messages, what);
    return messages.map((message) => toMessage(message, state));
  }

  tree.replace(read(given, 'createChat'));

  /** Shows other messages, also instead of kept messages that were not read yet. */
  function reopen(open: () => void): void {
    state.batch(() => {
      chat.stop();
      open();
      counts.replacements += 1;
      // What was sent and has not begun belongs to the messages before.
      state.pending.clear();
      keepQueued(state, () => false);
      if (restoring) wasReplaced = true;
      restoring = undefined;
      set({ isRestoring: false });
    });
  }

  function setThread(thread: ChatThread): void {
    const messages = record(thread)?.['messages'];
    checkMessages(messages, 'setThread');
    reopen(() => tree.open({ ...thread, messages: read(messages, 'setThread') }));
  }

  /**
   * Begins `work` at once if kept messages were read and the code of turns was loaded, and otherwise when that is done. A
   * stop in the meantime stops what then begins; other messages in the meantime drop it, and it resolves to `undefined`.
   */
  async function whenReady<T>(
    work: (turns: Turns) => Promise<T>,
    { isSilent = false, keep, show }: WaitOptions = {},
  ): Promise<T | undefined> {
    const known = turnsChunk.loaded();
    if (known && !restoring) return work(known);
    const { stops, replacements } = counts;
    const pending = show?.();
    waiting += isSilent ? 0 : 1;
    if (pending) state.pending.add(pending);
    if (!isSilent) set({ status: 'submitted', error: undefined });
    let turns: Turns;
    try {
      if (restoring) await restoring;
      turns = await turnsChunk.load();
    } catch (thrown) {
      waiting -= isSilent ? 0 : 1;
      if (counts.replacements === replacements) failToLoad(toFailure(thrown), keep, pending);
      return undefined;
    }
    waiting -= isSilent ? 0 : 1;
    if (counts.replacements !== replacements) return undefined;
    return state.batch(() => {
      if (!isSilent && !state.turn) set({ status: 'ready' });
      if (pending) {
        const wasRemoved = !state.pending.has(pending);
        state.pending.remove(pending);
        set();
        if (wasRemoved) return undefined;
      }
      const begun = work(turns);
      if (counts.stops !== stops) state.turn?.stop();
      return begun;
    });
  }

  /** What is shown of a message until it is sent. `undefined` for one that will be refused. */
  function pendingMessage(
    { text, parts = [], metadata, messageId, id: ownId }: SentInput,
    files: readonly (File | FilePart)[],
  ): PendingMessage | undefined {
    const all = [...files.map(toFilePart), ...(text ? [{ type: 'text' as const, text }] : []), ...parts];
    const isBehind = messageId === undefined && state.pending.isBusy();
    const { whenBusy = 'queue' } = now();
    if (all.length === 0 || state.pending.get(ownId) || (isBehind && whenBusy === 'reject')) return undefined;
    return {
      message: { id: ownId, role: 'user', parts: all, metadata },
      replacedId: messageId,
      isQueued: isBehind && whenBusy === 'queue',
      isStopped: false,
    };
  }

  /** Shows a message that could not be sent; `regenerate` asks for its answer. */
  function keepUnsent({ text, parts = [], metadata, messageId, id: ownId }: SentInput): void {
    const said = text ? [{ type: 'text' as const, text }, ...parts] : parts;
    if (said.length === 0 || tree.get(ownId)) return;
    const parentId = messageId === undefined ? tree.head() : tree.get(messageId)?.parentId;
    tree.show(parentId, true);
    tree.put({ id: ownId, role: 'user', parts: said, metadata, parentId });
  }

  /** The code of turns could not be loaded: the chat shows it as the failure of a turn. */
  function failToLoad(error: LLMError, keep: (() => void) | undefined, pending: PendingMessage | undefined): void {
    state.batch(() => {
      if (pending) state.pending.remove(pending);
      keep?.();
      set({ status: 'error', error });
    });
    invokeSafely(() => now().onError?.(error));
  }

  // A failure is that of the first turn.
  turnsChunk.preload();

  const chat: Chat = {
    ...state.view,
    async sendMessage(said, call) {
      const input = readInput(said);
      // The list of an input is emptied with it.
      const files = readFiles(input.files);
      const sendOptions = readSendOptions(call);
      const sent = { ...input, id: input.id ?? state.createId() };
      await whenReady((turns) => turns.sendMessage(state, sent, files, sendOptions), {
        keep: () => keepUnsent(sent),
        show: () => pendingMessage(sent, files),
      });
    },
    async regenerate(messageId, call) {
      const sendOptions = readSendOptions(call);
      await whenReady(async (turns) => {
        const target = tree.get(messageId ?? tree.head());
        const replaces = target?.role === 'assistant' ? target.id : undefined;
        const leaf = replaces ? target?.parentId : target?.id;
        if (!leaf) throw invalidRequest('Nothing to answer');
        if (!tree.get(leaf)) {
          // The question of the first loaded answer is the last message of the page before.
          const { stops } = counts;
          await control?.loadEarlier();
          if (counts.stops !== stops) return;
        }
        if (!tree.get(leaf)) throw invalidRequest(`The message ${leaf} before the answer is not loaded`);
        await turns.advance(state, leaf, sendOptions, { isAnother: true, replaces });
      });
    },
    async continueAnswer(call) {
      const sendOptions = readSendOptions(call);
      await whenReady(async (turns) => {
        const last = tree.get(tree.head());
        // An answer that ended by itself would only be given once more.
        if (!last || last.finishReason === 'stop') throw invalidRequest('Nothing to continue');
        await turns.advance(state, tree.head(), sendOptions, { goesOn: true });
      });
    },
    stop() {
      counts.stops += 1;
      state.pending.stopAll();
      state.waitsForResult = false;
      state.turn?.stop();
      if (waiting > 0 && !state.turn) set({ status: 'ready' });
    },
    removeQueued(messageId) {
      state.pending.filterQueued((queuedId) => queuedId !== messageId);
      keepQueued(state, (queuedId) => queuedId !== messageId);
    },
    setMessages: (next) =>
      reopen(() => {
        const messages = typeof next === 'function' ? next(tree.shown()) : next;
        tree.replace(read(messages, 'setMessages'));
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
      state.batch(() => {
        tree.show(messageId);
        set();
        turnsChunk.loaded()?.startBranch(state);
      });
    },
    getThread: tree.all,
    setThread,
    addToolOutput: async (output) => {
      await whenReady((turns) => turns.addToolOutput(state, output), { isSilent: true });
    },
    addToolApprovalResponse: async (response) => {
      await whenReady((turns) => turns.addToolApprovalResponse(state, response), { isSilent: true });
    },
    async resumeStream(call) {
      const sendOptions = readSendOptions(call);
      const isFound = await whenReady(
        async (turns) => {
          if (!providerOf(state).supports.resume) throw invalidRequest('The provider cannot resume');
          // A chat without messages has no answer.
          if (state.turn || tree.head() === undefined) return false;
          return turns.advance(state, tree.head(), sendOptions, { resume: true });
        },
        { isSilent: true },
      );
      return isFound ?? false;
    },
    clearError() {
      set({ error: undefined, ...(!state.turn && { status: 'ready' }) });
    },
  };

  function reportPersistence(persistenceError: Error | undefined): void {
    const { onPersistenceError } = now();
    set({ persistenceError });
    if (persistenceError) invokeSafely(() => onPersistenceError?.(persistenceError));
  }

  function startPersistence(start: ChatPersistence): void {
    control = start({
      id,
      subscribe: chat.subscribe,
      getThread: tree.all,
      getShownIds: tree.ids,
      get: tree.get,
      messages: tree.messages,
      takeChanged: tree.takeChanged,
      positionOf: tree.positionOf,
      idsAfter: tree.idsAfter,
      isBusy() {
        const { status } = chat.getSnapshot();
        if (waiting > 0) return false;
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
