import type { ChatMessage } from '@rivulet/core/chat';
import { expect, it } from 'vitest';
import { recentMessages } from '../src/pages/chat/recent-messages.ts';

function conversation(length: number, textOf = (index: number) => `${index}`): ChatMessage[] {
  return Array.from({ length }, (_, index) => ({
    id: `${index}`,
    role: index % 2 === 0 ? 'user' : 'assistant',
    parts: [{ type: 'text', text: textOf(index) }],
  }));
}

it('keeps a short conversation whole', () => {
  const messages = conversation(7);
  expect(recentMessages(messages)).toEqual(messages);
});

it('begins with a question, however long the conversation', () => {
  for (const length of [41, 42, 1001]) {
    const sent = recentMessages(conversation(length));
    expect(sent[0]?.role).toBe('user');
    expect(sent.at(-1)?.id).toBe(`${length - 1}`);
    expect(sent.length).toBeGreaterThanOrEqual(39);
    expect(sent.length).toBeLessThanOrEqual(40);
  }
});

it('leaves out early messages with large files, and never the latest', () => {
  const sizes = [4_000_000, 10, 4_000_000, 10, 10];
  const sent = recentMessages(conversation(5, (index) => 'x'.repeat(sizes[index] ?? 0)));
  expect(sent.map(({ id }) => id)).toEqual(['2', '3', '4']);
  expect(recentMessages(conversation(1, () => 'x'.repeat(9_000_000)))).toHaveLength(1);
});
