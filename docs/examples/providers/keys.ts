import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';

// Short-lived, and made for this user by your backend; asked for again after a 401.
async function apiKey(): Promise<string> {
  const response = await fetch('https://app.example/api/model-token', { method: 'POST', credentials: 'include' });
  if (!response.ok) throw new Error(`No token: ${response.status}`);
  return response.text();
}

export const client = new LLMClient({ provider: openai({ apiKey }), model: 'gpt-5.4-mini' });
