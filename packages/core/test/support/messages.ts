import { LLMClient, type LLMConfig } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';

/** Clients of Anthropic's Messages API, and writers of the frames that its servers send. */

export type Json = Readonly<Record<string, unknown>>;

export function clientOf(baseURL: string, config: Partial<LLMConfig> = {}): LLMClient {
  return new LLMClient({ provider: anthropic({ baseURL }), model: 'claude-1', retry: false, ...config });
}

export function frame(json: Json): string {
  return `event: ${String(json['type'])}\ndata: ${JSON.stringify(json)}\n\n`;
}

export function messageStart(fields: Json = {}): string {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-1', content: [], ...fields };
  return frame({ type: 'message_start', message });
}

export function blockStart(index: unknown, contentBlock: Json): string {
  return frame({ type: 'content_block_start', index, content_block: contentBlock });
}

export function blockDelta(index: unknown, delta: Json): string {
  return frame({ type: 'content_block_delta', index, delta });
}

export function blockStop(index: unknown): string {
  return frame({ type: 'content_block_stop', index });
}

/** The frames of a block. */
export function block(index: unknown, start: Json, ...deltas: Json[]): string {
  return [blockStart(index, start), ...deltas.map((delta) => blockDelta(index, delta)), blockStop(index)].join('');
}

export const textDelta = (text: string): Json => ({ type: 'text_delta', text });
export const thinkingDelta = (thinking: string): Json => ({ type: 'thinking_delta', thinking });
export const signatureDelta = (signature: string): Json => ({ type: 'signature_delta', signature });
export const inputDelta = (json: string): Json => ({ type: 'input_json_delta', partial_json: json });

export function stopReason(reason: string | null = 'end_turn'): string {
  return frame({ type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 5 } });
}

export const messageStop = frame({ type: 'message_stop' });
export const messageEnd = stopReason() + messageStop;
