import type { ChatMessage } from '@rivulet/core/chat';

const MAX_MESSAGES = 40;
/** Below what the demo's server takes, with room for the tools. */
const MAX_CHARACTERS = 7_500_000;

/** What the model is sent of a long conversation: the latest messages, from a question on. */
export function recentMessages<Message extends ChatMessage>(messages: readonly Message[]): readonly Message[] {
  let size = 0;
  let start = messages.length;
  while (start > 0 && messages.length - start < MAX_MESSAGES) {
    size += JSON.stringify(messages[start - 1]?.parts).length;
    // The last one is sent whatever its size: the server says what it cannot take.
    if (size > MAX_CHARACTERS && start < messages.length) break;
    start -= 1;
  }
  const question = messages.findIndex(({ role }, index) => index >= start && role === 'user');
  return messages.slice(question < 0 ? start : question);
}
