import { LLMClient, RateLimitError } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';

export async function ask(baseURL: string, question: string, show: (text: string) => void): Promise<string> {
  const client = new LLMClient({ provider: openai({ baseURL }), model: 'gpt-5.4-mini' });
  const run = client.stream(question);
  try {
    for await (const text of run.textStream) show(text);
    const { text, finishReason } = await run.result; // resolves only if the end of the answer was seen
    return finishReason === 'length' ? `${text} …` : text;
  } catch (error) {
    if (error instanceof RateLimitError) show(`Try again in ${error.retryAfterMs ?? 1000} ms.`);
    return run.getSnapshot().text; // what came before the error stays readable
  }
}
