import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';

const provider = openai({ baseURL: 'https://app.example/llm/v1' }); // your proxy, which adds the key
export const client = new LLMClient({ provider, model: 'gpt-5.4-mini' });
