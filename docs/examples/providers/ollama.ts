import { LLMClient } from '@rivulet/core';
import { ollama } from '@rivulet/core/ollama';

const provider = ollama(); // on this machine: http://localhost:11434
export const client = new LLMClient({ provider, model: 'qwen3:4b' });
