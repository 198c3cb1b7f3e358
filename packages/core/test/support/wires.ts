import { LLMClient, type HttpProvider } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { plainText } from '@rivulet/core/plain-text';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';

/** A wire, for tests of what all wires have in common. */
export interface Wire {
  readonly name: string;
  /** A provider for the server at this address. */
  readonly provider: (url: string) => HttpProvider;
  /** Answers `Hello` and does not end. Absent for a wire without errors in band. */
  readonly text?: string;
  /** One frame of this JSON. */
  readonly frame?: (json: unknown) => string;
}

function sse(json: unknown): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

function ndjson(json: unknown): string {
  return `${JSON.stringify(json)}\n`;
}

export const wires: readonly Wire[] = [
  {
    name: 'openai',
    provider: (baseURL) => openai({ baseURL }),
    text: sse({ choices: [{ index: 0, delta: { content: 'Hello' } }] }),
    frame: sse,
  },
  {
    name: 'openaiResponses',
    provider: (baseURL) => openaiResponses({ baseURL }),
    text: sse({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hello' }),
    frame: sse,
  },
  {
    name: 'anthropic',
    provider: (baseURL) => anthropic({ baseURL }),
    text:
      sse({ type: 'message_start', message: { id: 'msg_1', content: [] } }) +
      sse({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
      sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
    frame: sse,
  },
  {
    name: 'gemini',
    provider: (baseURL) => gemini({ baseURL }),
    text: sse({ candidates: [{ content: { role: 'model', parts: [{ text: 'Hello' }] } }] }),
    frame: sse,
  },
  {
    name: 'ollama',
    provider: (baseURL) => ollama({ baseURL }),
    text: ndjson({ message: { role: 'assistant', content: 'Hello' } }),
    frame: ndjson,
  },
  {
    name: 'agui',
    provider: (api) => agui({ api }),
    text: sse({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Hello' }),
    frame: sse,
  },
  {
    name: 'uiMessageStream',
    provider: (api) => uiMessageStream({ api }),
    text: sse({ type: 'text-start', id: 't' }) + sse({ type: 'text-delta', id: 't', delta: 'Hello' }),
    frame: sse,
  },
  { name: 'plainText', provider: (api) => plainText({ api }) },
];

/** A client that tries once. */
export function clientFor(provider: HttpProvider): LLMClient {
  return new LLMClient({ provider, model: 'model-1', retry: false });
}
