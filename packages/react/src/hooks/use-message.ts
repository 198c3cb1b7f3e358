'use client';

import type { Chat, ChatMessage, ToolSet } from '@rivulet/core/chat';
import { useMemo } from 'react';
import { useStore } from '../internal/use-store.ts';

/** One message of a chat, `undefined` where there is none. Renders only when this message changed. */
export function useMessage<Tools extends ToolSet>(chat: Chat<Tools>, id: string): ChatMessage<Tools> | undefined {
  return useStore(useMemo(() => chat.message(id), [chat, id]));
}
