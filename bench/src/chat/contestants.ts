import { useChat as useAiSdkChat } from '@ai-sdk/react';
import { LLMClient, type MessageInput } from '@rivulet/core';
import { createChat, type Chat } from '@rivulet/core/chat';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { useChat } from '@rivulet/react';
import { fetchServerSentEvents, useChat as useTanStackChat } from '@tanstack/ai-react';
import { DefaultChatTransport } from 'ai';
import { AG_UI_PATH, UI_MESSAGE_PATH } from './paths.ts';
import type { ChatCase } from './result.ts';

/** A part as all have it: a text, under whatever name, or something else. */
export interface AnyPart {
  readonly type: string;
  readonly text?: unknown;
  readonly content?: unknown;
}

interface AnyMessage {
  readonly id: string;
  readonly role: string;
  readonly parts: readonly AnyPart[];
}

export interface Chatting {
  readonly messages: readonly AnyMessage[];
  readonly isBusy: boolean;
  readonly send: () => void;
}

export const QUESTION = 'What does the river carry?';

const roleAt = (index: number): 'assistant' | 'user' => (index % 2 ? 'assistant' : 'user');
const textAt = (index: number): string => `Message ${index}: ${'the river goes on. '.repeat(10)}`;

const settled = (count: number): MessageInput[] =>
  Array.from({ length: count }, (_, index) => ({ id: `m${index}`, role: roleAt(index), content: textAt(index) }));

function rivulet({ messages: count, tools }: ChatCase): () => Chatting {
  const client = new LLMClient({ provider: uiMessageStream({ api: UI_MESSAGE_PATH, headers: { tools: `${tools}` } }) });
  const messages = settled(count);
  return () => {
    const { messages: shown, status, sendMessage } = useChat({ client, messages });
    return {
      messages: shown,
      isBusy: status === 'submitted' || status === 'streaming',
      send: () => void sendMessage({ text: QUESTION }),
    };
  };
}

/** As `useChat`, for a page whose list takes ids and whose messages look after themselves. */
export function rivuletChat({ messages: count, tools }: ChatCase): Chat {
  const client = new LLMClient({ provider: uiMessageStream({ api: UI_MESSAGE_PATH, headers: { tools: `${tools}` } }) });
  return createChat({ client, messages: settled(count) });
}

function aiSdk({ messages: count, tools }: ChatCase): () => Chatting {
  const transport = new DefaultChatTransport({ api: UI_MESSAGE_PATH, headers: { tools: `${tools}` } });
  const messages = Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    role: roleAt(index),
    parts: [{ type: 'text' as const, text: textAt(index) }],
  }));
  return () => {
    const { messages: shown, status, sendMessage } = useAiSdkChat({ transport, messages });
    return {
      messages: shown,
      isBusy: status === 'submitted' || status === 'streaming',
      send: () => void sendMessage({ text: QUESTION }),
    };
  };
}

function tanStack({ messages: count, tools }: ChatCase): () => Chatting {
  const connection = fetchServerSentEvents(AG_UI_PATH, { headers: { tools: `${tools}` } });
  const initialMessages = Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    role: roleAt(index),
    parts: [{ type: 'text' as const, content: textAt(index) }],
  }));
  return () => {
    const { messages: shown, isLoading, sendMessage } = useTanStackChat({ connection, initialMessages });
    return { messages: shown, isBusy: isLoading, send: () => void sendMessage(QUESTION) };
  };
}

/** Each makes a hook. The first one is what the others are measured in. */
export const contestants: Readonly<Record<string, (of: ChatCase) => () => Chatting>> = {
  'rivulet useChat': rivulet,
  '@ai-sdk/react useChat': aiSdk,
  '@tanstack/ai-react useChat': tanStack,
};
