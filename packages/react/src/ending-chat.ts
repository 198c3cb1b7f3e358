import type { Chat, ToolSet } from '@rivulet/core/chat';

/**
 * A chat that ends with the components that look at it: a macrotask after the last has left, because StrictMode, and a
 * component that only moves, attach again at once.
 */
export function endingChat<Tools extends ToolSet>(chat: Chat<Tools>): Chat<Tools> {
  let attached = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    ...chat,
    subscribe(listener) {
      clearTimeout(timer);
      attached += 1;
      const unsubscribe = chat.subscribe(listener);
      return () => {
        unsubscribe();
        attached -= 1;
        if (attached === 0) timer = setTimeout(chat.stop);
      };
    },
  };
}
