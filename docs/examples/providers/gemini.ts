import { LLMClient } from '@rivulet/core';
import { gemini } from '@rivulet/core/gemini';

const provider = gemini({ baseURL: 'https://app.example/llm' });
export const client = new LLMClient({ provider, model: 'gemini-3.8-flash' });
