import { LLMClient, RateLimitError } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';

// Refuses the first attempt, then asks for a tool, then answers with what the tool gave.
export const provider = scripted(({ messages }) => {
  if (provider.requests.length === 1) throw new RateLimitError('Slow down', { retryAfterMs: 50 });
  if (messages.at(-1)?.role !== 'tool') return { toolCalls: [{ name: 'weather', input: { city: 'Paris' } }] };
  return { reasoning: 'The tool says 21.', text: 'It is 21 °C.', usage: { inputTokens: 40, outputTokens: 9 } };
});

export const client = new LLMClient({ provider });
