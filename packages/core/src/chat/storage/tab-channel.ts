import { text } from '../../utils/read-value.ts';
import { createListeners } from './listeners.ts';

/** Messages between tabs about changed chats. */
export interface TabChannel {
  /** Reports to other tabs that a chat has changed. */
  post(chatId: string): void;
  /** Calls `listener` when another tab has changed the chat. */
  subscribe(chatId: string, listener: () => void): () => void;
}

/** Connects the tabs that use one storage. Nothing is connected where no page is open, such as on a server. */
export function createTabChannel(name: string): TabChannel {
  const listeners = createListeners();
  let channel: BroadcastChannel | undefined;

  function open(): BroadcastChannel | undefined {
    if (!globalThis.document || !globalThis.BroadcastChannel) return undefined;
    if (channel) return channel;
    channel = new BroadcastChannel(`rivulet-chats:${name}`);
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      listeners.call(text(data) ?? '');
    });
    return channel;
  }

  return {
    post: (chatId) => open()?.postMessage(chatId),
    subscribe(chatId, listener) {
      open();
      return listeners.subscribe(chatId, listener);
    },
  };
}
