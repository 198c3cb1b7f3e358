import type { LLMClient, MessageInput } from '@rivulet/core';

const clock = {
  name: 'clock',
  description: 'The time in a time zone',
  inputSchema: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
};

export async function askWithClock(client: LLMClient, question: string): Promise<string> {
  const messages: MessageInput[] = [{ role: 'user', content: question }];
  for (let step = 0; step < 5; step += 1) {
    const { message, toolCalls, finishReason, text } = await client.complete({ messages, tools: [clock] });
    if (finishReason !== 'tool-calls') return text;
    messages.push(message); // as it is: what a provider wants back stands in it
    for (const { id, name, input, error } of toolCalls) {
      const output = error?.message ?? timeIn((input as { zone: string }).zone);
      messages.push({ role: 'tool', parts: [{ type: 'tool-result', toolCallId: id, name, output, isError: !!error }] });
    }
  }
  return 'It went on asking for the time.';
}

function timeIn(timeZone: string): string {
  return new Date().toLocaleTimeString('en', { timeZone });
}
