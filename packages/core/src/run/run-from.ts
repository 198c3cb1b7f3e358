import { isAbortSignal } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { AbortError, LLMError } from '../errors/error.ts';
import type { StreamEvent } from '../types/event.ts';
import { readErrorBody } from '../transport/error-body.ts';
import { readError } from '../transport/error-frame.ts';
import { refusePage } from '../transport/refuse-page.ts';
import { isInstance } from '../errors/thrown.ts';
import { checkedEvent } from './checked-event.ts';
import { createCallCompletion } from './complete-calls.ts';
import { createPageTurns } from '../utils/yield-to-main.ts';
import { createRun, type Run, type RunControl } from './run.ts';

/** A stream of text, or of events, in any of the forms that the platform has for it. */
export type RunSource =
  | AsyncIterable<string | StreamEvent>
  | ReadableStream<string | StreamEvent | Uint8Array>
  | Response;

/**
 * A run over a stream that is made elsewhere. Text alone is complete when the stream ends, as it has no end mark;
 * events are complete with their `finish`. A `Response` is read as plain text.
 * @param signal stops the run. A source that fails with an `AbortError` of its own is a failure; a source that is a run, and
 * was stopped, stops this one.
 */
export function runFrom(source: RunSource | Promise<RunSource>, signal?: AbortSignal): Run {
  // JavaScript may pass anything, which the run rejects.
  const stop = isAbortSignal(signal) ? signal : undefined;
  const made = Promise.resolve(source);
  // A run that is over before it began never asks for its source.
  if (stop?.aborted) made.then(discard).catch(() => undefined);
  return createRun(async (control) => {
    if (signal !== undefined && !stop) {
      made.then(discard).catch(() => undefined);
      throw new LLMError(`runFrom: signal must be an AbortSignal, not ${kindOf(signal)}`, { code: 'config' });
    }
    const ready = await made;
    if (control.signal.aborted) return discard(ready);
    try {
      await read(ready, control);
    } catch (error) {
      if (isInstance(error, AbortError) && isRun(ready)) control.stop(error);
      else throw error;
    }
  }, stop);
}

/** A source that is a run stops this one when it is stopped. */
function isRun(source: RunSource): source is Run {
  return typeof source === 'object' && source !== null && 'result' in source && 'getSnapshot' in source;
}

/** Cancels a source that nobody will read. */
async function discard(source: RunSource): Promise<void> {
  const stream = isResponse(source) ? source.body : source;
  if (isStream(stream)) await stream.cancel();
  else await stream?.[Symbol.asyncIterator]().return?.();
}

async function read(source: RunSource, control: RunControl): Promise<void> {
  const iterator = open(isResponse(source) ? await textBody(source) : source);
  const pageTurn = createPageTurns();
  const completeCalls = createCallCompletion();
  let isPlainText = true;
  // Not awaited: a source that hangs must not hold up the end of the run.
  const close = async (): Promise<unknown> => iterator.return?.();
  control.over.addEventListener('abort', () => void close().catch(() => undefined));
  for (;;) {
    const { done, value } = await iterator.next();
    if (control.over.aborted) return;
    if (done) break;
    if (typeof value !== 'string') isPlainText = false;
    await pageTurn();
    control.emit(typeof value === 'string' ? [{ type: 'text', delta: value }] : completeCalls([checkedEvent(value)]));
  }
  if (isPlainText) control.emit([{ type: 'finish', reason: 'stop' }]);
}

function open(source: Exclude<RunSource, Response>): AsyncIterator<string | StreamEvent> {
  if (isStream(source)) {
    if (source.locked) throw new LLMError('The stream is read elsewhere: it is locked.', { code: 'invalid_request' });
    return streamIterator(source);
  }
  if (typeof source?.[Symbol.asyncIterator] === 'function') return source[Symbol.asyncIterator]();
  throw new LLMError('The source is no Run, async iterable, ReadableStream or Response.', { code: 'invalid_request' });
}

/** By its shape: some environments of tests have no `Response`, and pages have those of their frames. */
function isResponse(source: RunSource): source is Response {
  return typeof source === 'object' && source !== null && 'status' in source && 'headers' in source && 'body' in source;
}

function isStream(
  source: Exclude<RunSource, Response> | null,
): source is Exclude<RunSource, Response> & ReadableStream {
  return typeof source === 'object' && source !== null && 'getReader' in source;
}

/** Streams are read by hand: not every browser can iterate them. */
function streamIterator(
  stream: ReadableStream<string | StreamEvent | Uint8Array>,
): AsyncIterator<string | StreamEvent, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  return {
    async next() {
      const { done, value } = await reader.read();
      if (!done) {
        return { done: false, value: value instanceof Uint8Array ? decoder.decode(value, { stream: true }) : value };
      }
      const rest = decoder.decode();
      return rest ? { done: false, value: rest } : { done: true, value: undefined };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

async function textBody(response: Response): Promise<ReadableStream<Uint8Array>> {
  if (!response.ok) {
    const { status, headers } = response;
    throw await readError('The server', await readErrorBody(response), status, headers);
  }
  if (response.headers.get('content-type')?.includes('text/event-stream')) {
    throw new LLMError('The response is a stream of events, not plain text. Read it with the provider that knows it.', {
      code: 'parse',
    });
  }
  if (response.bodyUsed) throw new LLMError('The body of the response was read before.', { code: 'invalid_request' });
  const body = response.body ?? new Blob([]).stream();
  return refusePage(body, response.headers.get('content-type'), { name: 'The server', url: response.url });
}
