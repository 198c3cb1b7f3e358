import { LLMClient, type LLMConfig } from '@rivulet/core';
import { openaiResponses, type OpenAIResponsesOptions } from '@rivulet/core/openai-responses';
import { streamOf, toBytes } from './client.ts';

/** Clients of the Responses API, and writers of the frames that its servers send. */

export const NAME = 'openaiResponses';

export function clientOf(
  baseURL: string,
  config: Partial<LLMConfig> = {},
  options: OpenAIResponsesOptions = {},
): LLMClient {
  const provider = openaiResponses({ baseURL, ...options });
  return new LLMClient({ provider, model: 'model-1', retry: false, ...config });
}

/** A client whose answer has exactly these pieces as network chunks. */
export function clientReading(...pieces: readonly (string | Uint8Array)[]): LLMClient {
  const fetch = (): Promise<Response> => Promise.resolve(new Response(streamOf(pieces.map((piece) => toBytes(piece)))));
  return clientOf('http://127.0.0.1', { fetch });
}

export type Fields = Readonly<Record<string, unknown>>;

export function frame(type: string, fields: Fields = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

export function response(status: string, fields: Fields = {}): Fields {
  return {
    id: 'resp_1',
    object: 'response',
    model: 'model-1',
    status,
    output: [],
    error: null,
    usage: null,
    ...fields,
  };
}

export const created = frame('response.created', { response: response('in_progress') });
export const completed = frame('response.completed', { response: response('completed') });

export function added(place: number, item: Fields): string {
  return frame('response.output_item.added', { output_index: place, item });
}

export function done(place: number, item: Fields): string {
  return frame('response.output_item.done', { output_index: place, item });
}

export function text(delta: string, place = 0, content = 0): string {
  return frame('response.output_text.delta', { output_index: place, content_index: content, delta });
}

export function summary(delta: string, place = 0, at = 0): string {
  return frame('response.reasoning_summary_text.delta', { output_index: place, summary_index: at, delta });
}

export const CALL = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather' };
export const REASONING = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };
