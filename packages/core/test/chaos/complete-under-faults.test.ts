import { LLMError, type LLMErrorCode } from '@rivulet/core';
import { array, assert, asyncProperty, constantFrom, integer, nat, record, string } from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startHttpServer, type Answer, type Chunk } from '../../../../test/support/http-server.ts';
import { delta, DONE, finish, frame, text } from '../support/chat-completions.ts';
import { clientOf } from '../support/client.ts';

const MAX_RETRIES = 2;

type Kind = 'refused' | 'failed' | 'overloaded' | 'unreachable' | 'cut' | 'in band' | 'truncated' | 'garbage' | 'slow';

interface Turn {
  readonly kind: Kind;
  /** What the server says before its fault. */
  readonly pieces: readonly string[];
  readonly delayMs: number;
}

/** What each fault is called, and whether it comes after the pieces. `slow` is none. */
const KINDS: Readonly<Record<Kind, { readonly code?: LLMErrorCode; readonly isInBody: boolean }>> = {
  refused: { code: 'rate_limit', isInBody: false },
  failed: { code: 'server', isInBody: false },
  overloaded: { code: 'overloaded', isInBody: false },
  unreachable: { code: 'network', isInBody: false },
  cut: { code: 'network', isInBody: true },
  'in band': { code: 'overloaded', isInBody: true },
  truncated: { code: 'truncated', isInBody: true },
  garbage: { code: 'parse', isInBody: true },
  slow: { isInBody: true },
};

/** A comment that a client has read whole when it has read all before it. */
const RECEIVED = ': received\n\n';
const opening = delta({ role: 'assistant', content: '' });
const turns = array(
  record<Turn>({
    kind: constantFrom(...(Object.keys(KINDS) as Kind[])),
    pieces: array(string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { maxLength: 4 }),
    delayMs: integer({ min: 0, max: 4 }),
  }),
  { maxLength: MAX_RETRIES + 2 },
);

function answerOf({ kind, pieces, delayMs }: Turn): Answer {
  const said: Chunk[] = [opening, ...pieces.map((piece) => text(piece))].map((sent) => ({ text: sent }));
  const rest = finish() + DONE;
  switch (kind) {
    case 'refused':
      return { status: 429, headers: { 'retry-after-ms': String(delayMs) }, chunks: [{ text: '{}' }] };
    case 'failed':
      return { status: 500, chunks: [{ text: '{"error":{"message":"Oops"}}' }] };
    case 'overloaded':
      return { status: 503, chunks: [{ text: '{"error":{"message":"Overloaded"}}' }] };
    case 'unreachable':
      // The server of the tests cuts the connection before the headers when its answer throws.
      throw new Error('Cut before the headers');
    case 'cut':
      // What is on its way when a connection breaks may be lost by the socket itself.
      return { chunks: [...said, { text: RECEIVED }, { gate: RECEIVED }], end: 'destroy' };
    case 'in band':
      return {
        chunks: [...said, { text: frame({ error: { message: 'Busy', type: 'overloaded_error' } }) }, { text: rest }],
      };
    case 'truncated':
      return { chunks: said };
    case 'garbage':
      return { chunks: [...said, { text: 'data: {"choices":[{"delta"\n\n' }, { text: rest }] };
    default:
      return {
        headersDelayMs: delayMs * 3,
        chunks: [...said, { text: rest, delayMs: delayMs * 3 }],
      };
  }
}

/** How it has to end: the fault that is not got over, or the text. */
function endOf(list: readonly Turn[], last: Turn): { readonly turn: Turn; readonly attempts: number } {
  for (const [at, turn] of list.entries()) {
    const { code, isInBody } = KINDS[turn.kind];
    const isSeen = isInBody && turn.pieces.length > 0;
    if (!code || code === 'parse' || isSeen || at === MAX_RETRIES) return { turn, attempts: at + 1 };
  }
  return { turn: last, attempts: list.length + 1 };
}

/** A `fetch` that tells when the last bytes before a cut were handed on. */
function watching(onReceived: () => void): typeof fetch {
  return async (...request) => {
    const response = await fetch(...request);
    const decoder = new TextDecoder();
    let read = '';
    const watched = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          controller.enqueue(bytes);
          read += decoder.decode(bytes, { stream: true });
          if (read.endsWith(RECEIVED)) setImmediate(onReceived);
        },
      }),
    );
    return new Response(watched, response);
  };
}

// Back-off is random; without it, the waits are as short as they can be.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));

afterEach(() => void vi.restoreAllMocks());

it('through any faults, an answer is the right one, or a typed error that has all that was received', async () => {
  await assert(
    asyncProperty(turns, constantFrom<Kind>('slow', 'truncated'), nat(4), async (list, kind, delayMs) => {
      const last: Turn = { kind, pieces: ['The ', 'last ', 'word'], delayMs };
      const left = [...list, last];
      await using server = await startHttpServer(() => answerOf(left.shift()!));
      const client = clientOf(server.url, {
        retry: { maxRetries: MAX_RETRIES },
        fetch: watching(() => server.release(RECEIVED)),
      });
      const { turn, attempts } = endOf(list, last);
      const { code, isInBody } = KINDS[turn.kind];
      const said = isInBody ? turn.pieces.join('') : '';

      const outcome = await client.complete('hello').catch((error: unknown) => error);

      if (code) {
        expect(outcome).toBeInstanceOf(LLMError);
        expect(outcome).toMatchObject({ code, provider: 'openai', partial: { text: said } });
      } else {
        expect(outcome).toMatchObject({ text: said, finishReason: 'stop' });
      }
      expect(server.requests).toHaveLength(attempts);
    }),
    { numRuns: 75 },
  );
});
