import { LLMError, messageText } from '@rivulet/core';
import type { Decoder, FinishReason, HttpProvider, LLMErrorCode, StreamEvent } from '@rivulet/core';

/** What the server sends: one JSON document a line. */
interface Line {
  say?: string;
  think?: string;
  tokens?: { read: number; written: number };
  end?: string;
  failed?: string;
}

const ENDS: Readonly<Record<string, FinishReason>> = { done: 'stop', limit: 'length' };

export function brook({ baseURL, token }: { baseURL: string; token: () => Promise<string> }): HttpProvider {
  return {
    name: 'brook',
    supports: { tools: false },
    framing: 'ndjson', // or 'sse', or 'text'
    async request({ model, system, messages, maxTokens }, context) {
      const secret = await token();
      const headers = new Headers({ 'content-type': 'application/json', authorization: `Bearer ${secret}` });
      new Headers(context.headers).forEach((value, name) => headers.set(name, value)); // of the call: they come last
      const lines = messages.map((message) => ({ role: message.role, text: messageText(message) }));
      // `maxTokens: null` asks for no bound, and gets no default either.
      const body = JSON.stringify({ model, system, lines, limit: maxTokens ?? context.defaults.maxTokens });
      // The core redacts `secret`, and follows no redirect with it.
      return { url: `${baseURL}/say`, headers, body, secret };
    },
    decoder: createDecoder,
    error: (status, headers, body) => toError(status, body, Number(headers.get('retry-after')) * 1000 || undefined),
  };
}

function createDecoder(): Decoder {
  const decoder = {
    done: false, // true once nothing more has to be read
    push({ data }: { data: string }): StreamEvent[] {
      // What throws here, JSON.parse for one, becomes a ParseError that quotes the line.
      const { say, think, tokens, end, failed } = JSON.parse(data) as Line;
      if (failed !== undefined) throw toError(failed === 'busy' ? 503 : 500, failed);
      const events: StreamEvent[] = [];
      if (think) events.push({ type: 'reasoning', delta: think });
      if (say) events.push({ type: 'text', delta: say });
      if (tokens) {
        const usage = { inputTokens: tokens.read, outputTokens: tokens.written, raw: tokens };
        events.push({ type: 'usage', usage });
      }
      // Only where the wire itself says that the answer ended: a body that just stops is a TruncatedError.
      if (end !== undefined) events.push({ type: 'finish', reason: ENDS[end] ?? 'other', raw: end });
      decoder.done = end !== undefined;
      return events;
    },
    end: () => [],
  };
  return decoder;
}

const CODES: Readonly<Record<number, LLMErrorCode>> = { 401: 'authentication', 429: 'rate_limit', 503: 'overloaded' };

function toError(status: number, message: string, retryAfterMs?: number): LLMError {
  const code = CODES[status] ?? (status < 500 ? 'invalid_request' : 'server');
  return new LLMError(`brook: ${message} (${status})`, { code, status, retryAfterMs });
}
