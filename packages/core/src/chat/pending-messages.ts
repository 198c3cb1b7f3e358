import type { ChatMessage } from './chat-message.ts';
import type { MessageTree } from './message-tree.ts';

/** A message that was sent before the chat could begin turns. It is shown, and not yet part of the tree. */
export interface PendingMessage {
  readonly message: ChatMessage;
  /** The message that it stands in for. */
  readonly replacedId: string | undefined;
  /** Whether it waits behind another one, as a message that is sent during an answer does. */
  readonly isQueued: boolean;
  /** Its turn was stopped before it began. */
  isStopped: boolean;
}

export interface PendingMessages {
  /** The messages of the tree with the pending ones. The same array until something in it changes. */
  shown(): readonly ChatMessage[];
  ids(): readonly string[];
  /** A pending message by id. */
  get(id: string): ChatMessage | undefined;
  /** The messages of a queue with the pending ones behind them. */
  queued(queue: readonly ChatMessage[]): readonly ChatMessage[];
  /** Whether the turn of a pending message will be under way when the next one begins. */
  isBusy(): boolean;
  has(pending: PendingMessage): boolean;
  add(pending: PendingMessage): void;
  remove(pending: PendingMessage): void;
  /** Drops queued ones that are not wanted. */
  filterQueued(isWanted: (id: string) => boolean): void;
  stopAll(): void;
  clear(): void;
}

export function createPendingMessages(tree: MessageTree): PendingMessages {
  let entries: readonly PendingMessage[] = [];
  let shown: { readonly from: readonly ChatMessage[]; readonly messages: readonly ChatMessage[] } | undefined;
  let ids: { readonly from: readonly ChatMessage[]; readonly ids: readonly string[] } | undefined;
  let queued: { readonly from: readonly ChatMessage[]; readonly messages: readonly ChatMessage[] } | undefined;

  function change(next: readonly PendingMessage[]): void {
    entries = next;
    shown = undefined;
    queued = undefined;
  }

  function withPending(from: readonly ChatMessage[]): readonly ChatMessage[] {
    let messages = from;
    for (const { message, replacedId, isQueued } of entries) {
      // The storage may have a message of that id.
      if (isQueued || tree.get(message.id)) continue;
      const at = replacedId === undefined ? -1 : messages.findIndex(({ id }) => id === replacedId);
      // A message that stands in for an unknown one is refused when it begins.
      if (replacedId !== undefined && at < 0) continue;
      messages = [...(at < 0 ? messages : messages.slice(0, at)), message];
    }
    return messages;
  }

  function allShown(): readonly ChatMessage[] {
    const from = tree.shown();
    if (entries.length === 0) return from;
    if (shown?.from !== from) shown = { from, messages: withPending(from) };
    return shown.messages;
  }

  return {
    shown: allShown,
    ids() {
      if (entries.length === 0) return tree.ids();
      const from = allShown();
      if (ids?.from !== from) ids = { from, ids: from.map(({ id }) => id) };
      return ids.ids;
    },
    get: (id) => entries.find(({ message }) => message.id === id)?.message,
    queued(from) {
      if (!entries.some(({ isQueued }) => isQueued)) return from;
      if (queued?.from !== from) {
        queued = { from, messages: [...from, ...entries.flatMap((each) => (each.isQueued ? [each.message] : []))] };
      }
      return queued.messages;
    },
    isBusy: () => entries.some(({ isStopped }) => !isStopped),
    has: (pending) => entries.includes(pending),
    add: (pending) => change([...entries, pending]),
    remove: (pending) => change(entries.filter((each) => each !== pending)),
    filterQueued: (isWanted) => change(entries.filter(({ message, isQueued }) => !isQueued || isWanted(message.id))),
    stopAll() {
      for (const entry of entries) entry.isStopped = true;
    },
    clear: () => change([]),
  };
}
