import { LLMClient } from '@rivulet/core';
import { plainText } from '@rivulet/core/plain-text';

const provider = plainText({ api: 'https://app.example/api/completion', credentials: 'include' });
export const client = new LLMClient({ provider });
