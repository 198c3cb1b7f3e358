import type { Chat, ToolSet } from '@rivulet/core/chat';
import type { Retainable } from './use-keep-alive.ts';

const retainables = new WeakMap<object, Retainable>();

/**
 * A chat that ends with the components that look at it: a macrotask after the last has left, because StrictMode, and a
 * component that only moves, attach again at once.
 */
export function endingChat<Tools extends ToolSet>(chat: Chat<Tools>): Chat<Tools> {
  let users = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function retain(): () => void {
    clearTimeout(timer);
    users += 1;
    return () => {
      users -= 1;
      if (users === 0) timer = setTimeout(chat.stop);
    };
  }

  const ending: Chat<Tools> = {
    ...chat,
    subscribe(listener) {
      const release = retain();
      const unsubscribe = chat.subscribe(listener);
      return () => {
        unsubscribe();
        release();
      };
    },
  };
  retainables.set(ending, { retain });
  return ending;
}

/** What keeps a chat that `endingChat` made going without components. */
export function retainableOf<Tools extends ToolSet>(chat: Chat<Tools>): Retainable | undefined {
  return retainables.get(chat);
}
