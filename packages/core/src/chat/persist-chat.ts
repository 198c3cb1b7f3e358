import { LLMError, type LLMErrorCode } from '../error.ts';
import type { Part } from '../message.ts';
import type { ChatMessage, ChatThread } from './chat-message.ts';
import type { ChatPersistence } from './chat-options.ts';
import { ChatStorageError, type ChatStorage, type StoredChat } from './chat-storage.ts';
import { openCallsOf } from './open-calls.ts';

export interface PersistOptions {
  /** The time between two drafts of the turn under way, in ms; the first one is written when it begins, and one more is written when the page is hidden. Default 1000. */
  readonly draftMs?: number | undefined;
}

/**
 * Keeps the messages of a chat, with their branches: `createChat({ client, id, persistence: persistChat(storage) })`. Give
 * the chat an `id` that is the same after a reload.
 *
 * All of it is written once for each turn that is over; of the turn under way only what is new, when it begins and then
 * now and then. After a
 * reload an answer that was under way has `finishReason: 'interrupted'`, and `continueAnswer` goes on with it; a call that was
 * allowed and has no result asks again. When the chat has no messages any more, it is forgotten. What cannot be read or
 * kept is the `persistenceError` of the chat, as a `ChatStorageError`; the chat goes on.
 */
export function persistChat(storage: ChatStorage, { draftMs = 1000 }: PersistOptions = {}): ChatPersistence {
  return async (chat, report) => {
    const { id } = chat;
    let kept: ReadonlySet<ChatMessage> = new Set();
    let keptHead: string | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isUnderWay = false;
    let writing: Promise<void> = Promise.resolve();

    async function store(operation: 'save' | 'saveDraft' | 'clear', data: ChatThread): Promise<void> {
      try {
        await storage[operation](id, data);
        if (chat.getSnapshot().persistenceError) report();
      } catch (cause) {
        report(new ChatStorageError(operation, cause));
      }
    }

    function write(operation: 'save' | 'saveDraft' | 'clear', thread: ChatThread): void {
      const data = { ...thread, messages: thread.messages.map(toPlain) };
      writing = writing.then(() => store(operation, data));
    }

    function writeDraft(): void {
      stopWaiting();
      const { messages, head } = chat.getThread();
      write('saveDraft', { messages: messages.filter((message) => !kept.has(message)), head });
    }

    function onVisibility(): void {
      if (document.hidden) writeDraft();
    }

    function stopWaiting(): void {
      clearTimeout(timer);
      timer = undefined;
      globalThis.document?.removeEventListener('visibilitychange', onVisibility);
    }

    function onChange(): void {
      const { status } = chat.getSnapshot();
      if (status === 'submitted' || status === 'streaming') {
        if (timer !== undefined) return;
        // The question is kept at once: a page may be left before the first draft of its answer.
        if (!isUnderWay) writeDraft();
        isUnderWay = true;
        timer = setTimeout(writeDraft, draftMs);
        globalThis.document?.addEventListener('visibilitychange', onVisibility);
        return;
      }
      stopWaiting();
      isUnderWay = false;
      const { messages, head } = chat.getThread();
      if (head === keptHead && messages.length === kept.size && messages.every((message) => kept.has(message))) return;
      kept = new Set(messages);
      keptHead = head;
      write(messages[0] ? 'save' : 'clear', { messages, head });
    }

    try {
      const stored = await storage.load(id);
      if (stored) {
        const isWanted = chat.getSnapshot().isRestoring;
        if (isWanted) chat.setThread(toThread(stored));
        // What was set or cleared before this was read takes its place.
        const { messages, head } = isWanted ? chat.getThread() : toThread(stored);
        kept = new Set(messages);
        keptHead = head;
      }
    } catch (cause) {
      report(new ChatStorageError('load', cause));
    }
    chat.subscribe(onChange);
    // It may have changed while this was reading.
    if (!chat.getSnapshot().isRestoring) onChange();
  };
}

function toThread({ messages, head, draft }: StoredChat): ChatThread {
  const all = new Map<string, ChatMessage>();
  for (const message of [...messages, ...(draft?.messages ?? [])]) all.set(message.id, revive(message));
  return { messages: [...all.values()], head: draft ? draft.head : head };
}

/** What a person allowed, and the reload may have cut: it may be done already, so that person is asked again. */
function withdraw(parts: ChatMessage['parts']): ChatMessage['parts'] {
  const open: readonly Part[] = openCallsOf(parts);
  return parts.map((part) =>
    part.type === 'tool-call' && part.approval?.approved && open.includes(part)
      ? Object.assign({}, part, { approval: { id: part.approval.id } })
      : part,
  );
}

/** A call's error as data: neither JSON nor a structured clone keeps what matters of an `LLMError`. */
function toPlain(message: ChatMessage): ChatMessage {
  if (!message.parts.some((part) => part.type === 'tool-call' && part.error)) return message;
  const parts = message.parts.map((part) => {
    if (part.type !== 'tool-call' || !part.error) return part;
    const { name, message: text, code } = part.error;
    return Object.assign({}, part, { error: { name, message: text, code } });
  });
  return { ...message, parts };
}

function revive(message: ChatMessage): ChatMessage {
  const parts = withdraw(message.parts).map((part) => {
    if (part.type !== 'tool-call' || !part.error) return part;
    const { message: text, code } = part.error as { readonly message: string; readonly code: LLMErrorCode };
    return Object.assign({}, part, { error: new LLMError(text, { code }) });
  });
  const isOpen = message.openFrom !== undefined && message.finishReason === undefined;
  return { ...message, parts, ...(isOpen && { finishReason: 'interrupted' as const }) };
}
