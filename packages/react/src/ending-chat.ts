import type { Chat, ToolSet } from '@rivulet/core/chat';

/** A chat of a hook, and what keeps it going without components. */
export interface EndingChat<Tools extends ToolSet> {
  readonly chat: Chat<Tools>;
  retain(): () => void;
}

/**
 * A chat that ends with the components that look at it: a macrotask after the last has left, because StrictMode, and a
 * component that only moves, attach again at once.
 */
export function endingChat<Tools extends ToolSet>(chat: Chat<Tools>): EndingChat<Tools> {
  let attached = 0;
  let holders = 0;
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
