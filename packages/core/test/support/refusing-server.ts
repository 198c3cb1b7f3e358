import type { GenerateRequest, HttpProvider } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import {
  startHttpServer,
  type Answer,
  type HttpServer,
  type ReceivedRequest,
} from '../../../../test/support/http-server.ts';
import { answer as chatAnswer } from './chat-completions.ts';

export type Body = Record<string, unknown>;

/** The wire of a provider: how it answers, and how it refuses. */
export interface Wire {
  readonly provider: (baseURL: string) => HttpProvider;
  /** An answer that says this. */
  readonly answer: (text: string) => string;
  /** The body of a refusal. */
  readonly refusal: (message: string, param?: string) => object;
}

function events(...all: Body[]): string {
  return all.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

function openaiError(message: string, param: string | null = null): object {
  return { error: { message, type: 'invalid_request_error', param, code: null } };
}

export const WIRES = {
  openai: {
    provider: (baseURL) => openai({ baseURL }),
    answer: (text) => chatAnswer(text),
    refusal: openaiError,
  },
  openaiResponses: {
    provider: (baseURL) => openaiResponses({ baseURL }),
    answer(text) {
      const item = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
      const response = { id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [item] };
      return events({ type: 'response.completed', response });
    },
    refusal: openaiError,
  },
  anthropic: {
    provider: (baseURL) => anthropic({ baseURL }),
    answer: (text) =>
      events(
        {
          type: 'message_start',
          message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
        { type: 'message_stop' },
      ),
    refusal: (message) => ({ type: 'error', error: { type: 'invalid_request_error', message }, request_id: 'req_1' }),
  },
  gemini: {
    provider: (baseURL) => gemini({ baseURL }),
    answer(text) {
      const candidates = [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }];
      return `data: ${JSON.stringify({ candidates, modelVersion: 'm' })}\n\n`;
    },
    refusal: (message) => ({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }),
  },
  ollama: {
    provider: (baseURL) => ollama({ baseURL }),
    answer: (text) =>
      `${JSON.stringify({ model: 'm', message: { role: 'assistant', content: text }, done: true, done_reason: 'stop' })}\n`,
    refusal: (message) => ({ error: message }),
  },
} satisfies Record<string, Wire>;

export type WireName = keyof typeof WIRES;

export function bodyOf(request: ReceivedRequest): Body {
  return JSON.parse(request.body) as Body;
}

/** A response with this body, as JSON unless it is text. */
export function refused(body: unknown, status = 400): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { 'content-type': 'application/json' }, chunks: [{ text }] };
}

/** A server that answers a body unless `refuse` gives the body of a refusal for it: anything truthy. */
export function startRefusingServer(
  wire: Wire,
  refuse: (body: Body) => unknown,
  { text = 'Hi', status = 400 }: { readonly text?: string; readonly status?: number } = {},
): Promise<HttpServer> {
  return startHttpServer((request) => {
    const refusal = refuse(bodyOf(request));
    return refusal ? refused(refusal, status) : { chunks: [{ text: wire.answer(text) }] };
  });
}

export const CLOCK = { name: 'clock', inputSchema: { type: 'object' } } as const;

export const HELLO: GenerateRequest = { prompt: 'hello' };
