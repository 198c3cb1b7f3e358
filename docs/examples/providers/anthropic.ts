import { LLMClient } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';

const provider = anthropic({ baseURL: 'https://app.example/llm' });
export const client = new LLMClient({ provider, model: 'claude-haiku-5-5' });
