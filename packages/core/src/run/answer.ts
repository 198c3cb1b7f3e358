import { LLMError, NetworkError, ParseError } from '../error.ts';
import type { StreamEvent } from '../event.ts';
import type { Deadlines } from '../http/deadlines.ts';
import { redact } from '../http/redact.ts';
import { send, type Fetch, type HttpRequest } from '../http/send.ts';
import type { HttpProvider, ResolvedRequest } from '../providers/provider.ts';
import { excerpt } from '../wire/excerpt.ts';
import type { Frame } from '../wire/frame.ts';
import { splitFrames } from '../wire/split-frames.ts';
import type { ModelDefaults } from './defaults.ts';
import { nextTask } from './next-task.ts';

/** Work that is done before the page gets a turn, in ms. */
const SLICE_MS = 8;

/** Looking at the clock costs as much as a small frame. */
const CHECK_EVERY = 16;

export type Emit = (events: readonly StreamEvent[]) => void;

export interface AnswerOptions {
  readonly provider: HttpProvider;
  readonly request: ResolvedRequest;
  readonly defaults: ModelDefaults;
  readonly headers: HeadersInit | undefined;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  readonly deadlines: Deadlines;
}

/** Sends the request and emits the events of the answer as they come; resolves at its end. */
export async function answer(options: AnswerOptions, emit: Emit): Promise<void> {
  const { provider, request, defaults, signal, deadlines } = options;
  const { name } = provider;
  let http: HttpRequest | undefined;
  let frame: Frame | undefined;

  /**
   * Two refusals can be cured on the spot, and are no attempts of their own: a default that the model does not know,
   * and a key that has expired where the provider can get another.
   */
  async function sendAndCure(): Promise<ReadableStream<Uint8Array>> {
    let refused: { readonly key: string; readonly error: unknown } | undefined;
    for (;;) {
      const sent = defaults.for(request);
      http = await provider.request(request, { defaults: sent, headers: options.headers });
      const key = http.secrets.join();
      if (refused?.key === key) throw refused.error;
      try {
        return await send(http, provider, options.fetch, signal);
      } catch (error) {
        if (!(error instanceof LLMError)) throw error;
        if (error.status === 401 && key && !refused) refused = { key, error };
        else if (!defaults.drop(request.model, sent, error)) throw error;
      }
    }
  }

  async function read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const split = splitFrames(provider.framing, name);
    const decoder = provider.decoder();
    let worked = 0;
    let count = 0;
    for (let isEnd = false; !isEnd; ) {
      const { value } = await reader.read();
      deadlines.touch();
      let start = performance.now();
      for (frame of split(value)) {
        if (signal.aborted) return;
        emit(decoder.push(frame));
        if (decoder.done) return;
        count += 1;
        if (count % CHECK_EVERY || worked + performance.now() - start < SLICE_MS) continue;
        await nextTask();
        worked = 0;
        start = performance.now();
      }
      frame = undefined;
      worked += performance.now() - start;
      isEnd = !value;
    }
    emit(decoder.end());
  }

  try {
    const reader = (await sendAndCure()).getReader();
    deadlines.stop('headers');
    deadlines.start('idle');
    // Closes the connection, however the reading ends.
    await read(reader).finally(() => void reader.cancel().catch(() => undefined));
  } catch (thrown) {
    let error = thrown;
    if (!(thrown instanceof LLMError)) {
      // What the end of the body cut is no mistake of the server: the missing end mark says it all.
      if (frame?.isLast) return;
      error = frame
        ? new ParseError(`${name} sent what cannot be read: ${excerpt(frame.data)}`)
        : new NetworkError(`The connection to ${name} failed; check network, address and CORS: ${http?.url}`, {
            cause: thrown,
          });
    }
    throw redact(error, http?.secrets);
  }
}
