import { LLMClient } from '@rivulet/core';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';

const provider = uiMessageStream({ api: 'https://app.example/api/chat', credentials: 'include' });
export const client = new LLMClient({ provider });
