import { useCompletion as useAiSdkCompletion } from '@ai-sdk/react';
import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { useCompletion } from '@rivulet/react';
import { UI_MESSAGE_PATH } from './paths.ts';

interface Completing {
  readonly completion: string;
  readonly complete: (prompt: string) => Promise<string | null | undefined>;
}

function rivulet(pace: string): () => Completing {
  const client = new LLMClient({
    provider: openai({ baseURL: '/v1', headers: { pace } }),
    model: 'gpt-4o-mini',
    maxTokens: null,
  });
  return () => useCompletion({ client });
}

function aiSdk(throttle?: number): (pace: string) => () => Completing {
  return (pace) => () =>
    useAiSdkCompletion({ api: UI_MESSAGE_PATH, headers: { pace }, ...(throttle !== undefined && { throttle }) });
}

/** Each makes a hook. The first one is what the others are measured in. */
export const contestants: Readonly<Record<string, (pace: string) => () => Completing>> = {
  'rivulet useCompletion': rivulet,
  '@ai-sdk/react useCompletion': aiSdk(),
  '@ai-sdk/react, throttle: 50': aiSdk(50),
};
