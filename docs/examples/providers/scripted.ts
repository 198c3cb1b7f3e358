import { LLMClient } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';

export const provider = scripted(({ messages }) => `You said “${messages.at(-1)?.content}”.`, { tokensPerSecond: 40 });
export const client = new LLMClient({ provider });
