import type { ChatMessage } from './chat-message.ts';
import type { ChatState } from './state.ts';

/** A message that waits to be sent. */
export interface QueuedMessage {
  readonly message: ChatMessage;
  /** Begins its turn. Returns `false` if the message was refused and no turn has begun. */
  readonly start: () => boolean;
  /** Settles its promise without sending it. */
  readonly drop: () => void;
}

/** Messages that wait to be sent, oldest first. */
export interface SendQueue {
  /** For snapshots: the same array until the queue changes. */
  messages(): readonly ChatMessage[];
  push(entry: QueuedMessage): void;
  /** Removes the oldest one. */
  shift(): QueuedMessage | undefined;
  /** Drops those whose message does not pass. */
  filter(isWanted: (id: string) => boolean): void;
}

export function createSendQueue(): SendQueue {
  let entries: QueuedMessage[] = [];
  /** Those before it have been sent. */
  let first = 0;
  let shown: readonly ChatMessage[] | undefined = [];

  return {
    messages: () => (shown ??= entries.slice(first).map(({ message }) => message)),
    push(entry) {
      entries.push(entry);
      shown = undefined;
    },
    shift() {
      const entry = entries[first];
      if (!entry) return undefined;
      first += 1;
      shown = undefined;
      if (first * 2 > entries.length) {
        entries = entries.slice(first);
        first = 0;
      }
      return entry;
    },
    filter(isWanted) {
      const all = entries.slice(first);
      entries = all.filter(({ message }) => isWanted(message.id));
      first = 0;
      shown = undefined;
      for (const entry of all) if (!isWanted(entry.message.id)) entry.drop();
    },
  };
}

/** Drops the queued messages that are not wanted. */
export function keepQueued(state: ChatState, isWanted: (id: string) => boolean): void {
  state.queue.filter(isWanted);
  state.set();
}

/** Begins the turn of the first queued message that is accepted, unless a turn is under way. */
export function startNext(state: ChatState): void {
  state.batch(() => {
    while (!state.turn) {
      const next = state.queue.shift();
      if (!next || next.start()) return;
    }
  });
}
