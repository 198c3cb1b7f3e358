import type { Chat, ChatMessage } from '@rivulet/core/chat';
import { toolStateOf } from '@rivulet/core/chat';
import { expect, it } from 'vitest';
import { chatThat } from './support.ts';

const question: ChatMessage = { id: 'q', role: 'user', parts: [{ type: 'text', text: 'pay' }] };

function answer(approved: boolean): ChatMessage {
  const call = { type: 'tool-call' as const, id: 'c', name: 'pay', rawInput: '{}', input: {} };
  return {
    id: 'a',
    role: 'assistant',
    parentId: 'q',
    finishReason: 'tool-calls',
    parts: [{ ...call, approval: { id: 'ap', approved } }] as ChatMessage['parts'],
  };
}

const ways: readonly (readonly [string, (messages: readonly ChatMessage[]) => Chat])[] = [
  ['messages', (messages) => chatThat('Done.', { messages }).chat],
  ['setMessages', (messages) => set((chat) => chat.setMessages(messages))],
  ['setThread', (messages) => set((chat) => chat.setThread({ messages }))],
];

function set(change: (chat: Chat) => void): Chat {
  const { chat } = chatThat('Done.');
  change(chat);
  return chat;
}

it.each(ways)('asks again for a call that was allowed and has no result, from %s', (_name, open) => {
  const message = open([question, answer(true)]).getSnapshot().messages[1];
  const [call] = message?.parts ?? [];
  expect(call).toMatchObject({ approval: { id: 'ap' } });
  expect(message && call?.type === 'tool-call' && toolStateOf(message, call).state).toBe('approval-requested');
});

it.each(ways)('shows an answer with a denied call as interrupted, from %s', (_name, open) => {
  const message = open([question, answer(false)]).getSnapshot().messages[1];
  expect(message?.finishReason).toBe('interrupted');
  expect(message?.parts[0]).toMatchObject({ approval: { approved: false } });
});
