import { isAbortError, LLMError, RateLimitError, type LLMClient } from '@rivulet/core';

export async function answerOrReason(client: LLMClient, question: string): Promise<string> {
  try {
    return (await client.complete(question)).text;
  } catch (error) {
    if (isAbortError(error)) return ''; // stopped, so nothing failed
    if (error instanceof RateLimitError) return `Ask again in ${error.retryAfterMs ?? 1000} ms.`;
    if (error instanceof LLMError) return `${error.partial?.text ?? ''} (${error.message})`;
    throw error;
  }
}
