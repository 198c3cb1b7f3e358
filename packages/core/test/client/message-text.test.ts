import { LLMClient, messageText, type MessageInput } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import { expect, it } from 'vitest';

it.each<[string, MessageInput | undefined, string]>([
  ['the short form', { role: 'user', content: 'Hi' }, 'Hi'],
  [
    'parts, those without a text left out',
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Riv' },
        { type: 'source', url: 'https://a.example' },
        { type: 'text', text: 'ers' },
      ],
    },
    'Rivers',
  ],
  ['a message without a text', { role: 'user', parts: [] }, ''],
  ['no message', undefined, ''],
])('reads the text of %s', (_, message, text) => {
  expect(messageText(message)).toBe(text);
});

it('reads what was asked in the same way, of a client and of a chat', async () => {
  const provider = scripted(({ messages }) => `You said “${messageText(messages.at(-1))}”.`);
  const client = new LLMClient({ provider });
  expect((await client.complete('Hi')).text).toBe('You said “Hi”.');
  const chat = createChat({ client });
  await chat.sendMessage('Hi');
  expect(messageText(chat.getSnapshot().messages.at(-1))).toBe('You said “Hi”.');
});
