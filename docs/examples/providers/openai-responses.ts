import { LLMClient } from '@rivulet/core';
import { openaiResponses } from '@rivulet/core/openai-responses';

const provider = openaiResponses({ baseURL: 'https://app.example/llm/v1' });
export const client = new LLMClient({ provider, model: 'gpt-5.6-terra' });
