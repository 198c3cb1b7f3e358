import { LLMClient, type LLMConfig } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { onTestFinished } from 'vitest';
import { commands } from 'vitest/browser';
import type { Script } from '../../../../test/support/http-server.ts';

/** One chunk of a Chat Completions stream, as a server-sent event. */
export function delta(fields: object, finishReason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: fields, finish_reason: finishReason }] })}\n\n`;
}

export function text(content: string): string {
  return delta({ content });
}

/** What ends a stream. */
export const END: string = `${delta({}, 'stop')}data: [DONE]\n\n`;

/** A whole stream that says this. */
export function says(content: string): string {
  return text(content) + END;
}

/** An HTTP server that lasts as long as the test. Gives its origin. */
export async function serve(script: Script): Promise<string> {
  const url = await commands.serve(script);
  onTestFinished(() => commands.closeServer(url));
  return url;
}

/** A client for the server at `url`, which tries once. */
export function clientOf(url: string, config: Partial<LLMConfig> = {}): LLMClient {
  return new LLMClient({ provider: openai({ baseURL: url }), model: 'model-1', retry: false, ...config });
}
