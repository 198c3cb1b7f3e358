'use client';

import type { LLMClient } from '@rivulet/core';
import { createChat, type Chat, type ChatOptions, type ChatSnapshot, type ToolSet } from '@rivulet/core/chat';
import { useEffect, useId, useMemo, useState, useSyncExternalStore } from 'react';
import { useLLMClient } from './client-context.tsx';
import { endingChat, retainableOf } from '../internal/stop-when-unused.ts';
import { useKeepAlive } from '../internal/use-keep-alive.ts';
import { useLatest, type Latest } from '../internal/use-latest.ts';
import { useStore } from '../internal/use-store.ts';

/** What a chat takes, and what is listed here. */
export interface UseChatOptions<Tools extends ToolSet = ToolSet> extends Omit<ChatOptions<Tools>, 'client'> {
  /** A chat that was made outside, and goes on after the unmount. The other options are its own then. */
  readonly chat?: Chat<Tools> | undefined;
  /** Default: the client of the nearest `LLMClientProvider`. */
  readonly client?: LLMClient | undefined;
  /**
   * Of the conversation. Another id is another chat. Without it, server and page make different ids: the hook returns one of
   * `useId` on the server and while the page is hydrated, and the id of the chat after that.
   * @default a new one, from `generateId`
   */
  readonly id?: string | undefined;
  /**
   * Whether the answer of a chat that the hook made goes on while the component is hidden by `<Activity>`.
   * @default false
   */
  readonly keepAlive?: boolean | undefined;
  /** Goes on, after the mount, with an answer that the backend still writes: `resumeStream`. Default false. */
  readonly resume?: boolean | undefined;
}

/** The fields of the chat's snapshot, and what the chat can do. */
export interface UseChatResult<Tools extends ToolSet = ToolSet>
  extends ChatSnapshot<Tools>, Omit<Chat<Tools>, 'id' | 'getSnapshot' | 'subscribe' | 'message' | 'messageIds'> {
  /** For `useMessage`, and for what is outside of the component. */
  readonly chat: Chat<Tools>;
}

interface ChatSource<Tools extends ToolSet> {
  readonly client: LLMClient;
  readonly options: UseChatOptions<Tools>;
}

function createOwn<Tools extends ToolSet>(source: ChatSource<Tools>, latest: Latest<ChatSource<Tools>>): Chat<Tools> {
  let known = source;
  let isMade = false;
  const chat = createChat<Tools>(() => {
    // The last render stays in force after the unmount.
    if (isMade) known = latest.current ?? known;
    return { ...known.options, client: known.client };
  });
  isMade = true;
  return endingChat(chat);
}

// A chat that was passed in has a client of its own.
const NO_CLIENT = {} as LLMClient;

function subscribeToNothing(): () => void {
  return () => undefined;
}

/** The chat with an id that server and page agree on, for as long as the page is hydrated. */
function useHydrationSafe<Tools extends ToolSet>(chat: Chat<Tools>, hasStableId: boolean): Chat<Tools> {
  const sharedId = useId();
  const isHydrated = useSyncExternalStore(
    subscribeToNothing,
    () => true,
    () => false,
  );
  const mustShare = !hasStableId && !isHydrated;
  return useMemo(() => (mustShare ? { ...chat, id: sharedId } : chat), [chat, mustShare, sharedId]);
}

/**
 * A conversation. Renders at most once a frame; give each message a component wrapped in `memo`, and only the one that is
 * being written renders with it. The functions keep their identity; callbacks and options are those of the latest render.
 *
 * A chat that the hook made is stopped one macrotask after the unmount, unless the component is attached again by then
 * (StrictMode). One that was passed in goes on.
 * @throws {Error} without a client and a chat: neither a provider nor an option.
 */
export function useChat<Tools extends ToolSet = ToolSet>(options: UseChatOptions<Tools> = {}): UseChatResult<Tools> {
  const { chat: given, id, generateId, resume } = options;
  const client = useLLMClient(given ? NO_CLIENT : options.client);
  const source = { client, options };
  const latest = useLatest(source);
  const [made, setMade] = useState(() => (given ? undefined : createOwn(source, latest)));
  let own = made;
  if (!given && (!own || (id !== undefined && own.id !== id))) {
    own = createOwn(source, latest);
    setMade(own);
  }
  const chat = (given ?? own) as Chat<Tools>;
  useKeepAlive(retainableOf(chat), options.keepAlive);
  const snapshot = useStore(chat);
  useEffect(() => {
    if (resume) void chat.resumeStream();
  }, [chat, resume]);
  const { getSnapshot: _, subscribe: __, message: ___, messageIds: ____, ...actions } = chat;
  const shown = useHydrationSafe(chat, given !== undefined || id !== undefined || generateId !== undefined);
  return { ...actions, ...snapshot, id: shown.id, chat: shown };
}
