import type { ChatState, QueuedMessage } from './chat-state.ts';

export function setQueue(state: ChatState, next: readonly QueuedMessage[]): void {
  state.queue = next;
  state.set({ queue: next.map(({ message }) => message) });
}

/** Takes out the messages that are not wanted. */
export function keepQueued(state: ChatState, isWanted: (id: string) => boolean): void {
  setQueue(
    state,
    state.queue.filter(({ message, drop }) => isWanted(message.id) || drop()),
  );
}

/** Sends the first message that waits. */
export function startNext(state: ChatState): void {
  const [next, ...rest] = state.queue;
  if (!next || state.turn) return;
  setQueue(state, rest);
  void next.start();
}
