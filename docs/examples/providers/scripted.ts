import { LLMClient, messageText } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';

export const provider = scripted(({ messages }) => `You said “${messageText(messages.at(-1))}”.`, {
  tokensPerSecond: 40,
});
export const client = new LLMClient({ provider });
