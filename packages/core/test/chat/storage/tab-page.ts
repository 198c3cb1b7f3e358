import { LLMClient, type StreamEvent } from '@rivulet/core';
import { createChat, persistChat, storageChats, type Chat, type ChatStorage } from '@rivulet/core/chat';
import { idbChats } from '@rivulet/core/chat-idb';
import { scripted } from '@rivulet/core/scripted';

import { turnsChunk } from '../../../src/chat/turns-chunk.ts';

/** What a test does in a page of its own. */
export interface TabPage {
  readonly chat: Chat;
  readonly storage: ChatStorage;
  /** Text for the answer under way, which has no end before `finish`. */
  say(delta: string): void;
  finish(): void;
}

declare global {
  interface Window {
    openChat?: (kind: 'idbChats' | 'storageChats', name: string, isOpenEnded?: boolean) => TabPage;
  }
}

// Vitest wraps dynamic imports, by a function that a page of its own does not have.
Reflect.set(window, '__vitest_browser_runner__', { wrapDynamicImport: (load: () => unknown) => load() });

// A send in two pages at once is at once in both.
await turnsChunk.load();

window.openChat = (kind, name, isOpenEnded = false) => {
  const storage = kind === 'idbChats' ? idbChats(name) : storageChats(() => localStorage, name);
  const pending: StreamEvent[] = [];
  let wake = (): void => undefined;
  function write(event: StreamEvent): void {
    pending.push(event);
    wake();
  }
  async function* answer(): AsyncGenerator<StreamEvent> {
    for (;;) {
      const event = pending.shift();
      if (event) yield event;
      else await new Promise<void>((resolve) => (wake = resolve));
      if (event?.type === 'finish') return;
    }
  }
  const provider = scripted(() => (isOpenEnded ? answer() : 'Answer'));
  const chat = createChat({
    client: new LLMClient({ provider, retry: false }),
    id: 'shared',
    persistence: persistChat(storage, { draftMs: 10 }),
  });
  return {
    chat,
    storage,
    say: (delta) => write({ type: 'text', delta }),
    finish: () => write({ type: 'finish', reason: 'stop' }),
  };
};
