import { LLMClient } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';

const provider = agui({ api: 'https://app.example/agent', credentials: 'include' });
export const client = new LLMClient({ provider });
