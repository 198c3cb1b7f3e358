/** Listeners by the id of a chat. */
export interface Listeners {
  call(chatId: string): void;
  /** Returns the function that ends it. */
  subscribe(chatId: string, listener: () => void): () => void;
}

export function createListeners(): Listeners {
  const byChat = new Map<string, Set<() => void>>();
  return {
    call(chatId) {
      for (const listener of byChat.get(chatId) ?? []) listener();
    },
    subscribe(chatId, listener) {
      const all = byChat.get(chatId) ?? new Set();
      byChat.set(chatId, all.add(listener));
      return () => {
        all.delete(listener);
        if (all.size === 0 && byChat.get(chatId) === all) byChat.delete(chatId);
      };
    },
  };
}
