import { text } from '../read-value.ts';

/** Messages between tabs about changed chats. */
export interface TabChannel {
  /** Reports to other tabs that a chat has changed. */
  post(chatId: string): void;
  /** Calls `listener` when another tab has changed the chat. */
  subscribe(chatId: string, listener: () => void): () => void;
}

/** Connects the tabs that use one storage. Nothing is connected where no page is open, such as on a server. */
export function createTabChannel(name: string): TabChannel {
  const listeners = new Map<string, Set<() => void>>();
  let channel: BroadcastChannel | undefined;

  function open(): BroadcastChannel | undefined {
    if (!globalThis.document || !globalThis.BroadcastChannel) return undefined;
    if (channel) return channel;
    channel = new BroadcastChannel(`rivulet-chats:${name}`);
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      for (const listener of listeners.get(text(data) ?? '') ?? []) listener();
    });
    return channel;
  }

  return {
    post: (chatId) => open()?.postMessage(chatId),
    subscribe(chatId, listener) {
      open();
      const all = listeners.get(chatId) ?? new Set();
      listeners.set(chatId, all.add(listener));
      return () => {
        all.delete(listener);
        if (all.size === 0) listeners.delete(chatId);
      };
    },
  };
}
